"""A finished example operation, and copies of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests import demo
from tests.promises.offices import Office, opened
from tests.promises.small_office import Known, build


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a finished example operation; copy it before changing it."""
    return demo.finished(tmp_path_factory)


@dataclass(frozen=True)
class Small:
    """A small office's data folder, to be copied, and what is known of it."""

    folder: Path
    known: Known


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """The small office that worlds are forked from."""
    folder = tmp_path_factory.mktemp("small") / "data"
    return Small(folder, build(folder))


@pytest.fixture(scope="session")
def moment() -> datetime:
    """When these tests look: a little after the example was finished, so that its people's last codes are spent."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=1)


@pytest.fixture
def copy_of_demo(demo_folder: Path, moment: datetime, tmp_path: Path) -> Iterator[Callable[[str], Office]]:
    """Opens the office over a copy of the example: `copy_of_demo("left")`. Copies of one test are the same to the byte when they are made."""
    with ExitStack() as stack:

        def copy(name: str) -> Office:
            folder = tmp_path / name
            shutil.copytree(demo_folder, folder)
            return stack.enter_context(opened(folder, moment))

        yield copy


@pytest.fixture(scope="module")
def office(demo_folder: Path, moment: datetime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The office over one copy that all tests of a module only look at."""
    folder = tmp_path_factory.mktemp("looked-at") / "data"
    shutil.copytree(demo_folder, folder)
    with opened(folder, moment) as one:
        yield one
