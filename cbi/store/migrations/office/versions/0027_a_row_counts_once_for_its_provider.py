"""A counted row is known by its provider and its key: the operation is the provider's own"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_LIVE = {"unique": True, "sqlite_where": sa.text("live"), "postgresql_where": sa.text("live")}


def upgrade() -> None:
    op.drop_index("uq_postedrow_live", table_name="postedrow")
    op.create_index("uq_postedrow_live", "postedrow", ["provider_id", "row_key"], **_LIVE)


def downgrade() -> None:
    op.drop_index("uq_postedrow_live", table_name="postedrow")
    op.create_index("uq_postedrow_live", "postedrow", ["operation_id", "provider_id", "row_key"], **_LIVE)
