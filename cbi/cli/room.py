"""`cbi room`: make it, let people in and out, and publish the weekly notice. Nothing here prints a count."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import click

from cbi.access import Role
from cbi.cli.common import answer, data_option, json_option, say, settings_of
from cbi.errors import Refused
from cbi.protection import office, officers, setup
from cbi.protection.keys import RoomKeys
from cbi.protection.officers import Handed, NewOfficer
from cbi.protection.room import Room, open_room
from cbi.protection.setup import SecondPerson

_ROLES = click.Choice(sorted(role.value for role in officers.OFFERED))


@click.group("room")
def room_command() -> None:
    """The protection room: its own database and keys."""


@room_command.command("init")
@data_option
@click.option("--lead", prompt="The lead's sign-in name")
@click.option("--called", prompt="The lead's name as colleagues read it")
def init(data: Path | None, lead: str, called: str) -> None:
    """Make the room, its first lead and the recovery sheet."""
    passphrase = _ask_passphrase()
    founded = setup.init_room(settings_of(data), NewOfficer(lead, called, Role.PROTECTION_LEAD, passphrase))
    _hand(founded.handed)
    click.echo("\nRecovery sheet. Print it now, seal it in an envelope, give it to somebody who is not the lead; it is shown once:\n")
    click.echo(founded.sheet)


@room_command.group("officer")
def officer_group() -> None:
    """Officers of the room. Needs the lead, and a second person for whoever comes in."""


@officer_group.command("add")
@data_option
@click.argument("name")
@click.option("--called", required=True)
@click.option("--role", type=_ROLES, default=Role.OFFICER.value, show_default=True)
@click.option("--site", "sites", multiple=True, help="Code of a site they work at; none for everywhere.")
def add(data: Path | None, name: str, called: str, role: str, sites: tuple[str, ...]) -> None:
    """Let somebody in."""
    settings = settings_of(data)
    codes = office.site_codes(settings)
    unknown = [code for code in sites if code not in codes]
    if unknown:
        raise Refused(f"use site codes that exist: {', '.join(sorted(codes))}")
    room = open_room(settings)
    try:
        lead_id, keys = _lead(room)
        new = NewOfficer(name, called, Role(role), _ask_passphrase(), tuple(codes[code] for code in sites))
        _hand(setup.add_officer(room, lead_id, keys, new, _second()))
    finally:
        room.close()


@officer_group.command("remove")
@data_option
@click.argument("name")
def remove(data: Path | None, name: str) -> None:
    """Take somebody's place away; the room gets new keys."""
    room = open_room(settings_of(data))
    try:
        lead_id, keys = _lead(room)
        with room.locked.read() as reading:
            found = officers.named(reading, name)
        if found is None:
            raise Refused("check the name: nobody in the room has it")
        setup.remove_officer(room, lead_id, keys, found.id)
    finally:
        room.close()
    say("Done. Everybody opens the room again.")


@officer_group.command("reset")
@data_option
@click.argument("name")
def reset(data: Path | None, name: str) -> None:
    """Give somebody who lost passphrase or telephone new ones."""
    room = open_room(settings_of(data))
    try:
        lead_id, keys = _lead(room)
        with room.locked.read() as reading:
            found = officers.named(reading, name)
        if found is None:
            raise Refused("check the name: nobody in the room has it")
        _hand(setup.reset_officer(room, lead_id, keys, found.id, _ask_passphrase(), _second()))
    finally:
        room.close()


@room_command.command("status")
@data_option
@json_option
def status(data: Path | None, *, as_json: bool) -> None:
    """Whether the room is ready. No counts."""
    found = setup.status(settings_of(data))
    answer(
        found,
        as_json=as_json,
        words="\n".join(
            f"{name.replace('_', ' ')}: {'yes' if value is True else 'no' if value is False else value}" for name, value in found.items()
        ),
    )


@room_command.command("notice")
@data_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def notice(data: Path | None, file: Path) -> None:
    """Publish a week's notice: {"week": …, "sites": {"BH": ["2026-12-01"]}, "interviews": …, "on_call": …, "on_call_phone": …}."""
    settings = settings_of(data)
    room = open_room(settings)
    try:
        lead_id, _ = _lead(room)
        setup.publish_notice(room, lead_id, setup.read_notice(settings, file.read_text("utf-8")))
    finally:
        room.close()
    say("Published. It takes effect on Sunday at 18:00.")


def _lead(room: Room) -> tuple[UUID, RoomKeys]:
    name = click.prompt("Lead's sign-in name", err=True)
    passphrase = click.prompt("Lead's passphrase", hide_input=True, err=True)
    return setup.prove_lead(room, name, passphrase, click.prompt("Lead's code", err=True))


def _second() -> SecondPerson:
    name = click.prompt("Second officer's sign-in name, or empty for the recovery sheet", default="", show_default=False, err=True)
    if not name:
        return SecondPerson(sheet=click.prompt("Recovery sheet", hide_input=True, err=True))
    passphrase = click.prompt("Second officer's passphrase", hide_input=True, err=True)
    return SecondPerson(name, passphrase, click.prompt("Second officer's code", err=True))


def _ask_passphrase() -> str:
    return str(click.prompt("Passphrase for them (they choose and type it)", hide_input=True, confirmation_prompt=True, err=True))


def _hand(handed: Handed) -> None:
    click.echo(f"For their authenticator, shown once: {handed.totp_secret}")
    click.echo("Recovery codes, shown once: " + "  ".join(handed.recovery_codes))
