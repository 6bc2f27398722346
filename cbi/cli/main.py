"""The `cbi` command: one group per subject. Answers go to stdout, words for people to stderr; exit 0 done, 1 refused, 2 wrong use."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from importlib import import_module
from types import ModuleType

import click

from cbi.cli.loading import loading
from cbi.errors import Refused, UnsafeSettings

# Where each command is, and what it says of itself: loaded when first used, so that a command pays only for what it needs, and the list for none.
COMMANDS = {
    "audit": ("cbi.cli.audit", "The audit trail."),
    "backup": ("cbi.cli.backup", "Write one world's records to one sealed file, while people work on."),
    "demo": ("cbi.cli.demo", "Make an example operation of invented people and take it through the whole job."),
    "doctor": ("cbi.cli.doctor", "Say which seats are empty, where the key lies, and what else needs somebody."),
    "erase": ("cbi.cli.people", "Destroy a household's key, and prove it."),
    "households": ("cbi.cli.people", "Households."),
    "init": ("cbi.cli.init", "Make an operation in an empty data folder."),
    "instrument": ("cbi.cli.instrument", "The questions of the visit and of the site check, version by version."),
    "journal": ("cbi.cli.money", "Write the journal as csv for the finance system; days are those of the office."),
    "keys": ("cbi.cli.keys", "The office's keys."),
    "list": ("cbi.cli.money", "Payment lists."),
    "login": ("cbi.cli.login", "Sign in; commands that change money, people or staff then act as you."),
    "payouts": ("cbi.cli.money", "Payout files."),
    "people": ("cbi.cli.duplicates", "People."),
    "restore": (
        "cbi.cli.backup",
        "Put a backup into an empty data folder; people erased since stay erased where the folder still remembers them.",
    ),
    "room": ("cbi.cli.room", "The protection room: its own database and keys."),
    "routes": ("cbi.cli.routes", "List every route with its methods, permission and roles."),
    "sample": ("cbi.cli.sample", "Write a Kobo export, a payment list, a provider's report about it and a set of answers into DIR."),
    "serve": ("cbi.cli.serve", "Serve the office on one port and the room on the next, in two processes."),
    "staff": ("cbi.cli.staff", "People who work in the office."),
    "statement": (
        "cbi.cli.money",
        "Print a statement: of a list, or with --by of a provider, cycle (FSL-1), grant or budget line.",
    ),
    "worker": ("cbi.cli.serve", "Run the office's clock and long work here instead of in `cbi serve` (set CBI_JOBS=worker for both)."),
}


class Lazy(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All names, in order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name."""
        if cmd_name not in COMMANDS:
            return None
        found = getattr(_loaded(COMMANDS[cmd_name][0]), f"{cmd_name}_command")
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of all commands, for which none is imported."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in sorted(COMMANDS.items())])


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cbi-manager")
def cli() -> None:
    """CBI Manager: register households, schedule transfers, reconcile payouts."""
    # What commands write holds names and numbers: nobody else on this computer reads it.
    os.umask(0o077)


def main() -> None:
    """Run a command; every refusal is one plain sentence on stderr."""
    atexit.register(gc.freeze)  # a process that ends need not look through everything for garbage once more
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


def _loaded(place: str) -> ModuleType:
    if place in sys.modules:
        return sys.modules[place]
    with loading():
        return import_module(place)


def _say(fix: str) -> None:
    click.echo(f"You need to {fix}.", err=True)
