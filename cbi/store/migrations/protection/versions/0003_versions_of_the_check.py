"""Versions of the check"""

import sqlalchemy as sa
from alembic import op

import cbi.store.bases

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "instrumentversion",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("content", cbi.store.bases.Sealed(), nullable=False),
        sa.Column("editors", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("made_at", cbi.store.bases.Moment(timezone=True), nullable=False),
        sa.Column("approved_at", cbi.store.bases.Moment(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("used_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["approved_by"], ["officer.id"], name=op.f("fk_instrumentversion_approved_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instrumentversion")),
        sa.UniqueConstraint("version", name=op.f("uq_instrumentversion_version")),
    )


def downgrade() -> None:
    op.drop_table("instrumentversion")
