"""Reads our own side of a comparison: a plain table of what a provider was asked to pay."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from reconciliation.amounts import AmountProblem, Marks, read_amount
from reconciliation.bulk import without_collecting
from reconciliation.cells import Row, Value, at, cell_name, is_blank, lost_digits, plain, text_of, words
from reconciliation.instruction import Instruction
from reconciliation.money import Money
from reconciliation.rows import BETWEEN, Batch, are_plain, batches_of
from reconciliation.sheets import Sheet, UnreadableFile
from reconciliation.workbook import open_rows

_NEEDED = ("reference", "amount")
_OTHERS = ("currency", "name", "phone", "account", "token", "provider", "site")
_OURS = Marks(".", ",")


@without_collecting()
def read_instructed(path: Path | str, currency: str = "") -> list[Instruction]:
    """The instructions of a file with the headings reference, amount and currency, and any of name, phone, account, token, provider, site.

    currency: of rows that do not name one.  Raises UnreadableFile, with the first cell to correct.
    """
    for sheet in open_rows(path).visible():
        for index, row in enumerate(sheet.rows):
            named = [words(text_of(value)) for value in row]
            if set(_NEEDED) <= set(named):
                columns = {name: named.index(name) for name in (*_NEEDED, *_OTHERS) if name in named}
                return _read(sheet, index + 1, columns, currency)
    raise UnreadableFile("give the list of instructions the headings reference, amount and currency")


def _read(sheet: Sheet, header_row: int, columns: dict[str, int], currency: str) -> list[Instruction]:
    read: list[Instruction] = []
    numbers = array("L")
    try:
        for start, batch in batches_of(sheet.rows, header_row):
            _read_batch(batch, range(max(start, header_row) + 1, start + batch.count + 1), columns, currency, read, numbers)
    finally:
        _check_references(read, numbers, columns["reference"])  # the first cell to correct is told, and a row read badly may stand below it
    return read


def _read_batch(batch: Batch, wanted: range, columns: dict[str, int], currency: str, read: list[Instruction], numbers: array[int]) -> None:
    texts, rows = _plain_texts(batch, columns), list[Row]()
    for place, number in enumerate(wanted, start=batch.count - len(wanted)):
        cells = texts[place] if texts else ()
        amount = _plain_amount(cells[1], cells[2].upper() or currency) if cells and cells[0] else None
        if amount:
            read.append(Instruction(cells[0], amount, *cells[3:]))
        else:
            rows = rows or batch.rows()
            if all(is_blank(value) for value in rows[place]):
                continue
            read.append(_instruction(rows[place], number, columns, currency))
        numbers.append(number)


def _plain_texts(batch: Batch, columns: dict[str, int]) -> list[tuple[str, ...]]:
    """The cells of every row in the order of their names; none where some of them have to be folded, or looked at more closely."""
    found = [batch.column(columns.get(name, -1)) for name in (*_NEEDED, *_OTHERS)]
    joined = [column.text for column in found if column.text is not None and are_plain(column.text)]
    if len(joined) < len(found) or "+" in joined[0]:
        return []
    return list(zip(*(text.split(BETWEEN) for text in joined), strict=True))


@lru_cache(maxsize=1 << 16)
def _plain_amount(text: str, currency: str) -> Money | None:
    """An amount above zero; None for anything else."""
    try:
        amount = read_amount(text, _OURS, currency) if text and currency else None
    except AmountProblem:
        return None
    return amount if amount and amount.minor > 0 else None


def _check_references(read: Sequence[Instruction], numbers: Sequence[int], column: int) -> None:
    """Raises UnreadableFile for the first reference that stands there a second time."""
    if len({instruction.reference for instruction in read}) == len(read):
        return
    seen: dict[str, int] = {}
    for instruction, number in zip(read, numbers, strict=False):
        first = seen.setdefault(instruction.reference, number)
        if first != number:
            raise _wrong(number, column, f"give every instruction a reference of its own: row {first} has the same one")


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
