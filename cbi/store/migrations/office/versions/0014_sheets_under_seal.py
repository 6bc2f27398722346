"""Names of a file's sheets go under seal, a keyed digest in their place; a promise passes back to an older line; answers are found by their row"""

import json
import re
from importlib import import_module

import sqlalchemy as sa
from alembic import op
from sqlmodel import Session

from cbi.errors import UnsafeSettings
from cbi.store.bases import Sealed
from cbi.store.sealed import Place, Vault
from cbi.store.system import System
from cbi.store.wordlists import allow, forbid, refuse_used

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_KIND = ("ledgerposting", "kind", "ck_ledgerposting_postingkind")
_PLACE = re.compile(r"(.+?)!(\d+)(?:, |$)")
_LONGEST_LIST = 200
_FILES = sa.table(
    "payoutfile",
    sa.column("id", sa.Uuid()),
    sa.column("layout"),
    sa.column("summary"),
    sa.column("problems"),
    sa.column("sheet_names", Sealed()),
)
_FINDINGS = sa.table("payoutfinding", sa.column("id", sa.Uuid()), sa.column("file_id", sa.Uuid()), sa.column("points_at"))
_PROFILES = sa.table("providerprofile", sa.column("id", sa.Uuid()), sa.column("layout"))


def upgrade() -> None:
    connection = op.get_bind()
    allow(connection, *_KIND, "passed_back")
    op.create_index("ix_findinganswer_place", "findinganswer", ["file_id", "row"])
    connection.exec_driver_sql(f"ALTER TABLE payoutfile ADD COLUMN sheet_names {'BLOB' if connection.dialect.name == 'sqlite' else 'BYTEA'}")
    for row in connection.execute(sa.select(_PROFILES)).all():
        if json.loads(row.layout).pop("sheets", None):
            _set(connection, _PROFILES, row.id, layout=_layout(row.layout, lambda _name: None))
    with Session(connection) as session:
        for row in connection.execute(sa.select(_FILES.c["id", "layout", "summary", "problems"])).all():
            if names := _names_of(connection, row):
                keys = {name: import_module("cbi.payouts.sheet_names").key_of(_vault(), name) for name in names}
                _rename(connection, row, keys)
                kept = json.dumps({key: name for name, key in keys.items()}, ensure_ascii=False).encode()
                _set(connection, _FILES, row.id, sheet_names=_vault().seal_at(session, _place(row.id), kept))


def downgrade() -> None:
    """The names stand in clear again. An older program would not know what a promise that passed back says."""
    connection = op.get_bind()
    refuse_used(connection, *_KIND[:2], "passed_back")
    with Session(connection) as session:
        for row in connection.execute(sa.select(_FILES).where(_FILES.c.sheet_names.is_not(None))).all():
            _rename(connection, row, json.loads(_vault().open_at(session, _place(row.id), bytes(row.sheet_names))))
    connection.exec_driver_sql("ALTER TABLE payoutfile DROP COLUMN sheet_names")
    op.drop_index("ix_findinganswer_place", "findinganswer")
    forbid(connection, *_KIND, "passed_back")


def _vault() -> Vault:
    keyring = op.get_context().config.attributes["keyring"]
    if keyring is None:
        raise UnsafeSettings("give the office's key: what the sheets of files are called is put under its seal, or taken from under it")
    return Vault(keyring, System("office").subject_key)


def _place(file_id):
    return Place("payoutfile", "sheet_names", file_id, file_id)


def _set(connection, table, row_id, **values):
    connection.execute(sa.update(table).where(table.c.id == row_id).values(values))


def _names_of(connection, file):
    """Every name that anything of a file mentions."""
    summary = json.loads(file.summary or "{}")
    found = {*summary.get("sheets", {}), *(json.loads(file.layout or "{}").get("sheets") or [])}
    found |= {one["sheet"] for one in (*summary.get("gaps", []), *json.loads(file.problems or "[]"))}
    for table in ("payoutrow", "findinganswer"):
        of = sa.table(table, sa.column("file_id", sa.Uuid()), sa.column("sheet"))
        found |= set(connection.execute(sa.select(of.c.sheet).where(of.c.file_id == file.id).distinct()).scalars())
    found |= {name for _id, text in _pointing(connection, file.id) for name, _row in _PLACE.findall(text)}
    return found - {""}


def _pointing(connection, file_id):
    where = (_FINDINGS.c.file_id == file_id, _FINDINGS.c.points_at != "")
    return [(row.id, row.points_at) for row in connection.execute(sa.select(_FINDINGS).where(*where))]


def _rename(connection, file, other):
    """Put another name in the place of each, wherever a file's sheets are named."""
    for table in ("payoutrow", "findinganswer"):
        of = sa.table(table, sa.column("file_id", sa.Uuid()), sa.column("sheet"))
        for name, becomes in other.items():
            connection.execute(sa.update(of).where(of.c.file_id == file.id, of.c.sheet == name).values(sheet=becomes))
    for finding_id, text in _pointing(connection, file.id):
        places = _PLACE.findall(text)
        trusted = places[:-1] if len(text) >= _LONGEST_LIST else places  # the last of a list that was cut short
        points_at = ", ".join(f"{other.get(name, name)}!{row}" for name, row in trusted)[:_LONGEST_LIST]
        _set(connection, _FINDINGS, finding_id, points_at=points_at)
    summary, problems = json.loads(file.summary or "{}"), json.loads(file.problems or "[]")
    for one in (*summary.get("gaps", []), *problems):
        one["sheet"] = other.get(one["sheet"], one["sheet"])
    if "sheets" in summary:
        summary["sheets"] = {other.get(name, name): stood for name, stood in summary["sheets"].items()}
    values = {"problems": json.dumps(problems), "layout": _layout(file.layout, lambda name: other.get(name, name))}
    _set(connection, _FILES, file.id, **values, **({"summary": json.dumps(summary, sort_keys=True)} if file.summary else {}))


def _layout(text, becomes):
    """A layout's map with its sheets under other names; None for one takes it out."""
    if not text or not json.loads(text).get("sheets"):
        return text
    kept = json.loads(text)
    kept["sheets"] = [name for name in map(becomes, kept["sheets"]) if name] or None
    return json.dumps(kept, ensure_ascii=False, sort_keys=True)
