"""Do not ask if you cannot act: the gate knows nothing of a household, so it cannot tell one from another."""

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest

from screening import GateFacts, SiteFact, gate, load, session_stops
from screening.kinds import OnStop

INSTRUMENT = load()
TODAY = date(2026, 11, 23)
OPEN = GateFacts(
    today=TODAY,
    site={"S01": SiteFact("yes", TODAY), "S02": SiteFact("yes", TODAY), "S13": SiteFact("partly", TODAY)},
    day_listed=True,
    interviews_left=1,
    certified_on=TODAY - timedelta(days=365),
    programme_signed_off=True,
)
ALL_PASSED = {"G01": "yes", "G02": "woman", "G03": "yes", "G04": "yes", "G05": "yes", "G06": "yes"}


def _site(item, answer, age):
    return replace(OPEN, site={**OPEN.site, item: SiteFact(answer, TODAY - timedelta(days=age))})


def test_the_gate_opens_when_everything_holds():
    decision = gate(INSTRUMENT, OPEN)

    assert decision.open
    assert decision.reasons == ()


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (_site("S01", "yes", 31), "pathway"),
        (_site("S01", "partly", 0), "pathway"),
        (_site("S01", "dk", 0), "pathway"),
        (_site("S01", "yes", -1), "pathway"),
        (_site("S02", "yes", 31), "channels"),
        (_site("S13", "no", 0), "alternatives"),
        (_site("S13", "yes", 91), "alternatives"),
        (replace(OPEN, site={item: fact for item, fact in OPEN.site.items() if item != "S01"}), "pathway"),
        (replace(OPEN, day_listed=False), "notice_day"),
        (replace(OPEN, interviews_left=0), "interviews_left"),
        (replace(OPEN, certified_on=None), "certificate"),
        (replace(OPEN, certified_on=TODAY - timedelta(days=366)), "certificate"),
        (replace(OPEN, programme_signed_off=False), "signoff"),
    ],
)
def test_one_missing_precondition_closes_the_gate_and_says_which(facts, reason):
    decision = gate(INSTRUMENT, facts)

    assert not decision.open
    assert [one.gate for one in decision.reasons] == [reason]
    assert "{" not in decision.reasons[0].text


@pytest.mark.parametrize("facts", [_site("S01", "yes", 30), _site("S02", "yes", 30), _site("S13", "yes", 90)])
def test_the_last_day_still_counts(facts):
    assert gate(INSTRUMENT, facts).open


def test_every_reason_is_told_at_once():
    decision = gate(INSTRUMENT, GateFacts(today=TODAY))

    assert [one.gate for one in decision.reasons] == [one.id for one in INSTRUMENT.gates]


def test_a_gate_without_preconditions_is_closed():
    assert not gate(replace(INSTRUMENT, gates=()), OPEN).open


def test_the_gate_has_no_way_to_hear_of_a_household():
    assert {field.name for field in fields(GateFacts)} == {
        "today", "site", "day_listed", "interviews_left", "certified_on", "programme_signed_off",
    }  # fmt: skip


def test_a_session_with_every_line_passed_goes_on():
    assert session_stops(INSTRUMENT, ALL_PASSED, "woman") == ()


@pytest.mark.parametrize(
    ("changes", "sex", "gate_id", "on_stop"),
    [
        ({"G01": "no"}, "woman", "G01", OnStop.CHOICES),
        ({}, "man", "G02", OnStop.REASSIGN),
        ({}, None, "G02", OnStop.REASSIGN),
        ({"G03": "no"}, "woman", "G03", OnStop.CHILD),
        ({"G04": "no"}, "woman", "G04", OnStop.DECLINED),
        ({"G04": "perhaps"}, "woman", "G04", OnStop.DECLINED),
        ({"G05": "no"}, "woman", "G05", OnStop.CHOICES),
        ({"G06": "no"}, "woman", "G06", OnStop.CHOICES),
    ],
)
def test_one_line_that_is_not_passed_stops_the_session(changes, sex, gate_id, on_stop):
    [stop] = session_stops(INSTRUMENT, ALL_PASSED | changes, sex)

    assert (stop.gate, stop.on_stop) == (gate_id, on_stop)


def test_either_is_fine_with_any_interviewer():
    assert session_stops(INSTRUMENT, ALL_PASSED | {"G02": "either"}, None) == ()


def test_a_line_without_an_answer_stops():
    assert [stop.gate for stop in session_stops(INSTRUMENT, {}, "woman")] == ["G01", "G02", "G03", "G04", "G05", "G06"]
