from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from cbi.access import Role
from cbi.errors import Refused
from cbi.staff.service import first_step, second_step, step_up
from cbi.staff.tables import SignInTry, Staff
from cbi.staff.tries import MustWait
from cbi.store.records import Records
from cbi.store.work import Actor
from tests.make_staff import PASSWORD, Member, member, stop_clock


def refused(call: object, *args: object) -> str:
    with pytest.raises(Refused) as refusal:
        call(*args)  # type: ignore[operator]
    return refusal.value.fix


def kinds(records: Records) -> list[str]:
    entry = records.system.audit_entry
    with records.read() as reading:
        return list(reading.session.connection().execute(sa.select(entry.kind).order_by(entry.seq)).scalars())


def row(records: Records, who: Member) -> Staff:
    with records.read() as reading:
        return reading.session.get_one(Staff, who.id)


@pytest.fixture
def salma(records: Records) -> Member:
    stop_clock(records)
    return member(records, Role.REGISTRAR)


def test_name_and_password_then_a_code_let_a_person_in(records: Records, salma: Member):
    entry = first_step(records, " SALMA.S ", salma.password)
    second_step(records, entry.staff_id, salma.code(records))

    assert (entry.staff_id, entry.whole) == (salma.id, False)
    assert kinds(records)[-1] == "staff.SignedIn"


def test_an_unknown_name_and_a_wrong_password_get_the_same_words_and_the_same_wait(records: Records, salma: Member):
    answers = {name: [refused(first_step, records, name, "wrong wrong wrong") for _ in range(5)] for name in ("salma.s", "nobody.n")}

    assert answers["salma.s"] == answers["nobody.n"]
    assert answers["salma.s"][0] == "check your name and password, and type both again"
    assert answers["salma.s"][4] == "wait 30 seconds, or use a recovery code"


def test_an_unknown_name_leaves_the_same_entries_as_a_known_one(records: Records, salma: Member):
    before = len(kinds(records))
    for name in ("salma.s", "nobody.n"):
        for _ in range(4):
            refused(first_step, records, name, "wrong wrong wrong")

    assert kinds(records)[before:] == ["staff.SignInDelayed"] * 2


def test_the_wait_doubles_and_ends_by_itself(records: Records, salma: Member):
    clock = records.clock
    for _ in range(4):
        refused(first_step, records, "salma.s", "wrong wrong wrong")

    assert refused(first_step, records, "salma.s", salma.password) == "wait 30 seconds, or use a recovery code"
    clock.move(seconds=30)
    assert refused(first_step, records, "salma.s", "wrong wrong wrong") == "check your name and password, and type both again"
    assert refused(first_step, records, "salma.s", salma.password) == "wait 1 minute, or use a recovery code"
    clock.move(seconds=61)
    second_step(records, first_step(records, "salma.s", salma.password).staff_id, salma.code(records))
    assert refused(first_step, records, "salma.s", "wrong wrong wrong") == "check your name and password, and type both again"


def test_a_right_password_does_not_wipe_out_wrong_codes(records: Records, salma: Member):
    for _ in range(4):
        first_step(records, "salma.s", salma.password)
        refused(second_step, records, salma.id, "000000")

    with pytest.raises(MustWait):
        first_step(records, "salma.s", salma.password)


def test_many_tries_at_once_cannot_slip_through_before_they_are_counted(records: Records, salma: Member):
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: refused(first_step, records, "salma.s", "wrong wrong wrong"), range(12)))

    assert sum(fix.startswith("check") for fix in answers) == 4


def test_a_recovery_code_goes_round_the_wait_and_works_once(records: Records, salma: Member):
    for _ in range(4):
        refused(first_step, records, "salma.s", "wrong wrong wrong")

    entry = first_step(records, "salma.s", salma.password, salma.recovery[0])

    assert entry.whole
    assert refused(first_step, records, "salma.s", salma.password, salma.recovery[0]).startswith(
        "check your name, password and recovery code"
    )
    assert len(json.loads(row(records, salma).recovery)) == 9


def test_a_recovery_code_does_not_tell_whether_the_password_was_right(records: Records, salma: Member):
    wrong_password = refused(first_step, records, "salma.s", "wrong wrong wrong", salma.recovery[0])
    wrong_code = refused(first_step, records, "salma.s", salma.password, "00000 00000 00000 00000")
    nobody = refused(first_step, records, "nobody.n", salma.password, salma.recovery[0])

    assert wrong_password == wrong_code == nobody
    assert len(json.loads(row(records, salma).recovery)) == 10


def test_a_recovery_code_may_stand_in_for_the_six_digits(records: Records, salma: Member):
    second_step(records, first_step(records, "salma.s", salma.password).staff_id, salma.recovery[3].replace(" ", ""))

    assert refused(second_step, records, salma.id, salma.recovery[3]) == "type a recovery code that was not used before"


def test_a_code_used_already_asks_for_the_next_one(records: Records, salma: Member):
    second_step(records, salma.id, salma.code(records))

    assert refused(second_step, records, salma.id, salma.code(records)) == "wait for the next code: this one was used already"
    second_step(records, salma.id, salma.code(records, steps=1))


def test_of_two_people_with_one_code_at_the_same_instant_one_comes_in(records: Records, salma: Member):
    typed = salma.code(records)

    def enter(_: int) -> str:
        try:
            second_step(records, salma.id, typed)
        except Refused as refusal:
            return refusal.fix
        return "in"

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(enter, range(4)))

    assert answers.count("in") == 1
    assert kinds(records).count("staff.SignedIn") == 1


def test_recovery_codes_are_kept_only_as_digests(records: Records, salma: Member):
    kept = row(records, salma).recovery

    assert not any(code in kept or code.replace(" ", "") in kept for code in salma.recovery)


def test_somebody_who_left_cannot_come_in(records: Records, salma: Member):
    from cbi.staff.seats import leave

    with records.work(Actor()) as work:
        leave(work, salma.id)

    assert refused(first_step, records, "salma.s", salma.password) == "check your name and password, and type both again"
    assert refused(second_step, records, salma.id, salma.code(records)) == "sign in again"


def test_names_nobody_tried_for_an_hour_are_forgotten_when_somebody_comes_in(records: Records, salma: Member):
    refused(first_step, records, "nobody.n", "wrong wrong wrong")
    records.clock.move(minutes=61)
    second_step(records, first_step(records, "salma.s", salma.password).staff_id, salma.code(records))

    with records.read() as reading:
        assert reading.session.connection().execute(sa.select(sa.func.count()).select_from(SignInTry)).scalar() == 0


def test_a_step_up_uses_the_code_in_the_same_commit(records: Records, salma: Member):
    with records.work(Actor(salma.id)) as work:
        step_up(work, salma.id, PASSWORD, salma.code(records))

    assert kinds(records)[-1] == "staff.SteppedUp"
    with pytest.raises(Refused, match="wait for the next code"), records.work(Actor(salma.id)) as work:
        step_up(work, salma.id, PASSWORD, salma.code(records))


def test_a_step_up_whose_work_fails_gives_the_code_back(records: Records, salma: Member):
    with pytest.raises(ZeroDivisionError), records.work(Actor(salma.id)) as work:
        step_up(work, salma.id, PASSWORD, salma.code(records))
        1 / 0  # noqa: B018

    with records.work(Actor(salma.id)) as work:
        step_up(work, salma.id, PASSWORD, salma.code(records))


def fail_step_up(records: Records, who: Member, password: str = "wrong wrong wrong", code: str = "000000") -> str:
    with pytest.raises(Refused) as refusal, records.work(Actor(who.id)) as work:
        step_up(work, who.id, password, code)
    return refusal.value.fix


def test_failed_step_ups_are_counted_though_their_work_is_undone(records: Records, salma: Member):
    answers = [fail_step_up(records, salma) for _ in range(5)]

    assert answers[:4] == ["check your password, and type it again"] * 4
    assert answers[4] == "wait 30 seconds, or use a recovery code"
    assert kinds(records)[-1] == "staff.SignInDelayed"
    assert fail_step_up(records, salma, PASSWORD, salma.code(records)).startswith("wait 30 seconds")


def test_a_caught_failed_step_up_is_counted_too(records: Records, salma: Member):
    for _ in range(4):
        with records.work(Actor(salma.id)) as work:
            refused(step_up, work, salma.id, "wrong wrong wrong", "000000")

    assert fail_step_up(records, salma, PASSWORD, salma.code(records)).startswith("wait 30 seconds")


def test_guessing_at_the_door_never_stops_a_step_up(records: Records, salma: Member):
    for _ in range(5):
        refused(first_step, records, "salma.s", "wrong wrong wrong")

    with records.work(Actor(salma.id)) as work:
        step_up(work, salma.id, PASSWORD, salma.code(records))


def test_a_recovery_code_goes_round_the_wait_of_a_step_up(records: Records, salma: Member):
    for _ in range(4):
        fail_step_up(records, salma)

    with records.work(Actor(salma.id)) as work:
        step_up(work, salma.id, PASSWORD, salma.recovery[0])

    assert fail_step_up(records, salma, PASSWORD, salma.recovery[0]) == "type a recovery code that was not used before"


def test_all_that_signing_in_writes_leaves_the_chain_whole(records: Records, salma: Member):
    fail_step_up(records, salma)
    refused(first_step, records, "nobody.n", "wrong wrong wrong")
    second_step(records, first_step(records, "salma.s", salma.password).staff_id, salma.code(records))

    assert records.verify_chain().verified
