"""`cbi demo`: a fresh example operation, taken through the whole job, then served."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cbi.cli.common import data_option, json_option, say, settings_of
from cbi.cli.example import SHIPPED_HOUSEHOLDS
from cbi.cli.serve import free_port, serve_both
from cbi.errors import UnsafeSettings

if TYPE_CHECKING:
    from cbi.cli.example.people import Login
    from cbi.cli.example.story import Told
    from cbi.settings import Settings


@click.command("demo")
@data_option
@json_option
@click.option("--port", type=click.IntRange(1, 65534), help="The office's port; the room has the next one.")
@click.option("--households", type=click.IntRange(40, 5000), default=SHIPPED_HOUSEHOLDS, show_default=True)
@click.option("--no-serve", is_flag=True, help="Tell the story and stop.")
def demo_command(data: Path | None, port: int | None, households: int, *, no_serve: bool, as_json: bool) -> None:
    """Make an example operation of invented people and take it through the whole job. Exit 1 unless it foots and verifies."""
    from cbi.cli.example.people import write_logins
    from cbi.cli.example.story import Story

    settings = settings_of(data, port=port, world="both")
    if not no_serve:
        for place in range(2):  # before an earlier example is taken away: it may be the one that is being served
            free_port(settings.host, settings.port + place)
    make_way(settings)
    told = Story(settings, say, households=households).tell()
    logins = settings.data / "demo-logins.json"
    write_logins(logins, list(told.logins), office_port=settings.port)
    if as_json:
        click.echo(json.dumps(told.to_json(), indent=1, ensure_ascii=False))
    else:
        _show(told, settings, logins)
    if not (told.statement_foots and told.audit_verified):
        sys.exit(1)
    if not no_serve:
        sys.exit(serve_both(settings))


def make_way(settings: Settings) -> None:
    """Remove an earlier example from the folder. Raises UnsafeSettings when a real operation lies there."""
    from cbi.store.records import open_office

    office = settings.folder("office")
    if not office.exists():
        return
    if (office / "office.db").exists():
        records = open_office(settings.model_copy(update={"clock": None, "seed": None}))
        demo = records.operation.demo
        records.close()
        if not demo:
            raise UnsafeSettings(f"choose another folder with --data: {settings.data} holds a real operation")
    for world in ("office", "protection"):
        shutil.rmtree(settings.folder(world), ignore_errors=True)


def _show(told: Told, settings: Settings, logins: Path) -> None:
    say(f"\n{told.households} households, {told.members} people; list {told.list_reference} with {told.instructions} transfers.")
    say(
        "The statement foots and the audit trail is unbroken."
        if told.statement_foots and told.audit_verified
        else "Something does not foot or verify."
    )
    for world, name, port in (("office", "Office", settings.port), ("protection", "Protection room", settings.port + 1)):
        say(f"\n{name}, http://localhost:{port}")
        _say_people([one for one in told.logins if one.world == world])
    say(f"\nThe same is in {logins}. Codes change every 30 seconds: put the secret into any authenticator, or run")
    say(f"  {sys.executable} -c 'import pyotp; print(pyotp.TOTP(\"SECRET\").now())'\n")


def _say_people(people: Sequence[Login]) -> None:
    """Seat, name, password and secret in columns: a narrow screen breaks the line, so that nothing to be copied is ever cut short."""
    rows = [("seat", "name", "password", "authenticator"), *((one.role, one.name, one.password, one.totp_secret) for one in people)]
    widths = [max(len(row[place]) for row in rows) for place in range(3)]
    for row in rows:
        say("  " + "  ".join((*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3])))
