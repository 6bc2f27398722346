"""References that are none of ours go under seal: a keyed digest stands in their place, and what the provider wrote beside the row's other details"""

import json
from importlib import import_module

import sqlalchemy as sa
from alembic import op
from sqlmodel import Session

from cbi.errors import UnsafeSettings
from cbi.store.bases import Sealed
from cbi.store.sealed import Place, Vault
from cbi.store.system import System

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_NAMED = (
    ("payoutrow", "reference"),
    ("payoutrow", "counted_for"),
    ("payoutfinding", "reference"),
    ("postedrow", "reference"),
    ("findingdecision", "reference"),
)
_MARK = "~"
_ROWS = sa.table(
    "payoutrow", sa.column("id", sa.Uuid()), sa.column("file_id", sa.Uuid()), sa.column("reference"), sa.column("detail", Sealed())
)


def upgrade() -> None:
    connection = op.get_bind()
    if not any(_of_others(connection, table, column) for table, column in _NAMED):
        return
    vault, kept = _vault(), import_module("cbi.payouts.strangers").kept
    with Session(connection) as session:
        for row_id, text in _of_others(connection, "payoutrow", "reference"):
            _keep_text(session, vault, row_id, text)
    for table, column in _NAMED:
        _rewrite(connection, table, column, {text: kept(vault, text) for _, text in _of_others(connection, table, column)})


def downgrade() -> None:
    """What the rows' details hold stands in clear again; of rows that had none, the digest stays: an older program only compares it."""
    connection = op.get_bind()
    rows = connection.execute(sa.select(_ROWS).where(_ROWS.c.reference.startswith(_MARK), _ROWS.c.detail.is_not(None))).all()
    if not rows:
        return
    vault, texts = _vault(), dict[str, str]()
    with Session(connection) as session:
        for row in rows:
            detail = json.loads(vault.open_at(session, Place("payoutrow", "detail", row.id, row.file_id), bytes(row.detail)))
            texts[row.reference] = detail.get("reference", row.reference)
    for table, column in _NAMED:
        _rewrite(connection, table, column, texts)


def _vault() -> Vault:
    keyring = op.get_context().config.attributes["keyring"]
    if keyring is None:
        raise UnsafeSettings("give the office's key: what providers wrote as references is put under its seal, or taken from under it")
    return Vault(keyring, System("office").subject_key)


def _of_others(connection, table, column):
    """Ids and texts of rows whose reference is none that we ever gave."""
    query = f"SELECT id, {column} FROM {table} WHERE {column} <> '' AND {column} NOT IN (SELECT reference FROM instruction)"  # noqa: S608 -- our own names
    known = sa.text(query).columns(sa.column("id", sa.Uuid()), sa.column(column, sa.String()))
    is_reference = import_module("cbi.transfers.references").is_reference
    return [(row_id, text) for row_id, text in connection.execute(known) if not is_reference(text)]


def _keep_text(session, vault, row_id, text):
    connection = session.connection()
    row = connection.execute(sa.select(_ROWS).where(_ROWS.c.id == row_id)).one()
    if row.detail is None:  # of a transfer that arrived nothing more is kept
        return
    place = Place("payoutrow", "detail", row.id, row.file_id)
    detail = json.loads(vault.open_at(session, place, bytes(row.detail))) | {"reference": text}
    sealed = vault.seal_at(session, place, json.dumps(detail, ensure_ascii=False).encode())
    connection.execute(sa.update(_ROWS).where(_ROWS.c.id == row_id).values(detail=sealed))


def _rewrite(connection, table, column, texts):
    """Put other texts in the place of these."""
    named = sa.table(table, sa.column("id", sa.Uuid()), sa.column(column))
    wanted = [(row_id, texts[text]) for row_id, text in connection.execute(sa.select(named.c.id, named.c[column])) if text in texts]
    for row_id, text in wanted:
        connection.execute(sa.update(named).where(named.c.id == row_id).values({column: text}))
