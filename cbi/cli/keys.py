"""`cbi keys rotate`: a new key for the office; every subject's key is wrapped again, no record is sealed anew."""

from __future__ import annotations

from pathlib import Path

import click

from cbi.cli.common import data_option, say, settings_of


@click.group("keys")
def keys_command() -> None:
    """The office's keys."""


@keys_command.command("rotate")
@data_option
def rotate_command(data: Path | None) -> None:
    """Put a new key in the place of the old one. Stop `cbi serve` first; older backups still need the older key."""
    from cbi.store.keys import rotate

    new, kept = rotate(settings_of(data))
    if kept is None:
        click.echo(new.hex())
        say(
            "This is the new key, shown once. Put it in the place of CBI_OFFICE_KEY now: the old one opens nothing any more but old backups."
        )
    else:
        say(f"The office opens with its new key only. The old one lies in {kept}: move it to the safe where the older backups are.")
