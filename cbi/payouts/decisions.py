"""Decisions that count: what each enters, once, and how it is taken back by reversing entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere, Refused, SameHands, SomebodyWasFirst
from cbi.payouts import counted, facts, hands, late, ledger, outcomes, underway
from cbi.payouts.counted import Place, Places, Whose
from cbi.payouts.ledger import Belongs
from cbi.payouts.outcomes import Change
from cbi.payouts.tables import (
    Answer,
    FileStatus,
    FindingAnswer,
    FindingDecision,
    LedgerPosting,
    PayoutFile,
    PayoutFinding,
    PayoutRow,
    PostedRow,
)
from cbi.store.records import Records
from cbi.store.work import Actor, Reading, Work
from cbi.transfers.approvals import BARRED, seat_of
from cbi.transfers.service import list_by_id
from cbi.web import sent
from cbi.web.words import _
from reconciliation.findings import FindingKind
from reconciliation.ledger import Entry, accepted_as_extra, restated
from reconciliation.money import Money

_MUST_PAY = (Answer.MATCH, Answer.SAME_PERSON)


def of_finding(reading: Reading, finding_id: UUID) -> list[FindingDecision]:
    """The decisions that count about a finding, in the order made."""
    query = select(FindingDecision).where(FindingDecision.finding_id == finding_id, col(FindingDecision.live))
    return list(reading.session.exec(query.order_by(col(FindingDecision.decided_at), col(FindingDecision.id))))


def of_file(reading: Reading, file_id: UUID, *, also_undone: bool = False) -> list[FindingDecision]:
    """The decisions about a file, in the order made; also those taken back, where history is asked for."""
    query = select(FindingDecision).where(FindingDecision.file_id == file_id)
    if not also_undone:
        query = query.where(col(FindingDecision.live))
    return list(reading.session.exec(query.order_by(col(FindingDecision.decided_at), col(FindingDecision.id))))


def left_in_suspense(reading: Reading, file: PayoutFile, finding: PayoutFinding) -> tuple[int, str]:
    """How much of a finding's money is still in suspense, and in which currency."""
    currency = finding.suspense_currency or finding.currency
    return sum(minor for _whose, minor in outcomes.lefts(reading, file, finding)), currency


def enter(work: Work, file: PayoutFile, finding: PayoutFinding, agreed: Sequence[FindingAnswer]) -> FindingDecision:
    """Let what these people agree on count, in this same commit. Raises Refused when it cannot; the caller undoes what was begun (`Work.attempt`)."""
    said = agreed[0]
    change = outcomes.change_of(work, file, finding, said)
    decision = _decision(work, file, finding, agreed, change)
    before = counted.places(work, file.provider_id, change.touched)
    waiting = {whose: _waiting(work, file, whose) for whose in change.touched}
    counted.replace(work, decision.id, change.gone, change.rows_of(decision))
    after = counted.places(work, file.provider_id, change.touched)
    if said.answer in _MUST_PAY and change.pays and not _pays_something(before, after):
        raise Refused(_("choose another answer: this money pays nothing that is still open of the transfer"))
    homes = {whose: _homes(work, file, whose, where) for whose, where in waiting.items()}
    moves = [*_restated(homes, before, after), *_extra(work, finding, change)]
    _refuse_other_hands(work, moves, agreed)
    posting = ledger.enter_decision(work, file_id=file.id, list_id=_list_of(moves), finding_id=finding.id, moves=moves)
    decision.posting_id = posting.id if posting else None
    taken_up = late.enter(work, file.id, _list_of(moves)) if posting else None
    decision.late_id = taken_up.id if taken_up else None
    work.add(decision)
    underway.settle(work, [one.reference for one in change.touched])
    work.remember(_made(decision))
    return decision


def take_back(
    records: Records,
    actor: Actor,
    decision_id: UUID,
    client_key: UUID | None = None,
    *,
    proof: Callable[[Work], None] | None = None,
) -> None:
    """Take a decision back by reversing entries; the finding waits for answers again. Sent twice, it happens once.

    Raises Refused for what is final, or when a later file or decision builds on it; SomebodyWasFirst when it was taken back already.
    """
    with records.work(actor) as work:
        decision = work.session.get(FindingDecision, decision_id)
        if decision is None:
            raise NotThere
        file = hands.locked_file(work, decision.file_id)
        if sent.answered(work, client_key, f"take back {decision_id}"):
            return
        if proof is not None:
            proof(work)
        hands.refuse(work, file)
        work.session.refresh(decision)
        if not decision.live:
            raise SomebodyWasFirst(_("look at the finding again: this decision was taken back already"))
        refuse_final([decision])
        _refuse_built_on(work, file, decision)
        back = reverse(work, decision)
        if back is not None:
            late.enter(work, file.id, back.list_id)
        sent.answer(work, client_key, f"take back {decision_id}", str(decision_id))


def reverse(work: Work, decision: FindingDecision) -> LedgerPosting | None:
    """Reverse what a decision entered and turn its rows around, in this same commit; returns the reversal, None where nothing had moved.

    Raises Refused when a transfer was instructed again since.
    """
    assert work.actor.id is not None
    back = None
    if decision.late_id is not None:
        late.reverse(work, work.session.get_one(LedgerPosting, decision.late_id))
    if decision.posting_id is not None:
        back = ledger.enter_reversal(work, work.session.get_one(LedgerPosting, decision.posting_id))
    touched = _references(work, decision)
    counted.put_back(work, decision.id)
    decision.live, decision.undone_by, decision.undone_at = False, work.actor.id, work.now
    work.add(decision)
    underway.settle_without(work, touched, decision.decided_at)
    work.remember(
        facts.DecisionTakenBack(
            decision_id=decision.id,
            file_id=decision.file_id,
            finding_id=decision.finding_id,
            answer=decision.answer.value,
            posting_id=back.id if back else None,
            reverses_id=decision.posting_id,
        )
    )
    return back


def refuse_final(decided: Sequence[FindingDecision]) -> None:
    """Raises Refused when one of these can never be undone."""
    if any(one.answer is Answer.EXTRA for one in decided):
        raise Refused(_("leave this as it is: two people accepted money beyond what was promised, and that is final"))


def refuse_later(work: Work, file: PayoutFile) -> None:
    """Raises Refused when a decision about another file, made since this one was posted, weighs the same transfers."""
    for decision in _later_decisions(work, file.provider_id, file.posted_at, besides=file.id):
        mine = sa.select(col(PostedRow.id)).where(
            col(PostedRow.file_id) == file.id, col(PostedRow.live), col(PostedRow.reference).in_(_references(work, decision))
        )
        if work.session.connection().execute(mine.limit(1)).first():
            raise Refused(_("take the newer decisions about these transfers back first: they build on this file"))


def _decision(work: Work, file: PayoutFile, finding: PayoutFinding, agreed: Sequence[FindingAnswer], change: Change) -> FindingDecision:
    decision = FindingDecision(
        id=work.new_id("payouts"),
        operation_id=work.operation_id,
        file_id=file.id,
        finding_id=finding.id,
        kind=finding.kind,
        answer=agreed[0].answer,
        instruction_id=finding.instruction_id,
        reference=finding.reference,
        currency=change.currency,
        amount_minor=change.amount_minor,
        on_date=agreed[0].on_date,
        first_by=agreed[0].answered_by,
        second_by=agreed[1].answered_by if len(agreed) > 1 else None,
        decided_at=work.now,
    )
    work.add(decision)
    work.session.flush()
    return decision


def _made(decision: FindingDecision) -> facts.DecisionMade:
    return facts.DecisionMade(
        decision_id=decision.id,
        file_id=decision.file_id,
        finding_id=decision.finding_id,
        kind_found=decision.kind.value,
        answer=decision.answer.value,
        first_by=decision.first_by,
        second_by=decision.second_by,
        posting_id=decision.posting_id,
        amount_minor=decision.amount_minor,
        currency=decision.currency,
    )


def _restated(homes: Mapping[Whose, _Homes], before: Places, after: Places) -> list[tuple[Entry, Belongs]]:
    """The entries between where transfers and strangers stood and where they stand."""
    changes: dict[tuple[Belongs, str], list[int]] = {}
    for whose, currency in sorted({*before, *after}):
        was, becomes = before.get((whose, currency), Place()), after.get((whose, currency), Place())
        delivered, suspense = becomes.delivered - was.delivered, becomes.suspense - was.suspense
        if delivered:
            changes.setdefault((homes[whose].delivered, currency), [0, 0])[0] += delivered
        if suspense:
            changes.setdefault((homes[whose].suspense, currency), [0, 0])[1] += suspense
    return [
        (entry, belongs)
        for (belongs, currency), (delivered, suspense) in changes.items()
        for entry in restated(Money(delivered, currency), Money(suspense, currency))
    ]


class _Homes(NamedTuple):
    """Where entries about some rows stand: what arrives by them, and what of them waits."""

    delivered: Belongs
    suspense: Belongs


def _waiting(work: Work, file: PayoutFile, whose: Whose) -> Belongs | None:
    """Where a stranger's money was put into suspense, also when it names a transfer of ours; None while none of it is a stranger's."""
    if not any(row.instruction_id is None for row in counted.rows_of(work, file.provider_id, whose)):
        return None
    finding = outcomes.finding_of(work, whose, file.provider_id)
    return Belongs.of_stranger(work, finding, file.provider_id) if finding else None


def _homes(work: Work, file: PayoutFile, whose: Whose, waited: Belongs | None) -> _Homes:
    """A transfer's entries are its own; what waited as a stranger's leaves from there. A stranger may have a name only since this decision."""
    asked = counted.instruction_of(work, whose.reference)
    own = Belongs.of_instruction(work, asked) if asked else None
    suspense = waited or own or _waiting(work, file, whose)
    assert suspense is not None
    return _Homes(own or suspense, suspense)


def _extra(work: Work, finding: PayoutFinding, change: Change) -> list[tuple[Entry, Belongs]]:
    if not change.extra_minor:
        return []
    asked = counted.instruction_of(work, finding.reference)
    assert asked is not None
    belongs = Belongs.of_instruction(work, asked)
    return [(entry, belongs) for entry in accepted_as_extra(Money(change.extra_minor, change.currency), finding.reference)]


def _refuse_other_hands(work: Work, moves: Sequence[tuple[Entry, Belongs]], agreed: Sequence[FindingAnswer]) -> None:
    """Money of a list that the file is not about moves too, where it was claimed for this one: that list's own hands do not decide on it either."""
    for list_id in sorted({belongs.list_id for _entry, belongs in moves if belongs.list_id}):
        seats = (seat_of(work, list_by_id(work, list_id), one.answered_by) for one in agreed)
        seat = next((found for found in seats if found is not None), None)
        if seat is not None:
            raise SameHands(BARRED[seat])


def _list_of(moves: Sequence[tuple[Entry, Belongs]]) -> UUID | None:
    """The list all of it is about; None where it is about several, or none."""
    lists = {belongs.list_id for _entry, belongs in moves}
    return lists.pop() if len(lists) == 1 else None


def _pays_something(before: Places, after: Places) -> bool:
    return any(becomes.delivered > before.get(key, Place()).delivered for key, becomes in after.items())


def _references(work: Work, decision: FindingDecision) -> list[str]:
    """Whose rows a decision changed."""
    rows = sa.or_(col(PostedRow.decision_id) == decision.id, col(PostedRow.replaced_by) == decision.id)
    changed = work.session.connection().execute(sa.select(col(PostedRow.reference)).where(rows)).scalars()
    return sorted({decision.reference, *changed} - {""})


def _later_decisions(work: Work, provider_id: UUID, since: object, *, besides: UUID) -> list[FindingDecision]:
    query = (
        select(FindingDecision)
        .join(PayoutFile, col(PayoutFile.id) == col(FindingDecision.file_id))
        .where(
            col(PayoutFile.provider_id) == provider_id,
            col(FindingDecision.live),
            col(FindingDecision.decided_at) > since,
            FindingDecision.file_id != besides,
        )
    )
    return list(work.session.exec(query))


def _refuse_built_on(work: Work, file: PayoutFile, decision: FindingDecision) -> None:
    touched = _references(work, decision)
    later_file = (
        sa.select(col(PostedRow.id))
        .join(PayoutFile, col(PayoutFile.id) == col(PostedRow.file_id))
        .where(
            col(PostedRow.provider_id) == file.provider_id,
            col(PostedRow.live),
            col(PostedRow.reference).in_(touched),
            col(PayoutFile.posted_at) > decision.decided_at,
        )
    )
    # What a later file repeats or contradicts was told apart by what counted then: without this decision its rows would have been news.
    set_aside = (
        sa.select(col(PayoutFinding.id))
        .join(PayoutFile, col(PayoutFile.id) == col(PayoutFinding.file_id))
        .join(PayoutRow, col(PayoutRow.finding_id) == col(PayoutFinding.id))
        .where(
            col(PayoutFile.provider_id) == file.provider_id,
            col(PayoutFile.status) == FileStatus.POSTED,
            col(PayoutFile.posted_at) > decision.decided_at,
            col(PayoutFinding.kind).in_([FindingKind.PAID_BEFORE, FindingKind.CONTRADICTS]),
            col(PayoutFinding.reference).in_(touched),
        )
    )
    later = [one for one in _later_decisions(work, file.provider_id, decision.decided_at, besides=UUID(int=0)) if one.id != decision.id]
    built_on = any(work.session.connection().execute(each.limit(1)).first() for each in (later_file, set_aside))
    if built_on or any(set(_references(work, one)) & set(touched) for one in later):
        raise Refused(_("undo the newer files and decisions about this transfer first: they build on this decision"))
