from __future__ import annotations

import html
import re
from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask

from cbi.access import GRANTS, OFFICE_ROLES, Permission, Role
from cbi.staff import seats
from cbi.staff.seats import NewPerson, add_person
from cbi.store.records import Records
from cbi.store.work import Actor
from tests import make
from tests.cbi.web.page_check import check_page
from tests.make import Visitor
from tests.make_staff import PASSWORD, Member, member, stop_clock

ADMIN_PAGES = ("/staff", "/staff/new", "/staff/rights", "/staff/rights?seat=manager", "/staff?role=manager&state=here&q=Sal&sort=-since")


@pytest.fixture
def salma(records: Records) -> Member:
    stop_clock(records)
    return member(records, Role.REGISTRAR)


@pytest.fixture
def stranger(salma: Member, records: Records) -> Visitor:
    return Visitor(make.app_of(records), records, None)


def words(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", page))


def come_in(visitor: Visitor, who: Member, code: str) -> str:
    visitor.send("/sign-in", {"name": who.sign_in_name, "password": who.password})
    return visitor.send("/sign-in/code", {"code": code})


def test_a_person_signs_in_with_name_password_and_code(stranger: Visitor, salma: Member, records: Records):
    assert "What to do today" in come_in(stranger, salma, salma.code(records))


def test_after_signing_in_the_wanted_page_opens(stranger: Visitor, salma: Member, records: Records):
    stranger.see("/account/password")

    assert "Change your password" in come_in(stranger, salma, salma.code(records))


@pytest.mark.parametrize(
    "wanted", ["//evil.example/x", "/\\evil.example", "https://evil.example", "/sign-out", "/no-such-page", "/sign-in", ""]
)
def test_a_wanted_page_that_is_not_ours_or_cannot_be_opened_is_today(app: Flask, wanted: str):
    from cbi.staff.views import onward

    with app.test_request_context("/"):
        from flask import session

        session["next"] = wanted
        assert onward() == "/"


def test_the_session_id_changes_at_sign_in(stranger: Visitor, salma: Member, records: Records):
    stranger.see("/sign-in")
    before = stranger.client.get_cookie("cbi-office")
    come_in(stranger, salma, salma.code(records))

    after = stranger.client.get_cookie("cbi-office")
    assert before is not None
    assert after is not None
    assert before.value != after.value


def test_an_unknown_name_and_a_wrong_password_give_the_same_page(stranger: Visitor, salma: Member):
    pages = []
    for name in ("salma.s", "nobody", "salma.s", "nobody", "salma.s", "nobody", "salma.s", "nobody", "salma.s", "nobody"):
        page = stranger.send("/sign-in", {"name": name, "password": "wrong wrong wrong"}, status=422)
        check_page(page)
        pages.append(re.sub(r'name="csrf_token"[^>]*>', "", page).replace(name, "NAME"))

    assert pages[0] == pages[1]
    assert pages[-2] == pages[-1]
    assert "You need to" in words(pages[0]) or "put 1 thing right" in words(pages[0])
    assert "wait 30 seconds, or use a recovery code" in words(pages[-1])


def test_during_a_wait_the_page_asks_for_a_recovery_code_and_takes_it(stranger: Visitor, salma: Member):
    for _ in range(5):
        page = stranger.send("/sign-in", {"name": "salma.s", "password": "wrong wrong wrong"}, status=422)
    assert 'name="recovery"' in page

    page = stranger.send("/sign-in", {"name": "salma.s", "password": PASSWORD, "recovery": salma.recovery[0]})

    assert "What to do today" in page


def test_what_was_typed_stays_except_the_password(stranger: Visitor):
    page = stranger.send("/sign-in", {"name": "salma.s", "password": "wrong wrong wrong"}, status=422)

    assert 'value="salma.s"' in page
    assert "wrong wrong wrong" not in page


def test_a_used_code_is_answered_with_wait_for_the_next(stranger: Visitor, salma: Member, records: Records):
    come_in(stranger, salma, salma.code(records))
    again = Visitor(stranger.client.application, records, None)
    again.send("/sign-in", {"name": salma.sign_in_name, "password": salma.password})

    page = again.send("/sign-in/code", {"code": salma.code(records)}, status=422)

    check_page(page)
    assert "wait for the next code" in words(page)


def test_the_second_step_alone_opens_nothing(stranger: Visitor, salma: Member, records: Records):
    page = stranger.see("/sign-in/code")

    assert "type your name and password first" in words(page)


def test_the_second_step_waits_five_minutes(stranger: Visitor, salma: Member, records: Records):
    stranger.send("/sign-in", {"name": salma.sign_in_name, "password": salma.password})
    records.clock.move(minutes=6)  # type: ignore[attr-defined]

    assert "type your name and password first" in words(stranger.see("/sign-in/code"))


def test_a_password_alone_is_not_signed_in(stranger: Visitor, salma: Member):
    stranger.send("/sign-in", {"name": salma.sign_in_name, "password": salma.password})

    assert stranger.client.get("/account").location.endswith("/sign-in")


def test_signing_out_ends_the_session_on_the_server(stranger: Visitor, salma: Member, records: Records):
    come_in(stranger, salma, salma.code(records))
    cookie = stranger.client.get_cookie("cbi-office")
    assert cookie
    stranger.post("/sign-out", {}, page="/account")
    stranger.client.set_cookie("cbi-office", cookie.value)

    assert stranger.client.get("/account").status_code == 302


def test_the_door_is_walked_by_keyboard_in_reading_order(stranger: Visitor):
    page = check_page(stranger.see("/sign-in"))

    order = [node.attrs.get("name") or node.words() for node in page.all("input", "button") if node.attrs.get("type") != "hidden"]
    assert order == ["name", "password", "Sign in"]
    assert [node.attrs["name"] for node in page.all("input") if "autofocus" in node.attrs] == ["name"]
    assert not [node for node in page.nodes if node.attrs.get("tabindex", "0") not in {"0", "-1"}]


def test_a_new_person_begins_by_link_and_is_in(stranger: Visitor, records: Records):
    with records.work(Actor()) as work:
        staff_id, token = add_person(work, NewPerson(sign_in_name="pip.l", name="Pip Lantern", roles=frozenset({Role.LEAD})))
    from cbi.staff.joining import begun, digest_of
    from tests.make_staff import Member as Joined

    page = stranger.see(f"/start/{token}")
    assert "Pip Lantern" in page
    page = stranger.send("/start/password", {"new": PASSWORD, "again": PASSWORD})
    with records.read() as reading:
        secret = begun(reading, digest_of(token)).secret
    square = stranger.client.get("/start/square.svg")
    page = stranger.send("/start/code", {"code": Joined(staff_id, "pip.l", secret, ()).code(records)})

    assert square.mimetype == "image/svg+xml"
    assert square.headers["Cache-Control"] == "no-store"
    assert len(re.findall(r"\d{5} \d{5} \d{5} \d{5}", page)) == 10
    assert "What to do today" in stranger.see("/")
    assert stranger.client.get(f"/start/{token}").status_code == 422


def test_the_address_of_a_link_holds_no_token_after_the_first_page(stranger: Visitor, records: Records):
    with records.work(Actor()) as work:
        _, token = add_person(work, NewPerson(sign_in_name="pip.l", name="Pip Lantern", roles=frozenset({Role.LEAD})))

    answer = stranger.client.get(f"/start/{token}")

    assert answer.location == "/start/password"


@pytest.mark.parametrize(
    ("fields", "words_of_it"),
    [
        ({"new": "short", "again": "short"}, "at least 12 characters"),
        ({"new": PASSWORD, "again": "another one entirely"}, "the two differ"),
        ({"new": "password12345", "again": "password12345"}, "harder to guess"),
    ],
)
def test_a_weak_or_mistyped_password_is_answered_beside_its_field(
    stranger: Visitor, records: Records, fields: dict[str, object], words_of_it: str
):
    with records.work(Actor()) as work:
        _, token = add_person(work, NewPerson(sign_in_name="pip.l", name="Pip Lantern", roles=frozenset({Role.LEAD})))
    stranger.see(f"/start/{token}")

    page = stranger.send("/start/password", fields, status=422)

    check_page(page)
    assert words_of_it in words(page)


def test_unknown_links_and_the_pages_behind_them_say_what_to_do(stranger: Visitor):
    for url in ("/start/made-up", "/start/password", "/start/code", "/start/square.svg"):
        assert "ask an administrator for a new link" in words(stranger.see(url, status=422))


@pytest.mark.parametrize("role", sorted(OFFICE_ROLES))
def test_staff_pages_open_for_administrators_only_and_the_account_for_everybody(visitor: Callable[..., Visitor], role: Role):
    somebody = visitor(role)

    for url in (*ADMIN_PAGES, f"/staff/{somebody.person_id}"):
        somebody.see(url, status=200 if Permission.STAFF_READ in GRANTS[role] else 404)
    for url in ("/account", "/account/password", "/account/recovery"):
        somebody.see(url)


def test_the_staff_page_shows_seats_first_then_people_and_says_what_is_empty(visitor: Callable[..., Visitor]):
    page = words(visitor(Role.ADMINISTRATOR).see("/staff"))

    assert page.index("1 of the 7 seats") < page.index("Salma Storybook", page.index("People"))
    assert "made in the room" in page


def test_administrators_are_told_today_of_empty_seats_and_certificates(visitor: Callable[..., Visitor], records: Records):
    make.staff(records, Role.MANAGER)

    page = words(visitor(Role.ADMINISTRATOR).see("/"))

    assert "Empty seats" in page
    assert "Programme manager" not in page
    assert "Empty seats" not in words(visitor(Role.MANAGER).see("/"))


def test_the_effect_of_seats_is_shown_before_they_are_saved(visitor: Callable[..., Visitor], records: Records):
    staff_id = make.staff(records, Role.REGISTRAR, name="Juniper Moonbeam")
    admin, url = visitor(Role.ADMINISTRATOR), f"/staff/{staff_id}"

    shown = admin.send(f"{url}/seats", {"roles": ["lead"]}, page=url)
    with records.read() as reading:
        assert seats.roles_of(reading, staff_id) == {Role.REGISTRAR}
    hidden = make.hidden_fields(shown, f"{url}/seats")
    saved = admin.client.post(f"{url}/seats", data={**hidden, "roles": ["lead"]}, follow_redirects=True)

    assert "Set sites up and confirm site checks" in words(shown)
    assert "Register and correct households" in words(shown)
    assert "The seats are changed" in words(saved.text)
    with records.read() as reading:
        assert seats.roles_of(reading, staff_id) == {Role.LEAD}


def test_other_seats_than_those_shown_are_shown_again_not_saved(visitor: Callable[..., Visitor], records: Records):
    staff_id = make.staff(records, Role.REGISTRAR)
    admin, url = visitor(Role.ADMINISTRATOR), f"/staff/{staff_id}"

    shown = admin.send(f"{url}/seats", {"roles": ["lead"]}, page=url)
    hidden = make.hidden_fields(shown, f"{url}/seats")
    again = admin.client.post(f"{url}/seats", data={**hidden, "roles": ["lead", "help_desk"]}, follow_redirects=True)

    assert "What this changes" in words(again.text)
    with records.read() as reading:
        assert seats.roles_of(reading, staff_id) == {Role.REGISTRAR}


def test_seats_that_never_meet_are_refused_by_the_rules_words(visitor: Callable[..., Visitor], records: Records):
    staff_id = make.staff(records, Role.MANAGER)
    admin, url = visitor(Role.ADMINISTRATOR), f"/staff/{staff_id}"

    page = admin.send(f"{url}/seats", {"roles": ["manager", "approver"]}, page=url, status=422)

    check_page(page)
    assert "choose other seats: who prepares a payment list never approves one" in words(page)


def test_a_person_is_added_with_their_effect_shown_and_a_link_given_once(visitor: Callable[..., Visitor], records: Records):
    admin = visitor(Role.ADMINISTRATOR)
    fields = {"name": "Pip Lantern", "sign_in_name": "Pip.L", "roles": ["finance"], "language": "en", "site": "", "sex": ""}

    shown = admin.send("/staff/new", fields)
    hidden = make.hidden_fields(shown, "/staff/new")
    made = admin.client.post("/staff/new", data={**hidden, **fields}, follow_redirects=True)
    check_page(made.text)

    assert "Post and undo payout files" in words(shown)
    link = re.search(r"/start/([\w-]+)", made.text)
    assert link
    assert "Pip Lantern" in Visitor(admin.client.application, records, None).see(link[0])
    assert "Pip Lantern" in admin.see("/staff?state=beginning")


@pytest.mark.parametrize(
    ("changed", "fix"),
    [
        ({"name": ""}, "type the person's name"),
        ({"sign_in_name": "a b"}, "use letters, digits, dots and dashes only"),
        ({"certified_on": "31.12.2026"}, "enter a date"),
        ({"certified_on": "2027-01-01"}, "today or earlier"),
        ({"roles": ["officer"]}, "choose among the answers shown"),
        ({"site": "nowhere"}, "choose one of the answers shown"),
    ],
)
def test_bad_input_is_answered_with_what_to_do(visitor: Callable[..., Visitor], changed: dict[str, object], fix: str):
    fields = {"name": "Pip Lantern", "sign_in_name": "pip.l", "roles": ["lead"], "language": "en", "site": "", "sex": ""}

    page = visitor(Role.ADMINISTRATOR).send("/staff/new", {**fields, **changed}, status=422)

    check_page(page)
    assert fix in words(page)


def test_two_administrators_let_a_person_begin_again(visitor: Callable[..., Visitor], records: Records):
    salma = member(records, Role.REGISTRAR)
    one, other, url = visitor(Role.ADMINISTRATOR), visitor(Role.ADMINISTRATOR), f"/staff/{salma.id}"

    one.send(f"{url}/reset", {}, page=url)
    refused = one.send(f"{url}/reset/agree", {}, page=url, status=409)
    agreed = other.send(f"{url}/reset/agree", {}, page=url)

    assert "another administrator" in words(refused)
    assert "/start/" in agreed


def test_a_wish_for_a_new_beginning_can_be_taken_back(visitor: Callable[..., Visitor], records: Records):
    salma = member(records, Role.REGISTRAR)
    one, other, url = visitor(Role.ADMINISTRATOR), visitor(Role.ADMINISTRATOR), f"/staff/{salma.id}"
    one.send(f"{url}/reset", {}, page=url)
    one.send(f"{url}/reset/withdraw", {}, page=url)

    assert "ask for the new beginning first" in words(other.send(f"{url}/reset/agree", {}, page=url, status=422))


def test_a_person_who_leaves_is_asked_about_on_a_page_of_its_own(visitor: Callable[..., Visitor], records: Records):
    staff_id = make.staff(records, Role.REGISTRAR, name="Juniper Moonbeam")
    admin, url = visitor(Role.ADMINISTRATOR), f"/staff/{staff_id}/leave"
    assert "Cannot be undone" in words(admin.see(url))

    admin.send(url, {})

    assert "This account is ended" in words(admin.see(f"/staff/{staff_id}"))
    assert admin.post(url, {}, page="/staff/new").status_code == 404


def test_an_unknown_person_and_a_wrong_page_look_the_same(visitor: Callable[..., Visitor]):
    admin = visitor(Role.ADMINISTRATOR)

    assert admin.see(f"/staff/{UUID(int=5)}", status=404) == admin.see("/staff/nobody", status=404)


@pytest.fixture
def signed_in(stranger: Visitor, salma: Member, records: Records) -> Visitor:
    come_in(stranger, salma, salma.code(records))
    records.clock.move(seconds=30)  # type: ignore[attr-defined]
    return stranger


def test_a_changed_password_ends_other_sessions_and_spares_this_one(signed_in: Visitor, salma: Member, records: Records):
    elsewhere = Visitor(signed_in.client.application, records, salma.id)
    fresh = "copper willow tandem river"

    page = signed_in.send("/account/password", {"password": PASSWORD, "code": salma.code(records), "new": fresh, "again": fresh})

    assert "Your password is changed" in words(page)
    assert elsewhere.client.get("/account").status_code == 302
    assert signed_in.client.get("/account").status_code == 200


def test_a_wrong_proof_changes_no_password(signed_in: Visitor, salma: Member, records: Records):
    fresh = "copper willow tandem river"

    page = signed_in.send(
        "/account/password", {"password": "wrong wrong wrong", "code": salma.code(records), "new": fresh, "again": fresh}, status=422
    )

    check_page(page)
    assert "check your password, and type it again" in words(page)
    signed_in.post("/sign-out", {}, page="/account")
    signed_in.send("/sign-in", {"name": salma.sign_in_name, "password": PASSWORD})


def test_new_recovery_codes_are_shown_once_and_void_the_former(signed_in: Visitor, salma: Member, records: Records):
    page = signed_in.send("/account/recovery", {"password": PASSWORD, "code": salma.code(records)})
    codes = re.findall(r"\d{5} \d{5} \d{5} \d{5}", page)
    again = Visitor(signed_in.client.application, records, None)

    assert len(codes) == 10
    assert not set(codes) & set(salma.recovery)
    again.send("/sign-in", {"name": "salma.s", "password": PASSWORD, "recovery": salma.recovery[0]}, status=422)
    assert "What to do today" in again.send("/sign-in", {"name": "salma.s", "password": PASSWORD, "recovery": codes[0]})


def test_a_language_is_kept_for_the_next_time(visitor: Callable[..., Visitor], records: Records):
    somebody = visitor(Role.LEAD)
    somebody.send("/account", {"language": "ar"})

    again = Visitor(somebody.client.application, records, somebody.person_id)
    assert 'dir="rtl"' in again.see("/account")


def test_the_matrix_marks_what_a_seat_may_never_hold_with_its_rule(visitor: Callable[..., Visitor]):
    page = words(visitor(Role.ADMINISTRATOR).see("/staff/rights?seat=manager"))

    assert "who prepares a payment list never approves one" in page
    assert "Never" in page
