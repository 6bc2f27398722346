"""The site check: what it asks to be put right, what it holds up, and for how long it counts."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import select

from cbi.clock import Clock
from cbi.errors import NotThere, Refused
from cbi.sites import checking, days, directory, history, service, standing
from cbi.sites.standing import Why
from cbi.sites.tables import DayStatus, SiteFix
from cbi.store.migrate import downgrade, upgrade
from cbi.store.records import Records
from cbi.store.work import Actor
from tests import make_sites

TODAY = date(2026, 11, 23)


def blocks(records: Records, site_id: UUID, on: date = TODAY) -> list[tuple[Why, str]]:
    with records.read() as reading:
        return [(block.why, block.measure) for block in service.blocks(reading, site_id, on)]


def fixes(records: Records) -> list[SiteFix]:
    with records.read() as reading:
        found = list(reading.session.exec(select(SiteFix).order_by(SiteFix.item)))
        reading.session.expunge_all()
        return found


def close(records: Records, fix: SiteFix) -> None:
    with records.work(Actor(uuid4())) as work:
        checking.plan_fix(work, fix.id, owner="Site team Bahari", due_on=None)
        checking.close_fix(work, fix.id)


def later(records: Records, days_on: int) -> None:
    records.clock = Clock(records.clock.now() + timedelta(days=days_on))


def test_a_place_without_a_site_check_is_not_ready(records: Records):
    site = make_sites.site(records)

    assert blocks(records, site) == [(Why.NO_CHECK, "")]


def test_a_place_where_everything_is_in_place_is_ready_and_has_nothing_to_put_right(records: Records):
    site = make_sites.site(records)

    make_sites.check(records, site)

    assert blocks(records, site) == []
    assert fixes(records) == []


@pytest.mark.parametrize(
    ("item", "answer", "measure"),
    [
        ("S02", "no", "SM_CHANNELS"),
        ("S02", "dk", "SM_CHANNELS"),
        ("S08", "no", "SM_PRIVACY"),
        ("S10", "no", "SM_GATEKEEP"),
        ("S03", "no", "SM_CONDUCT"),
        ("S03", "dk", "SM_CONDUCT"),
        ("S11", "no", "SM_TENSION"),
    ],
)
def test_a_gap_that_endangers_people_holds_the_day_up_until_it_is_closed(records: Records, item: str, answer: str, measure: str):
    site = make_sites.site(records)
    make_sites.check(records, site, **{item: answer})

    before = blocks(records, site)
    close(records, next(fix for fix in fixes(records) if fix.measure == measure))

    assert (Why.FIX_OPEN, measure) in before
    assert blocks(records, site) == []


@pytest.mark.parametrize(("item", "answer"), [("S01", "no"), ("S01", "dk"), ("S05", "no"), ("S04", "no"), ("S13", "dk"), ("S08", "partly")])
def test_other_gaps_ask_for_a_fix_and_hold_nothing_up(records: Records, item: str, answer: str):
    site = make_sites.site(records)

    make_sites.check(records, site, **{item: answer})

    assert blocks(records, site) == []
    assert {fix.item for fix in fixes(records)} == {item}


def test_a_missing_referral_pathway_is_told_with_its_answer_and_date(records: Records):
    site = make_sites.site(records)
    make_sites.check(records, site, S01="dk")

    with records.read() as reading:
        found = service.latest(reading, site)

    assert found is not None
    assert (found.answers["S01"], found.answered_on) == ("dk", TODAY)
    assert [concern.id for concern in found.assessment.concerns] == ["SH1"]


def test_a_check_counts_for_90_days_and_its_contacts_for_30(records: Records):
    site = make_sites.site(records)
    make_sites.check(records, site)

    with records.read() as reading:
        found = service.latest(reading, site)

    assert found is not None
    assert not found.is_old(TODAY + timedelta(days=30), "S01")
    assert found.is_old(TODAY + timedelta(days=31), "S01")
    assert found.is_old(TODAY + timedelta(days=31), "S02")
    assert not found.is_old(TODAY + timedelta(days=31), "S13")
    assert blocks(records, site, TODAY + timedelta(days=90)) == []
    assert blocks(records, site, TODAY + timedelta(days=91)) == [(Why.TOO_OLD, "")]


def test_every_line_belongs_to_one_of_the_four_elements():
    lines = [item for items in standing.ELEMENTS.values() for item in items]

    assert sorted(lines) == list(make_sites.ITEMS)


@pytest.mark.parametrize(
    ("change", "fix"),
    [
        ({"answers": dict.fromkeys(make_sites.ITEMS[:12], "yes")}, "every line: S13"),
        ({"answers": make_sites.answers(S04="maybe")}, "for every line"),
        ({"answers": {**make_sites.answers(), "S99": "yes"}}, "for every line"),
        ({"answered_on": TODAY + timedelta(days=1)}, "today or before"),
        ({"with_protection": "  "}, "who answered"),
        ({"with_programme": ""}, "who answered"),
    ],
)
def test_an_unfinished_check_is_refused_with_what_is_missing(records: Records, change: dict[str, object], fix: str):
    site = make_sites.site(records)
    given = {
        "answers": make_sites.answers(),
        "answered_on": TODAY,
        "with_protection": "Marigold Quill",
        "with_programme": "Basil Cartwheel",
    }

    with pytest.raises(Refused, match=fix), records.work(Actor(uuid4())) as work:
        checking.confirm_check(work, site, checking.NewCheck(**{**given, **change}))

    assert blocks(records, site) == [(Why.NO_CHECK, "")]


def test_a_check_cannot_be_older_than_the_one_before(records: Records):
    site = make_sites.site(records)
    make_sites.check(records, site)

    with pytest.raises(Refused, match="before the last"):
        make_sites.check(records, site, on=TODAY - timedelta(days=1))


def test_a_gap_that_stays_keeps_who_puts_it_right_and_one_that_is_gone_is_closed(records: Records):
    site = make_sites.site(records)
    make_sites.check(records, site, S04="no", S13="partly")
    consult = next(fix for fix in fixes(records) if fix.item == "S04")
    with records.work(Actor(uuid4())) as work:
        checking.plan_fix(work, consult.id, owner="Site team Bahari", due_on=TODAY + timedelta(days=7))

    make_sites.check(records, site, S04="no", S06="no")

    found = {fix.item: (fix.owner, fix.closed_on) for fix in fixes(records)}
    assert found == {"S04": ("Site team Bahari", None), "S13": ("", TODAY), "S06": ("", None)}


def test_a_fix_is_closed_only_with_a_name_beside_it(records: Records):
    site = make_sites.site(records)
    make_sites.check(records, site, S04="no")

    with pytest.raises(Refused, match="write who"), records.work(Actor(uuid4())) as work:
        checking.close_fix(work, fixes(records)[0].id)


def test_a_fix_nobody_knows_is_not_there(records: Records):
    with pytest.raises(NotThere), records.work(Actor(uuid4())) as work:
        checking.close_fix(work, uuid4())


def test_a_day_is_confirmed_only_when_nothing_holds_the_place_up(records: Records):
    site = make_sites.site(records)
    day = make_sites.day(records, site, TODAY + timedelta(days=3))

    with pytest.raises(Refused, match="make the site check"), records.work(Actor(uuid4())) as work:
        days.confirm_day(work, day)
    make_sites.check(records, site, S08="no")
    with pytest.raises(Refused, match="posted lists"), records.work(Actor(uuid4())) as work:
        days.confirm_day(work, day)
    close(records, fixes(records)[0])
    with records.work(Actor(uuid4())) as work:
        days.confirm_day(work, day)

    with records.read() as reading:
        assert days.day_of(reading, day).status is DayStatus.CONFIRMED


def test_a_day_beyond_the_checks_90_days_cannot_be_confirmed_yet(records: Records):
    site = make_sites.site(records)
    make_sites.check(records, site)
    day = make_sites.day(records, site, TODAY + timedelta(days=91))

    with pytest.raises(Refused, match="older than 90 days"), records.work(Actor(uuid4())) as work:
        days.confirm_day(work, day)


def test_a_later_check_that_finds_a_danger_takes_a_confirmed_day_back(records: Records):
    site = make_sites.site(records)
    make_sites.check(records, site)
    day = make_sites.day(records, site, TODAY + timedelta(days=3))
    with records.work(Actor(uuid4())) as work:
        days.confirm_day(work, day)

    make_sites.check(records, site, S10="no")

    with records.read() as reading:
        found = days.day_of(reading, day)
    assert found.status is DayStatus.PLANNED
    assert [block.measure for block in found.blocks] == ["SM_GATEKEEP"]


def test_one_place_has_one_distribution_on_a_date(records: Records):
    site = make_sites.site(records)
    make_sites.day(records, site, TODAY)

    with pytest.raises(Refused, match="another day"):
        make_sites.day(records, site, TODAY)


@pytest.mark.parametrize("on", [TODAY - timedelta(days=1), TODAY + timedelta(days=367)])
def test_a_day_that_is_over_or_far_away_is_refused(records: Records, on: date):
    site = make_sites.site(records)

    with pytest.raises(Refused, match="from today"):
        make_sites.day(records, site, on)


def test_a_cancelled_day_can_be_planned_again(records: Records):
    site = make_sites.site(records)
    day = make_sites.day(records, site, TODAY)
    with records.work(Actor(uuid4())) as work:
        days.cancel_day(work, day)

    again = make_sites.day(records, site, TODAY)

    assert again == day


def test_a_day_that_is_over_is_left_alone(records: Records):
    site = make_sites.site(records)
    day = make_sites.day(records, site, TODAY)
    later(records, 2)

    with pytest.raises(Refused, match="this one is over"), records.work(Actor(uuid4())) as work:
        days.cancel_day(work, day)


def test_a_service_counts_as_verified_from_the_day_somebody_reached_it(records: Records):
    site = make_sites.site(records)
    clinic = make_sites.contact(records, site)
    later(records, 2)

    with records.work(Actor(uuid4())) as work:
        directory.verify_service(work, clinic)

    with records.read() as reading:
        assert [row.verified_on for row in directory.services_at(reading, site)] == [TODAY + timedelta(days=2)]


def test_two_places_cannot_have_one_code(records: Records):
    make_sites.site(records, "BH")

    with pytest.raises(Refused, match="already has this one"):
        make_sites.site(records, "bh", "Birch Hollow")


def test_names_on_a_site_check_go_under_seal_and_come_back_as_they_were(records: Records):
    site = make_sites.site(records)
    make_sites.check(records, site)
    kept = sa.text("SELECT with_protection, with_programme FROM sitecheck")

    downgrade(records.engine, "office", "0014", keyring=records.keyring)
    with records.engine.connect() as connection:
        clear = connection.execute(kept).one()
    upgrade(records.engine, "office", keyring=records.keyring)

    with records.read() as reading:
        [past] = history.checks_at(reading, site)
        assert "Marigold" not in repr(reading.session.connection().execute(kept).one())
    assert tuple(clear) == ("Marigold Quill, protection", "Basil Cartwheel, programme")
    assert (past.with_protection, past.with_programme) == tuple(clear)
