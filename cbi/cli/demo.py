"""`cbi demo`: a fresh example operation, taken through the whole job, then served."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from cbi.cli.common import data_option, json_option, say, settings_of
from cbi.cli.example.people import write_logins
from cbi.cli.example.story import SHIPPED_HOUSEHOLDS, Story, Told
from cbi.errors import UnsafeSettings
from cbi.settings import Settings
from cbi.store.records import open_office


@click.command("demo")
@data_option
@json_option
@click.option("--port", type=click.IntRange(1, 65534), help="The office's port; the room has the next one.")
@click.option("--households", type=click.IntRange(40, 5000), default=SHIPPED_HOUSEHOLDS, show_default=True)
@click.option("--no-serve", is_flag=True, help="Tell the story and stop.")
def demo_command(data: Path | None, port: int | None, households: int, *, no_serve: bool, as_json: bool) -> None:
    """Make an example operation of invented people and take it through the whole job. Exit 1 unless it foots and verifies."""
    settings = settings_of(data, port=port, world="both")
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
        from cbi.cli.serve import serve_both

        sys.exit(serve_both(settings))


def make_way(settings: Settings) -> None:
    """Remove an earlier example from the folder. Raises UnsafeSettings when a real operation lies there."""
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
    console = Console(stderr=True)
    console.print(f"\n{told.households} households, {told.members} people; list {told.list_reference} with {told.instructions} transfers.")
    console.print(
        "The statement foots and the audit trail is unbroken."
        if told.statement_foots and told.audit_verified
        else "Something does not foot or verify."
    )
    table = Table("seat", "name", "password", "authenticator", "where")
    for one in told.logins:
        port = settings.port + (1 if one.world == "protection" else 0)
        table.add_row(one.role, one.name, one.password, one.totp_secret, f"http://localhost:{port}")
    console.print(table)
    console.print(f"The same is in {logins}. Codes change every 30 seconds: put the secret into any authenticator, or run")
    console.print("  python -c 'import pyotp; print(pyotp.TOTP(\"SECRET\").now())'\n")
