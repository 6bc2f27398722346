"""Closing an entry in favour of another because a household was registered twice, and opening it again exactly as it was."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere, Refused
from cbi.people import above
from cbi.people import facts_alike as facts
from cbi.people.registered import open_household
from cbi.people.service import token_rows
from cbi.people.story import tell
from cbi.people.tables import EventKind, Household, HouseholdStatus, Likeness, LikenessDecision, ReviewReason, SearchToken
from cbi.people.tables_alike import HouseholdMerge
from cbi.store.work import Reading, Work
from cbi.web.words import _


def close(work: Work, household: Household, other: Household) -> None:
    """Close an entry: it stays as it was written, is found by no name any more, and nothing is paid to it. Raises Refused."""
    above.refuse_closing(work, household.id, other.id)
    work.add(
        HouseholdMerge(
            id=work.new_id("people"),
            operation_id=work.operation_id,
            household_id=household.id,
            into_id=other.id,
            status_before=household.status.value,
            review_before=household.review.value if household.review else None,
            merged_by=work.actor.id or UUID(int=0),
            merged_at=work.now,
        )
    )
    household.status, household.review = HouseholdStatus.MERGED, None
    work.session.add(household)
    work.bulk(SearchToken, sa.delete(SearchToken).where(col(SearchToken.household_id) == household.id))
    tell(work, household.id, EventKind.MERGED, other.number)
    work.remember(facts.EntryClosed(household_id=household.id, into_id=other.id))


def closing_of(reading: Reading, household_id: UUID) -> HouseholdMerge | None:
    """How an entry came to be closed, None when it is open or was closed for another reason."""
    rows = select(HouseholdMerge).where(
        HouseholdMerge.operation_id == reading.operation_id,
        HouseholdMerge.household_id == household_id,
        col(HouseholdMerge.undone_at).is_(None),
    )
    return reading.session.exec(rows.order_by(col(HouseholdMerge.merged_at).desc())).first()


def open_again(work: Work, household_id: UUID) -> UUID:
    """Make an entry that was closed by mistake what it was, to the letter; the pair is asked about again. Returns the other's id.

    Raises NotThere, Refused when it is open already.
    """
    household = work.session.get(Household, household_id, with_for_update=True)
    if household is None or household.operation_id != work.operation_id or work.was_erased(household_id):
        raise NotThere
    closing = closing_of(work, household_id)
    if closing is None or household.status is not HouseholdStatus.MERGED:
        raise Refused(_("go back to the household: it is open already"))
    household.status = HouseholdStatus(closing.status_before)
    household.review = ReviewReason(closing.review_before) if closing.review_before else None
    closing.undone_by, closing.undone_at = work.actor.id or UUID(int=0), work.now
    work.session.add(household)
    work.session.add(closing)
    _find_again(work, household)
    _ask_again(work, household_id, closing.into_id)
    if household.review is ReviewReason.DUPLICATE:
        tell(work, household_id, EventKind.REVIEW_OPENED, ReviewReason.DUPLICATE.value)
    work.remember(facts.EntryOpenedAgain(household_id=household_id, into_id=closing.into_id))
    return closing.into_id


def _find_again(work: Work, household: Household) -> None:
    """The keyed tokens of everybody in it, made anew from what is sealed."""
    kept = open_household(work, household.id)
    for member_id, member in zip(kept.member_ids, kept.told.members, strict=True):
        work.session.add_all(token_rows(work, household, member_id, member))


def _ask_again(work: Work, household_id: UUID, other_id: UUID) -> None:
    low, high = sorted((household_id, other_id))
    decision = work.session.exec(select(LikenessDecision).where(LikenessDecision.low_id == low, LikenessDecision.high_id == high)).first()
    if decision is not None:
        decision.answer, decision.decided_by, decision.decided_at = Likeness.CANNOT_TELL, work.actor.id or UUID(int=0), work.now
        work.session.add(decision)
