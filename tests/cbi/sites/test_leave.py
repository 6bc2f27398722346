"""Leave to confirm days although something is open: two people, a reason, a date, and no private page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import select

from cbi.access import Role
from cbi.checks import gate
from cbi.clock import Clock
from cbi.errors import NotThere, Refused
from cbi.sites import checking, days, overrides, service
from cbi.sites.overrides import Asked
from cbi.sites.tables import DayStatus, DistributionDay, OverrideReason, SiteOverride
from cbi.store.records import Records
from cbi.store.work import Actor
from tests import make, make_checks, make_sites

TODAY = date(2026, 11, 23)
LEAD, MANAGER = uuid4(), uuid4()
Visitors = Callable[..., make.Visitor]


def asked(**other: object) -> Asked:
    given = {"reason": OverrideReason.URGENT_NEED, "note": "Two lines, finish by 13:00", "with_protection": "Marigold Quill"}
    return Asked(**{**given, "until": TODAY + timedelta(days=10), **other})  # type: ignore[arg-type]


def held(records: Records) -> UUID:
    """A place whose posted lists hold days up."""
    site = make_sites.site(records)
    make_sites.check(records, site, S08="no")
    return site


def ask(records: Records, site: UUID, by: UUID = LEAD, **other: object) -> UUID:
    with records.work(Actor(by)) as work:
        return overrides.propose_override(work, site, asked(**other))


def agree(records: Records, override: UUID, by: UUID = MANAGER) -> None:
    with records.work(Actor(by)) as work:
        overrides.agree(work, override)


def confirm(records: Records, day: UUID) -> None:
    with records.work(Actor(LEAD)) as work:
        days.confirm_day(work, day)


def status(records: Records, day: UUID) -> DayStatus:
    with records.read() as reading:
        return reading.session.get_one(DistributionDay, day).status


def facts(records: Records, kind: str) -> list[str]:
    with records.read() as reading:
        entry = reading.system.audit_entry
        return list(reading.session.exec(select(entry.body).where(entry.kind == kind).order_by(entry.seq)))


def test_what_was_written_for_leave_stands_under_seal_and_is_read_on_its_pages(records: Records):
    site = held(records)
    leave = ask(records, site)

    with records.engine.connect() as connection:
        kept = repr(connection.execute(sa.text("SELECT * FROM siteoverride")).all())
    with records.read() as reading:
        wording = overrides.wordings(reading, overrides.overrides_at(reading, site))[leave]

    assert not [word for word in ("Marigold", "Quill", "13:00", "lines") if word in kept]
    assert wording == overrides.Wording("Two lines, finish by 13:00", "Marigold Quill")


def test_leave_counts_once_a_second_person_agreed(records: Records):
    site = held(records)
    day = make_sites.day(records, site, TODAY + timedelta(days=5))
    leave = ask(records, site)

    with pytest.raises(Refused, match="remove posted lists"):
        confirm(records, day)
    agree(records, leave)
    confirm(records, day)

    assert status(records, day) is DayStatus.CONFIRMED
    assert str(leave) in facts(records, "sites.DayConfirmed")[-1]


def test_who_asked_never_agrees(records: Records):
    leave = ask(records, held(records))

    with pytest.raises(Refused, match="leave this to somebody else"):
        agree(records, leave, by=LEAD)


def test_the_database_itself_refuses_one_person_on_both_sides(records: Records):
    leave = ask(records, held(records))

    with records.engine.begin() as connection, pytest.raises(sa.exc.IntegrityError, match="agreed_by_another"):
        connection.execute(sa.text("UPDATE siteoverride SET agreed_by = proposed_by WHERE id = :id"), {"id": leave.hex})


def test_leave_never_opens_the_private_page(records: Records):
    made = make_checks.opened(records)
    with records.work(Actor(LEAD)) as work:
        work.now += timedelta(seconds=1)
        new = checking.NewCheck(make_sites.answers(S02="no"), work.today, "Marigold Quill", "Basil Cartwheel")
        checking.confirm_check(work, made.site_id, new)
    agree(records, ask(records, made.site_id))
    with records.read() as reading:
        closed = gate.look(reading, made.site_id, made.interviewer)
        blocks = service.blocks(reading, made.site_id, reading.today)

    assert not blocks
    assert not closed.open
    assert any("S02" in reason for reason in closed.reasons)


def test_a_day_after_the_last_day_is_not_covered(records: Records):
    site = held(records)
    late = make_sites.day(records, site, TODAY + timedelta(days=11))
    agree(records, ask(records, site))

    with pytest.raises(Refused, match="remove posted lists"):
        confirm(records, late)


def test_leave_runs_out_by_itself(records: Records):
    site = held(records)
    agree(records, ask(records, site))
    records.clock = Clock(records.clock.now() + timedelta(days=11))

    with records.read() as reading:
        assert [block.measure for block in service.blocks(reading, site, reading.today)] == ["SM_PRIVACY"]
        assert overrides.override_at(reading, site) is None


def test_taking_it_back_takes_days_back_that_rested_on_it(records: Records):
    site = held(records)
    day = make_sites.day(records, site, TODAY + timedelta(days=5))
    leave = ask(records, site)
    agree(records, leave)
    confirm(records, day)

    with records.work(Actor(MANAGER)) as work:
        overrides.take_back(work, leave)

    assert status(records, day) is DayStatus.PLANNED
    assert "SM_PRIVACY" in facts(records, "sites.DayReopened")[-1]
    with pytest.raises(NotThere), records.work(Actor(MANAGER)) as work:
        overrides.take_back(work, leave)


def test_the_next_site_check_ends_it(records: Records):
    site = held(records)
    day = make_sites.day(records, site, TODAY + timedelta(days=5))
    agree(records, ask(records, site))
    confirm(records, day)

    make_sites.check(records, site, S08="no")

    assert status(records, day) is DayStatus.PLANNED
    assert "checked_again" in facts(records, "sites.OverrideEnded")[-1]


def test_it_lifts_only_what_was_open_when_it_was_asked_for(records: Records):
    site = held(records)
    agree(records, ask(records, site))
    with records.read() as reading:
        standing = service.latest(reading, site)

    assert standing is not None
    assert standing.leave is not None
    assert standing.leave.measures == {"SM_PRIVACY"}


def test_where_there_is_no_check_or_nothing_open_there_is_nothing_to_ask_for(records: Records):
    unchecked, ready = make_sites.site(records), make_sites.site(records, "OM", "Old Mill")
    make_sites.check(records, ready)

    for site in (unchecked, ready):
        with pytest.raises(Refused, match="there is nothing here that leave could be given for"):
            ask(records, site)


@pytest.mark.parametrize(
    ("other", "fix"),
    [
        ({"until": TODAY + timedelta(days=15)}, "14 days from now"),
        ({"until": TODAY - timedelta(days=1)}, "14 days from now"),
        ({"with_protection": "  "}, "who answered for protection"),
        ({"note": "Somebody was beaten there"}, "nothing about people"),
        ({"note": "قال إنها تعرضت للضرب"}, "nothing about people"),
        ({"note": "Ring 0700 000 100 first"}, "no numbers"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_to_do(records: Records, other: dict[str, object], fix: str):
    site = held(records)

    with pytest.raises(Refused, match=fix):
        ask(records, site, **other)


def test_a_place_has_one_at_a_time_and_another_after_it_ran_out(records: Records):
    site = held(records)
    agree(records, ask(records, site))

    with pytest.raises(Refused, match="take back first"):
        ask(records, site)
    records.clock = Clock(records.clock.now() + timedelta(days=11))
    ask(records, site, until=TODAY + timedelta(days=20))

    with records.read() as reading:
        assert [one.ended_at is None for one in overrides.overrides_at(reading, site)] == [True, False]
    assert "ran_out" in facts(records, "sites.OverrideEnded")[-1]


def test_the_audit_trail_names_measures_reason_and_last_day_and_no_words_of_the_note(records: Records):
    agree(records, ask(records, held(records)))

    [entry] = facts(records, "sites.OverrideAgreed")

    assert all(word in entry for word in ("SM_PRIVACY", "urgent_need", "2026-12-03"))
    assert "Two lines" not in entry


def test_a_lead_asks_a_manager_agrees_and_the_place_says_so(records: Records, visitor: Visitors):
    site = held(records)
    lead, manager = visitor(Role.LEAD), visitor(Role.MANAGER)
    given = {"reason": "urgent_need", "note": "Two lines", "with_protection": "Marigold Quill", "until": "2026-12-03"}

    asked_page = lead.send(f"/sites/{site}/leave", given)
    [link] = set(re.findall(r"/leave/[0-9a-f-]{36}(?=\")", manager.see("/")))
    shown = manager.see(link)
    agreed = manager.send(link, {})

    assert "Leave asked for" in asked_page
    assert "Remove posted lists" in shown
    assert "Agree, until 3 December 2026" in shown
    assert "By leave until 3 December 2026" in agreed
    assert "Private questions stay closed all the same" in agreed
    assert "People need the money before it can be put right" in lead.see(f"/sites/{site}/history")


def test_a_lead_who_is_manager_too_is_told_to_leave_it_to_somebody_else(records: Records, visitor: Visitors):
    site = held(records)
    both = visitor(Role.LEAD, Role.MANAGER)
    both.send(f"/sites/{site}/leave", {"reason": "access_ends", "note": "", "with_protection": "Marigold Quill", "until": "2026-12-03"})
    with records.read() as reading:
        [leave] = reading.session.exec(select(SiteOverride.id)).all()

    refused = both.post(f"/leave/{leave}", {})

    assert refused.status_code == 422
    assert "You need to leave this to somebody else" in refused.text


def test_a_lead_cannot_agree_and_a_manager_cannot_ask(records: Records, visitor: Visitors):
    site = held(records)
    leave = ask(records, site)

    assert visitor(Role.LEAD).client.get(f"/leave/{leave}").status_code == 404
    assert visitor(Role.MANAGER).client.get(f"/sites/{site}/leave").status_code == 404


def test_what_was_typed_stays_when_it_does_not_fit(records: Records, visitor: Visitors):
    site = held(records)
    given = {"reason": "urgent_need", "note": "She was hit", "with_protection": "Marigold Quill", "until": "2026-12-03"}

    page = visitor(Role.LEAD).post(f"/sites/{site}/leave", given)

    assert page.status_code == 422
    assert "nothing about people" in page.text
    assert 'value="Marigold Quill"' in page.text
