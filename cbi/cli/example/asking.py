"""The visits of the example: delivery choices for every household, private pages at one place behind the gate."""

from __future__ import annotations

import random
from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

import screening
from cbi.checks import box, choices, gate
from cbi.checks.choices import Chosen
from cbi.checks.consent import consent_text
from cbi.checks.limits import set_reporting_text
from cbi.checks.visits import visit
from cbi.cli.example.people import Login
from cbi.people.tables import Household
from cbi.store.parts import in_parts
from cbi.store.records import Records
from cbi.store.work import Actor, Work
from cbi.transfers.inbox import publish_now
from cbi.transfers.receiving import SLOTS

_AT_ONCE = 40
# What people might say behind the gate; the first needs nobody, the others an officer, a second look, or somebody today.
_PRIVATE: tuple[dict[str, str], ...] = (
    {
        "H04": "joint",
        "H05": "yes",
        "H06": "any",
        "H07": "keep",
        "H08": "own",
        "H14": "no",
        "H16": "same",
        "H18": "same",
        "H19": "me",
        "H22": "no",
    },
    {"H04": "partner", "H05": "partly", "H07": "keep", "H08": "shared_ok", "H16": "harder", "H18": "same", "H22": "later"},
    {"H04": "outside", "H05": "unsure", "H07": "other_keeps", "H08": "not_private", "H14": "cannot_refuse", "H16": "unsure"},
    {"H04": "me", "H05": "yes", "H07": "none", "H08": "none", "H14": "usual", "H16": "easier", "H22": "card"},
    {"H05": "yes", "H16": "same", "H22": "now"},
)
_CHOICES: tuple[dict[str, frozenset[str]], ...] = (
    {"H01": frozenset({"none"}), "H03": frozenset({"all_cash"}), "H10": frozenset({"any"}), "H20": frozenset({"fine"})},
    {"H01": frozenset({"daytime"}), "H03": frozenset({"any"}), "H10": frozenset({"neutral"}), "H20": frozenset({"fine"})},
    {"H01": frozenset({"transport"}), "H11": frozenset({"manage"}), "H12": frozenset({"priority"}), "H20": frozenset({"fine"})},
    {"H01": frozenset({"women_line"}), "H10": frozenset({"in_person"}), "H12": frozenset({"none"}), "H20": frozenset({"fine"})},
    {"H01": frozenset({"none"}), "H02": frozenset({"no"}), "H11": frozenset({"no"}), "H21": frozenset({"not_needed"})},
)
# Hours that do not suit differ from household to household, so that no arrangement of hours stands alone.
_UNSUITABLE: tuple[tuple[str, ...], ...] = (
    (),
    (),
    tuple(slot for slot in SLOTS if slot.endswith("-midday")),
    tuple(slot for slot in SLOTS if slot.endswith("-morning")),
)
_REPORTING = "If you tell us that a child is in danger, we must tell the child protection service. Everything else stays between you and the support team."


def visit_everybody(records: Records, logins: dict[str, Login], sites: dict[str, UUID]) -> int:
    """Page 3 for all; page 2 for a few at Bahari Field, as the gate allows. Returns how many private pages were sent."""
    interviewer, chooser, hours = Actor(logins["interviewer"].id), random.Random(7), random.Random(8)  # noqa: S311 -- invented answers
    with records.work(Actor(logins["administrator"].id)) as work:
        set_reporting_text(work, _REPORTING)
    everybody = _households(records)
    asked = sum(_ask_privately(records, interviewer, household_id, answers) for household_id, answers in _few(everybody, sites["BH"]))
    for part in in_parts(everybody, _AT_ONCE):
        with records.work(interviewer) as work:
            for household_id, _ in part:
                _choose(work, household_id, _chosen(chooser, hours))
    return asked


def publish(records: Records, manager_id: UUID) -> None:
    """Everything in the inbox, whoever asked, becomes arrangements."""
    with records.work(Actor(manager_id)) as work:
        publish_now(work)


def _households(records: Records) -> list[tuple[UUID, UUID]]:
    with records.read() as reading:
        rows = reading.session.exec(select(Household.id, Household.site_id).order_by(col(Household.number), col(Household.id)))
        return [(household_id, site_id) for household_id, site_id in rows]


def _few(everybody: Sequence[tuple[UUID, UUID]], site_id: UUID) -> list[tuple[UUID, dict[str, str]]]:
    here = [household_id for household_id, place in everybody if place == site_id]
    return list(zip(here[3::7], _PRIVATE, strict=False))


def _ask_privately(records: Records, interviewer: Actor, household_id: UUID, answers: dict[str, str]) -> bool:
    assert interviewer.id is not None
    with records.work(interviewer) as work:
        here = visit(work, household_id)
        if not here.adults or not gate.open_page(work, here.site_id, interviewer.id).open:
            return False
    with records.work(interviewer) as work:
        shown = {item.id for item in screening.items_for_page(screening.load(), "private", here.facts)}
        told = screening.Answers({item: frozenset({option}) for item, option in answers.items() if item in shown})
        box.put_private(work, here, member_id=here.adults[0].id, answers=told, consent=consent_text("en"), key=None)
    return True


def _chosen(chooser: random.Random, hours: random.Random) -> Chosen:
    options = chooser.choice(_CHOICES)
    return Chosen(options, unsuitable=hours.choice(_UNSUITABLE) if "daytime" in options["H01"] else ())


def _choose(work: Work, household_id: UUID, chosen: Chosen) -> None:
    here = visit(work, household_id)
    changes = choices.changes_of(chosen, here.arranged, offered=here.offered, planned=here.mechanism)
    choices.propose(work, here, changes, key=None)
    box.put_choices(work, here, answers=choices.answers_of(chosen), hours=(), wishes=choices.wishes_of(changes), agreed=True, key=None)
