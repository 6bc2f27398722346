from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import flask_babel
import pytest
from flask import Flask

import reconciliation
from cbi.payouts import fixes
from cbi.payouts.sheet_names import Names
from cbi.web import words
from cbi.web.words import listed
from reconciliation.cells import CellKind

SPOKEN = ("amounts.py", "dates.py", "profile.py", "totals.py")
MAKERS = {"AmountProblem", "DateProblem", "_problem", "RowProblem"}


def _sentences() -> Iterator[tuple[str, str]]:
    """Every sentence about a cell that the engine writes, with a sample in each gap."""
    for name in SPOKEN:
        tree = ast.parse((Path(reconciliation.__file__).parent / name).read_text("utf-8"))
        constants = {
            target.id: node.value.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                yield from ((name, text) for text in _texts(node.args[-1:], constants) if called in MAKERS and " " in text)


def _texts(arguments: list[ast.expr], constants: dict[str, str]) -> Iterator[str]:
    for one in arguments:
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.value
        elif isinstance(one, ast.Name) and one.id in constants:
            yield constants[one.id]
        elif isinstance(one, ast.IfExp):
            yield from _texts([one.body, one.orelse], constants)
        elif isinstance(one, ast.JoinedStr):
            parts = [str(part.value) if isinstance(part, ast.Constant) else "at most 2 decimals" for part in one.values]
            yield "".join(parts)


def test_every_sentence_of_the_engine_about_a_cell_can_be_translated():
    found = list(_sentences())

    assert len(found) > 15
    assert [each for each in found if not fixes.is_known(each[1])] == []


@pytest.fixture
def spoken(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is asked of the catalogue, which knows one word."""
    asked: list[str] = []

    class Catalogue:
        def ugettext(self, text: str) -> str:
            asked.append(text)
            return text.replace("enter", "saisissez")

    monkeypatch.setattr(words, "catalogue", Catalogue)
    with app.test_request_context():
        yield asked


def test_a_sentence_is_asked_of_the_catalogue_as_a_template_and_filled_again(spoken: list[str]):
    said = fixes.say("enter the exact amount with at most 2 decimals, as KES has")

    assert spoken == ["enter the exact amount with at most %(digits)s decimals, as %(currency)s has"]
    assert said == "saisissez the exact amount with at most 2 decimals, as KES has"


def test_a_sentence_without_a_template_is_shown_as_it_is(spoken: list[str]):
    assert fixes.say("look at this row twice") == "look at this row twice"
    assert spoken == []


def test_a_kind_of_cell_that_a_sentence_names_is_a_word_of_ours_too(app: Flask):
    with app.test_request_context():
        said = {kind: fixes.say(f"enter the amount as a number, for example 75.50; this cell holds a {kind.value}") for kind in CellKind}

    assert said[CellKind.DATE].endswith("this cell holds a date")
    assert said[CellKind.BOOL].endswith("this cell holds a yes or no")
    assert set(fixes._KINDS) == set(CellKind)


def test_things_one_after_the_other_have_the_readers_comma(app: Flask):
    with app.test_request_context():
        with flask_babel.force_locale("ar"):
            assert listed(["a", "b"]) == "a، b"
        assert (listed(["a", "b"]), listed([])) == ("a, b", "")


def test_rows_with_the_same_thing_to_do_are_named_in_one_sentence(app: Flask):
    said = [{"fix": "correct this row", "sheet": "Pay", "row": row} for row in range(2, 10)] + [
        {"fix": "count them", "sheet": "", "row": 0}
    ]

    with app.test_request_context():
        shown = fixes.together(said, Names())

    assert [(one.fix, one.more) for one in shown] == [("correct this row", 3), ("count them", 0)]
    assert shown[0].places == "Pay, row 2; Pay, row 3; Pay, row 4; Pay, row 5; Pay, row 6"
    assert shown[1].places == ""
