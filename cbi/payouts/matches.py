"""Suggested matches, accepted one by one or in bulk from a list filtered to one reason. A key that points at two is never accepted in bulk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import Refused, SomebodyWasFirst
from cbi.payouts import answers, hands
from cbi.payouts.kinds import is_one_of
from cbi.payouts.tables import Answer, FindingAnswer, PayoutFinding
from cbi.payouts.tied import stands
from cbi.store.records import Records
from cbi.store.work import Actor, Reading
from cbi.transfers.tables import Instruction
from cbi.web import sent
from cbi.web.words import _
from reconciliation.findings import FindingKind

AMBIGUOUS = "ambiguous"
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Alike:
    """Suggestions for one reason that may be accepted together. because: the keys in which row and transfer are alike ("name,phone").

    first: the ids of the first of them, in the file's order.
    """

    because: str
    count: int
    first: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Left:
    """A suggestion that cannot be accepted with the others. place: the row it points at; fix finishes "You need to …"."""

    finding_id: UUID
    reference: str
    place: tuple[str, int]
    fix: str


class NotAll(SomebodyWasFirst):
    """Some of the suggestions that were shown cannot be accepted any more; nothing was saved. left: those that are known by name."""

    def __init__(self, fix: str, left: Sequence[Left] = ()) -> None:
        super().__init__(fix)
        self.left = tuple(left)


class _Plain(NamedTuple):
    """A suggestion as far as accepting it needs it known."""

    id: UUID
    because: str
    reference: str
    place: tuple[str, int]


def in_bulk(reading: Reading, file_id: UUID, *, without: Collection[UUID] = ()) -> list[Alike]:
    """The reasons for which suggestions wait and may be accepted together, the most frequent first."""
    by_reason: dict[str, list[UUID]] = {}
    for one in _plain(reading, file_id):
        if one.id not in without:
            by_reason.setdefault(one.because, []).append(one.id)
    ordered = sorted(by_reason.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [Alike(because, len(ids), tuple(ids[:_SHOWN])) for because, ids in ordered]


def accept_all(
    records: Records,
    actor: Actor,
    file_id: UUID,
    because: str,
    count: int,
    client_key: UUID | None = None,
    *,
    without: Collection[UUID] = (),
    since: datetime | None = None,
) -> int:
    """Accept every suggestion of one reason, each with the one row it points at; returns how many. Sent twice, it happens once.

    count: how many the person was shown.  without: those left out on purpose.  since: when the page was drawn, to name what changed after it.
    Raises NotAll when some cannot be accepted any more, SameHands for the list's own hands.
    """
    with records.work(actor) as work:
        file = hands.locked_file(work, file_id)
        done = sent.answered(work, client_key, f"accept {file_id}")
        if done:
            return int(done)
        chosen = [one for one in _plain(work, file_id) if one.because == because and one.id not in without]
        if len(chosen) != count:
            raise NotAll(
                _("look at the suggestions again: there are more or fewer of them by now"), _answered_since(work, file_id, because, since)
            )
        if not chosen:
            raise Refused(_("choose a reason for which suggestions wait"))
        wrong = answers.keep_matches(work, file, [(one.id, one.place) for one in chosen])
        if wrong:
            left = [Left(one.id, one.reference, one.place, wrong[one.id]) for one in chosen if one.id in wrong]
            raise NotAll(_("look at what cannot be accepted, and accept the rest"), left)
        sent.answer(work, client_key, f"accept {file_id}", str(count))
        return count


def _answered_since(reading: Reading, file_id: UUID, because: str, since: datetime | None) -> list[Left]:
    """Suggestions of this reason that somebody answered after a page was drawn."""
    if since is None:
        return []
    rows = reading.session.exec(
        select(PayoutFinding)
        .join(FindingAnswer, col(FindingAnswer.finding_id) == col(PayoutFinding.id))
        .where(
            FindingAnswer.file_id == file_id,
            FindingAnswer.answered_at >= since,
            PayoutFinding.kind == FindingKind.SUGGESTED,
            PayoutFinding.because == because,
        )
        .order_by(col(PayoutFinding.position))
        .distinct()
    )
    fix = _("look at the finding again: somebody answered it meanwhile")
    return [Left(one.id, one.reference, place, fix) for one in rows for place in answers.places_of(one)[:1]]


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


def _plain(reading: Reading, file_id: UUID) -> list[_Plain]:
    """Suggestions nobody answered that point, by keys that mean one, at one row that no other transfer is suggested for; in the file's order."""
    answered = sa.exists().where(col(FindingAnswer.finding_id) == col(PayoutFinding.id), stands())
    found = reading.session.connection().execute(
        sa.select(
            col(PayoutFinding.id),
            col(PayoutFinding.because),
            col(PayoutFinding.reference),
            col(PayoutFinding.points_at),
            answered.label("answered"),
        )
        .where(col(PayoutFinding.file_id) == file_id, is_one_of(FindingKind.SUGGESTED))
        .order_by(col(PayoutFinding.position), col(PayoutFinding.id))
    )
    suggested = [(one, answers.places_in(one.points_at)) for one in found]
    pointed = Counter(place for _one, places in suggested for place in places)
    return [
        _Plain(one.id, one.because, one.reference, places[0])
        for one, places in suggested
        if not one.answered and len(places) == 1 and pointed[places[0]] == 1 and AMBIGUOUS not in one.because.split(",")
    ]
