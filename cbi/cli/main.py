"""The `cbi` command: one group per subject. Answers go to stdout, words for people to stderr; exit 0 done, 1 refused, 2 wrong use."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from cbi.errors import Refused, UnsafeSettings

# Loaded when first used, so that a command pays only for what it needs.
COMMANDS = {
    "audit": "cbi.cli.audit",
    "backup": "cbi.cli.backup",
    "demo": "cbi.cli.demo",
    "doctor": "cbi.cli.doctor",
    "erase": "cbi.cli.people",
    "households": "cbi.cli.people",
    "init": "cbi.cli.init",
    "instrument": "cbi.cli.instrument",
    "journal": "cbi.cli.money",
    "keys": "cbi.cli.keys",
    "list": "cbi.cli.money",
    "login": "cbi.cli.login",
    "payouts": "cbi.cli.money",
    "people": "cbi.cli.duplicates",
    "restore": "cbi.cli.backup",
    "room": "cbi.cli.room",
    "routes": "cbi.cli.routes",
    "sample": "cbi.cli.sample",
    "serve": "cbi.cli.serve",
    "staff": "cbi.cli.staff",
    "statement": "cbi.cli.money",
    "worker": "cbi.cli.serve",
}


class Lazy(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All names, in order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        found = getattr(import_module(place), f"{cmd_name}_command")
        assert isinstance(found, click.Command)
        return found


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cbi-manager")
def cli() -> None:
    """CBI Manager: register households, schedule transfers, reconcile payouts."""
    # What commands write holds names and numbers: nobody else on this computer reads it.
    os.umask(0o077)


def main() -> None:
    """Run a command; every refusal is one plain sentence on stderr."""
    try:
        cli(standalone_mode=False)
    except UnsafeSettings as problem:
        _say(problem.fix)
        sys.exit(2)
    except Refused as problem:
        _say(problem.fix)
        sys.exit(1)
    except click.exceptions.Exit as finished:
        sys.exit(finished.exit_code)
    except click.Abort:
        sys.exit(1)
    except click.ClickException as problem:
        problem.show()
        sys.exit(2)


def _say(fix: str) -> None:
    click.echo(f"You need to {fix}.", err=True)
