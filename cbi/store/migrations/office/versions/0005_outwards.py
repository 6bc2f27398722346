"""Provider files by template, and lines that take the place of lines that did not arrive"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import cbi.store.bases
from cbi.store.frozen import freeze, thaw

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "providertemplate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", cbi.store.bases.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_providertemplate_version_counts")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_providertemplate_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_providertemplate")),
        sa.UniqueConstraint(
            "operation_id", "provider_id", "name", "version", name=op.f("uq_providertemplate_operation_id_provider_id_name_version")
        ),
    )
    with op.batch_alter_table("providertemplate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_providertemplate_provider_id"), ["provider_id"], unique=False)
        batch_op.create_index(
            "uq_providertemplate_chosen",
            ["operation_id", "provider_id"],
            unique=True,
            sqlite_where=sa.text("chosen"),
            postgresql_where=sa.text("chosen"),
        )

    # Plain ADD COLUMN with its constraints: rebuilding these tables would drop rows that others point at.
    uuid = "CHAR(32)" if op.get_bind().dialect.name == "sqlite" else "UUID"
    thaw(op.get_bind())
    op.execute("ALTER TABLE paymentlist ADD COLUMN reissue BOOLEAN DEFAULT false NOT NULL")
    op.execute(
        "ALTER TABLE instruction ADD COLUMN settled_minor BIGINT DEFAULT 0 NOT NULL"
        " CONSTRAINT ck_instruction_settled_within CHECK (settled_minor >= 0 AND settled_minor < amount_minor)"
        " CONSTRAINT ck_instruction_settled_is_over CHECK (settled_minor = 0 OR NOT live)"
    )
    op.execute(f"ALTER TABLE instruction ADD COLUMN replaces_id {uuid} CONSTRAINT fk_instruction_replaces_id REFERENCES instruction (id)")
    op.create_index("uq_instruction_replaces", "instruction", ["operation_id", "replaces_id"], unique=True)
    freeze(op.get_bind())


def downgrade() -> None:
    thaw(op.get_bind())
    op.drop_index("uq_instruction_replaces", table_name="instruction")
    for table, column in (("instruction", "replaces_id"), ("instruction", "settled_minor"), ("paymentlist", "reissue")):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    freeze(op.get_bind())
    with op.batch_alter_table("providertemplate", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_providertemplate_chosen", sqlite_where=sa.text("chosen"), postgresql_where=sa.text("chosen")
        )
        batch_op.drop_index(batch_op.f("ix_providertemplate_provider_id"))
    op.drop_table("providertemplate")
