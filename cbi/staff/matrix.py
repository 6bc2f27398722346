"""What every seat may do, as a table: rights down, seats across, and the rules that keep seats apart."""

from __future__ import annotations

from dataclasses import dataclass

from cbi.access import GRANTS, NEVER_TOGETHER, OFFICE_ROLES, ROOM_PERMISSIONS, Permission, Role, conflicts
from cbi.staff.words import RIGHT_WORDS, rule_words


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


def matrix(chosen: Role | None = None) -> list[RightRow]:
    """The rights of the office, for every seat or for one."""
    roles = [chosen] if chosen else [role for role in Role if role in OFFICE_ROLES]
    office = [right for right in Permission if right not in ROOM_PERMISSIONS]
    return [
        RightRow(str(RIGHT_WORDS[right]), tuple(Cell(role, right in GRANTS[role], _rule(role, right)) for role in roles))
        for right in office
    ]


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
