"""What is missing before this office is safe to work with: each finishes "You need to …"."""

from __future__ import annotations

from datetime import timedelta

from cbi.checks.service import is_overdue
from cbi.cli.common import ask_every_floor
from cbi.payouts import files
from cbi.people import imports_files, retention
from cbi.settings import Settings
from cbi.staff.seats import seats
from cbi.store.folders import stands_apart
from cbi.store.keys import key_file
from cbi.store.records import Records
from cbi.web.frame import ROLE_NAMES

_LEEWAY = timedelta(days=1)


def problems_of(records: Records, settings: Settings) -> list[str]:
    """Everything that needs somebody."""
    return [*_seats(records), *_key(settings), *_users(settings), *_late(records, settings), *_chain(records), *_served(settings)]


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
    ask_every_floor()
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
