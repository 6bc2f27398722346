"""The harness proves itself: every leak planted in a copy of the source is found, and a copy without one shows nothing.

Each leak is a patch in `leaks/`, its first line says what it does.  One that no longer applies fails here: write it anew.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.promises.conftest import Small
from tests.promises.twins import addresses_in, twins

HOUSE = Path(__file__).resolve().parents[2]
LEAKS = sorted((Path(__file__).parent / "leaks").glob("*.patch"))
# One each for what pages say, for what the office keeps, and for how it answers; all of them with `-m long`.
ALWAYS = frozenset({"07-a-size", "12-an-audit-entry", "17-a-title"})
_LINKED = ("templates", "tests", "screening", "reconciliation", "sample_data", "pyproject.toml")
_PATIENCE = 1_800


@dataclass(frozen=True)
class Given:
    """What the trial needs, as files. addresses: of every seat."""

    small: Path
    known: Path
    addresses: Path


@pytest.fixture(scope="module")
def given(small: Small, tmp_path_factory: pytest.TempPathFactory) -> Given:
    folder = tmp_path_factory.mktemp("given")
    small.known.keep(folder / "known.json")
    with twins(small.folder, small.known, folder) as pair:
        (folder / "addresses.json").write_text(json.dumps(addresses_in(pair.left)), "utf-8")
    return Given(small.folder, folder / "known.json", folder / "addresses.json")


def a_copy_of_the_source(tree: Path) -> Path:
    """The program's own code, to be changed; what no leak touches is linked."""
    shutil.copytree(HOUSE / "cbi", tree / "cbi")
    for name in _LINKED:
        (tree / name).symlink_to(HOUSE / name)
    return tree


def seen_in(tree: Path, given: Given, folder: Path) -> dict[str, object]:
    """What tells two worlds of this source tree apart."""
    folder.mkdir()
    told = subprocess.run(
        [sys.executable, "-m", "tests.promises.detect", str(given.small), str(given.known), str(given.addresses), str(folder)],
        check=False,
        cwd=tree,
        capture_output=True,
        timeout=_PATIENCE,
        env={**os.environ, "PYTHONPATH": str(tree)},
    )
    assert told.returncode == 0, told.stderr.decode()[-3000:]
    found: dict[str, object] = json.loads(told.stdout.splitlines()[-1])
    return found


@pytest.mark.long
def test_a_source_without_a_leak_shows_nothing(given: Given, tmp_path: Path):
    assert seen_in(a_copy_of_the_source(tmp_path / "tree"), given, tmp_path / "worlds") == {}


@pytest.mark.parametrize("leak", [pytest.param(one, id=one.stem, marks=() if one.stem in ALWAYS else pytest.mark.long) for one in LEAKS])
def test_a_planted_leak_is_found(leak: Path, given: Given, tmp_path: Path):
    tree = a_copy_of_the_source(tmp_path / "tree")
    planted = subprocess.run(["git", "apply", str(leak)], check=False, cwd=tree, capture_output=True)
    assert planted.returncode == 0, f"write this leak anew, it fits the source no longer: {planted.stderr.decode()}"

    found = seen_in(tree, given, tmp_path / "worlds")

    print(f"\n{leak.stem}: {found}")  # noqa: T201 -- with -s: what found it, as docs/promises.md says
    assert found.get("differing"), f"{leak.read_text('utf-8').splitlines()[0]} Nobody noticed."


def test_there_are_at_least_twenty_leaks_and_three_are_always_tried():
    assert len(LEAKS) >= 20
    assert {one.stem for one in LEAKS} >= ALWAYS
