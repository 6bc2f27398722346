"""Erasing a household: its key is destroyed, so that nothing sealed about it can ever be read again; counts and money stay.

While its records must be kept it is hidden instead: no page shows it, nothing finds it, and it is erased as soon as nothing stands in the way.
"""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere
from cbi.people import above, traces
from cbi.people.facts import HouseholdErased
from cbi.people.facts_lives import ErasureDone, HouseholdRestricted
from cbi.people.tables import Account, Consent, Document, Household, HouseholdStatus, Likeness, LikenessDecision, Phone, SearchToken
from cbi.people.tables_alike import LikenessPair
from cbi.people.tables_lives import ChangeKind, ErasureRequest, HouseholdChange, RefusedCard
from cbi.store.bases import OfficeTable
from cbi.store.work import Reading, Work

FOUND_BY = (SearchToken, Document, Phone, Account, RefusedCard)
PAIRS: tuple[type[LikenessPair | LikenessDecision], ...] = (LikenessPair, LikenessDecision)
"""What sets two households side by side."""


def erase(work: Work, household_id: UUID) -> tuple[UUID, ...]:
    """Destroy the household's key and everything it could be found by. Whether it may be erased, the caller has asked. Idempotent.

    Entries that were closed in its favour are about the same people and go with it; returns every household that was erased.
    Rows stay without a name: how many people lived there, what was promised and paid.  Raises NotThere.
    """
    if work.session.get(Household, household_id) is None:
        raise NotThere
    gone = (household_id, *same_people(work, household_id))
    for one in gone:
        _erase_one(work, one)
    return gone


def restrict(work: Work, household_id: UUID) -> None:
    """Hide a household that may not be erased yet: nothing finds it and no page shows it, nor what others kept of its people.

    What it was paid by stays readable for the audit.
    """
    for one in (household_id, *same_people(work, household_id)):
        household = work.session.get_one(Household, one)
        work.remember(HouseholdRestricted(household_id=one))
        _unfind(work, household)
        household.consent = Consent.DECLINES
        household.restricted_on = household.restricted_on or work.today
        work.session.add(household)
        work.session.flush()
        traces.empty(work, [one])
    above.follow(work, household_id)


def is_erased(work: Work, household_id: UUID) -> bool:
    """Whether nothing of the household can be read any more: its key is gone and nothing finds it."""
    return work.was_erased(household_id) and not any(left_to_find(work, household_id).values())


def left_to_find(reading: Reading, household_id: UUID) -> dict[str, int]:
    """By how many rows of each kind a household could be found."""
    about: dict[type[OfficeTable], sa.ColumnElement[bool]] = {table: col(table.household_id) == household_id for table in FOUND_BY}
    about |= {table: _either(table, household_id) for table in PAIRS}
    counted = {table: sa.select(sa.func.count()).select_from(table).where(mine) for table, mine in about.items()}
    run = reading.session.connection().execute
    return {str(table.__tablename__): int(run(count).scalar_one()) for table, count in counted.items()}


def _either(table: type[LikenessPair | LikenessDecision], household_id: UUID) -> sa.ColumnElement[bool]:
    return sa.or_(col(table.low_id) == household_id, col(table.high_id) == household_id)


def same_people(reading: Reading, household_id: UUID) -> tuple[UUID, ...]:
    """Entries that were closed because their people belong to this household: joined to it, or registered twice; and those closed into them."""
    found: list[UUID] = []
    waiting = [household_id]
    while waiting:
        closed = _closed_into(reading, waiting.pop()) - {household_id, *found}
        found += sorted(closed)
        waiting += sorted(closed)
    return tuple(found)


def _closed_into(reading: Reading, household_id: UUID) -> set[UUID]:
    joined = select(HouseholdChange.other_id).where(
        HouseholdChange.household_id == household_id, HouseholdChange.kind == ChangeKind.JOINED, col(HouseholdChange.undone_at).is_(None)
    )
    decided = select(LikenessDecision.low_id, LikenessDecision.high_id).where(
        LikenessDecision.answer == Likeness.SAME,
        sa.or_(col(LikenessDecision.low_id) == household_id, col(LikenessDecision.high_id) == household_id),
    )
    twice = {high if low == household_id else low for low, high in reading.session.exec(decided)}
    merged = select(Household.id).where(col(Household.id).in_(twice), Household.status == HouseholdStatus.MERGED)
    return {one for one in reading.session.exec(joined) if one} | set(reading.session.exec(merged))


def _erase_one(work: Work, household_id: UUID) -> None:
    household = work.session.get_one(Household, household_id)
    work.remember(HouseholdErased(household_id=household_id))
    _unfind(work, household)
    household.restricted_on = household.restricted_on or work.today
    household.source_key = None
    work.session.add(household)
    work.session.flush()
    _forget_changes(work, household_id)
    _forget_decisions(work, household_id)
    work.vault.destroy(work.session, household_id, at=work.now)
    work.session.flush()
    for floor in above.stands_above:
        floor.erased(work, household_id)


def _unfind(work: Work, household: Household) -> None:
    """Take away everything it could be found by, and whoever it named. An entry that was closed stays closed."""
    for table in FOUND_BY:
        work.bulk(table, sa.delete(table).where(col(table.household_id) == household.id))
    work.bulk(LikenessPair, sa.delete(LikenessPair).where(_either(LikenessPair, household.id)))
    if household.status is not HouseholdStatus.MERGED:
        household.status = HouseholdStatus.WITHDRAWN
    household.recipient_id = household.alternate_id = None
    work.session.add(household)
    work.session.flush()


def _forget_decisions(work: Work, household_id: UUID) -> None:
    """What was answered about it and another. Only now: while it is hidden they say which closed entries are the same people and go too."""
    work.bulk(LikenessDecision, sa.delete(LikenessDecision).where(_either(LikenessDecision, household_id)))


def _forget_changes(work: Work, household_id: UUID) -> None:
    """What any household kept of its people as they were goes with them, and requests are done."""
    traces.empty(work, [household_id])
    request = ErasureRequest
    asked = (col(request.household_id) == household_id, col(request.agreed_at).is_not(None), col(request.done_at).is_(None))
    work.bulk(request, sa.update(request).where(*asked, col(request.ended_at).is_(None)).values(done_at=work.now))
    work.remember(ErasureDone(household_id=household_id))
