"""The command sees in real files what the reader sees in rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciliation import cli
from tests.reconciliation.layouts import writing
from tests.reconciliation.layouts.made import Layout, layouts

_MADE = list(layouts(series="files"))


def _first(wanted: Callable[[Layout], bool]) -> Layout:
    return next(layout for layout in _MADE if wanted(layout) and not layout.asks)


@pytest.mark.parametrize(
    ("name", "write", "made"),
    [
        ("two sheets.xlsx", writing.xlsx, _first(lambda made: made.language == "ar" and "two sheets" in made.traits)),
        ("two rows.xlsx", writing.xlsx, _first(lambda made: made.language == "es" and "two rows" in made.traits)),
        ("semicolons.csv", lambda path, made: writing.text(path, made, ";"), _first(lambda made: made.language == "fr" and "text" in made.traits)),
        ("tabs.tsv", lambda path, made: writing.text(path, made, "\t"), _first(lambda made: made.language == "my" and "text" in made.traits)),
        ("open.ods", writing.ods, _first(lambda made: made.language == "bn" and "text" in made.traits and "local digits" in made.traits)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_look_proposes_header_and_columns_of_a_file(tmp_path: Path, capsys, name, write, made):
    code = cli.main(["look", str(write(tmp_path / name, made)), "--json"])

    seen = json.loads(capsys.readouterr().out)
    sheet = next(each for each in seen["sheets"] if each["header_row"] and len(each["columns"]) >= 4)
    assert (sheet["header_row"], sheet["header_rows"]) == (made.header_row, made.header_rows)
    assert set(sheet["columns"]) == {field.value for field in made.columns}
    assert (code, seen["certain"]) == (0, True)
