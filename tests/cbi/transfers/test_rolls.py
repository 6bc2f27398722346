"""Who is expected on a distribution day: dealt by counter and hour, signed on paper, always the same for the same list and plan."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date, time
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlmodel import select

from cbi.access import GRANTS, NEVER_TOGETHER, P, Role
from cbi.errors import NotThere, Refused
from cbi.people.correction import withdraw_consent
from cbi.people.registered import open_household
from cbi.sites.days import cancel_day
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers import rolls, views_rolls
from cbi.transfers.facts_rolls import RollKind
from cbi.transfers.roll_papers import roll_paper
from cbi.transfers.rolls import Expecting, Plan
from cbi.transfers.tables import Mechanism
from tests import make_sites, make_transfers
from tests.make import Visitor

PLAN = Plan(time(9), 30, 1, 2)
FIELDS = {"opens": "09:00", "minutes": "30", "each": "1", "counters": "2", "roll": "queue", "password": "a long password", "code": "123456"}


@pytest.fixture
def day(records: Records) -> tuple[make_transfers.Setting, UUID, UUID]:
    """A programme paid by hand, a released list, and a day at its place."""
    made = make_transfers.setting(records, mechanism=Mechanism.CASH_AGENT)
    list_id = make_transfers.released_list(records, made)
    return made, list_id, make_sites.day(records, made.site_id, date(2026, 11, 30))


def expecting(records: Records, day_id: UUID, list_id: UUID, plan: Plan = PLAN) -> Expecting:
    with records.read() as reading:
        return rolls.expected(reading, day_id, list_id, plan)


def test_households_are_dealt_by_registration_number_to_every_counter_of_an_hour_first(records: Records, day):
    made, list_id, day_id = day

    roll = expecting(records, day_id, list_id)

    with records.read() as reading:
        numbers = sorted((open_household(reading, one).number for one in made.households), key=lambda number: int(number.split("-")[1]))
    assert [(line.number, line.hour, line.counter) for line in roll.lines] == [
        (numbers[0], "09:00", 1),
        (numbers[1], "09:00", 2),
        (numbers[2], "09:30", 1),
        (numbers[3], "09:30", 2),
    ]


def test_every_line_is_at_exactly_one_counter(records: Records, day):
    _made, list_id, day_id = day

    roll = expecting(records, day_id, list_id, replace(PLAN, counters=3))

    dealt = [line for _counter, lines in roll.by_counter() for line in lines]
    assert sorted(dealt, key=lambda line: line.place) == list(roll.lines)
    assert [counter for counter, _lines in roll.by_counter()] == [1, 2, 3]


def test_who_left_leaves_a_gap_and_moves_nobody(records: Records, day):
    made, list_id, day_id = day
    before = expecting(records, day_id, list_id)
    with records.work(Actor()) as work:
        withdraw_consent(work, made.households[0])

    after = expecting(records, day_id, list_id)

    assert after.lines == before.lines[1:]
    assert after.hash != before.hash


def test_the_same_list_and_plan_have_the_same_mark_and_another_plan_has_another(records: Records, day):
    _made, list_id, day_id = day

    marks = [expecting(records, day_id, list_id, plan).hash for plan in (PLAN, PLAN, replace(PLAN, each=2))]

    assert marks[0] == marks[1] != marks[2]


def test_a_plan_that_runs_past_midnight_says_what_to_change(records: Records, day):
    _made, list_id, day_id = day

    with pytest.raises(Refused, match="choose more counters"):
        expecting(records, day_id, list_id, Plan(time(23), 60, 1, 1))


def test_nobody_is_expected_on_a_cancelled_day_or_from_a_list_that_is_not_released(records: Records, day):
    made, list_id, day_id = day
    draft = make_transfers.draft_list(records, made, make_transfers.frozen_cycle(records, made))
    with pytest.raises(NotThere):
        expecting(records, day_id, draft)
    with records.work(Actor()) as work:
        cancel_day(work, day_id)

    with pytest.raises(Refused, match="nobody comes"):
        expecting(records, day_id, list_id)


def test_money_that_is_sent_to_a_phone_is_on_no_roll(records: Records):
    made = make_transfers.setting(records)
    make_transfers.released_list(records, made)
    day_id = make_sites.day(records, made.site_id, date(2026, 11, 30))

    with records.read() as reading:
        assert rolls.lists_for(reading, rolls.day_of(reading, day_id)) == []


def paper_words(records: Records, app: Flask, folder: Path, roll: Expecting, kind: RollKind) -> str:
    with app.test_request_context(), records.read() as reading:
        content = roll_paper(reading, roll, kind, office="Kharwa", language="en", right_to_left=False)
    (folder / "roll.pdf").write_bytes(content)
    return subprocess.run(["pdftotext", "-layout", folder / "roll.pdf", "-"], capture_output=True, check=True).stdout.decode()


def test_names_stand_at_the_counters_only(records: Records, app: Flask, tmp_path: Path, day):
    made, list_id, day_id = day
    roll = expecting(records, day_id, list_id)
    with records.read() as reading:
        names = [open_household(reading, one).told.head.name for one in made.households]

    queue, counters = (paper_words(records, app, tmp_path, roll, kind) for kind in (RollKind.QUEUE, RollKind.COUNTER))

    for line in roll.lines:
        assert line.number in queue
        assert line.token in queue
        assert line.number in counters
    assert all(name in counters and name not in queue for name in names)
    assert "Signature or thumbprint" in counters
    assert "Counter 2" in counters
    assert counters.count("Who collects") == 2  # a heading on each counter's own page
    assert roll.hash.hex()[:16] in queue
    assert "page 2 of 2" in counters


@pytest.mark.parametrize(
    ("plan", "hours", "households"),
    [(PLAN, "from 09:00, every 30 minutes", "1 household"), (Plan(time(9), 1, 12, 2), "from 09:00, every minute", "12 households")],
)
def test_a_paper_says_how_people_come_in_whole_words(
    records: Records, app: Flask, tmp_path: Path, day, plan: Plan, hours: str, households: str
):
    _made, list_id, day_id = day

    said = paper_words(records, app, tmp_path, expecting(records, day_id, list_id, plan), RollKind.QUEUE)

    assert re.search(rf"Hours +{hours}\n", said)
    assert re.search(r"Counters +2\n", said)
    assert re.search(rf"At each counter +{households}\n", said)


def test_a_roll_is_a_file_with_a_neutral_name_entered_in_the_audit(
    records: Records, visitor: Callable[..., Visitor], monkeypatch: pytest.MonkeyPatch, day
):
    _made, list_id, day_id = day
    asked: list[str] = []
    monkeypatch.setattr(views_rolls, "step_up", lambda _work, _person, _password, code: asked.append(code))
    lead = visitor(Role.LEAD)
    assert "Print who is expected" in lead.see(f"/days/{day_id}")
    page = f"/days/{day_id}/expected"
    lead.see(page)

    answer = lead.post(f"{page}.pdf", {**FIELDS, "list": str(list_id)}, page=page)

    assert answer.data.startswith(b"%PDF")
    assert 'filename="expected-queue.pdf"' in answer.headers["Content-Disposition"]
    assert asked == ["123456"]
    with records.read() as reading:
        table = reading.system.audit_entry
        [entry] = [row for row in reading.session.exec(select(table)) if row.kind == "transfers.RollPrinted"]
    assert f'"hash":"{expecting(records, day_id, list_id).hash.hex()}","lines":4,"list_id":"{list_id}","roll":"queue"' in entry.body


@pytest.mark.parametrize(
    ("field", "value", "fix"),
    [
        ("counters", "0", "enter a number from 1 to 40"),
        ("opens", "soon", "enter a time"),
        ("roll", "", "choose for whom"),
        ("list", "x", "choose"),
    ],
)
def test_a_plan_that_cannot_be_read_comes_back_as_it_was_typed(
    records: Records, visitor: Callable[..., Visitor], day, field: str, value: str, fix: str
):
    _made, list_id, day_id = day
    page = f"/days/{day_id}/expected"

    answer = visitor(Role.LEAD).post(f"{page}.pdf", {**FIELDS, "list": str(list_id), "each": "17", field: value}, page=page)

    assert answer.status_code == 422
    assert fix in answer.text
    assert 'value="17"' in answer.text


def test_only_the_lead_prints_who_is_expected_and_never_somebody_of_the_room(records: Records, visitor: Callable[..., Visitor], day):
    _made, _list_id, day_id = day

    assert [role for role in Role if P.ROLL_PRINT in GRANTS[role]] == [Role.LEAD]
    assert any(P.ROLL_PRINT in other and P.LETTER_OPEN in one for one, other, _rule in NEVER_TOGETHER)
    for role in (Role.REGISTRAR, Role.MANAGER, Role.FINANCE):
        assert visitor(role).client.get(f"/days/{day_id}/expected").status_code == 404
