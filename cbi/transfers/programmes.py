"""Grants, budget lines, providers and programmes: what must be there before a cycle can be planned."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel, col, select

from cbi.errors import NotThere, Refused
from cbi.sites.tables import Site
from cbi.store.work import Reading, Work
from cbi.transfers import facts
from cbi.transfers.rates import Rates, rates_of
from cbi.transfers.tables import BudgetLine, Cycle, Entitlement, Grant, Mechanism, Programme, ProgrammeSite, Provider
from cbi.web.words import _
from reconciliation import exchange
from reconciliation.money import UnknownCurrency, minor_digits


class ExportField(StrEnum):
    """What a column of a provider's file can hold. No registration number: a provider does not need it."""

    REFERENCE = "reference"
    NAME = "name"
    PHONE = "phone"
    PHONE_DIGITS = "phone_digits"
    PHONE_LOCAL = "phone_local"
    ACCOUNT = "account"
    TOKEN = "token"  # noqa: S105 -- a paper token of the programme
    AMOUNT = "amount"
    CURRENCY = "currency"
    SITE = "site"
    LIST = "list"
    DATE = "date"
    FIXED = "fixed"


_PAID_TO = frozenset({ExportField.PHONE, ExportField.PHONE_DIGITS, ExportField.PHONE_LOCAL, ExportField.ACCOUNT})
Columns = Sequence[tuple[str, ExportField]]
DEFAULT_COLUMNS: dict[Mechanism, Columns] = {
    Mechanism.MOBILE_MONEY: (
        ("Reference", ExportField.REFERENCE),
        ("Receiver name", ExportField.NAME),
        ("Receiver phone", ExportField.PHONE_LOCAL),
        ("Amount", ExportField.AMOUNT),
        ("Currency", ExportField.CURRENCY),
    ),
    Mechanism.BANK: (
        ("Reference", ExportField.REFERENCE),
        ("Account name", ExportField.NAME),
        ("Account number", ExportField.ACCOUNT),
        ("Amount", ExportField.AMOUNT),
        ("Currency", ExportField.CURRENCY),
    ),
    Mechanism.CARD: (
        ("Reference", ExportField.REFERENCE),
        ("Cardholder", ExportField.NAME),
        ("Card number", ExportField.ACCOUNT),
        ("Amount", ExportField.AMOUNT),
        ("Currency", ExportField.CURRENCY),
    ),
    Mechanism.CASH_AGENT: (
        ("Reference", ExportField.REFERENCE),
        ("Name", ExportField.NAME),
        ("Place", ExportField.SITE),
        ("Amount", ExportField.AMOUNT),
        ("Currency", ExportField.CURRENCY),
    ),
    Mechanism.VOUCHER: (
        ("Reference", ExportField.REFERENCE),
        ("Name", ExportField.NAME),
        ("Place", ExportField.SITE),
        ("Value", ExportField.AMOUNT),
        ("Currency", ExportField.CURRENCY),
    ),
}


@dataclass(frozen=True, slots=True)
class NewProgramme:
    """A programme as typed. sites: who pays at each site, by site id."""

    code: str
    name: str
    sector: str
    outcome: str
    indicator: str
    assistance: str
    grant_id: UUID
    currency: str
    sites: Mapping[UUID, UUID]
    protection_signed_on: date | None = None


@dataclass(frozen=True, slots=True)
class LineState:
    """A budget line and what stands against it. committed_minor: entitlements of frozen cycles."""

    line: BudgetLine
    grant: Grant
    committed_minor: int

    @property
    def left_minor(self) -> int:
        """What is not yet promised to anyone."""
        return self.line.amount_minor - self.committed_minor


@dataclass(frozen=True, slots=True)
class ProgrammePlace:
    """A site of a programme and who pays there."""

    site: Site
    provider: Provider


@dataclass(frozen=True, slots=True)
class ProgrammeView:
    """A programme with all that its page shows."""

    programme: Programme
    grant: Grant
    places: Sequence[ProgrammePlace]
    lines: Sequence[LineState]
    cycles: Sequence[Cycle] = field(default_factory=tuple)


def add_grant(work: Work, *, code: str, donor: str, title: str, currency: str) -> UUID:
    """Enter a donor's money."""
    _known_currency(currency)
    _free(work, Grant, code)
    row = work.add(Grant(id=work.new_id("grants"), operation_id=work.operation_id, code=code, donor=donor, title=title, currency=currency))
    work.remember(facts.GrantAdded(grant_id=row.id, code=code, currency=currency))
    return row.id


def add_budget_line(work: Work, *, grant_id: UUID, code: str, title: str, amount_minor: int) -> UUID:
    """Enter a line of a grant's budget, in the grant's currency."""
    grant = work.session.get(Grant, grant_id)
    if grant is None:
        raise NotThere
    if work.session.exec(select(BudgetLine.id).where(col(BudgetLine.grant_id) == grant_id, col(BudgetLine.code) == code)).first():
        raise Refused(_("choose another code: this grant has a line %(code)s already", code=code))
    row = work.add(
        BudgetLine(
            id=work.new_id("grants"),
            operation_id=work.operation_id,
            grant_id=grant_id,
            code=code,
            title=title,
            amount_minor=amount_minor,
            currency=grant.currency,
        )
    )
    work.remember(
        facts.BudgetLineAdded(budget_line_id=row.id, grant_id=grant_id, code=code, amount_minor=amount_minor, currency=grant.currency)
    )
    return row.id


def add_provider(work: Work, *, code: str, name: str, mechanism: Mechanism, columns: Columns | None = None) -> UUID:
    """Enter who pays people out; without `columns` the usual ones of the mechanism."""
    _free(work, Provider, code)
    kept = columns_text(columns or DEFAULT_COLUMNS[mechanism], mechanism)
    row = work.add(
        Provider(id=work.new_id("providers"), operation_id=work.operation_id, code=code, name=name, mechanism=mechanism, columns=kept)
    )
    work.remember(facts.ProviderAdded(provider_id=row.id, code=code, mechanism=mechanism.value, columns=kept))
    return row.id


def columns_text(columns: Columns, mechanism: Mechanism) -> str:
    """A column map in the form it is kept. Raises Refused when the file could not be paid from or reconciled."""
    headings = [heading.strip() for heading, _ in columns]
    fields = {what for _, what in columns}
    if not all(headings) or len({heading.casefold() for heading in headings}) < len(headings):
        raise Refused(_("give every column a heading of its own, for example Reference, Receiver phone, Amount"))
    if not {ExportField.REFERENCE, ExportField.AMOUNT} <= fields:
        raise Refused(_("keep a column for the reference and one for the amount: without them no answer can be matched"))
    if mechanism is Mechanism.MOBILE_MONEY and not fields & _PAID_TO:
        raise Refused(_("add a column for the phone or the account the money goes to"))
    if mechanism in {Mechanism.BANK, Mechanism.CARD} and ExportField.ACCOUNT not in fields:
        raise Refused(_("add a column for the account the money goes to"))
    return json.dumps([[heading, what.value] for heading, (_, what) in zip(headings, columns, strict=True)], ensure_ascii=False)


def columns_of(text: str) -> list[tuple[str, ExportField]]:
    """A kept column map, as headings with what stands under them."""
    return [(heading, ExportField(what)) for heading, what in json.loads(text)]


def add_programme(work: Work, new: NewProgramme) -> UUID:
    """Set up a programme with its sites. Raises Refused when it names no site, or a currency its grant has no rate for."""
    grant = work.session.get(Grant, new.grant_id)
    if grant is None:
        raise NotThere
    _known_currency(new.currency)
    if rates_of(work, grant.id).newest(new.currency) is None:
        raise Refused(
            _(
                "plan in %(currency)s, the currency of this grant, or ask finance to enter what one %(currency)s is worth in %(other)s first",
                currency=grant.currency,
                other=new.currency,
            )
        )
    if not new.sites:
        raise Refused(_("choose at least one site, and who pays there"))
    _all_there(work, new.sites)
    _free(work, Programme, new.code)
    row = work.add(
        Programme(
            id=work.new_id("programmes"),
            operation_id=work.operation_id,
            code=new.code,
            name=new.name,
            sector=new.sector,
            outcome=new.outcome,
            indicator=new.indicator,
            assistance=new.assistance,
            grant_id=new.grant_id,
            currency=new.currency,
            protection_signed_on=new.protection_signed_on,
        )
    )
    for site_id, provider_id in new.sites.items():
        work.add(
            ProgrammeSite(
                id=work.new_id("programmes"),
                operation_id=work.operation_id,
                programme_id=row.id,
                site_id=site_id,
                provider_id=provider_id,
            )
        )
    fact = facts.ProgrammeAdded(
        programme_id=row.id, code=new.code, grant_id=new.grant_id, site_ids=tuple(new.sites), provider_ids=tuple(new.sites.values())
    )
    work.remember(fact)
    return row.id


def sign_off(work: Work, programme_id: UUID, on: date) -> None:
    """Note the day protection signed the programme off. Raises Refused for a day that has not come."""
    programme = programme_by_id(work, programme_id)
    if on > work.today:
        raise Refused(_("enter the day it was signed, today at the latest"))
    programme.protection_signed_on = on
    work.add(programme)
    work.remember(facts.ProgrammeSigned(programme_id=programme_id, signed_on=on))


def programme_by_id(reading: Reading, programme_id: UUID) -> Programme:
    """One programme. Raises NotThere."""
    found = reading.session.get(Programme, programme_id)
    if found is None:
        raise NotThere
    return found


def programmes(reading: Reading) -> list[tuple[Programme, Grant, int]]:
    """Every programme with its grant and the number of its sites, by code."""
    sites = (
        sa.select(sa.func.count())
        .select_from(ProgrammeSite)
        .where(col(ProgrammeSite.programme_id) == col(Programme.id))
        .correlate(Programme)
        .scalar_subquery()
    )
    rows = reading.session.exec(
        select(Programme, Grant, sites)
        .join(Grant, col(Grant.id) == col(Programme.grant_id))
        .order_by(col(Programme.code), col(Programme.id))
    )
    return [(programme, grant, int(count)) for programme, grant, count in rows]


def programme_view(reading: Reading, programme_id: UUID) -> ProgrammeView:
    """A programme with its places, budget and cycles. Raises NotThere."""
    programme = programme_by_id(reading, programme_id)
    cycles = reading.session.exec(
        select(Cycle).where(col(Cycle.programme_id) == programme_id).order_by(col(Cycle.number).desc(), col(Cycle.id))
    ).all()
    grant = reading.session.get_one(Grant, programme.grant_id)
    return ProgrammeView(programme, grant, places_of(reading, programme_id), line_states(reading, programme.grant_id), cycles)


def places_of(reading: Reading, programme_id: UUID) -> list[ProgrammePlace]:
    """Where a programme works and who pays there, by site code."""
    rows = reading.session.exec(
        select(Site, Provider)
        .join(ProgrammeSite, col(ProgrammeSite.site_id) == col(Site.id))
        .join(Provider, col(Provider.id) == col(ProgrammeSite.provider_id))
        .where(col(ProgrammeSite.programme_id) == programme_id)
        .order_by(col(Site.code), col(Site.id))
    )
    return [ProgrammePlace(site, provider) for site, provider in rows]


def line_states(reading: Reading, grant_id: UUID) -> list[LineState]:
    """A grant's budget lines with what frozen cycles have taken from each, by code."""
    grant = reading.session.get_one(Grant, grant_id)
    lines = reading.session.exec(select(BudgetLine).where(col(BudgetLine.grant_id) == grant_id).order_by(col(BudgetLine.code)))
    return [LineState(line, grant, committed(reading, line.id)) for line in lines]


def committed(reading: Reading, budget_line_id: UUID, currency: str = "") -> int:
    """What frozen cycles promise from a budget line, in minor units of `currency`, or of the line's own; rounded up where it was exchanged."""
    line = reading.session.get_one(BudgetLine, budget_line_id)
    found = reading.session.exec(
        select(Cycle.currency, sa.func.sum(col(Entitlement.amount_minor)))
        .join(Cycle, col(Cycle.id) == col(Entitlement.cycle_id))
        .where(col(Cycle.budget_line_id) == budget_line_id)
        .group_by(col(Cycle.currency))
    )
    rates = rates_of(reading, line.grant_id)
    return sum(math.ceil(_into(rates, int(minor), paid_in, currency or line.currency)) for paid_in, minor in found)


def budget(reading: Reading, budget_line_id: UUID, currency: str) -> int:
    """What a budget line holds, in minor units of a currency people are paid in; rounded down where it was exchanged, by the last rate known."""
    line = reading.session.get_one(BudgetLine, budget_line_id)
    return math.floor(_into(rates_of(reading, line.grant_id), line.amount_minor, line.currency, currency))


def _into(rates: Rates, minor: int, of: str, into: str) -> Fraction:
    """An amount of one currency in another by the last rates known, exact. Raises Refused when one is wanting."""
    if of == into:
        return Fraction(minor)
    source, target = rates.newest(of), rates.newest(into)
    if source is None or target is None:
        raise Refused(_("ask finance to enter the exchange rate of this grant first"))
    return exchange.back(1, rates.currency, target, into) * exchange.exchanged(minor, of, source, rates.currency)


def grants(reading: Reading) -> list[Grant]:
    """Every grant, by code."""
    return list(reading.session.exec(select(Grant).order_by(col(Grant.code), col(Grant.id))))


def providers(reading: Reading) -> list[Provider]:
    """Everyone who pays people out, by code."""
    return list(reading.session.exec(select(Provider).order_by(col(Provider.code), col(Provider.id))))


def sites(reading: Reading) -> list[Site]:
    """Every site, by code."""
    return list(reading.session.exec(select(Site).order_by(col(Site.code), col(Site.id))))


def _known_currency(currency: str) -> None:
    try:
        minor_digits(currency)
    except UnknownCurrency as unknown:
        raise Refused(_("enter the currency by its three letters, for example KES")) from unknown


def _free(work: Work, table: type[SQLModel], code: str) -> None:
    column = table.__table__.c.code  # type: ignore[attr-defined]
    if work.session.connection().execute(sa.select(column).where(column == code)).first():
        raise Refused(_("choose another code: %(code)s is taken", code=code))


def _all_there(work: Work, chosen: Mapping[UUID, UUID]) -> None:
    for site_id, provider_id in chosen.items():
        if work.session.get(Site, site_id) is None or work.session.get(Provider, provider_id) is None:
            raise NotThere
