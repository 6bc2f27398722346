"""An example's office, opened in this process, and its room for those who decide in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from uuid import UUID

from flask import Flask
from sqlmodel import col, select

from cbi.app import create_app
from cbi.settings import Settings
from cbi.staff.tables import Staff
from cbi.store.records import Records, open_office
from cbi.transfers.tables import ArrangementKind
from tests import demo, make

OFFICE_SEATS = (
    "registrar",
    "interviewer",
    "lead",
    "help_desk",
    "manager",
    "finance",
    "finance_2",
    "approver",
    "approver_2",
    "releaser",
    "feedback",
    "monitoring",
    "auditor",
    "donor",
    "administrator",
    "administrator_2",
)
Changes = Mapping[ArrangementKind, object]


@dataclass
class Office:
    """One copy of the example. at: when its clock starts."""

    folder: Path
    at: datetime
    records: Records
    app: Flask

    @cached_property
    def people(self) -> dict[str, UUID]:
        """Who sits where, by seat."""
        with self.records.read() as reading:
            ids = dict(reading.session.exec(select(col(Staff.sign_in_name), col(Staff.id))).all())
        return {seat: ids[login["name"]] for seat, login in demo.logins(self.folder).items() if seat in OFFICE_SEATS}

    def visitor(self, seat: str) -> make.Visitor:
        """Somebody of the office, signed in."""
        return make.Visitor(self.app, self.records, self.people[seat])


@contextmanager
def opened(folder: Path, at: datetime) -> Iterator[Office]:
    """The office over this folder. Ids are repeatable, so that two copies that are asked the same do the same."""
    settings = Settings(data=folder, clock=at, seed=7)
    records = open_office(settings)
    app = create_app(settings, "office", records=records)
    app.testing = True
    yield Office(folder, at, records, app)
    records.close()
