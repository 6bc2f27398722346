"""Erasing a household: its key is destroyed, so that nothing sealed about it can ever be read again; counts and money stay."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.errors import NotThere
from cbi.people.facts import HouseholdErased
from cbi.people.tables import Account, Document, Household, HouseholdStatus, Phone, SearchToken
from cbi.store.work import Work

_FOUND_BY = (SearchToken, Document, Phone, Account)


def erase(work: Work, household_id: UUID) -> None:
    """Destroy the household's key and everything it could be found by. Whether it may be erased, the caller has asked. Idempotent.

    Rows stay without a name: how many people lived there, what was promised and paid.  Raises NotThere.
    """
    household = work.session.get(Household, household_id)
    if household is None:
        raise NotThere
    work.remember(HouseholdErased(household_id=household_id))
    for table in _FOUND_BY:
        work.bulk(table, sa.delete(table).where(col(table.household_id) == household_id))
    household.status, household.recipient_id, household.alternate_id = HouseholdStatus.WITHDRAWN, None, None
    work.add(household)
    work.vault.destroy(work.session, household_id, at=work.now)


def is_erased(work: Work, household_id: UUID) -> bool:
    """Whether nothing of the household can be read any more: its key is gone and nothing finds it."""
    key = work.session.get(work.system.subject_key, household_id)
    left = [
        work.session.connection()
        .execute(sa.select(sa.func.count()).select_from(table).where(col(table.household_id) == household_id))
        .scalar_one()
        for table in _FOUND_BY
    ]
    return key is not None and key.wrapped is None and not any(left)
