"""Reads our own side of a comparison: a plain table of what a provider was asked to pay."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from pathlib import Path

from reconciliation.amounts import AmountProblem, Marks, read_amount
from reconciliation.bulk import without_collecting
from reconciliation.cells import Row, Value, at, cell_name, is_blank, lost_digits, plain, text_of, words
from reconciliation.instruction import Instruction, Instructions
from reconciliation.money import Money
from reconciliation.rows import BETWEEN, Batch, Kept, are_plain, batches_of
from reconciliation.sheets import Sheet, UnreadableFile
from reconciliation.workbook import open_rows

_NEEDED = ("reference", "amount")
_OTHERS = ("currency", "name", "phone", "account", "token", "provider", "site")
_OURS = Marks(".", ",")


@without_collecting()
def read_instructed(path: Path | str, currency: str = "") -> Instructions:
    """The instructions of a file with the headings reference, amount and currency, and any of name, phone, account, token, provider, site.

    currency: of rows that do not name one.  Raises UnreadableFile, with the first cell to correct.
    """
    for sheet in open_rows(path).visible():
        for index, row in enumerate(sheet.rows):
            named = [words(text_of(value)) for value in row]
            if set(_NEEDED) <= set(named):
                columns = {name: named.index(name) for name in (*_NEEDED, *_OTHERS) if name in named}
                return _Reading(columns, currency).read(sheet, index + 1)
    raise UnreadableFile("give the list of instructions the headings reference, amount and currency")


class _Reading:
    """A list while it is read: whole columns where every cell is plain, else row by row. numbers: of the rows read."""

    def __init__(self, columns: dict[str, int], currency: str) -> None:
        self._columns, self._currency = columns, currency
        self._read, self._numbers = Instructions(), array("L")
        self._amounts = Kept(_plain_amount)

    def read(self, sheet: Sheet, header_row: int) -> Instructions:
        """Every line below the heading."""
        try:
            for start, batch in batches_of(sheet.rows, header_row):
                skipped = max(0, header_row - start)
                if skipped or not self._read_columns(batch, start):
                    self._read_rows(batch.rows()[skipped:], start + skipped + 1)
        finally:
            self._check_references()  # the first cell to correct is told, and a row read badly may stand below it
        return self._read

    def _read_columns(self, batch: Batch, start: int) -> bool:
        """Read a batch at once; False, and nothing read, where some cell has to be folded or looked at more closely."""
        texts = {
            name: self._plain_texts(batch, name) for name in ("reference", "amount", *(name for name in _OTHERS if name in self._columns))
        }
        if any(column is None for column in texts.values()):
            return False
        read = {name: column for name, column in texts.items() if column is not None}
        references, written, codes = read.pop("reference"), read.pop("amount"), read.pop("currency", [""] * batch.count)
        meant = [(code.upper() or self._currency) for code in codes]
        amounts = [amount for amount in map(self._amounts.__getitem__, zip(written, meant, strict=True)) if amount]
        if len(amounts) != batch.count or not all(references) or any("+" in one for one in references):
            return False
        self._read.extend(references, amounts, read)
        self._numbers.extend(range(start + 1, start + batch.count + 1))
        return True

    def _plain_texts(self, batch: Batch, name: str) -> list[str] | None:
        joined = batch.column(self._columns[name]).text
        return joined.split(BETWEEN) if joined is not None and are_plain(joined) else None

    def _read_rows(self, rows: Sequence[Row], number: int) -> None:
        for place, row in enumerate(rows, start=number):
            if not all(is_blank(value) for value in row):
                one = _instruction(row, place, self._columns, self._currency)
                self._read.extend(
                    [one.reference], [one.amount], {name: [getattr(one, name)] for name in _OTHERS[1:] if name in self._columns}
                )
                self._numbers.append(place)

    def _check_references(self) -> None:
        """Raises UnreadableFile for the first reference that stands there a second time."""
        if len(self._read.places()) == len(self._read):
            return
        seen: dict[str, int] = {}
        for reference, number in zip(self._read.references, self._numbers, strict=True):
            first = seen.setdefault(reference, number)
            if first != number:
                fix = f"give every instruction a reference of its own: row {first} has the same one"
                raise _wrong(number, self._columns["reference"], fix)


def _plain_amount(written: tuple[str, str]) -> Money | None:
    """An amount above zero, from its text and its currency; None for anything else."""
    text, currency = written
    try:
        amount = read_amount(text, _OURS, currency) if text and currency else None
    except AmountProblem:
        return None
    return amount if amount and amount.minor > 0 else None


def _instruction(row: Row, number: int, columns: dict[str, int], currency: str) -> Instruction:
    def text(name: str) -> str:
        return plain(text_of(_value(row, columns, name)))

    reference = text("reference")
    if not reference or lost_digits(_value(row, columns, "reference")):
        raise _wrong(number, columns["reference"], "enter the whole reference as text")
    stated = text("currency").upper() or currency
    if not stated:
        raise _wrong(number, columns.get("currency", columns["amount"]), "name the currency by its three letters, for example KES")
    try:
        amount = read_amount(_value(row, columns, "amount"), _OURS, stated)
    except AmountProblem as problem:
        raise _wrong(number, columns["amount"], str(problem)) from None
    if amount.minor <= 0:
        raise _wrong(number, columns["amount"], "enter an amount above zero")
    return Instruction(reference, amount, *(text(name) for name in _OTHERS[1:]))


def _value(row: Row, columns: dict[str, int], name: str) -> Value:
    return at(row, columns[name]) if name in columns else None


def _wrong(row: int, column: int, fix: str) -> UnreadableFile:
    return UnreadableFile(f"correct cell {cell_name(row, column)} of the list of instructions: {fix}")
