"""Makes what money tests need: a programme at one site, households, a frozen cycle, and a list as far along as asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from cbi.access import Role
from cbi.people.tables import AccountKind
from cbi.people.values import NewAccount
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers import approvals, cycles, lists, programmes, rates, release
from cbi.transfers.cycles import NewCycle
from cbi.transfers.formula import Formula
from cbi.transfers.programmes import NewProgramme
from cbi.transfers.tables import Mechanism
from tests import make, make_people

SIZES = (4, 3, 1, 9)


@dataclass(frozen=True)
class Setting:
    """A programme ready to pay, and the people who do so."""

    site_id: UUID
    grant_id: UUID
    line_id: UUID
    provider_id: UUID
    programme_id: UUID
    households: tuple[UUID, ...]
    manager: UUID
    approver: UUID
    second_approver: UUID
    releaser: UUID
    registrar: UUID


def setting(
    records: Records,
    sizes: Sequence[int] = SIZES,
    *,
    mechanism: Mechanism = Mechanism.MOBILE_MONEY,
    budget_minor: int = 10**12,
    currency: str = "KES",
    signed: bool = True,
    grant_currency: str = "",
    rate: tuple[str, date] | None = None,
) -> Setting:
    """A programme at one site with households of these sizes, all of whom can be paid."""
    site_id = make_people.site(records)
    manager, registrar = make.staff(records, Role.MANAGER, name="Idris Marrow"), make.staff(records, Role.REGISTRAR, name="Otis Lantern")
    approver = make.staff(records, Role.APPROVER, name="Petra Fablewood")
    second = make.staff(records, Role.APPROVER, name="Amal Papercrane")
    releaser = make.staff(records, Role.RELEASER, name="Solveig Nowhere")
    with records.work(Actor(manager)) as work:
        grant_id = programmes.add_grant(work, code="G7", donor="Moon Fund", title="Cash for Kharwa", currency=grant_currency or currency)
        if rate is not None:
            rates.add_rate(work, grant_id, currency=currency, day=rate[1], rate=rate[0], source="Bank advice")
        line_id = programmes.add_budget_line(work, grant_id=grant_id, code="G7.2", title="Transfers", amount_minor=budget_minor)
        provider_id = programmes.add_provider(work, code="SMM", name="Sparrow Mobile Money", mechanism=mechanism)
        programme_id = programmes.add_programme(work, programme(grant_id, {site_id: provider_id}, currency=currency, signed=signed))
    households = tuple(household(records, site_id, size, number, mechanism, registrar) for number, size in enumerate(sizes, start=1))
    return Setting(site_id, grant_id, line_id, provider_id, programme_id, households, manager, approver, second, releaser, registrar)


def programme(grant_id: UUID, sites: dict[UUID, UUID], *, currency: str = "KES", signed: bool = True, code: str = "FSL") -> NewProgramme:
    """A programme as a manager would type it."""
    return NewProgramme(
        code=code,
        name="Food through the lean season",
        sector="Food security",
        outcome="Households meet their food needs",
        indicator="Food consumption score acceptable",
        assistance="Nutrition messages",
        grant_id=grant_id,
        currency=currency,
        sites=sites,
        protection_signed_on=date(2026, 11, 2) if signed else None,
    )


def household(
    records: Records, site_id: UUID, size: int = 1, number: int = 1, mechanism: Mechanism = Mechanism.MOBILE_MONEY, by: UUID | None = None
) -> UUID:
    """A household that can be paid this way."""
    kinds = {Mechanism.MOBILE_MONEY: AccountKind.MOBILE_MONEY, Mechanism.BANK: AccountKind.BANK, Mechanism.CARD: AccountKind.CARD}
    accounts = {
        AccountKind.MOBILE_MONEY: f"+254712{number:06d}",
        AccountKind.BANK: f"KW12{number:012d}",
        AccountKind.CARD: f"5021{number:08d}",
    }
    kind = kinds.get(mechanism)
    more = {"account": NewAccount(kind, accounts[kind])} if kind else {}
    from cbi.people.service import register
    from cbi.people.tables import Relation
    from tests.make_people import member, new

    others = [member(f"Tumble {place}", "Moonbeam", 2010 + place % 10, relation=Relation.CHILD) for place in range(1, size)]
    with records.work(Actor(by)) as work:
        return register(work, new(site_id, member(f"Juniper {number}", "Moonbeam"), *others, **more))


def new_cycle(
    made: Setting,
    *,
    base_minor: int = 450_000,
    per_member_minor: int = 125_000,
    member_limit: int = 8,
    ceiling_minor: int = 1_450_000,
    currency: str = "KES",
    basket_minor: int = 0,
) -> NewCycle:
    """December's rule: base 4,500.00 and 1,250.00 for each member up to 8."""
    return NewCycle(
        programme_id=made.programme_id,
        name="December 2026",
        starts_on=date(2026, 12, 1),
        ends_on=date(2026, 12, 31),
        submit_on=date(2026, 12, 5),
        formula=Formula(base_minor, per_member_minor, member_limit, ceiling_minor, currency, basket_minor=basket_minor),
        budget_line_id=made.line_id,
    )


def frozen_cycle(records: Records, made: Setting, **rule: int | str) -> UUID:
    """A cycle of this programme, frozen by its manager."""
    with records.work(Actor(made.manager)) as work:
        cycle_id = cycles.draft(work, new_cycle(made, **rule))  # type: ignore[arg-type]
        total = cycles.effect(work, made.programme_id, cycles.formula_of(cycles.cycle_by_id(work, cycle_id)), made.line_id).total_minor
        cycles.freeze(work, cycle_id, shown_total_minor=total)
    return cycle_id


def draft_list(records: Records, made: Setting, cycle_id: UUID | None = None) -> UUID:
    """A draft of everyone due something; in a new frozen cycle unless one is given."""
    cycle_id = cycle_id or frozen_cycle(records, made)
    with records.work(Actor(made.manager)) as work:
        return lists.make_list(work, cycle_id, made.provider_id)


def submitted_list(records: Records, made: Setting, cycle_id: UUID | None = None) -> UUID:
    """The same, handed in."""
    list_id = draft_list(records, made, cycle_id)
    with records.work(Actor(made.manager)) as work:
        lists.submit(work, list_id)
    return list_id


def mark_of(records: Records, list_id: UUID) -> bytes:
    """The hash a page would show."""
    with records.read() as reading:
        return lists.list_by_id(reading, list_id).hash or b""


def approve(records: Records, list_id: UUID, *approvers: UUID) -> None:
    """Approve as these people, one after another, without the step-up of the pages."""
    for person_id in approvers:
        with records.work(Actor(person_id)) as work:
            approvals.approve(work, list_id, approver_id=person_id, shown=mark_of(records, list_id))


def released_list(records: Records, made: Setting, cycle_id: UUID | None = None) -> UUID:
    """The same, approved by as many as it needs and released."""
    list_id = submitted_list(records, made, cycle_id)
    with records.read() as reading:
        wanted = approvals.needed(reading, lists.list_by_id(reading, list_id))
    approve(records, list_id, *(made.approver, made.second_approver)[:wanted])
    with records.work(Actor(made.releaser)) as work:
        release.release(work, list_id, releaser_id=made.releaser, shown=mark_of(records, list_id))
    return list_id
