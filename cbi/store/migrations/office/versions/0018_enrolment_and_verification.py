"""Who is enrolled by which version of a programme's rule, appeals against a result, and visits that verify households"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import cbi.store.bases
from cbi.errors import UnsafeSettings
from cbi.store import frozen, frozen_enrolment
from cbi.store.wordlists import allow, forbid, refuse_used

revision = "0018"
down_revision = "0015"
branch_labels = None
depends_on = None

_LEFT_OUT = ("leftout", "reason", "ck_leftout_leftoutreason", "not_enrolled")
_EVENTS = ("householdevent", "kind", "ck_householdevent_eventkind", "verified", "appealed")
_KEPT = {
    "rules of enrolment were written": "enrolmentrule",
    "visits were drawn": "verificationdraw",
}


def upgrade() -> None:
    allow(op.get_bind(), *_LEFT_OUT)
    allow(op.get_bind(), *_EVENTS)
    op.create_table(
        "verificationdraw",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("seed", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("reasons", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("picked", sa.Integer(), nullable=False),
        sa.Column("drawn_by", sa.Uuid(), nullable=False),
        sa.Column("drawn_at", cbi.store.bases.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("wanted >= 0 AND picked >= 0 AND picked <= population", name=op.f("ck_verificationdraw_counts_fit")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_verificationdraw_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verificationdraw")),
        sa.UniqueConstraint("operation_id", "number", name=op.f("uq_verificationdraw_operation_id_number")),
    )
    op.create_table(
        "enrolmentrule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", cbi.store.bases.Sealed(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", cbi.store.bases.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_enrolmentrule_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolmentrule")),
        sa.UniqueConstraint("operation_id", "programme_id", "version", name=op.f("uq_enrolmentrule_operation_id_programme_id_version")),
    )
    with op.batch_alter_table("enrolmentrule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enrolmentrule_programme_id"), ["programme_id"], unique=False)

    op.create_table(
        "verificationvisit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("reasons", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column(
            "found",
            sa.Enum("verified", "not_found", "differs", name="found", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("household_version", sa.Integer(), nullable=True),
        sa.Column("visited_by", sa.Uuid(), nullable=True),
        sa.Column("visited_at", cbi.store.bases.Moment(timezone=True), nullable=True),
        sa.CheckConstraint("(found IS NULL) = (visited_by IS NULL)", name=op.f("ck_verificationvisit_found_by_somebody")),
        sa.ForeignKeyConstraint(["draw_id"], ["verificationdraw.id"], name=op.f("fk_verificationvisit_draw_id")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_verificationvisit_household_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verificationvisit")),
        sa.UniqueConstraint("operation_id", "draw_id", "household_id", name=op.f("uq_verificationvisit_operation_id_draw_id_household_id")),
    )
    with op.batch_alter_table("verificationvisit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_verificationvisit_draw_id"), ["draw_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_verificationvisit_household_id"), ["household_id"], unique=False)

    op.create_table(
        "enrolmentrun",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("enrolled", sa.Integer(), nullable=False),
        sa.Column("exceptions", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("not_eligible", sa.Integer(), nullable=False),
        sa.Column("host", sa.Integer(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", cbi.store.bases.Moment(timezone=True), nullable=False),
        sa.Column("applied_by", sa.Uuid(), nullable=True),
        sa.Column("applied_at", cbi.store.bases.Moment(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(applied_at IS NULL) = (number IS NULL) AND (applied_at IS NULL) = (applied_by IS NULL)",
            name=op.f("ck_enrolmentrun_applied_is_numbered"),
        ),
        sa.CheckConstraint("households = enrolled + exceptions + waiting + not_eligible", name=op.f("ck_enrolmentrun_counts_add_up")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_enrolmentrun_programme_id")),
        sa.ForeignKeyConstraint(["rule_id"], ["enrolmentrule.id"], name=op.f("fk_enrolmentrun_rule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolmentrun")),
        sa.UniqueConstraint("operation_id", "programme_id", "number", name=op.f("uq_enrolmentrun_operation_id_programme_id_number")),
    )
    with op.batch_alter_table("enrolmentrun", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enrolmentrun_programme_id"), ["programme_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enrolmentrun_rule_id"), ["rule_id"], unique=False)

    op.create_table(
        "appeal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("open", "allowed", "refused", name="appealstatus", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("said", cbi.store.bases.Sealed(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", cbi.store.bases.Moment(timezone=True), nullable=False),
        sa.Column("answer", cbi.store.bases.Sealed(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", cbi.store.bases.Moment(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'open') = (decided_by IS NULL)", name=op.f("ck_appeal_decided_by_somebody")),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name=op.f("ck_appeal_decided_by_another")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_appeal_household_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_appeal_programme_id")),
        sa.ForeignKeyConstraint(["run_id"], ["enrolmentrun.id"], name=op.f("fk_appeal_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
    )
    with op.batch_alter_table("appeal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appeal_household_id"), ["household_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_appeal_programme_id"), ["programme_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_appeal_run_id"), ["run_id"], unique=False)
        batch_op.create_index(
            "uq_appeal_open",
            ["operation_id", "programme_id", "household_id"],
            unique=True,
            sqlite_where=sa.text("status <> 'refused'"),
            postgresql_where=sa.text("status <> 'refused'"),
        )

    op.create_table(
        "enrolment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "enrolled",
                "exception",
                "not_eligible",
                "review",
                "unverified",
                "not_found",
                "consent",
                "left",
                name="enrolmentstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("facts", cbi.store.bases.Sealed(), nullable=False),
        sa.CheckConstraint("(state IN ('enrolled', 'exception')) = (amount_minor > 0)", name=op.f("ck_enrolment_enrolled_is_due")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_enrolment_household_id")),
        sa.ForeignKeyConstraint(["run_id"], ["enrolmentrun.id"], name=op.f("fk_enrolment_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint("operation_id", "run_id", "household_id", name=op.f("uq_enrolment_operation_id_run_id_household_id")),
    )
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.create_index("ix_enrolment_household", ["household_id", "run_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enrolment_run_id"), ["run_id"], unique=False)
    uuid = "CHAR(32)" if op.get_bind().dialect.name == "sqlite" else "UUID"
    frozen.thaw(op.get_bind())
    # Plain ADD COLUMN: rebuilding this table would drop rows that others point at.
    op.execute(f"ALTER TABLE cycle ADD COLUMN rule_id {uuid} CONSTRAINT fk_cycle_rule_id REFERENCES enrolmentrule (id)")
    frozen.freeze(op.get_bind())
    frozen.put(op.get_bind(), frozen_enrolment.refusals())


def downgrade() -> None:
    """What was decided about people, and why, would be gone without a word."""
    connection = op.get_bind()
    for what, rows in _KEPT.items():
        if connection.execute(sa.text(f"SELECT 1 FROM {rows} LIMIT 1")).first():  # noqa: S608 -- our own names
            raise UnsafeSettings(f"stay with this version: {what}, which an older one cannot keep; or restore an older backup")
    for table, column, _constraint, *words in (_LEFT_OUT, _EVENTS):
        refuse_used(connection, table, column, *words)
    frozen.take(connection, frozen_enrolment.refusals())
    frozen.thaw(connection)
    op.execute("ALTER TABLE cycle DROP COLUMN rule_id")
    frozen.freeze(connection)
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enrolment_run_id"))
        batch_op.drop_index("ix_enrolment_household")

    op.drop_table("enrolment")
    with op.batch_alter_table("appeal", schema=None) as batch_op:
        batch_op.drop_index("uq_appeal_open", sqlite_where=sa.text("status <> 'refused'"), postgresql_where=sa.text("status <> 'refused'"))
        batch_op.drop_index(batch_op.f("ix_appeal_run_id"))
        batch_op.drop_index(batch_op.f("ix_appeal_programme_id"))
        batch_op.drop_index(batch_op.f("ix_appeal_household_id"))

    op.drop_table("appeal")
    with op.batch_alter_table("enrolmentrun", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enrolmentrun_rule_id"))
        batch_op.drop_index(batch_op.f("ix_enrolmentrun_programme_id"))

    op.drop_table("enrolmentrun")
    with op.batch_alter_table("verificationvisit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_verificationvisit_household_id"))
        batch_op.drop_index(batch_op.f("ix_verificationvisit_draw_id"))

    op.drop_table("verificationvisit")
    with op.batch_alter_table("enrolmentrule", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enrolmentrule_programme_id"))

    op.drop_table("enrolmentrule")
    op.drop_table("verificationdraw")
    forbid(connection, *_LEFT_OUT)
    forbid(connection, *_EVENTS)
