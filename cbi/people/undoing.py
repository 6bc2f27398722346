"""Taking a change of a household's life back, exactly, while nothing was built upon it; and the second person's word on who is paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from cbi.errors import Refused, SomebodyWasFirst
from cbi.people import above, kept_rows
from cbi.people import facts_lives as facts
from cbi.people.correction import find_household
from cbi.people.history import change_of, changes_of
from cbi.people.tables import Account, Document, Household, HouseholdEvent, HouseholdStatus, Member, Phone, SearchToken
from cbi.people.tables_lives import ChangeKind, HouseholdChange, RefusedCard
from cbi.store.work import Reading, Work
from cbi.web.words import _

_LEFT_BY_A_SPLIT = (SearchToken, Document, Phone, Account, HouseholdEvent)


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """A change by which somebody else is paid, that nobody confirmed yet."""

    change: HouseholdChange
    number: str


@dataclass(frozen=True, slots=True)
class Beside:
    """Where a change stands that was written down for the other household. newer: how many stand above it there."""

    household_id: UUID
    number: str
    newer: int


def to_confirm(reading: Reading) -> list[ToConfirm]:
    """Every one of them, the oldest first; none of a household that is hidden."""
    change = HouseholdChange
    rows = (
        select(change, col(Household.number))
        .join(Household, col(Household.id) == col(change.household_id))
        .where(change.operation_id == reading.operation_id, col(Household.restricted_on).is_(None))
        .where(sa.or_(col(change.payee), col(change.other_payee)), col(change.confirmed_by).is_(None), col(change.undone_at).is_(None))
    )
    return [ToConfirm(row, number) for row, number in reading.session.exec(rows.order_by(col(change.at), col(change.id)))]


def unconfirmed(reading: Reading, household_id: UUID) -> bool:
    """Whether somebody else is paid for this household since a change that nobody confirmed yet."""
    change = HouseholdChange
    mine = sa.or_(
        sa.and_(col(change.household_id) == household_id, col(change.payee)),
        sa.and_(col(change.other_id) == household_id, col(change.other_payee)),
    )
    found = select(change.id).where(mine, col(change.confirmed_by).is_(None), col(change.undone_at).is_(None))
    return reading.session.exec(found.limit(1)).first() is not None


def why_not(reading: Reading, change: HouseholdChange) -> str | None:
    """Why a change cannot be taken back, finishing "You need to …"; None when it can."""
    return reasons(reading, [change])[change.id]


def reasons(reading: Reading, changes: Sequence[HouseholdChange]) -> dict[UUID, str | None]:
    """For each of these changes why it cannot be taken back; their households are read once for all."""
    homes = _homes(reading, changes)
    return {change.id: _refusal(reading, change, homes) for change in changes}


def beside(reading: Reading, change: HouseholdChange) -> Beside | None:
    """Where whoever came from the other household of a change takes it back; None when that household may not be shown. Whether it can be taken back is asked before."""
    household = reading.session.get(Household, change.household_id)
    if household is None or household.restricted_on or reading.was_erased(household.id):
        return None
    return Beside(household.id, household.number, [one.id for one in changes_of(reading, household.id)].index(change.id))


def undo(work: Work, change_id: UUID) -> HouseholdChange:
    """Make everything as it was before a change; the change stays in the history, as taken back. Raises Refused, NotThere."""
    change = change_of(work, change_id)
    household = find_household(work, change.household_id)
    _check(work, change, _homes(work, [change]))
    kept = kept_rows.from_text(work.open(change, "before"))
    for floor in above.stands_above:
        floor.undone(work, change)
    for card in work.session.exec(select(RefusedCard).where(RefusedCard.change_id == change.id)).all():
        work.session.delete(card)
    work.session.flush()
    kept_rows.put_back(work, kept)
    other = work.session.get(Household, change.other_id) if change.other_id else None
    change.undone_by, change.undone_at = work.actor.id or UUID(int=0), work.now
    work.session.add(change)
    fact = facts.ChangeUndone(household_id=household.id, change_id=change.id, what=change.kind.value, other_id=change.other_id)
    work.remember(fact)
    _one_further(work, household, change.version_before)
    if other is not None and change.kind is ChangeKind.JOINED:
        other.status = HouseholdStatus(change.detail.split()[-1])
        _one_further(work, other, change.other_before)
    elif other is not None:
        _remove(work, other)
    above.follow(work, household.id, *([other.id] if other and change.kind is ChangeKind.JOINED else []))
    return change


def confirm_payee(work: Work, change_id: UUID) -> HouseholdChange:
    """A second person says that who is paid since a change is right. Raises Refused for who made the change."""
    change = _locked(work, change_id)
    if not (change.payee or change.other_payee) or change.undone_at or change.confirmed_by:
        raise SomebodyWasFirst(_("read the household again: nothing waits to be confirmed"))
    if change.made_by == work.actor.id or work.actor.id is None:
        raise Refused(_("leave this to somebody else: you wrote the change down"))
    change.confirmed_by, change.confirmed_at = work.actor.id, work.now
    work.session.add(change)
    work.remember(facts.PayeeConfirmed(household_id=change.household_id, change_id=change.id))
    return change


def _locked(work: Work, change_id: UUID) -> HouseholdChange:
    """A change as whoever held it last left it; nobody else confirms it before this work ends. Raises NotThere."""
    change = change_of(work, change_id)
    work.session.refresh(change, with_for_update=True)
    return change


def _homes(reading: Reading, changes: Sequence[HouseholdChange]) -> dict[UUID, Household]:
    """The households these changes are about."""
    both = {one for change in changes for one in (change.household_id, change.other_id)}
    return {one.id: one for one in reading.session.exec(select(Household).where(col(Household.id).in_(both - {None})))}


def _refusal(reading: Reading, change: HouseholdChange, homes: Mapping[UUID, Household]) -> str | None:
    try:
        _check(reading, change, homes)
    except Refused as refusal:
        return refusal.fix
    return None


def _check(reading: Reading, change: HouseholdChange, homes: Mapping[UUID, Household]) -> None:
    if change.undone_at is not None or change.kind is ChangeKind.CORRECTED:
        raise SomebodyWasFirst(_("read the household again: this is taken back already, or was a correction"))
    if change.before is None:
        raise Refused(_("write down a new change: what was before is not kept any more"))
    household = homes.get(change.household_id)
    other = homes.get(change.other_id) if change.other_id else None
    now = (household.version if household else 0, other.version if other else 0)
    then = (change.version, change.other_version)
    if now != then:
        raise Refused(_("take newer changes back first, or write down a new one: something was changed since"))
    for floor in above.everyone():
        floor.refuse_undo(reading, change)


def _one_further(work: Work, household: Household, before: int) -> None:
    """Raise the version, so that forms drawn earlier are told; the change before this one is the newest again, and can be taken back next."""
    household.version += 1
    work.session.add(household)
    work.session.flush()
    mine = col(HouseholdChange.undone_at).is_(None)
    for row in work.session.exec(
        select(HouseholdChange).where(HouseholdChange.household_id == household.id, HouseholdChange.version == before, mine)
    ).all():
        row.version = household.version
        work.session.add(row)
    for row in work.session.exec(
        select(HouseholdChange).where(HouseholdChange.other_id == household.id, HouseholdChange.other_version == before, mine)
    ).all():
        row.other_version = household.version
        work.session.add(row)
    work.session.flush()


def _remove(work: Work, made: Household) -> None:
    """Take away the household that a split had made; its key is destroyed, so that whoever reads by it lets go of it too."""
    household_id = made.id
    try:
        for table in _LEFT_BY_A_SPLIT:
            work.bulk(table, sa.delete(table).where(col(table.household_id) == household_id))
        assert not work.session.exec(select(Member.id).where(Member.household_id == household_id)).first()
        work.session.delete(made)
        work.session.flush()
    except IntegrityError as problem:
        raise Refused(_("join the two households instead: something was entered for the new one since")) from problem
    work.vault.destroy(work.session, household_id, at=work.now)
