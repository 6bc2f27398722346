"""The end of a list: every open line gets a named decision, and somebody else closes it for good."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere, Refused, SameHands, SomebodyWasFirst
from cbi.payouts import facts_money as facts
from cbi.payouts import hands, ledger, standing, statements
from cbi.payouts.passed_back import pass_back
from cbi.payouts.scope import entries_of_lists
from cbi.payouts.statements import Decided, ListStatement
from cbi.payouts.tables import PostingKind
from cbi.payouts.tables_money import Closing, Ending, EndingDecision, OpenLine
from cbi.store.work import Reading, Work
from cbi.transfers.approvals import BARRED, seat_of
from cbi.transfers.lists import locked_list
from cbi.transfers.release import FINAL
from cbi.transfers.service import list_by_id, retire_instructions, revive_instructions, superseded
from cbi.transfers.tables import ListStatus, PaymentList
from cbi.web.words import _
from reconciliation.ledger import Account

LONGEST_REASON = 140
GIVES_UP = (Ending.CANCEL, Ending.INSTRUCT_AGAIN)
ENDINGS: dict[OpenLine, tuple[Ending, ...]] = {
    # What was paid in part keeps its line: a second whole instruction beside it would pay twice.  The rest is asked for again by a reissue.
    OpenLine.PAID_IN_PART: (Ending.CANCEL, Ending.CARRY_OVER),
    OpenLine.FAILED: (Ending.INSTRUCT_AGAIN, Ending.CANCEL, Ending.CARRY_OVER),
    OpenLine.RETURNED: (Ending.INSTRUCT_AGAIN, Ending.CANCEL, Ending.CARRY_OVER),
    OpenLine.WITH_THE_WRONG_HAND: (Ending.INSTRUCT_AGAIN, Ending.CANCEL, Ending.CARRY_OVER),
    OpenLine.WAITING_FOR_AN_ANSWER: (Ending.CANCEL, Ending.CARRY_OVER),
    OpenLine.MISSING: (Ending.INSTRUCT_AGAIN, Ending.CANCEL, Ending.CARRY_OVER),
    OpenLine.SUSPENSE: (Ending.ASK_BACK, Ending.CARRY_OVER),
}
"""What can become of each open line, in the order offered."""


@dataclass(frozen=True, slots=True)
class OpenItem:
    """One line of a list that is not settled: so many transfers (0 for suspense) and so much. decided: when a decision fits it as it stands."""

    line: OpenLine
    currency: str
    count: int
    minor: int
    decided: Decided | None


@dataclass(frozen=True, slots=True)
class Readiness:
    """A list before its end. seat: what keeps this person from deciding or closing, in words; "" when nothing does."""

    statement: ListStatement
    items: tuple[OpenItem, ...]

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to close: the list is closed, and every open line in it was decided when it was."""
        return self.statement.closed_at is not None and all(item.decided is not None and item.decided.final for item in self.items)

    @property
    def is_ready(self) -> bool:
        """Whether every open line has its decision and the statement foots."""
        return self.statement.foots and all(item.decided is not None for item in self.items) and not self.is_settled

    def minor_of(self, *endings: Ending) -> int:
        """How much of the promises ends so, in the list's currency."""
        return sum(
            item.minor
            for item in self.items
            if item.line is not OpenLine.SUSPENSE and item.decided and item.decided.ending in endings and not item.decided.final
        )


def readiness(reading: Reading, list_id: UUID) -> Readiness:
    """A released list with its open lines and what was decided about them. Raises NotThere."""
    payment_list = list_by_id(reading, list_id)
    if payment_list.status not in FINAL:
        raise NotThere
    statement = statements.of_list(reading, list_id)
    return Readiness(statement, tuple(_items(statement)))


def decide(work: Work, list_id: UUID, line: OpenLine, currency: str, ending: Ending, reason: str = "") -> None:
    """Say what becomes of one open line, as it stands now; a later word takes its place until the list is closed.

    Raises SameHands for the list's own maker, approvers, releaser and payee editors, Refused when it does not fit or says no reason.
    """
    hands.hold_provider_of(work, list_id)
    payment_list = locked_list(work, list_id)
    found = readiness(work, list_id)
    item = next((one for one in found.items if (one.line, one.currency) == (line, currency)), None)
    if item is None:
        raise SomebodyWasFirst(_("look at the list again: this line is settled"))
    words = " ".join(reason.split())
    _refuse(work, payment_list, item, ending, words)
    kept = work.session.exec(
        select(EndingDecision).where(
            EndingDecision.list_id == list_id,
            EndingDecision.line == line,
            EndingDecision.currency == currency,
            col(EndingDecision.closing_id).is_(None),
        )
    ).first()
    kept = _write(work, list_id, item, ending, words, kept)
    work.remember(
        facts.EndingDecided(
            decision_id=kept.id,
            list_id=list_id,
            line=line.value,
            ending=ending.value,
            count=item.count,
            minor=item.minor,
            currency=currency,
        )
    )


def close(work: Work, list_id: UUID, *, shown_minor: int) -> UUID:
    """Close a list for good, after the step-up; returns the closing's id. shown_minor: the open sum on the page the person looked at.

    Raises SomebodyWasFirst when it changed since, SameHands for the list's own maker, approvers, releaser and payee editors and for whoever decided
    one of its lines, Refused while a line has no decision.
    """
    hands.hold_provider_of(work, list_id)  # what is posted while a list closes would be neither in its last statement nor late
    payment_list = locked_list(work, list_id)
    _refuse_own_hands(work, payment_list)
    found = readiness(work, list_id)
    if found.is_settled:
        raise SomebodyWasFirst(_("look at the list again: it is closed already"))
    if found.statement.open_minor != shown_minor:
        raise SomebodyWasFirst(_("look at the list again: what is open changed since this page was drawn"))
    if not found.statement.foots:
        raise Refused(_("settle first what keeps the statement from footing: its lines say what to do"))
    if not found.is_ready:
        raise Refused(_("decide first what becomes of every open line"))
    pending = _pending(work, list_id)
    if any(one.decided_by == work.actor.id for one in pending):
        raise SameHands(_("ask somebody else to close this list: you decided about one of its lines"))
    return _close(work, payment_list, found, pending)


def _items(statement: ListStatement) -> list[OpenItem]:
    lines = [
        (OpenLine(line.kind.value), statement.currency, line.count, line.open_minor)
        for line in statement.lines
        if line.open_minor and line.kind.value in set(OpenLine)
    ]
    suspense = [(OpenLine.SUSPENSE, currency, 0, minor) for currency, minor in statement.suspense.items()]
    return [OpenItem(*one, _fitting(statement, *one)) for one in (*lines, *suspense)]


def _fitting(statement: ListStatement, line: OpenLine, currency: str, count: int, minor: int) -> Decided | None:
    """The newest decision about a line, when it was about just this count and sum."""
    newest = next((one for one in reversed(statement.decided) if (one.line, one.currency) == (line, currency)), None)
    return newest if newest and (newest.count, newest.minor) == (count, minor) else None


def _refuse_own_hands(work: Work, payment_list: PaymentList) -> None:
    assert work.actor.id is not None
    seat = seat_of(work, payment_list, work.actor.id)
    if seat is not None:
        raise SameHands(BARRED[seat])


def _refuse(work: Work, payment_list: PaymentList, item: OpenItem, ending: Ending, reason: str) -> None:
    _refuse_own_hands(work, payment_list)
    if ending not in ENDINGS[item.line]:
        raise Refused(_("choose one of the answers shown"))
    if ending is Ending.CANCEL and not reason:
        raise Refused(_("say why nothing more is paid, for example: the household moved away and was told"))
    if len(reason) > LONGEST_REASON:
        raise Refused(_("say why in at most %(most)s characters", most=LONGEST_REASON))


def _write(work: Work, list_id: UUID, item: OpenItem, ending: Ending, reason: str, kept: EndingDecision | None) -> EndingDecision:
    """The decision as a row: the one not closed with yet, or a new one."""
    assert work.actor.id is not None
    row = kept or EndingDecision(
        id=work.new_id("closing"),
        operation_id=work.operation_id,
        list_id=list_id,
        line=item.line,
        currency=item.currency,
        ending=ending,
        count=item.count,
        minor=item.minor,
        decided_by=work.actor.id,
        decided_at=work.now,
    )
    row.ending, row.count, row.minor = ending, item.count, item.minor
    work.seal(row, "reason", reason or None)
    row.decided_by, row.decided_at = work.actor.id, work.now
    return work.add(row)


def _pending(work: Work, list_id: UUID) -> list[EndingDecision]:
    query = select(EndingDecision).where(EndingDecision.list_id == list_id, col(EndingDecision.closing_id).is_(None))
    return list(work.session.exec(query.order_by(col(EndingDecision.line), col(EndingDecision.id))))


def _close(work: Work, payment_list: PaymentList, found: Readiness, pending: list[EndingDecision]) -> UUID:
    wanted = {(item.line, item.currency) for item in found.items}
    fitting = [one for one in pending if (one.line, one.currency) in wanted]
    posting_id, given_up = _give_up(work, payment_list, fitting)
    row = _closing(work, payment_list, posting_id)
    for one in pending:
        if one in fitting:
            one.closing_id = row.id
            work.add(one)
        else:
            work.session.delete(one)
    payment_list.status = ListStatus.CLOSED
    work.add(payment_list)
    work.remember(
        facts.ListClosed(
            list_id=payment_list.id,
            closing_id=row.id,
            posting_id=posting_id,
            number=row.number,
            given_up=given_up,
            given_up_minor=found.minor_of(*GIVES_UP),
            left_minor=found.statement.open_minor - found.minor_of(*GIVES_UP),
            suspense_minor=found.statement.suspense_minor,
            currency=payment_list.currency,
        )
    )
    return row.id


def _give_up(work: Work, payment_list: PaymentList, decided: list[EndingDecision]) -> tuple[UUID | None, int]:
    """Enter what is given up, and free or hold what was promised. Returns the posting, when there is one, and how many transfers it moved."""
    lines = {ending: [one.line for one in decided if one.ending is ending] for ending in GIVES_UP}
    ids = {ending: _open_in(work, payment_list, of_ending) for ending, of_ending in lines.items()}
    if not any(ids.values()):
        return None, 0
    posting = ledger.new_posting(work, PostingKind.CLOSING, list_id=payment_list.id)
    moves = _open_transfers(payment_list, [line for of_ending in lines.values() for line in of_ending]).subquery()
    given_up = ledger.enter_per_transfer(work, posting, moves, Account.OPEN, Account.CANCELLED)
    # Given up for good means that nobody may promise it again; to be instructed again means that somebody may.
    # Where a newer line has taken a promise over already, that line alone says what becomes of it.
    over = superseded(work, payment_list.id)
    revive_instructions(work, [one for one in ids[Ending.CANCEL] if one not in over])
    retire_instructions(work, ids[Ending.INSTRUCT_AGAIN], ledger.delivered_of(work, ids[Ending.INSTRUCT_AGAIN]))
    pass_back(work, ids[Ending.INSTRUCT_AGAIN])
    return posting.id, given_up


def _closing(work: Work, payment_list: PaymentList, posting_id: UUID | None) -> Closing:
    assert work.actor.id is not None
    before = work.session.exec(select(Closing.id).where(Closing.list_id == payment_list.id)).all()
    row = Closing(
        id=work.new_id("closing"),
        operation_id=work.operation_id,
        list_id=payment_list.id,
        number=len(before) + 1,
        closed_by=work.actor.id,
        closed_at=work.now,
        posting_id=posting_id,
    )
    work.add(row)
    work.session.flush()
    return row


def _open_transfers(payment_list: PaymentList, lines: list[OpenLine]) -> sa.Select[tuple[UUID, int]]:
    each = standing.transfers(entries_of_lists([payment_list.id]))
    left = (each.c.asked - each.c.delivered - each.c.cancelled).label("minor")
    return sa.select(each.c.instruction_id, left).where(each.c.line.in_([line.value for line in lines]), left > 0)


def _open_in(work: Work, payment_list: PaymentList, lines: list[OpenLine]) -> list[UUID]:
    if not lines:
        return []
    return [row.instruction_id for row in work.session.connection().execute(_open_transfers(payment_list, lines))]
