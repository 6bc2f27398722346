"""Entries are found by posting and by transfer; their sums lead from a list to its postings"""

from alembic import op

revision = "0024"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_ledgerentry_list_account", table_name="ledgerentry")


def downgrade() -> None:
    op.create_index("ix_ledgerentry_list_account", "ledgerentry", ["list_id", "account"])
