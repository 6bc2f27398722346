"""Files of households are taken in a part at a time, and can be taken back"""

import sqlalchemy as sa
from alembic import op

import cbi.store.bases
from cbi.errors import UnsafeSettings
from cbi.store.wordlists import allow, forbid

revision = "0017"
down_revision = "0020"
branch_labels = None
depends_on = None

_STATUS = ("household_import", "status", "ck_household_import_importstatus", "undone")


def upgrade() -> None:
    allow(op.get_bind(), *_STATUS)
    op.create_table(
        "household_import_work",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "step",
            sa.Enum("look", "save", "undo", name="importstep", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("running", sa.Boolean(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("fix", sa.String(length=400), nullable=False),
        sa.Column("begun_by", sa.Uuid(), nullable=False),
        sa.Column("began_at", cbi.store.bases.Moment(timezone=True), nullable=False),
        sa.Column("beat_at", cbi.store.bases.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_import_work")),
    )
    columns = ["operation_id", "site_id", "status", "review", "consent", "consent_version", "restricted_on", "size"]
    op.create_index("ix_household_counted", "household", columns)


def downgrade() -> None:
    """An older program would take a file in again from its beginning, and could not say that one was taken back."""
    bind = op.get_bind()
    if bind.execute(sa.text("SELECT 1 FROM household_import WHERE status = 'undone' LIMIT 1")).first():
        raise UnsafeSettings("stay with this version: a file of households was taken back; or restore an older backup")
    if bind.execute(sa.text("SELECT 1 FROM household_import_work WHERE running AND step <> 'look' LIMIT 1")).first():
        raise UnsafeSettings("wait until every file of households is taken in, then go back to the older version")
    op.drop_index("ix_household_counted", table_name="household")
    op.drop_table("household_import_work")
    forbid(bind, *_STATUS)
