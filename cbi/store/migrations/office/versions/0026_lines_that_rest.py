"""The few lines of a list that do not count as under way are found by themselves"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_instruction_resting", "instruction", ["list_id"], sqlite_where=sa.text("live IS 0"), postgresql_where=sa.text("live IS false")
    )


def downgrade() -> None:
    op.drop_index("ix_instruction_resting", table_name="instruction")
