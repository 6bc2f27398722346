"""Fees, advances and refunds: entered by one person, in the ledger once another confirmed them, put right only by reversing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere, Refused, SameHands, SomebodyWasFirst
from cbi.payouts import facts_money as facts
from cbi.payouts import ledger, summing
from cbi.payouts.scope import Scope
from cbi.payouts.tables import LedgerEntry, LedgerPosting, LedgerSum, PostingKind
from cbi.payouts.tables_money import MoneyEntry, MoneyKind
from cbi.store.work import Reading, Work
from cbi.transfers.service import list_by_id
from cbi.transfers.tables import BudgetLine, Grant, PaymentList, Provider
from cbi.web.words import _
from reconciliation.ledger import HELD, Account
from reconciliation.money import Money

MOVES: dict[MoneyKind, tuple[Account, Account, PostingKind]] = {
    MoneyKind.FEE: (Account.PROVIDER, Account.FEES, PostingKind.FEE),
    MoneyKind.ADVANCE: (Account.ADVANCE, Account.FLOAT, PostingKind.ADVANCE),
    MoneyKind.GIVEN_BACK: (Account.FLOAT, Account.ADVANCE, PostingKind.REFUND),
    MoneyKind.TO_DONOR: (Account.ADVANCE, Account.DONOR, PostingKind.REFUND),
}
"""From which account to which each kind moves money, and what its posting is called."""


@dataclass(frozen=True, slots=True)
class NewMoney:
    """Money as typed. day: when it moved, by the document; document: its number, never a person's name or account."""

    kind: MoneyKind
    provider_id: UUID | None
    list_id: UUID | None
    budget_line_id: UUID
    amount: Money
    day: date
    document: str


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """One entry as a page shows it. reversed: whether another takes it back or waits to."""

    entry: MoneyEntry
    provider: str
    list: str
    line: str
    grant: str
    reversed: bool

    @property
    def waits(self) -> bool:
        """Whether nobody has confirmed or dropped it yet."""
        return self.entry.posting_id is None and self.entry.dropped_at is None


def enter(work: Work, new: NewMoney) -> UUID:
    """Note money that moved; it counts once somebody else confirms it. Returns its id.

    Raises Refused for a day to come, for money of nobody, or for more than a provider holds; NotThere for what does not exist.
    """
    _check(work, new)
    return _add(work, new).id


def reverse(work: Work, entry_id: UUID) -> UUID:
    """Ask for an entry in the ledger to be taken back; it happens once somebody else confirms it. Returns the new entry's id."""
    old = entry_by_id(work, entry_id)
    if old.posting_id is None or old.reverses_id is not None:
        raise Refused(_("choose an entry that is in the ledger, and is not itself taking another back"))
    if work.session.exec(select(MoneyEntry.id).where(MoneyEntry.reverses_id == old.id, col(MoneyEntry.dropped_at).is_(None))).first():
        raise SomebodyWasFirst(_("look at the list again: this entry is taken back already, or waits to be"))
    again = NewMoney(
        old.kind, old.provider_id, old.list_id, old.budget_line_id, Money(old.amount_minor, old.currency), old.day, old.document
    )
    return _add(work, again, reverses=old).id


def confirm(work: Work, entry_id: UUID) -> UUID:
    """Put an entry into the ledger; returns the posting's id. Raises SameHands for the person who entered it, Refused when it no longer fits."""
    entry = _waiting(work, entry_id)
    if entry.entered_by == work.actor.id:
        raise SameHands(_("ask somebody else to confirm this: you entered it"))
    if entry.reverses_id is not None:
        old = entry_by_id(work, entry.reverses_id)
        assert old.posting_id is not None
        posting = ledger.enter_reversal(work, work.session.get_one(LedgerPosting, old.posting_id))
    else:
        _enough(work, entry.kind, entry.provider_id, Money(entry.amount_minor, entry.currency))
        posting = _post(work, entry)
    entry.confirmed_by, entry.confirmed_at, entry.posting_id = work.actor.id, work.now, posting.id
    work.add(entry)
    work.remember(facts.MoneyConfirmed(entry_id=entry.id, posting_id=posting.id, amount_minor=entry.amount_minor, currency=entry.currency))
    return posting.id


def drop(work: Work, entry_id: UUID) -> None:
    """Take an entry away that nobody confirmed yet."""
    entry = _waiting(work, entry_id)
    entry.dropped_by, entry.dropped_at = work.actor.id, work.now
    work.add(entry)
    work.remember(facts.MoneyDropped(entry_id=entry.id))


def entry_by_id(reading: Reading, entry_id: UUID) -> MoneyEntry:
    """One entry. Raises NotThere."""
    found = reading.session.get(MoneyEntry, entry_id)
    if found is None:
        raise NotThere
    return found


def rows(reading: Reading, *, limit: int, offset: int, kind: str = "", state: str = "") -> tuple[list[MoneyRow], int]:
    """Entries, the newest first, and how many there are. state: "waiting", "entered" or "dropped"."""
    where = _where(kind, state)
    total = reading.session.connection().execute(sa.select(sa.func.count()).select_from(MoneyEntry).where(*where)).scalar_one()
    taken = sa.select(col(MoneyEntry.reverses_id)).where(col(MoneyEntry.reverses_id).is_not(None), col(MoneyEntry.dropped_at).is_(None))
    query: Any = (
        sa.select(
            MoneyEntry,
            col(Provider.name).label("provider"),
            col(PaymentList.reference).label("list"),
            col(BudgetLine.code).label("line"),
            col(Grant.code).label("grant"),
            col(MoneyEntry.id).in_(taken).label("reversed"),
        )
        .join(BudgetLine, col(BudgetLine.id) == col(MoneyEntry.budget_line_id))
        .join(Grant, col(Grant.id) == col(BudgetLine.grant_id))
        .outerjoin(Provider, col(Provider.id) == col(MoneyEntry.provider_id))
        .outerjoin(PaymentList, col(PaymentList.id) == col(MoneyEntry.list_id))
        .where(*where)
        .order_by(col(MoneyEntry.entered_at).desc(), col(MoneyEntry.id))
        .limit(limit)
        .offset(offset)
    )
    return [
        MoneyRow(row.MoneyEntry, row.provider or "", row.list or "", row.line, row.grant, bool(row.reversed))
        for row in reading.session.execute(query)
    ], int(total)


def waiting(reading: Reading) -> int:
    """How many entries wait for a second person."""
    query = sa.select(sa.func.count()).select_from(MoneyEntry).where(*_where("", "waiting"))
    return int(reading.session.connection().execute(query).scalar_one())


def holdings(reading: Reading, *, zone: str = "UTC", provider_id: UUID | None = None) -> dict[UUID, dict[str, int]]:
    """What each provider holds of our money, by currency: negative when we owe it."""
    scope = Scope(zone, provider_id=provider_id)
    found = reading.session.connection().execute(
        sa.select(col(LedgerSum.provider_id), col(LedgerSum.currency), sa.func.sum(col(LedgerSum.minor)).label("minor"))
        .where(col(LedgerSum.provider_id).is_not(None), col(LedgerSum.account).in_(HELD), *scope.entries(LedgerSum))
        .group_by(col(LedgerSum.provider_id), col(LedgerSum.currency))
        .order_by(col(LedgerSum.provider_id), col(LedgerSum.currency))
    )
    held: dict[UUID, dict[str, int]] = {}
    for row in found:
        held.setdefault(row.provider_id, {})[row.currency] = int(row.minor)
    return held


def _where(kind: str, state: str) -> Sequence[sa.ColumnElement[bool]]:
    where = [col(MoneyEntry.kind) == MoneyKind(kind)] if kind in set(MoneyKind) else []
    states = {
        "waiting": (col(MoneyEntry.posting_id).is_(None), col(MoneyEntry.dropped_at).is_(None)),
        "entered": (col(MoneyEntry.posting_id).is_not(None),),
        "dropped": (col(MoneyEntry.dropped_at).is_not(None),),
    }
    return [*where, *states.get(state, ())]


def _check(work: Work, new: NewMoney) -> None:
    if work.session.get(BudgetLine, new.budget_line_id) is None:
        raise NotThere
    if new.day > work.today:
        raise Refused(_("enter the day the money moved; it cannot be later than today"))
    if (new.provider_id is None) is not (new.kind is MoneyKind.TO_DONOR):
        raise Refused(_("choose the provider, or none for money that goes back to the donor"))
    if new.provider_id is not None and work.session.get(Provider, new.provider_id) is None:
        raise NotThere
    if new.list_id is not None and list_by_id(work, new.list_id).provider_id != new.provider_id:
        raise Refused(_("choose a list of this provider, or none"))
    _enough(work, new.kind, new.provider_id, new.amount)


def _enough(work: Work, kind: MoneyKind, provider_id: UUID | None, amount: Money) -> None:
    """A provider cannot give back more than it holds."""
    if kind is not MoneyKind.GIVEN_BACK or provider_id is None:
        return
    there = holdings(work, provider_id=provider_id).get(provider_id, {}).get(amount.currency, 0)
    if amount.minor > there:
        raise Refused(
            _("enter at most %(held)s: that is what this provider holds of our money", held=str(Money(max(0, there), amount.currency)))
        )


def _add(work: Work, new: NewMoney, reverses: MoneyEntry | None = None) -> MoneyEntry:
    if work.actor.id is None:
        raise Refused(_("sign in: an entry needs a named person"))
    entry = MoneyEntry(
        id=work.new_id("money"),
        operation_id=work.operation_id,
        kind=new.kind,
        provider_id=new.provider_id,
        list_id=new.list_id,
        budget_line_id=new.budget_line_id,
        amount_minor=new.amount.minor,
        currency=new.amount.currency,
        day=new.day,
        document=new.document.strip(),
        reverses_id=reverses.id if reverses else None,
        entered_by=work.actor.id,
        entered_at=work.now,
    )
    work.add(entry)
    work.remember(
        facts.MoneyEntered(
            entry_id=entry.id,
            money=new.kind.value,
            provider_id=new.provider_id,
            list_id=new.list_id,
            budget_line_id=new.budget_line_id,
            amount_minor=new.amount.minor,
            currency=new.amount.currency,
            day=new.day,
            document=entry.document,
            reverses_id=entry.reverses_id,
        )
    )
    return entry


def _waiting(work: Work, entry_id: UUID) -> MoneyEntry:
    entry = work.session.get(MoneyEntry, entry_id, with_for_update=True, populate_existing=True)
    if entry is None:
        raise NotThere
    if entry.posting_id is not None or entry.dropped_at is not None:
        raise SomebodyWasFirst(_("look at the list again: this entry is confirmed or dropped already"))
    if entry.provider_id is not None:
        work.session.get_one(Provider, entry.provider_id, with_for_update=True)
    return entry


def _post(work: Work, entry: MoneyEntry) -> LedgerPosting:
    source, target, kind = MOVES[entry.kind]
    posting = ledger.new_posting(work, kind, list_id=entry.list_id)
    line = work.session.get_one(BudgetLine, entry.budget_line_id)
    cycle_id = list_by_id(work, entry.list_id).cycle_id if entry.list_id else None
    for account, sign in ((source, -1), (target, 1)):
        work.add(
            LedgerEntry(
                id=work.new_id("ledger"),
                operation_id=work.operation_id,
                posting_id=posting.id,
                account=account,
                minor=sign * entry.amount_minor,
                currency=entry.currency,
                list_id=entry.list_id,
                cycle_id=cycle_id,
                grant_id=line.grant_id,
                budget_line_id=line.id,
                provider_id=entry.provider_id,
            )
        )
    work.session.flush()
    summing.check(work, posting.id)
    return posting
