"""Settles how amounts, dates and status words of a table are written, and asks where a whole column does not say."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter

from reconciliation.amounts import AmountProblem, Marks, find_marks, read_amount
from reconciliation.body import Body
from reconciliation.cells import Value, at, cell_name, is_blank, plain, text_of
from reconciliation.dates import find_order
from reconciliation.instruction import Instruction
from reconciliation.looks import looks_like_amount
from reconciliation.payout import RowProblem
from reconciliation.profile import Profile, outcome_with_reason, read_payouts
from reconciliation.proposal import About, Question
from reconciliation.rows import batches_of
from reconciliation.sheets import Sheet, Sheets, UnreadableFile
from reconciliation.vocabulary import Field

_MOST_WORDS = 20
# Lines looked at for what a column as a whole decides; where they leave it open, every line is.
_ENOUGH = 5000
# Read as the currency with the most decimals where none is known: no amount is refused for decimals it may well have.
_MOST_DECIMALS = "CLF"
_MOST_PROBLEMS = 1000


@dataclass(frozen=True, slots=True)
class TableRows:
    """One table's rows, as questions are asked of it."""

    sheet: Sheet
    columns: Mapping[Field, int]
    body: Body

    def cells(self, field: Field, *, totals: bool = False, most: int = 0) -> Iterator[tuple[int, Value]]:
        """Row number and value of each filled cell of a column; of at most about `most` lines, spread over all, where that is given."""
        for numbers, start, values in self._batches(field, totals=totals, most=most):
            for number in numbers:
                if not is_blank(value := values[number - start - 1]):
                    yield number, value

    def distinct(self, field: Field, *, totals: bool = False) -> dict[Value, int]:
        """Each different value of a column, with the first row it stands in: even a million rows hold few."""
        found: dict[Value, int] = {}
        for numbers, start, values in self._batches(field, totals=totals):
            whole = len(numbers) == len(values)
            for value in set(values).difference(found) if whole else ():
                found[value] = start + values.index(value) + 1
            for number in () if whole else numbers:
                found.setdefault(values[number - start - 1], number)
        return {value: number for value, number in sorted(found.items(), key=itemgetter(1)) if not is_blank(value)}

    def _batches(self, field: Field, *, totals: bool = False, most: int = 0) -> Iterator[tuple[Sequence[int], int, Sequence[Value]]]:
        """The numbers of a column's lines in each batch of rows, the place of its first row, and all values of the batch."""
        if field not in self.columns:
            return
        numbers: Sequence[int] = sorted((*self.body.lines, *self.body.totals)) if totals and self.body.totals else self.body.lines
        numbers = numbers[:: max(1, len(numbers) // most)] if most else numbers
        for start, batch in batches_of(self.sheet.rows):
            here = numbers[bisect_left(numbers, start + 1) : bisect_left(numbers, start + batch.count + 1)]
            if here:
                yield here, start, batch.column(self.columns[field]).values()

    def cell(self, field: Field, number: int) -> str:
        """The name of a cell of a column: "D17"."""
        return cell_name(number, self.columns[field])


def settle(
    profile: Profile, tables: Sequence[TableRows], currency: str, expected: Mapping[str, Instruction]
) -> tuple[Profile, list[Question]]:
    """The profile with everything its columns decide by themselves, and the questions they leave."""
    asked: list[Question] = []
    profile = _settle_marks(profile, tables, currency, expected, asked)
    profile = _settle_order(profile, tables, asked)
    _ask_statuses(profile, tables, asked)
    _ask_sign(profile, tables, asked)
    return profile, asked


def problems_of(sheets: Sheets, profile: Profile, currency: str) -> tuple[RowProblem, ...]:
    """What would still be wrong with rows once the file is read like this; one line for a currency that nothing in the file says."""
    unsaid = not (currency or profile.currency or Field.CURRENCY in profile.columns)
    lacking = (RowProblem("", "", "name the currency: neither a column nor the heading says it"),) if unsaid else ()
    try:
        return lacking + tuple(read_payouts(sheets, profile, currency or _MOST_DECIMALS).problems[:_MOST_PROBLEMS])
    except UnreadableFile as refusal:
        return (RowProblem("", "", refusal.fix),)


def _settle_marks(
    profile: Profile, tables: Sequence[TableRows], currency: str, expected: Mapping[str, Instruction], asked: list[Question]
) -> Profile:
    money = (Field.AMOUNT, Field.RETURNED_AMOUNT)
    texts = [
        (table, field, number, value)
        for table in tables
        for field in money
        for value, number in table.distinct(field, totals=True).items()
        if isinstance(value, str)
    ]
    found = find_marks((text for *_, text in texts), profile.currency or currency)
    marks = found.marks
    if found.unclear:
        marks = _by_expected(tables, profile.currency or currency, expected) or _by_other_columns(tables) or Marks()
    if found.clashing or (found.unclear and not marks.decimal):
        for position in (found.clashing or found.unclear)[:2]:
            table, field, number, value = texts[position]
            asked.append(
                Question(
                    About.MARKS, _marks_fix(value, clash=bool(found.clashing)), table.sheet.name, table.cell(field, number), plain(value)
                )
            )
    return replace(profile, decimal=marks.decimal, thousands=marks.thousands)


def _marks_fix(value: str, *, clash: bool) -> str:
    if clash:
        return f'say how amounts are written: this column has "{plain(value)}" and others with the marks the other way round'
    return f'say which mark is the decimal one: "{plain(value)}" reads two ways, and no other amount decides it'


def _by_expected(tables: Sequence[TableRows], currency: str, expected: Mapping[str, Instruction]) -> Marks | None:
    """The marks under which amounts equal what we instructed, when the other way equals none of them."""
    hits = {marks: _hits(tables, marks, currency, expected) for marks in (Marks(".", ","), Marks(",", "."))}
    (most, best), (least, _) = sorted(((count, marks) for marks, count in hits.items()), key=lambda item: -item[0])
    return best if most and not least else None


def _hits(tables: Sequence[TableRows], marks: Marks, currency: str, expected: Mapping[str, Instruction]) -> int:
    hits = 0
    for table in tables:
        references = dict(table.cells(Field.REFERENCE))
        for number, value in table.cells(Field.AMOUNT):
            ours = expected.get(plain(text_of(references.get(number))).upper())
            if ours and isinstance(value, str) and ("," in value or "." in value):
                hits += _reads_as(value, marks, currency) == ours.amount
    return hits


def _reads_as(value: str, marks: Marks, currency: str) -> object:
    try:
        return read_amount(value, marks, currency)
    except AmountProblem:
        return None


def _by_other_columns(tables: Sequence[TableRows]) -> Marks | None:
    """The marks of other written amounts in the same rows, such as fees and balances: one program wrote them all."""
    seen: set[Marks] = set()
    for table in tables:
        mapped = set(table.columns.values())
        width = max((len(table.sheet.rows[number - 1]) for number in table.body.lines[:50]), default=0)
        for column in set(range(width)) - mapped:
            values = [at(table.sheet.rows[number - 1], column) for number in table.body.lines]
            texts = [value for value in values if isinstance(value, str) and not is_blank(value)]
            if texts and all(looks_like_amount(text) for text in texts):
                found = find_marks(texts, "")
                if found.marks.decimal and not found.clashing:
                    seen.add(found.marks)
    return seen.pop() if len(seen) == 1 else None


def _settle_order(profile: Profile, tables: Sequence[TableRows], asked: list[Question]) -> Profile:
    cells = [(table, number, value) for table in tables for number, value in table.cells(Field.DATE, most=_ENOUGH)]
    found = find_order(value for *_, value in cells)
    if not found.order:
        cells = [(table, number, value) for table in tables for number, value in table.cells(Field.DATE)]
        found = find_order(value for *_, value in cells)
    for position in (found.clashing or found.unclear[:1]) if not found.order else ():
        table, number, value = cells[position]
        fix = f"say whether the day or the month comes first: this cell reads {plain(text_of(value))}"
        asked.append(Question(About.DATE_ORDER, fix, table.sheet.name, table.cell(Field.DATE, number), plain(text_of(value))))
    return replace(profile, date_order=found.order)


def _ask_statuses(profile: Profile, tables: Sequence[TableRows], asked: list[Question]) -> None:
    unknown: dict[str, tuple[TableRows, int]] = {}
    for table in tables:
        for value, number in table.distinct(Field.STATUS).items():
            word = plain(text_of(value))
            if word not in unknown and outcome_with_reason(profile, word)[0] is None:
                unknown[word] = (table, number)
        if Field.STATUS not in table.columns and any(True for _ in table.cells(Field.REASON)):
            asked.append(Question(About.COLUMN, "say which column tells paid payments from failed ones", table.sheet.name))
    for word, (table, number) in list(unknown.items())[:_MOST_WORDS]:
        fix = f'say what "{word}" means: paid, failed or returned'
        asked.append(Question(About.STATUS_WORD, fix, table.sheet.name, table.cell(Field.STATUS, number), word))


def _ask_sign(profile: Profile, tables: Sequence[TableRows], asked: list[Question]) -> None:
    signs = [(table, number, _negative(value)) for table in tables for number, value in table.cells(Field.AMOUNT, most=_ENOUGH)]
    minus = [place for place in signs if place[2]]
    if len(minus) * 2 > len(signs) and not profile.negative_paid:
        table, number, _ = minus[0]
        fix = "say whether amounts with a minus are payments made, as most in this column are"
        asked.append(Question(About.SIGN, fix, table.sheet.name, table.cell(Field.AMOUNT, number)))


def _negative(value: Value) -> bool:
    if isinstance(value, int | float):
        return value < 0
    return isinstance(value, str) and plain(value).startswith(("-", "("))
