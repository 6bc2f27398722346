"""Writes a statement as a workbook whose sums are live formulas, so that finance can check them cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reconciliation.money import Money
from reconciliation.report import Formats, new_book

_HEADER = ("Line", "Transfers", "Instructed", "Delivered", "Open")


def write_statement(
    path: Path | str, reference: str, currency: str, lines: Sequence[tuple[str, int, int, int]], *, suspense_minor: int
) -> None:
    """One sheet: each line with its count, what was instructed and what arrived; open and every sum are formulas.

    lines: (words, transfers, instructed, delivered), amounts in minor units of `currency`, an ISO 4217 code.
    """
    with new_book(path) as made:
        formats, sheet = Formats(made), made.add_worksheet(reference[:31])
        money = formats.money(currency)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 4, 18)
        sheet.write_string(0, 0, f"{reference} ({currency})", formats.strong)
        for column, words in enumerate(_HEADER):
            sheet.write_string(2, column, words, formats.heading)
        first, last = 4, 3 + len(lines)
        for row, (words, count, instructed, delivered) in enumerate(lines, start=3):
            sheet.write_string(row, 0, words)
            sheet.write_number(row, 1, count)
            sheet.write_number(row, 2, Money(instructed, currency).decimal(), money)
            sheet.write_number(row, 3, Money(delivered, currency).decimal(), money)
            sheet.write_formula(row, 4, f"=C{row + 1}-D{row + 1}", money, Money(instructed - delivered, currency).decimal())
        _sums(sheet, formats, first, last, lines, currency)
        sheet.write_string(last + 2, 0, "Suspense: paid, but to no open promise")
        sheet.write_number(last + 2, 4, Money(suspense_minor, currency).decimal(), money)


def _sums(sheet: object, formats: Formats, first: int, last: int, lines: Sequence[tuple[str, int, int, int]], currency: str) -> None:
    write = sheet.write_formula  # type: ignore[attr-defined]  # XlsxWriter has no types
    together = [sum(line[1] for line in lines), sum(line[2] for line in lines), sum(line[3] for line in lines)]
    sheet.write_string(last, 0, "Together", formats.strong)  # type: ignore[attr-defined]
    write(last, 1, f"=SUM(B{first}:B{last})", formats.strong, together[0])
    for column, letter in ((2, "C"), (3, "D"), (4, "E")):
        minor = (together[1], together[2], together[1] - together[2])[column - 2]
        write(last, column, f"=SUM({letter}{first}:{letter}{last})", formats.money(currency), Money(minor, currency).decimal())
    foots = f'=IF(C{last + 1}=D{last + 1}+E{last + 1},"Foots","Does not foot")'
    write(last + 1, 0, foots, formats.strong, "Foots")
