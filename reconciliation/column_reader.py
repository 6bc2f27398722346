"""Reads a table a batch of rows at a time, column by column; a row with anything uncommon in it is left to the reader of single rows."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from operator import add

from reconciliation.amounts import AmountProblem, read_amount
from reconciliation.body import Sorter
from reconciliation.cells import Fault, Row, Value, is_blank, lost_digits, plain, says_nothing, text_of
from reconciliation.dates import DateProblem, read_date
from reconciliation.money import Money
from reconciliation.payout import Outcome, RowProblem
from reconciliation.payout_columns import PayoutColumns, Read
from reconciliation.profile import KEYS, Located, Profile, RowReader, outcome_with_reason, reason_for
from reconciliation.rows import BETWEEN, Batch, Kept, are_plain
from reconciliation.totals import Running
from reconciliation.vocabulary import Field, currency_of

_DAY = re.compile(r"\d{4}([-/.])\d\d\1\d\d|\d\d([-/.])\d\d\2\d{4}", re.ASCII)
_CLOCK = re.compile(r"[ T]((?:[01]\d|2[0-3]):[0-5]\d)(:[0-5]\d)?", re.ASCII)
_MOMENTS = re.compile(rf"(?:\d{{4}}-\d\d-\d\d[ T](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d{BETWEEN})++", re.ASCII)
_DAY_LENGTH, _MOMENT_LENGTH = 10, 19
_KEYS = frozenset({*KEYS, Field.PROVIDER_ID})
_TEXTS = {
    Field.PROVIDER_ID: "provider_id",
    Field.NAME: "name",
    Field.PHONE: "phone",
    Field.ACCOUNT: "account",
    Field.TOKEN: "token",
    Field.NARRATIVE: "narrative",
}
_Told = tuple[Outcome, str, str]  # what happened, the provider's words for why, our reason
_UNTOLD: _Told = (Outcome.FAILED, "", "")


class TableReader:
    """Reads a table as its rows come, from the top: sorts them, reads the lines, and holds each stated total against the lines above it."""

    def __init__(self, place: Located, profile: Profile, payouts: PayoutColumns, problems: list[RowProblem]) -> None:
        self._place, self._profile, self._payouts, self._problems = place, profile, payouts, problems
        self._sorter, self._reader = Sorter(place.columns, place.names), ColumnReader(place, profile, payouts, problems)
        self._running, self._summed = Running(), len(payouts)

    def read(self, batch: Batch, start: int) -> None:
        """Read the next batch. start: the place of its first row in the sheet, from 0."""
        below = self._place.header_row + self._profile.header_rows - 1
        lines, totals = self._sorter.take(batch, start, max(0, below - start))
        for total in totals:
            above = bisect_left(lines, total)
            self._reader.read(batch, start, lines[:above])
            lines = lines[above:]
            self._check(total)
        self._reader.read(batch, start, lines)

    def _check(self, total: int) -> None:
        amounts, outcomes = self._payouts.amounts[self._summed :], self._payouts.outcomes[self._summed :]
        self._running.add_all(amounts, outcomes)
        self._summed = len(self._payouts)
        self._problems.extend(self._running.check(self._place, total, self._profile))


class ColumnReader:
    """Reads the rows of one table into columns of payouts. Every problem joins `problems`, in row order, as a RowReader would tell it."""

    def __init__(self, place: Located, profile: Profile, payouts: PayoutColumns, problems: list[RowProblem]) -> None:
        self._sheet, self._columns, self._profile = place.sheet.name, place.columns, profile
        self._reader = RowReader(place, profile)
        self._payouts, self._problems = payouts, problems
        self._told, self._codes, self._money = Kept(self._tell), Kept(self._code), Kept(self._amounts_in)
        self._figures = Kept(self._figures_in)
        self._days, self._clocks, self._dates = Kept(self._day), Kept(_clock), Kept(self._date)

    def read(self, batch: Batch, start: int, numbers: Sequence[int]) -> None:
        """Read rows of a batch, given by their numbers. start: the place of the batch in the sheet, from 0."""
        if not numbers:
            return
        cells = _Cells(self._columns, batch, [number - start - 1 for number in numbers])
        told = self._read_statuses(cells)
        read = Read(
            rows=list(numbers),
            reference=cells.texts(Field.REFERENCE),
            amount=self._read_amounts(cells),
            outcome=[outcome for outcome, _, _ in told],
            reason=[reason for _, _, reason in told],
            texts={name: cells.texts(field) for field, name in _TEXTS.items() if field in self._columns},
        )
        read.texts["raw_reason"] = [raw for _, raw, _ in told]
        read.texts["date"] = self._read_dates(cells)
        if Field.RETURNED_AMOUNT in self._columns:
            cells.odd.update(range(len(numbers)))
        self._read_closely(cells, read)
        self._payouts.extend(self._sheet, read)

    def _read_closely(self, cells: _Cells, read: Read) -> None:
        """Read the odd rows one by one, and put what they say in the place of what was read of them."""
        without_money = []
        for place in sorted(cells.odd):
            payout = self._reader.read(read.rows[place], cells.row(place), self._problems)
            if payout is None:
                without_money.append(place)
            else:
                read.put(place, payout)
        read.leave_out(without_money)

    def _read_statuses(self, cells: _Cells) -> list[_Told]:
        statuses, reasons = cells.texts(Field.STATUS), cells.texts(Field.REASON)
        told = [self._told[pair] for pair in zip(statuses, reasons, strict=True)]
        if _UNTOLD in told:
            cells.odd.update(place for place, one in enumerate(told) if one is _UNTOLD)
        return told

    def _tell(self, said: tuple[str, str]) -> _Told:
        status, raw = said
        if Field.STATUS not in self._columns:
            return Outcome.PAID, raw, ""
        outcome, words = outcome_with_reason(self._profile, status)
        if outcome is None:
            return _UNTOLD
        words = words if outcome is not Outcome.PAID else ""
        return outcome, raw or words, reason_for(outcome, raw or words, words)

    def _read_amounts(self, cells: _Cells) -> list[Money | None]:
        codes = [self._codes[text] for text in cells.texts(Field.CURRENCY)] if Field.CURRENCY in self._columns else []
        values = cells.values(Field.AMOUNT)
        if len(set(codes)) <= 1:
            code = codes[0] if codes else self._profile.currency
            amounts = self._in_one_currency(values, code)
        else:
            amounts = [self._money[code][type(value), value] for code, value in zip(codes, values, strict=True)]
        if not all(amounts):
            cells.odd.update(place for place, amount in enumerate(amounts) if amount is None)
        return amounts

    def _in_one_currency(self, values: Sequence[Value], code: str) -> list[Money | None]:
        money, figures = self._money[code], self._figures[code]
        if set(map(type, values)) == {float}:
            return list(map(figures.__getitem__, values))  # type: ignore[arg-type]  # they are
        return [money[type(value), value] for value in values]

    def _figures_in(self, code: str) -> Kept[float, Money | None]:
        money = self._money[code]
        return Kept(lambda figure: money[float, figure])

    def _code(self, text: str) -> str:
        return (currency_of(text.upper()) or currency_of(text)) if text else self._profile.currency

    def _amounts_in(self, currency: str) -> Kept[tuple[type, Value], Money | None]:
        """Amounts as they are written, in one currency; None for one that wants a closer look: unreadable, blank or the other way round."""

        def amount(written: tuple[type, Value]) -> Money | None:
            value = written[1]
            try:
                read = read_amount(value, self._profile.marks(), currency) if currency and not is_blank(value) else None
            except AmountProblem:
                return None
            if read is None or (read.minor < 0) != (self._profile.negative_paid and read.minor != 0):
                return None
            return Money(abs(read.minor), read.currency)

        return Kept(amount)

    def _read_dates(self, cells: _Cells) -> list[str]:
        if (moments := self._read_moments(cells.joined(Field.DATE))) is not None:
            return moments
        days, clocks, dates = self._days, self._clocks, self._dates
        read, odd = [], cells.odd
        values = cells.values(Field.DATE)
        if set(map(type, values)) == {str}:
            begun, ended = [days[value[:_DAY_LENGTH]] for value in values], [clocks[value[_DAY_LENGTH:]] for value in values]  # type: ignore[index]  # all are text
            if all(begun) and None not in ended:
                return list(map(add, begun, ended))
        for place, value in enumerate(values):
            date: str | None
            if type(value) is str and (day := days[value[:_DAY_LENGTH]]) and (clock := clocks[value[_DAY_LENGTH:]]) is not None:
                date = day + clock
            else:
                date = dates[type(value), value]
            if date is None:
                odd.add(place)
            read.append(date or "")
        return read

    def _read_moments(self, joined: str | None) -> list[str] | None:
        """The dates of a column in which each is written in full, as ISO text has it, at once; None for any other column."""
        if joined is None or not _MOMENTS.fullmatch(joined + BETWEEN):
            return None
        length = _MOMENT_LENGTH + len(BETWEEN)
        days = {joined[start : start + _DAY_LENGTH] for start in range(0, len(joined), length)}
        return joined.replace(" ", "T").split(BETWEEN) if all(self._days[day] == day for day in days) else None

    def _day(self, text: str) -> str:
        if not _DAY.fullmatch(text):
            return ""
        return self._date((str, text)) or ""

    def _date(self, written: tuple[type, Value]) -> str | None:
        value = written[1]
        if says_nothing(value):
            return ""
        try:
            return None if isinstance(value, Fault) else read_date(value, self._profile.date_order)
        except DateProblem:
            return None


def _clock(text: str) -> str | None:
    """The time behind a day as ISO text; None for what is not written so plainly that it can be read by itself."""
    if not text:
        return ""
    found = _CLOCK.fullmatch(text)
    return f"T{found.group(1)}{found.group(2) or ':00'}" if found else None


class _Cells:
    """Some rows of a batch by field. odd: places of rows that have to be read one by one."""

    def __init__(self, columns: Mapping[Field, int], batch: Batch, picks: Sequence[int]) -> None:
        self._columns, self._batch, self._picks = columns, batch, picks
        self._all = len(picks) == batch.count
        self._values: dict[Field, Sequence[Value]] = {}
        self.odd: set[int] = set()

    def values(self, field: Field) -> Sequence[Value]:
        """The values of a field as they stand; blanks for one that no column holds."""
        if field not in self._values:
            found = self._batch.column(self._columns.get(field, -1)).values()
            self._values[field] = found if self._all else [found[pick] for pick in self._picks]
        return self._values[field]

    def joined(self, field: Field) -> str | None:
        """The texts of a field joined by BETWEEN; None where some are no text, or rows of the batch are left out."""
        return self._batch.column(self._columns.get(field, -1)).text if self._all else None

    def texts(self, field: Field) -> list[str]:
        """The texts of a field as RowReader reads them; a row is odd where that is a problem."""
        values, joined = self.values(field), self._batch.column(self._columns.get(field, -1)).text
        if joined is not None and are_plain(joined) and not (field in _KEYS and "+" in joined):
            return list(values)  # type: ignore[arg-type]  # all of them are text, or the batch had no joined text
        return [self._text(place, value, field) for place, value in enumerate(values)]

    def _text(self, place: int, value: Value, field: Field) -> str:
        if isinstance(value, Fault) or (field in _KEYS and lost_digits(value)):
            self.odd.add(place)
            return ""
        return plain(value) if isinstance(value, str) else text_of(value)

    def row(self, place: int) -> Row:
        """One row, blank where no field stands."""
        row: list[Value] = [None] * (max(self._columns.values()) + 1)
        for field, column in self._columns.items():
            row[column] = self.values(field)[place]
        return row
