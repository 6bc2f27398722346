"""What the help desk and the manager find in the morning about arrangements. Never a count of what waits: that would tell on somebody."""

from __future__ import annotations

from collections.abc import Sequence

from cbi.access import P
from cbi.store.work import Reading
from cbi.transfers.inbox import next_slot
from cbi.transfers.kept import ending
from cbi.transfers.published import count_to_confirm
from cbi.web.filters import day
from cbi.web.house import Person, TodayLine
from cbi.web.words import _, _n


def lines(reading: Reading, person: Person) -> Sequence[TodayLine]:
    """The next publishing hour for the help desk, payees to confirm for the manager."""
    found: list[TodayLine] = []
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
    found += _kept(reading, person)
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


def _kept(reading: Reading, person: Person) -> list[TodayLine]:
    """Money kept until asked whose cycle ends soon: the desk asks the households, the manager knows of it."""
    desk, manager = person.may(P.ARRANGEMENT_CHANGE), person.may(P.LIST_PREPARE)
    kept = ending(reading) if desk or manager else ()
    if not kept:
        return []
    first = kept[0]
    return [
        TodayLine(
            count=len(kept),
            title=_n("Household whose money is kept until it asks", "Households whose money is kept until they ask", len(kept)),
            why=_("%(cycle)s ends on %(day)s. Ask them whether they wish it now.", cycle=first.cycle, day=day(first.ends_on)),
            link=_("Open the households") if desk else _("Open the cycle"),
            endpoint="transfers.kept" if desk else "transfers.cycle",
            values={} if desk else {"cycle_id": first.cycle_id},
        )
    ]
