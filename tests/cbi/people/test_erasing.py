from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import select

import cbi.payouts.lives  # noqa: F401 -- money has a say
from cbi.clock import Clock
from cbi.errors import NotThere, Refused, SomebodyWasFirst
from cbi.people import duplicates, erasing, erasure, lists, lives_homes, retention, sweep
from cbi.people.correction import correct, take_consent, withdraw_consent
from cbi.people.history import changes_of, told_of
from cbi.people.lives_homes import Split
from cbi.people.proof import prove
from cbi.people.registered import open_household
from cbi.people.search import find
from cbi.people.tables import Consent, Household, HouseholdStatus, Import, Likeness, Relation
from cbi.people.tables_lives import ErasureRequest
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers.lives import keep_grant_until
from cbi.web.listing import ListingArgs
from tests import make_people, make_transfers

CLERK, SECOND = UUID(int=71), UUID(int=72)


def asked(records: Records, household_id: UUID) -> UUID:
    with records.work(Actor(CLERK)) as work:
        return erasing.ask(work, household_id)


def agreed(records: Records, request_id: UUID, by: UUID = SECOND) -> bool:
    with records.work(Actor(by)) as work:
        return erasing.agree(work, request_id)


def days_later(records: Records, days: int) -> None:
    records.clock = Clock(records.clock.now() + timedelta(days=days))


def gone(records: Records, household_id: UUID) -> bool:
    with records.work(Actor()) as work:
        return erasure.is_erased(work, household_id)


def shown(records: Records, household_id: UUID) -> bool:
    """Whether any page can still show it: its own, a list, or what is found."""
    with records.read() as reading:
        listing, _together = lists.households(reading, ListingArgs(sort="number"), consent_version=1)
        number = reading.session.get_one(Household, household_id).number
        by_number = find(reading, number, ListingArgs(sort=""), country="KE").total
        by_name = find(reading, "Juniper", ListingArgs(sort=""), country="KE").total
        try:
            open_household(reading, household_id)
        except NotThere:
            return bool(by_number or by_name or number in {card.number for card in listing.rows})
    return True


def test_one_person_asks_and_another_agrees_and_the_key_is_destroyed(records: Records):
    household = make_people.household(records, people=2, phones=("+9995550142",))
    request = asked(records, household)

    with pytest.raises(Refused, match="somebody else"):
        agreed(records, request, by=CLERK)
    assert agreed(records, request)

    proof = prove(records, [household])
    assert proof.holds
    assert (proof.opened, proof.findable, proof.digests) == (0, 0, 0)
    assert proof.sealed > 0
    with records.read() as reading:
        assert reading.session.get_one(ErasureRequest, request).done_at is not None
    with pytest.raises(SomebodyWasFirst):
        agreed(records, request)


def test_the_proof_fails_while_anything_opens(records: Records):
    household = make_people.household(records)

    proof = prove(records, [household])

    assert not proof.holds
    assert proof.opened == proof.sealed > 0
    assert proof.findable > 0


def test_a_request_asked_twice_is_one_and_can_be_taken_back(records: Records):
    household = make_people.household(records)
    request = asked(records, household)

    assert asked(records, household) == request
    with records.work(Actor(CLERK)) as work:
        erasing.end(work, request)
    with pytest.raises(SomebodyWasFirst):
        agreed(records, request)
    assert asked(records, household) != request
    assert not gone(records, household)


def test_requests_are_read_a_page_at_a_time_the_oldest_first(records: Records):
    waiting = [asked(records, make_people.household(records, given=name)) for name in ("Pumpkin", "Fern", "Oswin")]

    with records.read() as reading:
        first, last = (erasing.requests(reading, ListingArgs(sort="asked", size=2, page=page)) for page in (1, 2))

    assert (first.total, last.total) == (3, 3)
    assert sorted(one.request.id for one in (*first.rows, *last.rows)) == sorted(waiting)
    assert (len(first.rows), len(last.rows)) == (2, 1)


def test_what_must_be_kept_is_hidden_and_goes_on_the_day_after_the_last(records: Records):
    made = make_transfers.setting(records, (2, 1))
    household = made.households[0]
    make_transfers.frozen_cycle(records, made)
    until = records.clock.today("Africa/Nairobi") + timedelta(days=40)
    with records.work(Actor(made.manager)) as work:
        keep_grant_until(work, made.grant_id, until)

    assert not agreed(records, asked(records, household))

    assert not gone(records, household)
    with records.read() as reading:
        row = reading.session.get_one(Household, household)
        assert row.restricted_on is not None
        [one] = erasing.requests(reading, ListingArgs(sort="asked")).rows
        assert [each.until for each in one.hindrances] == [until]
        with pytest.raises(NotThere):
            open_household(reading, household)
        assert find(reading, row.number, ListingArgs(sort=""), country="KE").total == 0
    days_later(records, 40)
    retention.run(records)
    assert not gone(records, household)
    days_later(records, 1)
    retention.run(records)
    assert gone(records, household)
    with records.read() as reading:
        assert erasing.requests(reading, ListingArgs(sort="asked")).total == 0
    assert records.verify_chain().broken_at is None


def test_a_grant_without_a_date_keeps_its_records(records: Records):
    made = make_transfers.setting(records, (1,))
    make_transfers.frozen_cycle(records, made)

    with records.read() as reading:
        [hindrance] = erasing.what_stands_in_the_way(reading, made.households[0])

    assert "until when its records are kept" in hindrance.fix
    assert hindrance.until is None


def test_who_takes_the_consent_back_may_return_for_thirty_days_and_is_erased_then(records: Records):
    stays, goes = make_people.household(records), make_people.household(records, given="Pumpkin")
    for one in (stays, goes):
        with records.work(Actor(CLERK)) as work:
            withdraw_consent(work, one)
    days_later(records, 29)
    retention.run(records)
    with records.work(Actor(CLERK)) as work:
        take_consent(work, stays, Consent.AGREES, version=1, language="en")
    assert not gone(records, goes)

    days_later(records, 1)
    retention.run(records)
    retention.run(records)

    assert (gone(records, stays), gone(records, goes)) == (False, True)


def test_what_was_withdrawn_and_must_be_kept_is_hidden_after_thirty_days(records: Records):
    made = make_transfers.setting(records, (2,))
    make_transfers.frozen_cycle(records, made)
    with records.work(Actor(CLERK)) as work:
        withdraw_consent(work, made.households[0])
    assert shown(records, made.households[0])

    days_later(records, 30)
    retention.run(records)

    assert not shown(records, made.households[0])
    assert not gone(records, made.households[0])


def test_however_many_must_be_kept_asking_who_is_due_takes_as_many_questions(records: Records):
    made = make_transfers.setting(records, (2, 1, 3, 1, 2, 4))
    make_transfers.frozen_cycle(records, made)

    def questions(households: list[UUID]) -> int:
        for one in households:
            with records.work(Actor(CLERK)) as work:
                withdraw_consent(work, one)
        days_later(records, 30)
        retention.run(records)
        asked_for: list[str] = []
        sa.event.listen(records.engine, "before_cursor_execute", count := lambda _c, _k, said, *_more: asked_for.append(said))
        assert retention.due(records) == []
        sa.event.remove(records.engine, "before_cursor_execute", count)
        return len(asked_for)

    assert questions(made.households[:1]) == questions(made.households[1:])
    assert not any(shown(records, one) or gone(records, one) for one in made.households)


def test_consent_taken_back_purges_at_once_what_is_not_needed(records: Records):
    household = make_people.household(records, people=2, phones=("+9995550142",), account="+254712123456", shelter="A-1")
    before = open_of(records, household)
    with records.work(Actor(CLERK)) as work:
        told = type(before.told)(**{**_fields(before.told), "shelter": "A-2", "alternate_name": "Pip Nowhere"})
        correct(work, household, told, before.member_ids, seen_version=1)

    with records.work(Actor(CLERK)) as work:
        withdraw_consent(work, household)

    after = open_of(records, household).told
    assert (after.phones, after.account, after.shelter, after.alternate_name) == ((), None, "", "")
    assert [one.name for one in after.members] == [one.name for one in before.told.members]
    with records.read() as reading:
        assert [told_of(reading, change) for change in changes_of(reading, household)] == [[]]


def test_erasing_reaches_those_who_split_off_and_entries_that_were_closed(records: Records):
    household = make_people.household(records, people=3)
    before = open_of(records, household)
    consent = {"consent": Consent.AGREES, "consent_version": 1, "consent_language": "en"}
    who = before.member_ids[1]
    with records.work(Actor(CLERK)) as work:
        new = lives_homes.split(work, household, Split(leaving=[who], head_id=who, recipient_id=who, **consent), seen_version=1)
    other = make_people.household(records, given="Pumpkin")
    with records.work(Actor(CLERK)) as work:
        coming = dict.fromkeys(open_household(work, other).member_ids, Relation.SIBLING)
        lives_homes.join(work, new, other, coming, seen_version=1)

    with records.work(Actor(CLERK)) as work:
        erased = erasure.erase(work, new)

    assert erased == (new, other)
    assert prove(records, erased).holds
    with records.read() as reading:
        assert not reading.was_erased(household)
        assert all(change.before is None for change in changes_of(reading, household))


def test_nobody_is_forgotten_while_a_floor_that_has_a_say_is_missing(records: Records, monkeypatch: pytest.MonkeyPatch):
    household = make_people.household(records)
    monkeypatch.setattr("cbi.people.above.stands_above", [])

    with pytest.raises(RuntimeError, match="has a say"), records.read() as reading:
        erasing.what_stands_in_the_way(reading, household)


def test_whoever_asks_money_asks_every_floor_that_has_a_say():
    asked = "import cbi.payouts.lives, cbi.people.above as a; print(sorted(type(one).__name__ for one in a.stands_above))"

    said = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)

    assert said.stdout.strip() == "['Payouts', 'Transfers']"


def test_rows_of_an_import_that_nobody_corrected_go_after_ninety_days(records: Records):
    from cbi.people.facts_imports import ImportReceived

    with records.work(Actor(CLERK)) as work:
        row = Import(
            id=work.new_id("people"),
            operation_id=work.operation_id,
            digest=b"x",
            rows=1,
            taken_back=1,
            back=1,
            made_by=CLERK,
            made_at=work.now,
        )
        work.seal(row, "kept", '{"keys": ["00"], "needed": [], "sheets": []}')
        work.add(row)
        work.remember(ImportReceived(import_id=row.id, digest=b"x", size=1))
        import_id = row.id

    def back() -> tuple[int, bool]:
        with records.read() as reading:
            kept = reading.session.get_one(Import, import_id)
            return kept.back, kept.kept is not None

    days_later(records, 89)
    retention.run(records)
    assert back() == (1, True)
    days_later(records, 2)
    retention.run(records)
    assert back() == (0, False)


def test_two_people_at_the_same_instant_make_one_request(records: Records):
    household = make_people.household(records)
    asked(records, household)
    with records.work(Actor(SECOND)) as work:
        erasing.ask(work, household)

    with records.read() as reading:
        assert len(reading.session.exec(select(ErasureRequest)).all()) == 1


def test_an_erased_household_keeps_its_place_in_no_list(records: Records):
    household = make_people.household(records)
    agreed(records, asked(records, household))

    assert not shown(records, household)
    with records.read() as reading:
        assert reading.session.get_one(Household, household).status is HouseholdStatus.WITHDRAWN
    with pytest.raises(NotThere):
        asked(records, household)


def open_of(records: Records, household_id: UUID):
    with records.read() as reading:
        return open_household(reading, household_id)


def _fields(told) -> dict[str, object]:
    return {name: getattr(told, name) for name in type(told).__dataclass_fields__}


def counted(records: Records, *household_ids: UUID) -> list[tuple[int, int]]:
    """Pairs and answers about each of these households."""
    with records.read() as reading:
        left = [erasure.left_to_find(reading, one) for one in household_ids]
    return [(one["likenesspair"], one["likenessdecision"]) for one in left]


def found_alike(records: Records) -> None:
    with records.work(Actor(CLERK)) as work:
        search = sweep.ask(work)
    sweep.run(records, str(search))


def answered(records: Records, household_id: UUID, other_id: UUID, answer: Likeness) -> None:
    with records.work(Actor(CLERK)) as work:
        duplicates.decide(work, household_id, other_id, answer)


def test_no_pair_or_answer_about_an_erased_household_is_left(records: Records):
    lives_on, goes = make_people.household(records), make_people.household(records)
    found_alike(records)
    answered(records, goes, lives_on, Likeness.CANNOT_TELL)
    assert counted(records, lives_on, goes) == [(1, 1), (1, 1)]
    assert prove(records, [goes]).findable >= 2

    agreed(records, asked(records, goes))

    assert counted(records, lives_on, goes) == [(0, 0), (0, 0)]
    assert prove(records, [goes]).holds


def test_a_hidden_household_still_takes_its_closed_entries_with_it(records: Records):
    made = make_transfers.setting(records, (1,))
    household = made.households[0]
    with records.read() as reading:
        name = open_household(reading, household).told.members[0]
    closed, other = (make_people.household(records, made.site_id, given=name.given, family=name.family) for _ in range(2))
    answered(records, closed, household, Likeness.SAME)
    found_alike(records)
    make_transfers.frozen_cycle(records, made)
    until = records.clock.today("Africa/Nairobi") + timedelta(days=1)
    with records.work(Actor(made.manager)) as work:
        keep_grant_until(work, made.grant_id, until)

    assert not agreed(records, asked(records, household))
    assert counted(records, household, closed) == [(0, 1), (0, 1)], "no pair of a hidden household stands in the queue"

    days_later(records, 2)
    retention.run(records)
    assert [gone(records, one) for one in (household, closed, other)] == [True, True, False]
    assert counted(records, household, closed) == [(0, 0), (0, 0)]
