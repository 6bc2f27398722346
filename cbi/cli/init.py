"""`cbi init`: a new operation, its key and its first administrator."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4
from zoneinfo import available_timezones

import click

from cbi.access import Role
from cbi.cli.common import data_option, say, settings_of
from cbi.errors import Refused

if TYPE_CHECKING:
    from cbi.store.records import Operation


@click.command("init")
@data_option
@click.option("--name", prompt="The office's name, as people say it (Kharwa)", help="The office's name, as people say it.")
@click.option("--code", prompt="Its two letters (KW)", help="Its two letters, for example KW.")
@click.option("--country", prompt="Country, two letters (KE)", help="Two letters, for example KE.")
@click.option("--zone", prompt="Time zone by name (Africa/Nairobi)", help="Time zone by name, for example Africa/Nairobi.")
@click.option("--currency", prompt="Usual currency (KES)", help="Usual currency, for example KES.")
@click.option("--administrator", prompt="The first administrator's sign-in name", help="The first administrator's sign-in name.")
@click.option("--tls", "hostname", metavar="HOSTNAME", help="Also make a certificate of our own for a closed network.")
def init_command(
    data: Path | None, name: str, code: str, country: str, zone: str, currency: str, administrator: str, hostname: str | None
) -> None:
    """Make an operation in an empty data folder."""
    from cbi.staff.seats import NewPerson, add_person
    from cbi.store.records import Operation, found_office
    from cbi.store.work import Actor

    operation = checked(
        Operation(uuid4(), name.strip(), code.strip().upper(), country.strip().upper(), zone.strip(), currency.strip().upper())
    )
    settings = settings_of(data)
    records = found_office(settings, operation)
    with records.work(Actor(name="init")) as work:
        _, token = add_person(work, NewPerson(sign_in_name=administrator, name=administrator, roles=frozenset({Role.ADMINISTRATOR})))
    if hostname:
        from cbi.store.certificate import make_certificate

        made = make_certificate(hostname, records.private("tls"), now=records.clock.now())
        say(f"Certificate: {made[0]}\nIts key: {made[1]}")
    records.close()
    say(f"The {operation.name} office is ready in {settings.data}.")
    if settings.office_key is None:
        say("Its key lies beside the data: docs/deploy.md says how to take it away.")
    say(f"Start it with `cbi serve`, then open this link once, within 72 hours, to choose a password: /start/{token}")


def checked(operation: Operation) -> Operation:
    """The operation, when its zone and currency exist. Raises Refused with an example."""
    from reconciliation.money import UnknownCurrency, minor_digits

    if operation.zone not in available_timezones():
        raise Refused("name the time zone as the zone list does, for example Africa/Nairobi or Asia/Dhaka")
    try:
        minor_digits(operation.currency)
    except UnknownCurrency as problem:
        raise Refused("give the currency's three letters, for example KES, JOD or UGX") from problem
    if not (len(operation.country) == 2 and operation.country.isalpha() and operation.name and operation.code):  # noqa: PLR2004 -- ISO 3166-1 alpha-2
        raise Refused("give a name, a short code and the country's two letters, for example Kharwa, KW and KE")
    return operation
