"""`cbi room` as the lead types it: every command from the first to the last, and what is answered to mistakes."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from click.testing import CliRunner, Result

from cbi.cli.room import room_command
from cbi.errors import Refused
from cbi.protection import keys, office, room, setup, unlock
from cbi.protection.room import open_room
from cbi.settings import Settings
from cbi.store.records import Records
from tests import make_people, make_room
from tests.make import NOW

PASSPHRASE, NEW = make_room.PASSPHRASE, "velvet antenna parsnip ocean"
Run = Callable[..., Result]


def at(minutes: int) -> datetime:
    """So many minutes after the tests' own now."""
    return NOW + timedelta(minutes=minutes)


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "Cost", lambda: make_room.CHEAP)
    monkeypatch.setattr(room, "Cost", lambda: make_room.CHEAP)


@pytest.fixture
def run(records: Records, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command of the room at some minutes after now, with what is typed, a line each."""

    def command(*words: str, typed: tuple[str, ...] = (), minutes: int = 0) -> Result:
        monkeypatch.setenv("CBI_CLOCK", at(minutes).isoformat())
        return CliRunner().invoke(room_command, [*words, "--data", str(records.folder.parent)], input="\n".join([*typed, ""]))

    return command


@pytest.fixture
def lead(run: Run) -> str:
    """A room with its lead; returns her authenticator's secret and the sheet, in two lines."""
    done = run("init", "--lead", "t.halfmoon", "--called", "Tamsin Halfmoon", typed=(PASSPHRASE, PASSPHRASE))
    assert done.exit_code == 0, done.output
    return done.stdout


def secret_of(shown: str) -> str:
    return next(line.split(": ")[1] for line in shown.splitlines() if line.startswith("For their authenticator"))


def sheet_of(shown: str) -> str:
    return shown.strip().splitlines()[-1]


def as_lead(shown: str, minutes: int, passphrase: str = PASSPHRASE) -> tuple[str, str, str]:
    return ("t.halfmoon", passphrase, pyotp.TOTP(secret_of(shown)).at(at(minutes)))


def test_a_room_from_its_making_to_an_officer_who_comes_and_goes(run: Run, lead: str, records: Records):
    joined = run(
        "officer", "add", "b.driftwood", "--called", "Bo Driftwood", typed=(*as_lead(lead, 1), NEW, NEW, "", sheet_of(lead)), minutes=1
    )
    settings = Settings(data=records.folder.parent)
    before = office.published(settings).intake
    stands = json.loads(run("status", "--json").stdout)
    reset = run("officer", "reset", "b.driftwood", typed=(*as_lead(lead, 2), NEW, NEW, "", sheet_of(lead)), minutes=2)
    gone = run("officer", "remove", "B.Driftwood", typed=as_lead(lead, 3), minutes=3)

    assert [one.exit_code for one in (joined, reset, gone)] == [0, 0, 0]
    assert len(secret_of(joined.stdout)) == 32
    assert stands == {
        "ready": True,
        "lead": True,
        "second_officer": True,
        "recovery_sheet": True,
        "key_published": True,
        "chain_verified": True,
    }
    assert office.published(settings).intake != before
    assert json.loads(run("status", "--json").stdout)["second_officer"] is False


def test_a_lost_passphrase_of_the_only_lead_is_answered_by_the_sheet_on_paper(run: Run, lead: str, tmp_path: Path):
    paper = tmp_path / "sheet.pdf"
    brought = run("officer", "reset", "t.halfmoon", "--recovery", "--sheet", str(paper), typed=(sheet_of(lead), NEW, NEW), minutes=1)

    assert brought.exit_code == 0, brought.output
    assert paper.read_bytes().startswith(b"%PDF")
    assert paper.stat().st_mode & 0o777 == 0o600
    assert "Recovery sheet. Print it now" not in brought.stdout
    again = run("officer", "reset", "t.halfmoon", "--recovery", typed=(sheet_of(lead), NEW, NEW), minutes=2)
    assert isinstance(again.exception, Refused)
    refused = run("officer", "remove", "t.halfmoon", typed=as_lead(brought.stdout, 3, NEW), minutes=3)
    assert "let another lead in first" in str(refused.exception)


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext, to read the paper with a program that is not ours")
def test_the_printed_sheet_holds_the_groups_and_no_name(run: Run, records: Records, tmp_path: Path):
    paper = tmp_path / "sheet.pdf"
    made = run("init", "--lead", "t.halfmoon", "--called", "Tamsin Halfmoon", "--sheet", str(paper), typed=(PASSPHRASE, PASSPHRASE))

    told = subprocess.run(["pdftotext", "-layout", str(paper), "-"], capture_output=True, text=True, check=True).stdout
    typed = told.split("To type, with or without spaces")[1]
    groups = [word for word in typed.split() if len(word) == 4 and all(sign in "0123456789abcdef" for sign in word)]
    opened = open_room(Settings(data=records.folder.parent))
    assert made.exit_code == 0, made.output
    assert unlock.keys_from_sheet(opened, " ".join(groups[:18])).intake_public == office.published(opened.settings).intake
    opened.close()
    assert "halfmoon" not in told.lower()


def test_a_sheet_that_cannot_be_written_is_refused_before_anything_is_made(run: Run, tmp_path: Path, records: Records):
    taken = tmp_path / "taken.pdf"
    taken.write_text("something else")

    for place in (taken, tmp_path / "no such folder" / "sheet.pdf"):
        done = run("init", "--lead", "t.halfmoon", "--called", "Tamsin Halfmoon", "--sheet", str(place), typed=(PASSPHRASE, PASSPHRASE))
        assert "name a file that does not exist yet" in str(done.exception)
    assert taken.read_text() == "something else"
    assert not (records.folder.parent / "room").exists()


def test_a_notice_is_published_from_a_file_and_a_wrong_one_is_answered_before_anybody_signs(
    run: Run, lead: str, records: Records, tmp_path: Path
):
    make_people.site(records)
    file = tmp_path / "notice.json"
    file.write_text(
        json.dumps(
            {"week": "2026-11-30", "sites": {"BH": ["2026-12-01"]}, "interviews": 12, "on_call": "Tamsin", "on_call_phone": "0700 000 001"}
        )
    )

    done = run("notice", str(file), typed=as_lead(lead, 1), minutes=1)

    assert done.exit_code == 0, done.output
    assert "It takes effect on Sunday at 18:00" in done.stderr
    for wrong in (b'{"week": "2026-11-30"}', b"\xff\xfe", b'{"week": "2026-11-30", "sites": {"XX": []}}'):
        file.write_bytes(wrong)
        answered = run("notice", str(file))
        assert isinstance(answered.exception, Refused)
        assert "sign-in name" not in answered.stderr


def test_a_command_under_an_exchanged_key_stops(run: Run, lead: str, records: Records):
    office.publish(Settings(data=records.folder.parent), keys.RoomKeys.new().published)

    done = run("officer", "remove", "b.driftwood", typed=as_lead(lead, 1), minutes=1)

    assert isinstance(done.exception, unlock.RedStop)
    assert "ring the lead" in done.exception.fix


def test_a_name_nobody_has_is_answered_in_a_sentence(run: Run, lead: str):
    for words in (("officer", "remove", "n.obody"), ("officer", "reset", "n.obody")):
        minutes = 1 if words[1] == "remove" else 2
        assert "nobody in the room has it" in str(run(*words, typed=(*as_lead(lead, minutes), NEW, NEW), minutes=minutes).exception)


def test_the_status_of_no_room_says_what_to_do(run: Run):
    told = json.loads(run("status", "--json").stdout)

    assert told["ready"] is False
    assert "cbi room init" in told["needs"]
