"""Makes places for tests: checked or not, with days and services."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from cbi.sites import checking, days, directory, service
from cbi.sites.tables import ServiceKind
from cbi.store.records import Records
from cbi.store.work import Actor

ITEMS = tuple(f"S{number:02}" for number in range(1, 14))


def site(records: Records, code: str = "BH", name: str = "Bahari Field") -> UUID:
    """A new place; returns its id."""
    with records.work(Actor(uuid4())) as work:
        return service.add_site(work, code=code, name=name, area="Lower Kharwa", pcode="KW0102")


def answers(**but: str) -> dict[str, str]:
    """Everything in place but these: answers(S08="no")."""
    return {**dict.fromkeys(ITEMS, "yes"), **but}


def check(records: Records, site_id: UUID, *, on: date | None = None, by: UUID | None = None, **but: str) -> UUID:
    """A confirmed site check, all in place but these; returns its id."""
    with records.work(Actor(by or uuid4())) as work:
        new = checking.NewCheck(answers(**but), on or work.today, "Marigold Quill, protection", "Basil Cartwheel, programme")
        return checking.confirm_check(work, site_id, new)


def day(records: Records, site_id: UUID, on: date) -> UUID:
    """A planned distribution day; returns its id."""
    with records.work(Actor(uuid4())) as work:
        return days.plan_day(work, site_id=site_id, day=on)


def contact(records: Records, site_id: UUID, kind: ServiceKind = ServiceKind.HEALTH, name: str = "Lantern Clinic") -> UUID:
    """A service in the directory; returns its id."""
    with records.work(Actor(uuid4())) as work:
        return directory.add_service(work, site_id, kind=kind, name=name, contact="0700 000 100", hours="Every day 08:00 to 17:00")
