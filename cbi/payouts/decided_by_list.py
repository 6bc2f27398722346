"""What single lists decided about their open lines, where a statement tells of several: one list's word is not another's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.payouts import statements
from cbi.payouts.closing import GIVES_UP
from cbi.payouts.scope import Scope
from cbi.payouts.statements import Decided, ListStatement
from cbi.payouts.tables_money import EndingDecision, OpenLine
from cbi.store.work import Reading
from cbi.transfers.tables import PaymentList


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An open line, or money in suspense (of 0 transfers), in minor units."""

    line: OpenLine
    count: int
    minor: int


Part = tuple[ListStatement | None, OpenItem, Decided | None]


def deciding(reading: Reading, scope: Scope) -> list[ListStatement]:
    """The lists of a scope with a decision about something that stays open by it; none where the scope is one list, which says it itself."""
    if scope.list_id is not None:
        return []
    stays = sa.or_(col(EndingDecision.closing_id).is_(None), col(EndingDecision.ending).not_in(GIVES_UP))
    lists = (
        select(PaymentList)
        .where(*scope.lists(), col(PaymentList.id).in_(sa.select(col(EndingDecision.list_id)).where(stays)))
        .order_by(col(PaymentList.released_at), col(PaymentList.reference))
    )
    return statements.of_lists(reading, reading.session.exec(lists).all(), scope)


def open_lines(one: ListStatement) -> list[OpenItem]:
    """Every open line and suspense of a statement, in its currency."""
    may_be = set(OpenLine)
    lines = [
        OpenItem(OpenLine(line.kind.value), line.count, line.open_minor)
        for line in one.lines
        if line.open_minor and line.kind.value in may_be
    ]
    return [*lines, *([OpenItem(OpenLine.SUSPENSE, 0, one.suspense_minor)] if one.suspense_minor else [])]


def apart(item: OpenItem, lists: Sequence[ListStatement]) -> list[Part]:
    """An open line list by list: what each that decided about it has open, and the rest of which nobody decided anything."""
    parts: list[Part] = []
    for one in lists:
        own, said = next((each for each in open_lines(one) if each.line is item.line), None), one.decision(item.line.value)
        if own and said:
            parts.append((one, own, said))
    rest = OpenItem(
        item.line, item.count - sum(part.count for _of, part, _said in parts), item.minor - sum(part.minor for _of, part, _said in parts)
    )
    # Below zero where a line that a newer list took over is open on its own list still, and counted on the newer one here.
    return [*parts, (None, rest, None)] if parts and rest.minor > 0 else parts
