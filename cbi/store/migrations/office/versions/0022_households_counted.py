"""How many households there are of each kind, counted by the database itself"""

import sqlalchemy as sa
from alembic import op

from cbi.store.counted import count_households, stop_counting_households

revision = "0022"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "householdcount",
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("review", sa.String(length=32), nullable=False),
        sa.Column("consent", sa.String(length=32), nullable=False),
        sa.Column("consent_version", sa.Integer(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.CheckConstraint("households >= 0 AND people >= 0", name=op.f("ck_householdcount_not_negative")),
        sa.PrimaryKeyConstraint(
            "operation_id", "site_id", "status", "review", "consent", "consent_version", "hidden", name=op.f("pk_householdcount")
        ),
    )
    count_households(op.get_bind())


def downgrade() -> None:
    stop_counting_households(op.get_bind())
    op.drop_table("householdcount")
