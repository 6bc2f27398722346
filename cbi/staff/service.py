"""Who may sign in, and with which rights."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, select

from cbi.access import rights_of
from cbi.staff.tables import Staff, StaffRole
from cbi.store.records import Records
from cbi.web.house import Person


def find_person(records: Records, person_id: UUID) -> Person | None:
    """The person behind a session, with today's rights; None when they left."""
    with records.read() as reading:
        staff = reading.session.get(Staff, person_id)
        if staff is None or staff.left_on is not None:
            return None
        roles = frozenset(reading.session.exec(select(StaffRole.role).where(col(StaffRole.staff_id) == person_id)))
        return Person(staff.id, staff.name, roles, rights_of(roles), staff.language, staff.site_id)
