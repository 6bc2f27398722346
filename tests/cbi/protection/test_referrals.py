"""E18: a referral goes with consent and with no more than was agreed to."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from cbi.errors import NotThere, Refused, SameHands, SomebodyWasFirst
from cbi.protection import promises, referrals, wording_outgoing
from cbi.protection.cases import every_line
from cbi.protection.outgoing import (
    Consent,
    ConsentBy,
    Ground,
    ReferralRecord,
    Rejected,
    SafeContact,
    Satisfied,
    Scope,
    Status,
    Told,
    Urgency,
)
from cbi.protection.packet import locked_paper, new_key
from cbi.protection.referrals import Wish
from cbi.protection.room import Room
from cbi.protection.tables import Referral, ReferralCount
from cbi.store.records import Records
from cbi.web.paper import Paper
from tests import make_people, make_room
from tests.cbi.protection.acts import EVERYWHERE, contact, count, kinds, look, refer

SAFE = SafeContact("0700 000 321", ("mon-morning",))
EVERYTHING = tuple(Scope)


def wish(room: Room, case_id: UUID, *scope: Scope, **but) -> Wish:
    person = look(room, case_id).card.recipient_id
    base = Wish(room.office.services[0].id, person, Consent.GIVEN, scope=scope or (Scope.FIRST_NAME,), contact=SAFE, needs=("women_staff",))
    return replace(base, **but)


def test_a_paper_never_leaves_with_an_agreed_fact_that_is_not_known_any_more(room: Room, made: make_room.Founded, reached: UUID):
    referral = refer(room, made.lead, reached, wish(room, reached, Scope.FULL_NAME))
    household = record(room, referral).household_id
    room.refresh(replace(room.office, households={one: card for one, card in room.office.households.items() if one != household}))

    with pytest.raises(Refused) as refusal:
        packet_lines(room, made, referral)

    assert "open the room again" in refusal.value.fix
    assert "referral_packet_taken" not in kinds(room)


def test_two_people_of_one_household_are_told_to_a_service_as_two(room: Room, made: make_room.Founded, reached: UUID):
    first = refer(room, made.lead, reached, wish(room, reached))
    card = look(room, reached).card
    other = next(one.id for one in card.members if one.id != card.recipient_id)

    second, again = (
        refer(room, made.lead, reached, wish(room, reached, person_id=other, consent_by=ConsentBy.CAREGIVER)),
        refer(room, made.lead, reached, wish(room, reached)),
    )

    assert record(room, first).alias == record(room, again).alias != record(room, second).alias


@pytest.fixture
def reached(room: Room, made: make_room.Founded, case_id: UUID) -> UUID:
    contact(room, made.lead, case_id)
    return case_id


def record(room: Room, referral_id: UUID) -> ReferralRecord:
    with room.read() as reading:
        return referrals.the_referral(reading, EVERYWHERE, referral_id)[1]


def packet_lines(room: Room, made: make_room.Founded, referral_id: UUID) -> dict[str, str]:
    with room.work(made.lead.id) as work:
        made_packet = referrals.take_packet(work, room.office, EVERYWHERE, referral_id)
    return dict(wording_outgoing.packet_words(made_packet, "23 November 2026"))


def answer(room: Room, made: make_room.Founded, referral_id: UUID, status: Status, **more) -> None:
    with room.work(made.lead.id) as work:
        referrals.answered(work, EVERYWHERE, referral_id, status, **more)


def test_e18_a_referral_has_no_place_for_what_happened():
    assert [one.name for one in fields(ReferralRecord)] == [
        "id",
        "case_id",
        "household_id",
        "member_id",
        "site_id",
        "ref_no",
        "alias",
        "made_at",
        "by_id",
        "service_id",
        "service",
        "kind",
        "urgency",
        "consent",
        "consent_by",
        "scope",
        "needs",
        "way",
        "status",
        "responded_at",
        "rejected",
        "satisfied",
        "ground",
        "told",
        "second_id",
        "closed_on",
    ]


def test_e18_the_packet_of_the_widest_scope_holds_exactly_this(room: Room, made: make_room.Founded, reached: UUID):
    referral = refer(room, made.lead, reached, wish(room, reached, *EVERYTHING))

    kept = record(room, referral)
    assert packet_lines(room, made, referral) == {
        "Number": kept.ref_no,
        "Called here": kept.alias,
        "Date": "23 November 2026",
        "From": "An officer of this office's support room",
        "For": "Lantern Clinic",
        "How soon": "Ordinary, answer within 48 hours",
        "How they come": "We ring you first",
        "First name": "Juniper",
        "Full name": "Juniper Moonbeam",
        "Phone number that is safe": "0700 000 321",
        "Hours that are safe": "Mon morning",
        "Language": "English",
        "What they need at the service": "Women staff, line or hour",
    }


@pytest.mark.parametrize("scope", list(Scope))
def test_e18_the_packet_holds_only_what_is_in_scope(room: Room, made: make_room.Founded, reached: UUID, scope: Scope):
    referral = refer(room, made.lead, reached, wish(room, reached, scope))

    about = set(packet_lines(room, made, referral)) & {str(words) for words in wording_outgoing.SCOPES.values()}
    assert about == {str(wording_outgoing.SCOPES[scope])}


def test_e18_what_is_not_told_is_not_kept_either(room: Room, made: make_room.Founded, reached: UUID):
    referral = refer(room, made.lead, reached, wish(room, reached, Scope.LANGUAGE))

    with room.read() as reading:
        row = reading.session.get(Referral, referral)
        assert json.loads(reading.open(row, "safe_contact")) == {"phone": "", "hours": []}
    assert record(room, referral).needs == ()


def test_e18_number_and_alias_are_random_and_lead_to_no_household(room: Room, made: make_room.Founded, household: UUID, reached: UUID):
    first, second = (record(room, refer(room, made.lead, reached, wish(room, reached))) for _ in range(2))

    assert first.ref_no != second.ref_no
    assert first.alias == second.alias
    number = room.office.households[household].number
    for told in (first.ref_no, first.alias):
        assert number not in told
        assert str(household)[:4].upper() != told[2:6]


@pytest.mark.parametrize("consent", [Consent.REFUSED, Consent.INFO_ONLY])
def test_e18_without_consent_only_information_was_given(room: Room, made: make_room.Founded, reached: UUID, consent: Consent):
    referral = refer(room, made.lead, reached, wish(room, reached, *EVERYTHING, consent=consent))

    kept = record(room, referral)
    assert (kept.status, kept.scope, kept.member_id, kept.is_open) == (Status.DONE, (), None, False)
    with room.read() as reading:
        assert reading.session.get(Referral, referral).safe_contact is None
    with pytest.raises(NotThere):
        packet_lines(room, made, referral)
    assert wording_outgoing.referral_where(kept)[2] == "Information given"


def test_e18_nobody_is_referred_before_somebody_talked_with_them(room: Room, made: make_room.Founded, case_id: UUID):
    with pytest.raises(Refused) as refusal:
        refer(room, made.lead, case_id, wish(room, case_id))

    assert "reached the person" in refusal.value.fix
    assert count(room, Referral) == 0


@pytest.mark.parametrize(
    ("but", "fix"),
    [
        ({"scope": ()}, "tick what the service may be told"),
        ({"scope": (Scope.PHONE,), "contact": SafeContact("by the well")}, "phone number that is safe"),
        ({"scope": (Scope.SAFE_HOURS,), "contact": SafeContact("")}, "hours that are safe"),
        ({"scope": (Scope.ACCESS_NEEDS,), "needs": ()}, "needs at the service"),
        ({"person_id": None}, "choose the person"),
        ({"service_id": UUID(int=5)}, "choose a service of this place"),
        ({"consent_by": ConsentBy.CAREGIVER}, "an adult agrees for themselves"),
    ],
)
def test_e18_an_incomplete_referral_says_what_to_do(room: Room, made: make_room.Founded, reached: UUID, but: dict, fix: str):
    with pytest.raises(Refused) as refusal:
        refer(room, made.lead, reached, wish(room, reached, **but))

    assert fix in refusal.value.fix
    assert count(room, Referral) == 0


def test_e18_for_a_child_the_caregiver_and_the_child_both_agree(room: Room, made: make_room.Founded, records: Records, site: UUID):
    child = make_people.member("Pip", year=2015, relation=make_people.Relation.CHILD)
    with records.work(make_people.Actor()) as work:
        household = make_people.register(work, make_people.new(site, make_people.member(), child))
    make_room.letter(records, household, make_room.HARDER, site_id=site)
    make_room.inside(room, made.lead)
    with room.read() as reading:
        [line] = every_line(reading, room.office, EVERYWHERE)
    contact(room, made.lead, line.id)
    pip = room.office.households[household].members[1].id

    with pytest.raises(Refused) as refusal:
        refer(room, made.lead, line.id, wish(room, line.id, person_id=pip))
    refer(room, made.lead, line.id, wish(room, line.id, person_id=pip, consent_by=ConsentBy.CAREGIVER))

    assert "for a child both say yes" in refusal.value.fix


@pytest.mark.parametrize(("urgency", "hours"), [(Urgency.ROUTINE, 48), (Urgency.URGENT, 24)])
def test_a_service_that_has_not_answered_in_time_is_rung(room: Room, made: make_room.Founded, reached: UUID, urgency: Urgency, hours: int):
    referral = refer(room, made.lead, reached, wish(room, reached, urgency=urgency))
    kept = record(room, referral)
    assert kept.answer_by == kept.made_at + timedelta(hours=hours)
    later = make_room.later(made, hours=hours + 1)
    opened = later.open()
    make_room.inside(opened, later.lead)

    with opened.read() as reading:
        due = promises.due(reading, EVERYWHERE, every_line(reading, opened.office, EVERYWHERE), made.lead.id)

    assert ([one.id for one in due.to_ring], due.late) == ([referral], 1)
    assert wording_outgoing.answer_by(kept, "Africa/Nairobi", opened.clock.now()).startswith("Ring the service")
    opened.close()


def test_an_accepted_referral_waits_for_its_end_and_no_more_for_an_answer(room: Room, made: make_room.Founded, reached: UUID):
    referral = refer(room, made.lead, reached, wish(room, reached))

    answer(room, made, referral, Status.ACCEPTED)

    kept = record(room, referral)
    assert (kept.is_open, kept.answer_by, kept.responded_at is not None) == (True, None, True)


def test_a_service_that_does_not_take_the_person_names_a_reason_of_the_list(room: Room, made: make_room.Founded, reached: UUID):
    referral = refer(room, made.lead, reached, wish(room, reached))
    with pytest.raises(Refused):
        answer(room, made, referral, Status.REJECTED)

    answer(room, made, referral, Status.REJECTED, rejected=Rejected.FULL)

    kept = record(room, referral)
    assert (kept.rejected, kept.is_open) == (Rejected.FULL, False)


def test_an_ended_referral_leaves_no_paper_and_takes_no_other_answer(room: Room, made: make_room.Founded, reached: UUID):
    referral = refer(room, made.lead, reached, wish(room, reached))
    answer(room, made, referral, Status.DONE, satisfied=Satisfied.YES)

    with pytest.raises(NotThere):
        packet_lines(room, made, referral)
    with pytest.raises(SomebodyWasFirst):
        answer(room, made, referral, Status.ACCEPTED)


def test_taking_the_word_back_empties_the_paper_at_once(room: Room, made: make_room.Founded, reached: UUID):
    referral = refer(room, made.lead, reached, wish(room, reached, *EVERYTHING))

    answer(room, made, referral, Status.REVOKED)

    kept = record(room, referral)
    assert (kept.scope, kept.needs, kept.may_leave) == ((), (), False)
    with room.read() as reading:
        assert reading.session.get(Referral, referral).safe_contact is None
    assert count(room, ReferralCount) == 0


def danger(room: Room, case_id: UUID) -> Wish:
    return wish(room, case_id, Scope.FULL_NAME, consent=Consent.REFUSED, ground=Ground.LIFE, told=Told.NOT_SAFE)


def test_a_referral_without_consent_leaves_only_when_two_officers_stand_by_it(room: Room, made: make_room.Founded, case_id: UUID):
    referral = refer(room, made.lead, case_id, danger(room, case_id))
    with pytest.raises(NotThere):
        packet_lines(room, made, referral)
    with pytest.raises(SameHands), room.work(made.lead.id) as work:
        referrals.sign(work, EVERYWHERE, referral, stands_by=True)
    other = make_room.officer(room, made.lead, made.sheet)

    with room.work(other.id) as work:
        referrals.sign(work, EVERYWHERE, referral, stands_by=True)

    assert packet_lines(room, made, referral)["Full name"] == "Juniper Moonbeam"
    assert kinds(room)[-3:] == ["protection.OfficerAdded", "protection.ReferralSigned", "protection.ReferralPacketTaken"]


def test_a_referral_without_consent_that_nobody_stands_by_is_gone(room: Room, made: make_room.Founded, case_id: UUID):
    referral = refer(room, made.lead, case_id, danger(room, case_id))
    other = make_room.officer(room, made.lead, made.sheet)

    with room.work(other.id) as work:
        referrals.sign(work, EVERYWHERE, referral, stands_by=False)

    kept = record(room, referral)
    assert (kept.status, kept.scope, kept.is_open) == (Status.REVOKED, (), False)


def test_a_referral_without_consent_needs_its_ground_and_whether_the_person_was_told(room: Room, made: make_room.Founded, case_id: UUID):
    with pytest.raises(Refused) as refusal:
        refer(room, made.lead, case_id, replace(danger(room, case_id), told=None))

    assert "whether the person was told" in refusal.value.fix


def test_opening_the_paper_is_an_entry_of_the_chain_without_a_word_of_it(room: Room, made: make_room.Founded, reached: UUID):
    referral = refer(room, made.lead, reached, wish(room, reached, *EVERYTHING))
    packet_lines(room, made, referral)

    assert kinds(room)[-1] == "protection.ReferralPacketTaken"
    with room.locked.read() as reading:
        said = " ".join(reading.session.exec(referrals.select(reading.system.audit_entry.body)))
    for word in ("Juniper", "0700", "Lantern", "full_name"):
        assert word not in said


def test_an_officer_of_another_site_finds_no_such_referral(room: Room, made: make_room.Founded, records: Records, reached: UUID):
    referral = refer(room, made.lead, reached, wish(room, reached))
    elsewhere = frozenset({make_people.site(records, "OM", "Old Mill")})

    with room.read() as reading, pytest.raises(NotThere):
        referrals.the_referral(reading, elsewhere, referral)


def test_what_ended_is_counted_by_month_site_and_kind_and_small_counts_are_not_shown_exactly(
    room: Room, made: make_room.Founded, site: UUID, reached: UUID
):
    for _ in range(2):
        answer(room, made, refer(room, made.lead, reached, wish(room, reached)), Status.DONE)

    with room.read() as reading:
        assert referrals.counts(reading) == [("2026-11", site, "health", 2)]


def read_by_another_program(path: Path, key: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["pdftotext", "-upw", key, str(path), "-"], capture_output=True, text=True, check=False)


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext, to read the paper with a program that is not ours")
def test_a_locked_paper_opens_with_its_key_and_with_nothing_else(room: Room, tmp_path: Path):
    key, path = new_key(), tmp_path / "paper.pdf"
    facts = (("First name", "Juniper"),)
    paper = Paper("Referral R-2222-3333", "Kharwa", facts, (), (), (), None, "page {page} of {pages}", room.clock.now())

    path.write_bytes(locked_paper(paper, key))

    assert len(key) == 19
    for told in (b"Juniper", b"R-2222", "R-2222".encode("utf-16-be")):
        assert told not in path.read_bytes()
    assert read_by_another_program(path, new_key()).returncode != 0
    opened = read_by_another_program(path, key)
    assert "Juniper" in opened.stdout
