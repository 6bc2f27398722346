"""`cbi login`: a person at a shell, for fifteen minutes, under the same rights as the pages."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cbi.access import Permission
from cbi.cli.common import data_option, opened, say, settings_of
from cbi.errors import Refused

if TYPE_CHECKING:
    from cbi.settings import Settings
    from cbi.store.records import Records
    from cbi.store.work import Actor


@click.command("login")
@data_option
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password and then the code from standard input, one a line.")
def login_command(data: Path | None, name: str, *, password_stdin: bool) -> None:
    """Sign in; commands that change money, people or staff then act as you."""
    from cbi.staff.shell import issue_cli_token
    from cbi.staff.signing import first_step, second_step

    settings = settings_of(data)
    if password_stdin:
        password, code = (sys.stdin.readline().rstrip("\n") for _ in range(2))
    else:
        password, code = click.prompt("Password", hide_input=True, err=True), ""
    with opened(settings) as records:
        entry = first_step(records, name, password)
        second_step(records, entry.staff_id, code or click.prompt("Code from your authenticator", err=True))
        _keep(settings, issue_cli_token(records, entry.staff_id))
    say("Signed in for 15 minutes.")


def token_file(settings: Settings) -> Path:
    """Where this system user's token lies (mode 0600)."""
    return settings.folder("office") / f"login-{getpass.getuser()}"


@contextmanager
def acting(settings: Settings, permission: Permission) -> Iterator[tuple[Records, Actor]]:
    """The records and the signed-in person, when they hold the right. Raises Refused with what to do."""
    from cbi.staff.service import find_person
    from cbi.staff.shell import person_of_cli_token
    from cbi.store.work import Actor

    path = token_file(settings)
    with opened(settings) as records:
        person_id = person_of_cli_token(records, path.read_text("ascii").strip()) if path.exists() else None
        person = find_person(records, person_id) if person_id else None
        if person is None:
            raise Refused("sign in first with `cbi login NAME`: nobody is signed in here, or it was more than 15 minutes ago")
        if permission not in person.rights:
            raise Refused("ask somebody whose work this is: your seats do not include it")
        yield records, Actor(person.id)


def _keep(settings: Settings, token: str) -> None:
    path = token_file(settings)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(token)
