"""A run beside what is so now: counts side by side, and every household that would enter, leave or be due another amount."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.people.tables import Household, PopulationGroup
from cbi.sites.tables import Site
from cbi.store.work import Reading
from cbi.transfers import enrolment, programmes
from cbi.transfers.enrolment_appealed import Appealed
from cbi.transfers.tables_enrolment import Enrolment, EnrolmentRun, EnrolmentState
from cbi.web.listing import Listing, ListingArgs


class Change(StrEnum):
    """In which way a household's enrolment would change."""

    ENTERED = "entered"
    LEFT = "left"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class Side:
    """What a run comes to. agreed_host_percent: the share of host households that was agreed; None when none was."""

    households: int
    enrolled: int
    exceptions: int
    waiting: int
    not_eligible: int
    host: int
    total_minor: int
    agreed_host_percent: int | None

    @property
    def counted(self) -> int:
        """Everybody who is due something."""
        return self.enrolled + self.exceptions

    @property
    def host_percent(self) -> int | None:
        """How many whole percent of them are host households; None of nobody."""
        return self.host * 100 // self.counted if self.counted else None

    @property
    def displaced(self) -> int:
        """How many are not of the host community."""
        return self.counted - self.host


@dataclass(frozen=True, slots=True)
class Cost:
    """What a cycle costs against what the grant still holds, in the programme's currency."""

    total_minor: int
    left_minor: int
    currency: str

    @property
    def missing_minor(self) -> int:
        """How much the grant is short of for one cycle."""
        return max(0, self.total_minor - self.left_minor)

    @property
    def cycles(self) -> int | None:
        """How many cycles the grant still pays; None when a cycle costs nothing."""
        return max(0, self.left_minor) // self.total_minor if self.total_minor else None


@dataclass(frozen=True, slots=True)
class Changed:
    """One household that differs. was_minor, now_minor: 0 where it is due nothing."""

    household_id: UUID
    number: str
    site_name: str
    change: Change
    was_minor: int
    now_minor: int


@dataclass(frozen=True, slots=True)
class Row:
    """One household of a run."""

    household_id: UUID
    number: str
    site_name: str
    state: EnrolmentState
    members: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Beside:
    """A run beside the one in force before it. before: None when no rule was in force and every household was counted."""

    now: Side
    before: Side | None
    changes: Sequence[tuple[Change, int]]
    cost: Cost


def beside(reading: Reading, run: EnrolmentRun) -> Beside:
    """A run beside the one before it, with what it costs."""
    was = before(reading, run)
    counted = {Change(change): int(count) for change, count in reading.session.connection().execute(_counts(reading, run, was))}
    changes = [(change, counted.get(change, 0)) for change in Change]
    return Beside(side(reading, run), None if was is None else side(reading, was), changes, cost(reading, run))


def before(reading: Reading, run: EnrolmentRun) -> EnrolmentRun | None:
    """What was in force before this run: for a simulation, what is in force now."""
    query = select(EnrolmentRun).where(col(EnrolmentRun.programme_id) == run.programme_id, col(EnrolmentRun.number).is_not(None))
    if run.number is not None:
        query = query.where(col(EnrolmentRun.number) < run.number)
    return reading.session.exec(query.order_by(col(EnrolmentRun.number).desc()).limit(1)).first()


def side(reading: Reading, run: EnrolmentRun) -> Side:
    """What a run comes to, with those an appeal let in since it was applied."""
    rule = enrolment.rule_of(reading, run.rule_id)
    since = Appealed.of(reading, run, rule)
    let_in = _let_in(reading, since)
    return Side(
        households=run.households,
        enrolled=run.enrolled,
        exceptions=run.exceptions + len(let_in),
        waiting=run.waiting,
        not_eligible=run.not_eligible - len(let_in),
        host=run.host + sum(group is PopulationGroup.HOST for _, group in let_in),
        total_minor=run.total_minor + sum(since.formula.amount(members) for members, _ in let_in),
        agreed_host_percent=rule.host_percent,
    )


def cost(reading: Reading, run: EnrolmentRun) -> Cost:
    """A cycle of this run against all the lines of the programme's grant."""
    programme = programmes.programme_by_id(reading, run.programme_id)
    lines = [state.line.id for state in programmes.line_states(reading, programme.grant_id)]
    left = sum(programmes.budget(reading, one, run.currency) - programmes.committed(reading, one, run.currency) for one in lines)
    return Cost(side(reading, run).total_minor, left, run.currency)


def changed(reading: Reading, run: EnrolmentRun, args: ListingArgs) -> Listing[Changed]:
    """One page of the households that differ, by registration number."""
    every = _changes(reading, run, before(reading, run)).subquery()
    fits = [every.c.change == args.filter("change")] if args.filter("change") in set(Change) else []
    total = _count(reading, sa.select(every.c.household_id).where(*fits))
    args = args.within(total)
    number = col(Household.number)
    query = (
        sa.select(every.c.household_id, number, col(Site.name), every.c.change, every.c.was_minor, every.c.now_minor)
        .join(Household, col(Household.id) == every.c.household_id)
        .join(Site, col(Site.id) == col(Household.site_id))
        .where(*fits)
        .order_by(number.desc() if args.descending else number, every.c.household_id)
    )
    rows = reading.session.connection().execute(query.limit(args.size).offset(args.offset))
    return Listing([Changed(one, shown, site, Change(change), was, now) for one, shown, site, change, was, now in rows], total, args)


def households(reading: Reading, run: EnrolmentRun, args: ListingArgs) -> Listing[Row]:
    """One page of a run's households, by registration number, narrowed by their state as it stands."""
    since = _since(reading, run)
    fits = [col(Enrolment.run_id) == run.id, col(Household.restricted_on).is_(None)]
    if args.filter("state") in set(EnrolmentState):
        fits.append(since.state() == EnrolmentState(args.filter("state")))
    total = _count(reading, sa.select(col(Enrolment.id)).join(Household, col(Household.id) == col(Enrolment.household_id)).where(*fits))
    args, number = args.within(total), col(Household.number)
    query = (
        sa.select(col(Enrolment.household_id), number, col(Site.name), since.state(), col(Enrolment.members), since.amount())
        .join(Household, col(Household.id) == col(Enrolment.household_id))
        .join(Site, col(Site.id) == col(Household.site_id))
        .where(*fits)
        .order_by(number.desc() if args.descending else number, col(Enrolment.id))
    )
    rows = reading.session.connection().execute(query.limit(args.size).offset(args.offset))
    found = [Row(one, shown, site, EnrolmentState(state), members, minor) for one, shown, site, state, members, minor in rows]
    return Listing(found, total, args)


def _count(reading: Reading, query: sa.Select[Any]) -> int:  # Any: as SQLAlchemy types a selection
    return int(reading.session.connection().execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one())


def _counts(reading: Reading, run: EnrolmentRun, was: EnrolmentRun | None) -> sa.Select[Any]:  # Any: as above
    every = _changes(reading, run, was).subquery()
    return sa.select(every.c.change, sa.func.count()).group_by(every.c.change)


def _changes(reading: Reading, run: EnrolmentRun, was: EnrolmentRun | None) -> sa.Select[Any]:  # Any: as above
    """Every household that differs and may be shown: its id, in which way, and both amounts."""
    old, new = (_amounts(_since(reading, one) if one else None).subquery() for one in (was, run))
    both = (
        sa.select(new.c.household_id, old.c.minor.label("was"), new.c.minor.label("now"))
        .select_from(new.outerjoin(old, old.c.household_id == new.c.household_id))
        .union_all(
            sa.select(old.c.household_id, old.c.minor, sa.literal(0))
            .select_from(old.outerjoin(new, new.c.household_id == old.c.household_id))
            .where(new.c.household_id.is_(None))
        )
        .subquery()
    )
    was_minor = sa.func.coalesce(both.c.was, 0)
    change = sa.case(
        (was_minor == 0, sa.literal(Change.ENTERED.value)),
        (both.c.now == 0, sa.literal(Change.LEFT.value)),
        else_=sa.literal(Change.AMOUNT.value),
    )
    query = sa.select(both.c.household_id, change.label("change"), was_minor.label("was_minor"), both.c.now.label("now_minor"))
    hidden = sa.select(col(Household.id)).where(col(Household.restricted_on).is_not(None))
    return query.where(was_minor != both.c.now, both.c.household_id.not_in(hidden))


def _amounts(since: Appealed | None) -> sa.Select[Any]:  # Any: as above
    """What each household of a run is due, 0 for nothing; of no run, nobody is due anything."""
    minor: Any = since.amount() if since else col(Enrolment.amount_minor)  # Any: a column, or a case over it
    here = col(Enrolment.run_id) == since.run.id if since else sa.false()
    return sa.select(col(Enrolment.household_id), minor.label("minor")).where(here)


def _since(reading: Reading, run: EnrolmentRun) -> Appealed:
    return Appealed.of(reading, run, enrolment.rule_of(reading, run.rule_id))


def _let_in(reading: Reading, since: Appealed) -> list[tuple[int, PopulationGroup]]:
    query = sa.select(col(Enrolment.members), col(Household.group)).join(Household, col(Household.id) == col(Enrolment.household_id))
    here = (col(Enrolment.run_id) == since.run.id, col(Enrolment.household_id).in_(since.let_in()))
    return [(int(members), PopulationGroup(group)) for members, group in reading.session.connection().execute(query.where(*here))]
