"""A promise passes back to an older line: a kind of posting of its own"""

from alembic import op

from cbi.store.wordlists import allow, forbid, refuse_used

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_KIND = ("ledgerposting", "kind", "ck_ledgerposting_postingkind")


def upgrade() -> None:
    allow(op.get_bind(), *_KIND, "passed_back")


def downgrade() -> None:
    """An older program would not know what such a posting says."""
    refuse_used(op.get_bind(), *_KIND[:2], "passed_back")
    forbid(op.get_bind(), *_KIND, "passed_back")
