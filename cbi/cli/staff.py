"""`cbi staff`: people and seats, from a shell."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import click
from sqlmodel import select

from cbi.access import OFFICE_ROLES, Permission, Role
from cbi.cli.common import data_option, say, settings_of
from cbi.cli.login import acting
from cbi.errors import Refused
from cbi.staff import seats
from cbi.staff.tables import Staff
from cbi.store.work import Work

_ROLES = click.Choice(sorted(role.value for role in OFFICE_ROLES))


@click.group("staff")
def staff_command() -> None:
    """People who work in the office. Needs `cbi login` as an administrator."""


@staff_command.command("add")
@data_option
@click.argument("name")
@click.option("--called", required=True, help="Their name as colleagues read it.")
@click.option("--role", "roles", multiple=True, required=True, type=_ROLES)
def add(data: Path | None, name: str, called: str, roles: tuple[str, ...]) -> None:
    """Take somebody in; prints the link with which they choose a password."""
    with acting(settings_of(data), Permission.STAFF_GRANT) as (records, actor), records.work(actor) as work:
        _, token = seats.add_person(work, seats.NewPerson(sign_in_name=name, name=called, roles=frozenset(map(Role, roles))))
    say(f"Their link, good once and for 72 hours: /start/{token}")


@staff_command.command("grant")
@data_option
@click.argument("name")
@click.option("--role", "roles", multiple=True, type=_ROLES, help="All seats they hold from now on; none takes every seat away.")
def grant(data: Path | None, name: str, roles: tuple[str, ...]) -> None:
    """Change somebody's seats; their sessions end."""
    with acting(settings_of(data), Permission.STAFF_GRANT) as (records, actor), records.work(actor) as work:
        staff_id = _known(work, name)
        seats.change_seats(work, staff_id, frozenset(map(Role, roles)), seen=seats.roles_of(work, staff_id))
    say("Done.")


@staff_command.command("reset")
@data_option
@click.argument("name")
def reset(data: Path | None, name: str) -> None:
    """Ask for a new second factor; another administrator must agree, on the page or with the same command."""
    with acting(settings_of(data), Permission.STAFF_GRANT) as (records, actor), records.work(actor) as work:
        staff = work.session.get_one(Staff, _known(work, name))
        asked_by = seats.reset_asked_by(staff, work)
        if asked_by is not None and asked_by != actor.id:
            token = seats.agree_reset(work, staff.id)
            words = f"Agreed. Their link, good once and for 72 hours: /start/{token}"
        else:
            seats.ask_reset(work, staff.id)
            words = "Asked. Another administrator needs to run the same command within 72 hours."
    say(words)


def _known(work: Work, name: str) -> UUID:
    found = work.session.exec(select(Staff.id).where(Staff.sign_in_name == name.strip().casefold())).first()
    if found is None:
        raise Refused("check the sign-in name: nobody here has it")
    return found
