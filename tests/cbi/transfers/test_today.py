from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers import approvals, cycles
from reconciliation.money import Money
from tests import make, make_transfers

Sign = Callable[..., make.Visitor]


def test_an_approver_finds_the_lists_to_approve_with_their_sum_and_age(records: Records, visitor: Sign):
    made = make_transfers.setting(records)
    make_transfers.submitted_list(records, made)

    page = visitor(person_id=made.approver).see("/")

    assert "Lists to approve" in page
    assert "KES 38,000.00. Handed in today" in page
    assert "Read L-2026-001" in page


def test_an_approver_is_told_which_lists_wait_for_somebody_else_and_why(records: Records, visitor: Sign):
    made = make_transfers.setting(records)
    with records.work(Actor()) as work:
        approvals.set_two_from(work, Money(1, "KES"))
    make_transfers.approve(records, make_transfers.submitted_list(records, made), made.approver)

    page = visitor(person_id=made.approver).see("/")

    assert "Lists that wait for somebody else" in page
    assert "You approved this list." in page
    assert "KES 38,000.00" not in page


def test_a_releaser_finds_only_lists_that_have_all_their_approvals(records: Records, visitor: Sign):
    made = make_transfers.setting(records)
    list_id = make_transfers.submitted_list(records, made)
    releaser = visitor(person_id=made.releaser)
    assert "Lists to release</strong>" not in releaser.see("/")

    make_transfers.approve(records, list_id, made.approver)

    assert "Lists to release</strong>" in releaser.see("/")


def test_a_manager_finds_drafts_and_rules_whose_day_comes_near(records: Records, visitor: Sign):
    made = make_transfers.setting(records)
    manager = visitor(person_id=made.manager)
    with records.work(Actor(made.manager)) as work:
        new = make_transfers.new_cycle(made)
        cycles.draft(work, replace(new, submit_on=date(2026, 11, 30)))
    assert "Cycles to freeze" in manager.see("/")

    cycle_id = make_transfers.frozen_cycle(records, made)
    make_transfers.draft_list(records, made, cycle_id)

    assert "Drafts to hand in" not in manager.see("/")


def test_a_released_list_waits_for_nobody_here(records: Records, visitor: Sign):
    made = make_transfers.setting(records)
    make_transfers.released_list(records, made)

    for person_id in (made.manager, made.approver, made.releaser):
        page = visitor(person_id=person_id).see("/")
        assert "Lists to" not in page.split("<main", 1)[1].split("</main", 1)[0]
