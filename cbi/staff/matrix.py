"""What every seat may do, as a table: rights down, seats across, and the rules that keep seats apart."""

from __future__ import annotations

from dataclasses import dataclass

from cbi.access import GRANTS, NEVER_TOGETHER, OFFICE_ROLES, ROOM_PERMISSIONS, Permission, Role, conflicts
from cbi.staff.words import RIGHT_WORDS, rule_words
from cbi.web.frame import ROLE_NAMES
from cbi.web.words import _


@dataclass(frozen=True, slots=True)
class Cell:
    """One seat and one right. rule: why the seat may never hold it, "" when nothing forbids it."""

    role: Role
    held: bool
    rule: str


@dataclass(frozen=True, slots=True)
class RightRow:
    """One right with its cell in every seat shown."""

    words: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Some seats side by side. Rights that none of them holds, and none is forbidden, are left out."""

    heading: str
    rows: tuple[RightRow, ...]


_WITH_PEOPLE = (Role.REGISTRAR, Role.INTERVIEWER, Role.LEAD, Role.HELP_DESK, Role.FEEDBACK, Role.MONITORING)
_WITH_MONEY = tuple(role for role in Role if role in OFFICE_ROLES.difference(_WITH_PEOPLE))


def matrices(chosen: Role | None = None) -> list[Matrix]:
    """Every seat in two tables that fit a screen, or one seat alone."""
    if chosen is not None:
        return [Matrix(str(ROLE_NAMES[chosen]), _rows((chosen,)))]
    return [Matrix(_("Seats with people"), _rows(_WITH_PEOPLE)), Matrix(_("Seats with money, and those who watch"), _rows(_WITH_MONEY))]


def _rows(roles: tuple[Role, ...]) -> tuple[RightRow, ...]:
    office = [right for right in Permission if right not in ROOM_PERMISSIONS]
    rows = (
        RightRow(str(RIGHT_WORDS[right]), tuple(Cell(role, right in GRANTS[role], _rule(role, right)) for role in roles))
        for right in office
    )
    return tuple(row for row in rows if any(cell.held or cell.rule for cell in row.cells))


def never_with(role: Role) -> list[Role]:
    """The seats that whoever sits here may never hold as well."""
    return [other for other in Role if other in OFFICE_ROLES and conflicts((role, other))]


def seat_chosen(code: str) -> Role | None:
    """The seat of the office with this code; None for anything else."""
    return next((role for role in Role if role in OFFICE_ROLES and role.value == code), None)


def _rule(role: Role, right: Permission) -> str:
    has = GRANTS[role]
    if right in has:
        return ""
    broken = [rule for one, other, rule in NEVER_TOGETHER if (right in one and has & other) or (right in other and has & one)]
    return "; ".join(rule_words(rule) for rule in broken)
