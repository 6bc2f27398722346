"""Layouts that people confirmed, kept as versions for each provider, so that the next file of the same heading asks nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from cbi.payouts import facts
from cbi.payouts.tables_layouts import ProviderProfile
from cbi.store.work import Reading, Work
from reconciliation import headings, profiles
from reconciliation.profile import Profile
from reconciliation.sheets import Sheets

LONGEST_NAME = 60
_AS_FOUND = ("sheets", "header_row", "name", "version")  # where the table stood in one file, and what the version is called


@dataclass(frozen=True, slots=True)
class KeptProfile:
    """One version of a provider's layout. profile: carries its name and version too."""

    id: UUID
    name: str
    version: int
    profile: Profile
    confirmed_by: UUID
    confirmed_at: datetime


def profiles_of(reading: Reading, provider_id: UUID) -> list[KeptProfile]:
    """The newest version of each layout of a provider, the last confirmed first."""
    newest: dict[str, KeptProfile] = {}
    for one in versions_of(reading, provider_id):
        newest.setdefault(one.name, one)
    return sorted(newest.values(), key=lambda one: (one.confirmed_at, one.version, one.name), reverse=True)


def versions_of(reading: Reading, provider_id: UUID, name: str | None = None) -> list[KeptProfile]:
    """Every version ever confirmed for a provider, the newest of each layout first; of one layout, where its name is given."""
    query = select(ProviderProfile).where(ProviderProfile.provider_id == provider_id)
    if name is not None:
        query = query.where(ProviderProfile.name == name)
    rows = reading.session.exec(query.order_by(col(ProviderProfile.name), col(ProviderProfile.version).desc()))
    return [
        KeptProfile(row.id, row.name, row.version, _profile(row.layout, row.name, row.version), row.confirmed_by, row.confirmed_at)
        for row in rows
    ]


def keep_profile(work: Work, provider_id: UUID, profile: Profile, *, name: str = "") -> UUID:
    """Keep what a person confirmed; returns the version's id.

    A heading known already, or a name given again, makes a new version of that layout; the same layout as before stays the version it is.
    """
    known = profiles_of(work, provider_id)
    asked = name.strip()[:LONGEST_NAME]
    before = next((one for one in known if (one.name == asked if asked else _same_heading(one.profile, profile))), None)
    if before is not None and _content(before.profile) == _content(profile):
        return before.id
    assert work.actor.id is not None
    row = ProviderProfile(
        id=work.new_id("payouts"),
        operation_id=work.operation_id,
        provider_id=provider_id,
        name=before.name if before else asked or _free_name({one.name for one in known}),
        version=before.version + 1 if before else 1,
        fingerprint=profile.known_by[:64],
        layout=layout_of(
            replace(profile, name="", version=1, sheets=())
        ),  # which sheets were read is of one file, and so is what they are called
        confirmed_by=work.actor.id,
        confirmed_at=work.now,
    )
    work.add(row)
    work.remember(facts.ProfileKept(profile_id=row.id, provider_id=provider_id, version=row.version))
    return row.id


def found_again(kept: list[KeptProfile], sheets: Sheets) -> Profile | None:
    """The kept layout whose heading stands in this file, where no word of that heading is a known one; else None."""
    for one in kept:
        profile = one.profile
        places = {
            sheet.name: headings.find(sheet, profile.columns.values(), profile.header_row, profile.header_rows)
            for sheet in sheets.visible()
        }
        same = [
            sheet.name
            for sheet in sheets.visible()
            if places[sheet.name]
            and headings.fingerprint(headings.headings(sheet, places[sheet.name], profile.header_rows)) == profile.known_by
        ]
        if same:
            return replace(profile, sheets=tuple(same), header_row=places[same[0]])
    return None


def known_as(kept: list[KeptProfile], profile: Profile) -> UUID | None:
    """The kept layout a file was read with: the one of the same heading."""
    return next((one.id for one in kept if _same_heading(one.profile, profile)), None)


def layout_of(profile: Profile) -> str:
    """A layout as it is kept: its map as JSON."""
    return json.dumps(profiles.to_map(profile), ensure_ascii=False, sort_keys=True)


def _profile(layout: str, name: str, version: int) -> Profile:
    return replace(profiles.from_mapping(json.loads(layout)), name=name, version=version)


def _same_heading(one: Profile, other: Profile) -> bool:
    return bool(one.known_by) and one.known_by == other.known_by


def _content(profile: Profile) -> dict[str, object]:
    return {key: value for key, value in profiles.to_map(profile).items() if key not in _AS_FOUND}


def _free_name(taken: set[str]) -> str:
    number = len(taken) + 1
    while f"Layout {number}" in taken:
        number += 1
    return f"Layout {number}"
