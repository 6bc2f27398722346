"""What can happen to staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from cbi.staff.tables import Staff, StaffRole
from cbi.store.facts import Fact


@dataclass(frozen=True, kw_only=True)
class StaffAdded(Fact):
    """A person joined, with these seats."""

    explains: ClassVar[tuple[type, ...]] = (Staff, StaffRole)
    staff_id: UUID
    roles: tuple[str, ...] = ()
