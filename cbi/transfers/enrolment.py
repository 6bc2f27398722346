"""Enrolment: a rule written, tried out on everybody, and applied by a named person exactly as it was tried."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere, Refused, SomebodyWasFirst
from cbi.people import verification
from cbi.people.tables import Household, HouseholdStatus, PopulationGroup
from cbi.store.work import Reading, Work
from cbi.transfers import facts_enrolment as facts
from cbi.transfers import programmes, rules_check, rules_read, rules_write
from cbi.transfers.enrolment_appealed import let_in
from cbi.transfers.enrolment_results import COUNTED, Result, digest_of, judged, write
from cbi.transfers.population import Answers
from cbi.transfers.rules import Rule
from cbi.transfers.tables_enrolment import Enrolment, EnrolmentRule, EnrolmentRun, EnrolmentState
from cbi.web.words import _

_MOST_MINOR = 2**63 - 1  # what a column of whole minor units holds


@dataclass(frozen=True, slots=True)
class Newest:
    """The version of a programme's rule that was written last. in_force: which version is; None while none is."""

    rule_id: UUID
    version: int
    rule: Rule
    in_force: int | None


def write_rule(work: Work, programme_id: UUID, rule: Rule) -> UUID:
    """Keep a version of a programme's rule; the same as the newest is not kept twice. Raises Refused for another currency than the programme's."""
    programme = programmes.programme_by_id(work, programme_id)
    if rule.currency != programme.currency:
        raise Refused(_("write the amounts in %(currency)s, the currency of the programme", currency=programme.currency))
    body, before = rules_write.write(rule), _newest_row(work, programme_id)
    if before is not None and work.open(before, "body") == body:
        return before.id
    row = EnrolmentRule(
        id=work.new_id("enrolment"),
        operation_id=work.operation_id,
        programme_id=programme_id,
        version=before.version + 1 if before else 1,
        body=b"",
        written_by=_person(work),
        written_at=work.now,
    )
    work.seal(row, "body", body)
    work.add(row)
    digest = sha256(body.encode()).digest()
    work.remember(facts.RuleWritten(rule_id=row.id, programme_id=programme_id, version=row.version, digest=digest))
    return row.id


def newest(reading: Reading, programme_id: UUID) -> Newest | None:
    """The version written last, beside the one in force; None before the first."""
    row, run = _newest_row(reading, programme_id), current(reading, programme_id)
    if row is None:
        return None
    return Newest(row.id, row.version, rule_of(reading, row.id), version_of(reading, run.rule_id) if run else None)


def rule_of(reading: Reading, rule_id: UUID) -> Rule:
    """A version's rule. It was checked when it was written; sites may have changed since."""
    return rules_read.kept(reading.open(reading.session.get_one(EnrolmentRule, rule_id), "body"))


def version_of(reading: Reading, rule_id: UUID) -> int:
    """Which version of its programme's rule this is."""
    return reading.session.get_one(EnrolmentRule, rule_id).version


def current(reading: Reading, programme_id: UUID) -> EnrolmentRun | None:
    """What was applied last; None while a programme has no rule in force."""
    return _last(reading, col(EnrolmentRun.programme_id) == programme_id)


def last_of_rule(reading: Reading, rule_id: UUID) -> EnrolmentRun | None:
    """What was applied last with exactly this version."""
    return _last(reading, col(EnrolmentRun.rule_id) == rule_id)


def simulation(reading: Reading, programme_id: UUID) -> EnrolmentRun | None:
    """The simulation that waits to be applied, or for the next."""
    return reading.session.exec(
        select(EnrolmentRun).where(col(EnrolmentRun.programme_id) == programme_id, col(EnrolmentRun.number).is_(None))
    ).first()


def names_households(reading: Reading, run: EnrolmentRun) -> bool:
    """Whether a page may say whom a run would let in: of the six questions not before it is applied, or trying out would tell who has difficulty."""
    return run.number is not None or not rule_of(reading, run.rule_id).asks_for_difficulty()


def applied_runs(reading: Reading, programme_id: UUID) -> list[tuple[EnrolmentRun, int]]:
    """Everything that was applied, with the version of its rule, the newest first."""
    query = select(EnrolmentRun, EnrolmentRule.version).join(EnrolmentRule, col(EnrolmentRule.id) == col(EnrolmentRun.rule_id))
    rows = reading.session.exec(
        query.where(col(EnrolmentRun.programme_id) == programme_id, col(EnrolmentRun.number).is_not(None)).order_by(
            col(EnrolmentRun.number).desc()
        )
    )
    return [(run, int(version)) for run, version in rows]


def run_by_id(reading: Reading, run_id: UUID) -> EnrolmentRun:
    """One run. Raises NotThere."""
    found = reading.session.get(EnrolmentRun, run_id)
    if found is None:
        raise NotThere
    return found


def try_out(work: Work, programme_id: UUID, rule_id: UUID, *, answers: Answers | None = None) -> UUID:
    """Look at every household with a version and keep what it would do, in the place of an earlier simulation. Nobody is enrolled by it.

    answers: of the six questions, where they were read a moment ago.
    Raises Refused when everybody it lets in comes by their sex or by the six questions: then these would keep the others out.
    Raises Refused when all the amounts together are more than can be kept.
    """
    written = work.session.get(EnrolmentRule, rule_id)
    if written is None or written.programme_id != programme_id:
        raise NotThere
    rule = rule_of(work, rule_id)
    results = judged(work, programme_id, rule, answers)
    _lets_others_in(rule, results)
    if sum(one.amount_minor for one in results) > _MOST_MINOR:
        raise Refused(_("lower the amounts: all together they are more than can be kept"))
    _drop_simulations(work, programme_id)
    run = work.add(_run(work, written, rule, results))
    work.session.flush()
    write(work, run, results)
    work.remember(
        facts.RuleTried(
            run_id=run.id,
            programme_id=programme_id,
            rule_id=rule_id,
            digest=run.digest,
            households=run.households,
            enrolled=run.enrolled,
            total_minor=run.total_minor,
            currency=run.currency,
        )
    )
    return run.id


def as_shown(reading: Reading, run_id: UUID, shown: bytes) -> EnrolmentRun:
    """The simulation a page showed, which is not applied yet. shown: its digest on that page. Raises SomebodyWasFirst."""
    run = run_by_id(reading, run_id)
    if run.applied_at is not None or run.digest != shown:
        raise SomebodyWasFirst(_("look at the simulation again: it is not the one your page showed, or it is applied already"))
    return run


def apply(work: Work, run_id: UUID, *, shown: bytes, answers: Answers | None = None) -> None:
    """Enrol by a simulation somebody looked at, exactly as it stands. shown, answers: as above.

    Raises SomebodyWasFirst when it was applied already, is not the one shown, or households changed since it was made; Refused when it enrols nobody.
    """
    run = as_shown(work, run_id, shown)
    if digest_of(judged(work, run.programme_id, rule_of(work, run.rule_id), answers)) != run.digest:
        raise SomebodyWasFirst(_("simulate again: households changed since this was made"))
    if not run.enrolled + run.exceptions:
        raise Refused(_("change the rule, or settle what the households wait for: nobody would be enrolled"))
    before = current(work, run.programme_id)
    run.number = (before.number or 0) + 1 if before else 1
    run.applied_by, run.applied_at = _person(work), work.now
    work.add(run)
    work.session.flush()
    work.remember(
        facts.RuleApplied(
            run_id=run.id,
            programme_id=run.programme_id,
            rule_id=run.rule_id,
            number=run.number,
            digest=run.digest,
            enrolled=run.enrolled,
            exceptions=run.exceptions,
            total_minor=run.total_minor,
            currency=run.currency,
        )
    )
    set_statuses(work)


def enrolled_in(reading: Reading, run: EnrolmentRun) -> frozenset[UUID]:
    """Whom a run enrols: those it counted, and those an appeal let in since."""
    return frozenset(reading.session.connection().execute(_enrolled(sa.select(sa.literal(run.id)))).scalars())


def set_statuses(work: Work) -> None:
    """Make every household's status say whether it is enrolled in a programme, verified, or only registered."""
    here, enrolled = col(Household.operation_id) == work.operation_id, col(Household.id).in_(_enrolled(currents()))
    rising = (HouseholdStatus.REGISTERED, HouseholdStatus.VERIFIED)
    work.bulk(
        Household, sa.update(Household).where(here, col(Household.status).in_(rising), enrolled).values(status=HouseholdStatus.ENROLLED)
    )
    falls = sa.and_(here, col(Household.status) == HouseholdStatus.ENROLLED, sa.not_(enrolled))
    work.bulk(Household, sa.update(Household).where(falls, verification.is_verified()).values(status=HouseholdStatus.VERIFIED))
    work.bulk(Household, sa.update(Household).where(falls).values(status=HouseholdStatus.REGISTERED))


def forget_difficulty(work: Work, household_id: UUID) -> None:
    """Take what the six answers came to out of results that are not applied. Applied ones never change: the database refuses it."""
    query = select(Enrolment).join(EnrolmentRun, col(EnrolmentRun.id) == col(Enrolment.run_id))
    for row in work.session.exec(query.where(col(Enrolment.household_id) == household_id, col(EnrolmentRun.applied_at).is_(None))).all():
        kept = json.loads(work.open(row, "facts"))
        if kept["difficulty"] is not None:
            work.seal(row, "facts", json.dumps({**kept, "difficulty": None}, separators=(",", ":")))
            work.session.add(row)
            work.remember(facts.DifficultyForgotten(household_id=household_id, run_id=row.run_id))


def _enrolled(run_ids: sa.Select[Any]) -> sa.CompoundSelect[Any]:  # Any: as SQLAlchemy types a selection
    """Whom these runs enrol, with those an appeal let in afterwards."""
    counted = sa.select(col(Enrolment.household_id)).where(col(Enrolment.run_id).in_(run_ids), col(Enrolment.state).in_(COUNTED))
    return sa.union(counted, let_in(run_ids))


def currents() -> sa.Select[Any]:  # Any: as SQLAlchemy types a selection
    """The run applied last in each programme."""
    newest = (
        sa.select(sa.func.max(col(EnrolmentRun.number)).label("number"), col(EnrolmentRun.programme_id))
        .group_by(col(EnrolmentRun.programme_id))
        .subquery()
    )
    same = sa.and_(newest.c.programme_id == col(EnrolmentRun.programme_id), newest.c.number == col(EnrolmentRun.number))
    return sa.select(col(EnrolmentRun.id)).join(newest, same)


def _newest_row(reading: Reading, programme_id: UUID) -> EnrolmentRule | None:
    query = select(EnrolmentRule).where(col(EnrolmentRule.programme_id) == programme_id)
    return reading.session.exec(query.order_by(col(EnrolmentRule.version).desc()).limit(1)).first()


def _last(reading: Reading, which: sa.ColumnElement[bool]) -> EnrolmentRun | None:
    query = select(EnrolmentRun).where(which, col(EnrolmentRun.number).is_not(None)).order_by(col(EnrolmentRun.number).desc()).limit(1)
    return reading.session.exec(query).first()


def _lets_others_in(rule: Rule, results: Sequence[Result]) -> None:
    plain = rules_check.without_only_adding(rule)
    seen = [one.candidate.facts for one in results if not one.candidate.has_left]
    if plain is not None and any(map(rule.judge(), seen)) and not any(map(plain.judge(), seen)):
        raise Refused(rules_check.only_adding_fix())


def _drop_simulations(work: Work, programme_id: UUID) -> None:
    waiting = sa.select(col(EnrolmentRun.id)).where(col(EnrolmentRun.programme_id) == programme_id, col(EnrolmentRun.applied_at).is_(None))
    work.bulk(Enrolment, sa.delete(Enrolment).where(col(Enrolment.run_id).in_(waiting)))
    work.bulk(EnrolmentRun, sa.delete(EnrolmentRun).where(col(EnrolmentRun.id).in_(waiting)))


def _run(work: Work, written: EnrolmentRule, rule: Rule, results: Sequence[Result]) -> EnrolmentRun:
    enrolled, excepted, left = (
        sum(one.state is state for one in results)
        for state in (EnrolmentState.ENROLLED, EnrolmentState.EXCEPTION, EnrolmentState.NOT_ELIGIBLE)
    )
    host = PopulationGroup.HOST.value
    return EnrolmentRun(
        id=work.new_id("enrolment"),
        operation_id=work.operation_id,
        programme_id=written.programme_id,
        rule_id=written.id,
        day=work.today,
        digest=digest_of(results),
        households=len(results),
        enrolled=enrolled,
        exceptions=excepted,
        waiting=len(results) - enrolled - excepted - left,
        not_eligible=left,
        host=sum(one.state in COUNTED and one.candidate.facts.group == host for one in results),
        total_minor=sum(one.amount_minor for one in results),
        currency=rule.currency,
        made_by=_person(work),
        made_at=work.now,
    )


def _person(work: Work) -> UUID:
    """Who does this. Raises Refused when nobody is named: enrolment is a person's decision."""
    if work.actor.id is None:
        raise Refused(_("sign in: a person decides who is enrolled"))
    return work.actor.id
