"""Rows that stop changing at a point of their life: the database itself refuses to touch a released list, a frozen rule, or what is due.

A later migration that rebuilds one of these tables on SQLite drops its triggers with it, and must call `freeze` again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

_FINAL = "('released', 'closed')"
_LIST_FACTS = (
    "id, operation_id, reference, cycle_id, provider_id, count, total_minor, currency, columns, hash, export_digest, prepared_by,"
    " prepared_at, submitted_by, submitted_at, released_by, released_at, sent_back_reason, reissue"
)
_LINE_FACTS = (
    "id, operation_id, list_id, entitlement_id, household_id, site_id, budget_line_id, position, part, reference, amount_minor, currency,"
    " token, payee_name, payee_phone, payee_account, replaces_id"
)
_LINE_DIGESTS = "payee_digest, share_of"
_RULE_FACTS = (
    "programme_id, number, currency, base_minor, per_member_minor, member_limit, ceiling_minor, basket_minor, budget_line_id, rule_id,"
    " frozen_by, frozen_at"
)
_OF_RELEASED = "EXISTS (SELECT 1 FROM paymentlist AS l WHERE l.id IN ({ids}) AND l.status IN ('released', 'closed'))"
# Of somebody whose key was destroyed the keyed digests may be emptied, and in no other way changed: they could confirm a guess.
_ERASED = "EXISTS (SELECT 1 FROM subject_key AS k WHERE k.id = OLD.household_id AND k.wrapped IS NULL)"
_EMPTIED = {"payee_digest": "length(NEW.payee_digest) = 0", "share_of": "NEW.share_of IS NULL"}


@dataclass(frozen=True)
class Refusal:
    """One trigger: on which change of which table, under which condition, with which words."""

    name: str
    table: str
    change: str
    condition: str
    words: str


def _refusals(
    different: str, line_facts: str = _LINE_FACTS, list_facts: str = _LIST_FACTS, rule_facts: str = _RULE_FACTS
) -> Iterator[Refusal]:
    """Every refusal. different: how this database says that two values differ, empty ones included."""
    released = "a released list never changes"
    for table, columns in (("instruction", line_facts), ("approval", "id, list_id, approver_id, hash, count, total_minor, currency, at")):
        for verb, ids in (("INSERT", "NEW.list_id"), ("DELETE", "OLD.list_id"), (f"UPDATE OF {columns}", "OLD.list_id, NEW.list_id")):
            yield Refusal(f"{table}_released_{verb.split()[0].lower()}", table, verb, _OF_RELEASED.format(ids=ids), released)
    changed = " OR ".join(f"NEW.{name} {different} OLD.{name}" for name in list_facts.split(", "))
    moved = f"NEW.status NOT IN {_FINAL} OR (OLD.status = 'closed' AND NEW.status <> 'closed')"
    yield Refusal("paymentlist_released_update", "paymentlist", "UPDATE", f"OLD.status IN {_FINAL} AND ({moved} OR {changed})", released)
    yield Refusal("paymentlist_released_delete", "paymentlist", "DELETE", f"OLD.status IN {_FINAL}", released)
    yield Refusal("cycle_frozen_update", "cycle", f"UPDATE OF {rule_facts}", "OLD.status <> 'draft'", "a frozen cycle keeps its rules")
    yield Refusal("cycle_thawed_update", "cycle", "UPDATE", "OLD.status <> 'draft' AND NEW.status = 'draft'", "a frozen cycle stays frozen")
    yield Refusal("entitlement_update", "entitlement", "UPDATE", "1 = 1", "what a household is due is never rewritten")


def _of_digests(columns: str) -> Refusal:
    """The keyed digests of a released list stay too, but for somebody who is erased."""
    emptied = " AND ".join((_ERASED, *(_EMPTIED[name] for name in columns.split(", "))))
    condition = f"{_OF_RELEASED.format(ids='OLD.list_id')} AND NOT ({emptied})"
    return Refusal("instruction_released_digest", "instruction", f"UPDATE OF {columns}", condition, "a released list never changes")


def freeze(connection: sa.Connection) -> None:
    """Put every refusal in place, over the columns there are: a migration that adds one of them calls this again."""
    different = "IS NOT" if connection.dialect.name == "sqlite" else "IS DISTINCT FROM"
    line_facts, list_facts = _there(connection, "instruction", _LINE_FACTS), _there(connection, "paymentlist", _LIST_FACTS)
    put(connection, _refusals(different, line_facts, list_facts, _there(connection, "cycle", _RULE_FACTS)))
    put(connection, [_of_digests(_there(connection, "instruction", _LINE_DIGESTS))])


def thaw(connection: sa.Connection) -> None:
    """Take the refusals away, before the tables go."""
    take(connection, [*_refusals("IS NOT"), _of_digests(_LINE_DIGESTS)])


def put(connection: sa.Connection, refusals: Iterable[Refusal]) -> None:
    """Put these refusals in place."""
    for one in refusals:
        for statement in _sqlite(one) if connection.dialect.name == "sqlite" else _postgres(one):
            connection.exec_driver_sql(statement)


def take(connection: sa.Connection, refusals: Iterable[Refusal]) -> None:
    """Take these refusals away again."""
    for one in refusals:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {one.name}")
        else:
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS cbi_{one.name}() CASCADE")


def _there(connection: sa.Connection, table: str, columns: str) -> str:
    have = {column["name"] for column in sa.inspect(connection).get_columns(table)}
    return ", ".join(name for name in columns.split(", ") if name in have)


def _sqlite(one: Refusal) -> Iterator[str]:
    yield (
        f"CREATE TRIGGER {one.name} BEFORE {one.change} ON {one.table} FOR EACH ROW WHEN {one.condition} "
        f"BEGIN SELECT RAISE(ABORT, '{one.words}'); END"
    )


def _postgres(one: Refusal) -> Iterator[str]:
    # A trigger's WHEN may not look at other tables there, so the condition moves into a function of its own.
    verb = one.change.split()[0]
    keep = "OLD" if verb == "DELETE" else "NEW"
    yield (
        f"CREATE FUNCTION cbi_{one.name}() RETURNS trigger AS $$ BEGIN IF {one.condition} THEN RAISE EXCEPTION '{one.words}'; END IF; "
        f"RETURN {keep}; END $$ LANGUAGE plpgsql"
    )
    yield f"CREATE TRIGGER {one.name} BEFORE {one.change} ON {one.table} FOR EACH ROW EXECUTE FUNCTION cbi_{one.name}()"
