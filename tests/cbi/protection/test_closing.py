"""When a case may end, and why."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from cbi.errors import Refused
from cbi.protection import closing, intake
from cbi.protection.cases import waiting
from cbi.protection.closing import Again, Ending
from cbi.protection.dossier import Stage
from cbi.protection.history import Choice, Outcome
from cbi.protection.outgoing import Consent, Scope, Status
from cbi.protection.referrals import Wish, answered
from cbi.protection.room import Room
from cbi.protection.snapshot import Round
from cbi.transfers.tables import ArrangementKind
from tests import make_room
from tests.cbi.protection.acts import EVERYWHERE, contact, decide, look, office_says, refer, stage

# The tests' today is Monday, 23 November 2026.
TODAY = date(2026, 11, 23)
PAID = Round(TODAY - timedelta(days=1), TODAY, TODAY - timedelta(days=1))
RUNNING = Round(TODAY, TODAY + timedelta(days=3), TODAY + timedelta(days=20))


def close(room: Room, made: make_room.Founded, case_id: UUID, ending: Ending) -> None:
    with room.work(made.lead.id) as work:
        closing.close(work, room.office, EVERYWHERE, case_id, ending)


def refused(room: Room, made: make_room.Founded, case_id: UUID, ending: Ending) -> str:
    with pytest.raises(Refused) as refusal:
        close(room, made, case_id, ending)
    return refusal.value.fix


def _referred_and_done(room: Room, made: make_room.Founded, case_id: UUID) -> None:
    """Somebody talked with the person, brought her to a service, and that ended well."""
    contact(room, made.lead, case_id)
    wish = Wish(room.office.services[0].id, look(room, case_id).card.recipient_id, Consent.GIVEN, scope=(Scope.FIRST_NAME,))
    referral = refer(room, made.lead, case_id, wish)
    with room.work(made.lead.id) as work:
        answered(work, EVERYWHERE, referral, Status.DONE)


def test_the_closed_list_of_endings_names_nothing_that_happened():
    assert {one.value for one in Ending} == {"applied", "wish", "referral_ended", "not_reached", "not_ours", "handed_over"}


def test_a_change_is_followed_until_it_is_applied_and_a_round_was_paid(room: Room, made: make_room.Founded, case_id: UUID):
    contact(room, made.lead, case_id)

    assert decide(room, made.lead, case_id, Choice.CHANGE, changes={ArrangementKind.PARTS: 2}) is Stage.MONITORING

    assert "until the change is published" in refused(room, made, case_id, Ending.APPLIED)
    office_says(room, case_id, rounds=(RUNNING,), published=(TODAY,))
    assert "one round of payments" in refused(room, made, case_id, Ending.APPLIED)
    office_says(room, case_id, rounds=(PAID,), published=(TODAY,))
    close(room, made, case_id, Ending.APPLIED)
    assert stage(room, case_id) is Stage.CLOSED


def test_another_request_since_keeps_a_case_open(room: Room, made: make_room.Founded, case_id: UUID):
    contact(room, made.lead, case_id)
    decide(room, made.lead, case_id, Choice.CHANGE, changes={ArrangementKind.PARTS: 2})
    office_says(room, case_id, rounds=(PAID,), published=(TODAY, TODAY + timedelta(days=2)))

    assert "asked for since" in refused(room, made, case_id, Ending.APPLIED)


def test_what_goes_on_as_planned_ends_after_a_round_without_a_request(room: Room, made: make_room.Founded, case_id: UUID):
    contact(room, made.lead, case_id)
    assert decide(room, made.lead, case_id) is Stage.DECIDED
    office_says(room, case_id, rounds=(PAID,))

    close(room, made, case_id, Ending.APPLIED)

    assert look(room, case_id).state.ended == "applied"


def test_a_case_ends_at_the_persons_wish_only_after_somebody_talked_with_them(room: Room, made: make_room.Founded, case_id: UUID):
    assert "decide with the person first" in refused(room, made, case_id, Ending.WISH)
    contact(room, made.lead, case_id)

    close(room, made, case_id, Ending.WISH)

    assert stage(room, case_id) is Stage.CLOSED


def test_a_referral_ends_its_case_only_when_it_has_ended(room: Room, made: make_room.Founded, case_id: UUID):
    contact(room, made.lead, case_id)
    card = look(room, case_id).card
    wish = Wish(room.office.services[0].id, card.recipient_id, Consent.GIVEN, scope=(Scope.FIRST_NAME,))
    referral = refer(room, made.lead, case_id, wish)
    assert "how each referral ended" in refused(room, made, case_id, Ending.REFERRAL_ENDED)
    with room.work(made.lead.id) as work:
        answered(work, EVERYWHERE, referral, Status.DONE)

    close(room, made, case_id, Ending.REFERRAL_ENDED)

    assert stage(room, case_id) is Stage.CLOSED


def test_a_change_of_recipient_that_waits_for_a_second_officer_is_not_closed_away(room: Room, made: make_room.Founded, case_id: UUID):
    _referred_and_done(room, made, case_id)
    card = look(room, case_id).card
    other = next(one.id for one in card.members if one.id != card.recipient_id)
    assert decide(room, made.lead, case_id, Choice.CHANGE, changes={ArrangementKind.RECIPIENT: str(other)}) is Stage.SECOND

    assert {refused(room, made, case_id, ending)[:22] for ending in Ending} == {"decide with the person"}
    assert stage(room, case_id) is Stage.SECOND


def test_a_referral_from_before_does_not_end_a_case_that_was_opened_again(room: Room, made: make_room.Founded, case_id: UUID):
    _referred_and_done(room, made, case_id)
    close(room, made, case_id, Ending.REFERRAL_ENDED)
    with room.work(made.lead.id) as work:
        closing.reopen(work, EVERYWHERE, case_id, Again.ASKED)

    assert refused(room, made, case_id, Ending.REFERRAL_ENDED)


def test_nobody_is_closed_as_not_reached_before_three_attempts(room: Room, made: make_room.Founded, case_id: UUID):
    contact(room, made.lead, case_id, Outcome.NOT_REACHED)
    assert refused(room, made, case_id, Ending.NOT_REACHED)
    contact(room, made.lead, case_id, Outcome.NOT_REACHED)
    contact(room, made.lead, case_id, Outcome.NOT_REACHED)

    close(room, made, case_id, Ending.NOT_REACHED)

    assert stage(room, case_id) is Stage.CLOSED


def test_a_person_nobody_reached_is_offered_a_talk_at_the_next_cycle_and_attempts_begin_anew(
    room: Room, made: make_room.Founded, case_id: UUID
):
    for _ in range(3):
        contact(room, made.lead, case_id, Outcome.NOT_REACHED)
    with room.read() as reading:
        assert waiting(reading, room.office, EVERYWHERE) == []
    later = make_room.later(made, days=14).open()
    make_room.inside(later, make_room.later(made, days=14).lead)
    office_says(later, case_id, rounds=(Round(TODAY + timedelta(days=7), TODAY + timedelta(days=30), TODAY + timedelta(days=40)),))

    with later.read() as reading:
        [line] = waiting(reading, later.office, EVERYWHERE)
    assert line.again
    assert contact(later, made.lead, case_id, Outcome.NOT_REACHED) is Stage.TRIED
    later.close()


def test_everybody_there_is_asked_again_in_six_months_or_at_the_third_round(room: Room, made: make_room.Founded, case_id: UUID):
    site = look(room, case_id).about.site_id
    assert closing.reassess_on(room.office, site, TODAY) == TODAY + timedelta(days=182)
    coming = tuple(Round(TODAY + timedelta(days=30 * n), TODAY, TODAY) for n in (1, 2, 3, 4))
    office_says(room, case_id, rounds=coming)

    assert closing.reassess_on(room.office, site, TODAY) == TODAY + timedelta(days=90)


def test_a_closed_case_opens_again_with_clocks_that_begin_now(room: Room, made: make_room.Founded, case_id: UUID):
    contact(room, made.lead, case_id)
    close(room, made, case_id, Ending.WISH)
    later = make_room.later(made, days=30).open()
    make_room.inside(later, make_room.later(made, days=30).lead)

    with later.work(made.lead.id) as work:
        closing.reopen(work, EVERYWHERE, case_id, Again.ASKED)

    with later.read() as reading:
        [line] = waiting(reading, later.office, EVERYWHERE)
        assert intake.wanted_households(reading) == {look(later, case_id).about.household_id}
    assert line.stage is Stage.REOPENED
    assert line.due.decide > later.clock.now()
    later.close()


def test_a_case_that_goes_on_cannot_be_opened_again(room: Room, made: make_room.Founded, case_id: UUID):
    with pytest.raises(Refused), room.work(made.lead.id) as work:
        closing.reopen(work, EVERYWHERE, case_id, Again.MISTAKE)
