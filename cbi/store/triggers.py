"""Tables that only grow: the database itself refuses to change or delete their rows."""

from __future__ import annotations

import sqlalchemy as sa

_SQLITE = """
CREATE TRIGGER {table}_no_{verb_lower} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION cbi_append_only() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$ LANGUAGE plpgsql
"""
_POSTGRES = "CREATE TRIGGER {table}_no_{verb_lower} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION cbi_append_only()"
_VERBS = ("UPDATE", "DELETE")


def install(connection: sa.Connection, *tables: str) -> None:
    """Make these tables append-only."""
    sqlite = connection.dialect.name == "sqlite"
    if not sqlite:
        connection.execute(sa.text(_POSTGRES_FUNCTION))
    for table in tables:
        for verb in _VERBS:
            connection.execute(sa.text((_SQLITE if sqlite else _POSTGRES).format(table=table, verb=verb, verb_lower=verb.lower())))


def remove(connection: sa.Connection, *tables: str) -> None:
    """Take the refusal away again, before a table is dropped."""
    on = "" if connection.dialect.name == "sqlite" else " ON {table}"
    for table in tables:
        for verb in _VERBS:
            connection.execute(sa.text(f"DROP TRIGGER IF EXISTS {table}_no_{verb.lower()}{on.format(table=table)}"))
