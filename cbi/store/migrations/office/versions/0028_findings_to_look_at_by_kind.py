"""Findings that people look at are found by kind; those that were paid as instructed, nearly all of a file, are not in that index"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_COLUMNS = ["file_id", "kind", "position"]
_NOT_PAID = sa.text("kind <> 'PAID'")


def upgrade() -> None:
    op.drop_index("ix_payoutfinding_file_kind", table_name="payoutfinding")
    op.create_index("ix_payoutfinding_file_kind", "payoutfinding", _COLUMNS, sqlite_where=_NOT_PAID, postgresql_where=_NOT_PAID)


def downgrade() -> None:
    op.drop_index("ix_payoutfinding_file_kind", table_name="payoutfinding")
    op.create_index("ix_payoutfinding_file_kind", "payoutfinding", _COLUMNS)
