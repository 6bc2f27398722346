"""Money on its way, when the life of a household changes: who is named on a transfer under way stays, and nobody is forgotten before it is settled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

import cbi.transfers.lives  # noqa: F401 -- whoever asks money asks every floor of it
from cbi.errors import Refused
from cbi.payouts import merging
from cbi.payouts.on_the_way import sent, still_open, under_way
from cbi.payouts.tables import LedgerEntry, LedgerPosting
from cbi.people.above import Above, Hindrance, Planned, Told, stands_above
from cbi.people.tables import Household, Member
from cbi.people.tables_lives import ChangeKind
from cbi.store.work import Reading
from cbi.transfers.release import FINAL
from cbi.transfers.story import READERS
from cbi.transfers.tables import Instruction, PaymentList
from cbi.web.words import _
from reconciliation.ledger import Account


class Payouts(Above):
    """Released lists, what providers said, and the ledger."""

    def refuse(self, reading: Reading, planned: Planned) -> None:
        """A transfer under way is paid to whom the list names; that person cannot be somebody of another household meanwhile."""
        if planned.kind is ChangeKind.JOINED and planned.other_id and under_way(reading, planned.other_id):
            raise Refused(
                _("wait until the transfer of the household that would close is settled, or let the other household join it instead")
            )
        if (
            planned.kind is ChangeKind.SPLIT
            and _paid_to(reading, planned.household_id) in planned.leaving
            and sent(reading, planned.household_id)
        ):
            raise Refused(_("wait until the transfer under way is settled: it is paid to one of those who would go"))

    def refuse_closing(self, reading: Reading, household_id: UUID, into_id: UUID) -> None:
        """A household that was registered twice is paid once in a cycle, and a payment under way keeps its payee."""
        problem = merging.objection(reading, household_id, into_id)
        if problem:
            raise Refused(problem)

    def hindrances(self, reading: Reading, household_id: UUID) -> Sequence[Hindrance]:
        """While a transfer is under way its payee must stay readable."""
        if not under_way(reading, household_id):
            return ()
        return [
            Hindrance(_("wait until every transfer of this household is settled: one is still under way, and its payee must stay readable"))
        ]

    def hindered(self, reading: Reading) -> Sequence[sa.Select[Any]]:  # noqa: ARG002 -- the ledger looks the same on every day
        """Whoever has a transfer under way."""
        lines = sa.select(col(Instruction.household_id)).join(PaymentList, col(PaymentList.id) == col(Instruction.list_id))
        return [lines.where(col(Instruction.live), sa.or_(col(PaymentList.status).not_in(FINAL), still_open() != 0))]

    def story(self, reading: Reading, household_id: UUID) -> Sequence[Told]:
        """What providers said of its transfers."""
        return list(_outcomes(reading, household_id))


def _paid_to(reading: Reading, household_id: UUID) -> UUID | None:
    """The registered recipient, else the head."""
    household = reading.session.get_one(Household, household_id)
    head = select(Member.id).where(Member.household_id == household_id, Member.position == 1)
    return household.recipient_id or reading.session.exec(head).first()


def _outcomes(reading: Reading, household_id: UUID) -> Iterator[Told]:
    """Each time something of a transfer was delivered, taken back or written off; never by whom, and no amount."""
    entry, posting = LedgerEntry, LedgerPosting
    rows = (
        sa.select(col(posting.made_at), col(entry.account), col(Instruction.reference), sa.func.sum(col(entry.minor)))
        .join(posting, col(posting.id) == col(entry.posting_id))
        .join(Instruction, col(Instruction.id) == col(entry.instruction_id))
        .where(col(Instruction.household_id) == household_id, col(entry.account).in_((Account.DELIVERED, Account.CANCELLED)))
        .group_by(col(posting.id), col(posting.made_at), col(entry.account), col(Instruction.reference))
    )
    for at, account, reference, minor in reading.session.connection().execute(rows):
        if account is Account.CANCELLED and minor:
            yield Told(at, _("The transfer %(reference)s was closed without payment", reference=reference), None, READERS)
        elif minor > 0:
            yield Told(at, _("The transfer %(reference)s was paid", reference=reference), None, READERS)
        elif minor < 0:
            yield Told(at, _("The payment of the transfer %(reference)s came back", reference=reference), None, READERS)


if not any(isinstance(floor, Payouts) for floor in stands_above):
    stands_above.append(Payouts())
