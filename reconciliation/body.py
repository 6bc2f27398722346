"""Which rows under a heading are lines of the table, which are totals, and which are bands, tags and signatures."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconciliation.cells import Fault, Row, Value, at, is_blank, plain, text_of, words
from reconciliation.rows import BETWEEN, Batch, batches_of
from reconciliation.sheets import Sheet
from reconciliation.vocabulary import Field, is_footer, is_total

_EVIDENCE = (Field.REFERENCE, Field.PROVIDER_ID, Field.PHONE, Field.ACCOUNT, Field.TOKEN)
_MONEY = (Field.AMOUNT, Field.RETURNED_AMOUNT)
_NUMBERED_FROM = 4
_SHORT_KEY = 3
# Letters and digits, at least one of these, or any marks with a digit at the end: what nearly every key of nearly every file is, told of a whole
# batch at once.
_PLAIN_KEYS = re.compile(
    rf"(?:(?:(?=[0-9A-Za-z]{{{_SHORT_KEY + 1}}})[A-Za-z]*+[0-9][0-9A-Za-z]*+|[!-~]{{{_SHORT_KEY + 1},}}+(?<=[0-9])){BETWEEN})*+", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Body:
    """The rows under a heading, by number from 1.

    lines: one payment each.  totals: stated sums.  skipped: everything else that holds something, so that nothing goes unseen.
    """

    lines: tuple[int, ...]
    totals: tuple[int, ...]
    skipped: tuple[int, ...]


def body(sheet: Sheet, first: int, columns: Mapping[Field, int], names: Sequence[str]) -> Body:
    """Sort the rows from `first` on. A row that holds money is always a line or a total, never skipped."""
    sorter = Sorter(columns, names)
    for start, batch in batches_of(sheet.rows, first - 1):
        sorter.sort(batch, start, max(0, first - 1 - start))
    return Body(tuple(sorter.lines), tuple(sorter.totals), tuple(sorter.skipped))


class Sorter:
    """The rows sorted so far, and the sums of the numbers that stand in their amounts: of all lines, and of those since the last total."""

    def __init__(self, columns: Mapping[Field, int], names: Sequence[str]) -> None:
        self._heading = {column: words(name) for column, name in enumerate(names) if name}
        self._evidence = [columns[field] for field in _EVIDENCE if field in columns]
        self._money = [columns[field] for field in _MONEY if field in columns]
        self._status = columns.get(Field.STATUS, -1)
        self._key, self._amount = (self._evidence or [0])[0], (self._money or [0])[0]
        self._whole, self._band, self._summed = 0.0, 0.0, 0
        self.lines: list[int] = []
        self.totals: list[int] = []
        self.skipped: list[int] = []

    def sort(self, batch: Batch, start: int, first: int) -> None:
        """Sort the rows of a batch, from its place `first` on. start: the place of its first row in the sheet, from 0."""
        amounts = batch.column(self._amount).values()
        plain = self._plain_lines(batch, amounts)
        if first == 0 and all(plain):
            self._add_lines(start, amounts)
            return
        rows: Sequence[Row] = ()
        for place in range(first, batch.count):
            if plain[place]:
                self._add_line(start + place + 1, amounts[place])
                continue
            rows = rows or batch.rows()
            self._sort_row(rows[place], start + place + 1)

    def take(self, batch: Batch, start: int, first: int) -> tuple[list[int], list[int]]:
        """Sort the rows of a batch, and answer its lines and totals without keeping them."""
        self.sort(batch, start, first)
        lines, totals = self.lines, self.totals
        self.lines, self.totals, self.skipped = [], [], []
        return lines, totals

    def _add_lines(self, start: int, amounts: Sequence[Value]) -> None:
        self.lines.extend(range(start + 1, start + len(amounts) + 1))
        numbers = [amount for amount in amounts if isinstance(amount, int | float)]
        added = sum(numbers)
        self._whole += added
        self._band += added
        self._summed += len(numbers)

    def _plain_lines(self, batch: Batch, amounts: Sequence[Value]) -> list[bool]:
        if not (self._evidence and self._money):
            return [False] * batch.count
        joined = batch.column(self._key).text
        if joined is not None and _PLAIN_KEYS.fullmatch(joined + BETWEEN) and set(map(type, amounts)) == {float}:
            return [True] * batch.count
        return list(map(_is_plain_line, batch.column(self._key).values(), amounts))

    def _sort_row(self, row: Row, number: int) -> None:
        filled = [column for column, value in enumerate(row) if not is_blank(value)]
        if not filled:
            return
        kind = _kind(row, filled, self._heading, evidence=self._evidence, money=self._money, status=self._status)
        if kind == "line" and not (self._evidence and self._is_bare_sum(row, filled)):
            self._add_line(number, at(row, self._amount))
        elif kind == "skip":
            self.skipped.append(number)
        else:
            self.totals.append(number)
            self._band = 0.0

    def _add_line(self, number: int, amount: Value) -> None:
        self.lines.append(number)
        if isinstance(amount, int | float):
            self._whole += amount
            self._band += amount
            self._summed += 1

    def _is_bare_sum(self, row: Row, filled: list[int]) -> bool:
        """Whether a row holds numbers alone, and the sum of what stands above it: a total that nobody labelled."""
        stated = at(row, self._amount)
        if filled[0] == 0 or not isinstance(stated, int | float) or not all(isinstance(row[column], int | float) for column in filled):
            return False
        return self._summed > 1 and any(math.isclose(stated, above, abs_tol=1e-6) for above in (self._whole, self._band))


def _is_plain_line(key: Value, amount: Value) -> bool:
    """Whether a row is so ordinary a line (a key of one word with a digit, and a figure) that nothing else need be asked of it."""
    if not (type(key) is str and len(key) > _SHORT_KEY and " " not in key and key.isascii()):
        return False
    if not (key[-1].isdigit() or key[0].isdigit() or (key.isalnum() and not key.isalpha())):
        return False
    return type(amount) is float or (type(amount) is str and amount[:1].isdigit())


def _kind(row: Row, filled: list[int], heading: Mapping[int, str], *, evidence: list[int], money: list[int], status: int) -> str:
    known = [column for column in filled if column in evidence]
    paid = [column for column in filled if column in money and _has_figures(row[column])]
    if is_numbering(row, filled) or _is_tags(row, filled) or _is_heading(row, filled, heading):
        return "skip"
    if len(filled) == 1 and not paid and _is_label(row[filled[0]]):
        return "skip"
    if paid and known and not isinstance(row[known[0]], str):
        return "line"
    labels = [column for column in filled if isinstance(row[column], str) and column not in paid]
    if not set(known) - set(labels[:1]) and any(is_total(text_of(row[column])) for column in labels):
        return "total" if paid else "skip"
    if paid or at(row, status if status >= 0 else len(row)) not in {None, ""}:
        return _with_money(row, filled, known, paid)
    first = text_of(row[filled[0]])
    return "skip" if not known or is_footer(first) or (len(filled) == 1 and _is_sentence(first)) else "line"


def _with_money(row: Row, filled: list[int], known: list[int], paid: list[int]) -> str:
    if known or not is_footer(text_of(row[filled[0]])):
        return "line"
    return "line" if any(isinstance(row[column], int | float | Fault) for column in paid) else "skip"


def _has_figures(value: Value) -> bool:
    return not isinstance(value, str) or any(character.isdigit() for character in value)


def _is_tags(row: Row, filled: list[int]) -> bool:
    first = row[filled[0]]
    if not (isinstance(first, str) and first.lstrip().startswith("#")):
        return False
    return all(isinstance(row[column], str) and plain(text_of(row[column])).startswith("#") for column in filled)


def _is_heading(row: Row, filled: list[int], heading: Mapping[int, str]) -> bool:
    if not isinstance(row[filled[0]], str) or not heading:
        return False
    same = sum(1 for column in filled if isinstance(row[column], str) and heading.get(column) == words(text_of(row[column])))
    return same * 5 >= len(filled) * 3 and same > 1


def is_numbering(row: Row, filled: Sequence[int]) -> bool:
    """Whether a row under a heading only counts its columns: (1), (2), (3) …."""
    if len(filled) < _NUMBERED_FROM or text_of(row[filled[0]]) not in {"1", "(1)"}:
        return False
    return [plain(text_of(row[column])).strip("()") for column in filled] == [str(place) for place in range(1, len(filled) + 1)]


def _is_label(value: Value) -> bool:
    """Whether a cell that stands alone in its row names what follows, such as a site: words without a figure."""
    return isinstance(value, str) and not any(character.isdigit() for character in value)


def _is_sentence(text: str) -> bool:
    return " " in plain(text) or ":" in text
