"""Rules of many households are tried out and applied in the long work"""

import sqlalchemy as sa
from alembic import op

import cbi.store.bases
from cbi.errors import UnsafeSettings

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enrolmentwork",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "step", sa.Enum("try", "apply", name="enrolmentstep", native_enum=False, create_constraint=True, length=32), nullable=False
        ),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("running", sa.Boolean(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("fix", sa.String(length=400), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("shown", sa.LargeBinary(), nullable=True),
        sa.Column("begun_by", sa.Uuid(), nullable=False),
        sa.Column("began_at", cbi.store.bases.Moment(timezone=True), nullable=False),
        sa.Column("beat_at", cbi.store.bases.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolmentwork")),
    )


def downgrade() -> None:
    """An older program would never finish what is under way."""
    if op.get_bind().execute(sa.text("SELECT 1 FROM enrolmentwork WHERE running LIMIT 1")).first():
        raise UnsafeSettings("wait until every rule is tried out or applied, then go back to the older version")
    op.drop_table("enrolmentwork")
