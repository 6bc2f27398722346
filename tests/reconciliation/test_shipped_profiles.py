"""Each shipped profile knows its own layout again, under any letterhead, and reads its rows."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

import pytest

from reconciliation import layout, profiles
from reconciliation.payout import Outcome
from reconciliation.preview import preview_rows
from reconciliation.profile import Profile
from reconciliation.vocabulary import Field
from tests.workbooks.shapes import sheets_of

_SOURCES = {
    source["name"]: source
    for each in files("reconciliation.profiles").iterdir()
    if each.name.endswith(".toml")
    for source in [tomllib.loads(each.read_text("utf-8"))]
}
_DATES = {"dmy": "04/11/2026", "ymd": "2026-11-04"}
_CELLS = {
    Field.REFERENCE: "TKW3D8QH",
    Field.PROVIDER_ID: "SPW88110001",
    Field.NAME: "Juniper Moonbeam",
    Field.PHONE: "9995550101",
    Field.ACCOUNT: "00990000123",
    Field.TOKEN: "5061****1234",
    Field.CURRENCY: "KES",
    Field.NARRATIVE: "TRF TKW3D8QH",
}


def _row(profile: Profile, names: list[str], status: str) -> list[Any]:
    written = f"1{profile.thousands}250{profile.decimal}50"
    cells = {**_CELLS, Field.AMOUNT: written, Field.STATUS: status, Field.DATE: _DATES[profile.date_order]}
    by_heading = {heading: cells.get(field) for field, heading in profile.columns.items()}
    return [by_heading.get(name) for name in names]


@pytest.fixture(params=profiles.shipped(), ids=lambda profile: profile.name)
def profile(request) -> Profile:
    return request.param


def test_a_shipped_profile_is_known_again_in_capitals_below_a_letterhead(profile):
    names = _SOURCES[profile.name]["headings"]
    status = (_SOURCES[profile.name].get("paid_words") or ["Paid"])[0]
    rows = [["Lantern Remittance"], ["Account:", "00998877"], [], [name.upper() for name in names], _row(profile, names, status)]

    proposal = layout.propose(sheets_of(rows), known=profiles.shipped(), currency="KES")

    assert (proposal.known_as, proposal.is_certain, proposal.problems) == (profile.name, True, ())
    assert proposal.profile.header_row == 4
    assert proposal.profile.version == profile.version


def test_a_shipped_profile_reads_its_own_dates_amounts_and_words(profile):
    source = _SOURCES[profile.name]
    names = source["headings"]
    said = [(word, outcome) for outcome, key in _WORDS.items() for word in source.get(key, [])] or [("Paid", Outcome.PAID)]
    rows = [names, *(_row(profile, names, word) for word, _ in said)]

    shown = preview_rows(sheets_of(rows), profile, "KES", len(said))

    expected = [outcome if Field.STATUS in profile.columns else Outcome.PAID for _, outcome in said]
    assert [row.payout.outcome for row in shown] == expected
    assert {row.payout.amount.minor for row in shown} == {125050}
    assert {row.payout.date for row in shown} == ({"2026-11-04"} if Field.DATE in profile.columns else {""})
    assert all(row.problems == () for row in shown)


def test_a_profile_of_another_layout_is_not_taken_for_this_one(profile):
    names = [*_SOURCES[profile.name]["headings"], "Remark of the branch"]
    rows = [names, [*_row(profile, names, "Paid"), "none"]]

    assert layout.propose(sheets_of(rows), known=profiles.shipped(), currency="KES").known_as == ""


_WORDS = {Outcome.PAID: "paid_words", Outcome.FAILED: "failed_words", Outcome.RETURNED: "returned_words"}
