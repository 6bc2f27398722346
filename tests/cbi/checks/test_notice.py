"""The weekly notice: written before Sunday 18:00, then fixed; nothing carries over by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from cbi.checks import gate
from cbi.checks.service import notice_now, publish_week
from cbi.clock import Clock
from cbi.errors import Refused
from cbi.store.records import Records
from cbi.store.work import Actor
from tests import make_checks, make_people

WEEK = make_checks.WEEK


def at(records: Records, moment: datetime) -> None:
    records.clock = Clock(moment)


def interviews_now(records: Records) -> int | None:
    with records.read() as reading:
        found = notice_now(reading)
        return found.interviews if found else None


def publish(records: Records, **other: object) -> None:
    given = {"week": WEEK + timedelta(days=7), "sites": {}, "interviews": 5, "on_call": "Wren Hollowtree", "on_call_phone": "0700 000 001"}
    with records.work(Actor()) as work:
        publish_week(work, **{**given, **other})


def test_a_notice_begins_to_count_on_sunday_at_six_in_the_evening_office_time(records: Records):
    publish(records)

    at(records, datetime(2026, 11, 29, 14, 59, tzinfo=UTC))
    before = interviews_now(records)
    at(records, datetime(2026, 11, 29, 15, 0, tzinfo=UTC))

    assert before is None
    assert interviews_now(records) == 5


def test_until_then_it_may_be_written_anew_and_afterwards_not(records: Records):
    publish(records)
    publish(records, interviews=9)

    at(records, datetime(2026, 11, 29, 15, 0, tzinfo=UTC))

    assert interviews_now(records) == 9
    with pytest.raises(Refused):
        publish(records, interviews=1)
    assert interviews_now(records) == 9


def test_a_week_without_a_notice_of_its_own_lists_no_day(records: Records):
    site = make_people.site(records)
    make_checks.notice(records, {site: [WEEK]})

    at(records, datetime(2026, 11, 30, 9, 0, tzinfo=UTC))

    with records.read() as reading:
        assert not gate.gate_facts(reading, site, uuid4()).day_listed


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"week": WEEK + timedelta(days=8)}, "the Monday"),
        ({"week": WEEK}, "has not begun"),
        ({"sites": {uuid4(): []}}, "places from the list"),
        ({"interviews": -1}, "how many talks"),
        ({"on_call": " "}, "who is on call"),
        ({"on_call_phone": ""}, "who is on call"),
    ],
)
def test_a_notice_that_makes_no_sense_is_refused_with_what_to_do(records: Records, other: dict[str, object], words: str):
    with pytest.raises(Refused) as refusal:
        publish(records, **other)

    assert words in refusal.value.fix


def test_a_day_of_another_week_is_refused(records: Records):
    site = make_people.site(records)

    with pytest.raises(Refused) as refusal:
        publish(records, sites={site: [date(2026, 12, 7)]})

    assert "that week only" in refusal.value.fix
