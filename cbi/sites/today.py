"""What a distribution lead finds in the morning: places to check, fixes to close, days that cannot be confirmed yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from cbi.access import P
from cbi.sites import days, directory, overrides, service
from cbi.sites.tables import DayStatus
from cbi.store.work import Reading
from cbi.web.house import Person, TodayLine
from cbi.web.words import _, _n


def today(reading: Reading, person: Person) -> Sequence[TodayLine]:
    """The lines for whoever answers for places and days."""
    lines = _days(reading) if person.may(P.DAY_PLAN) else []
    if person.may(P.SITE_CHECK):
        lines += [*_checks(reading), *_contacts(reading)]
    return [*lines, *_leave(reading, person)] if person.may(P.SITE_AGREE) else lines


def _leave(reading: Reading, person: Person) -> list[TodayLine]:
    asked = overrides.waiting_for(reading, person.id)
    if not asked:
        return []
    return [
        TodayLine(
            count=len(asked),
            title=_n("Place for which leave to confirm days is asked", "Places for which leave to confirm days is asked", len(asked)),
            why=_("First: %(site)s", site=service.site_of(reading, asked[0].site_id).name),
            link=_("Look at it"),
            endpoint="sites.agree_leave",
            values={"override_id": asked[0].id},
        )
    ]


def _contacts(reading: Reading) -> list[TodayLine]:
    old = directory.stale_services(reading)
    if not old:
        return []
    return [
        TodayLine(
            count=len(old),
            title=_n("Service to reach again", "Services to reach again", len(old)),
            why=_("Nobody reached them for 30 days. First: %(name)s", name=old[0].name),
            link=_("Open the directory"),
            endpoint="sites.services",
        )
    ]


def _days(reading: Reading) -> list[TodayLine]:
    coming = days.days_between(reading, reading.today, reading.today + timedelta(days=7))
    held = [day for day in coming if day.blocks]
    ready = [day for day in coming if day.status is DayStatus.PLANNED and not day.blocks]
    lines = []
    if held:
        first = held[0]
        lines.append(
            TodayLine(
                count=len(held),
                title=_n("Distribution day that cannot be confirmed yet", "Distribution days that cannot be confirmed yet", len(held)),
                why=_("%(site)s: you need to %(fix)s", site=first.site, fix=first.blocks[0].fix),
                link=_("Open the day"),
                endpoint="sites.day",
                values={"day_id": first.id},
            )
        )
    if ready:
        lines.append(
            TodayLine(
                count=len(ready),
                title=_n("Distribution day to confirm", "Distribution days to confirm", len(ready)),
                why=_("In the next 7 days. First: %(site)s", site=ready[0].site),
                link=_("Open the day"),
                endpoint="sites.day",
                values={"day_id": ready[0].id},
            )
        )
    return lines


def _checks(reading: Reading) -> list[TodayLine]:
    sites = service.all_sites(reading)
    known = service.standings(reading, [site.id for site in sites])
    due = [site for site in sites if site.id not in known or known[site.id].is_old(reading.today + timedelta(days=7))]
    fixes = service.open_fixes(reading, [site.id for site in sites])
    lines = []
    if due:
        lines.append(
            TodayLine(
                count=len(due),
                title=_n("Site check due", "Site checks due", len(due)),
                why=_("First: %(site)s", site=due[0].name),
                link=_("Open the place"),
                endpoint="sites.site",
                values={"site_id": due[0].id},
            )
        )
    if fixes:
        late = sum(fix.due_on is not None and fix.due_on < reading.today for fix in fixes)
        lines.append(
            TodayLine(
                count=len(fixes),
                title=_n("Thing to put right at a place", "Things to put right at places", len(fixes)),
                why=_n("%(num)s is late", "%(num)s are late", late) if late else _("None is late"),
                link=_("Open the first"),
                endpoint="sites.fix",
                values={"fix_id": fixes[0].id},
            )
        )
    return lines
