"""What a household's page offers of this subject: the way to the delivery choices, the same for every household."""

from __future__ import annotations

from uuid import UUID

from cbi.access import Permission
from cbi.store.work import Reading
from cbi.web.house import Panel, Person


def beside(reading: Reading, person: Person, household_id: UUID) -> list[Panel]:  # noqa: ARG001 -- nothing is looked up, so that the link says nothing
    """One action for whoever may ask: it never depends on what the household said or was asked before."""
    if not person.may(Permission.CHOICES_ASK):
        return []
    return [Panel("action", "checks/_choices_action.html", {"household_id": household_id})]
