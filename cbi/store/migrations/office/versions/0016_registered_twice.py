"""What a search through everybody found alike, and entries closed as registered twice, with what opens them again"""

import sqlalchemy as sa
from alembic import op

import cbi.store.bases

revision = "0016"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "likenesssearch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("pairs", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", cbi.store.bases.Moment(timezone=True), nullable=False),
        sa.Column("done_at", cbi.store.bases.Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_likenesssearch")),
    )
    op.create_table(
        "likenesspair",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("search_id", sa.Uuid(), nullable=False),
        sa.Column("low_id", sa.Uuid(), nullable=False),
        sa.Column("high_id", sa.Uuid(), nullable=False),
        sa.Column("weight_tenths", sa.Integer(), nullable=False),
        sa.Column("certainty", _words("certainty", "almost_certain", "likely", "possible"), nullable=False),
        sa.Column("reasons", sa.String(length=200), nullable=False),
        sa.CheckConstraint("low_id < high_id", name=op.f("ck_likenesspair_low_before_high")),
        sa.ForeignKeyConstraint(["search_id"], ["likenesssearch.id"], name=op.f("fk_likenesspair_search_id")),
        sa.ForeignKeyConstraint(["low_id"], ["household.id"], name=op.f("fk_likenesspair_low_id")),
        sa.ForeignKeyConstraint(["high_id"], ["household.id"], name=op.f("fk_likenesspair_high_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_likenesspair")),
        sa.UniqueConstraint("operation_id", "low_id", "high_id", name=op.f("uq_likenesspair_operation_id_low_id_high_id")),
    )
    op.create_index("ix_likenesspair_queue", "likenesspair", ["operation_id", "weight_tenths"])
    op.create_index(op.f("ix_likenesspair_high_id"), "likenesspair", ["high_id"])
    op.create_table(
        "householdmerge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("into_id", sa.Uuid(), nullable=False),
        sa.Column("status_before", sa.String(length=32), nullable=False),
        sa.Column("review_before", sa.String(length=32), nullable=True),
        sa.Column("merged_by", sa.Uuid(), nullable=False),
        sa.Column("merged_at", cbi.store.bases.Moment(timezone=True), nullable=False),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", cbi.store.bases.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_householdmerge_household_id")),
        sa.ForeignKeyConstraint(["into_id"], ["household.id"], name=op.f("fk_householdmerge_into_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_householdmerge")),
    )
    op.create_index(op.f("ix_householdmerge_household_id"), "householdmerge", ["household_id"])
    op.create_index(op.f("ix_householdmerge_into_id"), "householdmerge", ["into_id"])


def downgrade() -> None:
    for table in ("householdmerge", "likenesspair", "likenesssearch"):
        op.drop_table(table)


def _words(name: str, *allowed: str) -> sa.Enum:
    return sa.Enum(*allowed, name=name, native_enum=False, create_constraint=True, length=32)
