"""How many, and how much, in forms that are safe to publish: no person, no small group."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.payouts.tables import LedgerSum
from cbi.people.tables import Household, HouseholdStatus, PopulationGroup
from cbi.reading_room.suppression import FEWEST, CountTable, publish, with_totals
from cbi.sites.tables import Site
from cbi.store.work import Reading
from cbi.transfers.tables import BudgetLine, Cycle, Entitlement, Grant
from reconciliation.ledger import Account

_COUNTED = (HouseholdStatus.REGISTERED, HouseholdStatus.VERIFIED, HouseholdStatus.ENROLLED)
GROUPS = tuple(PopulationGroup)


@dataclass(frozen=True, slots=True)
class PeopleCounts:
    """Households and members by site and population group. A table is None when too few people are in it to tell anything."""

    sites: tuple[str, ...]
    households: CountTable | None
    members: CountTable | None


@dataclass(frozen=True, slots=True)
class GrantSums:
    """What one grant promised and paid, in minor units of one currency. suspense: paid without a promise of ours."""

    code: str
    donor: str
    currency: str
    entitled_minor: int
    instructed_minor: int
    delivered_minor: int
    open_minor: int
    suspense_minor: int


def people_counts(reading: Reading) -> PeopleCounts:
    """Households that are registered now, by site and group, small groups hidden with what would give them away."""
    connection = reading.session.connection()
    sites = connection.execute(sa.select(col(Site.id), col(Site.name)).order_by(col(Site.name), col(Site.id))).all()
    sums = sa.select(
        col(Household.site_id), col(Household.group), sa.func.count().label("households"), sa.func.sum(col(Household.size)).label("members")
    )
    counted = sums.where(col(Household.status).in_(_COUNTED)).group_by(col(Household.site_id), col(Household.group))
    found = {(row.site_id, row.group): (row.households, row.members) for row in connection.execute(counted)}
    households, members = ([[found.get((site.id, group), (0, 0))[which] for group in GROUPS] for site in sites] for which in (0, 1))
    few = [[0 < count < FEWEST for count in row] for row in with_totals(households)]
    return PeopleCounts(tuple(site.name for site in sites), publish(households), publish(members, also_small=few))


def grant_sums(reading: Reading) -> list[GrantSums]:
    """One line per grant and currency: entitlements of its cycles, and what the ledger says about its money."""
    entitled = _entitled(reading)
    ledger = _ledger(reading)
    wanted = select(Grant).order_by(col(Grant.code), col(Grant.id))
    sums = []
    for grant in reading.session.exec(wanted):
        pairs = {*entitled, *((key[0], key[2]) for key in ledger)}
        currencies = {grant.currency} | {currency for grant_id, currency in pairs if grant_id == grant.id}
        sums += [_line(grant, currency, entitled, ledger) for currency in sorted(currencies)]
    return sums


_Ledger = dict[tuple[UUID, Account, str], int]


def _line(grant: Grant, currency: str, entitled: dict[tuple[UUID, str], int], ledger: _Ledger) -> GrantSums:
    def on(account: Account) -> int:
        return ledger.get((grant.id, account, currency), 0)

    return GrantSums(
        grant.code,
        grant.donor,
        currency,
        entitled_minor=entitled.get((grant.id, currency), 0),
        instructed_minor=-on(Account.INSTRUCTED),
        delivered_minor=on(Account.DELIVERED),
        open_minor=on(Account.OPEN),
        suspense_minor=on(Account.SUSPENSE),
    )


def _entitled(reading: Reading) -> dict[tuple[UUID, str], int]:
    total = sa.func.sum(col(Entitlement.amount_minor)).label("total")
    wanted = (
        sa.select(col(BudgetLine.grant_id), col(Entitlement.currency), total)
        .select_from(Entitlement)
        .join(Cycle, col(Cycle.id) == col(Entitlement.cycle_id))
        .join(BudgetLine, col(BudgetLine.id) == col(Cycle.budget_line_id))
        .group_by(col(BudgetLine.grant_id), col(Entitlement.currency))
    )
    return {(row.grant_id, row.currency): int(row.total) for row in reading.session.connection().execute(wanted)}


def _ledger(reading: Reading) -> _Ledger:
    total = sa.func.sum(col(LedgerSum.minor)).label("total")
    wanted = sa.select(col(LedgerSum.grant_id), col(LedgerSum.account), col(LedgerSum.currency), total).where(
        col(LedgerSum.grant_id).is_not(None)
    )
    grouped = wanted.group_by(col(LedgerSum.grant_id), col(LedgerSum.account), col(LedgerSum.currency))
    return {(row.grant_id, row.account, row.currency): int(row.total) for row in reading.session.connection().execute(grouped)}
