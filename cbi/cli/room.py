"""`cbi room`: make it, let people in and out, and publish the weekly notice. Nothing here prints a count."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import click

from cbi.access import Role
from cbi.cli.common import answer, data_option, json_option, say, settings_of
from cbi.errors import Refused
from cbi.protection import office, officers, setup
from cbi.protection import recovery as recovery_paper
from cbi.protection.keys import RoomKeys
from cbi.protection.officers import Handed, NewOfficer
from cbi.protection.room import Room, open_room
from cbi.protection.setup import Founded, SecondPerson
from cbi.settings import Settings
from cbi.web.paper import draw

_sheet_option = click.option(
    "--sheet",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the recovery sheet to this file, a PDF to print, and do not show it.",
)
_ROLES = click.Choice(sorted(role.value for role in officers.OFFERED))


@click.group("room")
def room_command() -> None:
    """The protection room: its own database and keys."""


@room_command.command("init")
@data_option
@click.option("--lead", prompt="The lead's sign-in name")
@click.option("--called", prompt="The lead's name as colleagues read it")
@_sheet_option
def init(data: Path | None, lead: str, called: str, sheet: Path | None) -> None:
    """Make the room, its first lead and the recovery sheet."""
    _refuse_taken(sheet)
    settings = settings_of(data)
    _hand_founded(setup.init_room(settings, NewOfficer(lead, called, Role.PROTECTION_LEAD, _ask_passphrase())), settings, sheet)


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
    with _opened_by_lead(settings) as led:
        new = NewOfficer(name, called, Role(role), _ask_passphrase(), tuple(codes[code] for code in sites))
        _hand(setup.add_officer(led.room, led.lead_id, led.keys, new, _second()))


@officer_group.command("remove")
@data_option
@click.argument("name")
def remove(data: Path | None, name: str) -> None:
    """Take somebody's place away; the room gets new keys."""
    with _opened_by_lead(settings_of(data)) as led:
        setup.remove_officer(led.room, led.lead_id, led.keys, setup.named(led.room, name))
    say("Done. Everybody opens the room again.")


@officer_group.command("reset")
@data_option
@click.argument("name")
@click.option(
    "--recovery", is_flag=True, help="For a lead who cannot sign in: the recovery sheet instead of a lead. Another sheet takes its place."
)
@_sheet_option
def reset(data: Path | None, name: str, sheet: Path | None, *, recovery: bool) -> None:
    """Give somebody who lost passphrase or telephone new ones."""
    settings = settings_of(data)
    if recovery:
        _recover(settings, name, sheet)
        return
    with _opened_by_lead(settings) as led:
        _hand(setup.reset_officer(led.room, led.lead_id, led.keys, setup.named(led.room, name), _ask_passphrase(), _second()))


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
    written = setup.read_notice(settings, _text(file))
    with _opened_by_lead(settings) as led:
        setup.publish_notice(led.room, led.lead_id, written)
    say("Published. It takes effect on Sunday at 18:00.")


@dataclass(frozen=True)
class _Led:
    """The room, with the lead who gives a command at this shell."""

    room: Room
    lead_id: UUID
    keys: RoomKeys


@contextmanager
def _opened_by_lead(settings: Settings) -> Iterator[_Led]:
    room = open_room(settings)
    try:
        name = click.prompt("Lead's sign-in name", err=True)
        passphrase = click.prompt("Lead's passphrase", hide_input=True, err=True)
        yield _Led(room, *setup.prove_lead(room, name, passphrase, click.prompt("Lead's code", err=True)))
    finally:
        room.close()


def _recover(settings: Settings, name: str, sheet: Path | None) -> None:
    _refuse_taken(sheet)
    room = open_room(settings)
    try:
        typed = click.prompt("Recovery sheet", hide_input=True, err=True)
        _hand_founded(setup.recover_lead(room, typed, name, _ask_passphrase()), settings, sheet)
    finally:
        room.close()


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as wrong:
        raise Refused("save the notice as JSON in UTF-8") from wrong


def _second() -> SecondPerson:
    name = click.prompt("Second officer's sign-in name, or empty for the recovery sheet", default="", show_default=False, err=True)
    if not name:
        return SecondPerson(sheet=click.prompt("Recovery sheet", hide_input=True, err=True))
    passphrase = click.prompt("Second officer's passphrase", hide_input=True, err=True)
    return SecondPerson(name, passphrase, click.prompt("Second officer's code", err=True))


def _ask_passphrase() -> str:
    return str(click.prompt("Passphrase for them (they choose and type it)", hide_input=True, confirmation_prompt=True, err=True))


def _hand_founded(founded: Founded, settings: Settings, sheet: Path | None) -> None:
    _hand(founded.handed)
    if sheet is not None and _written(sheet, draw(recovery_paper.paper_of(founded, office.operation_of(settings)))):
        say(f"Print {sheet}, seal it in an envelope, give it to somebody who is not the lead, and delete the file: it opens the room.")
        return
    click.echo("\nRecovery sheet. Print it now, seal it in an envelope, give it to somebody who is not the lead; it is shown once:\n")
    click.echo(founded.sheet)


def _written(path: Path, content: bytes) -> bool:
    """Whether it could be written. A sheet that could not is shown instead: it exists nowhere else."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except OSError:
        return False
    return True


def _refuse_taken(sheet: Path | None) -> None:
    if sheet is not None and (sheet.exists() or not sheet.absolute().parent.is_dir()):
        raise Refused(f"name a file that does not exist yet, in a folder that does: {sheet} cannot be made")


def _hand(handed: Handed) -> None:
    click.echo(f"For their authenticator, shown once: {handed.totp_secret}")
    click.echo("Recovery codes, shown once: " + "  ".join(handed.recovery_codes))
