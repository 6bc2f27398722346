"""Statements as files: a workbook whose sums compute, and a paper to sign that names the audit checkpoint holding all of it."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import col, select

from cbi.payouts.in_grant import GrantAccount
from cbi.payouts.sheets import Statement, open_rows, sheet_of
from cbi.payouts.statements import ListStatement
from cbi.payouts.words_money import ACCOUNT_WORDS, LINE_WORDS
from cbi.store.records import Records
from cbi.store.system import Checkpoint
from cbi.store.work import Reading
from cbi.web import paper as drawn
from cbi.web.filters import amount, day, moment, money, number
from cbi.web.marks import mark_words
from cbi.web.paper import Mark, Note, Paper, Table
from cbi.web.words import _
from reconciliation.exchange import shown
from reconciliation.ledger import Account
from reconciliation.report_statement import statement_bytes


def workbook(made: Statement, *, right_to_left: bool) -> bytes:
    """The statement as a workbook finance can check."""
    return statement_bytes(sheet_of(made, right_to_left=right_to_left))


def checkpoint(reading: Reading, made: Statement) -> Checkpoint | None:
    """The first signed checkpoint of the audit trail that holds the statement's last entry; None while none does."""
    table = reading.system.checkpoint
    return reading.session.exec(select(table).where(col(table.at) > made.made_at).order_by(col(table.seq)).limit(1)).first()


def marked(records: Records, made: Statement) -> Checkpoint | None:
    """The same; where none holds it yet, one is signed. Nothing is changed by that: a checkpoint says where the trail stands."""
    for _attempt in range(2):
        with records.read() as look:
            mark = checkpoint(look, made)
        if mark is not None:
            return mark
        records.sign_checkpoint()
    return None


def paper(made: Statement, mark: Checkpoint | None, *, office: str, language: str, right_to_left: bool) -> bytes:
    """The statement as a PDF."""
    return drawn.draw(
        Paper(
            title=made.title,
            office=office,
            facts=made.facts,
            parts=tuple(_parts(made)),
            sign=(_("Prepared by"), _("Checked by")),
            sign_words=(_("Name and signature"), _("Date")),
            mark=_mark(mark) if mark else None,
            page_words=_("page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
            made_at=made.made_at,
            language=language,
            right_to_left=right_to_left,
        )
    )


def _parts(made: Statement) -> Iterator[Table | Note]:
    for one in made.found:
        yield Note((_equation(one),), strong=True)
        yield _lines(one)
        items = open_rows(made, one)
        if items:
            yield Table(
                _("What is open, and what was decided"),
                (_("Line"), _("Transfers"), _("Amount"), _("Decision"), _("Decided by")),
                tuple(
                    (
                        item.words,
                        number(item.count),
                        amount(item.minor, one.currency),
                        " · ".join(filter(None, (item.ending, item.reason))) or _("Nothing decided yet"),
                        " · ".join(filter(None, (item.by, item.when))),
                    )
                    for item in items
                ),
                (28, 12, 18, 28, 22),
                frozenset({1, 2}),
            )
        yield _ledger(one)
        if one.late:
            yield Table(
                _("After closing"),
                (_("Account"), _("Moved")),
                tuple((str(ACCOUNT_WORDS[account]), amount(minor, one.currency)) for account, minor in one.late.items()),
                (60, 40),
                frozenset({1}),
            )
        if one.gaps:
            yield Note(tuple(_("You need to %(fix)s.", fix=fix) for fix in one.gaps))
    if made.lists:
        yield _lists(made)
    yield from _grants(made)


def _equation(one: ListStatement) -> str:
    said = _(
        "Instructed %(instructed)s = delivered %(delivered)s + open %(open)s + given up %(given_up)s",
        instructed=money(one.total_minor, one.currency),
        delivered=amount(one.delivered_minor, one.currency),
        open=amount(one.open_minor, one.currency),
        given_up=amount(one.cancelled_minor, one.currency),
    )
    return f"{_('Foots')}. {said}" if one.foots else f"{_('Does not foot')}. {said}"


def _lines(one: ListStatement) -> Table:
    rows = [line for line in one.lines if line.count]
    return Table(
        _("Where every transfer stands (%(currency)s)", currency=one.currency),
        (_("Line"), _("Transfers"), _("Instructed"), _("Delivered"), _("Given up"), _("Open")),
        tuple(
            (
                str(LINE_WORDS[line.kind]),
                number(line.count),
                *(
                    amount(minor, one.currency)
                    for minor in (line.instructed_minor, line.delivered_minor, line.cancelled_minor, line.open_minor)
                ),
            )
            for line in rows
        ),
        (30, 12, 20, 20, 18, 20),
        frozenset({1, 2, 3, 4, 5}),
        (
            _("Together"),
            number(one.count),
            *(amount(minor, one.currency) for minor in (one.total_minor, one.delivered_minor, one.cancelled_minor, one.open_minor)),
        ),
    )


def _ledger(one: ListStatement) -> Table:
    rows = [(str(ACCOUNT_WORDS[account]), amount(one.of(account), one.currency)) for account in ACCOUNT_WORDS if one.of(account)]
    if one.of(Account.FLOAT):
        rows.append((_("Held by providers"), amount(one.held_minor, one.currency)))
    total = sum(one.of(account) for account in Account)
    return Table(
        _("The ledger (%(currency)s)", currency=one.currency),
        (_("Account"), _("Balance")),
        tuple(rows),
        (60, 40),
        frozenset({1}),
        (_("All accounts together"), amount(total, one.currency)),
    )


def _lists(made: Statement) -> Table:
    return Table(
        _("Lists"),
        (_("List"), _("Provider"), _("Transfers"), _("Instructed"), _("Delivered"), _("Open")),
        tuple(
            (
                one.reference,
                provider,
                number(found.count),
                money(found.total_minor, found.currency),
                amount(found.delivered_minor, found.currency),
                amount(found.open_minor, found.currency),
            )
            for one, provider, found in made.lists
        ),
        (18, 24, 15, 27, 20, 20),
        frozenset({2, 3, 4, 5}),
    )


def _grants(made: Statement) -> Iterator[Table | Note]:
    for grant in made.grants:
        rows: list[tuple[str, str, str]] = []
        for account, total in grant.totals.items():
            lines = [line for line in grant.lines if line.account is account]
            rows += [
                (str(ACCOUNT_WORDS[account]), money(line.minor, line.currency), amount(line.rounded, grant.currency)) for line in lines
            ]
            if account in grant.differences:
                rows.append((_("Rounding"), "", amount(grant.differences[account], grant.currency)))
            if len(lines) > 1:
                rows.append((f"{ACCOUNT_WORDS[account]} · {_('Together')}", "", amount(total, grant.currency)))
        yield Table(
            _("Grant %(code)s in %(currency)s", code=grant.code, currency=grant.currency),
            (_("Account"), _("Paid"), _("In the grant’s currency")),
            tuple(rows),
            (40, 30, 30),
            frozenset({1, 2}),
        )
        if grant.rates:
            yield Note(tuple(rate_words(grant)))
        if grant.wanting:
            yield Note(
                tuple(
                    _(
                        "You need to enter what one %(grant)s was worth in %(currency)s on %(day)s.",
                        grant=grant.currency,
                        currency=code,
                        day=day(on),
                    )
                    for code, on in grant.wanting
                )
            )


def rate_words(grant: GrantAccount) -> Iterator[str]:
    """Every rate that was used, with the first day it was used for."""
    for currency, since, for_one in grant.rates:
        yield _(
            "1 %(grant)s = %(rate)s %(currency)s, from %(day)s",
            grant=grant.currency,
            rate=shown(for_one),
            currency=currency,
            day=day(since),
        )


def _mark(mark: Checkpoint) -> Mark:
    return Mark(
        _("Audit checkpoint"),
        _(
            "Entry %(seq)s of the audit trail, signed %(when)s. Compare these words with the audit page:",
            seq=number(mark.seq),
            when=moment(mark.at),
        ),
        tuple(mark_words(mark.hash)),
        mark.hash.hex(),
        f"CBI {mark.seq} {mark.hash.hex()}",
    )
