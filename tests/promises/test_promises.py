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


def test_every_permission_and_command_is_written_down():
    from cbi.access import GRANTS, Permission
    from cbi.cli.main import COMMANDS

    granted = frozenset().union(*GRANTS.values())
    operate = "".join(path.read_text("utf-8") for path in (HOUSE / "docs").glob("*.md")) + (HOUSE / "README.md").read_text("utf-8")

    assert set(Permission) == granted, "a permission nobody holds is a page nobody can open"
    assert not [name for name in COMMANDS if f"cbi {name}" not in operate]
