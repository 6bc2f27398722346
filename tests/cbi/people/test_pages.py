from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import select

from cbi.access import Role
from cbi.people.registered import Registered, open_household
from cbi.people.tables import Household, HouseholdStatus, LikenessDecision, ReviewReason
from cbi.people.tables import Likeness as Answer
from cbi.store.records import Records
from cbi.store.sessions import Shelf
from tests import make_people
from tests.make import Visitor

FILLED = {
    "shelter": "C, tent 31",
    "group": "displaced",
    "head-given": "Juniper",
    "head-family": "Moonbeam",
    "head-sex": "female",
    "head-born": "1987",
    "head-six-seeing": "some",
    "phone": "+999 555 0142",
    "document": "KH-118271",
    "members-0-name": "Tumble Moonbeam",
    "members-0-born": "14/02/2014",
    "members-0-sex": "female",
    "members-0-relation": "child",
    "recipient": "0",
    "alternate": "1",
    "consent_language": "en",
    "consent": "agrees",
    "then": "stay",
}


@pytest.fixture
def registrar(visitor: Callable[..., Visitor], records: Records) -> Visitor:
    return visitor(Role.REGISTRAR, site_id=make_people.site(records))


@pytest.fixture
def filled(records: Records) -> dict[str, object]:
    return {**FILLED, "site": str(make_people.site(records))}


def kept(records: Records) -> list[Registered]:
    with records.read() as reading:
        ids = reading.session.exec(select(Household.id).order_by(Household.number)).all()
        return [open_household(reading, household_id) for household_id in ids]


def about(page: str) -> dict[str, str]:
    """The hidden fields of the comparing page, as a browser sends them."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))


@pytest.mark.parametrize("typed", ["112341", "1 1 2 3 4 1", "١١٢٣٤١"])
def test_six_digits_in_order_answer_the_six_questions(registrar: Visitor, records: Records, filled: dict[str, object], typed: str):
    asked = {name: value for name, value in filled.items() if name != "head-six-seeing"}

    registrar.send("/households/new", {**asked, "head-six-typed": typed, "members-0-six-typed": "1-1111"})

    head, member = kept(records)[0].told.members
    assert [answer for _activity, answer in head.difficulties] == ["none", "none", "some", "a_lot", "cannot", "none"]
    assert [activity for activity, _answer in member.difficulties] == ["seeing", "walking", "remembering", "caring", "communicating"]


@pytest.mark.parametrize("born", ["38", "age 38", "1988", "14/02/1988", "about 1988"])
def test_the_head_is_born_in_whatever_way_it_is_told(registrar: Visitor, records: Records, filled: dict[str, object], born: str):
    registrar.send("/households/new", {**filled, "head-born": born})

    assert kept(records)[0].told.head.born.year == 1988


def test_a_household_is_registered_as_it_was_told(registrar: Visitor, records: Records, filled: dict[str, object]):
    page = registrar.send("/households/new", filled)

    [household] = kept(records)
    told = household.told
    assert household.number in page
    assert household.token in page
    assert [(member.name, member.born.text) for member in told.members] == [("Juniper Moonbeam", "1987"), ("Tumble Moonbeam", "2014-02-14")]
    assert (told.phones, told.head.documents[0].number, told.shelter) == (("+9995550142",), "KH-118271", "C, tent 31")
    assert (told.recipient, told.alternate, told.head.difficulties[0]) == (0, 1, ("seeing", "some"))
    assert household.registered_by == registrar.person_id


def test_nothing_that_names_a_person_can_be_read_in_the_database(registrar: Visitor, records: Records, filled: dict[str, object]):
    registrar.send("/households/new", {**filled, "head-given": "زهرة", "alternate": "other", "alternate_name": "Pumpkin Lanternlight"})

    with records.engine.connect() as connection:
        connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))
    raw = b"".join(file.read_bytes() for file in records.folder.glob("office.db*"))
    for text in ("زهرة", "Moonbeam", "Tumble", "Lanternlight", "118271", "5550142", "555 0142", "tent 31", "2014-02-14", "moonbeam"):
        assert text.encode() not in raw, text


def test_the_next_form_keeps_the_place(registrar: Visitor, filled: dict[str, object]):
    page = registrar.send("/households/new", {**filled, "then": "next"})

    assert "is saved." in page
    assert "Kept from the last household." in page
    assert 'value="C, tent 31"' in page
    assert "Juniper" not in page


def test_the_same_form_sent_twice_makes_one_household_and_answers_the_same(registrar: Visitor, records: Records, filled: dict[str, object]):
    key = str(uuid4())

    answers = [registrar.post("/households/new", {**filled, "client_key": key}, follow=False).location for _time in range(2)]

    assert answers[0] == answers[1]
    assert len(kept(records)) == 1


@pytest.mark.parametrize(
    ("field", "value", "fix"),
    [
        ("site", "", "choose a site"),
        ("site", "nowhere", "choose"),
        ("head-given", "", "enter the name"),
        ("head-given", "12345", "enter the name"),
        ("head-given", "J" * 200, "make the name shorter"),
        ("head-given", "🌻", "write the name with letters"),
        ("head-given", "Juniper 🌻", "write the name with letters"),
        ("head-given", "Juniper\tMoonbeam\t1987", "several cells were pasted"),
        ("head-given", "\u200b\u202e\u2066", "enter the name"),
        ("head-family", "Moonbeam 🌻", "write the name with letters"),
        ("head-latin", "Juniper\tMoonbeam", "several cells were pasted"),
        ("members-0-name", "Tumble\tMoonbeam", "several cells were pasted"),
        ("members-0-born", "age 210", "write an age from 0 to 120"),
        ("members-0-born", "1790", "write a year from"),
        ("members-0-born", "14/02/2031", "not in the future"),
        ("head-sex", "", "choose a sex"),
        ("head-sex", "purple", "choose"),
        ("head-born", "", "enter when the person was born"),
        ("head-born", "03/04/1987", "write the month as a word"),
        ("head-born", "soon", "write a date"),
        ("head-born", "2031", "not in the future"),
        ("phone", "12", "write the phone with its country code"),
        ("phone", "<script>", "write the phone"),
        ("document", "??", "write the document"),
        ("members-0-name", "", "enter the name"),
        ("members-0-born", "-3", "write a date, a year or an age"),
        ("members-0-sex", "", "choose a sex for this member"),
        ("members-0-relation", "", "choose who this member is"),
        ("members-0-relation", "head", "choose"),
        ("recipient", "7", "choose somebody who is on the form"),
        ("recipient", "٣", "choose somebody who is on the form"),
        ("alternate", "0", "choose somebody else"),
        ("alternate", "other", "write who may collect"),
        ("consent", "", "ask whether the person agrees"),
        ("group", "martian", "choose one of the answers"),
        ("site", "elsewhere", "choose a site"),
        ("site", str(UUID(int=5)), "choose a site"),
        ("consent_language", "xx", "choose one of the answers"),
        ("head-six-seeing", "maybe", "choose one of the answers"),
        ("head-six-typed", "11511", "write one digit for each of the six questions"),
        ("head-six-typed", "111511", "write one digit for each of the six questions"),
        ("members-0-six-typed", "yes", "write one digit for each of the six questions"),
        ("head-six-typed", "111111", "give the same six answers here and below"),
        ("client_key", "not a key", "send it once more"),
    ],
)
def test_what_cannot_be_read_says_what_to_do_and_keeps_the_rest(
    registrar: Visitor, records: Records, filled: dict[str, object], field: str, value: str, fix: str
):
    page = registrar.send("/households/new", {**filled, field: value}, status=422)

    assert "You need to put" in page
    assert fix in page
    assert kept(records) == []
    for typed in ("Juniper", "C, tent 31", "Tumble Moonbeam"):
        assert typed in page or field in {"head-given", "members-0-name"}
    if value.isprintable() and field in {"head-given", "head-born", "phone", "document", "members-0-born"}:
        assert f'value="{value.replace("<", "&lt;").replace(">", "&gt;")}"' in page


@pytest.mark.parametrize("field", ["name", "born", "sex", "relation"])
def test_a_member_of_whom_something_is_missing_is_never_left_out_silently(
    registrar: Visitor, records: Records, filled: dict[str, object], field: str
):
    page = registrar.send("/households/new", {**filled, "alternate": "", f"members-0-{field}": ""}, status=422)

    assert "You need to" in page
    assert kept(records) == []


def test_a_person_who_is_on_the_form_twice_is_asked_about(registrar: Visitor, records: Records, filled: dict[str, object]):
    twice = {f"members-1-{field}": filled[f"members-0-{field}"] for field in ("name", "born", "sex", "relation")}

    page = registrar.send("/households/new", {**filled, **twice}, status=422)

    assert "the same person is on the form already" in page
    assert kept(records) == []
    registrar.send("/households/new", {**filled, **twice, "members-1-name": "Bramble Moonbeam"})
    assert len(kept(records)[0].told.members) == 3


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("\u202eJuniper\u202c", "Juniper"),
        ("Juni\u200bper\ufeff", "Juniper"),
        ("  Juniper \u2068Rose\u2069 ", "Juniper Rose"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("D’Artichoke", "D’Artichoke"),
    ],
)
def test_marks_nobody_sees_are_taken_out_of_a_name_and_those_that_shape_letters_stay(
    registrar: Visitor, records: Records, filled: dict[str, object], typed: str, name: str
):
    registrar.send("/households/new", {**filled, "head-given": typed})

    assert kept(records)[0].told.head.given == name


def test_a_phone_of_another_country_is_kept_with_its_code(registrar: Visitor, records: Records, filled: dict[str, object]):
    registrar.send("/households/new", {**filled, "phone": "+44 20 7946 0958"})

    assert kept(records)[0].told.phones == ("+442079460958",)


def test_a_form_with_nothing_in_it_says_everything_at_once(registrar: Visitor):
    page = registrar.send("/households/new", {"site": "", "consent": ""}, status=422)

    assert page.count('class="hint stop"') >= 5


def test_a_line_is_added_without_script_and_nothing_typed_is_lost(registrar: Visitor, filled: dict[str, object]):
    fields = {name: value for name, value in filled.items() if name != "then"}

    page = registrar.send("/households/new", {**fields, "add_line": "1"})

    assert 'name="members-1-name"' in page
    assert 'value="Tumble Moonbeam"' in page


def test_blank_lines_between_members_do_not_move_who_collects(registrar: Visitor, records: Records, filled: dict[str, object]):
    third = {"members-2-name": "Pip Moonbeam", "members-2-born": "age 40", "members-2-sex": "male", "members-2-relation": "spouse"}
    blank = {"members-1-name": "", "members-1-born": "", "members-1-sex": "", "members-1-relation": ""}

    registrar.send("/households/new", {**filled, **blank, **third, "alternate": "3"})

    [household] = kept(records)
    assert household.told.members[household.told.alternate].name == "Pip Moonbeam"
    assert household.told.members[2].born.text == "~1986"


def test_a_household_that_looks_alike_is_shown_before_anything_is_saved(registrar: Visitor, records: Records, filled: dict[str, object]):
    make_people.household(records, given="Junipar", family="Moonbeem", year=1986, phones=("+9995550142",))

    page = registrar.send("/households/new", filled)

    assert "This may be the same household" in page
    assert "Same phone. Names are spelled almost alike. Born one year apart." in page
    assert "Nothing is saved yet" in page
    assert len(kept(records)) == 1
    assert "KH-118271" not in re.sub(r'<input type="hidden"[^>]*>', "", page)


def test_two_households_are_saved_and_the_pair_is_remembered(registrar: Visitor, records: Records, filled: dict[str, object]):
    other = make_people.household(records)
    page = registrar.send("/households/new", filled)

    saved = registrar.send("/households/new", {**about(page), "answer": "different"})

    assert "The household is saved" in saved
    first, second = kept(records)
    assert (first.id, second.review) == (other, None)
    with records.read() as reading:
        [decision] = reading.session.exec(select(LikenessDecision)).all()
        assert (decision.answer, decision.decided_by) == (Answer.DIFFERENT, registrar.person_id)
        assert "same_name" in decision.reasons


def test_what_nobody_can_tell_is_saved_and_waits(registrar: Visitor, records: Records, filled: dict[str, object]):
    make_people.household(records)
    page = registrar.send("/households/new", filled)

    registrar.send("/households/new", {**about(page), "answer": "cannot_tell"})

    assert [household.review for household in kept(records)] == [None, ReviewReason.DUPLICATE]


def test_the_same_household_is_opened_and_nothing_is_saved(registrar: Visitor, records: Records, filled: dict[str, object]):
    other = make_people.household(records)
    page = registrar.send("/households/new", filled)

    opened = registrar.send("/households/new", {**about(page), "answer": "same"})

    assert "Nothing was registered twice" in opened
    assert [household.id for household in kept(records)] == [other]


def test_no_answer_asks_again_with_everything_kept(registrar: Visitor, records: Records, filled: dict[str, object]):
    make_people.household(records)
    page = registrar.send("/households/new", filled)

    again = registrar.send("/households/new", about(page), status=422)

    assert "choose what is true after asking the person" in again
    assert about(again)["members-0-name"] == "Tumble Moonbeam"


def test_back_to_the_form_gives_everything_back(registrar: Visitor, records: Records, filled: dict[str, object]):
    make_people.household(records)
    page = registrar.send("/households/new", filled)

    form = registrar.send("/households/new", {**about(page), "back": "1"})

    assert 'value="Tumble Moonbeam"' in form
    assert 'value="KH-118271"' in form


def test_each_of_several_that_look_alike_is_asked_about(registrar: Visitor, records: Records, filled: dict[str, object]):
    for _time in range(2):
        make_people.household(records)
    first = registrar.send("/households/new", filled)

    second = registrar.send("/households/new", {**about(first), "answer": "different"})
    saved = registrar.send("/households/new", {**about(second), "answer": "different"})

    assert "1 of 2." in first
    assert "2 of 2." in second
    assert "The household is saved" in saved


def test_an_answer_about_a_household_corrected_meanwhile_is_asked_again(registrar: Visitor, records: Records, filled: dict[str, object]):
    make_people.household(records)
    page = registrar.send("/households/new", filled)
    fields = {name: "0" if name.startswith("seen-") else value for name, value in about(page).items()}

    again = registrar.send("/households/new", {**fields, "answer": "different"})

    assert "Somebody corrected the registered household meanwhile" in again
    assert len(kept(records)) == 1


def test_the_look_while_typing_is_a_piece_that_names_reasons(registrar: Visitor, records: Records, filled: dict[str, object]):
    make_people.household(records, phones=("+9995550142",))

    piece = registrar.post("/households/new/looks", filled, page="/households/new").text

    assert "<html" not in piece
    assert "Same phone. Same name. Born in the same year." in piece
    assert "1 other household uses it" in piece
    assert "2: 2 female, 0 male" in piece


@pytest.mark.parametrize(
    "fields", [{}, {"head-given": "زهرة"}, {"head-born": "rubbish", "phone": "1", "document": "?", "members-0-born": "x"}]
)
def test_the_look_while_typing_bears_anything(registrar: Visitor, fields: dict[str, object]):
    assert registrar.post("/households/new/looks", fields, page="/households/new").status_code == 200


def test_a_household_page_tells_who_they_are_and_what_happened(registrar: Visitor, records: Records):
    household_id = make_people.household(records, people=3, by=registrar.person_id, account="+254712123456")

    page = registrar.see(f"/households/{household_id}")

    assert "3 people" in page
    assert "Salma Storybook" in page
    assert "+2·····56" in page
    assert "254712123456" not in page


def test_every_needed_field_says_so_in_the_same_words_and_to_a_screen_reader(registrar: Visitor):
    page = registrar.see("/households/new")

    for field in ("head-given", "head-born"):
        assert re.search(rf'for="{field}">[^<]+ <span class="needed">\(needed\)</span>', page)
        assert 'aria-required="true"' in re.search(rf'<input[^>]*id="{field}"[^>]*>', page)[0]


def test_what_happened_begins_on_the_day_that_the_list_names_and_tells_the_file_apart(registrar: Visitor, records: Records):
    household_id = make_people.household(records, by=registrar.person_id, registered_on=date(2025, 10, 5))

    page, listed = registrar.see(f"/households/{household_id}"), registrar.see("/households")

    story = page[page.index("What happened") :]
    taken_in, first = story.index("Taken in from a file"), story.index("<strong>Registered</strong>")
    assert taken_in < story.index("Salma Storybook") < first < story.index("5 October 2025")
    assert "5 October 2025" in listed


def test_a_household_registered_at_the_desk_begins_with_who_did_it(registrar: Visitor, records: Records):
    household_id = make_people.household(records, by=registrar.person_id)

    page = registrar.see(f"/households/{household_id}")

    story = page[page.index("What happened") :]
    assert "Taken in from a file" not in story
    assert story.index("<strong>Registered</strong>") < story.index("Salma Storybook")


def test_a_correction_is_saved_and_told_without_values(registrar: Visitor, records: Records):
    household_id = make_people.household(records, people=2)
    url = f"/households/{household_id}/correct"
    fields = typed(registrar.see(url)) | {"head-given": "Junia", "phone": "+999 555 0177", "members-0-born": "2012"}

    page = registrar.send(url, fields)

    [household] = kept(records)
    assert household.told.head.given == "Junia"
    assert "Corrected: phone, member 1, name, member 2, birth" in page
    story = page[page.index("What happened") :]
    assert "Junia" not in story[: story.index("</ol>")]


def test_a_correction_that_changes_nothing_says_so(registrar: Visitor, records: Records):
    household_id = make_people.household(records, people=2, phones=("+9995550142",), alternate_name="Pumpkin Lanternlight")
    url = f"/households/{household_id}/correct"

    assert "Nothing was different." in registrar.send(url, typed(registrar.see(url)))


def test_two_corrections_at_once_lose_neither(registrar: Visitor, records: Records):
    household_id = make_people.household(records)
    url = f"/households/{household_id}/correct"
    fields = typed(registrar.see(url))
    registrar.send(url, fields | {"shelter": "A, tent 1"})

    page = registrar.send(url, fields | {"shelter": "B, tent 2"}, status=409)

    assert "somebody corrected it in the meantime" in page
    assert 'value="B, tent 2"' in page
    assert kept(records)[0].told.shelter == "A, tent 1"


def test_an_account_is_kept_masked_and_said_in_the_story(registrar: Visitor, records: Records):
    household_id = make_people.household(records)

    page = registrar.send(f"/households/{household_id}/account", {"kind": "mobile_money", "number": "0712 123456"})

    assert kept(records)[0].told.account.number == "+254712123456"
    assert "Account changed" in page


@pytest.mark.parametrize(
    ("kind", "number"),
    [("mobile_money", ""), ("mobile_money", "12"), ("bank", "GB82 WEST 1234 5698 7654 33"), ("card", "abc"), ("", "1"), ("moon", "1")],
)
def test_an_account_that_cannot_be_paid_says_what_to_do(registrar: Visitor, records: Records, kind: str, number: str):
    household_id = make_people.household(records)

    page = registrar.send(f"/households/{household_id}/account", {"kind": kind, "number": number}, status=422)

    assert "You need to" in page
    assert kept(records)[0].told.account is None


def test_consent_is_taken_back_and_given_again(registrar: Visitor, records: Records):
    household_id = make_people.household(records)
    url = f"/households/{household_id}/consent"

    registrar.send(url, {"language": "ar", "answer": "withdraws"})
    assert kept(records)[0].status is HouseholdStatus.WITHDRAWN
    registrar.send(url, {"language": "ar", "answer": "agrees"})

    assert (kept(records)[0].status, kept(records)[0].told.consent_language) == (HouseholdStatus.REGISTERED, "ar")


def test_a_pair_that_waits_is_compared_and_decided(registrar: Visitor, records: Records):
    first = make_people.household(records)
    second = make_people.household(records, review=ReviewReason.DUPLICATE)
    url = f"/households/{second}/alike"

    assert "These may be one household" in registrar.see(url)
    registrar.send(url, {}, status=422)
    registrar.send(url, {"about": str(first), "answer": "same"})

    assert [household.status for household in kept(records)] == [HouseholdStatus.REGISTERED, HouseholdStatus.MERGED]


def test_a_wait_with_nothing_alike_left_can_be_ended(registrar: Visitor, records: Records):
    household_id = make_people.household(records, review=ReviewReason.DUPLICATE)
    url = f"/households/{household_id}/alike"

    registrar.send(f"{url}/end", {}, page=url)

    assert kept(records)[0].review is None


def test_lists_count_households_and_people_and_page_on_the_server(registrar: Visitor, records: Records):
    make_people.household(records, people=3)
    make_people.household(records, make_people.site(records, "OM", "Old Mill"), people=2)

    own, every = registrar.see("/households"), registrar.see("/households?site=&sort=-people")

    assert "OM-" not in own
    assert every.index("BH-") < every.index("OM-")


@pytest.mark.parametrize(
    "query", ["?page=99999999999", "?page=-1", "?sort=name", "?site=x&status=y&review=z&consent=w", "?site=%00", "?page=%F0%9F%8C%99"]
)
def test_a_list_asked_strangely_is_still_a_list(registrar: Visitor, records: Records, query: str):
    make_people.household(records)

    registrar.see(f"/households{query}")


def test_finding_never_puts_what_was_typed_into_an_address(registrar: Visitor, records: Records):
    household_id = make_people.household(records)

    by_name = registrar.send("/households/find", {"q": "Moonbeam"})
    by_number = registrar.post("/households/find", {"q": kept(records)[0].number}, follow=False)

    assert "1 household fits" in by_name
    assert by_number.location.endswith(f"/households/{household_id}")
    assert "Nobody fits" in registrar.send("/households/find", {"q": "Nobody Atall"})


def test_a_household_of_nobody_and_a_page_one_may_not_see_look_the_same(visitor: Callable[..., Visitor], records: Records):
    household_id = make_people.household(records)
    finance = visitor(Role.FINANCE)

    assert finance.client.get(f"/households/{household_id}").status_code == 404
    assert visitor(Role.REGISTRAR).client.get(f"/households/{UUID(int=5)}").status_code == 404


def test_the_help_desk_reads_but_does_not_correct(visitor: Callable[..., Visitor], records: Records):
    household_id = make_people.household(records)
    desk = visitor(Role.HELP_DESK)

    page = desk.see(f"/households/{household_id}")

    assert "/correct" not in page
    assert desk.client.get(f"/households/{household_id}/correct").status_code == 404


def test_the_texts_to_read_aloud_are_pages_of_their_own(registrar: Visitor):
    assert 'dir="rtl"' in registrar.see("/households/consent-text/ar")
    assert "Do you have difficulty seeing, even if wearing glasses?" in registrar.see("/households/six-questions")
    assert registrar.client.get("/households/consent-text/xx").status_code == 404


def typed(page: str) -> dict[str, str]:
    """Every field of the form of a page with what it holds, as a browser would send it."""
    form = re.sub(r"<template>.*?</template>", "", page, flags=re.DOTALL)
    fields = dict(re.findall(r'<input(?=[^>]*type="(?:text|hidden)")(?=[^>]*name="([^"]+)")(?=[^>]*value="([^"]*)")', form))
    fields |= dict(re.findall(r'<input class="form-check-input" type="radio" name="([^"]+)" id="[^"]+" value="([^"]*)" checked>', form))
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, flags=re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        fields[name] = chosen[1] if chosen else ""
    return fields


def test_a_form_sent_after_the_session_went_idle_waits_sealed_and_comes_back(
    registrar: Visitor, records: Records, filled: dict[str, object]
):
    registrar.see("/households/new")
    shelf = Shelf(records.engine, records.system, records.clock)
    shelf.revoke(registrar.person_id)

    sent = registrar.client.post("/households/new", data={**filled, "csrf_token": "stale"}, headers={"Origin": "http://localhost"})

    assert sent.location.endswith("/sign-in")
    with records.engine.connect() as connection:
        contents = " ".join(connection.execute(sa.text("SELECT content FROM web_session")).scalars())
    assert "carried" in contents
    assert "Moonbeam" not in contents
    held = shelf.find(registrar.client.get_cookie("cbi-office").value)
    held.person_id = registrar.person_id
    shelf.keep(held)
    page = registrar.see("/households/new")
    assert 'value="Tumble Moonbeam"' in page
    assert 'value="KH-118271"' in page


def test_another_site_cannot_leave_a_filled_form_behind(registrar: Visitor, records: Records, filled: dict[str, object]):
    Shelf(records.engine, records.system, records.clock).revoke(registrar.person_id)

    sent = registrar.client.post("/households/new", data=filled, headers={"Origin": "https://elsewhere.example"})

    assert sent.status_code == 400
    with records.engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM web_session")).scalar_one() == 0
