"""Appeals: a household asks to have its result looked at again, and somebody who neither wrote nor applied the rule answers with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere, Refused, SameHands, SomebodyWasFirst
from cbi.people.story import tell
from cbi.people.tables import EventKind, Household
from cbi.sites.tables import Site
from cbi.store.work import Reading, Work
from cbi.transfers import enrolment
from cbi.transfers import facts_enrolment as facts
from cbi.transfers.tables import Programme
from cbi.transfers.tables_enrolment import Appeal, AppealStatus, Enrolment, EnrolmentRule, EnrolmentRun, EnrolmentState
from cbi.web.listing import Listing, ListingArgs
from cbi.web.words import _


@dataclass(frozen=True, slots=True)
class AppealRow:
    """An appeal as a list shows it: no names."""

    appeal: Appeal
    number: str
    site_name: str
    programme_code: str


def ask(work: Work, programme_id: UUID, household_id: UUID, said: str) -> UUID:
    """Write down that a household asks to have its result looked at again.

    Raises Refused when it has no result, is enrolled, or is only waited for; one that was refused before may ask again.
    """
    run = enrolment.current(work, programme_id)
    result = None if run is None else result_of(work, run, household_id)
    if run is None or result is None:
        raise Refused(_("wait until the rule was looked at with this household: it has no result yet"))
    if result.state is not EnrolmentState.NOT_ELIGIBLE:
        raise Refused(_("look at the result again: the rule does not leave this household out"))
    if (before := _standing(work, programme_id, household_id)) is not None:
        raise SomebodyWasFirst(_answered_words(before))
    row = Appeal(
        id=work.new_id("appeals"),
        operation_id=work.operation_id,
        programme_id=programme_id,
        household_id=household_id,
        run_id=run.id,
        said=b"",
        asked_by=work.actor.id or UUID(int=0),
        asked_at=work.now,
    )
    work.seal(row, "said", said)
    work.add(row)
    tell(work, household_id, EventKind.APPEALED)
    work.remember(facts.AppealAsked(appeal_id=row.id, household_id=household_id, run_id=run.id))
    return row.id


def decide(work: Work, appeal_id: UUID, *, allowed: bool, answer: str) -> None:
    """Answer an appeal with a reason; one that is allowed enrols the household as a named exception.

    Raises SomebodyWasFirst when it was answered, SameHands for whoever wrote it down, wrote the rule or applied it.
    """
    row = work.session.get(Appeal, appeal_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotThere
    if row.status is not AppealStatus.OPEN:
        raise SomebodyWasFirst(_("look at the appeal again: it is answered already"))
    if (why := barred(work, row, work.actor.id)) is not None:
        raise SameHands(why)
    row.status = AppealStatus.ALLOWED if allowed else AppealStatus.REFUSED
    row.decided_by, row.decided_at = work.actor.id, work.now
    work.seal(row, "answer", answer)
    work.add(row)
    tell(work, row.household_id, EventKind.APPEALED, row.status.value)
    work.remember(facts.AppealDecided(appeal_id=row.id, household_id=row.household_id, allowed=allowed))
    work.session.flush()
    enrolment.set_statuses(work)


def barred(reading: Reading, row: Appeal, person_id: UUID | None) -> str | None:
    """Why this person may not answer this appeal, as what they need to do; None when they may."""
    run = reading.session.get_one(EnrolmentRun, row.run_id)
    written_by = reading.session.get_one(EnrolmentRule, run.rule_id).written_by
    if person_id is None or person_id == row.asked_by:
        return _("let somebody else answer: you wrote this appeal down")
    if person_id in {written_by, run.applied_by}:
        return _("let somebody else answer: you wrote or applied the rule it is about")
    return None


def appeal_by_id(reading: Reading, appeal_id: UUID) -> Appeal:
    """One appeal. Raises NotThere, also for that of a household that is hidden."""
    found = reading.session.get(Appeal, appeal_id)
    if found is None or is_hidden(reading, found.household_id):
        raise NotThere
    return found


def appeals(reading: Reading, args: ListingArgs) -> Listing[AppealRow]:
    """One page of appeals, open ones unless another state is asked for, the oldest first."""
    asked = args.filter("status")
    status = AppealStatus(asked) if asked in set(AppealStatus) else AppealStatus.OPEN
    fits = sa.and_(col(Appeal.status) == status, col(Household.restricted_on).is_(None))
    here = sa.join(Appeal, Household, col(Household.id) == col(Appeal.household_id))
    total = reading.session.exec(select(sa.func.count()).select_from(here).where(fits)).one()
    args = args.within(total)
    key = col(Household.number) if args.sort == "number" else col(Appeal.asked_at)
    query = (
        select(Appeal, Household.number, Site.name, Programme.code)
        .join(Household, col(Household.id) == col(Appeal.household_id))
        .join(Site, col(Site.id) == col(Household.site_id))
        .join(Programme, col(Programme.id) == col(Appeal.programme_id))
        .where(fits)
        .order_by(key.desc() if args.descending else key, col(Appeal.id))
    )
    rows = reading.session.exec(query.limit(args.size).offset(args.offset))
    return Listing([AppealRow(row, number, site, code) for row, number, site, code in rows], total, args)


def open_count(reading: Reading, *, may_answer: UUID | None = None) -> int:
    """How many appeals wait for an answer. may_answer: only those this person may answer, as `barred` says it."""
    query = (
        select(sa.func.count())
        .select_from(Appeal)
        .join(EnrolmentRun, col(EnrolmentRun.id) == col(Appeal.run_id))
        .join(EnrolmentRule, col(EnrolmentRule.id) == col(EnrolmentRun.rule_id))
        .join(Household, col(Household.id) == col(Appeal.household_id))
        .where(col(Appeal.status) == AppealStatus.OPEN, col(Household.restricted_on).is_(None))
    )
    if may_answer is not None:
        hands = (col(Appeal.asked_by), col(EnrolmentRule.written_by), col(EnrolmentRun.applied_by))
        query = query.where(*(hand != may_answer for hand in hands))
    return reading.session.exec(query).one()


def appeals_of(reading: Reading, household_id: UUID) -> Sequence[Appeal]:
    """All that a household asked, the newest first."""
    return reading.session.exec(select(Appeal).where(col(Appeal.household_id) == household_id).order_by(col(Appeal.asked_at).desc())).all()


def is_hidden(reading: Reading, household_id: UUID) -> bool:
    """Whether no page may show the household: it is hidden, erased, or not there."""
    found = reading.session.get(Household, household_id)
    return found is None or found.restricted_on is not None


def result_of(reading: Reading, run: EnrolmentRun, household_id: UUID) -> Enrolment | None:
    """A household's result in a run; None when the run did not look at it."""
    return reading.session.exec(
        select(Enrolment).where(col(Enrolment.run_id) == run.id, col(Enrolment.household_id) == household_id)
    ).first()


def _standing(reading: Reading, programme_id: UUID, household_id: UUID) -> Appeal | None:
    """An appeal that is open, or was allowed."""
    here = (col(Appeal.programme_id) == programme_id, col(Appeal.household_id) == household_id, col(Appeal.status) != AppealStatus.REFUSED)
    return reading.session.exec(select(Appeal).where(*here)).first()


def _answered_words(before: Appeal) -> str:
    if before.status is AppealStatus.OPEN:
        return _("wait for the answer: this household has asked already")
    return _("look at the household again: its appeal was allowed, it is enrolled")
