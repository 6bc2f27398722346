"""Whose share a line pays is kept on it, so that one that failed is asked for again for nobody else"""

import sqlalchemy as sa
from alembic import op

from cbi.errors import UnsafeSettings
from cbi.store.frozen import freeze, thaw

revision = "0013"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    binary = "BLOB" if op.get_bind().dialect.name == "sqlite" else "BYTEA"
    thaw(op.get_bind())
    # Plain ADD COLUMN: rebuilding this table would drop rows that others point at.
    op.execute(f"ALTER TABLE instruction ADD COLUMN share_of {binary}")
    freeze(op.get_bind())


def downgrade() -> None:
    """Without it an older program would pay one adult's share to another."""
    if op.get_bind().execute(sa.text("SELECT 1 FROM instruction WHERE share_of IS NOT NULL LIMIT 1")).first():
        raise UnsafeSettings("stay with this version: separate transfers are on payment lists; or restore an older backup")
    thaw(op.get_bind())
    op.execute("ALTER TABLE instruction DROP COLUMN share_of")
    freeze(op.get_bind())
