"""Fees, advances, refunds, exchange rates, and what is decided when a list is closed"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import cbi.store.bases
from cbi.store.triggers import install, remove
from cbi.errors import UnsafeSettings
from cbi.store.wordlists import allow, forbid, refuse_used

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None

_WIDENED = (
    ("ledgerposting", "kind", "ck_ledgerposting_postingkind", ("refund", "closing", "late")),
    ("ledgerentry", "account", "ck_ledgerentry_account", ("cancelled", "donor")),
)
_ONLY_GROWING = ("exchangerate", "closing", "cycleclosing")
_KEPT = ("exchangerate", "moneyentry", "endingdecision", "closing", "cycleclosing")


def upgrade() -> None:
    op.create_table(
        "exchangerate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rate", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", cbi.store.bases.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["grant_id"], ["donor_grant.id"], name=op.f("fk_exchangerate_grant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchangerate")),
        sa.UniqueConstraint(
            "operation_id", "grant_id", "currency", "day", "number", name=op.f("uq_exchangerate_operation_id_grant_id_currency_day_number")
        ),
    )
    with op.batch_alter_table("exchangerate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exchangerate_grant_id"), ["grant_id"], unique=False)

    op.create_table(
        "cycleclosing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("entitled_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("cancelled_minor", sa.BigInteger(), nullable=False),
        sa.Column("left_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=140), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", cbi.store.bases.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_cycleclosing_cycle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cycleclosing")),
        sa.UniqueConstraint("operation_id", "cycle_id", name=op.f("uq_cycleclosing_operation_id_cycle_id")),
    )
    with op.batch_alter_table("cycleclosing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cycleclosing_cycle_id"), ["cycle_id"], unique=False)

    op.create_table(
        "closing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", cbi.store.bases.Moment(timezone=True), nullable=False),
        sa.Column("posting_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["list_id"], ["paymentlist.id"], name=op.f("fk_closing_list_id")),
        sa.ForeignKeyConstraint(["posting_id"], ["ledgerposting.id"], name=op.f("fk_closing_posting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closing")),
        sa.UniqueConstraint("operation_id", "list_id", "number", name=op.f("uq_closing_operation_id_list_id_number")),
    )
    with op.batch_alter_table("closing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_closing_list_id"), ["list_id"], unique=False)

    op.create_table(
        "moneyentry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("fee", "advance", "given_back", "to_donor", name="moneykind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("list_id", sa.Uuid(), nullable=True),
        sa.Column("budget_line_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("document", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", cbi.store.bases.Moment(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", cbi.store.bases.Moment(timezone=True), nullable=True),
        sa.Column("dropped_by", sa.Uuid(), nullable=True),
        sa.Column("dropped_at", cbi.store.bases.Moment(timezone=True), nullable=True),
        sa.Column("posting_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(posting_id IS NULL) = (confirmed_by IS NULL)", name=op.f("ck_moneyentry_posted_is_confirmed")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_moneyentry_amount_positive")),
        sa.CheckConstraint("confirmed_by IS NULL OR confirmed_by <> entered_by", name=op.f("ck_moneyentry_confirmed_by_another")),
        sa.CheckConstraint("posting_id IS NULL OR dropped_at IS NULL", name=op.f("ck_moneyentry_posted_or_dropped")),
        sa.ForeignKeyConstraint(["budget_line_id"], ["budgetline.id"], name=op.f("fk_moneyentry_budget_line_id")),
        sa.ForeignKeyConstraint(["list_id"], ["paymentlist.id"], name=op.f("fk_moneyentry_list_id")),
        sa.ForeignKeyConstraint(["posting_id"], ["ledgerposting.id"], name=op.f("fk_moneyentry_posting_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_moneyentry_provider_id")),
        sa.ForeignKeyConstraint(["reverses_id"], ["moneyentry.id"], name=op.f("fk_moneyentry_reverses_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moneyentry")),
    )
    with op.batch_alter_table("moneyentry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_moneyentry_budget_line_id"), ["budget_line_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_moneyentry_list_id"), ["list_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_moneyentry_provider_id"), ["provider_id"], unique=False)
        batch_op.create_index(
            "uq_moneyentry_reverses",
            ["operation_id", "reverses_id"],
            unique=True,
            sqlite_where=sa.text("dropped_at IS NULL"),
            postgresql_where=sa.text("dropped_at IS NULL"),
        )

    op.create_table(
        "endingdecision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column(
            "line",
            sa.Enum(
                "paid_in_part",
                "failed",
                "returned",
                "wrong_hand",
                "waiting",
                "missing",
                "suspense",
                name="openline",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column(
            "ending",
            sa.Enum(
                "instruct_again", "cancel", "carry_over", "ask_back", name="ending", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=140), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", cbi.store.bases.Moment(timezone=True), nullable=False),
        sa.Column("closing_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["closing_id"], ["closing.id"], name=op.f("fk_endingdecision_closing_id")),
        sa.ForeignKeyConstraint(["list_id"], ["paymentlist.id"], name=op.f("fk_endingdecision_list_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endingdecision")),
    )
    with op.batch_alter_table("endingdecision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_endingdecision_closing_id"), ["closing_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_endingdecision_list_id"), ["list_id"], unique=False)
        batch_op.create_index(
            "uq_endingdecision_pending",
            ["operation_id", "list_id", "line", "currency"],
            unique=True,
            sqlite_where=sa.text("closing_id IS NULL"),
            postgresql_where=sa.text("closing_id IS NULL"),
        )
    for table, column, constraint, words in _WIDENED:
        allow(op.get_bind(), table, column, constraint, *words)
    install(op.get_bind(), *_ONLY_GROWING)


def _refuse_settled() -> None:
    """What people entered, decided and closed would be gone, and the ledger would hold its entries without a reason."""
    for table, column, _constraint, words in _WIDENED:
        refuse_used(op.get_bind(), table, column, *words)
    for table in _KEPT:
        if op.get_bind().execute(sa.text(f"SELECT 1 FROM {table} LIMIT 1")).first():  # noqa: S608 -- our own names
            raise UnsafeSettings(f"stay with this version: {table} holds what an older one cannot keep; or restore an older backup")


def downgrade() -> None:
    _refuse_settled()
    remove(op.get_bind(), *_ONLY_GROWING)
    for table, column, constraint, words in _WIDENED:
        forbid(op.get_bind(), table, column, constraint, *words)
    with op.batch_alter_table("endingdecision", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_endingdecision_pending", sqlite_where=sa.text("closing_id IS NULL"), postgresql_where=sa.text("closing_id IS NULL")
        )
        batch_op.drop_index(batch_op.f("ix_endingdecision_list_id"))
        batch_op.drop_index(batch_op.f("ix_endingdecision_closing_id"))

    op.drop_table("endingdecision")
    with op.batch_alter_table("moneyentry", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_moneyentry_reverses", sqlite_where=sa.text("dropped_at IS NULL"), postgresql_where=sa.text("dropped_at IS NULL")
        )
        batch_op.drop_index(batch_op.f("ix_moneyentry_provider_id"))
        batch_op.drop_index(batch_op.f("ix_moneyentry_list_id"))
        batch_op.drop_index(batch_op.f("ix_moneyentry_budget_line_id"))

    op.drop_table("moneyentry")
    with op.batch_alter_table("closing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_closing_list_id"))

    op.drop_table("closing")
    with op.batch_alter_table("cycleclosing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cycleclosing_cycle_id"))

    op.drop_table("cycleclosing")
    with op.batch_alter_table("exchangerate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exchangerate_grant_id"))

    op.drop_table("exchangerate")
