"""Exchange rates of a grant: what one unit of its currency was worth in the currency people are paid in, from a day on, and who says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from uuid import UUID

from sqlmodel import col, select

from cbi.errors import NotThere, Refused
from cbi.store.work import Reading, Work
from cbi.transfers import facts
from cbi.transfers.tables import ExchangeRate, Grant
from cbi.web.words import _
from reconciliation import exchange
from reconciliation.money import UnknownCurrency, minor_digits


@dataclass(frozen=True, slots=True)
class Rates:
    """Every rate of one grant. kept: for each currency its days, the newest first, with so much of it for one unit of the grant's."""

    currency: str
    kept: dict[str, list[tuple[date, Fraction]]]

    def on(self, currency: str, day: date) -> Fraction | None:
        """The rate that held on a day: the last one from that day or before; None when none is known. The grant's own currency is 1."""
        if currency == self.currency:
            return Fraction(1)
        return next((for_one for since, for_one in self.kept.get(currency, ()) if since <= day), None)

    def newest(self, currency: str) -> Fraction | None:
        """The last rate known, whatever its day."""
        if currency == self.currency:
            return Fraction(1)
        return next((for_one for _since, for_one in self.kept.get(currency, ())), None)

    def of_grant(self, minor: int, currency: str, day: date) -> Fraction | None:
        """An amount in minor units of the grant's currency, exact, by the rate of a day; None when none is known."""
        for_one = self.on(currency, day)
        return None if for_one is None else exchange.exchanged(minor, currency, for_one, self.currency)


def rates_of(reading: Reading, grant_id: UUID) -> Rates:
    """The rates of a grant. Raises NotThere."""
    return all_rates(reading, [grant_id])[grant_id]


def all_rates(reading: Reading, grant_ids: Sequence[UUID]) -> dict[UUID, Rates]:
    """The rates of these grants, in two queries. Raises NotThere when one does not exist."""
    currencies = dict(reading.session.exec(select(col(Grant.id), col(Grant.currency)).where(col(Grant.id).in_(grant_ids))).all())
    if len(currencies) < len(set(grant_ids)):
        raise NotThere
    found = {grant_id: Rates(currency, {}) for grant_id, currency in currencies.items()}
    for row in rows(reading, grant_ids):
        days = found[row.grant_id].kept.setdefault(row.currency, [])
        if not days or days[-1][0] != row.day:
            days.append((row.day, Fraction(row.rate)))
    return found


def rows(reading: Reading, grant_ids: Sequence[UUID]) -> list[ExchangeRate]:
    """Everything entered, the newest day first, and of one day the last entered first."""
    return list(
        reading.session.exec(
            select(ExchangeRate)
            .where(col(ExchangeRate.grant_id).in_(grant_ids))
            .order_by(col(ExchangeRate.day).desc(), col(ExchangeRate.number).desc(), col(ExchangeRate.currency), col(ExchangeRate.id))
        )
    )


def add_rate(work: Work, grant_id: UUID, *, currency: str, day: date, rate: str, source: str) -> UUID:
    """Enter a rate; a later one of the same day takes its place in what is computed, and both stay. Raises Refused with what to do."""
    grant = work.session.get(Grant, grant_id)
    if grant is None:
        raise NotThere
    for_one = _rate(rate)
    if day > work.today:
        raise Refused(_("enter the day this rate held from; it cannot be later than today"))
    _other_currency(currency, grant)
    if work.actor.id is None:
        raise Refused(_("sign in: a rate needs a named person"))
    same_day = select(ExchangeRate.id).where(ExchangeRate.grant_id == grant_id, ExchangeRate.currency == currency, ExchangeRate.day == day)
    row = ExchangeRate(
        id=work.new_id("rates"),
        operation_id=work.operation_id,
        grant_id=grant_id,
        currency=currency,
        day=day,
        number=len(work.session.exec(same_day).all()) + 1,
        rate=for_one,
        entered_by=work.actor.id,
        entered_at=work.now,
    )
    work.seal(row, "source", " ".join(source.split()))
    work.add(row)
    work.remember(facts.RateEntered(rate_id=row.id, grant_id=grant_id, currency=currency, day=day, rate=for_one))
    return row.id


def _rate(text: str) -> str:
    try:
        exchange.rate(text)
    except exchange.UnreadableRate as problem:
        raise Refused(_("enter the rate as a number above zero, for example 141.25")) from problem
    return text.strip().replace(",", "")


def _other_currency(currency: str, grant: Grant) -> None:
    try:
        minor_digits(currency)
    except UnknownCurrency as unknown:
        raise Refused(_("enter the currency by its three letters, for example KES")) from unknown
    if currency == grant.currency:
        raise Refused(_("choose another currency: this is the grant's own"))
