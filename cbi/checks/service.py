"""The second door: the weekly notice. And what leaves the office on the clock, read or not."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.checks.facts import LettersPurged
from cbi.checks.tables import Letter, OpenedPages, WeeklyNotice
from cbi.errors import Refused
from cbi.sites.tables import Site
from cbi.store.records import Records
from cbi.store.work import Actor, Reading, Work, read_setting, write_setting
from cbi.web.words import _

WEEK = timedelta(days=7)
EFFECTIVE_AT = time(18)
LETTERS_KEPT = timedelta(days=30)
MOST_INTERVIEWS = 10_000
_PURGED_ON = "letters_purged_on"


def publish_week(
    work: Work, week: date, sites: Mapping[UUID, Sequence[date]], interviews: int, on_call: str, on_call_phone: str
) -> WeeklyNotice:
    """Say where and on which days of a week private pages may be opened, and how many; returns the notice.

    week: the Monday it begins on.  It counts from the Sunday before, 18:00 office time; until then it may be written anew.
    Raises Refused with what to do.
    """
    begins = effective_at(week, work.zone)
    _refuse_unsound(work, week, sites, interviews, on_call, on_call_phone)
    if work.now >= begins:
        raise Refused(_("choose a week that has not begun: a notice is written before Sunday, 18:00"))
    kept = work.session.exec(
        select(WeeklyNotice).where(col(WeeklyNotice.operation_id) == work.operation_id, col(WeeklyNotice.week) == week)
    ).first()
    notice = kept or WeeklyNotice(
        id=work.new_id("checks.notice"),
        operation_id=work.operation_id,
        week=week,
        sites="{}",
        interviews=0,
        on_call="",
        on_call_phone="",
        effective_at=begins,
    )
    listed = {str(site_id): sorted({day.isoformat() for day in days}) for site_id, days in sites.items() if days}
    notice.sites = json.dumps(listed, sort_keys=True)
    notice.interviews, notice.on_call, notice.on_call_phone = interviews, on_call.strip(), on_call_phone.strip()
    return work.add(notice)


def effective_at(week: date, zone: str) -> datetime:
    """When the notice of the week that begins on this Monday starts to count: the Sunday before, 18:00 office time."""
    return datetime.combine(week - timedelta(days=1), EFFECTIVE_AT, ZoneInfo(zone))


def notice_now(reading: Reading) -> WeeklyNotice | None:
    """The newest notice that counts; one that is over lists no day any more, so nothing carries over by itself."""
    return reading.session.exec(
        select(WeeklyNotice)
        .where(col(WeeklyNotice.operation_id) == reading.operation_id, col(WeeklyNotice.effective_at) <= reading.now)
        .order_by(col(WeeklyNotice.week).desc())
        .limit(1)
    ).first()


def purge(records: Records) -> None:
    """Delete letters older than 30 days, read or not, and old counts of opened pages. Safe at any moment; works once a day."""
    with records.read() as reading:
        if read_setting(reading.session, reading.system, _PURGED_ON) == reading.today.isoformat():
            return
    with records.work(Actor()) as work:
        if read_setting(work.session, work.system, _PURGED_ON) == work.today.isoformat():
            return
        before = work.today - LETTERS_KEPT
        work.bulk(Letter, sa.delete(Letter).where(col(Letter.day) < before))
        work.bulk(OpenedPages, sa.delete(OpenedPages).where(col(OpenedPages.day) < before))
        write_setting(work.session, work.system, _PURGED_ON, work.today.isoformat())
        # No count: how many letters there were would say how many people took part.
        work.remember(LettersPurged(before=before))


def is_overdue(reading: Reading) -> bool:
    """Whether letters or counts lie here that should have left yesterday: the clock does not run."""
    before = reading.today - LETTERS_KEPT - timedelta(days=1)
    oldest = [reading.session.exec(select(sa.func.min(col(day)))).one() for day in (Letter.day, OpenedPages.day)]
    return any(day is not None and day < before for day in oldest)


def _refuse_unsound(
    work: Work, week: date, sites: Mapping[UUID, Sequence[date]], interviews: int, on_call: str, on_call_phone: str
) -> None:
    if week.weekday() != 0:
        raise Refused(_("choose the Monday on which the week begins"))
    if any(not week <= day < week + WEEK for days in sites.values() for day in days):
        raise Refused(_("choose days of that week only, Monday to Sunday"))
    if not 0 <= interviews <= MOST_INTERVIEWS:
        raise Refused(_("enter how many talks are possible in the week, for example 40"))
    if interviews and not (on_call.strip() and on_call_phone.strip()):
        raise Refused(_("name who is on call in that week, with a phone number"))
    known = set(work.session.exec(select(Site.id).where(col(Site.operation_id) == work.operation_id)))
    if not set(sites) <= known:
        raise Refused(_("choose places from the list"))
