from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Blueprint, Flask

from cbi.access import Role
from cbi.web.guard import UnguardedPage, declared
from tests.make import Visitor


def test_a_signed_in_person_sees_today(visitor: Callable[..., Visitor]):
    assert "What to do today" in visitor(Role.REGISTRAR).see("/")


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.MANAGER, Role.FINANCE])
def test_the_sections_begin_with_today_and_name_each_place_once(visitor: Callable[..., Visitor], role: Role):
    page = visitor(role).see("/")

    named = re.findall(r"<a [^>]*>([^<]+)</a>", page.split('<nav class="sections"')[1].split("</nav>")[0])
    assert named[0] == "Today"
    assert len(named) == len(set(named))


def test_a_stranger_is_sent_to_the_sign_in_page(app: Flask):
    assert app.test_client().get("/").location.endswith("/sign-in")


def test_a_page_that_declares_no_permission_stops_the_program(app: Flask):
    stray = Blueprint("stray", __name__)
    stray.add_url_rule("/stray", "page", lambda: "")
    app._got_first_request = False
    app.register_blueprint(stray)

    with pytest.raises(UnguardedPage, match="stray.page"):
        declared(app)


def test_unknown_and_forbidden_pages_answer_with_the_same_bytes(visitor: Callable[..., Visitor]):
    someone = visitor(Role.HELP_DESK)

    unknown, forbidden = (someone.client.get(path) for path in ("/no-such-page", "/households/new"))

    assert (unknown.status_code, unknown.data) == (forbidden.status_code, forbidden.data)
    assert unknown.status_code == 404
