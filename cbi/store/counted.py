"""Counts that the database itself keeps in step with the rows they count, so that a page need not go through a hundred thousand of them.

A later migration that rebuilds `household` on SQLite drops its triggers with it, and must call `count_households` again.
"""

from __future__ import annotations

import sqlalchemy as sa

_KIND = "operation_id, site_id, status, review, consent, consent_version, hidden"
_CHANGES = "operation_id, site_id, status, review, consent, consent_version, restricted_on, size"
_OF = (
    "{row}.operation_id, {row}.site_id, {row}.status, coalesce({row}.review, ''), {row}.consent, {row}.consent_version,"
    " {row}.restricted_on IS NOT NULL"
)
_MORE = (
    f"INSERT INTO householdcount ({_KIND}, households, people) VALUES ({_OF.format(row='NEW')}, 1, NEW.size) ON CONFLICT ({_KIND})"  # noqa: S608 -- names
    " DO UPDATE SET households = householdcount.households + 1, people = householdcount.people + excluded.people;"
)
_LESS = f"UPDATE householdcount SET households = households - 1, people = people - OLD.size WHERE ({_KIND}) = ({_OF.format(row='OLD')});"  # noqa: S608 -- as above
_TRIGGERS = {
    "household_counted_insert": ("AFTER INSERT", _MORE),
    "household_counted_update": (f"AFTER UPDATE OF {_CHANGES}", _LESS + _MORE),
    "household_counted_delete": ("AFTER DELETE", _LESS),
}
_AT_FIRST = f"""
INSERT INTO householdcount ({_KIND}, households, people)
SELECT {_OF.format(row="h")}, count(*), sum(h.size) FROM household AS h GROUP BY {_OF.format(row="h")}
"""  # noqa: S608 -- as above


def count_households(connection: sa.Connection) -> None:
    """Count what is there, and keep counting."""
    connection.execute(sa.text("DELETE FROM householdcount"))
    connection.execute(sa.text(_AT_FIRST))
    for name, (when, what) in _TRIGGERS.items():
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"CREATE TRIGGER {name} {when} ON household BEGIN {what} END")
        else:
            body = f"BEGIN {what} RETURN NULL; END"
            connection.exec_driver_sql(f"CREATE FUNCTION cbi_{name}() RETURNS trigger AS $$ {body} $$ LANGUAGE plpgsql")
            connection.exec_driver_sql(f"CREATE TRIGGER {name} {when} ON household FOR EACH ROW EXECUTE FUNCTION cbi_{name}()")


def stop_counting_households(connection: sa.Connection) -> None:
    """Take the triggers away, before either table is dropped or rebuilt."""
    sqlite = connection.dialect.name == "sqlite"
    for name in _TRIGGERS:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}" + ("" if sqlite else " ON household"))
        if not sqlite:
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS cbi_{name}()")
