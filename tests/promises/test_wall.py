"""The wall between the office and the room, over a finished example operation: nothing of the room can be read, guessed or met in the office."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from cbi.checks.tables import Letter
from cbi.protection.dossier import Stage
from cbi.protection.history import Choice, Outcome
from tests import make_checks
from tests.cbi.checks.pages import private_url
from tests.promises.offices import OFFICE_SEATS, Office
from tests.promises.test_words import found_in
from tests.promises.walking import text_of, told_by, walk

CopyOf = Callable[[str], Office]
FILES = (".xlsx", ".csv", ".svg")
# What differs between two answers to the same question: the form's two one-time values, and when a workbook was written.
_ONCE = re.compile(r'name="(?:csrf_token|client_key)"[^>]*value="([^"]+)"|csrf[^>]*content="([^"]+)"|X-CSRFToken[^A-Za-z0-9]+([\w.-]{40,})')
_WRITTEN = re.compile(r"<dcterms:(created|modified)[^>]*>[^<]*<")
_NONCE = re.compile(r"""nonce[-=]["']?[\w+/=-]+""")
_ON_CALL = "Mara Quietwater"


def database(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


def ids_of_the_room(folder: Path) -> set[str]:
    """Every id the room made, as it stands in its tables, but those it shares with the office: letters, services and the operation."""
    found = set()
    with closing(database(folder / "room" / "protection.db")) as connection:
        for table in ("officer", "support_case", "contact", "decision", "outbox"):
            for (raw,) in connection.execute(f"select id from {table}"):
                found.add(str(UUID(bytes=raw) if isinstance(raw, bytes) else UUID(raw)))
    return found


def masked(answer: TestResponse) -> str:
    """An answer as it can be compared: all of it but one-time values (whose length the header of length tells), the session's id and the time of the answer."""
    headers = "\n".join(
        f"{name}: {value}" for name, value in answer.headers if name not in {"Date", "Set-Cookie", "Vary", "Content-Length"}
    )
    text = _WRITTEN.sub("<", text_of(answer.data))
    for once in {value for found in _ONCE.findall(text) for value in found if value}:
        text = text.replace(once, "")
    return f"{_NONCE.sub('', headers)}\n{_NONCE.sub('', text)}"


@pytest.fixture(scope="module", params=OFFICE_SEATS)
def walked(request: pytest.FixtureRequest, office: Office) -> tuple[str, dict[str, TestResponse]]:
    """Everything one seat of the office can open."""
    mine = office.visitor(request.param)
    opened = walk(office.app, mine.client, each=4)
    if request.param == "interviewer":
        household = UUID(next(url for url in opened if url.endswith("/before")).split("/")[2])
        url = private_url(mine, household)
        opened[url] = mine.client.get(url)
    return request.param, opened


def test_no_page_or_file_of_any_seat_holds_a_word_that_tells_why(walked: tuple[str, dict[str, TestResponse]]):
    _, opened = walked

    wrong = {url: found_in(told_by(answer)) for url, answer in opened.items() if found_in(url + told_by(answer))}

    assert wrong == {}
    assert len(opened) >= 5


def test_no_page_of_any_seat_fails_or_is_empty(walked: tuple[str, dict[str, TestResponse]]):
    _, opened = walked

    # The pages behind a link of one's own say what to do to whoever comes without the link.
    failed = {url: answer.status_code for url, answer in opened.items() if answer.status_code >= 400 and not url.startswith("/start/")}

    assert failed == {}
    assert [url for url, answer in opened.items() if answer.status_code == 200 and not answer.data] == []


def test_no_page_or_file_of_any_seat_names_a_case_an_officer_or_an_outcome(walked: tuple[str, dict[str, TestResponse]], office: Office):
    seat, opened = walked
    ids = ids_of_the_room(office.folder)
    names = {"Lina Harbour", "Selma Stillbrook", "Roman Verity", _ON_CALL}
    outcomes = {*Choice, Outcome.NOT_REACHED, Outcome.COME_BACK, Stage.FILED, "psea_handover", "cp_handover", "support_case"}

    wrong = {
        url: found
        for url, answer in opened.items()
        for found in [[one for one in (*ids, *names, *outcomes) if re.search(rf"\b{re.escape(one)}\b", told_by(answer))]]
        # The weekly notice names who is on call, to those who may read it.
        if found and not (found == [_ON_CALL] and url.startswith(("/visits", "/sites")))
    }

    assert wrong == {}, seat
    assert len(ids) > 8


def test_the_walk_meets_the_files_and_the_long_way_round(office: Office):
    opened = {seat: walk(office.app, office.visitor(seat).client, each=2) for seat in ("finance", "auditor", "manager", "registrar")}

    endings = {ending for pages in opened.values() for url in pages for ending in FILES if ending in url}
    assert endings == set(FILES)
    assert any(url.startswith("/audit/entries") for url in opened["auditor"])
    assert any(re.fullmatch(r"/households/[0-9a-f-]{36}", url) for url in opened["registrar"])
    assert any(url.startswith("/arrangements/") for url in opened["manager"])
    assert sum(map(len, opened.values())) > 80


def test_the_offices_process_has_no_code_table_address_or_key_of_the_room(demo_folder: Path):
    script = (
        "import json, sys\n"
        "from pathlib import Path\n"
        "from cbi.app import create_app\n"
        "from cbi.settings import Settings\n"
        "from cbi.store.bases import OfficeTable\n"
        "app = create_app(Settings(data=Path(sys.argv[1])), 'office')\n"
        "print(json.dumps({'modules': sorted(sys.modules), 'rules': [rule.rule for rule in app.url_map.iter_rules()],"
        " 'tables': sorted(OfficeTable.metadata.tables)}))\n"
    )
    told = subprocess.run([sys.executable, "-c", script, str(demo_folder)], check=True, capture_output=True, timeout=60)
    process = json.loads(told.stdout)
    with closing(database(demo_folder / "office" / "office.db")) as connection:
        kept = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    with closing(database(demo_folder / "room" / "protection.db")) as connection:
        room = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}

    private = room - kept
    assert {"officer", "support_case", "contact", "decision", "outbox", "masterkey"} <= private
    assert [name for name in process["modules"] if name.startswith("cbi.protection")] == []
    assert [rule for rule in process["rules"] if "support" in rule] == []
    assert private & set(process["tables"]) == set()
    assert [file.name for file in (demo_folder / "office").rglob("*") if "room" in file.name or "protection" in file.name] == []


def test_the_office_cannot_open_the_rooms_database_with_any_key_it_has(office: Office):
    keys = [office.folder / "office" / "keys" / "office.key", office.folder / "office" / "root.sealed"]
    room = (office.folder / "room" / "protection.db").read_bytes()

    for path in keys:
        for part in path.read_text("ascii").split():
            assert bytes.fromhex(part) not in room
    assert not list((office.folder / "room").glob("*key*"))


def test_the_visit_list_is_the_same_before_and_after_a_visit(copy_of_demo: CopyOf):
    office = copy_of_demo("one")
    interviewer, registrar = office.visitor("interviewer"), office.visitor("registrar")
    home = interviewer.client.get("/visits").location
    registrar.client.get(home)  # a browser's first page also brings its cookie
    lists = [f"{home}?page={page}" for page in range(1, 9)]
    household = UUID(re.findall(r"/visits/([0-9a-f-]{36})/before", interviewer.see(home))[0])

    def shown() -> list[str]:
        return [masked(one.client.get(url)) for one in (interviewer, registrar) for url in lists]

    before, held = shown(), letters(office)
    sent = interviewer.post(private_url(interviewer, household), make_checks.private_fields(make_checks.private_answers(3)), follow=False)
    chosen = interviewer.post(sent.location, {"agreed": "yes", "keep": "keep"}, follow=False)

    assert (sent.status_code, chosen.status_code) == (303, 303)
    assert letters(office) > held
    assert shown() == before


def letters(office: Office) -> int:
    with office.records.read() as reading:
        return reading.session.connection().execute(sa.select(sa.func.count()).select_from(Letter)).scalar_one()
