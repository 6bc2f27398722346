from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import col, select

from cbi.errors import NotThere, Refused, SomebodyWasFirst
from cbi.people import kept_rows, lives_homes, lives_papers, lives_people, undoing
from cbi.people.correction import correct
from cbi.people.history import changes_of, told_of
from cbi.people.lives_homes import Split
from cbi.people.lives_people import NewHead
from cbi.people.registered import Registered, open_household
from cbi.people.search import find
from cbi.people.tables import Consent, Household, HouseholdStatus, Relation, ReviewReason, SearchToken
from cbi.people.tables_lives import ChangeKind, HouseholdChange, Means
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.web.listing import ListingArgs
from tests import make_people
from tests.make_people import member

CLERK, SECOND = UUID(int=71), UUID(int=72)


def kept(records: Records, household_id: UUID) -> Registered:
    with records.read() as reading:
        return open_household(reading, household_id)


def rows(records: Records, household_id: UUID) -> str:
    with records.read() as reading:
        return kept_rows.as_text([kept_rows.keep(reading, household_id)])


def found(records: Records, text: str) -> list[str]:
    with records.read() as reading:
        return [one.card.number for one in find(reading, text, ListingArgs(sort=""), country="KE").rows]


def tokens(records: Records) -> set[tuple[UUID, UUID, bytes]]:
    with records.read() as reading:
        return {(row.household_id, row.member_id, row.token) for row in reading.session.exec(select(SearchToken))}


def newest(records: Records, household_id: UUID) -> HouseholdChange:
    with records.read() as reading:
        return changes_of(reading, household_id)[0]


def undo(records: Records, household_id: UUID) -> None:
    with records.work(Actor(CLERK)) as work:
        undoing.undo(work, changes_of(work, household_id)[0].id)


def relations(people: Registered, *, but: set[UUID]) -> Mapping[UUID, Relation]:
    return {one: Relation.OTHER_FAMILY for one in people.member_ids if one not in but}


def split(records: Records, household_id: UUID, *places: int, **more) -> UUID:
    """The members at these places live on their own, the first of them as head."""
    before = kept(records, household_id)
    ids = [before.member_ids[place] for place in places]
    new = Split(
        **{
            "leaving": ids,
            "head_id": ids[0],
            "recipient_id": ids[0],
            "consent": Consent.AGREES,
            "consent_version": 1,
            "consent_language": "en",
            "relations": dict.fromkeys(ids[1:], Relation.CHILD),
            **more,
        }
    )
    with records.work(Actor(CLERK)) as work:
        return lives_homes.split(work, household_id, new, seen_version=before.version)


def join(records: Records, household_id: UUID, other_id: UUID) -> None:
    coming = kept(records, other_id)
    with records.work(Actor(CLERK)) as work:
        version = open_household(work, household_id).version
        lives_homes.join(work, household_id, other_id, relations(coming, but=set()), seen_version=version)


def test_those_who_go_have_a_number_a_card_a_recipient_and_a_consent_of_their_own(records: Records):
    old = make_people.household(records, people=4)
    before = kept(records, old)

    new = split(records, old, 1, 3, phone="+9995550199", shelter="B-12")

    stays, goes = kept(records, old), kept(records, new)
    assert [one.given for one in stays.told.members] == ["Juniper", "Tumble 2"]
    assert [(one.given, one.relation) for one in goes.told.members] == [("Tumble 1", Relation.HEAD), ("Tumble 3", Relation.CHILD)]
    assert (goes.told.recipient, goes.told.consent, goes.told.shelter, goes.told.phones) == (0, Consent.AGREES, "B-12", ("+9995550199",))
    assert goes.number != stays.number
    assert stays.token == before.token != goes.token
    assert found(records, "Tumble 3")[0] == goes.number
    assert found(records, goes.number) == found(records, goes.token) == [goes.number]
    assert records.verify_chain().broken_at is None


def test_a_split_taken_back_leaves_everything_as_it_was_and_no_second_household(records: Records):
    old = make_people.household(records, people=3, phones=("+9995550142",))
    before, tokens_before = rows(records, old), tokens(records)
    new = split(records, old, 1)

    undo(records, old)

    assert (rows(records, old), tokens(records)) == (before, tokens_before)
    with records.read() as reading:
        assert reading.session.get(Household, new) is None
        assert reading.was_erased(new)
        assert changes_of(reading, old)[0].undone_by == CLERK


def test_the_head_does_not_leave_with_the_others(records: Records):
    old = make_people.household(records, people=3)

    with pytest.raises(Refused, match="another head"):
        split(records, old, 0, 1)


def test_a_household_on_review_does_not_split(records: Records):
    old = make_people.household(records, people=3, review=ReviewReason.DUPLICATE)

    with pytest.raises(Refused, match="one of them is on review"):
        split(records, old, 1)

    assert len(kept(records, old).member_ids) == 3


def test_when_the_recipient_goes_those_who_stay_choose_another(records: Records):
    old = make_people.household(records, people=3, recipient=1)

    with pytest.raises(Refused, match="who receives for those who stay"):
        split(records, old, 1)
    split(records, old, 1, stays_recipient_id=kept(records, old).member_ids[2])

    assert kept(records, old).told.recipient == 1
    assert newest(records, old).payee


def test_a_split_is_refused_to_a_form_drawn_before_another_change(records: Records):
    old = make_people.household(records, people=3)
    before = kept(records, old)
    split(records, old, 1)

    with pytest.raises(SomebodyWasFirst), records.work(Actor(CLERK)) as work:
        lives_homes.move(work, old, make_people.site(records, "OM", "Old Mill"), "", seen_version=before.version)


def test_two_families_that_live_together_are_one_household_and_the_other_entry_is_closed(records: Records):
    mine, other = make_people.household(records, people=2), make_people.household(records, people=2, given="Pumpkin", family="Lantern")
    closing = kept(records, other)

    join(records, mine, other)

    together = kept(records, mine)
    assert [one.given for one in together.told.members] == ["Juniper", "Tumble 1", "Pumpkin", "Tumble 1"]
    assert [one.relation for one in together.told.members].count(Relation.HEAD) == 1
    assert found(records, "Pumpkin") == [together.number]
    with records.read() as reading:
        assert reading.session.get_one(Household, other).status is HouseholdStatus.MERGED
        assert lives_papers.is_refused(reading, closing.token)
        assert lives_homes.closed_into(reading, other).household_id == mine
    assert found(records, closing.token) == []
    assert kept(records, other).told.members == ()


def test_a_joining_taken_back_gives_both_households_all_they_had(records: Records):
    mine = make_people.household(records, people=2, phones=("+9995550142",))
    other = make_people.household(
        records, people=2, given="Pumpkin", family="Lantern", phones=("+9995550142", "+9995550177"), account="+254712123456"
    )
    before, tokens_before, closing = (rows(records, mine), rows(records, other)), tokens(records), kept(records, other)
    join(records, mine, other)

    undo(records, mine)

    assert ((rows(records, mine), rows(records, other)), tokens(records)) == (before, tokens_before)
    assert found(records, closing.token) == [closing.number]
    assert kept(records, other).status is HouseholdStatus.REGISTERED


def test_households_of_two_sites_do_not_join_before_one_has_moved(records: Records):
    mine = make_people.household(records)
    other = make_people.household(records, make_people.site(records, "OM", "Old Mill"), given="Pumpkin")

    with pytest.raises(Refused, match="move to this site first"):
        join(records, mine, other)
    with pytest.raises(Refused, match="another household"):
        join(records, mine, mine)


def test_a_household_that_moved_is_found_at_its_new_site_and_back_at_the_old_one_when_taken_back(records: Records):
    household, mill = make_people.household(records, people=2, shelter="A-1"), make_people.site(records, "OM", "Old Mill")
    before, tokens_before = rows(records, household), tokens(records)
    with records.work(Actor(CLERK)) as work:
        lives_homes.move(work, household, mill, "M-9", seen_version=1)

    there = kept(records, household)
    assert (there.site_name, there.told.shelter, found(records, "Juniper")) == ("Old Mill", "M-9", [there.number])
    assert len(tokens(records) & tokens_before) == 4  # one of Juniper and three of Tumble 1, by which the desk finds them anywhere
    undo(records, household)
    assert (rows(records, household), tokens(records)) == (before, tokens_before)


@pytest.mark.parametrize("why", ["died", "left", "stays"])
def test_a_household_that_loses_its_head_says_who_leads_it_and_who_receives(records: Records, why: str):
    household = make_people.household(records, people=3)
    before, was = rows(records, household), kept(records, household)
    first, second, third = was.member_ids
    relations = {third: Relation.SIBLING, **({first: Relation.PARENT} if why == "stays" else {})}
    new = NewHead(head_id=second, why=why, recipient_id=third, relations=relations)

    with records.work(Actor(CLERK)) as work:
        lives_people.new_head(work, household, new, seen_version=1)

    now = kept(records, household)
    assert (now.member_ids[0], now.told.members[0].relation) == (second, Relation.HEAD)
    assert now.member_ids[now.told.recipient] == third
    assert (first in now.member_ids) is (why == "stays")
    assert now.token == was.token
    assert newest(records, household).payee
    undo(records, household)
    assert rows(records, household) == before


def test_somebody_living_alone_has_no_other_head(records: Records):
    household = make_people.household(records)
    only = kept(records, household).member_ids[0]

    with pytest.raises(Refused, match="nobody else lives in it"), records.work(Actor(CLERK)) as work:
        lives_people.new_head(work, household, NewHead(head_id=only, why="died", recipient_id=only), seen_version=1)


def test_a_child_is_born_somebody_leaves_and_comes_back_as_the_same_person(records: Records):
    household = make_people.household(records, people=2)
    who = kept(records, household).member_ids[1]

    with records.work(Actor(CLERK)) as work:
        child = lives_people.born(work, household, member("Pip", "Moonbeam", 2026, relation=Relation.GRANDCHILD), seen_version=1)
    with records.work(Actor(CLERK)) as work:
        lives_people.went(work, household, who, ChangeKind.LEFT, seen_version=2)
    away = found(records, "Tumble")
    with records.work(Actor(CLERK)) as work:
        [gone] = lives_people.gone_from(work, household)
        back = lives_people.returned(work, household, gone.change_id, Relation.CHILD, seen_version=3)

    assert (gone.name, back) == ("Tumble 1 Moonbeam", who)
    assert away == []
    assert kept(records, household).member_ids[1:] == (child, who)
    with records.read() as reading:
        assert reading.session.get_one(Household, household).size == 3
        assert lives_people.gone_from(reading, household) == []
    assert found(records, "Tumble") == [kept(records, household).number]


def test_who_died_is_not_offered_as_coming_back(records: Records):
    household = make_people.household(records, people=2)
    with records.work(Actor(CLERK)) as work:
        lives_people.went(work, household, open_household(work, household).member_ids[1], ChangeKind.DIED, seen_version=1)

    with records.read() as reading:
        assert lives_people.gone_from(reading, household) == []


def test_when_who_receives_leaves_somebody_else_is_named_and_it_waits_for_a_second_person(records: Records):
    household = make_people.household(records, people=3, recipient=1)
    head, who, other = kept(records, household).member_ids

    with pytest.raises(Refused, match="who receives now"), records.work(Actor(CLERK)) as work:
        lives_people.went(work, household, who, ChangeKind.LEFT, seen_version=1)
    with records.work(Actor(CLERK)) as work:
        change = lives_people.went(work, household, who, ChangeKind.LEFT, seen_version=1, recipient_id=other).id

    with pytest.raises(Refused, match="somebody else"), records.work(Actor(CLERK)) as work:
        undoing.confirm_payee(work, change)
    with records.work(Actor(SECOND)) as work:
        undoing.confirm_payee(work, change)
    assert newest(records, household).confirmed_by == SECOND
    assert kept(records, household).member_ids == (head, other)


def test_a_lost_card_is_refused_and_the_new_one_opens_the_household(records: Records):
    household = make_people.household(records)
    old = kept(records, household).token

    with records.work(Actor(CLERK)) as work:
        new = lives_papers.replace_card(work, household, seen_version=1)

    with records.read() as reading:
        assert (lives_papers.is_refused(reading, old), lives_papers.is_refused(reading, new)) == (True, False)
    assert (found(records, old), found(records, new)) == ([], [kept(records, household).number])
    undo(records, household)
    with records.read() as reading:
        assert not lives_papers.is_refused(reading, old)
    assert (kept(records, household).token, found(records, new)) == (old, [])


def test_somebody_without_a_document_is_known_otherwise_for_thirty_days_at_most(records: Records):
    household = make_people.household(records)
    who = kept(records, household).member_ids[0]
    today = records.clock.today("Africa/Nairobi")

    with pytest.raises(Refused, match="last day"), records.work(Actor(CLERK)) as work:
        lives_papers.identify(work, household, who, Means.COMMUNITY, today + timedelta(days=31), seen_version=1)
    with records.work(Actor(CLERK)) as work:
        lives_papers.identify(work, household, who, Means.COMMUNITY, today + timedelta(days=14), seen_version=1)

    with records.read() as reading:
        known = lives_papers.identified(reading, household)
        assert (known.until, known.made_by, known.detail) == (today + timedelta(days=14), CLERK, f"community {who}")


def test_changes_are_taken_back_from_the_newest_to_the_oldest(records: Records):
    household = make_people.household(records, people=2)
    start = rows(records, household)
    with records.work(Actor(CLERK)) as work:
        lives_people.born(work, household, member("Pip", year=2026, relation=Relation.CHILD), seen_version=1)
    first = newest(records, household).id
    with records.work(Actor(CLERK)) as work:
        lives_papers.replace_card(work, household, seen_version=2)

    with pytest.raises(Refused, match="newer changes"), records.work(Actor(CLERK)) as work:
        undoing.undo(work, first)
    undo(records, household)
    with records.work(Actor(CLERK)) as work:
        undoing.undo(work, first)

    assert rows(records, household) == start
    with pytest.raises(SomebodyWasFirst), records.work(Actor(CLERK)) as work:
        undoing.undo(work, first)


def test_a_correction_since_then_keeps_a_change_from_being_taken_back(records: Records):
    household = make_people.household(records, people=3)
    new = split(records, household, 1)
    goes = kept(records, new)
    with records.work(Actor(CLERK)) as work:
        told = open_household(work, new).told
        correct(work, new, type(told)(**{**_fields(told), "shelter": "Z-1"}), goes.member_ids, seen_version=1)

    with pytest.raises(Refused, match="something was changed since"):
        undo(records, household)


def test_a_correction_keeps_from_what_to_what_and_nothing_of_it_in_clear(records: Records):
    household = make_people.household(records, given="Jupiner", shelter="A-1")
    before = kept(records, household)
    told = type(before.told)(**{**_fields(before.told), "members": (member("Juniper"),), "shelter": "A-2"})

    with records.work(Actor(CLERK)) as work:
        correct(work, household, told, before.member_ids, seen_version=1)

    change = newest(records, household)
    with records.read() as reading:
        assert told_of(reading, change) == [
            ("shelter", "A-1", "A-2"),
            ("member 1: name", "Jupiner Moonbeam", "Juniper Moonbeam"),
        ]
    assert b"Jupiner" not in bytes(change.told)
    assert (change.kind, change.made_by) == (ChangeKind.CORRECTED, CLERK)


def test_a_change_of_another_operation_or_of_nobody_is_not_there(records: Records):
    with pytest.raises(NotThere), records.work(Actor(CLERK)) as work:
        undoing.undo(work, uuid4())


def test_no_fact_of_a_changed_life_holds_anything_a_person_told(records: Records):
    household = make_people.household(records, people=3)
    other = make_people.household(records, given="Pumpkin", family="Lantern")
    split(records, household, 1, phone="+9995550199")
    join(records, household, other)

    with records.read() as reading:
        entries = reading.system.audit_entry
        bodies = " ".join(reading.session.exec(select(col(entries.body))))
    assert not any(word in bodies for word in ("Juniper", "Moonbeam", "Pumpkin", "Tumble", "5550199"))


def _fields(told) -> dict[str, object]:
    return {name: getattr(told, name) for name in type(told).__dataclass_fields__}
