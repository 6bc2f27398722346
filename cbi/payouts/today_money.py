"""What waits around the payments: money to confirm, lists and cycles to bring to their end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from cbi.access import P
from cbi.payouts.tables_money import EndingDecision, MoneyEntry
from cbi.store.work import Reading
from cbi.transfers.tables import Approval, Cycle, CycleStatus, ListStatus, PaymentList
from cbi.web.house import Person, TodayLine
from cbi.web.words import _


def today_money(reading: Reading, person: Person) -> list[TodayLine]:
    """Money a second person confirms, lists whose cycle is over and that are still open, decided lists to close, cycles to close."""
    return [*_for_confirmers(reading, person), *_for_deciders(reading, person), *_for_closers(reading, person)]


def _for_confirmers(reading: Reading, person: Person) -> Iterator[TodayLine]:
    if person.may(P.MONEY_CONFIRM):
        waits = (col(MoneyEntry.posting_id).is_(None), col(MoneyEntry.dropped_at).is_(None), col(MoneyEntry.entered_by) != person.id)
        yield TodayLine(
            _count(reading, sa.select(sa.func.count()).select_from(MoneyEntry).where(*waits)),
            _("Fees, advances and refunds to confirm"),
            _("Entered by somebody else; they count once you confirm them."),
            _("Look at them"),
            "payouts.money_index",
            {"state": "waiting"},
        )


def _for_deciders(reading: Reading, person: Person) -> Iterator[TodayLine]:
    if person.may(P.LINE_DECIDE):
        over = (col(PaymentList.status) == ListStatus.RELEASED, col(Cycle.ends_on) < reading.today)
        query = sa.select(sa.func.count()).select_from(PaymentList).join(Cycle, col(Cycle.id) == col(PaymentList.cycle_id)).where(*over)
        yield TodayLine(
            _count(reading, query),
            _("Lists of ended cycles still open"),
            _("You need to decide what becomes of what is open on them."),
            _("Look at the lists"),
            "payouts.statements",
            {"state": "released"},
        )


def _for_closers(reading: Reading, person: Person) -> Iterator[TodayLine]:
    if not person.may(P.LIST_CLOSE):
        return
    mine = sa.select(col(EndingDecision.list_id)).where(
        col(EndingDecision.closing_id).is_(None), col(EndingDecision.decided_by) == person.id
    )
    approved = sa.select(col(Approval.list_id)).where(col(Approval.approver_id) == person.id)
    decided = sa.select(col(EndingDecision.list_id)).where(
        col(EndingDecision.closing_id).is_(None), col(EndingDecision.list_id).not_in(mine), col(EndingDecision.list_id).not_in(approved)
    )
    yield TodayLine(
        _count(reading, sa.select(sa.func.count()).select_from(PaymentList).where(col(PaymentList.id).in_(decided))),
        _("Lists to close"),
        _("Finance decided what becomes of open lines; a second person closes the list."),
        _("Look at the lists"),
        "payouts.statements",
        {"state": "released"},
    )
    still_open = sa.select(col(PaymentList.cycle_id)).where(col(PaymentList.status) != ListStatus.CLOSED)
    with_lists = sa.select(col(PaymentList.cycle_id))
    ready = (
        col(Cycle.status) == CycleStatus.FROZEN,
        col(Cycle.ends_on) < reading.today,
        col(Cycle.id).in_(with_lists),
        col(Cycle.id).not_in(still_open),
    )
    yield TodayLine(
        _count(reading, sa.select(sa.func.count()).select_from(Cycle).where(*ready)),
        _("Cycles to close"),
        _("Ended, and all their lists are closed."),
        _("Look at the cycles"),
        "payouts.statements",
        {"by": "cycle"},
    )


def _count(reading: Reading, query: sa.Select[Any]) -> int:  # Any: a select of one count
    return int(reading.session.connection().execute(query).scalar_one())
