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
    """Make a new key-encryption key. Stop `cbi serve` first; afterwards old backups still need the old key."""
    from cbi.store.rotate import rotate

    kept = rotate(settings_of(data))
    say(f"Every record now opens with the new key only. The old one lies in {kept}: move it to the safe where the old backups are.")
