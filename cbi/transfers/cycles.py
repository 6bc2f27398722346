"""Cycles: the rule that says what everyone is due, tried out before it is frozen, and frozen by a named person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere, Refused, SomebodyWasFirst
from cbi.people.tables import Household
from cbi.sites.tables import Site
from cbi.store.work import Reading, Work
from cbi.transfers import eligibility, enrolment, facts, programmes
from cbi.transfers.counting import excluded
from cbi.transfers.eligibility import Judged
from cbi.transfers.formula import Arithmetic, Formula
from cbi.transfers.tables import BudgetLine, Cycle, CycleStatus, Entitlement, LeftOut, LeftOutReason
from cbi.transfers.tables_enrolment import EnrolmentRun
from cbi.web.listing import Listing, ListingArgs
from cbi.web.words import _
from reconciliation.money import Money

EXAMPLES = (1, 4, 9)


@dataclass(frozen=True, slots=True)
class NewCycle:
    """A cycle as typed."""

    programme_id: UUID
    name: str
    starts_on: date
    ends_on: date
    submit_on: date
    formula: Formula
    budget_line_id: UUID


@dataclass(frozen=True, slots=True)
class Effect:
    """What a cycle's rule comes to before it is frozen, or came to when it was.

    average_minor: rounded down to a whole minor unit.  left_out: households per reason.  elsewhere: registered at sites not worked at.
    budget_minor, committed_minor: the budget line, and what other frozen cycles take from it.
    """

    households: int
    total_minor: int
    smallest_minor: int
    largest_minor: int
    currency: str
    left_out: Sequence[tuple[LeftOutReason, int]]
    elsewhere: int
    budget_minor: int
    committed_minor: int
    examples: Sequence[Arithmetic]
    basket_minor: int = 0

    @property
    def basket_percent(self) -> int | None:
        """How many whole percent of the basket the average amount covers; None when the basket is unknown."""
        return self.average_minor * 100 // self.basket_minor if self.basket_minor else None

    @property
    def average_minor(self) -> int:
        """The average amount, 0 when nobody is due anything."""
        return self.total_minor // self.households if self.households else 0

    @property
    def left_minor(self) -> int:
        """What would remain on the budget line; negative when the money does not reach."""
        return self.budget_minor - self.committed_minor - self.total_minor

    @property
    def missing_minor(self) -> int:
        """How much more the budget line would need; 0 when it reaches."""
        return max(0, -self.left_minor)

    @property
    def left_out_total(self) -> int:
        """How many households of the programme's sites are due nothing."""
        return sum(count for _, count in self.left_out)


def formula_of(cycle: Cycle) -> Formula:
    """A cycle's rule."""
    return Formula(
        cycle.base_minor, cycle.per_member_minor, cycle.member_limit, cycle.ceiling_minor, cycle.currency, basket_minor=cycle.basket_minor
    )


def ruled_formula(reading: Reading, programme_id: UUID) -> Formula | None:
    """What the rule in force says a household is due; None while the programme has no rule, and each cycle says it for itself."""
    run = enrolment.current(reading, programme_id)
    if run is None:
        return None
    rule = enrolment.rule_of(reading, run.rule_id)
    return rule.due.formula(rule.currency)


def effect(reading: Reading, programme_id: UUID, formula: Formula, budget_line_id: UUID) -> Effect:
    """What this formula would come to with the households as they are now, and those enrolled where a rule is in force. Writes nothing."""
    judged = eligibility.judge(reading, programme_id, enrolment.current(reading, programme_id))
    amounts = _amounts(judged, formula)
    return Effect(
        households=sum(amounts.values()),
        total_minor=sum(amount * count for amount, count in amounts.items()),
        smallest_minor=min(amounts, default=0),
        largest_minor=max(amounts, default=0),
        currency=formula.currency,
        left_out=eligibility.left_out_counts(judged),
        elsewhere=eligibility.living_elsewhere(reading, programme_id),
        budget_minor=programmes.budget(reading, budget_line_id, formula.currency),
        committed_minor=programmes.committed(reading, budget_line_id, formula.currency),
        examples=[formula.for_members(members) for members in EXAMPLES],
        basket_minor=formula.basket_minor,
    )


def frozen_effect(reading: Reading, cycle: Cycle) -> Effect:
    """What a frozen cycle came to, from its entitlements."""
    amount = col(Entitlement.amount_minor)
    count, total, low, high = reading.session.exec(
        select(sa.func.count(), sa.func.sum(amount), sa.func.min(amount), sa.func.max(amount)).where(col(Entitlement.cycle_id) == cycle.id)
    ).one()
    left_out = reading.session.exec(
        select(LeftOut.reason, sa.func.count()).where(col(LeftOut.cycle_id) == cycle.id).group_by(col(LeftOut.reason))
    ).all()
    counted = {reason: int(number) for reason, number in left_out}
    formula = formula_of(cycle)
    return Effect(
        households=count,
        total_minor=int(total or 0),
        smallest_minor=low or 0,
        largest_minor=high or 0,
        currency=cycle.currency,
        left_out=[(reason, counted[reason]) for reason in LeftOutReason if reason in counted],
        elsewhere=eligibility.living_elsewhere(reading, cycle.programme_id),
        budget_minor=programmes.budget(reading, cycle.budget_line_id, cycle.currency),
        committed_minor=programmes.committed(reading, cycle.budget_line_id, cycle.currency) - int(total or 0),
        examples=[formula.for_members(members) for members in EXAMPLES],
        basket_minor=formula.basket_minor,
    )


def draft(work: Work, new: NewCycle) -> UUID:
    """Write a cycle's rules down; they stay open until they are frozen."""
    programme = programmes.programme_by_id(work, new.programme_id)
    highest = work.session.exec(select(sa.func.max(col(Cycle.number))).where(col(Cycle.programme_id) == programme.id)).one()
    cycle = Cycle(
        id=work.new_id("cycles"),
        operation_id=work.operation_id,
        programme_id=programme.id,
        number=(highest or 0) + 1,
        currency=programme.currency,
        **_written(work, new, programme.grant_id),
    )
    work.add(cycle)
    work.remember(_set_fact(cycle))
    return cycle.id


def change(work: Work, cycle_id: UUID, new: NewCycle) -> None:
    """Write other rules while the cycle is open. Raises Refused once it is frozen."""
    cycle = cycle_by_id(work, cycle_id)
    if cycle.status is not CycleStatus.DRAFT:
        raise Refused(_("plan a new cycle: the rules of this one are frozen"))
    programme = programmes.programme_by_id(work, cycle.programme_id)
    for name, value in _written(work, new, programme.grant_id).items():
        setattr(cycle, name, value)
    work.add(cycle)
    work.remember(_set_fact(cycle))


def freeze(work: Work, cycle_id: UUID, *, shown_total_minor: int) -> Effect:
    """Freeze a cycle's rules and compute what everyone is due, in one commit.

    shown_total_minor: the sum on the page the person looked at; another sum now means that somebody was first.
    Raises Refused when it is frozen already, not signed off by protection, due nobody anything, or over budget.
    """
    cycle = cycle_by_id(work, cycle_id)
    if cycle.status is not CycleStatus.DRAFT:
        raise SomebodyWasFirst(_("look at the cycle again: it is frozen already"))
    programme = programmes.programme_by_id(work, cycle.programme_id)
    if programme.protection_signed_on is None:
        raise Refused(_("enter the day protection signed the programme off, on the programme's page"))
    run = _take_rule(work, cycle)
    found = effect(work, cycle.programme_id, formula_of(cycle), cycle.budget_line_id)
    if found.households == 0:
        raise Refused(_("register and verify households at the programme's sites first: nobody would be due anything"))
    if found.missing_minor:
        raise Refused(_("find %(money)s more on the budget line, or lower the amounts", money=Money(found.missing_minor, cycle.currency)))
    if found.total_minor != shown_total_minor:
        raise SomebodyWasFirst(_("look at the effect again: households changed since this page was drawn"))
    judged = eligibility.judge(work, cycle.programme_id, run)
    cycle.status, cycle.frozen_by, cycle.frozen_at = CycleStatus.FROZEN, work.actor.id, work.now
    work.add(cycle)
    total = _write_entitlements(work, cycle, judged)
    work.remember(
        facts.CycleFrozen(
            cycle_id=cycle.id,
            households=found.households,
            total_minor=total,
            currency=cycle.currency,
            left_out=found.left_out_total,
        )
    )
    return found


def add_late(work: Work, cycle_id: UUID) -> int:
    """Look again at everyone who is due nothing in a frozen cycle; returns how many are due something now.

    The rule stays as frozen: with another version in force meanwhile, what counts is whom this one enrolled. Raises Refused when the budget line
    does not reach.
    """
    cycle = cycle_by_id(work, cycle_id)
    if cycle.status is not CycleStatus.FROZEN:
        raise Refused(_("freeze the cycle first; then it can be looked at again"))
    have = set(work.session.exec(select(Entitlement.household_id).where(col(Entitlement.cycle_id) == cycle_id)))
    run = enrolment.last_of_rule(work, cycle.rule_id) if cycle.rule_id else None
    everybody = eligibility.judge(work, cycle.programme_id, run, counted=excluded(work, cycle_id))
    judged = [one for one in everybody if one.household_id not in have]
    new = [one for one in judged if one.reason is None]
    if not new:
        raise Refused(_("wait until a reason is settled, for example a review: nobody else can be counted now"))
    formula = formula_of(cycle)
    needed = sum(formula.amount(one.members) for one in new)
    budget = programmes.budget(work, cycle.budget_line_id, cycle.currency)
    missing = needed - (budget - programmes.committed(work, cycle.budget_line_id, cycle.currency))
    if missing > 0:
        raise Refused(_("find %(money)s more on the budget line: it does not reach for everybody", money=Money(missing, cycle.currency)))
    work.bulk(LeftOut, sa.delete(LeftOut).where(col(LeftOut.cycle_id) == cycle_id))
    total = _write_entitlements(work, cycle, judged)
    fact = facts.LateEntitlements(
        cycle_id=cycle_id, households=len(new), total_minor=total, currency=cycle.currency, left_out=len(judged) - len(new)
    )
    work.remember(fact)
    return len(new)


def _take_rule(work: Work, cycle: Cycle) -> EnrolmentRun | None:
    """Put the amounts of the rule in force into an open cycle, whatever it said when it was drafted; returns who is enrolled."""
    run, formula = enrolment.current(work, cycle.programme_id), ruled_formula(work, cycle.programme_id)
    if run is not None and formula is not None:
        cycle.rule_id = run.rule_id
        for name, value in _amounts_of(formula).items():
            setattr(cycle, name, value)
    return run


def cycle_by_id(reading: Reading, cycle_id: UUID) -> Cycle:
    """One cycle. Raises NotThere."""
    found = reading.session.get(Cycle, cycle_id)
    if found is None:
        raise NotThere
    return found


def cycles(reading: Reading) -> list[tuple[Cycle, int, int]]:
    """Every cycle with the number of its entitlements and their sum, newest first."""
    rows = reading.session.exec(
        select(Cycle, sa.func.count(col(Entitlement.id)), sa.func.coalesce(sa.func.sum(col(Entitlement.amount_minor)), 0))
        .outerjoin(Entitlement, col(Entitlement.cycle_id) == col(Cycle.id))
        .group_by(col(Cycle.id))
        .order_by(col(Cycle.starts_on).desc(), col(Cycle.number).desc(), col(Cycle.id))
    )
    return [(cycle, int(count), int(total)) for cycle, count, total in rows]


def _amounts(judged: Sequence[Judged], formula: Formula) -> Counter[int]:
    """How many households are due each amount."""
    sizes = Counter(one.members for one in judged if one.reason is None)
    amounts: Counter[int] = Counter()
    for members, count in sizes.items():
        amounts[formula.amount(members)] += count
    return amounts


def _written(work: Work, new: NewCycle, grant_id: UUID) -> dict[str, Any]:  # Any: one value per column
    """The columns of a cycle's rules. Raises Refused for rules that cannot be meant."""
    line = work.session.get(BudgetLine, new.budget_line_id)
    if line is None or line.grant_id != grant_id:
        raise Refused(_("choose a budget line of this programme's grant"))
    formula = ruled_formula(work, new.programme_id) or new.formula
    if formula.base_minor + formula.per_member_minor <= 0:
        raise Refused(_("enter a base, or an amount for each member, of more than zero"))
    if formula.ceiling_minor < formula.base_minor or formula.ceiling_minor <= 0:
        raise Refused(_("enter an upper limit of at least the base amount"))
    if not new.submit_on <= new.ends_on or not new.starts_on <= new.ends_on:
        raise Refused(_("enter days in order: the cycle begins before it ends, and lists are handed in before it ends"))
    return {
        "name": new.name,
        "starts_on": new.starts_on,
        "ends_on": new.ends_on,
        "submit_on": new.submit_on,
        **_amounts_of(formula),
        "budget_line_id": new.budget_line_id,
    }


def _amounts_of(formula: Formula) -> dict[str, int]:
    """A formula as the columns of a cycle."""
    return {
        "base_minor": formula.base_minor,
        "per_member_minor": formula.per_member_minor,
        "member_limit": formula.member_limit,
        "ceiling_minor": formula.ceiling_minor,
        "basket_minor": formula.basket_minor,
    }


def _set_fact(cycle: Cycle) -> facts.CycleSet:
    return facts.CycleSet(
        cycle_id=cycle.id,
        programme_id=cycle.programme_id,
        number=cycle.number,
        base_minor=cycle.base_minor,
        per_member_minor=cycle.per_member_minor,
        member_limit=cycle.member_limit,
        ceiling_minor=cycle.ceiling_minor,
        currency=cycle.currency,
        budget_line_id=cycle.budget_line_id,
    )


def _write_entitlements(work: Work, cycle: Cycle, judged: Sequence[Judged]) -> int:
    """Insert what each household is due, or why it is due nothing; returns the sum."""
    formula = formula_of(cycle)
    due: list[dict[str, Any]] = []  # Any: one value per column
    out: list[dict[str, Any]] = []
    for one in judged:
        row = {"id": work.new_id("entitlements"), "operation_id": work.operation_id, "cycle_id": cycle.id, "household_id": one.household_id}
        if one.reason is None:
            due.append({**row, "members": one.members, "amount_minor": formula.amount(one.members), "currency": cycle.currency})
        else:
            out.append({**row, "reason": one.reason})
    if due:
        work.bulk(Entitlement, sa.insert(Entitlement), due)
    if out:
        work.bulk(LeftOut, sa.insert(LeftOut), out)
    return sum(int(row["amount_minor"]) for row in due)


def left_out(reading: Reading, cycle_id: UUID, args: ListingArgs) -> Listing[tuple[str, str, LeftOutReason]]:
    """One page of the households a frozen cycle left out: registration number, site, reason."""
    where = [col(LeftOut.cycle_id) == cycle_id]
    if (reason := args.filter("reason")) in set(LeftOutReason):
        where.append(col(LeftOut.reason) == LeftOutReason(reason))
    query = (
        sa.select(col(Household.number), col(Site.name), col(LeftOut.reason))
        .join(Household, col(Household.id) == col(LeftOut.household_id))
        .join(Site, col(Site.id) == col(Household.site_id))
        .where(*where)
    )
    connection = reading.session.connection()
    total = int(connection.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one())
    args = args.within(total)
    key = col(LeftOut.reason) if args.sort == "reason" else col(Household.number)
    ordered = query.order_by(key.desc() if args.descending else key, col(Household.number), col(Household.id))
    rows = connection.execute(ordered.limit(args.size).offset(args.offset))
    return Listing([(number, site, LeftOutReason(reason)) for number, site, reason in rows], total, args)
