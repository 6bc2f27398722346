"""What the preview shows beside the sums per kind: each list of a file that covers several, and the layout it was read with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.payouts.about import About
from cbi.payouts.tables import FindingGroup, PayoutFile
from cbi.payouts.tables_layouts import ProviderProfile
from cbi.store.work import Reading
from cbi.transfers.tables import PaymentList
from reconciliation import profiles
from reconciliation.vocabulary import Field


@dataclass(frozen=True, slots=True)
class ListSums:
    """One list in one file. payment_list: none for rows that belong to no list of it; transfers: findings, suspense in the lists' own currency."""

    payment_list: PaymentList | None
    findings: int
    instructed_minor: int
    delivered_minor: int
    suspense_minor: int
    open_minor: int


@dataclass(frozen=True, slots=True)
class ReadWith:
    """The layout of a file in words. version: 0 where no person keeps it."""

    name: str
    version: int
    has_ids: bool


def sums_by_list(reading: Reading, file_id: UUID, about: About) -> list[ListSums]:
    """A line for every list of a file, in the order of their references, then one for rows of no list."""
    own = col(FindingGroup.suspense_currency).in_(["", about.currency])
    rows = reading.session.connection().execute(
        sa.select(
            col(FindingGroup.list_id),
            sa.func.sum(col(FindingGroup.findings)).label("findings"),
            sa.func.sum(col(FindingGroup.instructed_minor)).label("instructed"),
            sa.func.sum(col(FindingGroup.delivered_minor)).label("delivered"),
            sa.func.sum(sa.case((own, col(FindingGroup.suspense_minor)), else_=0)).label("suspense"),
            sa.func.sum(col(FindingGroup.open_minor)).label("open"),
        )
        .where(col(FindingGroup.file_id) == file_id)
        .group_by(col(FindingGroup.list_id))
    )
    found = {row.list_id: row for row in rows}
    lines = [(one, found.get(one.id)) for one in about.lists] + ([(None, found[None])] if None in found else [])
    return [
        ListSums(one, int(row.findings), int(row.instructed), int(row.delivered), int(row.suspense), int(row.open))
        if row
        else ListSums(one, 0, 0, 0, 0, 0)
        for one, row in lines
    ]


def read_with(reading: Reading, file: PayoutFile) -> ReadWith | None:
    """The layout a file was read with; None before it was read."""
    if not file.layout:
        return None
    profile = profiles.from_mapping(json.loads(file.layout))
    has_ids = Field.PROVIDER_ID in profile.columns
    kept = reading.session.get(ProviderProfile, file.profile_id) if file.profile_id else None
    if kept is not None:
        return ReadWith(kept.name, kept.version, has_ids)
    return ReadWith(profile.title or profile.name, 0, has_ids)
