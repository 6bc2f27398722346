"""Feedback; and the two names on a site check go under seal"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import cbi.store.bases
from cbi.errors import UnsafeSettings
from cbi.store.resealing import Column, seal, unseal

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_COLUMNS = (
    Column("sitecheck", "with_protection", "site_id", 120),
    Column("sitecheck", "with_programme", "site_id", 120),
)
_CATEGORIES = ("asks", "list", "paid", "site", "data", "need", "idea")
_CHANNELS = ("desk", "call", "slip", "text", "talk")
_WANTS = ("code", "ring", "meet", "none")


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("category", _of(_CATEGORIES, "category"), nullable=False),
        sa.Column("channel", _of(_CHANNELS, "channel"), nullable=False),
        sa.Column("wants", _of(_WANTS, "wants"), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("words", cbi.store.bases.Sealed(), nullable=True),
        sa.Column("contact", cbi.store.bases.Sealed(), nullable=True),
        sa.Column("answer", cbi.store.bases.Sealed(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("emptied_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_feedback_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("operation_id", "code", name=op.f("uq_feedback_operation_id_code")),
    )
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_site_id"), ["site_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_due_on"), ["due_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_answered_on"), ["answered_on"], unique=False)
    for column in _COLUMNS:
        seal(op.get_bind(), column, op.get_context().config.attributes["keyring"])


def downgrade() -> None:
    if op.get_bind().execute(sa.text("SELECT 1 FROM feedback LIMIT 1")).first():
        raise UnsafeSettings("stay with this version: feedback was taken down, which an older one cannot keep; or restore an older backup")
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_answered_on"))
        batch_op.drop_index(batch_op.f("ix_feedback_due_on"))
        batch_op.drop_index(batch_op.f("ix_feedback_site_id"))
    op.drop_table("feedback")
    for column in _COLUMNS:
        unseal(op.get_bind(), column, op.get_context().config.attributes["keyring"])


def _of(words: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)
