"""`cbi instrument`: put a version of the check in use that the support team handed out. Nothing here knows a household."""

from __future__ import annotations

from pathlib import Path

import click

from cbi.access import Permission
from cbi.cli.common import answer, data_option, json_option, opened, say, settings_of
from cbi.cli.login import acting
from cbi.errors import Refused

_LARGEST_BYTES = 4_000_000


@click.group("instrument")
def instrument_command() -> None:
    """The questions of the visit and of the site check, version by version."""


@instrument_command.command("install")
@data_option
@json_option
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--shipped", is_flag=True, help="Not a file: the version that comes with this program, which needs no signature.")
def install(data: Path | None, file: Path | None, *, shipped: bool, as_json: bool) -> None:
    """Put a version in use. Needs `cbi login` as an administrator; refused unless the support team signed it, and it is newer, sound, and fits this program."""
    from cbi.sites import instrument
    from screening import Package

    content = Package.shipped(instrument.NAME).to_bytes() if shipped else _read(file)
    with acting(settings_of(data), Permission.INSTRUMENT_INSTALL) as (records, actor), records.work(actor) as work:
        new = instrument.install(work, content)
    told = {"name": new.name, "version": new.version, "digest": new.digest}
    answer(told, as_json=as_json, words=f"{new.name} {new.version}\n{new.digest}")
    say("In use from now on: it is signed with the support team's key, or came with the program.")


def _read(file: Path | None) -> bytes:
    if file is None:
        raise Refused("name the file that the support team handed out, for example questions-0.2.json")
    with file.open("rb") as given:
        return given.read(_LARGEST_BYTES + 1)


@instrument_command.command("list")
@data_option
@json_option
def list_(data: Path | None, *, as_json: bool) -> None:
    """Every version there is here; the last is in use."""
    from cbi.sites import instrument
    from screening import load_package

    with opened(settings_of(data)) as records, records.read() as reading:
        found = instrument.installed(reading)
    answer(
        {"versions": [{"name": one.name, "version": one.version, "digest": one.digest} for one in found], "in_use": found[-1].version},
        as_json=as_json,
        words="\n".join(f"{one.name} {one.version} {one.digest}" for one in found),
    )
    say(load_package(found[-1]).notice)
