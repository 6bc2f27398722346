from __future__ import annotations

import json
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cbi.access import P, Role
from cbi.cli.example.money import release_list
from cbi.cli.example.people import Login
from cbi.cli.main import COMMANDS, cli
from cbi.errors import Refused, UnsafeSettings
from cbi.payouts import papers
from cbi.people.tables import Household
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers.lives import keep_grant_until
from cbi.transfers.service import instructions_of, list_by_id
from cbi.transfers.tables import ListStatus
from cbi.web.filters import moment
from reconciliation import workbook
from tests import make, make_payouts, make_staff, make_transfers
from tests.make_payouts import row

INIT = [
    "--name",
    "Kharwa",
    "--code",
    "KW",
    "--country",
    "KE",
    "--zone",
    "Africa/Nairobi",
    "--currency",
    "KES",
    "--administrator",
    "ada.keyring",
]


def run(*arguments: str, given: str | None = None) -> tuple[int, str]:
    """The exit code and what a program would read from stdout; refusals are raised as they are."""
    result = CliRunner().invoke(cli, list(arguments), input=given)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


def data(records: Records) -> str:
    return str(records.folder.parent)


def sign_in(records: Records, *roles: Role) -> make_staff.Member:
    member = make_staff.member(records, *roles)
    run("login", member.sign_in_name, "--data", data(records), "--password-stdin", given=f"{member.password}\n{member.code(records)}\n")
    return member


@pytest.fixture
def at_nine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands start their clock where the test's office has its own."""
    monkeypatch.setenv("CBI_CLOCK", make.NOW.isoformat())


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_says_what_it_does(name: str):
    code, said = run(name, "--help")

    assert code == 0
    assert len(said) > 60


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_list_of_commands_says_of_each_what_it_says_of_itself(name: str):
    command = cli.get_command(click.Context(cli), name)

    assert command is not None
    assert COMMANDS[name][1] == command.get_short_help_str(1000)
    assert name in run("--help")[1]


def loaded_by(*arguments: str) -> set[str]:
    """The libraries and parts of the program that a command loads, in a process of its own: here tests have loaded everything."""
    told = "import atexit, sys; atexit.register(lambda: print(*sys.modules)); from cbi.cli.main import main; main()"
    done = subprocess.run([sys.executable, "-c", told, *arguments], check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    names = done.stdout.splitlines()[-1].split()
    return {name.partition(".")[0] for name in names} | {name for name in names if name.startswith("cbi.")}


HEAVY = {"sqlalchemy", "pydantic", "flask", "numpy", "alembic", "cryptography"}


def test_the_list_of_commands_loads_none_of_them():
    loaded = loaded_by("--help")

    assert not loaded & HEAVY
    assert not loaded & {place for place, _ in COMMANDS.values()}


@pytest.mark.parametrize("name", ["audit", "backup", "demo", "doctor", "init", "instrument", "keys", "login", "people", "sample", "serve"])
def test_what_a_command_is_for_is_told_without_loading_what_it_works_with(name: str):
    assert not loaded_by(name, "--help") & HEAVY


def test_an_office_that_is_up_to_date_is_opened_without_what_migrates_it(records: Records):
    loaded = loaded_by("audit", "verify", "--data", data(records))

    assert "sqlalchemy" in loaded
    assert not loaded & {"alembic", "mako", "pygments", "flask"}


def test_a_new_office_begins_with_an_administrators_link(tmp_path: Path):
    result = CliRunner().invoke(cli, ["init", "--data", str(tmp_path), *INIT])

    assert result.exit_code == 0
    assert "/start/" in result.stderr


def test_an_office_is_founded_once(tmp_path: Path):
    run("init", "--data", str(tmp_path), *INIT)

    with pytest.raises(UnsafeSettings, match="empty data folder"):
        run("init", "--data", str(tmp_path), *INIT)


@pytest.mark.parametrize(
    ("option", "value", "word"),
    [("--zone", "Kharwa/Town", "Africa/Nairobi"), ("--currency", "SHELLS", "KES"), ("--country", "Kenya", "KE")],
)
def test_a_strange_setting_is_refused_with_an_example(tmp_path: Path, option: str, value: str, word: str):
    arguments = [*INIT]
    arguments[arguments.index(option) + 1] = value

    with pytest.raises(Refused, match=word):
        run("init", "--data", str(tmp_path), *arguments)


def test_a_certificate_of_our_own_names_the_host(tmp_path: Path):
    run("init", "--data", str(tmp_path), *INIT, "--tls", "cbi.kharwa.example")

    key = tmp_path / "office" / "tls" / "key.pem"
    assert (tmp_path / "office" / "tls" / "cert.pem").read_text().startswith("-----BEGIN CERTIFICATE-----")
    assert key.stat().st_mode & 0o077 == 0


def test_the_doctor_names_what_is_missing(tmp_path: Path):
    run("init", "--data", str(tmp_path), *INIT)

    code, said = run("doctor", "--data", str(tmp_path), "--json")

    problems = " ".join(json.loads(said)["problems"])
    assert code == 1
    assert "Finance approver" in problems
    assert "office key away from this disk" in problems


def test_the_trail_verifies_from_a_shell_and_a_wrong_checkpoint_is_found(records: Records):
    make_staff.member(records, Role.REGISTRAR)

    code, said = run("audit", "verify", "--data", data(records), "--json")
    other, _ = run("audit", "verify", "--data", data(records), "--against", "1:" + "00" * 32)

    assert (code, json.loads(said)["verified"], other) == (0, True, 1)


def test_without_signing_in_nothing_is_shown(records: Records):
    with pytest.raises(Refused, match="sign in first"):
        run("statement", "L-2026-001", "--data", data(records))


@pytest.mark.usefixtures("at_nine")
def test_a_command_acts_under_the_rights_of_the_person(records: Records):
    sign_in(records, Role.REGISTRAR)

    with pytest.raises(Refused, match="somebody whose work this is"):
        run("journal", "--data", data(records), "--out", "journal.csv")


@pytest.mark.usefixtures("at_nine")
def test_money_goes_its_way_from_a_shell(records: Records, tmp_path: Path):
    given = make_payouts.released(records)
    sign_in(records, Role.FINANCE)
    report = tmp_path / "report.csv"
    report.write_bytes(make_payouts.csv_file([row(line, number) for number, line in enumerate(given.lines[:-1], start=1)]))
    reference = "L-2026-001"

    _, preview = run("payouts", "preview", str(report), "--list", reference, "--data", data(records), "--json")
    told = json.loads(preview)
    run("payouts", "post", told["id"], "--data", data(records))
    code, statement = run("statement", reference, "--data", data(records), "--json")
    run("journal", "--data", data(records), "--out", str(tmp_path / "journal.csv"))

    assert (told["counts"]["PAID"], told["counts"]["MISSING"], told["foots"]) == (5, 1, True)
    assert (code, json.loads(statement)["lines"]["paid"]["count"]) == (0, 5)
    assert (tmp_path / "journal.csv").read_text().startswith("date,posting,kind,account")

    for by, code in (("provider", "SMM"), ("cycle", "FSL-1"), ("grant", "G7"), ("line", "g7.2")):
        _, of = run("statement", code, "--by", by, "--data", data(records), "--json", "--out", str(tmp_path / f"{by}.pdf"))
        [one] = json.loads(of)["statements"]
        assert one["delivered_minor"] == json.loads(statement)["delivered_minor"]
        assert (tmp_path / f"{by}.pdf").read_bytes().startswith(b"%PDF")
    run("statement", reference, "--data", data(records), "--out", str(tmp_path / "statement.xlsx"))
    assert (tmp_path / "statement.xlsx").read_bytes().startswith(b"PK")
    with pytest.raises(Refused, match="check the code of the grant"):
        run("statement", "NOWHERE", "--by", "grant", "--data", data(records))


@pytest.mark.usefixtures("at_nine")
def test_a_paper_from_a_shell_tells_the_offices_own_time(records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    given = make_payouts.released(records)
    make_payouts.posted(records, given, [row(given.lines[0], 1)])
    sign_in(records, Role.FINANCE)
    monkeypatch.setattr(papers, "paper", lambda made, _mark, **_more: f"{made.made_at:%H:%M} is {moment(made.made_at)}".encode())

    run("statement", "L-2026-001", "--data", data(records), "--out", str(tmp_path / "told.pdf"))

    assert (tmp_path / "told.pdf").read_text() == "06:00 is 23 Nov, 09:00"


def test_routes_tell_permission_and_roles_of_every_page_of_both_worlds():
    _, said = run("routes", "--json")

    table = json.loads(said)
    assert {entry["world"] for entry in table} == {"office", "protection"}
    assert all({"world", "rule", "methods", "permission", "roles"} == entry.keys() for entry in table)
    assert not [entry for entry in table if entry["world"] == "office" and "support" in entry["rule"]]
    assert {"public", *P} >= {entry["permission"] for entry in table}


def test_a_refusal_is_one_sentence_and_no_traceback(tmp_path: Path):
    answer = subprocess.run(
        [sys.executable, "-m", "cbi", "doctor", "--data", str(tmp_path / "nowhere")], capture_output=True, text=True, check=False
    )

    assert answer.returncode == 2
    assert answer.stdout == ""
    assert answer.stderr.startswith("You need to make an operation first")
    assert answer.stderr.count("\n") == 1


@pytest.mark.usefixtures("at_nine")
def test_the_providers_file_is_private_to_whoever_wrote_it(records: Records, tmp_path: Path):
    make_payouts.released(records)
    sign_in(records, Role.FINANCE)
    out = tmp_path / "list.xlsx"

    run("list", "export", "L-2026-001", "--data", data(records), "--out", str(out))

    assert stat.S_IMODE(out.stat().st_mode) == 0o600


@pytest.mark.usefixtures("at_nine")
def test_the_providers_file_leaves_a_shell_behind_the_password_it_was_given(records: Records, tmp_path: Path):
    given = make_payouts.released(records, (4,))
    sign_in(records, Role.FINANCE)
    out = tmp_path / "list.xlsx"

    run("list", "export", "L-2026-001", "--data", data(records), "--out", str(out), "--password-stdin", given="seven paper cranes\n")

    assert out.read_bytes()[:4] == b"\xd0\xcf\x11\xe0"
    assert workbook.read_table(out, "seven paper cranes")[1][0].texts[0] == given.lines[0].reference


@pytest.mark.usefixtures("at_nine")
def test_a_household_is_erased_once_its_transfers_are_settled_and_not_before(records: Records):
    given = make_payouts.released(records, (1, 1))
    with records.read() as look:
        numbers = [look.session.get_one(Household, one).number for one in given.made.households]
        paid = [one for one in instructions_of(look, given.list_id) if one.name == "Juniper 1 Moonbeam"]
    make_payouts.posted(records, given, [row(paid[0], 1)])
    sign_in(records, Role.MANAGER)

    with pytest.raises(Refused, match="until when its records are kept"):
        run("erase", numbers[0], "--data", data(records), "--yes")
    with records.work(Actor(given.made.manager)) as work:
        keep_grant_until(work, given.made.grant_id, records.clock.today("Africa/Nairobi") - timedelta(days=1))
    with pytest.raises(Refused, match="still under way"):
        run("erase", numbers[1], "--data", data(records), "--yes")
    proof = json.loads(run("erase", numbers[0], "--data", data(records), "--yes", "--json")[1])

    assert proof["erased"]
    assert (proof["household"], proof["opened"], proof["findable_by"], proof["digests_left"]) == (numbers[0], 0, 0, 0)
    assert proof["chain_verified"]
    assert proof["sealed_values_left"] > 0
    assert proof["destroyed"]["keys"] == 1
    with records.read() as look:
        assert [one.name for one in instructions_of(look, given.list_id)].count("") == 1


@pytest.mark.usefixtures("at_nine")
def test_a_shells_token_opens_no_page(records: Records):
    sign_in(records, Role.FINANCE)
    [kept] = records.folder.glob("login-*")
    client = make.app_of(records).test_client()
    client.set_cookie("cbi-office", kept.read_text("ascii").strip())

    assert client.get("/payouts").location == "/sign-in"


def test_a_small_example_asks_for_the_approvals_its_sum_needs(records: Records):
    made = make_transfers.setting(records)
    seats = {"manager": made.manager, "approver": made.approver, "approver_2": made.second_approver, "releaser": made.releaser}
    seats["finance"] = make.staff(records, Role.FINANCE)
    logins = {role: Login(role=role, name=role, password="", totp_secret="", id=one, world="office") for role, one in seats.items()}

    list_id = release_list(records, logins, make_transfers.frozen_cycle(records, made), made.provider_id)

    with records.read() as look:
        assert list_by_id(look, list_id).status is ListStatus.RELEASED
