"""`cbi instrument`: the office's administrator puts a version in use, and nobody else does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cbi.access import Role
from cbi.errors import Refused
from cbi.sites.instrument import NAME
from cbi.store.records import Records
from screening import Package
from tests import make_questions
from tests.cbi.cli.test_commands import at_nine, data, run, sign_in

__all__ = ["at_nine"]
NEXT = make_questions.version("0.2")


@pytest.fixture
def file(records: Records, tmp_path: Path) -> Path:
    make_questions.trust(records)
    path = tmp_path / "questions-0.2.json"
    path.write_bytes(make_questions.file_of(NEXT))
    return path


@pytest.mark.usefixtures("at_nine")
def test_an_administrator_puts_a_version_in_use_and_the_list_tells_its_digest(records: Records, file: Path):
    sign_in(records, Role.ADMINISTRATOR)

    code, said = run("instrument", "install", str(file), "--json", "--data", data(records))

    assert (code, json.loads(said)) == (0, {"name": NAME, "version": "0.2", "digest": NEXT.digest})
    _, listed = run("instrument", "list", "--json", "--data", data(records))
    assert json.loads(listed)["in_use"] == "0.2"
    assert [one["version"] for one in json.loads(listed)["versions"]] == ["0.1-draft", "0.2"]


@pytest.mark.usefixtures("at_nine")
@pytest.mark.parametrize("role", [Role.LEAD, Role.MANAGER])
def test_nobody_else_puts_a_version_in_use(records: Records, file: Path, role: Role):
    sign_in(records, role)

    with pytest.raises(Refused, match="whose work this is"):
        run("instrument", "install", str(file), "--data", data(records))
    assert json.loads(run("instrument", "list", "--json", "--data", data(records))[1])["in_use"] == "0.1-draft"


@pytest.mark.usefixtures("at_nine")
def test_a_version_is_put_in_use_once(records: Records, file: Path):
    sign_in(records, Role.ADMINISTRATOR)
    run("instrument", "install", str(file), "--data", data(records))

    with pytest.raises(Refused, match=r"newer than 0\.2"):
        run("instrument", "install", str(file), "--data", data(records))


@pytest.mark.usefixtures("at_nine")
def test_a_file_without_the_support_teams_signature_is_not_put_in_use(records: Records, file: Path):
    sign_in(records, Role.ADMINISTRATOR)
    file.write_bytes(NEXT.to_bytes())

    with pytest.raises(Refused, match="take the file anew: it is not signed with their present key"):
        run("instrument", "install", str(file), "--data", data(records))
    assert json.loads(run("instrument", "list", "--json", "--data", data(records))[1])["in_use"] == "0.1-draft"


@pytest.mark.usefixtures("at_nine")
def test_what_a_newer_program_brings_is_put_in_use_without_a_file(records: Records, file: Path, monkeypatch: pytest.MonkeyPatch):
    sign_in(records, Role.ADMINISTRATOR)
    run("instrument", "install", str(file), "--data", data(records))
    newer = make_questions.version("0.9")
    monkeypatch.setattr(Package, "shipped", classmethod(lambda _cls, _name: newer))

    run("instrument", "install", "--shipped", "--data", data(records))

    assert json.loads(run("instrument", "list", "--json", "--data", data(records))[1])["in_use"] == "0.9"


@pytest.mark.usefixtures("at_nine")
def test_without_a_file_it_says_what_to_name(records: Records):
    sign_in(records, Role.ADMINISTRATOR)

    with pytest.raises(Refused, match="name the file"):
        run("instrument", "install", "--data", data(records))
