"""What an officer can do about a letter, and what nobody can."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import select

from cbi.errors import NotThere, Refused, SameHands
from cbi.protection import cases, closing, office, outbox, practice
from cbi.protection.closing import Ending
from cbi.protection.dossier import Stage
from cbi.protection.history import Choice, Outcome
from cbi.protection.practice import Ruling
from cbi.protection.room import Room
from cbi.protection.tables import Case, Contact, Decision, LetterCopy, Outbox
from cbi.store.records import Records
from cbi.transfers.tables import ArrangementKind, ArrangementRequest
from tests import make_people, make_room

EVERYWHERE: frozenset = frozenset()


def contact(room: Room, made: make_room.Founded, case_id: UUID, outcome: Outcome = Outcome.REACHED, **more) -> Stage:
    with room.work(made.lead.id) as work:
        return practice.note_contact(work, room.office, EVERYWHERE, case_id, outcome, **more)


def decide(room: Room, made: make_room.Founded, case_id: UUID, ruling: Ruling) -> Stage:
    with room.work(made.lead.id) as work:
        return practice.decide(work, room.office, EVERYWHERE, case_id, ruling)


def look(room: Room, case_id: UUID) -> cases.Dossier:
    with room.read() as reading:
        return cases.dossier(reading, room.office, cases.the_case(reading, EVERYWHERE, case_id))


def count(room: Room, table) -> int:
    with room.read() as reading:
        return reading.session.exec(select(sa.func.count()).select_from(table)).one()


def requests(records: Records) -> int:
    with records.read() as reading:
        return reading.session.exec(select(sa.func.count()).select_from(ArrangementRequest)).one()


def test_the_closed_list_of_decisions_holds_nothing_that_harms():
    assert {choice.value for choice in Choice} == {
        "continue_as_planned",
        "change_arrangement",
        "refer",
        "no_action_at_request",
        "not_applicable",
    }


def test_reading_a_letter_is_an_entry_of_the_rooms_chain(room: Room, made: make_room.Founded, case_id: UUID):
    with room.work(made.lead.id) as work:
        known = cases.open_case(work, room.office, EVERYWHERE, case_id)

    assert known.state.stage is Stage.OPENED
    assert [one.id for one in known.assessment.concerns] == ["R1"]
    with room.read() as reading:
        last = reading.session.exec(select(reading.system.audit_entry).order_by(reading.system.audit_entry.seq.desc()).limit(1)).one()
    assert (last.kind, last.actor) == ("protection.CaseRead", str(made.lead.id))


def test_nothing_is_decided_before_somebody_talked_with_the_person(room: Room, made: make_room.Founded, case_id: UUID):
    contact(room, made, case_id, Outcome.NOT_REACHED)

    with pytest.raises(Refused) as refusal:
        decide(room, made, case_id, Ruling(Choice.CONTINUE, agreed=True))

    assert "reached the person" in refusal.value.fix


@pytest.mark.parametrize("choice", [Choice.CONTINUE, Choice.CHANGE, Choice.REFER, Choice.NO_ACTION])
def test_nothing_is_decided_without_the_persons_agreement(room: Room, made: make_room.Founded, case_id: UUID, choice: Choice):
    contact(room, made, case_id)

    with pytest.raises(Refused) as refusal:
        decide(room, made, case_id, Ruling(choice, agreed=False, changes={ArrangementKind.PARTS: 3}))

    assert "agreed" in refusal.value.fix
    assert count(room, Decision) == 0


@pytest.mark.parametrize("choice", [Choice.CONTINUE, Choice.NO_ACTION])
def test_a_decision_that_changes_nothing_sends_nothing(
    room: Room, made: make_room.Founded, records: Records, case_id: UUID, choice: Choice
):
    contact(room, made, case_id)

    stage = decide(room, made, case_id, Ruling(choice, agreed=True))

    outbox.send(room, made.lead.id)
    assert stage is Stage.DECIDED
    assert (count(room, Outbox), requests(records)) == (0, 0)
    assert look(room, case_id).decision.choice is choice


def test_a_letter_about_nobody_we_pay_needs_no_talk(room: Room, made: make_room.Founded, case_id: UUID):
    assert decide(room, made, case_id, Ruling(Choice.NOT_APPLICABLE)) is Stage.DECIDED


def test_bringing_to_a_service_names_the_service_the_person_chose(room: Room, made: make_room.Founded, case_id: UUID):
    contact(room, made, case_id)

    with pytest.raises(Refused) as refusal:
        decide(room, made, case_id, Ruling(Choice.REFER, agreed=True))

    assert "choose the service" in refusal.value.fix


def test_a_change_goes_through_the_door_once_however_often_it_is_sent(room: Room, made: make_room.Founded, records: Records, case_id: UUID):
    contact(room, made, case_id)
    decide(room, made, case_id, Ruling(Choice.CHANGE, agreed=True, changes={ArrangementKind.PARTS: 3}))

    first = outbox.send(room, made.lead.id)
    with room.engine.execution_options(writing=True).begin() as connection:
        # As if the process had died after the office's answer and before this room noted it.
        connection.execute(sa.update(Outbox).values(sent_at=None))
    again = outbox.send(room, made.lead.id)

    assert (first.sent, again.sent) == (1, 1)
    assert requests(records) == 1


def test_an_office_that_cannot_be_reached_leaves_the_change_in_the_outbox(
    room: Room, made: make_room.Founded, records: Records, case_id: UUID, monkeypatch: pytest.MonkeyPatch
):
    contact(room, made, case_id)
    decide(room, made, case_id, Ruling(Choice.CHANGE, agreed=True, changes={ArrangementKind.PARTS: 2}))

    def down(*_given, **_more):
        raise sa.exc.OperationalError("connect", {}, Exception("down"))

    with monkeypatch.context() as patch:
        patch.setattr(office, "send_arrangement", down)
        lost = outbox.send(room, made.lead.id)
    found = outbox.send(room, made.lead.id)

    assert (lost.sent, lost.left) == (0, 1)
    assert (found.sent, found.left, requests(records)) == (1, 0, 1)


def test_a_change_the_office_would_refuse_is_refused_before_it_is_written_down(
    room: Room, made: make_room.Founded, household: UUID, records: Records
):
    make_room.inside(room, made.lead)
    with pytest.raises(Refused):
        office.check_arrangement(made.settings, household_id=household, changes={ArrangementKind.SITE: str(UUID(int=9))})

    assert requests(records) == 0


def test_asking_the_office_leaves_nothing_behind(room: Room, made: make_room.Founded, household: UUID, records: Records):
    office.check_arrangement(made.settings, household_id=household, changes={ArrangementKind.PARTS: 2})

    assert requests(records) == 0


def test_a_change_of_recipient_waits_for_a_second_officer(
    room: Room, made: make_room.Founded, records: Records, household: UUID, case_id: UUID
):
    member = room.office.households[household].members[1].id
    contact(room, made, case_id)

    stage = decide(room, made, case_id, Ruling(Choice.CHANGE, agreed=True, changes={ArrangementKind.RECIPIENT: str(member)}))

    outbox.send(room, made.lead.id)
    assert stage is Stage.SECOND
    assert (count(room, Outbox), requests(records)) == (0, 0)


def test_separate_transfers_wait_for_a_second_officer_too(room: Room, made: make_room.Founded, records: Records, case_id: UUID):
    contact(room, made, case_id)

    stage = decide(
        room, made, case_id, Ruling(Choice.CHANGE, agreed=True, changes={ArrangementKind.SHARES: [str(UUID(int=1)), str(UUID(int=2))]})
    )

    outbox.send(room, made.lead.id)
    assert stage is Stage.SECOND
    assert (count(room, Outbox), requests(records)) == (0, 0)


def test_whoever_decided_cannot_stand_by_it_as_second_officer(room: Room, made: make_room.Founded, household: UUID, case_id: UUID):
    member = room.office.households[household].members[1].id
    contact(room, made, case_id)
    decide(room, made, case_id, Ruling(Choice.CHANGE, agreed=True, changes={ArrangementKind.RECIPIENT: str(member)}))

    with pytest.raises(SameHands), room.work(made.lead.id) as work:
        practice.sign(work, room.office, EVERYWHERE, case_id, stands_by=True)

    assert count(room, Outbox) == 0


def test_a_second_officer_lets_the_change_of_recipient_go(
    room: Room, made: make_room.Founded, records: Records, household: UUID, case_id: UUID
):
    member = room.office.households[household].members[1].id
    contact(room, made, case_id)
    decide(room, made, case_id, Ruling(Choice.CHANGE, agreed=True, changes={ArrangementKind.RECIPIENT: str(member)}))
    other = make_room.officer(room, made.lead, made.sheet)

    with room.work(other.id) as work:
        practice.sign(work, room.office, EVERYWHERE, case_id, stands_by=True)
    outbox.send(room, other.id)

    assert requests(records) == 1
    assert look(room, case_id).decision.second == "B Driftwood"


def test_a_second_officer_can_ask_to_talk_again_and_nothing_is_sent(
    room: Room, made: make_room.Founded, records: Records, household: UUID, case_id: UUID
):
    member = room.office.households[household].members[1].id
    contact(room, made, case_id)
    decide(room, made, case_id, Ruling(Choice.CHANGE, agreed=True, changes={ArrangementKind.RECIPIENT: str(member)}))
    other = make_room.officer(room, made.lead, made.sheet)

    with room.work(other.id) as work:
        stage = practice.sign(work, room.office, EVERYWHERE, case_id, stands_by=False)

    assert stage is Stage.TALKED
    assert (count(room, Outbox), requests(records)) == (0, 0)


def test_three_attempts_in_her_hours_change_nothing(room: Room, made: make_room.Founded, records: Records, case_id: UUID):
    stages = [contact(room, made, case_id, Outcome.NOT_REACHED) for _ in range(3)]

    assert stages == [Stage.TRIED, Stage.TRIED, Stage.UNREACHABLE]
    assert (count(room, Outbox), requests(records)) == (0, 0)


def test_attempts_outside_her_hours_do_not_count(room: Room, made: make_room.Founded, records: Records):
    household = make_people.household(records, given="Pepper")
    make_room.letter(records, household, make_room.HARDER)
    make_room.letter(records, household, {}, kind="choices", hours=["tue-afternoon"])
    make_room.inside(room, made.lead)
    with room.read() as reading:
        case_id = cases.waiting(reading, room.office, EVERYWHERE)[0].id

    stages = [contact(room, made, case_id, Outcome.NOT_REACHED) for _ in range(4)]

    assert set(stages) == {Stage.TRIED}
    assert not any(one.safe for one in look(room, case_id).contacts)


def test_coming_back_needs_a_time_that_lies_ahead(room: Room, made: make_room.Founded, case_id: UUID):
    now = room.clock.now()

    with pytest.raises(Refused):
        contact(room, made, case_id, Outcome.COME_BACK, come_back_at=now - timedelta(hours=1))
    contact(room, made, case_id, Outcome.COME_BACK, come_back_at=now + timedelta(days=1))

    assert look(room, case_id).reach.since == now + timedelta(days=1)


def test_taking_it_back_leaves_nothing_and_the_letter_is_not_taken_again(room: Room, made: make_room.Founded, case_id: UUID):
    contact(room, made, case_id)
    decide(room, made, case_id, Ruling(Choice.CHANGE, agreed=True, changes={ArrangementKind.PARTS: 2}))

    with room.work(made.lead.id) as work:
        practice.withdraw(work, EVERYWHERE, case_id, room.keys, plan_kept=False)
    answer = make_room.inside(room, made.lead)

    assert answer.letters == 0
    assert [count(room, table) for table in (LetterCopy, Case, Contact, Decision, Outbox)] == [0, 0, 0, 0, 0]
    with pytest.raises(NotThere):
        look(room, case_id)


def test_taking_it_back_keeps_a_plan_that_was_sent(room: Room, made: make_room.Founded, records: Records, case_id: UUID):
    contact(room, made, case_id)
    decide(room, made, case_id, Ruling(Choice.CHANGE, agreed=True, changes={ArrangementKind.PARTS: 2}))
    outbox.send(room, made.lead.id)

    with room.work(made.lead.id) as work:
        practice.withdraw(work, EVERYWHERE, case_id, room.keys, plan_kept=True)

    assert requests(records) == 1
    assert count(room, Case) == 0


def test_a_closed_case_takes_no_other_decision(room: Room, made: make_room.Founded, case_id: UUID):
    contact(room, made, case_id)
    decide(room, made, case_id, Ruling(Choice.CONTINUE, agreed=True))
    with room.work(made.lead.id) as work:
        closing.close(work, room.office, EVERYWHERE, case_id, Ending.WISH)

    with pytest.raises(Refused):
        decide(room, made, case_id, Ruling(Choice.CONTINUE, agreed=True))


def test_an_officer_of_another_site_finds_no_such_letter(room: Room, made: make_room.Founded, records: Records, case_id: UUID):
    elsewhere = frozenset({make_people.site(records, "OM", "Old Mill")})

    with room.read() as reading:
        assert cases.waiting(reading, room.office, elsewhere) == []
        with pytest.raises(NotThere):
            cases.the_case(reading, elsewhere, case_id)


def test_a_filed_letter_cannot_be_read(room: Room, made: make_room.Founded, records: Records):
    make_room.letter(records, make_people.household(records), make_room.NOTHING)
    make_room.inside(room, made.lead)
    with room.read() as reading:
        row = reading.session.exec(select(Case)).one()

    with pytest.raises(NotThere), room.work(made.lead.id) as work:
        cases.open_case(work, room.office, EVERYWHERE, row.id)


def test_the_chain_tells_neither_what_was_decided_nor_about_whom(room: Room, made: make_room.Founded, household: UUID, case_id: UUID):
    contact(room, made, case_id)
    decide(room, made, case_id, Ruling(Choice.CHANGE, agreed=True, changes={ArrangementKind.PARTS: 2}))
    outbox.send(room, made.lead.id)

    with room.read() as reading:
        said = " ".join(reading.session.exec(select(reading.system.audit_entry.body)))

    assert str(household) not in said
    for word in ("change", "parts", "reached", "high"):
        assert word not in said
