"""How Alembic reaches this world's database: always through the program, with its own connection."""

from __future__ import annotations

from alembic import context

from cbi.store.migrate import load_tables

config = context.config
context.configure(
    connection=config.attributes["connection"],
    target_metadata=load_tables(config.attributes["world"]),
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
