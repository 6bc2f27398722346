from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from sqlmodel import select

from cbi.errors import NotThere, Refused, SomebodyWasFirst
from cbi.people.correction import change_account, correct, take_consent, withdraw_consent
from cbi.people.registered import Registered, open_household
from cbi.people.search import find
from cbi.people.service import register
from cbi.people.story import story_of
from cbi.people.tables import AccountKind, Consent, DocumentKind, EventKind, Household, HouseholdStatus, Relation, SearchToken
from cbi.people.values import NewAccount, NewDocument, NewHousehold
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.web.listing import ListingArgs
from tests import make_people
from tests.make_people import member, new

CHILD = {"relation": Relation.CHILD}


def kept(records: Records, household_id: UUID) -> Registered:
    with records.read() as reading:
        return open_household(reading, household_id)


def put_right(records: Records, before: Registered, told: NewHousehold, lines: tuple[UUID | None, ...] | None = None) -> tuple[str, ...]:
    with records.work(Actor()) as work:
        return correct(work, before.id, told, before.member_ids if lines is None else lines, seen_version=before.version)


def found(records: Records, text: str) -> int:
    with records.read() as reading:
        return find(reading, text, ListingArgs(sort=""), country="KE").total


def test_a_corrected_name_is_found_and_the_wrong_one_no_longer(records: Records):
    before = kept(records, make_people.household(records, given="Jupiner"))

    changed = put_right(records, before, replace(before.told, members=(replace(before.told.head, given="Pumpkin"),)))

    assert changed == ("member 1: name",)
    assert (found(records, "Pumpkin"), found(records, "Jupiner")) == (1, 0)


def test_a_household_moved_to_another_site_is_found_there(records: Records):
    before = kept(records, make_people.household(records))

    put_right(records, before, replace(before.told, site_id=make_people.site(records, "OM", "Old Mill")))

    assert kept(records, before.id).site_name == "Old Mill"
    assert found(records, "Moonbeam") == 1


def test_members_are_added_and_taken_out_and_the_size_keeps_step(records: Records):
    before = kept(records, make_people.household(records, people=3))
    told = replace(before.told, members=(*before.told.members[:2], member("Pip", "Moonbeam", 2020, **CHILD)), alternate=2)

    changed = put_right(records, before, told, (*before.member_ids[:2], None))

    after = kept(records, before.id)
    assert changed == ("member 3 added", "member taken out", "alternate")
    assert [person.given for person in after.told.members] == ["Juniper", "Tumble 1", "Pip"]
    assert after.told.alternate == 2
    assert found(records, "Pip") == 1
    with records.read() as reading:
        assert reading.session.get(Household, before.id).size == 3
        assert reading.session.exec(select(SearchToken).where(SearchToken.member_id == before.member_ids[2])).all() == []


def test_a_correction_without_a_difference_leaves_no_trace(records: Records):
    before = kept(records, make_people.household(records, people=2, phones=("+9995550142",)))

    assert put_right(records, before, before.told) == ()
    assert kept(records, before.id).version == before.version
    with records.read() as reading:
        assert story_of(reading, before.id) == []


def test_documents_and_phones_are_exchanged_and_found(records: Records):
    with records.work(Actor()) as work:
        household_id = register(
            work, new(make_people.site(records), member(documents=(NewDocument(DocumentKind.OTHER, "KH-1"),)), phones=("+9995550142",))
        )
    before = kept(records, household_id)
    head = replace(before.told.head, documents=(NewDocument(DocumentKind.OTHER, "KH-2"),))

    put_right(records, before, replace(before.told, members=(head,), phones=("+9995550177",)))

    assert [found(records, text) for text in ("KH-1", "KH-2", "+999 555 0142", "+999 555 0177", before.token)] == [0, 1, 0, 1, 1]


def test_a_form_drawn_before_another_correction_is_refused(records: Records):
    before = kept(records, make_people.household(records))
    put_right(records, before, replace(before.told, shelter="A"))

    with pytest.raises(SomebodyWasFirst):
        put_right(records, before, replace(before.told, shelter="B"))


def test_members_of_another_household_cannot_be_claimed(records: Records):
    mine, other = kept(records, make_people.household(records, people=2)), kept(records, make_people.household(records, people=2))

    with pytest.raises(SomebodyWasFirst):
        put_right(records, mine, mine.told, (mine.member_ids[0], other.member_ids[1]))


def test_a_household_that_is_not_there_is_not_there(records: Records):
    before = kept(records, make_people.household(records))

    with pytest.raises(NotThere), records.work(Actor()) as work:
        correct(work, UUID(int=4), before.told, before.member_ids, seen_version=1)


def test_who_changed_an_account_and_when_is_kept(records: Records):
    household_id, clerk = make_people.household(records, account="+254712123456"), UUID(int=77)

    with records.work(Actor(clerk)) as work:
        change_account(work, household_id, NewAccount(AccountKind.CARD, "502100001234"))

    after = kept(records, household_id)
    assert after.told.account == NewAccount(AccountKind.CARD, "502100001234")
    assert after.account_changed_at == records.clock.start or after.account_changed_at > records.clock.start
    with records.read() as reading:
        assert [(event.kind, event.detail, event.by) for event in story_of(reading, household_id)] == [(EventKind.ACCOUNT, "card", clerk)]


def test_the_same_account_again_does_not_start_the_wait_again(records: Records):
    household_id = make_people.household(records, account="+254712123456")
    before = kept(records, household_id)

    with records.work(Actor()) as work:
        change_account(work, household_id, before.told.account)

    assert kept(records, household_id) == before


def test_consent_taken_back_ends_the_registration_and_can_be_given_again(records: Records):
    household_id = make_people.household(records)

    with records.work(Actor()) as work:
        withdraw_consent(work, household_id)
    with records.work(Actor()) as work:
        withdraw_consent(work, household_id)
    gone = kept(records, household_id)
    with records.work(Actor()) as work:
        take_consent(work, household_id, Consent.AGREES, version=2, language="ar")
    back = kept(records, household_id)

    assert (gone.status, gone.told.consent) == (HouseholdStatus.WITHDRAWN, Consent.DECLINES)
    assert (back.status, back.told.consent, back.told.consent_version) == (HouseholdStatus.REGISTERED, Consent.AGREES, 2)
    assert records.verify_chain().broken_at is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"members": ()},
        {"members": (member(), member())},
        {"members": (member(relation=Relation.CHILD),)},
        {"members": (member(given=" "),)},
        {"recipient": 3},
        {"recipient": 0, "alternate": 0},
    ],
)
def test_a_household_whose_parts_contradict_each_other_is_refused(records: Records, wrong: dict[str, object]):
    site = make_people.site(records)

    with pytest.raises(Refused), records.work(Actor()) as work:
        register(work, NewHousehold(**{"site_id": site, "members": (member(),), "consent": Consent.AGREES, **wrong}))


def test_a_site_of_nobody_is_not_there(records: Records):
    with pytest.raises(NotThere), records.work(Actor()) as work:
        register(work, new(UUID(int=3)))
