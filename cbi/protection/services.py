"""The services directory as the room sees it: the office's entries, and when an officer last rang."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlmodel import col, select

from cbi.errors import NotThere
from cbi.protection.facts import ServiceChecked
from cbi.protection.tables import ServiceSeen
from cbi.store.work import Reading, Work


def seen_services(reading: Reading) -> dict[UUID, date]:
    """When an officer last checked each service."""
    return dict(reading.session.exec(select(col(ServiceSeen.id), col(ServiceSeen.checked_on))).all())


def check_service(work: Work, service_id: UUID, known: Collection[UUID]) -> None:
    """Somebody of this room rang today. The directory itself belongs to the office and is not touched."""
    if service_id not in known or work.actor.id is None:
        raise NotThere
    row = work.session.get(ServiceSeen, service_id) or ServiceSeen(id=service_id, checked_on=work.today, checked_by=work.actor.id)
    row.checked_on, row.checked_by = work.today, work.actor.id
    work.add(row)
    work.remember(ServiceChecked(service_id=service_id))
