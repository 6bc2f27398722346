"""`cbi doctor`: what is missing before this office is safe to work with."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cbi.cli.common import answer, data_option, json_option, opened, settings_of


@click.command("doctor")
@data_option
@json_option
def doctor_command(data: Path | None, *, as_json: bool) -> None:
    """Say which seats are empty, where the key lies, and what else needs somebody. Exit 1 when anything does."""
    from cbi.cli.missing import problems_of

    settings = settings_of(data)
    with opened(settings) as records:
        problems = problems_of(records, settings)
    words = "\n".join(f"You need to {problem}." for problem in problems) or "Nothing is missing."
    answer({"problems": problems}, as_json=as_json, words=words)
    sys.exit(1 if problems else 0)
