"""Who is due something in a cycle, and why each other household is not. A household is never left out in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.people.tables import Account, Consent, Household, HouseholdStatus
from cbi.store.work import Reading
from cbi.transfers import enrolment, wishes
from cbi.transfers.receiving import NEEDED_ACCOUNT
from cbi.transfers.tables import LeftOutReason, ProgrammeSite, Provider
from cbi.transfers.tables_enrolment import EnrolmentRun

_NEVER = frozenset({LeftOutReason.MERGED, LeftOutReason.WITHDRAWN, LeftOutReason.CONSENT})


@dataclass(frozen=True, slots=True)
class Judged:
    """A household of the programme's sites. reason: why it is due nothing; None when it is due something."""

    household_id: UUID
    members: int
    reason: LeftOutReason | None


def judge(reading: Reading, programme_id: UUID, run: EnrolmentRun | None = None, *, counted: Collection[UUID] = ()) -> list[Judged]:
    """Every household at the programme's sites, in registration order, each with its reason or none.

    run: who is enrolled; None without a rule.  counted: those whose people were counted elsewhere.
    """
    rows = [tuple(row) for row in reading.session.connection().execute(_query(programme_id))]
    in_doubt = [household_id for household_id, _, reason in rows if reason == LeftOutReason.ACCOUNT.value]
    paid_otherwise = _paid_without_account(reading, in_doubt)
    judged = [
        Judged(household_id, size, _reason(reason, paid_otherwise=household_id in paid_otherwise, counted=household_id in counted))
        for household_id, size, reason in rows
    ]
    return judged if run is None else _with_rule(judged, enrolment.enrolled_in(reading, run))


def _with_rule(judged: Sequence[Judged], enrolled: frozenset[UUID]) -> list[Judged]:
    """Not enrolled is said before what could be settled for whoever is: an account would help nobody then."""
    return [
        one if one.household_id in enrolled or one.reason in _NEVER else replace(one, reason=LeftOutReason.NOT_ENROLLED) for one in judged
    ]


def _reason(found: str | None, *, paid_otherwise: bool, counted: bool) -> LeftOutReason | None:
    if counted and found in (None, LeftOutReason.ACCOUNT.value):
        return LeftOutReason.COUNTED
    return LeftOutReason(found) if found and not paid_otherwise else None


def left_out_counts(judged: Sequence[Judged]) -> list[tuple[LeftOutReason, int]]:
    """How many households are left out, by reason, in the reasons' own order; only reasons that apply."""
    counted = Counter(one.reason for one in judged if one.reason)
    return [(reason, counted[reason]) for reason in LeftOutReason if counted[reason]]


def living_elsewhere(reading: Reading, programme_id: UUID) -> int:
    """How many registered households live at sites this programme does not work at."""
    here = sa.select(col(ProgrammeSite.site_id)).where(col(ProgrammeSite.programme_id) == programme_id)
    gone = (HouseholdStatus.WITHDRAWN, HouseholdStatus.MERGED)
    query = sa.select(sa.func.count()).select_from(Household).where(col(Household.site_id).not_in(here), col(Household.status).not_in(gone))
    return int(reading.session.connection().execute(query).scalar_one())


def _query(programme_id: UUID) -> sa.Select[Any]:  # Any: id, size and reason come as one row
    """One row per household: its id, its size, and the first reason that applies, most lasting first."""
    needed = sa.case(*((col(Provider.mechanism) == mechanism, kind.value) for mechanism, kind in NEEDED_ACCOUNT.items()), else_=None)
    reason = sa.case(
        (col(Household.status) == HouseholdStatus.MERGED, LeftOutReason.MERGED.value),
        (col(Household.status) == HouseholdStatus.WITHDRAWN, LeftOutReason.WITHDRAWN.value),
        (col(Household.consent) != Consent.AGREES, LeftOutReason.CONSENT.value),
        (col(Household.review).is_not(None), LeftOutReason.REVIEW.value),
        (sa.and_(needed.is_not(None), sa.func.coalesce(sa.cast(col(Account.kind), sa.String), "") != needed), LeftOutReason.ACCOUNT.value),
        else_=None,
    )
    return (
        sa.select(col(Household.id), col(Household.size), reason)
        .join(ProgrammeSite, col(ProgrammeSite.site_id) == col(Household.site_id))
        .join(Provider, col(Provider.id) == col(ProgrammeSite.provider_id))
        .outerjoin(Account, col(Account.household_id) == col(Household.id))
        .where(col(ProgrammeSite.programme_id) == programme_id)
        .order_by(col(Household.registered_at), col(Household.number), col(Household.id))
    )


def _paid_without_account(reading: Reading, household_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Those without an account who arranged to receive in a way that needs none."""
    arranged = wishes.of(reading, household_ids)
    return frozenset(
        household_id for household_id, wish in arranged.items() if wish.mechanism is not None and wish.mechanism not in NEEDED_ACCOUNT
    )
