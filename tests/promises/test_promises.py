"""The page of promises is true to the tests: every test it names exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]


def _tests() -> set[str]:
    found = set()
    for path in (HOUSE / "tests").rglob("test_*.py"):
        found |= {node.name for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)}
    return found


def test_every_test_that_a_promise_names_exists():
    named = set(re.findall(r"`(test_\w+)`", (HOUSE / "docs" / "promises.md").read_text("utf-8")))

    assert len(named) > 60
    assert not named - _tests()


def test_every_rule_of_asking_stands_in_the_page_with_each_of_its_tests():
    page = (HOUSE / "docs" / "promises.md").read_text("utf-8")
    tests = {name for name in _tests() if re.match(r"test_e\d\d_", name)}

    for number in range(1, 33):
        rows = "".join(line for line in page.splitlines() if re.match(rf"\| E{number:02}\b", line))
        of_it = {name for name in tests if name.startswith(f"test_e{number:02}_")}
        assert of_it, number
        assert of_it & set(re.findall(r"`(test_\w+)`", rows)), f"E{number:02} has no row that names a test of its number"
    assert not tests - set(re.findall(r"`(test_\w+)`", page))


def test_every_permission_and_command_is_written_down():
    from cbi.access import GRANTS, Permission
    from cbi.cli.main import COMMANDS

    granted = frozenset().union(*GRANTS.values())
    operate = "".join(path.read_text("utf-8") for path in (HOUSE / "docs").glob("*.md")) + (HOUSE / "README.md").read_text("utf-8")

    assert set(Permission) == granted, "a permission nobody holds is a page nobody can open"
    assert not [name for name in COMMANDS if f"cbi {name}" not in operate]
