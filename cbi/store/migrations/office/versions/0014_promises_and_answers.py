"""A promise passes back to an older line: a kind of posting of its own; and answers are found by the row they are about"""

from alembic import op

from cbi.store.wordlists import allow, forbid, refuse_used

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_KIND = ("ledgerposting", "kind", "ck_ledgerposting_postingkind")


def upgrade() -> None:
    allow(op.get_bind(), *_KIND, "passed_back")
    op.create_index("ix_findinganswer_place", "findinganswer", ["file_id", "row"])


def downgrade() -> None:
    """An older program would not know what such a posting says."""
    refuse_used(op.get_bind(), *_KIND[:2], "passed_back")
    op.drop_index("ix_findinganswer_place", "findinganswer")
    forbid(op.get_bind(), *_KIND, "passed_back")
