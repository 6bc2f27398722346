"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask

from cbi.access import Role
from cbi.store.records import Records
from tests import make


@pytest.fixture(scope="session")
def office_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ready, empty office to copy."""
    folder = tmp_path_factory.mktemp("office-template")
    make.office(folder).close()
    return folder


@pytest.fixture
def records(tmp_path: Path, office_template: Path) -> Iterator[Records]:
    """An empty office's records room, at a fixed time."""
    opened = make.office(tmp_path / "data", office_template)
    yield opened
    opened.close()


@pytest.fixture
def app(records: Records) -> Flask:
    """The office's application."""
    return make.app_of(records)


@pytest.fixture
def visitor(app: Flask, records: Records) -> Callable[..., make.Visitor]:
    """Signs somebody with these seats in: `visitor(Role.MANAGER)`, or `visitor(person_id=…)`."""

    def sign_in(*roles: Role, person_id: UUID | None = None, site_id: UUID | None = None) -> make.Visitor:
        return make.Visitor(app, records, person_id or make.staff(records, *roles, site_id=site_id))

    return sign_in
