"""What was decided, on its way through the door. Sent again at the next unlock when the office could not be reached; it arrives once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from cbi.errors import Refused
from cbi.protection import office
from cbi.protection.facts import ArrangementSent
from cbi.protection.room import Room
from cbi.protection.tables import Outbox
from cbi.transfers.tables import ArrangementKind


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of the outbox. left: how many still wait.  fix: what the office asks for first, "" when nothing."""

    sent: int
    left: int
    fix: str = ""


def send(room: Room, officer_id: UUID) -> Posted:
    """Send everything that waits. Each item keeps its key, so a second attempt after a lost answer changes nothing."""
    with room.read() as reading:
        rows = reading.session.exec(select(Outbox).where(col(Outbox.sent_at).is_(None)).order_by(col(Outbox.made_at), col(Outbox.id))).all()
        waiting = [(row.id, row.client_key, json.loads(reading.open(row, "content"))) for row in rows]
    sent, fix = 0, ""
    for outbox_id, client_key, content in waiting:
        changes = {ArrangementKind(kind): value for kind, value in content["changes"].items()}
        try:
            office.send_arrangement(
                room.settings, officer_id, household_id=UUID(content["household"]), changes=changes, client_key=client_key
            )
        except Refused as problem:
            fix = problem.fix
            continue
        except SQLAlchemyError:
            # The office's database cannot be reached now: the item stays and goes with the next unlock.
            continue
        _mark_sent(room, officer_id, outbox_id)
        sent += 1
    return Posted(sent, len(waiting) - sent, fix)


def _mark_sent(room: Room, officer_id: UUID, outbox_id: UUID) -> None:
    with room.work(officer_id) as work:
        row = work.session.get(Outbox, outbox_id)
        if row is not None:
            row.sent_at = work.now
            work.add(row)
        work.remember(ArrangementSent(outbox_id=outbox_id))
