"""`cbi doctor`: what is missing before this office is safe to work with."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import click

import cbi.payouts.lives  # noqa: F401 -- money has a say in what is overdue
from cbi.checks.service import is_overdue
from cbi.cli.common import answer, data_option, json_option, opened, settings_of
from cbi.payouts import files
from cbi.people import imports_files, retention
from cbi.settings import Settings
from cbi.staff.seats import seats
from cbi.store.folders import stands_apart
from cbi.store.keys import key_file
from cbi.store.records import Records
from cbi.web.frame import ROLE_NAMES

_LEEWAY = timedelta(days=1)


@click.command("doctor")
@data_option
@json_option
def doctor_command(data: Path | None, *, as_json: bool) -> None:
    """Say which seats are empty, where the key lies, and what else needs somebody. Exit 1 when anything does."""
    settings = settings_of(data)
    with opened(settings) as records:
        problems = [*_seats(records), *_key(settings), *_users(settings), *_late(records, settings), *_chain(records), *_served(settings)]
    words = "\n".join(f"You need to {problem}." for problem in problems) or "Nothing is missing."
    answer({"problems": problems}, as_json=as_json, words=words)
    sys.exit(1 if problems else 0)


def _seats(records: Records) -> list[str]:
    with records.read() as reading:
        return [f"fill the seat of {ROLE_NAMES[seat.role]!s}: nobody can do that work" for seat in seats(reading) if seat.empty]


def _key(settings: Settings) -> list[str]:
    if settings.office_key is None and key_file(settings).exists():
        return ["take the office key away from this disk (docs/deploy.md): whoever takes the machine now has both"]
    return []


def _late(records: Records, settings: Settings) -> list[str]:
    # Without numbers: how many letters there are is nobody's business here.
    kept = timedelta(days=settings.files_kept_days)
    with records.read() as reading:
        late = is_overdue(reading)
    if late or files.due(records, kept + _LEEWAY) or imports_files.due(records, _LEEWAY) or retention.due(records, _LEEWAY):
        return [
            "keep the office's clock running (cbi serve --world office, or cbi worker): something is here that its age should have removed"
        ]
    return []


def _users(settings: Settings) -> list[str]:
    if settings.folder("protection").exists() and not stands_apart(settings):
        return ["give the office and the room users of their own (docs/deploy.md): now one user of this computer reads the files of both"]
    return []


def _chain(records: Records) -> list[str]:
    verdict = records.verify_chain()
    return (
        []
        if verdict.verified
        else [f"stop and keep this disk as it is: the audit trail is broken at entry {verdict.broken_at} ({verdict.reason})"]
    )


def _served(settings: Settings) -> list[str]:
    if not settings.secure_cookies:
        return ["serve with TLS before tablets connect: over plain http only this computer is safe"]
    return []
