"""`cbi sample`: invented people and provider files of any size, in a folder; nothing of an office is touched."""

from __future__ import annotations

from pathlib import Path

import click

from cbi.cli.common import say


@click.command("sample")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--households", default=420, show_default=True, type=click.IntRange(1, 200_000), help="How many households to invent.")
@click.option("--seed", default=7, show_default=True, type=int, help="The same seed gives the same files.")
@click.option("--instructions", type=click.IntRange(1), help="At most so many payment lines; all that have an account if not given.")
def sample_command(folder: Path, households: int, seed: int, instructions: int | None) -> None:
    """Write invented households, payment lines and a provider's report into FOLDER."""
    from cbi.cli.samples.folder import write_folder

    write_folder(folder, households, seed, instructions=instructions)
    say(f"Wrote {households} invented households and a provider's report into {folder}.")
