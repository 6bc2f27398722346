"""Three invented places, what can be found there, and how each was checked."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from cbi.checks.interpreters import enter_interpreter
from cbi.sites import checking, days
from cbi.sites.checking import NewCheck
from cbi.sites.directory import add_service, services_at, verify_service
from cbi.sites.service import add_site, open_fixes
from cbi.sites.tables import ServiceKind
from cbi.store.records import Records
from cbi.store.work import Actor, Work
from screening import load

SITES = (
    ("BH", "Bahari Field", "Kharwa North", "KW0101"),
    ("OM", "Old Mill", "Kharwa North", "KW0102"),
    ("HR", "Hill Road", "Kharwa South", "KW0201"),
)
_SERVICES = (
    (ServiceKind.HEALTH, "Lantern Clinic", "+999 555 0101", "every day, day and night"),
    (ServiceKind.PSYCHOSOCIAL, "Quiet Garden Centre", "+999 555 0102", "Monday to Saturday, 08:00 to 17:00"),
    (ServiceKind.CHILD, "Kite House", "+999 555 0103", "every day, 08:00 to 18:00"),
    (ServiceKind.FEEDBACK, "Feedback line, free of charge", "+999 555 0100", "every day, 08:00 to 20:00"),
)
_GAPS = {"HR": {"S06": "partly", "S07": "partly", "S12": "dk"}, "OM": {"S05": "partly"}}


def found(records: Records) -> dict[str, UUID]:
    """The places by their code."""
    with records.work(Actor(name="example")) as work:
        sites = {code: add_site(work, code=code, name=name, area=area, pcode=pcode) for code, name, area, pcode in SITES}
    for site_id in sites.values():
        with records.work(Actor(name="example")) as work:
            for kind, name, contact, hours in _SERVICES:
                add_service(work, site_id, kind=kind, name=name, contact=contact, hours=hours)
    return sites


def check(records: Records, lead_id: UUID, sites: dict[str, UUID], today: date) -> None:
    """Each place checked by programme and protection together, its fixes given an owner, its next days confirmed; interpreters vetted."""
    lines = [item.id for item in load().site_items]
    for code, site_id in sites.items():
        with records.work(Actor(lead_id)) as work:
            answers = dict.fromkeys(lines, "yes") | _GAPS.get(code, {})
            checking.confirm_check(work, site_id, NewCheck(answers, today, "Mara Quietwater", "Idris Marrow"))
        with records.work(Actor(lead_id)) as work:
            for fix in open_fixes(work, [site_id]):
                checking.plan_fix(work, fix.id, owner="Otto Lanternfield", due_on=today + timedelta(days=14))
        with records.work(Actor(lead_id)) as work:
            for service in _ids(work, site_id):
                verify_service(work, service)
        with records.work(Actor(lead_id)) as work:
            day_id = days.plan_day(work, site_id=site_id, day=today + timedelta(days=12))
        with records.work(Actor(lead_id)) as work:
            days.confirm_day(work, day_id)
    _interpreters(records, lead_id, today)


def _interpreters(records: Records, lead_id: UUID, today: date) -> None:
    """Two people who may interpret; one has to be vetted again soon."""
    with records.work(Actor(lead_id)) as work:
        enter_interpreter(work, name="Sorrel Lanternwick", languages="Arabic, English", sex="f", vetted_on=today)
    with records.work(Actor(lead_id)) as work:
        enter_interpreter(work, name="Fennel Paperboat", languages="French, English", sex="m", vetted_on=today - timedelta(days=340))


def _ids(work: Work, site_id: UUID) -> list[UUID]:
    return [service.id for service in services_at(work, site_id)]
