"""What the help desk and the manager find in the morning about arrangements. Never a count of what waits: that would tell on somebody."""

from __future__ import annotations

from collections.abc import Sequence

from cbi.access import P
from cbi.store.work import Reading
from cbi.transfers.inbox import next_slot
from cbi.transfers.published import count_to_confirm
from cbi.web.house import Person, TodayLine
from cbi.web.words import _, _n


def lines(reading: Reading, person: Person) -> Sequence[TodayLine]:
    """The next publishing hour for the help desk, payees to confirm for the manager."""
    found = []
    slot = next_slot(reading)
    if person.may(P.ARRANGEMENT_CHANGE):
        found.append(
            TodayLine(
                count=slot.hour,
                title=_("o'clock is the next publishing of changes"),
                why=_("What people ask for until then holds from then on."),
                link=_("Find a household"),
                endpoint="transfers.desk",
            )
        )
    waiting = count_to_confirm(reading) if person.may(P.ARRANGEMENTS_PUBLISH) else 0
    if waiting:
        found.append(
            TodayLine(
                count=waiting,
                title=_n("Change of payee to confirm", "Changes of payees to confirm", waiting),
                why=_("They wait for the next list until you looked at them."),
                link=_("Open the changes"),
                endpoint="transfers.publishing",
            )
        )
    return found
