"""What waits for administrators: empty seats, certificates that end, and a colleague's wish to agree to."""

from __future__ import annotations

from collections.abc import Sequence

from cbi.access import Permission
from cbi.staff.listing import certificates_ending, resets_waiting
from cbi.staff.seats import seats
from cbi.store.work import Reading
from cbi.web.frame import ROLE_NAMES
from cbi.web.house import Person, TodayLine
from cbi.web.words import _


def today(reading: Reading, person: Person) -> Sequence[TodayLine]:
    """Lines for administrators; for everybody else none."""
    if not person.may(Permission.STAFF_GRANT):
        return []
    empty = [seat for seat in seats(reading) if seat.empty]
    waiting, ending = resets_waiting(reading, person.id), certificates_ending(reading)
    names = ", ".join(str(ROLE_NAMES[seat.role]) for seat in empty)
    return [
        TodayLine(
            waiting,
            _("New beginnings to agree to"),
            _("Another administrator asked; you are the second."),
            _("Open staff"),
            "staff.everybody",
        ),
        TodayLine(len(empty), _("Empty seats"), names, _("Add a person"), "staff.new_person"),
        TodayLine(
            ending,
            _("Interviewers' certificates ending"),
            _("Within 30 days, ended, or not noted."),
            _("Open interviewers"),
            "staff.everybody",
            {"role": "interviewer"},
        ),
    ]
