"""May private questions be asked here, today, by this interviewer? From office facts only, and the same for every household."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

import screening
from cbi.checks.box import intake_key
from cbi.checks.service import WEEK, notice_now
from cbi.checks.tables import OpenedPages, WeeklyNotice
from cbi.sites.instrument import current
from cbi.sites.service import latest
from cbi.staff.tables import Staff
from cbi.store.work import Reading, Work
from cbi.transfers.tables import Programme, ProgrammeSite
from cbi.web.words import _

PAGES_A_DAY = 8


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether the private page may be opened; reasons complete "You need to …", in the order of the preconditions."""

    open: bool
    reasons: tuple[str, ...]


def look(reading: Reading, site_id: UUID, staff_id: UUID) -> Gate:
    """Whether one more page may be opened; counts nothing."""
    return _judged(reading, site_id, staff_id, own=0)


def open_page(work: Work, site_id: UUID, staff_id: UUID) -> Gate:
    """The same when the page is drawn: an open gate counts one more page for the interviewer, the site and the day."""
    gate = _judged(work, site_id, staff_id, own=0)
    if gate.open:
        _count_one(work, site_id, staff_id)
    return gate


def still_open(reading: Reading, site_id: UUID, staff_id: UUID) -> Gate:
    """The same when the page is sent: a page this interviewer drew is already among those opened, so the last of the week can be sent too."""
    return _judged(reading, site_id, staff_id, own=min(1, opened_today(reading, staff_id)))


def opened_today(reading: Reading, staff_id: UUID) -> int:
    """How many private pages this interviewer opened today; shown to her alone."""
    return _opened(reading, col(OpenedPages.staff_id) == staff_id, col(OpenedPages.day) == reading.today)


def gate_facts(reading: Reading, site_id: UUID, staff_id: UUID, own: int = 0) -> screening.GateFacts:
    """All that the office knows for the preconditions. own: pages already counted that must not shut themselves out."""
    notice = notice_now(reading)
    staff = reading.session.get(Staff, staff_id)
    return screening.GateFacts(
        today=reading.today,
        site=_site_facts(reading, site_id),
        day_listed=notice is not None and reading.today.isoformat() in json.loads(notice.sites).get(str(site_id), ()),
        interviews_left=0 if notice is None else notice.interviews - opened_in(reading, notice) + own,
        certified_on=staff.certified_on if staff else None,
        programme_signed_off=_signed_off(reading, site_id),
    )


def opened_in(reading: Reading, notice: WeeklyNotice) -> int:
    """How many private pages were opened in the notice's week, everywhere."""
    return _opened(reading, col(OpenedPages.day) >= notice.week, col(OpenedPages.day) < notice.week + WEEK)


def _judged(reading: Reading, site_id: UUID, staff_id: UUID, *, own: int) -> Gate:
    decision = screening.gate(current(reading), gate_facts(reading, site_id, staff_id, own))
    reasons = [reason.text for reason in decision.reasons]
    if not intake_key(reading):
        reasons.append(_("wait until the support team has set up its letter box"))
    if opened_today(reading, staff_id) >= PAGES_A_DAY + own:
        reasons.append(_("leave it at that for today: everybody opens at most %(most)s of these pages a day", most=PAGES_A_DAY))
    return Gate(decision.open and not reasons, tuple(reasons))


def _site_facts(reading: Reading, site_id: UUID) -> Mapping[str, screening.SiteFact]:
    standing = latest(reading, site_id)
    if standing is None:
        return {}
    return {item: screening.SiteFact(answer, standing.answered_on) for item, answer in standing.answers.items()}


def _signed_off(reading: Reading, site_id: UUID) -> bool:
    """Every programme that works at the site was signed off, and there is at least one."""
    programmes = reading.session.exec(
        select(Programme)
        .join(ProgrammeSite, col(ProgrammeSite.programme_id) == col(Programme.id))
        .where(col(ProgrammeSite.site_id) == site_id)
    ).all()
    signed = [one.protection_signed_on for one in programmes]
    return bool(signed) and all(day is not None and day <= reading.today for day in signed)


def _opened(reading: Reading, *which: sa.ColumnElement[bool]) -> int:
    return reading.session.exec(
        select(sa.func.coalesce(sa.func.sum(col(OpenedPages.opened)), 0)).where(
            col(OpenedPages.operation_id) == reading.operation_id, *which
        )
    ).one()


def _count_one(work: Work, site_id: UUID, staff_id: UUID) -> None:
    kept = work.session.exec(
        select(OpenedPages).where(
            col(OpenedPages.operation_id) == work.operation_id,
            col(OpenedPages.site_id) == site_id,
            col(OpenedPages.day) == work.today,
            col(OpenedPages.staff_id) == staff_id,
        )
    ).first()
    count = kept or OpenedPages(
        id=work.new_id("checks.opened"), operation_id=work.operation_id, site_id=site_id, day=work.today, staff_id=staff_id, opened=0
    )
    count.opened += 1
    work.add(count)
