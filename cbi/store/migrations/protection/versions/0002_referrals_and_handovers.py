"""Referrals and hand-overs"""

import sqlalchemy as sa
from alembic import op

import cbi.store.bases

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("lettercopy", schema=None) as batch_op:
        batch_op.add_column(sa.Column("goes_on", sa.Date(), nullable=True))
        batch_op.create_index(batch_op.f("ix_lettercopy_goes_on"), ["goes_on"], unique=False)

    op.create_table(
        "oddletter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("body", cbi.store.bases.Sealed(), nullable=False),
        sa.Column("found_at", cbi.store.bases.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oddletter")),
    )
    with op.batch_alter_table("oddletter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oddletter_day"), ["day"], unique=False)

    op.create_table(
        "referral",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("content", cbi.store.bases.Sealed(), nullable=False),
        sa.Column("safe_contact", cbi.store.bases.Sealed(), nullable=True),
        sa.Column("closed_at", cbi.store.bases.Moment(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
    )
    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_referral_case_id"), ["case_id"], unique=False)

    op.create_table(
        "referralcount",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("content", cbi.store.bases.Sealed(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referralcount")),
    )
    op.create_table(
        "handover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("stub", cbi.store.bases.Sealed(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", cbi.store.bases.Moment(timezone=True), nullable=False),
        sa.Column("acknowledged_at", cbi.store.bases.Moment(timezone=True), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    with op.batch_alter_table("handover", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handover_case_id"), ["case_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("handover", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handover_case_id"))

    op.drop_table("handover")
    op.drop_table("referralcount")
    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_referral_case_id"))

    op.drop_table("referral")
    with op.batch_alter_table("oddletter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_oddletter_day"))

    op.drop_table("oddletter")
    with op.batch_alter_table("lettercopy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lettercopy_goes_on"))
        batch_op.drop_column("goes_on")
