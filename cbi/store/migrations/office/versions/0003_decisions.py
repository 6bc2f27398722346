"""Decisions of two people, what they change in the rows that count, and notes under seal"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import cbi.store.bases
from cbi.errors import UnsafeSettings
from cbi.store.wordlists import allow, forbid, refuse_used

revision = "0003"
down_revision = "0005"
branch_labels = None
depends_on = None

_KINDS = (
    "PAID", "PAID_LESS", "PAID_MORE", "FAILED", "RETURNED", "PAID_TWICE", "PAID_BEFORE", "CONTRADICTS",
    "WRONG_PAYEE", "WRONG_CURRENCY", "NOT_INSTRUCTED", "NOT_OURS", "MISSING", "SUGGESTED", "UNREADABLE",
)  # fmt: skip
_ANSWERS = (
    "match", "no_match", "earlier", "newer", "same_person", "other_person", "to_recover", "recovered", "charged", "extra",
)  # fmt: skip
_WIDENED = (
    ("ledgerposting", "kind", "ck_ledgerposting_postingkind", ("decision",)),
    ("ledgerentry", "account", "ck_ledgerentry_account", ("extra",)),
    ("ledgersum", "account", "ck_ledgersum_account", ("extra",)),
)
_NOT_DECIDED = sa.text("decision_id IS NULL")
_ONE_LIVE = sa.text("live AND answer <> 'recovered'")


def upgrade() -> None:
    for table, column, constraint, words in _WIDENED:
        allow(op.get_bind(), table, column, constraint, *words)
    _answers_bind()
    _make_decisions()
    with op.batch_alter_table("postedrow") as table:
        table.add_column(sa.Column("decision_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("replaced_by", sa.Uuid(), nullable=True))
    op.create_index("ix_postedrow_reference", "postedrow", ["reference"])
    for name in ("decision_id", "replaced_by"):
        given = sa.text(f"{name} IS NOT NULL")
        op.create_index(f"ix_postedrow_{name}", "postedrow", [name], sqlite_where=given, postgresql_where=given)


def downgrade() -> None:
    _refuse_decided()
    for name in ("reference", "replaced_by", "decision_id"):
        op.drop_index(f"ix_postedrow_{name}", table_name="postedrow")
    with op.batch_alter_table("postedrow") as table:
        table.drop_column("replaced_by")
        table.drop_column("decision_id")
    op.drop_index("uq_findingdecision_live", table_name="findingdecision", sqlite_where=_ONE_LIVE, postgresql_where=_ONE_LIVE)
    for name in ("reference", "instruction_id", "finding_id", "file_id"):
        op.drop_index(f"ix_findingdecision_{name}", table_name="findingdecision")
    op.drop_table("findingdecision")
    _answers_unbind()
    for table, column, constraint, words in _WIDENED:
        forbid(op.get_bind(), table, column, constraint, *words)


def _refuse_decided() -> None:
    """Money that two people moved would stand in the ledger without the decision that moved it."""
    for table, column, _constraint, words in _WIDENED:
        refuse_used(op.get_bind(), table, column, *words)
    if op.get_bind().execute(sa.text("SELECT 1 FROM findingdecision LIMIT 1")).first():
        raise UnsafeSettings("stay with this version: people decided on findings, which an older one cannot keep; or restore an older backup")


def _answers_bind() -> None:
    """An answer moved no money so far, and its note stood in clear: what was said stays as seen, the notes go."""
    op.execute("UPDATE findinganswer SET answer = 'noted'")
    allow(op.get_bind(), "findinganswer", "answer", "ck_findinganswer_answer", *_ANSWERS)
    forbid(op.get_bind(), "findinganswer", "answer", "ck_findinganswer_answer", "accepted", "rejected")
    with op.batch_alter_table("findinganswer") as table:
        table.drop_constraint("uq_findinganswer_operation_id_finding_id_answered_by", type_="unique")
        table.drop_column("note")
        table.add_column(sa.Column("note", cbi.store.bases.Sealed(), nullable=True))
        table.add_column(sa.Column("mark", sa.LargeBinary(), nullable=False, server_default=sa.text("''")))
        table.add_column(sa.Column("amount_minor", sa.BigInteger(), nullable=False, server_default="0"))
        table.add_column(sa.Column("on_date", sa.Date(), nullable=True))
        table.add_column(sa.Column("instruction_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("sheet", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False, server_default=""))
        table.add_column(sa.Column("row", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("decision_id", sa.Uuid(), nullable=True))
    with op.batch_alter_table("findinganswer") as table:
        for name in ("mark", "amount_minor", "sheet", "row"):
            table.alter_column(name, server_default=None)
        table.create_index("ix_findinganswer_decision_id", ["decision_id"])
        table.create_index(
            "uq_findinganswer_person",
            ["operation_id", "finding_id", "answered_by"],
            unique=True,
            sqlite_where=_NOT_DECIDED,
            postgresql_where=_NOT_DECIDED,
        )


def _answers_unbind() -> None:
    """An older program keeps one answer of each person, knows no decisions, and would show a note in clear."""
    op.execute("DELETE FROM findinganswer WHERE decision_id IS NOT NULL")
    op.execute("UPDATE findinganswer SET answer = 'noted'")
    with op.batch_alter_table("findinganswer") as table:
        table.drop_index("uq_findinganswer_person", sqlite_where=_NOT_DECIDED, postgresql_where=_NOT_DECIDED)
        table.drop_index("ix_findinganswer_decision_id")
        for name in ("decision_id", "row", "sheet", "instruction_id", "on_date", "amount_minor", "mark", "note"):
            table.drop_column(name)
        table.add_column(sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=140), nullable=False, server_default=""))
        table.create_unique_constraint(
            "uq_findinganswer_operation_id_finding_id_answered_by", ["operation_id", "finding_id", "answered_by"]
        )
    allow(op.get_bind(), "findinganswer", "answer", "ck_findinganswer_answer", "accepted", "rejected")
    forbid(op.get_bind(), "findinganswer", "answer", "ck_findinganswer_answer", *_ANSWERS)


def _make_decisions() -> None:
    op.create_table(
        "findingdecision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _words("findingkind", _KINDS), nullable=False),
        sa.Column("answer", _words("answer", ("noted", *_ANSWERS)), nullable=False),
        sa.Column("instruction_id", sa.Uuid(), nullable=True),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=True),
        sa.Column("first_by", sa.Uuid(), nullable=False),
        sa.Column("second_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", cbi.store.bases.Moment(timezone=True), nullable=False),
        sa.Column("posting_id", sa.Uuid(), nullable=True),
        sa.Column("late_id", sa.Uuid(), nullable=True),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", cbi.store.bases.Moment(timezone=True), nullable=True),
        sa.CheckConstraint("second_by IS NULL OR second_by <> first_by", name="ck_findingdecision_two_people"),
        sa.CheckConstraint(
            "second_by IS NOT NULL OR answer NOT IN ('charged', 'earlier', 'extra', 'newer', 'recovered', 'same_person')",
            name="ck_findingdecision_second_person",
        ),
        sa.ForeignKeyConstraint(["file_id"], ["payoutfile.id"], name="fk_findingdecision_file_id"),
        sa.PrimaryKeyConstraint("id", name="pk_findingdecision"),
    )
    for name in ("file_id", "finding_id", "instruction_id", "reference"):
        op.create_index(f"ix_findingdecision_{name}", "findingdecision", [name])
    op.create_index(
        "uq_findingdecision_live",
        "findingdecision",
        ["operation_id", "finding_id", "answer"],
        unique=True,
        sqlite_where=_ONE_LIVE,
        postgresql_where=_ONE_LIVE,
    )


def _words(name: str, members: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=32)
