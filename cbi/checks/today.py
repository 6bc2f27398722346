"""What waits for registrars and interviewers: the households of their place, and their own pages of today."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cbi.access import Permission
from cbi.checks.gate import PAGES_A_DAY, opened_today
from cbi.checks.limits import reporting_text
from cbi.checks.visits import how_many
from cbi.store.work import Reading
from cbi.web.house import Person, TodayLine
from cbi.web.words import _


def today(reading: Reading, person: Person) -> Sequence[TodayLine]:
    """Lines for whoever visits, and for whoever plans what is read aloud there; for everybody else none."""
    return [*_planner(reading, person), *_visitor(reading, person)]


def _planner(reading: Reading, person: Person) -> Iterator[TodayLine]:
    if person.may(Permission.PROGRAMME_PLAN):
        yield TodayLine(
            int(not reporting_text(reading)),
            _("Text to write down: what we cannot keep to ourselves"),
            _("It is read aloud before private questions."),
            _("Write it down"),
            "checks.limits",
        )


def _visitor(reading: Reading, person: Person) -> Iterator[TodayLine]:
    if person.may(Permission.VISIT_READ) and person.site_id is not None:
        yield TodayLine(
            how_many(reading, person.site_id),
            _("Households to visit"),
            _("All of them, in registration order."),
            _("Open the visit list"),
            "checks.visit_list",
            {"site_id": person.site_id},
        )
    if person.may(Permission.CHECK_ASK):
        yield TodayLine(
            opened_today(reading, person.id),
            _("Pages you opened today"),
            _("Out of %(most)s at most, so that you can rest.", most=PAGES_A_DAY),
            _("Open the visit list"),
            "checks.visits_home",
        )
