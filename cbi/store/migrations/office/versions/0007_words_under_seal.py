"""What people wrote in their own words goes under seal: why a line, a cycle or a list was decided so, and where a rate was read"""

from alembic import op

from cbi.store.frozen import freeze, thaw
from cbi.store.resealing import Column, seal, unseal
from cbi.store.triggers import install, remove

revision = "0007"
down_revision = "0010"
branch_labels = None
depends_on = None

_ONLY_GROWING = ("exchangerate", "cycleclosing")
_COLUMNS = (
    Column("exchangerate", "source", "grant_id", 80),
    Column("cycleclosing", "reason", "cycle_id", 140),
    Column("endingdecision", "reason", "list_id", 140),
    Column("paymentlist", "sent_back_reason", "id", 200),
)


def upgrade() -> None:
    _change(seal)


def downgrade() -> None:
    _change(unseal)


def _change(step) -> None:
    connection, keyring = op.get_bind(), op.get_context().config.attributes["keyring"]
    remove(connection, *_ONLY_GROWING)
    thaw(connection)
    for column in _COLUMNS:
        step(connection, column, keyring)
    freeze(connection)
    install(connection, *_ONLY_GROWING)
