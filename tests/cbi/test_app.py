from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

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


# In a process of its own: here other tests have loaded everything already.
_AN_OFFICE = """
import sys
from pathlib import Path
from cbi.app import create_app
from cbi.people.above import stands_above
from cbi.settings import Settings
from cbi.store.records import found_office
from tests import make

settings = Settings(data=Path(sys.argv[1]))
create_app(settings, "office", records=found_office(settings, make.OPERATION))
print(*(type(floor).__name__ for floor in stands_above))
"""


def test_an_office_that_was_just_started_asks_every_floor_before_a_household_changes(tmp_path: Path):
    asked = subprocess.run([sys.executable, "-c", _AN_OFFICE, str(tmp_path)], check=True, capture_output=True, text=True).stdout

    assert asked.split() == ["Transfers", "Payouts"]


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
