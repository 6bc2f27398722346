"""`cbi sample`: invented people and provider files of any size."""

from __future__ import annotations

from pathlib import Path

import click

from cbi.cli.common import say


@click.command("sample")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--households", type=click.IntRange(1, 200_000), default=420, show_default=True)
@click.option(
    "--instructions", type=click.IntRange(1, 1_000_000), help="Lines of the example payment list; everybody with an account unless given."
)
@click.option("--seed", type=int, default=7, show_default=True, help="The same seed makes the same people.")
def sample_command(folder: Path, households: int, instructions: int | None, seed: int) -> None:
    """Write a Kobo export, a payment list, a provider's report about it and a set of answers into DIR."""
    from cbi.cli.samples.folder import write_folder

    write_folder(folder, households=households, instructions=instructions, seed=seed)
    say(f"Wrote invented people and files into {folder}.")
