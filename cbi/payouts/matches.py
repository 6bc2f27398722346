"""Suggested matches, accepted one by one or in bulk from a list filtered to one reason. A key that points at two is never accepted in bulk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from cbi.errors import Refused, SomebodyWasFirst
from cbi.payouts import answers, hands
from cbi.payouts.answers import Said
from cbi.payouts.tables import Answer, FindingAnswer, PayoutFinding
from cbi.store.records import Records
from cbi.store.work import Actor, Reading
from cbi.transfers.tables import Instruction
from cbi.web.words import _
from reconciliation.findings import FindingKind

AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class Alike:
    """Suggestions for one reason that may be accepted together. because: the keys in which row and transfer are alike ("name,phone")."""

    because: str
    count: int


def in_bulk(reading: Reading, file_id: UUID) -> list[Alike]:
    """The reasons for which suggestions wait and may be accepted together, the most frequent first."""
    counts = Counter(finding.because for finding in _plain(reading, file_id))
    return [Alike(because, count) for because, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]


def accept_all(records: Records, actor: Actor, file_id: UUID, because: str, count: int, client_key: UUID | None = None) -> int:
    """Accept every suggestion of one reason, each with the one row it points at; returns how many. Sent twice, it happens once.

    count: how many the person was shown.  Raises SomebodyWasFirst when there are more or fewer by now, SameHands for the list's own hands.
    """
    with records.work(actor) as work:
        file = hands.locked_file(work, file_id)
        done = work.answered(client_key)
        if done:
            return int(done)
        chosen = [finding for finding in _plain(work, file_id) if finding.because == because]
        if len(chosen) != count:
            raise SomebodyWasFirst(_("look at the suggestions again: there are more or fewer of them by now"))
        if not chosen:
            raise Refused(_("choose a reason for which suggestions wait"))
        for finding in chosen:
            [place] = answers.places_of(finding)
            answers.keep(work, file, finding.id, Said(Answer.MATCH, place=place))
        work.answer(client_key, str(count))
        return count


def accepted(reading: Reading, file_id: UUID) -> dict[tuple[str, int], str]:
    """Rows, by sheet and row number, that people tied to a transfer's reference: for reading the file anew (`match.reconcile`)."""
    waits = (FindingAnswer.file_id == file_id, col(FindingAnswer.decision_id).is_(None))
    against = select(FindingAnswer.instruction_id).where(*waits, FindingAnswer.answer == Answer.NO_MATCH)
    rows = reading.session.exec(
        select(FindingAnswer.sheet, FindingAnswer.row, Instruction.reference)
        .join(Instruction, col(Instruction.id) == col(FindingAnswer.instruction_id))
        .where(*waits, FindingAnswer.answer == Answer.MATCH, col(FindingAnswer.instruction_id).not_in(against))
    )
    return {(sheet, row): reference for sheet, row, reference in rows}


def _plain(reading: Reading, file_id: UUID) -> list[PayoutFinding]:
    """Suggestions nobody answered that point, by keys that mean one, at one row that no other transfer is suggested for."""
    answered = select(FindingAnswer.finding_id).where(FindingAnswer.file_id == file_id)
    found = reading.session.exec(
        select(PayoutFinding)
        .where(PayoutFinding.file_id == file_id, PayoutFinding.kind == FindingKind.SUGGESTED)
        .order_by(col(PayoutFinding.position), col(PayoutFinding.id))
    ).all()
    pointed = Counter(place for finding in found for place in answers.places_of(finding))
    taken = set(reading.session.exec(answered))
    return [finding for finding in found if finding.id not in taken and _means_one(answers.places_of(finding), pointed, finding.because)]


def _means_one(places: Iterable[tuple[str, int]], pointed: Counter[tuple[str, int]], because: str) -> bool:
    rows = list(places)
    return len(rows) == 1 and pointed[rows[0]] == 1 and AMBIGUOUS not in because.split(",")
