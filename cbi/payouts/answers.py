"""What people say about findings. An answer that needs two people counts when both say the same and nobody says otherwise.

Answers may be given as soon as a file is previewed; they take effect when it is posted, or at once when it is posted already.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import blake2b
from uuid import UUID

from sqlmodel import col, select

from cbi.errors import Refused, SomebodyWasFirst
from cbi.payouts import about, decisions, facts, hands, outcomes
from cbi.payouts.choices import CHOICES, Choice, Moves, choice_of, objects
from cbi.payouts.queries import SeenFinding, file_by_id, finding_by_id
from cbi.payouts.queries import seen as seen_findings
from cbi.payouts.tables import Answer, FileStatus, FindingAnswer, FindingDecision, PayoutFile, PayoutFinding
from cbi.payouts.tied import Tied, stands, tied
from cbi.store.parts import in_parts
from cbi.store.records import Records
from cbi.store.work import Actor, Reading, Work
from cbi.transfers.approvals import Seat
from cbi.web import sent
from cbi.web.words import _
from reconciliation.findings import FindingKind

LONGEST_NOTE = 140
_PLACE = re.compile(r"(.+?)!(\d+)(?:, |$)")
_LONGEST_LIST = 200
_MAY_BE_ANSWERED = (FileStatus.PREVIEWED, FileStatus.POSTED)


class State(StrEnum):
    """Where a finding stands with the people who answer it."""

    UNANSWERED = "unanswered"
    KEPT = "kept"
    WAITS = "waits"
    DISAGREES = "disagrees"
    READY = "ready"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class Said:
    """What one person says. amount_minor, on: of money that came back; place: sheet and row that a suggestion is tied to."""

    answer: Answer
    note: str = ""
    amount_minor: int = 0
    on: date | None = None
    place: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """One person's standing answer as a page shows it; note is opened from its seal."""

    kept: FindingAnswer
    note: str


@dataclass(frozen=True, slots=True)
class Question:
    """All a page needs to ask one person about one finding.

    choices: what may be answered now, empty when nothing may.  barred: the seat that forbids this person to answer.
    given: standing answers, in order; mine: this person's.  left_minor: money of it still in suspense, in `currency`.
    places: the rows a suggestion points at.  decided: what counts already, in order.  tied: the suggestion its row was tied to, which is its answer.
    """

    state: State
    choices: tuple[Choice, ...]
    barred: Seat | None
    given: tuple[Given, ...]
    mine: Given | None
    decided: tuple[FindingDecision, ...]
    left_minor: int
    currency: str
    places: tuple[tuple[str, int], ...]
    tied: Tied | None = None


def give(
    records: Records,
    actor: Actor,
    file_id: UUID,
    finding_id: UUID,
    said: Said,
    client_key: UUID | None = None,
    *,
    proof: Callable[[Work], None] | None = None,
) -> State:
    """Keep one person's answer, in place of an earlier one of theirs; it takes effect when it is enough. Sent twice, it counts once.

    proof: proves once more who is at the screen, in the same commit; wanted for a choice that is final.
    Raises SameHands for the list's own hands, SomebodyWasFirst when the finding was decided meanwhile, Refused for an answer that is not
    offered, or that cannot be entered; nothing is kept then.
    """
    with records.work(actor) as work:
        file = hands.locked_file(work, file_id)
        done = answered_before(work, finding_id, client_key)
        if done:
            return done
        if proof is not None:
            proof(work)
        state = keep(work, file, finding_id, said)
        sent.answer(work, client_key, _form(finding_id), state.value)
        return state


def answered_before(work: Work, finding_id: UUID, client_key: UUID | None) -> State | None:
    """Where a finding stood after this very form was sent before; None when it was not. Raises Refused for the key of another form."""
    done = sent.answered(work, client_key, _form(finding_id))
    return State(done) if done else None


def keep(work: Work, file: PayoutFile, finding_id: UUID, said: Said) -> State:
    """The same inside a work that holds the file already."""
    person_id = _may_answer(work, file)
    seen = finding_by_id(work, file.id, finding_id)
    _check(work, seen, said)
    _write(work, file, seen, said, _mine(work, finding_id, person_id))
    work.session.flush()
    return _settle(work, file, seen.finding)


def keep_matches(work: Work, file: PayoutFile, chosen: Sequence[tuple[UUID, tuple[str, int]]]) -> dict[UUID, str]:
    """Tie each of these suggestions, which nobody answered, to one row; returns those that cannot be, each with what to do about it.

    Costs as many questions for a thousand as for one, but for what a posted file enters at once.  The caller leaves nothing behind when any is returned.
    """
    _may_answer(work, file)
    rows = _tied_rows(work, file.id)
    settled = {one.finding_id for one in decisions.of_file(work, file.id) if one.answer is not Answer.RECOVERED}
    wrong: dict[UUID, str] = {}
    for part in map(dict, in_parts(chosen)):
        found = seen_findings(work, list(part))
        for seen in found:
            place = part[seen.finding.id]
            if seen.finding.id in settled:
                wrong[seen.finding.id] = _("look at the finding again: it was decided already")
            elif rows.get(place, seen.finding.instruction_id) != seen.finding.instruction_id:
                wrong[seen.finding.id] = _("look at the row again: it was tied to another transfer already")
            else:
                _write(work, file, seen, Said(Answer.MATCH, place=place), None)
        work.session.flush()
        if file.status is FileStatus.POSTED:
            wrong |= _entered(work, file, [seen.finding for seen in found if seen.finding.id not in wrong])
    return wrong


def _entered(work: Work, file: PayoutFile, findings: Sequence[PayoutFinding]) -> dict[UUID, str]:
    """Enter what counts at once; returns those that cannot be entered, with what to do."""
    wrong: dict[UUID, str] = {}
    for finding in findings:
        try:
            _settle(work, file, finding)
        except Refused as refusal:
            wrong[finding.id] = refusal.fix
    return wrong


def _may_answer(work: Work, file: PayoutFile) -> UUID:
    person_id = hands.refuse(work, file)
    if file.status not in _MAY_BE_ANSWERED:
        raise Refused(_("preview the file first: only what was found in it can be answered"))
    return person_id


def _write(work: Work, file: PayoutFile, seen: SeenFinding, said: Said, earlier: FindingAnswer | None) -> None:
    """Write one answer down, in place of an earlier one."""
    assert work.actor.id is not None
    kept = earlier or FindingAnswer(
        id=work.new_id("payouts"),
        operation_id=work.operation_id,
        file_id=file.id,
        finding_id=seen.finding.id,
        answer=said.answer,
        answered_by=work.actor.id,
        answered_at=work.now,
    )
    kept.answer, kept.answered_at, kept.mark = said.answer, work.now, mark_of(seen)
    kept.amount_minor, kept.on_date, kept.instruction_id = said.amount_minor, said.on, seen.finding.instruction_id
    kept.sheet, kept.row = said.place or next(((each.row.sheet, each.row.row) for each in seen.rows), ("", 0))
    work.seal(kept, "note", said.note.strip() or None)
    work.add(kept)
    work.remember(facts.FindingAnswered(answer_id=kept.id, file_id=file.id, finding_id=seen.finding.id, answer=said.answer.value))


def withdraw(records: Records, actor: Actor, file_id: UUID, finding_id: UUID) -> State:
    """Take one's own answer back while it does not count yet; returns where the finding stands then. Raises SomebodyWasFirst when there is none."""
    with records.work(actor) as work:
        file = hands.locked_file(work, file_id)
        person_id = hands.refuse(work, file)
        seen = finding_by_id(work, file_id, finding_id)
        mine = _mine(work, finding_id, person_id)
        if mine is None:
            raise SomebodyWasFirst(_("look at the finding again: there is no answer of yours to take back"))
        work.session.delete(mine)
        if mine.answer is Answer.MATCH and seen.finding.kind is not FindingKind.SUGGESTED:
            file.basis = b""  # this preview counts the match already: it is to be read again before it is posted
            work.add(file)
        work.remember(facts.AnswerWithdrawn(answer_id=mine.id, file_id=file_id, finding_id=finding_id, answer=mine.answer.value))
        work.session.flush()
        return state_of(seen.finding.kind, standing(work, finding_id))


def question(reading: Reading, file_id: UUID, finding_id: UUID, person_id: UUID) -> Question:
    """What this person may say about this finding, what was said, and what counts already. Raises NotThere."""
    file = file_by_id(reading, file_id)
    finding = finding_by_id(reading, file_id, finding_id).finding
    decided = decisions.of_finding(reading, finding_id)
    given = tuple(Given(one, reading.open(one, "note")) for one in standing(reading, finding_id))
    barred = about.barred(reading, about.about_of(reading, file_id), person_id)
    row_of = tied(reading, finding) if finding.kind is FindingKind.NOT_OURS else None
    closed = barred is not None or file.status not in _MAY_BE_ANSWERED or row_of is not None
    left, currency = decisions.left_in_suspense(reading, file, finding)
    pays = finding.kind is not FindingKind.NOT_INSTRUCTED or outcomes.pays_its_transfer(reading, file, finding)
    return Question(
        State.DECIDED if _is_settled(decided) else state_of(finding.kind, [one.kept for one in given]),
        () if closed else open_choices(finding.kind, decided, left, pays=pays),
        barred,
        given,
        next((one for one in given if one.kept.answered_by == person_id), None),
        tuple(decided),
        left,
        currency,
        places_of(finding),
        row_of,
    )


def open_choices(kind: FindingKind, decided: Sequence[FindingDecision], left_minor: int, *, pays: bool = True) -> tuple[Choice, ...]:
    """What may still be answered: nothing but a note once it is decided; nothing about suspense where none is left.

    pays: whether something is open of the transfer that the money would count for.
    """
    moving = (Moves.SUSPENSE_TO_PROVIDER, Moves.SUSPENSE_TO_EXTRA)
    cannot = {Answer.SAME_PERSON} if not pays else set()
    return tuple(
        choice
        for choice in CHOICES[kind]
        if choice.answer is Answer.NOTED
        or (not _is_settled(decided) and choice.answer not in cannot and (left_minor > 0 or choice.moves not in moving))
    )


def standing(reading: Reading, finding_id: UUID) -> list[FindingAnswer]:
    """The answers that are given and do not count yet, in the order given."""
    query = select(FindingAnswer).where(col(FindingAnswer.finding_id) == finding_id, col(FindingAnswer.decision_id).is_(None))
    return list(reading.session.exec(query.order_by(col(FindingAnswer.answered_at), col(FindingAnswer.id))))


def state_of(kind: FindingKind, answers: Sequence[FindingAnswer]) -> State:
    """Where a finding stands with these answers, one a person."""
    deciding = [one for one in answers if _decides(kind, one.answer)]
    if not deciding:
        return State.KEPT if answers else State.UNANSWERED
    first = deciding[0]
    if any(_differs(first, one) for one in deciding) or any(objects(one.answer, first.answer) for one in answers):
        return State.DISAGREES
    choice = choice_of(kind, first.answer)
    return State.READY if choice and len(deciding) >= choice.people else State.WAITS


def enter_ready(work: Work, file: PayoutFile) -> int:
    """Enter everything that was decided about a file before it counted; called inside the posting commit. Returns how many decisions.

    What cannot be entered (a transfer that was instructed again meanwhile) keeps its answers and stays as it was posted.
    """
    waiting = work.session.exec(
        select(PayoutFinding)
        .where(
            col(PayoutFinding.id).in_(
                select(FindingAnswer.finding_id).where(col(FindingAnswer.file_id) == file.id, col(FindingAnswer.decision_id).is_(None))
            )
        )
        .order_by(col(PayoutFinding.position), col(PayoutFinding.id))
    ).all()
    return sum(_enter(work, file, finding, strict=False) for finding in waiting)


def mark_of(seen: SeenFinding) -> bytes:
    """What was answered, as a mark: the kind, the transfer, every amount and every row of a finding."""
    one = seen.finding
    amounts = (one.instructed_minor, one.delivered_minor, one.suspense_minor, one.open_minor, one.set_aside_minor, one.paid_minor)
    said = [one.kind.value, one.reference, one.currency, one.suspense_currency, one.points_at, *map(str, amounts)]
    said.extend(f"{each.row.sheet}!{each.row.row}:{each.row.row_key.hex()}" for each in seen.rows)
    return blake2b("\x1f".join(said).encode(), digest_size=20).digest()


def places_of(finding: PayoutFinding) -> tuple[tuple[str, int], ...]:
    """Sheet and row of every row a suggestion points at; the last of a list that was cut short is not trusted."""
    return places_in(finding.points_at)


def places_in(points_at: str) -> tuple[tuple[str, int], ...]:
    """The same of the text it is kept as."""
    places = tuple((sheet, int(row)) for sheet, row in _PLACE.findall(points_at))
    return places[:-1] if len(points_at) >= _LONGEST_LIST else places


def _form(finding_id: UUID) -> str:
    return f"answer {finding_id}"


def _settle(work: Work, file: PayoutFile, finding: PayoutFinding) -> State:
    state = state_of(finding.kind, standing(work, finding.id))
    if state is State.READY and file.status is FileStatus.POSTED:
        _enter(work, file, finding, strict=True)
        return State.DECIDED
    return state


def _enter(work: Work, file: PayoutFile, finding: PayoutFinding, *, strict: bool) -> bool:
    answers = standing(work, finding.id)
    if state_of(finding.kind, answers) is not State.READY:
        return False
    agreed = [one for one in answers if _decides(finding.kind, one.answer)]
    try:
        with work.attempt():
            decision = decisions.enter(work, file, finding, agreed)
    except Refused:
        if strict:
            raise
        return False
    for one in answers:
        one.decision_id = decision.id
        work.add(one)
    return True


def _check(work: Work, seen: SeenFinding, said: Said) -> None:
    choice = choice_of(seen.finding.kind, said.answer)
    if choice is None:
        raise Refused(_("choose one of the answers that are offered for this finding"))
    if len(said.note) > LONGEST_NOTE:
        raise Refused(_("make the note shorter: at most %(max)d characters", max=LONGEST_NOTE))
    if said.answer is not Answer.NOTED and _is_settled(decisions.of_finding(work, seen.finding.id)):
        raise SomebodyWasFirst(_("look at the finding again: it was decided already"))
    if choice.asks_amount:
        _check_amount(work, seen.finding, said)
    if choice.asks_row:
        _check_place(work, seen.finding, said.place)


def _check_amount(work: Work, finding: PayoutFinding, said: Said) -> None:
    """What came back, before anybody agrees: no more than the finding ever held in suspense. What is left of it is checked when it counts."""
    if said.amount_minor <= 0 or said.on is None:
        raise Refused(_("enter the amount that came back and the day it did, for example 75.50 on 20 November 2026"))
    if said.on > work.today:
        raise Refused(_("enter the day the money came back: this one is still to come"))
    if said.amount_minor > finding.suspense_minor:
        raise Refused(_("enter at most what is still in suspense of this finding"))


def _check_place(work: Work, finding: PayoutFinding, place: tuple[str, int] | None) -> None:
    if place is None or place not in places_of(finding):
        raise Refused(_("choose the row this transfer was paid by"))
    if _tied_rows(work, finding.file_id).get(place, finding.instruction_id) != finding.instruction_id:
        raise SomebodyWasFirst(_("look at the row again: it was tied to another transfer already"))


def _tied_rows(reading: Reading, file_id: UUID) -> dict[tuple[str, int], UUID | None]:
    """The rows of a file that people tied to a transfer, each with that transfer."""
    tied = select(FindingAnswer.sheet, FindingAnswer.row, FindingAnswer.instruction_id).where(
        FindingAnswer.file_id == file_id, FindingAnswer.answer == Answer.MATCH, stands()
    )
    return {(sheet, row): instruction_id for sheet, row, instruction_id in reading.session.exec(tied)}


def _decides(kind: FindingKind, answer: Answer) -> bool:
    choice = choice_of(kind, answer)
    return choice is not None and (choice.people > 1 or choice.moves is not Moves.NOTHING)


def _differs(one: FindingAnswer, other: FindingAnswer) -> bool:
    def said(answer: FindingAnswer) -> tuple[object, ...]:
        return (answer.answer, answer.amount_minor, answer.on_date, answer.sheet, answer.row)

    return said(one) != said(other)


def _is_settled(decided: Sequence[FindingDecision]) -> bool:
    """Whether nothing more can be decided: money that came back in part leaves the rest to be decided."""
    return any(one.answer is not Answer.RECOVERED for one in decided)


def _mine(reading: Reading, finding_id: UUID, person_id: UUID) -> FindingAnswer | None:
    return next((one for one in standing(reading, finding_id) if one.answered_by == person_id), None)
