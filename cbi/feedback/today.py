"""What waits for whoever answers feedback."""

from __future__ import annotations

from collections.abc import Sequence

from cbi.access import P
from cbi.feedback import entries
from cbi.store.work import Reading
from cbi.web.house import Person, TodayLine
from cbi.web.words import _, _n


def today(reading: Reading, person: Person) -> Sequence[TodayLine]:
    """Late answers first, then all that waits."""
    if not person.may(P.FEEDBACK_ANSWER):
        return []
    waiting, late = entries.waiting(reading)
    return [
        TodayLine(
            late,
            _n("Answer that is late", "Answers that are late", late),
            _("People were told by when they hear from us."),
            _("Answer them"),
            "feedback.entries",
            {"state": entries.LATE},
        ),
        TodayLine(
            waiting - late,
            _n("Answer to give", "Answers to give", waiting - late),
            _("The nearest day stands first."),
            _("Open the list"),
            "feedback.entries",
            {"state": entries.OPEN},
        ),
    ]
