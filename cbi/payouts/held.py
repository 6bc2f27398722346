"""What was paid to a household, as the providers said: told back to it in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.payouts.standing import LineKind, transfers
from cbi.payouts.tables import LedgerEntry
from cbi.store.work import Reading
from cbi.transfers.tables import Instruction
from cbi.web.filters import money
from cbi.web.held import HeldPart
from cbi.web.words import _, _l

_WORDS = {
    LineKind.PAID: _l("Paid"),
    LineKind.PAID_IN_PART: _l("Paid in part"),
    LineKind.FAILED: _l("Did not reach you"),
    LineKind.RETURNED: _l("Came back to us"),
    LineKind.WITH_THE_WRONG_HAND: _l("Being put right"),
    LineKind.WAITING_FOR_AN_ANSWER: _l("Being looked at"),
    LineKind.MISSING: _l("Not reported yet"),
    LineKind.GIVEN_UP: _l("Ended"),
}


def held(reading: Reading, household_id: UUID) -> Sequence[HeldPart]:
    """Every transfer that was promised, and what became of it."""
    mine = sa.select(col(Instruction.id)).where(col(Instruction.household_id) == household_id)
    each = transfers([col(LedgerEntry.instruction_id).in_(mine)])
    rows = reading.session.connection().execute(
        sa.select(col(Instruction.reference), each.c.currency, each.c.asked, each.c.delivered, each.c.line)
        .join(Instruction, col(Instruction.id) == each.c.instruction_id)
        .order_by(col(Instruction.reference))
    )
    paid = tuple(
        (
            row.reference,
            money(int(row.asked), row.currency),
            money(int(row.delivered), row.currency),
            str(_WORDS[LineKind(row.line)]),
        )
        for row in rows
    )
    return (
        HeldPart(
            _("What was paid"),
            (_("Transfer"), _("Promised"), _("Arrived"), _("What became of it")),
            paid,
            (6, 5, 5, 6),
            _("Nothing was paid yet."),
            aloud=True,  # a line a part: who reads it knows that it was asked for in parts
        ),
    )
