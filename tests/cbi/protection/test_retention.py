"""E26: the room forgets on the clock, locked or not, and what is gone leaves no key behind."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import select

from cbi.access import Role
from cbi.people import erasure
from cbi.protection import log, odd, practice, referrals, setup
from cbi.protection.cases import open_case
from cbi.protection.dossier import about_of
from cbi.protection.handovers import KEPT_DAYS, acknowledge, hand_over
from cbi.protection.history import SHOWN_DAYS, readers_of
from cbi.protection.outgoing import Consent, SafeContact, Scope, Status
from cbi.protection.purge import AFTER_DECISION_DAYS, CASE_DAYS, FORM_DAYS, HANDOVER_DAYS, LETTER_DAYS, REFERRAL_DAYS, purge
from cbi.protection.referrals import Wish
from cbi.protection.room import Room
from cbi.protection.rotation import SEALED
from cbi.protection.tables import Case, Handover, InstrumentVersion, LetterCopy, OddLetter, Officer, Referral, ReferralCount
from cbi.store.bases import ProtectionTable, Sealed
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.web.listing import ListingArgs
from tests import make_people, make_room
from tests.cbi.payouts import faults
from tests.cbi.protection.acts import EVERYWHERE, contact, count, decide, kinds, look, refer


def left(made: make_room.Founded, days: int, *tables) -> tuple[int, ...]:
    """What a locked room still holds after so many days."""
    room = make_room.later(made, days=days).open()
    purge(room)
    found = tuple(count(room, table) for table in tables)
    room.close()
    return found


def referral(room: Room, made: make_room.Founded, case_id: UUID) -> UUID:
    contact(room, made.lead, case_id)
    person = look(room, case_id).card.recipient_id
    return refer(room, made.lead, case_id, Wish(room.office.services[0].id, person, Consent.GIVEN, scope=(Scope.FIRST_NAME,)))


def end(room: Room, made: make_room.Founded, referral_id: UUID) -> None:
    with room.work(made.lead.id) as work:
        referrals.answered(work, EVERYWHERE, referral_id, Status.DONE)


def handed(room: Room, made: make_room.Founded, case_id: UUID, role: Role, *, taken: bool) -> None:
    who = make_room.officer(room, made.lead, made.sheet, "p.quill", role)
    make_room.inside(room, who)
    contact(room, made.lead, case_id)
    with room.work(made.lead.id) as work:
        given = hand_over(work, room.office, EVERYWHERE, case_id, who.id, scope=(Scope.FIRST_NAME,), contact=SafeContact(), agreed=True)
    if taken:
        guest = room.guest(who.id)
        with room.locked.work(Actor(who.id)) as work:
            acknowledge(work, work.session.get(Officer, who.id), guest.private, guest.office, given)


def test_new_keys_seal_every_sealed_column_of_the_room_again():
    sealed = {
        table: tuple(column.name for column in table.__table__.columns if isinstance(column.type, Sealed))
        for table in ProtectionTable.__subclasses__()
    }

    assert {table: set(columns) for table, columns in sealed.items() if columns} == {
        table: set(columns) for table, columns in SEALED.items()
    }


def test_referrals_counts_and_unreadable_letters_are_read_after_the_keys_changed(
    room: Room, made: make_room.Founded, records: Records, case_id: UUID
):
    make_room.spoilt_letter(records)
    make_room.inside(room, made.lead)
    end(room, made, referral(room, made, case_id))
    other = make_room.officer(room, made.lead, made.sheet)

    setup.remove_officer(room, made.lead.id, room.keys, other.id)
    make_room.inside(room, made.lead)

    with room.read() as reading:
        assert [one.status for one in referrals.all_referrals(reading)] == [Status.DONE]
        assert [number for *_, number in referrals.counts(reading)] == [1]
        assert len(odd.kept(reading)) == 1


def test_e26_answers_and_the_copy_of_the_choices_go_thirty_days_after_the_decision(room: Room, made: make_room.Founded, case_id: UUID):
    contact(room, made.lead, case_id)
    decide(room, made.lead, case_id)

    assert left(made, AFTER_DECISION_DAYS, LetterCopy) == (2,)
    assert left(made, AFTER_DECISION_DAYS + 1, LetterCopy) == (0,)


def test_e26_answers_nobody_decided_about_go_after_ninety_days(room: Room, made: make_room.Founded, case_id: UUID):
    assert left(made, LETTER_DAYS, LetterCopy) == (2,)
    assert left(made, LETTER_DAYS + 1, LetterCopy, Case) == (0, 1)


def test_e26_bands_go_after_the_cycle_and_one_more(room: Room, made: make_room.Founded, case_id: UUID):
    assert left(made, CASE_DAYS, Case) == (1,)
    assert left(made, CASE_DAYS + 1, Case) == (0,)


def test_e26_a_referral_goes_ninety_days_after_it_ended_and_its_count_stays(room: Room, made: make_room.Founded, case_id: UUID):
    end(room, made, referral(room, made, case_id))

    assert left(made, REFERRAL_DAYS, Referral, ReferralCount) == (1, 1)
    assert left(made, REFERRAL_DAYS + 1, Referral, ReferralCount) == (0, 1)


def test_e26_the_count_of_a_referral_that_is_gone_leads_nowhere(room: Room, made: make_room.Founded, site: UUID, case_id: UUID):
    ended = referral(room, made, case_id)
    end(room, made, ended)
    left(made, REFERRAL_DAYS + 1)

    with room.read() as reading:
        [row] = reading.session.exec(select(ReferralCount)).all()
        kept = reading.open(row, "content")
    assert sorted(json.loads(kept)) == ["kind", "month", "site"]
    for told in (str(ended), str(case_id)):
        assert told not in kept


def test_e26_a_referral_that_has_not_ended_outlives_its_case(room: Room, made: make_room.Founded, case_id: UUID):
    referral(room, made, case_id)

    assert left(made, CASE_DAYS + 1, Case, Referral) == (0, 1)


@pytest.mark.parametrize("role", [Role.PSEA, Role.CHILD])
def test_e26_a_stub_goes_so_many_days_after_the_receipt(room: Room, made: make_room.Founded, case_id: UUID, role: Role):
    handed(room, made, case_id, role, taken=True)

    assert left(made, KEPT_DAYS[role], Handover) == (1,)
    assert left(made, KEPT_DAYS[role] + 1, Handover) == (0,)


def test_e26_a_hand_over_nobody_took_goes_after_ninety_days(room: Room, made: make_room.Founded, case_id: UUID):
    handed(room, made, case_id, Role.PSEA, taken=False)

    assert left(made, HANDOVER_DAYS, Handover) == (1,)
    assert left(made, HANDOVER_DAYS + 1, Handover) == (0,)


def test_e26_no_key_is_left_of_what_is_gone(room: Room, made: make_room.Founded, case_id: UUID):
    referral(room, made, case_id)
    handed(room, made, case_id, Role.PSEA, taken=False)
    with room.read() as reading:
        [one] = reading.session.exec(select(Referral.id)).all()
    end(room, made, one)
    left(made, CASE_DAYS + 1)

    with room.locked.read() as reading:
        keys = set(reading.session.exec(select(reading.system.subject_key.id)))
        about_nobody = {one for table in (ReferralCount, InstrumentVersion) for one in reading.session.exec(select(table.id))}
    assert keys == about_nobody


def test_e26_taking_it_back_purges_referrals_and_hand_overs_at_once(room: Room, made: make_room.Founded, case_id: UUID):
    referral(room, made, case_id)
    handed(room, made, case_id, Role.PSEA, taken=False)

    with room.work(made.lead.id) as work:
        practice.withdraw(work, EVERYWHERE, case_id, room.keys, plan_kept=False)

    assert [count(room, table) for table in (LetterCopy, Case, Referral, Handover)] == [0, 0, 0, 0]


def test_e26_whom_the_office_erased_is_let_go_at_the_next_unlock(
    room: Room, made: make_room.Founded, records: Records, household: UUID, case_id: UUID
):
    referral(room, made, case_id)
    handed(room, made, case_id, Role.PSEA, taken=False)
    with records.engine.execution_options(writing=True).begin() as connection:
        keys = records.system.subject_key
        connection.execute(sa.update(keys).where(keys.id == household).values(wrapped=None, destroyed_at=records.clock.now()))

    make_room.inside(room, made.lead)

    assert [count(room, table) for table in (LetterCopy, Case, Referral, Handover)] == [0, 0, 0, 0]


def test_e26_after_a_real_erasure_in_the_office_the_next_unlock_purges_and_says_so_to_nobody_outside(
    room: Room, made: make_room.Founded, records: Records, site: UUID, household: UUID, case_id: UUID
):
    other = make_people.household(records, site, given="Pepper")
    make_room.letter(records, other, make_room.HARDER, site_id=site)
    room.lock_all()
    with records.work(Actor()) as work:
        erasure.erase(work, household)
    after_erasure = faults.content(records)

    answer = make_room.inside(room, made.lead)

    with room.read() as reading:
        about = [about_of(reading, row).household_id for row in reading.session.exec(select(Case))]
        keys = set(reading.session.exec(select(reading.system.subject_key.id)))
        live = {one for table in (Case, LetterCopy, InstrumentVersion) for one in reading.session.exec(select(table.id))}
    assert (about, answer.letters, keys) == ([other], 1, live)
    assert faults.content(records) == after_erasure


def test_e26_a_letter_that_could_not_be_read_goes_at_its_age(room: Room, made: make_room.Founded, records: Records, case_id: UUID):
    make_room.spoilt_letter(records)
    make_room.inside(room, made.lead)

    assert left(made, LETTER_DAYS, OddLetter) == (1,)
    assert left(made, LETTER_DAYS + 1, OddLetter) == (0,)


def test_e26_which_form_was_answered_about_which_case_is_forgotten_in_a_week(room: Room, made: make_room.Founded, case_id: UUID):
    with room.work(made.lead.id) as work:
        work.answer(case_id, str(case_id))

    assert left(made, FORM_DAYS, room.locked.system.answered_form) == (1,)
    assert left(made, FORM_DAYS + 1, room.locked.system.answered_form) == (0,)


def test_e26_the_log_shows_two_years_and_no_answer(room: Room, made: make_room.Founded, case_id: UUID):
    with room.work(made.lead.id) as work:
        open_case(work, room.office, EVERYWHERE, case_id)
    args = ListingArgs(sort="seq", descending=True, page=1, size=50, filters={})

    def shown(days: int) -> tuple[bool, bool]:
        opened = make_room.later(made, days=days).open()
        with opened.locked.read() as reading:
            found = [entry.kind for entry in log.entries(reading, args).rows]
            readers = readers_of(reading, case_id)
        opened.close()
        return "protection.CaseRead" in found, bool(readers)

    assert shown(SHOWN_DAYS - 1) == (True, True)
    assert shown(SHOWN_DAYS + 1) == (False, False)
    assert "protection.CaseRead" in kinds(room)
