"""How a household asked to receive, what it is due and on which lists it stands: told back to it in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from cbi.people.tables import Member
from cbi.sites.tables import Site
from cbi.store.work import Reading
from cbi.transfers.arrangement_words import KIND_WORDS, describe
from cbi.transfers.arrangements import current_rows, value_of
from cbi.transfers.tables import Cycle, Entitlement, Instruction, LeftOut, ListStatus, PaymentList, Provider
from cbi.transfers.words import LEFT_OUT
from cbi.web.filters import day, money
from cbi.web.held import HeldPart
from cbi.web.words import _

_SENT = {ListStatus.RELEASED, ListStatus.CLOSED}


def held(reading: Reading, household_id: UUID) -> Sequence[HeldPart]:
    """What was arranged, what is due and the lists; who asked for an arrangement is said of none."""
    return (
        HeldPart(
            _("How you asked to receive"),
            (_("What"), _("As you asked"), _("Since")),
            tuple(_arranged(reading, household_id)),
            (5, 12, 5),
            _("Nothing special was asked: you receive as planned for everybody."),
            aloud=True,
        ),
        HeldPart(
            _("What you are due"),
            (_("Cycle"), _("People counted"), _("Amount")),
            (*_due(reading, household_id), *_not_due(reading, household_id)),
            (8, 8, 6),
            _("Nothing was computed yet. Registration alone does not promise a payment."),
        ),
        HeldPart(
            _("The payment lists you are on"),
            (_("List"), _("Who pays"), _("Amount"), _("State")),
            tuple(_lists(reading, household_id)),
            (5, 6, 5, 6),
            _("You are on no list yet."),
            aloud=True,  # a line a part: who reads it knows that it was asked for in parts
        ),
    )


def _arranged(reading: Reading, household_id: UUID) -> list[tuple[str, str, str]]:
    sites = {site.id: site.name for site in reading.session.exec(select(Site).where(col(Site.operation_id) == reading.operation_id))}
    members = reading.session.exec(select(Member).where(col(Member.household_id) == household_id))
    names = sites | {one.id: f"{reading.open(one, 'given')} {reading.open(one, 'family')}".strip() for one in members}
    values = {row.kind: (value_of(reading, row), row.published_on) for row in current_rows(reading, [household_id])}
    return [
        (str(words), describe(kind, values[kind][0], names), day(values[kind][1]))
        for kind, words in KIND_WORDS.items()
        if kind in values and values[kind][0] is not None
    ]


def _due(reading: Reading, household_id: UUID) -> list[tuple[str, str, str]]:
    rows = reading.session.exec(
        select(Entitlement, Cycle)
        .join(Cycle, col(Cycle.id) == col(Entitlement.cycle_id))
        .where(col(Entitlement.household_id) == household_id)
        .order_by(col(Cycle.starts_on), col(Cycle.id))
    )
    return [(cycle.name, str(due.members), money(due.amount_minor, due.currency)) for due, cycle in rows]


def _not_due(reading: Reading, household_id: UUID) -> list[tuple[str, str, str]]:
    rows = reading.session.exec(
        select(LeftOut, Cycle)
        .join(Cycle, col(Cycle.id) == col(LeftOut.cycle_id))
        .where(col(LeftOut.household_id) == household_id)
        .order_by(col(Cycle.starts_on), col(Cycle.id))
    )
    return [(cycle.name, str(LEFT_OUT[out.reason]), _("Nothing")) for out, cycle in rows]


def _lists(reading: Reading, household_id: UUID) -> list[tuple[str, str, str, str]]:
    rows = reading.session.exec(
        select(Instruction, PaymentList, col(Provider.name))
        .join(PaymentList, col(PaymentList.id) == col(Instruction.list_id))
        .join(Provider, col(Provider.id) == col(PaymentList.provider_id))
        .where(col(Instruction.household_id) == household_id)
        .order_by(col(PaymentList.reference), col(Instruction.position))
    )
    return [
        (
            f"{one.reference} · {line.reference}",
            provider,
            money(line.amount_minor, line.currency),
            _("Sent to who pays") if one.status in _SENT else _("Being prepared"),
        )
        for line, one, provider in rows
    ]
