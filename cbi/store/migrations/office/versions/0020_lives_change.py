"""Changes of households' lives, refused cards, requests to be forgotten, people counted before, and how long a grant's records are kept"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import cbi.store.bases
from cbi.errors import UnsafeSettings
from cbi.store.frozen import freeze, thaw
from cbi.store.wordlists import allow, forbid, refuse_used

revision = "0020"
down_revision = "0016"
branch_labels = None
depends_on = None

_REASON = ("leftout", "reason", "ck_leftout_leftoutreason", "counted")
_KINDS = ("corrected", "split", "joined", "moved", "head", "card", "identified", "born", "died", "left", "returned")
_OPEN = sa.text("ended_at IS NULL AND done_at IS NULL")
_KEPT = {
    "households changed": "householdchange WHERE undone_at IS NULL",
    "cards are refused": "refusedcard",
    "somebody asked to be forgotten": "erasurerequest WHERE ended_at IS NULL AND done_at IS NULL",
    "people were counted before they split off": "countedbefore",
    "households are hidden": "household WHERE restricted_on IS NOT NULL",
    "it is known how long records of grants are kept": "donor_grant WHERE kept_until IS NOT NULL",
}


def upgrade() -> None:
    allow(op.get_bind(), *_REASON)
    op.execute("ALTER TABLE household ADD COLUMN restricted_on DATE")
    op.execute("ALTER TABLE donor_grant ADD COLUMN kept_until DATE")
    thaw(op.get_bind())
    freeze(op.get_bind())
    _make_changes()
    _make_requests()
    _make_counted()


def _make_changes() -> None:
    moment, sealed = cbi.store.bases.Moment(timezone=True), cbi.store.bases.Sealed()
    op.create_table(
        "householdchange",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Enum(*_KINDS, name="changekind", native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column("detail", sqlmodel.sql.sqltypes.AutoString(length=400), nullable=False),
        sa.Column("before", sealed, nullable=True),
        sa.Column("told", sealed, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("version_before", sa.Integer(), nullable=False),
        sa.Column("other_version", sa.Integer(), nullable=False),
        sa.Column("other_before", sa.Integer(), nullable=False),
        sa.Column("payee", sa.Boolean(), nullable=False),
        sa.Column("other_payee", sa.Boolean(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", moment, nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", moment, nullable=True),
        sa.CheckConstraint("confirmed_by IS NULL OR confirmed_by <> made_by", name=op.f("ck_householdchange_confirmed_by_another")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_householdchange_household_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_householdchange")),
    )
    op.create_index(op.f("ix_householdchange_other_id"), "householdchange", ["other_id"])
    op.create_index("ix_householdchange_story", "householdchange", ["household_id", "at"])
    op.create_table(
        "refusedcard",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_refusedcard_household_id")),
        sa.ForeignKeyConstraint(["change_id"], ["householdchange.id"], name=op.f("fk_refusedcard_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusedcard")),
    )
    for column in ("household_id", "change_id", "digest"):
        op.create_index(op.f(f"ix_refusedcard_{column}"), "refusedcard", [column])


def _make_requests() -> None:
    moment = cbi.store.bases.Moment(timezone=True)
    op.create_table(
        "erasurerequest",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("agreed_by", sa.Uuid(), nullable=True),
        sa.Column("agreed_at", moment, nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("done_at", moment, nullable=True),
        sa.CheckConstraint("agreed_by IS NULL OR agreed_by <> asked_by", name=op.f("ck_erasurerequest_agreed_by_another")),
        sa.CheckConstraint("done_at IS NULL OR agreed_at IS NOT NULL", name=op.f("ck_erasurerequest_done_was_agreed")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_erasurerequest_household_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasurerequest")),
    )
    op.create_index(op.f("ix_erasurerequest_household_id"), "erasurerequest", ["household_id"])
    op.create_index(
        "uq_erasurerequest_open",
        "erasurerequest",
        ["operation_id", "household_id"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )


def _make_counted() -> None:
    op.create_table(
        "countedbefore",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("cycle_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("with_id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"], name=op.f("fk_countedbefore_cycle_id")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_countedbefore_household_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_countedbefore")),
        sa.UniqueConstraint("operation_id", "cycle_id", "household_id", name=op.f("uq_countedbefore_operation_id_cycle_id_household_id")),
    )
    for column in ("change_id", "cycle_id", "household_id"):
        op.create_index(op.f(f"ix_countedbefore_{column}"), "countedbefore", [column])


def downgrade() -> None:
    """An older program would forget who split off, whom it hides and how long it must keep what it has."""
    refuse_used(op.get_bind(), _REASON[0], _REASON[1], _REASON[3])
    for what, rows in _KEPT.items():
        if op.get_bind().execute(sa.text(f"SELECT 1 FROM {rows} LIMIT 1")).first():  # noqa: S608 -- our own names
            raise UnsafeSettings(f"stay with this version: {what}, which an older one cannot keep; or restore an older backup")
    forbid(op.get_bind(), *_REASON)
    for table in ("countedbefore", "erasurerequest", "refusedcard", "householdchange"):
        op.drop_table(table)
    op.drop_column("donor_grant", "kept_until")
    op.drop_column("household", "restricted_on")
