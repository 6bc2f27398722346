from __future__ import annotations

from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from cbi.access import GRANTS, NEVER_TOGETHER, OFFICE_ROLES, Permission, Role, conflicts
from cbi.errors import Clashed, NotThere, Refused, SameHands, SomebodyWasFirst
from cbi.staff import seats
from cbi.staff.joining import begun, choose_password, digest_of, join
from cbi.staff.seats import NewPerson, add_person, agree_reset, ask_reset, change_seats, leave, link_again
from cbi.staff.service import find_person, first_step, issue_cli_token, person_of_cli_token, rights_in_use
from cbi.staff.tables import Staff, StaffRole
from cbi.staff.words import RIGHT_WORDS
from cbi.store.records import Records
from cbi.store.sessions import Held, Shelf
from cbi.store.work import Actor
from tests import make
from tests.make_staff import PASSWORD, StillClock, member, stop_clock

PAIRS = [(one, other) for one in sorted(OFFICE_ROLES) for other in sorted(OFFICE_ROLES) if one < other]
OUGHT_TO_CONFLICT = {
    frozenset(pair)
    for pair in [
        (Role.MANAGER, Role.APPROVER),
        (Role.APPROVER, Role.RELEASER),
        (Role.RELEASER, Role.FINANCE),
        (Role.ADMINISTRATOR, Role.APPROVER),
        (Role.ADMINISTRATOR, Role.RELEASER),
        (Role.ADMINISTRATOR, Role.FINANCE),
    ]
}


def new(*roles: Role, name: str = "juniper.m") -> NewPerson:
    return NewPerson(sign_in_name=name, name="Juniper Moonbeam", roles=frozenset(roles))


def roles_of(records: Records, staff_id: UUID) -> frozenset[Role]:
    with records.read() as reading:
        return seats.roles_of(reading, staff_id)


def session_of(records: Records, staff_id: UUID) -> str:
    token = f"browser-{uuid4().hex}"
    Shelf(records.engine, records.system, records.clock).keep(Held(token, staff_id, {}))
    return token


def is_open(records: Records, token: str) -> bool:
    return not Shelf(records.engine, records.system, records.clock).find(token).new


def test_the_rules_keep_just_these_pairs_of_seats_apart():
    assert {frozenset(pair) for pair in PAIRS if conflicts(pair)} == OUGHT_TO_CONFLICT


@pytest.mark.parametrize("pair", sorted(sorted(pair) for pair in OUGHT_TO_CONFLICT))
def test_seats_kept_apart_are_refused_when_somebody_joins(records: Records, pair: list[Role]):
    with pytest.raises(Refused, match="who .+ never"), records.work(Actor()) as work:
        add_person(work, new(*pair))

    with records.read() as reading:
        assert reading.session.connection().execute(sa.select(sa.func.count()).select_from(Staff)).scalar() == 0


@pytest.mark.parametrize(("one", "other", "_rule"), NEVER_TOGETHER)
def test_rights_that_never_meet_give_nothing_when_they_came_another_way(
    one: frozenset[Permission], other: frozenset[Permission], _rule: str
):
    holders = [[role for role in Role if GRANTS[role] & side] for side in (one, other)]
    for first in holders[0]:
        for second in holders[1]:
            assert not rights_in_use((first, second)) & (one | other)


def test_a_person_seated_against_the_rules_keeps_only_harmless_rights(records: Records):
    staff_id = make.staff(records, Role.MANAGER, Role.APPROVER)

    person = find_person(records, staff_id)

    assert person is not None
    assert person.may(Permission.LIST_READ)
    assert not person.may(Permission.LIST_PREPARE)
    assert not person.may(Permission.LIST_APPROVE)


def test_the_refusal_names_the_rule(records: Records):
    staff_id = make.staff(records, Role.MANAGER)

    with pytest.raises(Refused) as refusal, records.work(Actor(make.staff(records, Role.ADMINISTRATOR))) as work:
        change_seats(work, staff_id, frozenset({Role.MANAGER, Role.APPROVER}), seen=frozenset({Role.MANAGER}))

    assert refusal.value.fix == "choose other seats: who prepares a payment list never approves one"
    assert roles_of(records, staff_id) == {Role.MANAGER}


def test_nobody_changes_their_own_seats(records: Records):
    admin = make.staff(records, Role.ADMINISTRATOR)

    for roles in ({Role.ADMINISTRATOR, Role.MANAGER}, {Role.APPROVER}):
        with pytest.raises(Refused, match="nobody changes their own seats"), records.work(Actor(admin)) as work:
            change_seats(work, admin, frozenset(roles), seen=frozenset({Role.ADMINISTRATOR}))

    assert roles_of(records, admin) == {Role.ADMINISTRATOR}


def test_seats_of_the_room_are_never_given_in_the_office(records: Records):
    with pytest.raises(Refused, match="seats of the office only"), records.work(Actor()) as work:
        add_person(work, new(Role.OFFICER))


def test_a_change_of_seats_ends_every_session_and_shell_of_the_person_and_of_nobody_else(records: Records):
    admin, staff_id = make.staff(records, Role.ADMINISTRATOR), make.staff(records, Role.REGISTRAR)
    theirs, mine, shell = session_of(records, staff_id), session_of(records, admin), issue_cli_token(records, staff_id)

    with records.work(Actor(admin)) as work:
        change_seats(work, staff_id, frozenset({Role.LEAD}), seen=frozenset({Role.REGISTRAR}))

    assert roles_of(records, staff_id) == {Role.LEAD}
    assert not is_open(records, theirs)
    assert person_of_cli_token(records, shell) is None
    assert is_open(records, mine)


def test_seats_that_changed_since_the_page_was_drawn_are_not_overwritten(records: Records):
    admin, staff_id = make.staff(records, Role.ADMINISTRATOR), make.staff(records, Role.REGISTRAR)

    with pytest.raises(SomebodyWasFirst), records.work(Actor(admin)) as work:
        change_seats(work, staff_id, frozenset({Role.LEAD}), seen=frozenset({Role.HELP_DESK}))


def test_a_sign_in_name_is_one_persons_only_whatever_its_case(records: Records):
    with records.work(Actor()) as work:
        add_person(work, new(Role.REGISTRAR))

    with pytest.raises(Refused, match="this one is taken"), records.work(Actor()) as work:
        add_person(work, new(Role.LEAD, name=" Juniper.M "))


@pytest.mark.parametrize("name", ["", "ab", "a b", "salma s", "-salma", "سلمى", "a" * 61 + "!"])
def test_a_sign_in_name_is_letters_digits_dots_and_dashes_from_a_shell_too(records: Records, name: str):
    with pytest.raises(Refused, match="for example salma.s"), records.work(Actor()) as work:
        add_person(work, new(Role.REGISTRAR, name=name))


def test_seats_says_which_of_the_seven_are_empty(records: Records):
    make.staff(records, Role.MANAGER)
    gone = make.staff(records, Role.FINANCE)
    with records.work(Actor()) as work:
        leave(work, gone)

    with records.read() as reading:
        found = {seat.role: seat for seat in seats.seats(reading)}

    assert len([seat for seat in found.values() if seat.needed]) == 7
    assert {role for role, seat in found.items() if seat.empty} == set(seats.NEEDED) - {Role.MANAGER}
    assert found[Role.FINANCE].holders == 0
    assert set(found) == OFFICE_ROLES


def test_every_seat_alone_keeps_every_rule():
    assert not [role for role in Role if conflicts((role,))]


def test_a_link_ends_when_it_is_used_replaced_or_three_days_old(records: Records):
    clock = stop_clock(records)
    with records.work(Actor()) as work:
        staff_id, first = add_person(work, new(Role.REGISTRAR))
    with records.work(Actor()) as work:
        second = link_again(work, staff_id)

    def good(token: str) -> bool:
        try:
            with records.read() as reading:
                return bool(begun(reading, digest_of(token)))
        except Refused:
            return False

    assert [good(first), good(second)] == [False, True]
    clock.move(hours=72)
    assert not good(second)


def test_the_token_of_a_link_is_kept_nowhere(records: Records):
    with records.work(Actor()) as work:
        staff_id, token = add_person(work, new(Role.REGISTRAR))

    with records.read() as reading:
        row = reading.session.get_one(Staff, staff_id)
        kept = " ".join(str(value) for value in row.model_dump().values())
        entry = records.system.audit_entry
        chain = " ".join(reading.session.connection().execute(sa.select(entry.body)).scalars())
    assert token not in kept + chain


def test_nobody_signs_in_before_their_authenticator_was_shown_to_work(records: Records):
    with records.work(Actor()) as work:
        _, token = add_person(work, new(Role.REGISTRAR))
    choose_password(records, digest_of(token), PASSWORD)

    with pytest.raises(Refused, match="check your name and password"):
        first_step(records, "juniper.m", PASSWORD)
    with pytest.raises(Refused, match="six digits"), records.work(Actor()) as work:
        join(work, digest_of(token), "000000")


@pytest.mark.parametrize("password", ["short", "juniper.m is my name", "password12345"])
def test_a_weak_first_password_is_refused_with_what_to_do(records: Records, password: str):
    with records.work(Actor()) as work:
        _, token = add_person(work, new(Role.REGISTRAR))

    with pytest.raises(Refused, match="^choose"):
        choose_password(records, digest_of(token), password)


@pytest.fixture
def two(records: Records) -> tuple[UUID, UUID]:
    stop_clock(records)
    return make.staff(records, Role.ADMINISTRATOR), make.staff(records, Role.ADMINISTRATOR)


def test_a_second_factor_is_taken_away_by_two_administrators_only(records: Records, two: tuple[UUID, UUID]):
    one, other = two
    salma = member(records, Role.REGISTRAR)
    browser = session_of(records, salma.id)

    with records.work(Actor(one)) as work:
        ask_reset(work, salma.id)
    assert is_open(records, browser)
    with pytest.raises(SameHands), records.work(Actor(one)) as work:
        agree_reset(work, salma.id)
    with records.work(Actor(other)) as work:
        token = agree_reset(work, salma.id)

    assert not is_open(records, browser)
    with pytest.raises(Refused, match="check your name and password"):
        first_step(records, salma.sign_in_name, salma.password)
    with pytest.raises(Refused, match="check your name"):
        first_step(records, salma.sign_in_name, salma.password, salma.recovery[0])
    choose_password(records, digest_of(token), "copper willow tandem river")


def test_a_reset_nobody_asked_for_or_asked_for_long_ago_is_refused(records: Records, two: tuple[UUID, UUID]):
    one, other = two
    salma = member(records, Role.REGISTRAR)
    with pytest.raises(Refused, match="nobody did"), records.work(Actor(other)) as work:
        agree_reset(work, salma.id)
    with records.work(Actor(one)) as work:
        ask_reset(work, salma.id)
    assert isinstance(records.clock, StillClock)
    records.clock.move(hours=73)

    with pytest.raises(Refused, match="nobody did"), records.work(Actor(other)) as work:
        agree_reset(work, salma.id)


def test_nobody_agrees_to_or_asks_for_their_own_reset(records: Records, two: tuple[UUID, UUID]):
    one, other = two
    with pytest.raises(Refused, match="nobody resets themselves"), records.work(Actor(one)) as work:
        ask_reset(work, one)
    with records.work(Actor(other)) as work:
        ask_reset(work, one)

    with pytest.raises(SameHands), records.work(Actor(one)) as work:
        agree_reset(work, one)


def test_a_new_link_is_no_way_round_two_administrators(records: Records):
    salma = member(records, Role.REGISTRAR)

    with pytest.raises(Refused, match="can sign in already"), records.work(Actor(make.staff(records, Role.ADMINISTRATOR))) as work:
        link_again(work, salma.id)


def test_somebody_who_left_has_no_seat_and_is_not_found(records: Records):
    salma = member(records, Role.REGISTRAR)
    with records.work(Actor()) as work:
        leave(work, salma.id)

    assert find_person(records, salma.id) is None
    assert roles_of(records, salma.id) == frozenset()
    with pytest.raises(NotThere), records.work(Actor()) as work:
        change_seats(work, salma.id, frozenset({Role.REGISTRAR}), seen=frozenset())


def test_a_shell_token_ends_after_fifteen_minutes_and_is_no_browsers(records: Records):
    clock = stop_clock(records)
    staff_id = make.staff(records, Role.FINANCE)
    token = issue_cli_token(records, staff_id)

    assert person_of_cli_token(records, token) == staff_id
    assert person_of_cli_token(records, session_of(records, staff_id)) is None
    assert person_of_cli_token(records, "cli-made-up") is None
    for _ in range(3):
        clock.move(minutes=5)
        ended = person_of_cli_token(records, token)
    assert ended is None


def test_the_database_itself_keeps_one_seat_once(records: Records):
    staff_id = make.staff(records, Role.LEAD)

    with pytest.raises(Clashed), records.work(Actor()) as work:
        row = {"id": uuid4(), "operation_id": work.operation_id, "staff_id": staff_id, "role": Role.LEAD, "granted_at": work.now}
        work.add(StaffRole(**row))


def test_every_right_of_a_seat_in_the_office_has_words():
    rights = frozenset().union(*(GRANTS[role] for role in OFFICE_ROLES)) - {Permission.HOME}

    assert rights <= set(RIGHT_WORDS)
