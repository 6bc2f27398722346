"""The two names on a site check go under seal"""

from alembic import op

from cbi.store.resealing import Column, seal, unseal

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_COLUMNS = (
    Column("sitecheck", "with_protection", "site_id", 120),
    Column("sitecheck", "with_programme", "site_id", 120),
)


def upgrade() -> None:
    for column in _COLUMNS:
        seal(op.get_bind(), column, op.get_context().config.attributes["keyring"])


def downgrade() -> None:
    for column in _COLUMNS:
        unseal(op.get_bind(), column, op.get_context().config.attributes["keyring"])
