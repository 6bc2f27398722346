"""The one door: what any household may ask for, what is refused, and what holds after the next publishing."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from cbi.access import Role
from cbi.clock import Clock
from cbi.errors import NotThere, Refused
from cbi.people.tables import Member
from cbi.store.records import Records
from cbi.store.system import OfficeAuditEntry
from cbi.store.work import Actor
from cbi.transfers import arrangements, inbox, receiving
from cbi.transfers.receiving import Collector, Help, Messages, Reach, Way
from cbi.transfers.tables import Arrangement, ArrangementKind, ArrangementRequest, Mechanism, Publication
from reconciliation.money import Money
from tests import make, make_people

K = ArrangementKind


def ask(
    records: Records, household_id: UUID, *, by: UUID | None = None, key: UUID | None = None, agreed: bool = True, **changes: object
) -> None:
    """One wish: ask(records, household, parts=3)."""
    with records.work(Actor(by or uuid4())) as work:
        wanted = {K(kind): value for kind, value in changes.items()}
        arrangements.propose_arrangement(work, household_id=household_id, changes=wanted, agreed=agreed, client_key=key or uuid4())


def publish(records: Records) -> UUID:
    """The manager presses the button."""
    with records.work(Actor(uuid4())) as work:
        return inbox.publish_now(work)


def holds(records: Records, household_id: UUID) -> dict[ArrangementKind, object]:
    """What is published for a household."""
    with records.read() as reading:
        return dict(arrangements.current_for(reading, [household_id]).get(household_id, {}))


def at(records: Records, hours: float) -> None:
    """Let so many hours go by."""
    records.clock = Clock(records.clock.now() + timedelta(hours=hours))


def rows(records: Records, table: type) -> list:
    with records.read() as reading:
        found = list(reading.session.exec(select(table)))
        reading.session.expunge_all()
        return found


def test_a_wish_holds_only_after_it_is_published(records: Records):
    household = make_people.household(records)

    ask(records, household, parts=3)
    before = holds(records, household)
    publish(records)

    assert before == {}
    assert holds(records, household) == {K.PARTS: 3}
    assert rows(records, ArrangementRequest) == []


def test_every_kind_is_read_back_as_it_was_asked(records: Records):
    elsewhere = make_people.site(records, "CR", "Coral Bend")
    household = make_people.household(records, people=2)
    member = next(row.id for row in rows(records, Member) if row.household_id == household and row.position == 1)
    wanted = {
        K.SITE: elsewhere,
        K.DAY: ("mon-morning", "tue-midday"),
        K.MECHANISM: Way(Mechanism.MOBILE_MONEY, "0712 000 111"),
        K.COLLECTOR: Collector("Bramble Teapot", contact="0799 000 222"),
        K.RECIPIENT: member,
        K.PARTS: 2,
        K.MESSAGES: Reach(Messages.NEUTRAL, ("sat-morning",)),
        K.KEEP: True,
        K.HELP: (Help.FIRST.value, Help.DEVICE.value),
    }

    ask(records, household, **{kind.value: value for kind, value in wanted.items()})
    publish(records)

    assert holds(records, household) == wanted
    assert list(holds(records, household)) == [kind for kind in K if kind is not K.SHARES], (
        "separate transfers never stand beside one recipient"
    )


def test_nothing_is_written_down_without_the_persons_agreement(records: Records):
    household = make_people.household(records)

    with pytest.raises(Refused, match="ask the person"):
        ask(records, household, parts=3, agreed=False)

    assert rows(records, ArrangementRequest) == []


@pytest.mark.parametrize(
    ("change", "fix"),
    [
        ({"parts": 5}, "2, 3 or 4"),
        ({"parts": "two"}, "2, 3 or 4"),
        ({"mechanism": "gold"}, "ways to pay"),
        ({"mechanism": {"mechanism": "bank", "account": "=cmd()"}}, "digits and letters"),
        ({"site": uuid4()}, "choose the place"),
        ({"site": "somewhere"}, "choose the place"),
        ({"recipient": uuid4()}, "member of the household"),
        ({"collector": "7"}, "full name"),
        ({"collector": "x" * 81}, "at most 80"),
        ({"day": "someday"}, "grid"),
        ({"messages": "loud"}, "bring messages"),
        ({"keep": "perhaps"}, "kept"),
        ({"help": "magic"}, "kinds of help"),
        ({}, "at least one"),
    ],
)
def test_a_value_outside_the_closed_lists_is_refused_with_what_to_do(records: Records, change: dict[str, object], fix: str):
    household = make_people.household(records)

    with pytest.raises(Refused, match=fix):
        ask(records, household, **change)

    assert rows(records, ArrangementRequest) == []


def test_a_household_nobody_knows_is_not_there(records: Records):
    with pytest.raises(NotThere):
        ask(records, uuid4(), parts=2)


def test_a_member_of_another_household_cannot_become_the_recipient(records: Records):
    mine = make_people.household(records)
    other = make_people.household(records, given="Pickle", family="Lantern")
    stranger = next(row.id for row in rows(records, Member) if row.household_id == other)

    with pytest.raises(Refused, match="member of the household"):
        ask(records, mine, recipient=stranger)


def test_a_child_cannot_collect(records: Records):
    household = make_people.household(records, people=2)
    child = next(row.id for row in rows(records, Member) if row.birth_year >= 2010)

    with pytest.raises(Refused, match="adult"):
        ask(records, household, collector=Collector(member_id=child))


def test_a_member_who_collects_is_known_by_name(records: Records):
    household = make_people.household(records, given="Juniper", family="Moonbeam")
    head = rows(records, Member)[0].id

    ask(records, household, collector=head)
    publish(records)

    assert str(holds(records, household)[K.COLLECTOR]) == "Juniper Moonbeam"


def test_staff_never_collect(records: Records):
    make.staff(records, Role.REGISTRAR, name="Salma Storybook")
    household = make_people.household(records)

    with pytest.raises(Refused, match="does not work here"):
        ask(records, household, collector="SALMA  storybook")


def test_one_adult_collects_for_three_households_and_not_for_a_fourth(records: Records):
    households = [make_people.household(records, given=f"Juniper {name}") for name in ("Ash", "Birch", "Cedar", "Dogwood")]
    for household in households[:3]:
        ask(records, household, collector=Collector("Bramble Teapot", contact="0799 000 222"))
        publish(records)

    with pytest.raises(Refused, match="3 households"):
        ask(records, households[3], collector=Collector("bramble teapot", contact="0799000222"))
    ask(records, households[3], collector=Collector("Bramble Teapot", contact="0755 111 333"))


def test_the_same_form_sent_twice_counts_once_before_and_after_publishing(records: Records):
    household, key = make_people.household(records), uuid4()

    ask(records, household, key=key, parts=3)
    ask(records, household, key=key, parts=3)
    waiting = len(rows(records, ArrangementRequest))
    publish(records)
    ask(records, household, parts=2)
    publish(records)
    ask(records, household, key=key, parts=3)
    publish(records)

    assert waiting == 1
    assert holds(records, household) == {K.PARTS: 2}


def test_the_wish_written_last_is_the_one_that_is_published(records: Records):
    household = make_people.household(records)
    ask(records, household, parts=3)
    at(records, 0.1)
    ask(records, household, parts=4)

    publish(records)

    assert holds(records, household) == {K.PARTS: 4}
    assert [row.count for row in rows(records, Publication)] == [1]


def test_an_arrangement_is_taken_away_by_asking_for_what_is_planned(records: Records):
    household = make_people.household(records)
    ask(records, household, parts=3, keep=True)
    publish(records)

    ask(records, household, parts=None)
    publish(records)

    assert holds(records, household) == {K.KEEP: True}
    assert len([row for row in rows(records, Arrangement) if row.kind is K.PARTS and row.current]) == 1


def test_what_is_asked_again_unchanged_is_no_change(records: Records):
    household = make_people.household(records)
    ask(records, household, parts=3)
    publish(records)

    ask(records, household, parts=3)
    publish(records)

    assert len(rows(records, Arrangement)) == 1
    assert [row.count for row in rows(records, Publication)] == [1, 0]


def test_current_for_names_only_households_that_arranged_something(records: Records):
    one, other = make_people.household(records), make_people.household(records, given="Pickle")
    ask(records, one, parts=2)
    publish(records)

    with records.read() as reading:
        found = arrangements.current_for(reading, [one, other])

    assert found == {one: {K.PARTS: 2}}


@given(
    minor=st.integers(min_value=1, max_value=10**12), parts=st.integers(min_value=receiving.FEWEST_PARTS, max_value=receiving.MOST_PARTS)
)
def test_parts_never_change_what_a_household_is_due(minor: int, parts: int):
    due = Money(minor, "KES")

    shares = due.split(receiving.read(K.PARTS, parts))

    assert sum(share.minor for share in shares) == minor
    assert len(shares) == parts
    assert max(share.minor for share in shares) - min(share.minor for share in shares) <= 1


VALUES = st.one_of(
    st.tuples(st.just(K.PARTS), st.integers(2, 4)),
    st.tuples(st.just(K.DAY), st.sets(st.sampled_from(receiving.SLOTS), min_size=1).map(tuple)),
    st.tuples(st.just(K.HELP), st.sets(st.sampled_from(list(Help)), min_size=1).map(tuple)),
    st.tuples(st.just(K.MECHANISM), st.sampled_from(list(Mechanism))),
    st.tuples(st.just(K.SITE), st.uuids()),
    st.tuples(st.just(K.MESSAGES), st.builds(Reach, st.sampled_from(list(Messages)), st.sets(st.sampled_from(receiving.SLOTS)).map(tuple))),
    st.tuples(st.just(K.COLLECTOR), st.text(min_size=1, max_size=80).filter(lambda name: any(map(str.isalpha, name)))),
)


@given(VALUES)
def test_a_value_written_down_reads_back_the_same_and_has_one_length(asked: tuple[ArrangementKind, object]):
    kind, given_value = asked

    value = receiving.read(kind, given_value)
    written = arrangements.written(receiving.plain(value))

    assert receiving.read(kind, json.loads(written)) == value
    assert len(written.encode()) == arrangements.VALUE_BYTES


def test_the_audit_entry_names_the_help_desk_and_nobody_else(records: Records):
    household = make_people.household(records)
    officer, desk = uuid4(), uuid4()
    ask(records, household, by=officer, parts=3)
    ask(records, household, by=desk, keep=True)
    publish(records)

    entries = [entry for entry in rows(records, OfficeAuditEntry) if entry.kind == "transfers.ArrangementPublished"]

    assert {entry.actor for entry in entries} == {"help desk"}
    assert all(str(person) not in entry.body for entry in entries for person in (officer, desk))
