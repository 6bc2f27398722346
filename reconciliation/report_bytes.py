"""A plain table as the bytes of a workbook, made in memory: nothing touches the disk, and the same rows give the same bytes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from reconciliation.money import Money, minor_digits


def table_bytes(sheet_name: str, header: Sequence[str], rows: Iterable[Sequence[str | Money]], *, made_at: datetime) -> bytes:
    """An xlsx of one sheet. Text cells are text whatever they hold ("0712…", "=1+1"); Money is an exact number with its decimals.

    made_at: the time the workbook says it was made; taken from the records, so that a repeated export is the same to the byte.
    """
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": made_at.replace(tzinfo=None)})
    sheet = book.add_worksheet(sheet_name[:31])
    heading, text = book.add_format({"bold": True, "num_format": "@"}), book.add_format({"num_format": "@"})
    amounts = _Amounts(book)
    for column, name in enumerate(header):
        sheet.set_column(column, column, max(14, len(name) + 2))
        sheet.write_string(0, column, name, heading)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, Money):
                sheet.write_number(number, column, _exact(value), amounts.of(value.currency))
            else:
                sheet.write_string(number, column, value, text)
    book.close()
    return out.getvalue()


class _Amounts:
    """One number format per currency."""

    def __init__(self, book: Any) -> None:  # Any: XlsxWriter has no types
        self._book = book
        self._kept: dict[str, Any] = {}

    def of(self, currency: str) -> Any:
        """The format with all the decimals the currency has."""
        if currency not in self._kept:
            digits = minor_digits(currency)
            self._kept[currency] = self._book.add_format({"num_format": "0" + ("." + "0" * digits if digits else "")})
        return self._kept[currency]


def _exact(value: Money) -> Decimal:
    """The amount as a spreadsheet can hold it; a spreadsheet keeps 15 figures, and a longer amount is refused, never cut."""
    amount = value.decimal()
    if Decimal(str(float(amount))) != amount:
        raise ValueError("an amount of more figures than a spreadsheet keeps")
    return amount
