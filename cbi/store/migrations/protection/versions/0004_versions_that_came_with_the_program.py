"""Versions that came with the program"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("instrumentversion", schema=None) as batch_op:
        batch_op.add_column(sa.Column("shipped", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    # An older program has these words itself, and would take them for a draft of its own.
    op.execute("DELETE FROM instrumentversion WHERE shipped")
    with op.batch_alter_table("instrumentversion", schema=None) as batch_op:
        batch_op.drop_column("shipped")
