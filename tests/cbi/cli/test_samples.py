"""Invented input of a real shape: the same for the same seed, and enough oddities to show what the product does."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from cbi.cli.sample import sample_command
from cbi.cli.samples import Oddities, write_households, write_report
from cbi.cli.samples.folder import ANSWERS, HOUSEHOLDS, INSTRUCTED, PAYOUT, write_folder
from cbi.cli.samples.people import invent
from reconciliation import layout, match, profiles, statement
from reconciliation.findings import FindingKind
from reconciliation.instruction import Instruction
from reconciliation.money import Money
from reconciliation.profile import read_payouts
from reconciliation.statement import Statement
from reconciliation.workbook import open_rows

SHIPPED = Path(__file__).resolve().parents[3] / "sample_data"
DAY = date(2026, 11, 23)


def _lines(count: int, currency: str = "KES") -> list[Instruction]:
    return [
        Instruction(f"TKW{'BCDFGH'[n % 6]}{n:04}", Money(450_000 + 12_500 * n, currency), "Juniper Moonbeam", f"+9997000{n:05}")
        for n in range(count)
    ]


def _read(path: Path, lines: list[Instruction]) -> Statement:
    sheets = open_rows(path)
    proposal = layout.propose(
        sheets, currency=lines[0].amount.currency, known=profiles.shipped(), expected={one.reference: one for one in lines}
    )
    assert proposal.is_certain
    assert proposal.profile is not None
    said = read_payouts(sheets, proposal.profile, lines[0].amount.currency)
    return statement.of(match.reconcile(lines, said.payouts), said.payouts, lines)


def test_the_shipped_files_are_what_the_command_writes(tmp_path: Path):
    said = CliRunner().invoke(sample_command, [str(tmp_path), "--instructions", "60"])

    assert said.exit_code == 0
    for name in (HOUSEHOLDS, INSTRUCTED, PAYOUT, ANSWERS):
        assert (tmp_path / name).read_bytes() == (SHIPPED / name).read_bytes(), (
            f"run `cbi sample sample_data --instructions 60` again: {name} is another"
        )


def test_another_seed_invents_other_people(tmp_path: Path):
    write_households(tmp_path / "one.xlsx", 20, seed=1)
    write_households(tmp_path / "two.xlsx", 20, seed=2)

    assert (tmp_path / "one.xlsx").read_bytes() != (tmp_path / "two.xlsx").read_bytes()


def test_the_shipped_files_together_are_small_enough_to_read():
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 1_000_000


def test_households_come_in_three_scripts_at_three_sites_and_mostly_with_accounts():
    homes = invent(420, 7)
    letters = {person.given[0] for home in homes for person in home.people}

    assert any(letter.isascii() for letter in letters)
    assert any("\u0600" <= letter <= "\u06ff" for letter in letters)
    assert any("\u0980" <= letter <= "\u09ff" for letter in letters)
    assert {home.site for home in homes} == {"BH", "OM", "HR"}
    assert sum(bool(home.account_number) for home in homes) > 0.85 * len(homes)


def test_every_phone_begins_with_a_code_that_belongs_to_no_country():
    numbers = {number for home in invent(420, 7) for number in (home.phone, home.account_number) if number}

    assert all(number.startswith("+9997") for number in numbers)


@pytest.mark.parametrize("count", [60, 300])
def test_the_report_shows_ten_kinds_of_finding_and_foots(tmp_path: Path, count: int):
    lines = _lines(count)
    write_report(tmp_path / "report.xlsx", lines, day=DAY)

    stated = _read(tmp_path / "report.xlsx", lines)

    assert stated.foots
    assert sum(1 for kind in FindingKind if stated.counts.get(kind)) == 10
    assert stated.counts[FindingKind.MISSING] == Oddities().missing


@pytest.mark.parametrize("currency", ["UGX", "JOD", "USD"])
def test_the_report_is_exact_in_currencies_of_other_decimals(tmp_path: Path, currency: str):
    lines = _lines(40, currency)
    write_report(tmp_path / "report.xlsx", lines, day=DAY, currency=currency)

    assert _read(tmp_path / "report.xlsx", lines).foots


def test_a_short_list_shows_as_many_oddities_as_it_has_lines(tmp_path: Path):
    lines = _lines(4)
    write_report(tmp_path / "report.xlsx", lines, day=DAY)

    assert _read(tmp_path / "report.xlsx", lines).foots


def test_an_amount_nobody_can_read_is_an_option(tmp_path: Path):
    lines = _lines(60)
    write_report(tmp_path / "report.xlsx", lines, day=DAY, oddities=Oddities(unreadable=1))

    assert _read(tmp_path / "report.xlsx", lines).counts[FindingKind.UNREADABLE] == 1


def test_a_folder_is_made_where_there_is_none(tmp_path: Path):
    write_folder(tmp_path / "new" / "folder", households=3)

    assert (tmp_path / "new" / "folder" / HOUSEHOLDS).exists()
