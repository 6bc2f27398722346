"""What ends on the clock for people: who took their consent back, who asked to be forgotten and had to wait, and rows of imports nobody corrected."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.people import above, imports_kept
from cbi.people.erasing import what_stands_in_the_way
from cbi.people.erasure import erase, restrict
from cbi.people.tables import Household, HouseholdStatus, Import
from cbi.people.tables_lives import ErasureRequest
from cbi.store.records import Records
from cbi.store.work import Actor, Reading

WITHDRAWN_DAYS = 30
"""So long somebody who took their consent back may give it again without being registered anew."""
ROWS_DAYS = 90
"""So long rows of an import that need somebody wait for their correction."""
_AT_ONCE = 50


def run(records: Records) -> None:
    """Do what is due now, one household or file a commit. Safe to run again at any moment and from anywhere."""
    for household_id in due(records):
        _end(records, household_id)
    for import_id in _old_rows(records):
        with records.work(Actor()) as work:
            imports_kept.set_aside(work, import_id)


def due(records: Records, leeway: timedelta = timedelta()) -> list[UUID]:
    """Households whose time, and the leeway, is over: still to be erased or to be hidden; some at a time."""
    with records.read() as reading:
        can_end = (one for one, hidden in _ended(reading, leeway) if not hidden or not what_stands_in_the_way(reading, one))
        return list(islice(can_end, _AT_ONCE))


def _ended(reading: Reading, leeway: timedelta) -> list[tuple[UUID, bool]]:
    """Who took their consent back so long ago, or has somebody's agreement to be forgotten, and whose key is still there; and whether it is hidden.

    Without those who are hidden and sure to be kept: there is nothing to do for them, however many they are.
    """
    key, request = reading.system.subject_key, ErasureRequest
    before = reading.today - timedelta(days=WITHDRAWN_DAYS) - leeway
    agreed = sa.select(col(request.household_id)).where(
        col(request.agreed_at) <= reading.now - leeway, col(request.done_at).is_(None), col(request.ended_at).is_(None)
    )
    long_ago = sa.and_(col(Household.status) == HouseholdStatus.WITHDRAWN, col(Household.consent_on) <= before)
    hidden = col(Household.restricted_on).is_not(None)
    free = sa.and_(sa.true(), *(col(Household.id).not_in(kept) for kept in above.hindered(reading)))
    found = (
        sa.select(col(Household.id), hidden)
        .join(key, col(key.id) == col(Household.id))
        .where(col(Household.operation_id) == reading.operation_id, col(key.wrapped).is_not(None))
        .where(sa.or_(long_ago, col(Household.id).in_(agreed)))
        .where(sa.or_(sa.not_(hidden), free))
        .order_by(col(Household.consent_on), col(Household.id))
    )
    return [(household_id, bool(is_hidden)) for household_id, is_hidden in reading.session.connection().execute(found)]


def _end(records: Records, household_id: UUID) -> None:
    with records.work(Actor()) as work:
        if work.was_erased(household_id):
            return
        if what_stands_in_the_way(work, household_id):
            restrict(work, household_id)
        else:
            erase(work, household_id)


def _old_rows(records: Records) -> list[UUID]:
    with records.read() as reading:
        before = reading.now - timedelta(days=ROWS_DAYS)
        old = sa.select(col(Import.id)).where(
            col(Import.operation_id) == reading.operation_id, col(Import.back) > 0, col(Import.made_at) < before
        )
        return list(reading.session.connection().execute(old.order_by(col(Import.id)).limit(_AT_ONCE)).scalars())
