"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from flask import Flask
from playwright.sync_api import Browser, Playwright, sync_playwright

from cbi.access import Role
from cbi.staff import credentials
from cbi.store.records import Records
from tests import chromium, make, quick


def pytest_configure() -> None:
    quick.begin()


# Begun first, so that no process of a run sits on one of them while all others have nothing left to do.
LONGEST = (
    "promises/test_worlds.py",
    "browser/test_every_page.py",
    "promises/test_leaks.py",
    "browser/test_room_pages.py",
    "promises/test_wall.py",
    "promises/test_doors.py",
    "browser/test_whole_way.py",
    "payouts/test_stateful.py",
    "cli/test_two_users.py",
    "browser/test_payout_pages.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: next((place for place, file in enumerate(LONGEST) if item.path.as_posix().endswith(file)), len(LONGEST)))


def pytest_collection_finish() -> None:
    quick.settle()


NEEDS = {
    "browser": (chromium.PROGRAM.exists, "needs Debian's chromium: apt-get install chromium"),
    "postgres": (
        lambda: any(Path("/usr/lib/postgresql").glob("*/bin/initdb")),
        "needs PostgreSQL's server programs: apt-get install postgresql",
    ),
}


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test that needs a program says so when it is absent, and fails instead of skipping in continuous integration."""
    for marker, (is_there, reason) in NEEDS.items():
        if item.get_closest_marker(marker) and not is_there():
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives a browser: one in a process, because a second beside it refuses to begin."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    running = playwright.chromium.launch(executable_path=chromium.PROGRAM, args=list(chromium.ARGS))
    yield running
    running.close()


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Real hashes cost 60 ms each on purpose; here they are the same kind, but cheap."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(credentials, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


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
