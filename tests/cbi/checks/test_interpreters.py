"""Who may interpret: a register with the day somebody made sure of them, and only those whose vetting counts stand on the card."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from cbi.access import Role
from cbi.checks import interpreters
from cbi.clock import Clock
from cbi.errors import NotThere, Refused
from cbi.store.records import Records
from cbi.store.work import Actor
from tests import make_sites
from tests.make import Visitor

TODAY = date(2026, 11, 23)
GIVEN = {"name": "Sorrel Lanternwick", "languages": "Arabic, English", "sex": "f", "vetted_on": "2026-11-20"}


def enter(records: Records, *, on: date = TODAY):
    with records.work(Actor(uuid4())) as work:
        return interpreters.enter_interpreter(work, name="Sorrel Lanternwick", languages="Arabic", sex="f", vetted_on=on)


@pytest.mark.parametrize(("days", "may"), [(0, True), (365, True), (366, False)])
def test_e20_an_interpreter_may_be_asked_for_a_year_after_vetting(records: Records, days: int, may: bool):
    enter(records)
    records.clock = Clock(records.clock.now() + timedelta(days=days))

    with records.read() as reading:
        assert bool(interpreters.may_be_asked(reading)) is may
        assert len(interpreters.interpreters(reading)) == 1


def test_e20_vetting_again_counts_for_another_year_and_who_left_is_not_asked(records: Records):
    known = enter(records)
    records.clock = Clock(records.clock.now() + timedelta(days=400))
    with records.work(Actor(uuid4())) as work:
        interpreters.vet_again(work, known)
    with records.read() as reading:
        [one] = interpreters.may_be_asked(reading)
    assert one.until == TODAY + timedelta(days=765)

    with records.work(Actor(uuid4())) as work:
        interpreters.leave(work, known)

    with records.read() as reading:
        assert not interpreters.interpreters(reading)
    with pytest.raises(NotThere), records.work(Actor(uuid4())) as work:
        interpreters.vet_again(work, known)


def test_nobody_is_vetted_on_a_day_to_come(records: Records):
    with pytest.raises(Refused, match="today or before"):
        enter(records, on=TODAY + timedelta(days=1))


def test_the_name_is_sealed_and_the_audit_trail_does_not_hold_it(records: Records):
    enter(records)

    with records.engine.connect() as connection:
        kept = repr(connection.execute(sa.text("SELECT * FROM interpreter")).all())
        told = repr(connection.execute(sa.text("SELECT body FROM audit_entry")).all())

    assert "Sorrel" not in kept + told


def test_a_lead_keeps_the_register_and_the_card_shows_who_may_be_asked(records: Records, visitor: Callable[..., Visitor]):
    site = make_sites.site(records)
    lead, interviewer = visitor(Role.LEAD), visitor(Role.INTERVIEWER, site_id=site)

    entered = lead.send("/interpreters", GIVEN)
    card = interviewer.see(f"/visits/at/{site}/own-card")
    [again] = set(re.findall(r"/interpreters/[0-9a-f-]{36}/vetted", entered))
    vetted = lead.send(again, {}, page="/interpreters")
    gone = lead.send(again.replace("vetted", "left"), {}, page="/interpreters")

    assert "Sorrel Lanternwick" in card
    assert "Counts until 20 November 2027" in entered
    assert "Counts until 23 November 2027" in vetted
    assert "Nobody is registered yet" in gone
    assert interviewer.client.get("/interpreters").status_code == 404


@pytest.mark.parametrize(
    ("missing", "fix"),
    [({"name": ""}, "enter the full name"), ({"vetted_on": "2027-01-01"}, "today or before"), ({"sex": ""}, "choose one")],
)
def test_what_is_missing_is_said_at_its_field_and_nothing_typed_is_lost(visitor: Callable[..., Visitor], missing: dict[str, str], fix: str):
    page = visitor(Role.LEAD).post("/interpreters", {**GIVEN, **missing})

    assert page.status_code == 422
    assert fix in page.text
    assert 'value="Arabic, English"' in page.text
