"""Feedback that went past the office's desk"""

import sqlalchemy as sa
from alembic import op

import cbi.store.bases

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feedbackcopy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("copied_at", cbi.store.bases.Moment(timezone=True), nullable=False),
        sa.Column("taken_at", cbi.store.bases.Moment(timezone=True), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedbackcopy")),
    )
    with op.batch_alter_table("feedbackcopy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedbackcopy_day"), ["day"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("feedbackcopy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedbackcopy_day"))
    op.drop_table("feedbackcopy")
