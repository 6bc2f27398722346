"""Feedback the desk answers: when it is due, how it is found, answered, and let go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID, uuid4, uuid5

import pytest
from sqlmodel import select

from cbi.access import Role
from cbi.clock import Clock
from cbi.errors import NotThere, SomebodyWasFirst
from cbi.feedback import entries
from cbi.feedback.codes import code_of, read_code
from cbi.feedback.entries import Entry
from cbi.feedback.service import Said
from cbi.feedback.tables import Category, Channel, Wants
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.web.listing import Listing, listing_args
from tests import make, make_feedback, make_sites
from tests.make import Visitor

Seat = Callable[..., Visitor]
TODAY = date(2026, 11, 23)


def later(records: Records, days: int) -> None:
    records.clock = Clock(make.NOW + timedelta(days=days))


def id_of(said: Said) -> UUID:
    return uuid5(said.key, "feedback")


def page(records: Records, **asked: str) -> Listing[Entry]:
    with records.read() as reading:
        return entries.page_of(reading, listing_args(asked, sorts=entries.SORTS, filters=entries.FILTERS))


def one(records: Records, said: Said) -> Entry:
    with records.read() as reading:
        return entries.entry_of(reading, id_of(said))


def answer(records: Records, said: Said, words: str = "It comes on Thursday") -> None:
    with records.work(Actor(uuid4())) as work:
        entries.answer(work, id_of(said), words)


def test_an_answer_is_due_in_fourteen_days_and_in_three_when_it_cannot_wait(records: Records):
    ordinary, urgent = (make_feedback.taken(records, Category.MONEY, urgent=urgent) for urgent in (False, True))

    assert one(records, ordinary).due_on == TODAY + timedelta(days=14)
    assert one(records, urgent).due_on == TODAY + timedelta(days=3)
    assert [row.urgent for row in page(records).rows] == [True, False]


def test_what_was_said_comes_back_on_its_own_page_and_on_no_list(records: Records):
    said = make_feedback.taken(records, Category.MONEY, channel=Channel.BOX, wants=Wants.PHONE)

    kept = one(records, said)

    assert (kept.words, kept.contact, kept.channel, kept.wants) == (make_feedback.WORDS, make_feedback.CONTACT, Channel.BOX, Wants.PHONE)
    assert [(row.words, row.contact) for row in page(records).rows] == [("", "")]


def test_an_entry_is_late_from_the_day_after_it_was_due_until_it_is_answered(records: Records):
    said = make_feedback.taken(records, Category.QUESTION)
    kept = one(records, said)

    assert not kept.is_late(kept.due_on)
    assert kept.is_late(kept.due_on + timedelta(days=1))
    answer(records, said)
    assert not one(records, said).is_late(kept.due_on + timedelta(days=1))


def test_a_page_holds_fifty_entries_and_the_next_one_the_rest(records: Records):
    with records.work(Actor(uuid4())) as work:
        from cbi.feedback import service

        for _ in range(53):
            service.take(work, make_feedback.said())

    first, second = page(records), page(records, page="2")

    assert (len(first.rows), len(second.rows), first.total, first.pages) == (50, 3, 53, 2)
    assert not {row.id for row in first.rows} & {row.id for row in second.rows}


def test_the_list_is_narrowed_by_state_subject_place_and_code(records: Records):
    site = make_sites.site(records)
    money = make_feedback.taken(records, Category.MONEY, site)
    idea = make_feedback.taken(records, Category.IDEA)
    answer(records, idea)

    def found(**asked: str) -> set[str]:
        return {row.code for row in page(records, **asked).rows}

    assert found() == {money.code, idea.code}
    assert found(state="open") == found(category="paid") == found(site=str(site)) == {money.code}
    assert found(state="answered") == found(code=idea.code.lower().replace("-", " ")) == {idea.code}
    assert found(state="late") == found(code="nothing") == set()
    later(records, 15)
    assert found(state="late") == {money.code}


def test_an_answer_is_given_once_and_whoever_comes_second_is_told(records: Records):
    said = make_feedback.taken(records, Category.QUESTION)
    answer(records, said, "On Thursday")

    with pytest.raises(SomebodyWasFirst):
        answer(records, said, "On Friday")

    assert (one(records, said).answer, one(records, said).answered_on) == ("On Thursday", TODAY)


def test_ninety_days_after_the_answer_what_was_written_is_gone_and_that_it_was_stays(records: Records):
    answered, waiting = make_feedback.taken(records, Category.MONEY), make_feedback.taken(records, Category.QUESTION)
    answer(records, answered)

    later(records, 90)
    entries.let_go(records)
    assert one(records, answered).words == make_feedback.WORDS
    later(records, 91)
    entries.let_go(records)

    gone = one(records, answered)
    assert (gone.words, gone.contact, gone.answer, gone.category) == ("", "", "", Category.MONEY)
    assert gone.emptied_on == TODAY + timedelta(days=91)
    assert one(records, waiting).words == make_feedback.WORDS
    with records.read() as reading:
        assert reading.was_erased(id_of(answered))
        assert not reading.was_erased(id_of(waiting))


def test_what_nobody_answered_is_gone_180_days_after_it_was_due_and_is_closed_as_not_answered(visitor: Seat, records: Records):
    said, soon = make_feedback.taken(records, Category.MONEY), make_feedback.taken(records, Category.MONEY, urgent=True)
    kept = one(records, said)

    later(records, (kept.due_on - TODAY).days + 180)
    entries.let_go(records)
    assert (one(records, said).words, one(records, soon).words) == (make_feedback.WORDS, "")
    later(records, (kept.due_on - TODAY).days + 181)
    entries.let_go(records)

    gone = one(records, said)
    assert (gone.words, gone.contact, gone.answered_on, gone.category) == ("", "", None, Category.MONEY)
    assert not gone.is_late(gone.emptied_on)
    assert page(records, state="open").rows == page(records, state="late").rows == page(records, state="answered").rows == []
    with records.read() as reading:
        assert reading.was_erased(id_of(said))
        assert entries.waiting(reading) == (0, 0)
    with pytest.raises(NotThere):
        answer(records, said)
    shown = visitor(Role.FEEDBACK).see(f"/feedback/{id_of(said)}")
    assert "Not answered" in shown
    assert "It is answered" not in shown
    assert visitor(Role.FEEDBACK).see("/feedback").count("Not answered") == 2


def test_a_day_on_which_nothing_is_let_go_leaves_no_entry_in_the_trail(records: Records):
    def trail() -> int:
        with records.read() as reading:
            return len(reading.session.exec(select(reading.system.audit_entry.seq)).all())

    before = trail()
    entries.let_go(records)

    assert trail() == before


@pytest.mark.parametrize("number", range(50))
def test_a_code_is_read_as_people_write_it_and_one_wrong_sign_is_found(number: int):
    code = code_of(UUID(int=number))

    assert read_code(code.lower().replace("-", "")) == read_code(f" {code.replace('-', ' ')} ") == code
    for place in (1, 5, 10):
        wrong = code[:place] + ("7" if code[place] != "7" else "4") + code[place + 1 :]
        assert read_code(wrong) is None
    assert read_code("") is read_code("F4K") is read_code("T4K-7M2-9CX") is None


def test_another_offices_entry_is_not_there(records: Records):
    with records.read() as reading, pytest.raises(NotThere):
        entries.entry_of(reading, uuid4())


def test_from_the_desk_to_the_answer_and_back_to_the_person(visitor: Seat, records: Records):
    site = make_sites.site(records)
    desk, officer = visitor(Role.HELP_DESK), visitor(Role.FEEDBACK)
    assert "It is where it belongs" in desk.send("/feedback/new", make_feedback.fields(Category.MONEY, site))
    [row] = page(records).rows

    assert "There is no answer to read" in desk.send("/feedback/code", {"code": row.code})
    assert "Bahari Field" in officer.see("/feedback")
    shown = officer.see(f"/feedback/{row.id}")
    assert make_feedback.WORDS in shown
    after = officer.send(f"/feedback/{row.id}", {"answer": "The agent paid the rest on Tuesday."})
    assert "Whoever brings the code reads it from now on." in after
    told = desk.send("/feedback/code", {"code": row.code.lower()})
    assert "The agent paid the rest on Tuesday." in told
    assert make_feedback.WORDS not in told


def test_an_answer_without_words_comes_back_with_what_to_do(visitor: Seat, records: Records):
    said = make_feedback.taken(records, Category.QUESTION)

    page = visitor(Role.FEEDBACK).send(f"/feedback/{id_of(said)}", {"answer": "  "}, status=422)

    assert "write what the person was told" in page


def test_the_help_desk_takes_down_and_reads_nothing(visitor: Seat, records: Records):
    said = make_feedback.taken(records, Category.QUESTION)
    desk = visitor(Role.HELP_DESK)

    for url in ("/feedback", f"/feedback/{id_of(said)}"):
        desk.see(url, status=404)


def test_today_says_what_is_late_first(visitor: Seat, records: Records):
    make_feedback.taken(records, Category.QUESTION)
    later(records, 15)
    make_feedback.taken(records, Category.QUESTION)

    today = visitor(Role.FEEDBACK).see("/")

    assert today.index("Answer that is late") < today.index("Answer to give")
