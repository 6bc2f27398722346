"""What stands on a household's page about its enrolment: each programme's result, with the way to its because."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from cbi.store.work import Reading
from cbi.transfers import appeals, enrolment
from cbi.transfers.enrolment_appealed import standing
from cbi.transfers.tables import Programme
from cbi.transfers.tables_enrolment import AppealStatus, Enrolment, EnrolmentRun, EnrolmentState
from cbi.transfers.words_enrolment import APPEALS, STATES
from cbi.web.house import Panel, Person


@dataclass(frozen=True, slots=True)
class Standing:
    """How a household stands in a programme. appeal: the newest asked there; None when none was."""

    programme: Programme
    run: EnrolmentRun
    state: EnrolmentState
    appeal: AppealStatus | None


def beside(reading: Reading, person: Person, household_id: UUID) -> list[Panel]:  # noqa: ARG001 -- whoever may read the household may read this
    """One panel with every programme that has a rule in force and looked at this household; none when there is none."""
    found = standings(reading, household_id)
    values = {"standings": found, "household_id": household_id, "states": STATES, "appeal_words": APPEALS}
    return [Panel("side", "transfers/_household_enrolment.html", values)] if found else []


def standings(reading: Reading, household_id: UUID) -> Sequence[Standing]:
    """By the code of the programme."""
    asked = {one.programme_id: one.status for one in reversed(appeals.appeals_of(reading, household_id))}
    query = (
        select(Programme, EnrolmentRun, Enrolment)
        .join(EnrolmentRun, col(EnrolmentRun.programme_id) == col(Programme.id))
        .join(Enrolment, col(Enrolment.run_id) == col(EnrolmentRun.id))
        .where(col(Enrolment.household_id) == household_id, col(EnrolmentRun.id).in_(enrolment.currents()))
        .order_by(col(Programme.code))
    )
    rows = reading.session.exec(query).all()
    return [Standing(programme, run, _state(reading, run, result), asked.get(programme.id)) for programme, run, result in rows]


def _state(reading: Reading, run: EnrolmentRun, result: Enrolment) -> EnrolmentState:
    return standing(reading, run, enrolment.rule_of(reading, run.rule_id), result).state
