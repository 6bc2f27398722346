"""A mobile-money provider's report of a payment list, with the oddities such reports have: letterhead, two heading rows, totals, signatures."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from reconciliation.instruction import Instruction
from reconciliation.money import Money
from reconciliation.report import Formats, new_book

_HEADINGS = (
    "No.", "Receipt No", "Your reference", "Name", "Mobile number", "Amount paid", "Fee", "Float balance", "Status", "Reason", "Completed",
)  # fmt: skip
_OVER = {3: ("Recipient", 2), 5: ("{currency}", 3), 8: ("Result", 2)}
_WIDTHS = (6, 14, 16, 30, 17, 13, 9, 15, 11, 30, 18)
_PAID, _FAILED, _REVERSED = "Success", "Failed", "Reversed"
_REASONS = ("Wallet closed", "Subscriber not registered", "Daily limit reached", "Wrong number", "Name mismatch")
_HEADER_ROW = 8
_FEE_SHARE = 200


@dataclass(frozen=True, slots=True)
class Oddities:
    """What the report gets wrong, by count.

    failed: with reasons.  missing: not mentioned at all.  mistyped: the last sign of the reference mistaken for another, the payee left out.
    unreadable: an amount that is no number; such a file does not foot before somebody corrected it.
    """

    failed: int = 9
    missing: int = 3
    less: int = 2
    more: int = 1
    twice: int = 2
    returned: int = 2
    wrong_payee: int = 1
    strangers: int = 2
    mistyped: int = 1
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the report. amount: a text only where it cannot be read.  again: about a payment that an earlier line told of."""

    reference: str
    name: str
    phone: str
    amount: Money | str
    status: str = _PAID
    reason: str = ""
    again: bool = False


def write_report(
    path: Path | str,
    lines: Sequence[Instruction],
    *,
    seed: int = 7,
    day: date,
    provider: str = "Sparrow Mobile Money",
    currency: str = "KES",
    oddities: Oddities | None = None,
) -> None:
    """Write what a provider sends back about these lines. Of a list too short for every oddity, it shows those that find a line."""
    chance = random.Random(f"{seed}:report")  # noqa: S311 -- an invented report, repeatable
    rows = _rows(lines, oddities or Oddities(), chance, currency)
    with new_book(path) as book:
        book.set_properties({"created": datetime.combine(day, time(17, 5))})
        formats = Formats(book)
        sheet = book.add_worksheet("Disbursement report")
        for column, width in enumerate(_WIDTHS):
            sheet.set_column(column, column, width)
        _letterhead(sheet, formats, provider, day, len(rows))
        _headings(book, sheet, formats, currency)
        _lines(sheet, formats, rows, _Page(day, currency, chance.randrange(11, 60)))


def _rows(lines: Sequence[Instruction], odd: Oddities, chance: random.Random, currency: str) -> list[_Row]:
    chosen = iter(chance.sample(range(len(lines)), len(lines)))
    changed: dict[int, list[_Row]] = {}
    for kind, count in (
        ("missing", odd.missing), ("less", odd.less), ("more", odd.more), ("twice", odd.twice), ("returned", odd.returned),
        ("wrong_payee", odd.wrong_payee), ("mistyped", odd.mistyped), ("unreadable", odd.unreadable), ("failed", odd.failed),
    ):  # fmt: skip
        for nth in range(count):
            place = next(chosen, None)
            if place is not None:
                changed[place] = _odd(kind, _plain(lines[place]), nth)
    rows = [row for place, line in enumerate(lines) for row in changed.get(place, [_plain(line)])]
    # The second line of a payment made twice, or of one that came back, stands further down in the file, as in real ones.
    rows = [row for row in rows if not row.again] + [row for row in rows if row.again]
    for nth in range(odd.strangers):
        stranger = _Row(
            f"SPW-{chance.randrange(10**5, 10**6)}", _STRANGERS[nth % 2], f"09955500{nth:02}", Money(300_000 + 5_000 * nth, currency)
        )
        rows.insert(chance.randrange(len(rows) + 1), stranger)
    return rows


_STRANGERS = ("Pocket Sundial", "Gullible Pancake")


def _plain(line: Instruction) -> _Row:
    return _Row(line.reference, line.name, _local(line.phone or line.account), line.amount)


def _local(phone: str) -> str:
    """A phone as people of the country dial it: 0712 345 678."""
    digits = "".join(character for character in phone if character.isdigit())[-9:]
    return f"0{digits[:3]} {digits[3:6]} {digits[6:]}" if len(digits) == 9 else digits  # noqa: PLR2004 -- a national number


def _odd(kind: str, row: _Row, nth: int) -> list[_Row]:
    assert isinstance(row.amount, Money)
    tenth = Money(row.amount.minor // 1000 * 100, row.amount.currency)
    return {
        "missing": [],
        "less": [replace(row, amount=row.amount - tenth)],
        "more": [replace(row, amount=row.amount + tenth)],
        "twice": [row, replace(row, again=True)],
        "returned": [row, replace(row, status=_REVERSED, reason="Returned to sender", again=True)],
        "wrong_payee": [replace(row, name="Thimble Quagmire", phone="0995 550 042")],
        "mistyped": [replace(row, reference=_mistyped(row.reference), name="", phone="")],
        "unreadable": [replace(row, amount="see note")],
        "failed": [replace(row, status=_FAILED, reason=_REASONS[nth % len(_REASONS)])],
    }[kind]


def _mistyped(reference: str) -> str:
    """The reference with its last sign mistaken for another."""
    return reference[:-1] + ("K" if reference[-1] != "K" else "M")


def _letterhead(sheet: Any, formats: Formats, provider: str, day: date, count: int) -> None:  # Any: XlsxWriter has no types
    sheet.write_string(0, 0, provider, formats.strong)
    sheet.write_string(1, 0, "Bulk payments desk, Kettle Lane 4, Bahari")
    sheet.write_string(3, 0, "Disbursement report")
    sheet.write_string(4, 0, f"Prepared on {day:%d %B %Y}, 17:05 (Nairobi time); {count} lines")


def _headings(book: Any, sheet: Any, formats: Formats, currency: str) -> None:  # Any: XlsxWriter has no types
    upper = book.add_format({"bold": True, "align": "center", "bottom": 1})
    for column, (words, wide) in _OVER.items():
        sheet.merge_range(_HEADER_ROW - 2, column, _HEADER_ROW - 2, column + wide - 1, words.format(currency=currency), upper)
    for column, words in enumerate(_HEADINGS):
        sheet.write_string(_HEADER_ROW - 1, column, words, formats.heading)


@dataclass(slots=True)
class _Page:
    """Where the writing of the lines has come to. minute: since nine o'clock."""

    day: date
    currency: str
    minute: int

    def completed(self) -> str:
        """The next line's time."""
        self.minute += 1
        return f"{datetime.combine(self.day, time(9)) + timedelta(seconds=self.minute * 37):%d/%m/%Y %H:%M}"


def _lines(sheet: Any, formats: Formats, rows: Sequence[_Row], page: _Page) -> None:  # Any: XlsxWriter has no types
    money = formats.money(page.currency)
    row = _HEADER_ROW
    for row, (number, line, fee, balance) in enumerate(_balanced(rows, page.currency), start=_HEADER_ROW):
        sheet.write_number(row, 0, number)
        for column, text in enumerate((f"SPW88{number:06}", line.reference, line.name, line.phone), start=1):
            sheet.write_string(row, column, text, formats.text)
        if isinstance(line.amount, Money):
            sheet.write_number(row, 5, line.amount.decimal(), money)
        else:
            sheet.write_string(row, 5, line.amount)
        sheet.write_number(row, 6, fee.decimal(), money)
        sheet.write_number(row, 7, balance.decimal(), money)
        for column, text in enumerate((line.status, line.reason, page.completed()), start=8):
            sheet.write_string(row, column, text)
    _foot(sheet, formats, row + 1, [line for line in rows if isinstance(line.amount, Money)], page.currency)


def _balanced(rows: Sequence[_Row], currency: str) -> Iterator[tuple[int, _Row, Money, Money]]:
    """Each line with its number, its fee and the provider's balance after it."""
    left = Money(sum(row.amount.minor for row in rows if isinstance(row.amount, Money)) * 2, currency)
    for number, row in enumerate(rows, start=1):
        amount = row.amount if isinstance(row.amount, Money) else Money(0, currency)
        fee = Money(amount.minor // _FEE_SHARE // 100 * 100 if row.status == _PAID else 0, currency)
        sign = {_PAID: -1, _REVERSED: 1}.get(row.status, 0)
        left = left + Money(sign * amount.minor, currency) - fee
        yield number, row, fee, left


def _foot(sheet: Any, formats: Formats, row: int, rows: Sequence[_Row], currency: str) -> None:  # Any: XlsxWriter has no types
    paid = sum(line.amount.minor for line in rows if isinstance(line.amount, Money) and line.status == _PAID)
    sheet.write_string(row, 4, "Total", formats.strong)
    sheet.write_number(row, 5, Money(paid, currency).decimal(), formats.money(currency))
    sheet.write_string(row + 2, 0, "Prepared by: M. Spoonfeather, bulk payments desk")
    sheet.write_string(row + 3, 0, "Signature and stamp: ______________________")
