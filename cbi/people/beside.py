"""What stands on a household's page about its verification visits."""

from __future__ import annotations

from uuid import UUID

from cbi.access import P
from cbi.people import verification
from cbi.people.words import FOUND_AT_VISIT
from cbi.staff.service import names_of
from cbi.store.work import Reading
from cbi.web.house import Panel, Person


def beside(reading: Reading, person: Person, household_id: UUID) -> list[Panel]:
    """The household's visits, and the open one for whoever enters what they find; nothing when it was never drawn."""
    visits = verification.visits_of(reading, household_id)
    if not visits:
        return []
    values = {
        "visits": visits,
        "names": names_of(reading, {one.visited_by for one in visits if one.visited_by}),
        "found": FOUND_AT_VISIT,
        "may_enter": person.may(P.VERIFICATION_ENTER),
    }
    return [Panel("side", "people/_household_visits.html", values)]
