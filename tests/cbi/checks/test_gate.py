"""The gate: every precondition from office facts, the same for every household, asked when the page is drawn and again when it is sent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from cbi.access import Role
from cbi.checks import gate
from cbi.checks.tables import OpenedPages
from cbi.clock import Clock
from cbi.staff.tables import Staff
from cbi.store.records import Records
from cbi.store.work import Actor
from tests import make, make_checks, make_sites


def judged(records: Records, made: make_checks.Open, staff_id=None) -> gate.Gate:
    with records.read() as reading:
        return gate.look(reading, made.site_id, staff_id or made.interviewer)


def open_one(records: Records, made: make_checks.Open, staff_id=None) -> gate.Gate:
    with records.work(Actor(made.interviewer)) as work:
        return gate.open_page(work, made.site_id, staff_id or made.interviewer)


def test_the_gate_is_open_when_every_precondition_is_met(records: Records):
    made = make_checks.opened(records)

    assert judged(records, made) == gate.Gate(open=True, reasons=())


def test_an_office_that_did_nothing_keeps_it_closed_with_every_reason(records: Records):
    site = make_sites.site(records)
    staff = make.staff(records, Role.INTERVIEWER)

    with records.read() as reading:
        found = gate.look(reading, site, staff)

    assert not found.open
    assert len(found.reasons) == 7


@pytest.mark.parametrize(("item", "answer"), [("S01", "partly"), ("S02", "no"), ("S13", "no"), ("S01", "dk")])
def test_e03_a_site_check_that_misses_a_line_closes_it(records: Records, item: str, answer: str):
    made = make_checks.opened(records)

    make_sites.check(records, made.site_id, **{item: answer})

    assert not judged(records, made).open


@pytest.mark.parametrize(("age", "is_open"), [(30, True), (31, False)])
def test_e03_contacts_older_than_thirty_days_close_it(records: Records, age: int, is_open: bool):
    made = make_checks.opened(records)
    monday = make_checks.WEEK + timedelta(days=28)
    make_sites.check(records, made.site_id, on=make_checks.WEEK)
    records.clock = Clock(records.clock.now() + timedelta(days=age))
    make_checks.notice(records, {made.site_id: [make_checks.WEEK + timedelta(days=age)]}, week=monday)

    assert judged(records, made).open is is_open


def test_e04_a_day_the_notice_does_not_list_closes_it(records: Records):
    made = make_checks.opened(records)

    records.clock = Clock(records.clock.now() + timedelta(days=1))

    assert [reason for reason in judged(records, made).reasons if "weekly notice lists" in reason]


def test_e04_the_number_of_the_week_closes_it_when_it_is_used_up(records: Records):
    made = make_checks.opened(records, interviews=2)

    drawn = [open_one(records, made).open for _ in range(3)]

    assert drawn == [True, True, False]


def test_e04_the_last_page_of_the_week_can_still_be_sent(records: Records):
    made = make_checks.opened(records, interviews=1)
    open_one(records, made)

    with records.read() as reading:
        sending = gate.still_open(reading, made.site_id, made.interviewer)

    assert sending.open
    assert not judged(records, made).open


def test_e28_the_ninth_page_of_a_day_is_not_opened_and_the_words_are_the_same_for_everybody(records: Records):
    made = make_checks.opened(records)
    other = make.staff(records, Role.INTERVIEWER)

    mine = [open_one(records, made) for _ in range(9)]
    theirs = [open_one(records, made, other) for _ in range(9)]

    assert [one.open for one in mine] == [True] * 8 + [False]
    assert mine[8].reasons == theirs[8].reasons
    assert len(mine[8].reasons) == 1


def test_e28_the_eighth_page_can_be_sent(records: Records):
    made = make_checks.opened(records)
    for _ in range(8):
        open_one(records, made)

    with records.read() as reading:
        assert gate.still_open(reading, made.site_id, made.interviewer).open


def test_opened_pages_are_counted_per_place_day_and_interviewer(records: Records):
    made = make_checks.opened(records)
    other = make.staff(records, Role.INTERVIEWER)

    for staff_id in (made.interviewer, made.interviewer, other):
        open_one(records, made, staff_id)

    with records.read() as reading:
        rows = reading.session.exec(select(OpenedPages)).all()
        assert sorted((row.site_id, row.day, row.opened) for row in rows) == [(made.site_id, reading.today, count) for count in (1, 2)]
        assert gate.opened_today(reading, made.interviewer) == 2


@pytest.mark.parametrize(("days", "is_open"), [(365, True), (366, False)])
def test_a_certificate_counts_for_a_year(records: Records, days: int, is_open: bool):
    made = make_checks.opened(records)
    certify(records, made, days)

    assert judged(records, made).open is is_open


def certify(records: Records, made: make_checks.Open, days_ago: int) -> None:
    from cbi.staff import facts

    with records.work(Actor()) as work:
        staff = work.session.get(Staff, made.interviewer)
        staff.certified_on = work.today - timedelta(days=days_ago)
        work.add(staff)
        work.remember(facts.StaffAdded(staff_id=staff.id, roles=()))


def test_a_programme_without_sign_off_closes_it(records: Records):
    made = make_checks.opened(records, signed=False)

    assert [reason for reason in judged(records, made).reasons if "sign-off" in reason]
