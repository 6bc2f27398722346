"""Which of the files kept for a payout file is it: one whose own password was taken off lies beside the first until that is committed"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Plain ADD COLUMN: rebuilding this table would drop rows that others point at.
    op.execute("ALTER TABLE payoutfile ADD COLUMN writing INTEGER DEFAULT 0 NOT NULL")


def downgrade() -> None:
    op.execute("ALTER TABLE payoutfile DROP COLUMN writing")
