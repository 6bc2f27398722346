"""A rule as the text it is kept, compared and handed on as: the same rule is always the same TOML."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from cbi.transfers.rules import Condition, Due, Needs, Part, Rule, Way
from reconciliation.money import Money


def table_of(rule: Rule) -> dict[str, Any]:  # Any: as TOML and JSON have it
    """The rule as tables and lists, in the order people read it."""
    terms: dict[str, Any] = {"waits_for": sorted(rule.blocks)} | ({} if rule.host_percent is None else {"host_percent": rule.host_percent})
    must = {} if rule.must is None else {"must": {"reason": rule.must.reason, "when": [_condition(one) for one in rule.must.when]}}
    due = _due(rule.due, rule.currency)
    return {"reason": rule.reason, "currency": rule.currency, "terms": terms, "due": due, **must, "way": [_way(one) for one in rule.ways]}


def write(rule: Rule) -> str:
    """The rule as TOML."""
    return "\n".join(_lines(table_of(rule))).strip() + "\n"


def _way(way: Way) -> dict[str, Any]:
    points = {"points": way.points} if way.needs is Needs.POINTS else {}
    return {"reason": way.reason, "needs": way.needs.value, **points, "when": [_condition(one) for one in way.when]}


def _condition(one: Condition) -> dict[str, Any]:
    told: dict[str, Any] = {"what": one.what.value}
    told |= {name: value for name, value in (("at_least", one.at_least), ("at_most", one.at_most)) if value is not None}
    return told | ({"among": list(one.among)} if one.among else {}) | ({"points": one.points} if one.points else {})


def _due(due: Due, currency: str) -> dict[str, Any]:
    return {
        **_part("base", due.base, currency),
        **_part("per_member", due.per_member, currency),
        "members_at_most": due.member_limit,
        "at_most": _amount(due.ceiling_minor, currency),
        **({"basket": _amount(due.basket_minor, currency)} if due.basket_minor else {}),
    }


def _part(name: str, part: Part, currency: str) -> dict[str, Any]:
    return {name: _amount(part.minor, currency)} if part.percent is None else {f"{name}_percent": part.percent}


def _amount(minor: int, currency: str) -> str:
    return str(Money(minor, currency).decimal())


def _lines(table: dict[str, Any], path: str = "") -> Iterator[str]:
    """Values first, then the tables under them, as TOML wants it. JSON writes a text, a number and a list as TOML does."""
    inner = {name: value for name, value in table.items() if isinstance(value, dict) or _is_tables(value)}
    yield from (f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in table.items() if name not in inner)
    for name, value in inner.items():
        for one in value if isinstance(value, list) else [value]:
            yield from ("", f"[[{path}{name}]]" if isinstance(value, list) else f"[{path}{name}]")
            yield from _lines(one, f"{path}{name}.")


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)
