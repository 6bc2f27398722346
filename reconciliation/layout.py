"""Finds the table in any sheet, under any letterhead, and proposes how to read it; asks where it cannot be sure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from reconciliation import headings, questions
from reconciliation.body import Body, body, is_numbering
from reconciliation.cells import CellKind as Kind
from reconciliation.cells import Value, at, column_letter, is_blank, kind_of, plain, text_of, words
from reconciliation.columns import guess_columns
from reconciliation.concepts import concepts_of
from reconciliation.heading_rules import heading_score
from reconciliation.instruction import Instruction
from reconciliation.leftovers import unnamed_keys, unnamed_outcomes
from reconciliation.narratives import tells_whose
from reconciliation.payout import Outcome
from reconciliation.profile import Profile
from reconciliation.proposal import KEYS, SURE, About, Guess, Proposal, Question, SheetLook
from reconciliation.sheets import Sheet, Sheets
from reconciliation.vocabulary import Field, currency_of, outcome_of

_TAG = re.compile(r"\s*#\w")
_BETWEEN_WORDS = re.compile(r"[\s()\[\]{},;:/.-]+")
_BRACKETED = re.compile(r"[(\[]([^)\]]*)[)\]]")
_TOP_ROWS = 150
_SAMPLE = 240
_SAMPLED_FROM = 4000
_LONGEST_HEADING = 70
_LEAST_SCORE = 1.2
_SURELY_OURS, _SURELY_THEIRS = 0.8, 0.9


@dataclass(frozen=True, slots=True)
class _Table:
    """A table found in one sheet."""

    sheet: Sheet
    row: int
    rows: int
    names: tuple[str, ...]
    guesses: tuple[Guess, ...]
    rivals: tuple[tuple[Guess, Guess], ...]
    body: Body
    unnamed_keys: tuple[int, ...]
    unnamed_outcomes: tuple[int, ...]

    @property
    def columns(self) -> dict[Field, int]:
        """Where each field was found, from 0."""
        return {guess.field: guess.column for guess in self.guesses}

    @property
    def strength(self) -> float:
        """How much this looks like a table of payments."""
        sure = {guess.field: guess.certainty for guess in self.guesses}
        keys = (*KEYS, Field.NARRATIVE)
        return sure.get(Field.AMOUNT, 0.0) + max(sure.get(key, 0.0) for key in keys) + sum(sure.values()) / 20


def propose(
    sheets: Sheets,
    *,
    currency: str = "",
    known: Iterable[Profile] = (),
    expected: Mapping[str, Instruction] | None = None,
    check_rows: bool = True,
) -> Proposal:
    """How each sheet of a file would be read, with everything that must be asked.

    currency: of rows that do not name one, where it is known.  known: saved profiles, recognised by their heading.
    check_rows: also list what would be wrong with single rows; it takes as long as reading them.
    expected: our instructions by upper-case reference, where they are known; they tell our reference column, and how amounts are written, from the look-alikes.
    """
    expected = expected or {}
    tables = [table for sheet in sheets.visible() if (table := _table(sheet, expected))]
    if not tables:
        return Proposal(tuple(_plain_look(sheet) for sheet in sheets.sheets), None)
    main = max(tables, key=lambda table: (round(table.strength, 1), len(table.body.lines)))
    joined = [table for table in tables if _same_shape(main, table)]
    saved = next((profile for profile in known if profile.known_by == headings.fingerprint(main.names)), None)
    if saved:
        here, left = _known_again(saved, main, joined, currency, expected)
        problems = questions.problems_of(sheets, here, currency) if check_rows else ()
        return Proposal(_looks(sheets, joined), here, saved.name or "saved", questions=tuple(left), problems=problems)
    profile = _profile(main, joined, sheets)
    asked = [question for table in joined for question in _rivalry(table)] + _other_tables(main, tables, joined)
    told_in_text = _told_in_text(joined, expected.keys())
    asked += [question for table in joined for question in (*_untold_failures(table), *_unnamed(table, told_in_text=told_in_text))]
    profile, more = questions.settle(profile, [_rows(table) for table in joined], currency, expected)
    return Proposal(
        _looks(sheets, joined),
        profile,
        questions=tuple(asked + more),
        told_in_text=told_in_text,
        problems=questions.problems_of(sheets, profile, currency) if check_rows else (),
    )


def _table(sheet: Sheet, expected: Mapping[str, Instruction]) -> _Table | None:
    row, rows = _header(sheet)
    if not row:
        return None
    names = headings.headings(sheet, row, rows)
    sample = _sample(sheet, row + rows, names)
    if not sample:
        return None
    guesses, rivals = guess_columns(names, sample, expected)
    columns = {guess.field: guess.column for guess in guesses}
    used = set(columns.values())
    keys = unnamed_keys(names, sample, used) if Field.REFERENCE not in columns else []
    outcomes = unnamed_outcomes(names, sample, used) if Field.STATUS not in columns else []
    lines = body(sheet, row + rows, columns, names)
    return _Table(sheet, row, rows, names, tuple(guesses), tuple(rivals), lines, tuple(keys), tuple(outcomes))


def _header(sheet: Sheet) -> tuple[int, int]:
    """The first row of the heading and its number of rows; (0, 1) when nothing looks like one."""
    best, place = _LEAST_SCORE, (0, 1)
    for number in range(1, min(len(sheet.rows), _TOP_ROWS) + 1):
        if not _could_head(sheet.rows[number - 1]):
            continue
        if _two_rows(sheet, number) and (double := _score(sheet, number, 2)) >= max(best, _score(sheet, number + 1, 1) * 0.8):
            best, place = max(double, _score(sheet, number + 1, 1)), (number, 2)
        score = _score(sheet, number, 1)
        # The same heading again, further down, is that of the next page.
        if score > best + 0.01 and not (place[0] and _repeats(sheet, place, number)):
            best, place = score, (number, 1)
    return place


def _repeats(sheet: Sheet, place: tuple[int, int], number: int) -> bool:
    return headings.folded(headings.headings(sheet, *place)) == headings.folded(headings.headings(sheet, number))


def _could_head(row: Sequence[Value]) -> bool:
    filled = [value for value in row if not is_blank(value)]
    if len(filled) < 2:  # noqa: PLR2004 - a table has at least two columns
        return False
    texts = [value for value in filled if isinstance(value, str) and len(value) <= _LONGEST_HEADING]
    wordy = [value for value in texts if sum(character.isdigit() for character in value) * 2 < len(plain(value)) and not _TAG.match(value)]
    return len(wordy) * 10 >= len(filled) * 7


def _score(sheet: Sheet, row: int, rows: int) -> float:
    names = headings.headings(sheet, row, rows)
    # The fullest of the rows below: the first may hold units, tags or nothing.
    under = [each for each in sheet.rows[row + rows - 1 : row + rows + 8] if not _is_tags(each)]
    below = max(under, key=lambda each: sum(not is_blank(value) for value in each), default=())
    if sum(not is_blank(value) for value in below) < 2:  # noqa: PLR2004 - a table has at least two columns
        return 0.0
    headed = [column for column, name in enumerate(names) if name]
    standing = sum(1 for column in headed if not is_blank(at(below, column))) / len(headed)
    if any(sum(character.isdigit() for character in name) >= 3 for name in names):  # noqa: PLR2004 - a date or number is no heading
        return 0.0
    figures = any(kind_of(value) in {Kind.NUMBER, Kind.DATE} or any(c.isdigit() for c in text_of(value)) for value in below)
    return _named(names) * (0.5 + 0.5 * standing) + min(len(headed), 8) * 0.05 * standing - (0 if figures else 0.3)


def _named(names: Sequence[str]) -> float:
    """How much the headings of a row name, each field by one of them and each heading one field."""
    short = [name for name in names if 0 < len(name) <= 2 * _LONGEST_HEADING]
    scored = sorted(((heading_score(name, field), place, field) for place, name in enumerate(short) for field in Field), reverse=True)
    fields, places, total = set[Field](), set[int](), 0.0
    for score, place, field in scored:
        if score and field not in fields and place not in places:
            fields.add(field)
            places.add(place)
            total += score
    return total


def _is_tags(row: Sequence[Value]) -> bool:
    return next((text_of(value) for value in row if not is_blank(value)), "").lstrip().startswith("#")


def _two_rows(sheet: Sheet, row: int) -> bool:
    """Whether the heading that starts in a row goes on in the next: a cell merged across it, or each row filling the other's gaps."""
    if row >= len(sheet.rows) or not _could_head(sheet.rows[row]):
        return False
    upper, lower = sheet.rows[row - 1], sheet.rows[row]
    width = max(len(upper), len(lower))
    across = [merge for merge in sheet.merges if merge.top == row == merge.bottom and 0 < merge.right - merge.left < width - 1]
    if any(sum(not is_blank(at(lower, column)) for column in range(merge.left, merge.right + 1)) > 1 for merge in across):
        return True
    only_upper = sum(not is_blank(at(upper, column)) and is_blank(at(lower, column)) for column in range(width))
    only_lower = sum(is_blank(at(upper, column)) and not is_blank(at(lower, column)) for column in range(width))
    return only_upper > 0 and only_lower > 0 and only_upper + only_lower >= width // 2


def _sample(sheet: Sheet, first: int, names: Sequence[str]) -> list[list[Value]]:
    rows = [row for row in sheet.rows[first - 1 : first + _SAMPLED_FROM] if sum(not is_blank(value) for value in row) > 1]
    usual = sorted(sum(not is_blank(value) for value in row) for row in rows)[len(rows) // 2] if rows else 0
    rows = [row for row in rows if sum(not is_blank(value) for value in row) * 2 > usual and not _is_no_line(row, names)]
    step = max(1, len(rows) // _SAMPLE)
    return [[at(row, column) for row in rows[::step]] for column in range(len(names))] if rows else []


def _is_no_line(row: Sequence[Value], names: Sequence[str]) -> bool:
    """Whether a row tells nothing of the columns' values: units, tags, column numbers, the heading again."""
    filled = [column for column, value in enumerate(row) if not is_blank(value)]
    if not any(character.isdigit() for column in filled for character in text_of(row[column])):
        return True
    again = sum(column < len(names) and text_of(row[column]) == names[column] for column in filled)
    return _is_tags(row) or is_numbering(row, filled) or again * 2 > len(filled)


def _same_shape(main: _Table, other: _Table) -> bool:
    if other is main:
        return True
    theirs = {guess.field: guess.header for guess in other.guesses}
    ours = {guess.field: guess.header for guess in main.guesses}
    keys = [key for key in (*KEYS, Field.NARRATIVE) if key in ours]
    if other.rows != main.rows or Field.AMOUNT not in theirs or not any(key in theirs for key in keys):
        return False
    return all(headings.folded([ours[field]]) == headings.folded([theirs[field]]) for field in ours.keys() & theirs.keys())


def _known_again(
    saved: Profile, main: _Table, joined: Sequence[_Table], currency: str, expected: Mapping[str, Instruction]
) -> tuple[Profile, list[Question]]:
    """A saved profile for this file: what a person decided stays, what earlier files left open is settled from this one, or asked."""
    here = replace(
        saved, sheets=tuple(table.sheet.name for table in joined), header_row=main.row, currency=_stated_currency(main) or saved.currency
    )
    fresh, asked = questions.settle(here, [_rows(table) for table in joined], currency, expected)
    left = {About.STATUS_WORD}
    if not saved.decimal and not saved.thousands:
        here = replace(here, decimal=fresh.decimal, thousands=fresh.thousands)
        left.add(About.MARKS)
    if not saved.date_order:
        here = replace(here, date_order=fresh.date_order)
        left.add(About.DATE_ORDER)
    return here, [question for question in asked if question.about in left]


def _profile(main: _Table, joined: Sequence[_Table], sheets: Sheets) -> Profile:
    guesses = {
        guess.field: guess for table in reversed([main, *(table for table in joined if table is not main)]) for guess in table.guesses
    }
    folded = headings.folded(main.names)
    twice = {field: column_letter(guess.column) for field, guess in guesses.items() if folded.count(headings.folded([guess.header])[0]) > 1}
    everything = len(joined) == len(sheets.visible())
    return Profile(
        name="",
        columns={field: guess.header for field, guess in sorted(guesses.items())},
        sheets=() if everything else tuple(table.sheet.name for table in joined),
        header_row=main.row,
        header_rows=main.rows,
        letters=twice,
        currency=_stated_currency(main),
        known_by=headings.fingerprint(main.names),
    )


def _stated_currency(table: _Table) -> str:
    """The currency written in the amount's heading, else the only one written above the table, else ""."""
    amount = next((guess.header for guess in table.guesses if guess.field is Field.AMOUNT), "")
    if in_heading := _currencies([amount]):
        return in_heading.pop() if len(in_heading) == 1 else ""
    above = _currencies(
        text_of(value) for row in table.sheet.rows[: table.row - 1] if _speaks_of_money(row) for value in row if isinstance(value, str)
    )
    return above.pop() if len(above) == 1 else ""


def _speaks_of_money(row: Sequence[Value]) -> bool:
    return any(heading_score(text_of(value), field) for value in row if isinstance(value, str) for field in (Field.CURRENCY, Field.AMOUNT))


def _currencies(texts: Iterable[str]) -> set[str]:
    return {
        code for text in texts for word, sure in _currency_words(text) if (code := currency_of(word)) and (sure or _is_no_other_word(word))
    }


def _is_no_other_word(word: str) -> bool:
    """Whether a word means a currency wherever it stands: "KES", and not "MNT" or "MT", short for an amount in French."""
    return len(word) > 2 and bool(currency_of(word.casefold()))  # noqa: PLR2004 - two letters say too little


def _currency_words(text: str) -> list[tuple[str, bool]]:
    """The words of a text, and whether any code is one there: in brackets or at its end, where "MT" is money and no abbreviation."""
    spread = [word for word in _BETWEEN_WORDS.split(text) if word]
    bracketed = {word for inner in _BRACKETED.findall(text) for word in _BETWEEN_WORDS.split(inner)}
    return [(word, word.isupper() and (word in bracketed or 0 < place == len(spread) - 1)) for place, word in enumerate(spread)]


def _told_in_text(tables: Sequence[_Table], references: Collection[str]) -> bool:
    """Whether the narrative of at least one table says whose each line is, as in a bank statement."""
    for table in tables:
        if Field.NARRATIVE in table.columns:
            column = table.columns[Field.NARRATIVE]
            if tells_whose([text_of(at(table.sheet.rows[number - 1], column)) for number in table.body.lines[:_SAMPLE]], references):
                return True
    return False


def _rivalry(table: _Table) -> list[Question]:
    asked = []
    for best, other in table.rivals:
        fix = f"say which column holds the {best.field.value}: {column_letter(best.column)} or {column_letter(other.column)}"
        asked.append(Question(About.COLUMN, fix, table.sheet.name, f"{column_letter(other.column)}{table.row}", other.header))
    return asked


def _untold_failures(table: _Table) -> list[Question]:
    """A list without statuses whose name or letterhead speaks of failures may be a list of what was not paid."""
    if Field.STATUS in table.columns or Field.RETURNED_AMOUNT in table.columns:
        return []
    texts = [table.sheet.name, *(text_of(value) for row in table.sheet.rows[: table.row - 1] for value in row if isinstance(value, str))]
    told = [word for text in texts for word in words(text).split() if len(word) > 3 and outcome_of(word) not in {None, Outcome.PAID}]  # noqa: PLR2004
    fix = "say whether the rows of this sheet were paid: it speaks of failed or returned payments and has no status column"
    return [Question(About.COLUMN, fix, table.sheet.name)] if told else []


def _unnamed(table: _Table, *, told_in_text: bool) -> list[Question]:
    """Columns whose cells look like the reference or the status that no heading names, or whose heading leaves in doubt whose reference it is."""
    doubtful = [guess.column for guess in table.guesses if _is_doubtful(guess, table)]
    keys = [] if told_in_text else [(column, "say whether this column holds our reference") for column in (*doubtful, *table.unnamed_keys)]
    outcomes = [(column, "say whether this column tells paid payments from failed ones") for column in table.unnamed_outcomes]
    return [
        Question(About.COLUMN, fix, table.sheet.name, f"{column_letter(column)}{table.row}", table.names[column])
        for column, fix in keys + outcomes
    ]


def _is_doubtful(guess: Guess, table: _Table) -> bool:
    if guess.field is Field.TOKEN:
        return Field.REFERENCE not in table.columns and "reference" in concepts_of(guess.header)
    theirs = next((other.certainty for other in table.guesses if other.field is Field.PROVIDER_ID), 0.0)
    return guess.field is Field.REFERENCE and guess.certainty < _SURELY_OURS and theirs < _SURELY_THEIRS


def _other_tables(main: _Table, tables: Sequence[_Table], joined: Sequence[_Table]) -> list[Question]:
    return [
        Question(About.SHEET, "say whether this sheet is to be read too: it also looks like a list of payments", table.sheet.name)
        for table in tables
        if table not in joined and table.strength >= 2 * SURE and table.strength >= main.strength - 0.5
    ]


def _rows(table: _Table) -> questions.TableRows:
    return questions.TableRows(table.sheet, table.columns, table.body)


def _looks(sheets: Sheets, tables: Sequence[_Table]) -> tuple[SheetLook, ...]:
    by_name = {table.sheet.name: table for table in tables}
    return tuple(_look(by_name[sheet.name]) if sheet.name in by_name else _plain_look(sheet) for sheet in sheets.sheets)


def _look(table: _Table) -> SheetLook:
    return SheetLook(
        name=table.sheet.name,
        hidden=False,
        rows=len(table.body.lines),
        header_row=table.row,
        header_rows=table.rows,
        columns=table.guesses,
        totals=table.body.totals,
        skipped=table.body.skipped,
        headings=table.names,
        hidden_rows=tuple(row for row in table.sheet.hidden_rows if row >= table.row),
    )


def _plain_look(sheet: Sheet) -> SheetLook:
    return SheetLook(sheet.name, sheet.hidden, sheet.filled())
