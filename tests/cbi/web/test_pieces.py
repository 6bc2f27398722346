"""Every piece is rendered once and keeps the rules of a page."""

from __future__ import annotations

import gzip
import re
from functools import cache

import pytest
from flask import Flask, flash, render_template
from markupsafe import Markup, escape
from werkzeug.datastructures import MultiDict

from cbi.web.cells import Line, lines
from tests.cbi.web.gallery import FRAMES, make_app
from tests.cbi.web.page_check import Page, check_page

ANSWERS = MultiDict(
    {
        "site": "bf",
        "phone": "+999 555 0142",
        "members-0-given": "Juniper",
        "members-0-sex": "f",
        "members-1-sex": "f",
        "needs": "seat",
        "answer": "two",
        "h20": "fine",
    }
)


@cache
def page(frame: str, address: str = "/", *, direction: str = "ltr") -> str:
    return make_app(frame, direction=direction).test_client().get(address).text


def sent(frame: str, answers: MultiDict[str, str] = ANSWERS) -> str:
    app = make_app(frame)
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    return app.test_client().post("/", data=answers).text


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("frame", FRAMES)
def test_every_frame_keeps_the_rules_of_a_page(frame: str, direction: str):
    html = page(frame, "/?said=1", direction=direction)

    root = check_page(html).all("html")[0]

    assert root.attrs["dir"] == direction
    assert ("bootstrap.rtl.css" in html) == (direction == "rtl")


@pytest.mark.parametrize("name", ["400", "404", "409", "413", "415", "429", "500"])
def test_every_error_page_keeps_the_rules_and_offers_a_way_on(name: str):
    app = make_app("plain")
    with app.test_request_context():
        html = render_template(f"errors/{name}.html", code="11:42 7F3A")

    assert any(link.attrs["href"] == "/" for link in check_page(html).all("a"))


def test_an_error_page_can_be_drawn_before_anything_is_known_about_the_reader():
    app = make_app("plain")
    app.template_context_processors[None] = [one for one in app.template_context_processors[None] if one.__name__ != "<lambda>"]
    with app.test_request_context():
        check_page(render_template("errors/500.html"))


def test_the_problem_summary_counts_and_links_to_each_field():
    html = sent("office")

    found = Page(html)
    [box] = [node for node in found.nodes if node.attrs.get("id") == "problems"]
    links = [node.attrs["href"] for node in found.all("a") if box in node.ancestors()]

    assert "autofocus" in box.attrs
    assert f"You need to put {len(links) + 1} things right" in box.words()
    assert "send it once more: this page was open for too long" in box.words()
    assert {"#given", "#sex", "#file", "#password", "#members-1-given"} <= set(links)
    assert all(any(node.attrs.get("id") == link[1:] for node in found.nodes) for link in links)


def test_a_field_with_a_problem_says_it_beside_itself_and_to_screen_readers():
    found = Page(sent("office"))

    [field] = [node for node in found.all("input") if node.attrs.get("id") == "given"]
    [words] = [node.words() for node in found.nodes if node.attrs.get("id") == "given-error"]

    assert field.attrs["aria-invalid"] == "true"
    assert field.attrs["aria-describedby"] == "given-error"
    assert words == "You need to enter the given names, for example Juniper"


def test_what_was_typed_comes_back_with_the_problems():
    found = Page(sent("office"))

    [phone] = [node for node in found.all("input") if node.attrs.get("id") == "phone"]
    [first] = [node for node in found.all("input") if node.attrs.get("name") == "members-0-given"]
    [seat] = [node for node in found.all("input") if node.attrs.get("value") == "seat"]

    assert phone.attrs["value"] == "+999 555 0142"
    assert first.attrs["value"] == "Juniper"
    assert "checked" in seat.attrs


def test_nothing_is_ticked_before_the_person_answers():
    assert not [node for node in Page(page("ask")).all("input") if "checked" in node.attrs]


def test_a_spoken_question_offers_the_quiet_way_out_dashed():
    [quiet, _] = [node for node in Page(page("ask")).all("label") if node.has_class("quiet")]

    assert quiet.words() == "Prefers not to answer"


def test_a_check_page_shows_no_name_no_sections_and_one_way_out():
    html = page("ask")

    [out] = [node for node in Page(html).all("a") if node.attrs.get("data-behaviour") == "leave"]

    assert out.attrs["href"] == "/calendar"
    assert "Rana Inkwell" not in html
    assert "Journal" not in html
    assert "keys.js" not in html


def test_the_room_looks_unlike_the_office_and_locks_instead_of_signing_out():
    html = page("room")

    [out] = [node for node in Page(html).all("button") if node.within("header")]

    assert Page(html).all("html")[0].attrs["data-world"] == "room"
    assert out.words() == "Lock now"


def test_only_the_newest_message_is_shown_and_it_waits_to_be_read():
    app = make_app("plain")
    with app.test_request_context():
        flash("First.", "ok")
        flash("Second.", "stop")
        html = render_template("errors/404.html")

    assert "First." not in html
    assert re.search(r'role="alert".*Second\.', html)


def test_a_finding_without_rows_keeps_its_word_and_loses_its_colour():
    badges = [node for node in Page(page("office")).nodes if node.has_class("tag") and node.words() == "Unreadable"]

    assert [badge.has_class("stop") for badge in badges] == [True, False]


@pytest.mark.parametrize(("approvals", "words"), [((0, 2), "Submitted"), ((1, 2), "Approved, 1 of 2"), (None, "Submitted")])
def test_a_submitted_list_says_how_many_have_approved(approvals: tuple[int, int] | None, words: str):
    app = make_app("plain")
    with app.test_request_context():
        html = app.jinja_env.get_template("pieces/ui.html").module.list_tag("SUBMITTED", approvals=approvals)  # type: ignore[attr-defined]

    assert Page(html).nodes[0].words() == words


def test_a_line_of_today_that_counts_nothing_is_left_out():
    html = page("office")

    assert "Never shown" not in html
    assert "Nothing waits for you." in html


def test_a_sorted_column_says_so_and_turns_round_when_pressed():
    headings = {
        node.words().split(",")[0].strip(): node
        for node in Page(page("office", "/?sort=-amount&q=moon&nonsense=1")).all("th")
        if node.within("thead")
    }

    links = {
        node.words().split(",")[0].strip(): node.attrs["href"]
        for node in Page(page("office", "/?sort=amount&q=moon")).all("a")
        if node.has_class("sort")
    }

    assert headings["KES"].attrs["aria-sort"] == "descending"
    assert "aria-sort" not in headings["Reference"].attrs
    assert links == {"Reference": "?q=moon&sort=number", "KES": "?q=moon&sort=-amount"}


def test_every_cell_of_a_card_says_its_heading_and_its_role():
    found = Page(page("office"))
    cells = [
        node for node in found.all("td") if (table := node.within("table")) and table.has_class("cards") and not node.has_class("wide-only")
    ]

    assert len(cells) > 20
    assert all(cell.attrs["role"] == "cell" for cell in cells)
    assert all(cell.attrs.get("data-label") or cell.has_class("act") for cell in cells)


def test_names_typed_by_people_cannot_become_markup():
    app = make_app("plain")
    ui = app.jinja_env.get_template("pieces/ui.html").module
    with app.test_request_context():
        drawn = [
            ui.td("<b>x</b>", "<i>"), ui.name("<b>x</b>"), ui.tag("ok", "done", "<b>x</b>"), ui.facts([("<b>", "<b>x</b>")]),  # type: ignore[attr-defined]
            ui.th_row("<b>x</b>", why="<b>"), ui.words(["<b>x</b>"]), ui.todo([(1, "<b>", "<b>", "/", "<b>")]), ui.hands([("now", "<b>", "<b>", "<b>")]),  # type: ignore[attr-defined]
            ui.steps([("now", "<b>", ["<b>"])]), ui.crumb("/", "<b>"),  # type: ignore[attr-defined]
            ui.lines([Line("<b>", ("<b>x</b>", ("<b>", "<b>")), "/<b>", "<b>")], "<b>", ("n", "name")),  # type: ignore[attr-defined]
        ]  # fmt: skip

    assert not [html for html in drawn if "<b>" in str(html).replace("<b></b>", "")]


def test_the_rows_of_a_list_are_those_drawn_cell_by_cell():
    app = make_app("plain")
    ui = app.jinja_env.get_template("pieces/ui.html").module
    rows = [
        Line(("BH-1", "waits"), ("Juniper", 5, ""), "/1", "Open BH-1"),
        Line("BH-2", ("", 0, ("Bahari", "block 7")), "/2", "Open BH-2"),
    ]

    with app.test_request_context():
        drawn = ui.lines(rows, ("Head", "name"), ("People", "figure"), "Site")  # type: ignore[attr-defined]
        by_cell = [
            ui.th_row("BH-1", why="waits"), ui.td(ui.name("Juniper"), "Head"), ui.td(5, "People", num=True), ui.td("", "Site"), ui.td_act("/1", "Open BH-1"),  # type: ignore[attr-defined]
            ui.th_row("BH-2"), ui.td("", "Head"), ui.td(0, "People", num=True), ui.td("Bahari", "Site", why="block 7"), ui.td_act("/2", "Open BH-2"),  # type: ignore[attr-defined]
        ]  # fmt: skip

    assert drawn == "".join(f'<tr role="row">{"".join(row)}</tr>' for row in (by_cell[:5], by_cell[5:]))


def test_two_headings_of_one_word_are_drawn_each_in_its_own_kind():
    app = make_app("plain")
    ui = app.jinja_env.get_template("pieces/ui.html").module

    with app.test_request_context():
        drawn = ui.lines([Line("BH-1", ("Juniper", 5), "/1", "Open BH-1")], ("One word", "name"), ("One word", "figure"))  # type: ignore[attr-defined]
        name, figure = ui.td(ui.name("Juniper"), "One word"), ui.td(5, "One word", num=True)  # type: ignore[attr-defined]

    assert f"{name}{figure}" in drawn


def test_what_was_typed_into_a_list_is_escaped_once_whatever_it_holds():
    odd = ("<b>", "a & b", '"', "cut\0<b>", "\0", "&lt;", "🌙")

    drawn = [lines([Line(text, (text, (Markup("<i>"), text)), text, text)] * 2, ("Head", "name"), "Site") for text in odd]

    assert [each.count(escape(text)) for each, text in zip(drawn, odd, strict=True)] == [2 * 5] * len(odd)
    assert not [each for each in drawn if "<b>" in each or each.count("<i>") != 2]


def test_static_addresses_change_with_their_content(tmp_path):
    app = Flask("assets", static_folder=str(tmp_path), static_url_path="/static")
    from cbi.web.assets import asset

    (tmp_path / "a.css").write_text("one")
    with app.test_request_context():
        first = asset("a.css")
        (tmp_path / "a.css").write_text("another")
        second = asset("a.css")

    assert first.startswith("/static/a.css?v=")
    assert first != second


def test_style_sheets_travel_packed():
    client = make_app().test_client()
    with client.get("/static/pieces.css") as plain, client.get("/static/pieces.css", headers={"Accept-Encoding": "gzip"}) as packed:
        assert gzip.decompress(packed.data) == plain.data
        assert packed.headers["Content-Encoding"] == "gzip"
        assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) // 3
        assert "Content-Encoding" not in plain.headers
    assert client.get("/static/nothing.css", headers={"Accept-Encoding": "gzip"}).status_code == 404


@pytest.mark.parametrize(
    ("asked_from", "packed"), [("same-origin", True), ("none", True), ("cross-site", False), ("same-site", False), (None, False)]
)
def test_a_page_is_packed_only_when_no_stranger_made_the_browser_ask(asked_from: str | None, packed: bool):
    headers = {"Accept-Encoding": "gzip"} | ({"Sec-Fetch-Site": asked_from} if asked_from else {})

    answer = make_app().test_client().get("/", headers=headers)

    assert ("Content-Encoding" in answer.headers) == packed
    assert (len(answer.data) < 10_000) == packed
