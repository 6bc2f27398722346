"""What waits for registrars and interviewers: the households of their place, and their own pages of today."""

from __future__ import annotations

from collections.abc import Sequence

from cbi.access import Permission
from cbi.checks.gate import PAGES_A_DAY, opened_today
from cbi.checks.visits import how_many
from cbi.store.work import Reading
from cbi.web.house import Person, TodayLine
from cbi.web.words import _


def today(reading: Reading, person: Person) -> Sequence[TodayLine]:
    """Lines for whoever visits; for everybody else none."""
    if not person.may(Permission.VISIT_READ):
        return []
    lines = []
    if person.site_id is not None:
        lines.append(
            TodayLine(
                how_many(reading, person.site_id),
                _("Households to visit"),
                _("All of them, in registration order."),
                _("Open the visit list"),
                "checks.visit_list",
                {"site_id": person.site_id},
            )
        )
    if person.may(Permission.CHECK_ASK):
        lines.append(
            TodayLine(
                opened_today(reading, person.id),
                _("Pages you opened today"),
                _("Out of %(most)s at most, so that you can rest.", most=PAGES_A_DAY),
                _("Open the visit list"),
                "checks.visits_home",
            )
        )
    return lines
