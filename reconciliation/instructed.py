"""Reads our own side of a comparison: a plain table of what a provider was asked to pay."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from reconciliation.amounts import AmountProblem, Marks, read_amount
from reconciliation.cells import Row, Value, at, cell_name, is_blank, lost_digits, plain, text_of, words
from reconciliation.instruction import Instruction
from reconciliation.sheets import Sheet, UnreadableFile
from reconciliation.workbook import open_rows

_NEEDED = ("reference", "amount")
_OTHERS = ("currency", "name", "phone", "account", "token", "provider", "site")
_OURS = Marks(".", ",")


def read_instructed(path: Path | str, currency: str = "") -> list[Instruction]:
    """The instructions of a file with the headings reference, amount and currency, and any of name, phone, account, token, provider, site.

    currency: of rows that do not name one.  Raises UnreadableFile, with the first cell to correct.
    """
    for sheet in open_rows(path).visible():
        for index, row in enumerate(sheet.rows):
            named = [words(text_of(value)) for value in row]
            if set(_NEEDED) <= set(named):
                columns = {name: named.index(name) for name in (*_NEEDED, *_OTHERS) if name in named}
                return list(_read(sheet, index + 1, columns, currency))
    raise UnreadableFile("give the list of instructions the headings reference, amount and currency")


def _read(sheet: Sheet, header_row: int, columns: dict[str, int], currency: str) -> Iterator[Instruction]:
    seen: dict[str, int] = {}
    for number, row in enumerate(sheet.rows[header_row:], start=header_row + 1):
        if all(is_blank(value) for value in row):
            continue
        instruction = _instruction(row, number, columns, currency)
        if instruction.reference in seen:
            first = seen[instruction.reference]
            raise _wrong(number, columns["reference"], f"give every instruction a reference of its own: row {first} has the same one")
        seen[instruction.reference] = number
        yield instruction


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
