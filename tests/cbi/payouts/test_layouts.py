from __future__ import annotations

import csv
import io
from dataclasses import replace
from uuid import UUID

import pytest
from sqlmodel import select

from cbi.payouts import files, layouts, queries, reading
from cbi.payouts.tables import FileStatus
from cbi.payouts.tables_layouts import ProviderProfile
from cbi.store.records import Records
from cbi.store.work import Actor
from reconciliation import profiles
from reconciliation.profile import Profile
from tests import make_payouts
from tests.make_payouts import Released

HEADINGS = ["Col A", "Col B", "Col C", "Col D"]
CHOSEN = profiles.from_mapping(
    {
        "headings": HEADINGS,
        "header_row": 1,
        "columns": {"provider_id": "Col A", "reference": "Col B", "amount": "Col C", "status": "Col D"},
        "decimal": ".",
        "paid_words": ["DONE-OK"],
    }
)


@pytest.fixture
def given(records: Records) -> Released:
    return make_payouts.released(records)


def _odd_file(given: Released, first: int = 1, *, above: int = 0, status: str = "DONE-OK") -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([["Sparrow Wallet"]] * above)
    writer.writerow(HEADINGS)
    for number, line in enumerate(given.lines, start=first):
        writer.writerow([f"SP{number:06d}", line.reference, f"{line.amount.minor / 100:.2f}", status])
    return out.getvalue().encode()


def _keep(records: Records, given: Released, profile: Profile, **more: str) -> UUID:
    with records.work(Actor(given.finance)) as work:
        return layouts.keep_profile(work, given.made.provider_id, profile, **more)


def _read(records: Records, given: Released, content: bytes) -> tuple[UUID, FileStatus]:
    file_id = files.receive(records, Actor(given.finance), given.list_id, "odd.csv", content)
    return file_id, reading.read(records, Actor(given.finance), file_id)


def test_a_confirmed_layout_is_known_again_by_its_heading_wherever_it_stands(records: Records, given: Released):
    _, before = _read(records, given, _odd_file(given))
    profile_id = _keep(records, given, CHOSEN)

    file_id, after = _read(records, given, _odd_file(given, 11, above=3))

    assert (before, after) == (FileStatus.ASKING, FileStatus.PREVIEWED)
    with records.read() as look:
        assert queries.file_by_id(look, file_id).profile_id == profile_id


def test_the_same_layout_confirmed_again_is_no_new_version(records: Records, given: Released):
    first = _keep(records, given, CHOSEN)

    again = _keep(records, given, replace(CHOSEN, header_row=8, sheets=("Other",)))

    assert first == again


def test_a_changed_layout_is_a_new_version_and_the_old_one_stays_as_it_was(records: Records, given: Released):
    _keep(records, given, CHOSEN)
    _keep(records, given, replace(CHOSEN, decimal=",", thousands="."))

    with records.read() as look:
        [current] = layouts.profiles_of(look, given.made.provider_id)
        versions = layouts.versions_of(look, given.made.provider_id, current.name)
    assert (current.name, current.version, current.profile.decimal) == ("Layout 1", 2, ",")
    assert [(one.version, one.profile.decimal) for one in versions] == [(2, ","), (1, ".")]
    assert current.confirmed_by == given.finance


def test_layouts_of_other_headings_stand_beside_each_other_under_names_of_their_own(records: Records, given: Released):
    _keep(records, given, CHOSEN, name="Weekly report")
    _keep(records, given, replace(CHOSEN, known_by="another"))

    with records.read() as look:
        names = {one.name for one in layouts.profiles_of(look, given.made.provider_id)}
    assert names == {"Weekly report", "Layout 2"}


def test_a_layout_kept_holds_nothing_of_the_rows(records: Records, given: Released):
    _keep(records, given, CHOSEN)

    with records.read() as look:
        kept = look.session.exec(select(ProviderProfile)).one()
    assert "Juniper" not in kept.layout
    assert given.lines[0].reference not in kept.layout
