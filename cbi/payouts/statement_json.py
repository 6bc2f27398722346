"""A statement as other programs take it."""

from __future__ import annotations

from cbi.payouts.statements import ListStatement
from reconciliation.ledger import Account


def to_json(statement: ListStatement) -> dict[str, object]:
    """The statement for programs: amounts in minor units."""
    return {
        "list": statement.reference,
        "currency": statement.currency,
        "instructed": {"count": statement.count, "minor": statement.total_minor},
        "lines": {
            line.kind.value: {
                "count": line.count,
                "instructed_minor": line.instructed_minor,
                "delivered_minor": line.delivered_minor,
                "open_minor": line.open_minor,
                "cancelled_minor": line.cancelled_minor,
            }
            for line in statement.lines
        },
        "delivered_minor": statement.delivered_minor,
        "open_minor": statement.open_minor,
        "cancelled_minor": statement.cancelled_minor,
        "suspense_minor": statement.suspense,
        "fees_minor": statement.of(Account.FEES),
        "advance_minor": -statement.of(Account.ADVANCE),
        "held_minor": statement.held_minor,
        "closed": statement.closed_at.isoformat() if statement.closed_at else None,
        "late_minor": {account.value: minor for account, minor in statement.late.items()},
        "decided": [
            {"line": one.line.value, "currency": one.currency, "ending": one.ending.value, "count": one.count, "minor": one.minor}
            for one in statement.decided
        ],
        "foots": statement.foots,
        "gaps": list(statement.gaps),
    }
