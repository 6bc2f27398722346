"""Leave agreed by two people, when a fix was found and planned, services taken out of the directory, interpreters, separate transfers"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import cbi.store.bases
from cbi.errors import UnsafeSettings
from cbi.store.wordlists import allow, forbid, refuse_used

revision = "0009"
down_revision = "0003"
branch_labels = None
depends_on = None

_KINDS = ("arrangement", "kind", "ck_arrangement_arrangementkind", "shares")
_KEPT = {
    "leave was asked for at a place": "siteoverride",
    "interpreters are kept": "interpreter",
    "services were taken out of the directory": "service WHERE retired_on IS NOT NULL",
    "it is kept when fixes were planned": "sitefix WHERE planned_on IS NOT NULL",
    "it is kept when fixes were found": "sitefix WHERE found_on <> (SELECT answered_on FROM sitecheck WHERE sitecheck.id = sitefix.check_id)",
}
_REASONS = ("ready_on_the_day", "waiting_is_worse", "urgent_need", "access_ends")


def upgrade() -> None:
    allow(op.get_bind(), *_KINDS)
    op.create_table(
        "siteoverride",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("measures", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column(
            "reason", sa.Enum(*_REASONS, name="overridereason", native_enum=False, create_constraint=True, length=32), nullable=False
        ),
        sa.Column("note", cbi.store.bases.Sealed(), nullable=True),
        sa.Column("with_protection", cbi.store.bases.Sealed(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", cbi.store.bases.Moment(timezone=True), nullable=False),
        sa.Column("agreed_by", sa.Uuid(), nullable=True),
        sa.Column("agreed_at", cbi.store.bases.Moment(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", cbi.store.bases.Moment(timezone=True), nullable=True),
        sa.CheckConstraint("agreed_by IS NULL OR agreed_by <> proposed_by", name=op.f("ck_siteoverride_agreed_by_another")),
        sa.ForeignKeyConstraint(["check_id"], ["sitecheck.id"], name=op.f("fk_siteoverride_check_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_siteoverride_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_siteoverride")),
    )
    with op.batch_alter_table("siteoverride", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_siteoverride_check_id"), ["check_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_siteoverride_site_id"), ["site_id"], unique=False)
        batch_op.create_index(
            "uq_siteoverride_open",
            ["operation_id", "site_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
    op.create_table(
        "interpreter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("name", cbi.store.bases.Sealed(), nullable=False),
        sa.Column("languages", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("sex", sqlmodel.sql.sqltypes.AutoString(length=1), nullable=False),
        sa.Column("vetted_on", sa.Date(), nullable=False),
        sa.Column("vetted_by", sa.Uuid(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interpreter")),
    )
    op.add_column("sitefix", sa.Column("found_on", sa.Date(), nullable=True))
    op.add_column("sitefix", sa.Column("planned_on", sa.Date(), nullable=True))
    op.add_column("service", sa.Column("retired_on", sa.Date(), nullable=True))
    # What was found before had no day of its own; the last check that still found it is the nearest that is known.
    op.execute("UPDATE sitefix SET found_on = (SELECT answered_on FROM sitecheck WHERE sitecheck.id = sitefix.check_id)")
    with op.batch_alter_table("sitefix", schema=None) as batch_op:
        batch_op.alter_column("found_on", existing_type=sa.Date(), nullable=False)


def _refuse_kept() -> None:
    """What two people agreed on, whom they vetted and how households share would be gone without a word."""
    table, column, _constraint, word = _KINDS
    refuse_used(op.get_bind(), table, column, word)
    for what, rows in _KEPT.items():
        if op.get_bind().execute(sa.text(f"SELECT 1 FROM {rows} LIMIT 1")).first():  # noqa: S608 -- our own names
            raise UnsafeSettings(f"stay with this version: {what}, which an older one cannot keep; or restore an older backup")


def downgrade() -> None:
    _refuse_kept()
    forbid(op.get_bind(), *_KINDS)
    op.drop_table("interpreter")
    op.drop_column("service", "retired_on")
    with op.batch_alter_table("sitefix", schema=None) as batch_op:
        batch_op.drop_column("planned_on")
        batch_op.drop_column("found_on")
    with op.batch_alter_table("siteoverride", schema=None) as batch_op:
        batch_op.drop_index("uq_siteoverride_open", sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL"))
        batch_op.drop_index(batch_op.f("ix_siteoverride_site_id"))
        batch_op.drop_index(batch_op.f("ix_siteoverride_check_id"))
    op.drop_table("siteoverride")
