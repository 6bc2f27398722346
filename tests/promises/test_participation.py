"""Taking part changes nothing: what is due, to whom and in which order is the same whatever was answered, or when nobody was asked (E05)."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import select

from cbi.store.records import Records
from cbi.transfers.tables import Entitlement, Instruction
from tests import make_checks, make_transfers
from tests.cbi.checks.pages import private_url
from tests.make import Visitor

HOUSE = Path(__file__).resolve().parents[2]
MONEY = ("cbi/transfers", "cbi/payouts", "reconciliation")
ASKING = ("cbi.checks", "cbi.protection", "screening")


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("folder", MONEY)
def test_e05_no_module_of_money_imports_what_asks_or_thinks_about_danger(folder: str):
    paths = sorted((HOUSE / folder).rglob("*.py"))

    wrong = {path.name: name for path in paths for name in imported(path) if name.startswith(ASKING)}

    assert len(paths) > 5
    assert wrong == {}, "money has no name for an answer: pass ordinary arrangements through transfers.arrangements instead"


def listed(records: Records, made: make_checks.Open) -> list[tuple[object, ...]]:
    """The lines of a fresh list, taken back afterwards."""
    from cbi.store.work import Actor
    from cbi.transfers import cycles, lists

    work = records.work(Actor(made.made.manager))
    try:
        cycle_id = cycles.draft(work, make_transfers.new_cycle(made.made))
        work.session.flush()
        formula = cycles.formula_of(cycles.cycle_by_id(work, cycle_id))
        total = cycles.effect(work, made.made.programme_id, formula, made.made.line_id).total_minor
        cycles.freeze(work, cycle_id, shown_total_minor=total)
        work.session.flush()
        lists.make_list(work, cycle_id, made.made.provider_id)
        work.session.flush()
        due = work.session.exec(select(Entitlement).order_by(Entitlement.household_id)).all()
        lines = work.session.exec(select(Instruction).order_by(Instruction.position)).all()
        return [
            *((row.household_id, row.members, row.amount_minor, row.currency) for row in due),
            *((row.position, row.household_id, row.part, row.amount_minor) for row in lines),
        ]
    finally:
        work.session.rollback()
        work.session.close()


def test_e05_amounts_lines_and_their_order_are_the_same_whatever_was_answered(records: Records, visitor: Callable[..., Visitor]):
    made = make_checks.opened(records)
    make_checks.limits(records)
    mine = visitor(person_id=made.interviewer)
    before = listed(records, made)

    for seed, household in enumerate(made.households[:2]):
        url = private_url(mine, household)
        mine.post(url, make_checks.private_fields(make_checks.private_answers(seed)), follow=False)

    assert len(make_checks.letters(records)) == 2
    assert len(before) == 2 * len(made.households)
    assert listed(records, made) == before
