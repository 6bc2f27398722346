"""Writes a statement as a workbook whose sums and checks are live formulas, so that finance can follow every one of them cell by cell.

What the workbook says in words comes from whoever asks for it, in the reader's language; the same statement gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from reconciliation.ledger import HELD, Account, held
from reconciliation.money import Money, minor_digits
from reconciliation.report import Formats


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line: so many transfers, instructed, delivered and given up in minor units; what is open is computed."""

    words: str
    count: int
    instructed: int
    delivered: int
    given_up: int


@dataclass(frozen=True, slots=True)
class OpenRow:
    """An open line or money in suspense with what was decided: empty words when nothing was."""

    words: str
    count: int
    minor: int
    ending: str
    reason: str
    by: str
    when: str


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month: opening, instructed, delivered, given up, suspense, fees in minor units; what is open at its end is computed."""

    words: str
    opening: int
    instructed: int
    delivered: int
    given_up: int
    suspense: int
    fees: int


@dataclass(frozen=True, slots=True)
class Block:
    """A statement in one currency. accounts: every account of the ledger with its words and balance. late: moved after closing.

    asked: transfers and sum by the lists themselves, apart from the ledger.
    """

    currency: str
    lines: tuple[LineRow, ...]
    asked_count: int
    asked_minor: int
    accounts: tuple[tuple[Account, str, int], ...]
    open_items: tuple[OpenRow, ...] = ()
    months: tuple[MonthRow, ...] = ()
    late: tuple[tuple[str, int], ...] = ()
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GrantRow:
    """One account paid in one currency: paid minor units, and rounded in the grant's."""

    words: str
    currency: str
    minor: int
    rounded: int


@dataclass(frozen=True, slots=True)
class GrantBlock:
    """A grant in its own currency. totals: of each account, rounded once.  rates: (currency, from, so much for one)."""

    code: str
    currency: str
    rows: tuple[GrantRow, ...]
    totals: tuple[tuple[str, int], ...]
    rates: tuple[tuple[str, str, Fraction], ...]
    wanting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatementSheet:
    """Everything a statement says, ready to be written. words: those around the figures, by name.  lists: reference, provider and LineRow-like sums."""

    title: str
    facts: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]
    made_at: datetime
    words: Mapping[str, str]
    lists: tuple[tuple[str, str, str, LineRow], ...] = ()
    grants: tuple[GrantBlock, ...] = ()
    right_to_left: bool = False
    name: str = field(default="statement")


def statement_bytes(sheet: StatementSheet) -> bytes:
    """The workbook: one sheet for each currency, one for the lists, one for grants in their own currency."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"title": sheet.title, "created": sheet.made_at.replace(tzinfo=None)})
    for block in sheet.blocks:
        _Writer(book, sheet, block.currency).block(block)
    if sheet.lists:
        _Writer(book, sheet, sheet.words["lists"]).lists(sheet)
    for grant in sheet.grants:
        _Writer(book, sheet, f"{grant.code} {grant.currency}").grant(grant)
    if not (sheet.blocks or sheet.lists or sheet.grants):
        _Writer(book, sheet, sheet.name).title()
    book.close()
    return out.getvalue()


class _Writer:
    """One worksheet, written from the top. at: the next row, as the program counts; a formula counts from 1."""

    def __init__(self, book: Any, sheet: StatementSheet, name: str) -> None:  # Any: XlsxWriter has no types
        self.formats, self.words, self.of = Formats(book), sheet.words, sheet
        self.page = book.add_worksheet(name[:31])
        self.page.set_column(0, 0, 40)
        self.page.set_column(1, 8, 18)
        if sheet.right_to_left:
            self.page.right_to_left()
        self.at = 0

    def title(self) -> None:
        """The name of the statement and its facts."""
        self.text(0, self.of.title, strong=True)
        self.at += 1
        for label, value in self.of.facts:
            self.text(0, label)
            self.text(1, value)
            self.at += 1
        self.at += 1

    def block(self, block: Block) -> None:
        """A statement in one currency."""
        self.title()
        totals = self.lines(block)
        self.accounts(block, totals)
        self.open_items(block)
        self.months(block)
        self.pairs("late", block.late, block.currency)
        for gap in block.gaps:
            self.text(0, gap)
            self.at += 1

    def lines(self, block: Block) -> int:
        """Every line with its open part as a formula, the sums, and whether none is wanting. Returns the row of the sums, from 1."""
        self.heading("line", "transfers", "instructed", "delivered", "given_up", "open")
        first = self.at + 1
        for line in block.lines:
            row = self.at + 1
            self.text(0, line.words)
            self.page.write_number(self.at, 1, line.count)
            for column, minor in ((2, line.instructed), (3, line.delivered), (4, line.given_up)):
                self.money(column, minor, block.currency)
            self.formula(5, f"=C{row}-D{row}-E{row}", line.instructed - line.delivered - line.given_up, block.currency)
            self.at += 1
        sums = self.sums(block, first)
        self.text(0, self.words["on_lists"])
        self.page.write_number(self.at, 1, block.asked_count)
        self.money(2, block.asked_minor, block.currency)
        asked = self.at + 1
        self.at += 1
        found = _summed(block.lines)
        is_so = (block.asked_count, block.asked_minor) == (found.count, found.instructed)
        self.check("complete", f"AND(B{sums}=B{asked},ROUND(C{sums}-C{asked},{minor_digits(block.currency)})=0)", is_so=is_so)
        self.at += 1
        return sums

    def sums(self, block: Block, first: int) -> int:
        """The row under the lines."""
        last = self.at
        row = self.at + 1
        self.text(0, self.words["together"], strong=True)
        self.formula(1, f"=SUM(B{first}:B{last})", _summed(block.lines).count)
        found = _summed(block.lines)
        opened = found.instructed - found.delivered - found.given_up
        for column, minor in enumerate((found.instructed, found.delivered, found.given_up, opened), start=2):
            letter = "ABCDEF"[column]
            self.formula(column, f"=SUM({letter}{first}:{letter}{last})", minor, block.currency)
        self.at += 1
        return row

    def accounts(self, block: Block, sums: int) -> None:
        """The ledger's own balances: they sum to zero, make up what was instructed, say the same as the lines, and tell what providers hold."""
        self.heading("account", "balance")
        first, place = self.at + 1, {}
        for account, words, minor in block.accounts:
            self.text(0, words)
            self.money(1, minor, block.currency)
            place[account] = f"B{self.at + 1}"
            self.at += 1
        stands = {account: minor for account, _, minor in block.accounts}
        self.text(0, self.words["together"], strong=True)
        self.formula(1, f"=SUM(B{first}:B{self.at})", sum(stands.values()), block.currency)
        self.at += 1
        digits, lines = minor_digits(block.currency), _summed(block.lines)
        self.check("zero", f"ROUND(B{self.at},{digits})=0", is_so=sum(stands.values()) == 0)
        parts = (("D", Account.DELIVERED), ("F", Account.OPEN), ("E", Account.CANCELLED))
        footing = "-".join((f"C{sums}", *(place[account] for _, account in parts)))
        gap = lines.instructed - sum(stands[account] for _, account in parts)
        self.check("foots", f"ROUND({footing},{digits})=0", is_so=gap == 0)
        same = (lines.delivered, lines.instructed - lines.delivered - lines.given_up, lines.given_up)
        each = ",".join(f"ROUND({column}{sums}-{place[account]},{digits})=0" for column, account in parts)
        self.check("agrees", f"AND({each})", is_so=same == tuple(stands[account] for _, account in parts))
        if stands[Account.FLOAT]:  # a list knows nothing of what its provider was given ahead
            self.text(0, self.words["held"])
            self.formula(1, "=" + "+".join(place[account] for account in HELD), held(stands), block.currency)
            self.at += 1
        self.at += 1

    def open_items(self, block: Block) -> None:
        """What is open, and what was decided about it."""
        if not block.open_items:
            return
        self.heading("open_lines", "transfers", "amount", "decision", "reason", "by", "when")
        for item in block.open_items:
            self.text(0, item.words)
            self.page.write_number(self.at, 1, item.count)
            self.money(2, item.minor, block.currency)
            for column, words in enumerate((item.ending, item.reason, item.by, item.when), start=3):
                self.text(column, words)
            self.at += 1
        self.at += 1

    def months(self, block: Block) -> None:
        """Month by month; each opening is the month before's closing, by formula."""
        if not block.months:
            return
        self.heading("month", "opening", "instructed", "delivered", "given_up", "closing", "suspense", "fees")
        for place, month in enumerate(block.months):
            row = self.at + 1
            self.text(0, month.words)
            if place:
                self.formula(1, f"=F{row - 1}", month.opening, block.currency)
            else:
                self.money(1, month.opening, block.currency)
            for column, minor in ((2, month.instructed), (3, month.delivered), (4, month.given_up)):
                self.money(column, minor, block.currency)
            closing = month.opening + month.instructed - month.delivered - month.given_up
            self.formula(5, f"=B{row}+C{row}-D{row}-E{row}", closing, block.currency)
            self.money(6, month.suspense, block.currency)
            self.money(7, month.fees, block.currency)
            self.at += 1
        self.at += 1

    def lists(self, sheet: StatementSheet) -> None:
        """One row a list, and the sums of each currency."""
        self.title()
        self.heading("list", "provider", "currency", "transfers", "instructed", "delivered", "given_up", "open")
        first = self.at + 1
        for reference, provider, currency, line in sheet.lists:
            row = self.at + 1
            for column, words in enumerate((reference, provider, currency)):
                self.text(column, words)
            self.page.write_number(self.at, 3, line.count)
            for column, minor in ((4, line.instructed), (5, line.delivered), (6, line.given_up)):
                self.money(column, minor, currency)
            self.formula(7, f"=E{row}-F{row}-G{row}", line.instructed - line.delivered - line.given_up, currency)
            self.at += 1
        last = self.at
        for currency in sorted({one[2] for one in sheet.lists}):
            mine = [line for _, _, of, line in sheet.lists if of == currency]
            self.text(0, self.words["together"], strong=True)
            self.text(2, currency)
            found = _summed(mine)
            opened = found.instructed - found.delivered - found.given_up
            for column, value in enumerate((found.count, found.instructed, found.delivered, found.given_up, opened), start=3):
                letter = "ABCDEFGH"[column]
                formula = f'=SUMIF($C${first}:$C${last},"{currency}",{letter}${first}:{letter}${last})'
                self.formula(column, formula, value, currency if column > 3 else "")  # noqa: PLR2004 -- the column of counts
            self.at += 1

    def grant(self, grant: GrantBlock) -> None:
        """A grant in its own currency: rounded lines, what rounding leaves over, and the total of each account."""
        self.title()
        self.heading("rate_from", "currency", "rate")
        for currency, since, for_one in grant.rates:
            self.text(0, since)
            self.text(1, currency)
            self.page.write_number(self.at, 2, float(for_one))
            self.at += 1
        for words in grant.wanting:
            self.text(0, words)
            self.at += 1
        self.at += 1
        self.heading("account", "currency", "paid", "in_grant")
        for words, total in grant.totals:
            first = self.at + 1
            mine = [row for row in grant.rows if row.words == words]
            for row in mine:
                self.text(0, row.words)
                self.text(1, row.currency)
                self.money(2, row.minor, row.currency)
                self.money(3, row.rounded, grant.currency)
                self.at += 1
            self.text(0, self.words["rounding"])
            self.money(3, total - sum(row.rounded for row in mine), grant.currency)
            self.at += 1
            self.text(0, f"{words} · {self.words['together']}", strong=True)
            self.formula(3, f"=SUM(D{first}:D{self.at})", total, grant.currency)
            self.at += 1

    def pairs(self, name: str, pairs: Sequence[tuple[str, int]], currency: str) -> None:
        """A small table of words and amounts."""
        if not pairs:
            return
        self.heading(name, "amount")
        for words, minor in pairs:
            self.text(0, words)
            self.money(1, minor, currency)
            self.at += 1
        self.at += 1

    def heading(self, *names: str) -> None:
        """One row of headings."""
        for column, name in enumerate(names):
            self.page.write_string(self.at, column, self.words[name], self.formats.heading)
        self.at += 1

    def check(self, name: str, condition: str, *, is_so: bool) -> None:
        """A sentence that the workbook itself decides."""
        yes, no = self.words[name], self.words[f"{name}_not"]
        formula = f'=IF({condition},"{_quoted(yes)}","{_quoted(no)}")'
        self.page.write_formula(self.at, 0, formula, self.formats.strong, yes if is_so else no)
        self.at += 1

    def text(self, column: int, words: str, *, strong: bool = False) -> None:
        """Text stays text, whatever it begins with."""
        self.page.write_string(self.at, column, words, self.formats.strong if strong else self.formats.text)

    def money(self, column: int, minor: int, currency: str) -> None:
        """An exact amount with its currency's decimals."""
        self.page.write_number(self.at, column, Money(minor, currency).decimal(), self.formats.money(currency))

    def formula(self, column: int, formula: str, minor: int, currency: str = "") -> None:
        """A formula with the value it has now, for readers that do not compute."""
        value = Money(minor, currency).decimal() if currency else minor
        self.page.write_formula(self.at, column, formula, self.formats.money(currency) if currency else self.formats.strong, value)


def _summed(lines: Sequence[LineRow]) -> LineRow:
    """All lines together."""
    return LineRow(
        "",
        sum(line.count for line in lines),
        sum(line.instructed for line in lines),
        sum(line.delivered for line in lines),
        sum(line.given_up for line in lines),
    )


def _quoted(words: str) -> str:
    """Words inside a formula: a quotation mark is doubled."""
    return words.replace('"', '""')
