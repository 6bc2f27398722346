"""The floors of the house, checked: a module imports what is below it. Each failure says what to do instead."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

HOUSE = Path(__file__).resolve().parents[2]
SUBJECTS = ("staff", "sites", "people", "transfers", "payouts", "checks", "feedback", "protection", "reading_room")

# Which modules may import a library; everything else calls them. A trailing * stands for anything.
MAY_IMPORT = {
    "flask": ("cbi/*/views*.py", "cbi/web/*.py", "cbi/app.py", "cbi/cli/**/*.py", "cbi/protection/wiring.py"),
    "flask_wtf": ("cbi/*/forms*.py", "cbi/web/*.py"),
    "wtforms": ("cbi/*/forms*.py", "cbi/web/*.py"),
    "pandas": ("reconciliation/workbook.py", "reconciliation/report*.py", "cbi/people/match_splink.py"),  # Splink trains on data frames
    "openpyxl": ("reconciliation/workbook.py", "reconciliation/report*.py", "reconciliation/sandbox.py", "reconciliation/formats.py"),
    "python_calamine": ("reconciliation/workbook.py", "reconciliation/sandbox.py", "reconciliation/formats.py"),
    "xlsxwriter": ("reconciliation/report*.py",),
    "fpdf": ("cbi/web/pen.py",),
    "cryptography": (
        "cbi/store/sealed.py",
        "cbi/store/keys.py",
        "cbi/store/signatures.py",
        "cbi/store/certificate.py",
        "cbi/checks/letter.py",
        "cbi/protection/keys*.py",
    ),
}


def _modules() -> Iterator[Path]:
    for folder in ("cbi", "screening", "reconciliation"):
        yield from (
            path for path in sorted((HOUSE / folder).rglob("*.py")) if "migrations" not in path.parts and "_bundled" not in path.parts
        )


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


def test_the_floors_hold(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(HOUSE)

    code = lint_imports(config_filename=str(HOUSE / ".importlinter"), no_cache=True)

    said = capsys.readouterr().out
    assert code == 0, said


@pytest.mark.parametrize("library", list(MAY_IMPORT))
def test_a_library_is_used_only_where_it_belongs(library: str):
    strangers = [
        path.relative_to(HOUSE).as_posix()
        for path in _modules()
        if any(name == library or name.startswith(library + ".") for name in _imports(path))
        and not any(
            path.relative_to(HOUSE).full_match(pattern) if hasattr(Path, "full_match") else _fits(path, pattern)
            for pattern in MAY_IMPORT[library]
        )
    ]

    assert not strangers, (
        f"{library} belongs into {', '.join(MAY_IMPORT[library])}: move the call there, or call what those modules offer instead ({strangers})"
    )


def _fits(path: Path, pattern: str) -> bool:
    relative = path.relative_to(HOUSE)
    return relative.match(pattern) or ("**/" in pattern and relative.as_posix().startswith(pattern.split("**/")[0]))


def test_only_the_clock_asks_what_time_it_is():
    askers = [
        path.relative_to(HOUSE).as_posix()
        for path in _modules()
        if path.name != "clock.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in {"now", "today", "utcnow"}
        and isinstance(node.value, ast.Name)
        and node.value.id in {"datetime", "date"}
    ]

    assert not askers, f"take the time from cbi.clock (work.now, reading.today, house().clock) instead: {askers}"


def test_nobody_below_the_room_knows_its_name():
    talkers = [
        path.relative_to(HOUSE).as_posix()
        for path in _modules()
        if path.parts[len(HOUSE.parts)] == "cbi" and path.relative_to(HOUSE).parts[1] not in {"protection", "cli", "app.py", "store"}
        if any(name.startswith("cbi.protection") for name in _imports(path))
    ]

    assert not talkers, f"the office has no name for the room: hand what is needed through one of the two doors ({talkers})"


def test_modules_and_functions_stay_small_enough_to_read():
    too_long = []
    for path in _modules():
        text = path.read_text("utf-8")
        if text.count("\n") > 400:
            too_long.append(f"{path.relative_to(HOUSE)} has {text.count(chr(10))} lines: split it by subject (400 at most)")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno + 1 > 60:
                too_long.append(f"{path.relative_to(HOUSE)}:{node.name} is longer than 60 lines: name its steps")

    assert not too_long, "\n".join(too_long)


def test_every_public_thing_says_what_it_means():
    silent = []
    for path in _modules():
        tree = ast.parse(path.read_text("utf-8"))
        bodies = [tree.body, *(node.body for node in tree.body if isinstance(node, ast.ClassDef))]
        for node in (node for body in bodies for node in body):
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_") and ast.get_docstring(node) is None:
                silent.append(f"{path.relative_to(HOUSE)}:{node.name}")

    assert not silent, f"write one line that says what it means to the reader: {silent[:20]}"


RANK = {"tables": 0, "facts": 1, "forms": 3, "views": 4, "today": 3}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_inside_a_subject_views_are_above_forms_above_services_above_facts_above_tables(subject: str):
    wrong = []
    for path in sorted((HOUSE / "cbi" / subject).glob("*.py")):
        mine = RANK.get(path.stem.split("_")[0], 2)
        for name in _imports(path):
            parts = name.split(".")
            if parts[:2] == ["cbi", subject] and len(parts) > 2 and RANK.get(parts[2].split("_")[0], 2) > mine:
                wrong.append(f"{path.name} imports {parts[2]}")

    assert not wrong, f"a lower floor never imports a higher one; move what is shared down: {wrong}"
