"""`cbi backup` and `cbi restore`: each world by itself, by the database's own backup, sealed under the world's key."""

from __future__ import annotations

from pathlib import Path

import click

from cbi.cli.common import data_option, say, settings_of
from cbi.errors import Refused


@click.command("backup")
@data_option
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--world", type=click.Choice(["office", "protection"]), default="office", show_default=True)
def backup_command(data: Path | None, out: Path, world: str) -> None:
    """Write one world's records to one sealed file, while people work on."""
    from cbi.store.backup import backup

    if out.exists():
        raise Refused(f"name a file that does not exist yet: {out} would be written over")
    size = backup(settings_of(data), world, out)  # type: ignore[arg-type]
    say(f"Wrote {out} ({size:,} bytes). It opens only with the key it was made with: keep that elsewhere.")


@click.command("restore")
@data_option
@click.argument("source", metavar="IN", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore_command(data: Path | None, source: Path) -> None:
    """Put a backup into an empty data folder; people erased since stay erased where the folder still remembers them."""
    from cbi.store.backup import restore

    world = restore(settings_of(data), source)
    say(f"The {world}'s records are back. Run `cbi audit verify` with the last checkpoint you have on paper.")
