"""Signing in at a shell: a token for fifteen minutes, under the same rights as the pages."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from cbi.staff.facts import ShellOpened
from cbi.store.records import Records
from cbi.store.sessions import Held, Shelf
from cbi.store.work import Actor

SHELL_LASTS = timedelta(minutes=15)
_MARK = "cli-"


def issue_cli_token(records: Records, staff_id: UUID) -> str:
    """A token for a person who has just given both factors. It ends by itself, and with every other session of the person."""
    token = _MARK + secrets.token_urlsafe(32)
    with records.work(Actor(staff_id)) as work:
        until = work.now + SHELL_LASTS
        work.remember(ShellOpened(staff_id=staff_id, minutes=SHELL_LASTS // timedelta(minutes=1)))
    _shelf(records).keep(Held(token, staff_id, {"cli": until.timestamp()}))
    return token


def person_of_cli_token(records: Records, token: str) -> UUID | None:
    """Whose token this is; None when it is unknown, ended, or belongs to a browser."""
    if not token.startswith(_MARK):
        return None
    held = _shelf(records).find(token)
    until = held.content.get("cli", 0)
    return held.person_id if until > records.clock.now().timestamp() else None


def _shelf(records: Records) -> Shelf:
    return Shelf(records.engine, records.system, records.clock, idle=SHELL_LASTS)
