"""One finding at a time: what is asked, the evidence beside its source, and where it stands among those it was opened from."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.payouts import browse, comparing
from cbi.payouts.answers import State, state_of
from cbi.payouts.comparing import Approved
from cbi.payouts.corrections import is_corrected
from cbi.payouts.kinds import is_one_of
from cbi.payouts.narrowing import Narrowed
from cbi.payouts.queries import SeenFinding, SeenRow
from cbi.payouts.sheet_names import named_sheets
from cbi.payouts.source import Stood
from cbi.payouts.tables import Answer, FileStatus, FindingAnswer, FindingDecision, PayoutFile, PayoutFinding, PayoutRow, PostedRow
from cbi.store.work import Reading
from cbi.transfers.tables import Instruction, PaymentList
from cbi.web.evidence import Compared, Comparison, Excerpt
from cbi.web.words import _
from reconciliation.findings import FindingKind
from reconciliation.payout import Outcome
from reconciliation.vocabulary import Field

_MOST_EXCERPTS = 4
_MARKED = {
    FindingKind.PAID_LESS: (Field.AMOUNT,),
    FindingKind.PAID_MORE: (Field.AMOUNT,),
    FindingKind.PAID_TWICE: (Field.AMOUNT, Field.PROVIDER_ID),
    FindingKind.FAILED: (Field.STATUS, Field.REASON),
    FindingKind.RETURNED: (Field.STATUS,),
    FindingKind.CONTRADICTS: (Field.STATUS, Field.AMOUNT),
    FindingKind.WRONG_CURRENCY: (Field.CURRENCY, Field.AMOUNT),
    FindingKind.NOT_INSTRUCTED: (Field.REFERENCE,),
    FindingKind.NOT_OURS: (Field.REFERENCE,),
    FindingKind.SUGGESTED: (Field.REFERENCE,),
}
_ABOUT_EARLIER = frozenset({FindingKind.CONTRADICTS, FindingKind.PAID_BEFORE})
_SAID = ("outcome", "amount_minor", "currency")
_FIELDS = {field.value: field for field in Field}


@dataclass(frozen=True, slots=True)
class Shown:
    """One row of a finding as the provider sent it. excerpt: none where the file was previewed before its cells were kept."""

    row: SeenRow
    excerpt: Excerpt | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """What another file that counts says of the same transfer."""

    file_id: UUID
    posted_at: datetime
    outcome: Outcome
    amount_minor: int
    currency: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One finding for its page. comparison: none where nothing was approved or nothing was sent. agree, differ: facts in words.

    earlier: what the other files say, where the question is about them.  unread: a row of this file that may say more of a transfer without one.
    """

    seen: SeenFinding
    approved: Approved | None
    payment_list: PaymentList | None
    comparison: Comparison | None
    agree: tuple[str, ...]
    differ: tuple[str, ...]
    rows: tuple[Shown, ...]
    more: int
    earlier: tuple[Earlier, ...] = ()
    unread: UUID | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What came of the answers of some findings. given: findings with answers that do not count yet, by answer and where they stand; decided:
    those that count, with their money.
    """

    given: Mapping[tuple[Answer, State], int]
    decided: tuple[tuple[Answer, str, int, int], ...]

    @property
    def waiting(self) -> int:
        """How many of these answers wait for a second person."""
        return sum(count for (_answer, state), count in self.given.items() if state is State.WAITS)


def stood(file: PayoutFile) -> Stood:
    """Where the tables of a previewed file stood."""
    return Stood(json.loads(file.summary or "{}").get("sheets", {}))


def item(reading: Reading, file: PayoutFile, seen: SeenFinding, places: Sequence[tuple[str, int]]) -> Item:
    """All that the page of one finding shows. places: the rows a suggestion points at."""
    where = stood(file)
    instruction = reading.session.get(Instruction, seen.finding.instruction_id) if seen.finding.instruction_id else None
    asked = comparing.approved(reading, instruction) if instruction else None
    rows = seen.rows or rows_at(reading, file.id, places)
    compared = comparing.facts(asked, rows[0], where) if asked and rows else []
    agree, differ = comparing.differing(compared)
    hits = hits_of(seen)
    payment_list = reading.session.get(PaymentList, seen.finding.list_id) if seen.finding.list_id else None
    return Item(
        seen,
        asked,
        payment_list,
        _comparison(asked, payment_list, rows[0], compared, sheet=named_sheets(reading, file).told(rows[0].row.sheet))
        if compared
        else None,
        tuple(agree),
        tuple(differ),
        tuple(Shown(one, where.excerpt(one.row.sheet, one.row.row, one.detail, hits)) for one in rows[:_MOST_EXCERPTS]),
        max(0, len(rows) - _MOST_EXCERPTS),
        _earlier(reading, file, seen) if seen.finding.kind in _ABOUT_EARLIER or is_as_before(seen) else (),
        None if rows else _unread(reading, seen),
    )


def is_as_before(seen: SeenFinding) -> bool:
    """Whether this file says nothing of a transfer, and it stands as an earlier one left it."""
    return not seen.rows and not seen.finding.points_at and seen.finding.kind is not FindingKind.MISSING


def _earlier(reading: Reading, file: PayoutFile, seen: SeenFinding) -> tuple[Earlier, ...]:
    """What the provider's other posted files say of this transfer, the oldest first, with the reasons they gave."""
    reason = (
        sa.select(col(PayoutRow.reason))
        .join(PayoutFinding, col(PayoutFinding.id) == col(PayoutRow.finding_id))
        .where(
            col(PayoutFinding.file_id) == col(PostedRow.file_id),
            col(PayoutFinding.reference) == seen.finding.reference,
            col(PayoutRow.row_key) == col(PostedRow.row_key),
        )
        .limit(1)
        .scalar_subquery()
    )
    found = reading.session.connection().execute(
        sa.select(
            col(PostedRow.file_id), col(PayoutFile.posted_at), *(col(getattr(PostedRow, name)) for name in _SAID), reason.label("reason")
        )
        .join(PayoutFile, col(PayoutFile.id) == col(PostedRow.file_id))
        .where(
            col(PostedRow.provider_id) == file.provider_id,
            col(PostedRow.reference) == seen.finding.reference,
            col(PostedRow.file_id) != file.id,
            col(PayoutFile.status) == FileStatus.POSTED,
        )
        .order_by(col(PayoutFile.posted_at), col(PostedRow.id))
    )
    return tuple(
        Earlier(row.file_id, row.posted_at, Outcome(row.outcome), int(row.amount_minor), row.currency, row.reason or "") for row in found
    )


def _unread(reading: Reading, seen: SeenFinding) -> UUID | None:
    """The finding of a row of the same file that names this transfer, could not be read, and was not corrected since."""
    return reading.session.exec(
        select(PayoutFinding.id)
        .join(PayoutRow, col(PayoutRow.finding_id) == col(PayoutFinding.id))
        .where(
            col(PayoutFinding.file_id) == seen.finding.file_id,
            is_one_of(FindingKind.UNREADABLE),
            sa.func.upper(col(PayoutFinding.reference)) == seen.finding.reference,
            ~is_corrected(),
        )
    ).first()


def _comparison(
    asked: Approved | None, payment_list: PaymentList | None, row: SeenRow, compared: Sequence[tuple[Field, Compared]], *, sheet: str
) -> Comparison:
    assert asked is not None
    number = payment_list.reference if payment_list else ""
    left = _("Approved: list %(list)s, line %(line)s", list=number, line=asked.place)
    right = _("In the file: “%(sheet)s”, row %(row)s", sheet=sheet, row=row.row.row)
    return Comparison(left, right, tuple(one for _field, one in compared), (_("Approved"), _("In the file")))


def hits_of(seen: SeenFinding) -> tuple[Field, ...]:
    """The fields whose cells the question is about."""
    told = tuple(_FIELDS[one["key"]] for one in seen.evidence if one["key"] in _FIELDS and one["approved"] != one["found"] and one["found"])
    if seen.finding.kind is FindingKind.WRONG_PAYEE and told:
        return told
    return _MARKED.get(seen.finding.kind, told)


def cell_of(seen: SeenFinding, row: PayoutRow, where: Stood) -> str:
    """The cell a row is shown by: the one its question is about, else its amount's, else its reference's."""
    for field in (*hits_of(seen), Field.AMOUNT, Field.REFERENCE):
        if cell := where.cell(row.sheet, row.row, field):
            return cell
    return str(row.row)


def rows_at(reading: Reading, file_id: UUID, places: Sequence[tuple[str, int]]) -> tuple[SeenRow, ...]:
    """Rows of a file by sheet and number, in that order."""
    if not places:
        return ()
    wanted = sa.or_(*(sa.and_(col(PayoutRow.sheet) == sheet, col(PayoutRow.row) == row) for sheet, row in places))
    rows = reading.session.exec(
        select(PayoutRow).where(PayoutRow.file_id == file_id, wanted).order_by(col(PayoutRow.sheet), col(PayoutRow.row))
    ).all()
    return tuple(SeenRow(row, json.loads(reading.open(row, "detail") or "{}")) for row in rows)


def _standing(reading: Reading, ids: sa.Select[Any]) -> Mapping[tuple[Answer, State], int]:  # Any: a select of ids
    """How many findings have each answer that does not count yet, told apart by what it waits for."""
    query = (
        select(FindingAnswer, PayoutFinding.kind)
        .join(PayoutFinding, col(PayoutFinding.id) == col(FindingAnswer.finding_id))
        .where(col(FindingAnswer.finding_id).in_(ids), col(FindingAnswer.decision_id).is_(None))
        .order_by(col(FindingAnswer.answered_at), col(FindingAnswer.id))
    )
    of_finding: dict[UUID, list[FindingAnswer]] = {}
    kinds: dict[UUID, FindingKind] = {}
    for answer, kind in reading.session.exec(query):
        of_finding.setdefault(answer.finding_id, []).append(answer)
        kinds[answer.finding_id] = FindingKind(kind)
    counted = Counter[tuple[Answer, State]]()
    for finding_id, given in of_finding.items():
        counted.update({(answer, state_of(kinds[finding_id], given)) for answer in {one.answer for one in given}})
    return dict(sorted(counted.items()))


def done(reading: Reading, file_id: UUID, by: Narrowed) -> Done:
    """What people said of these findings, and what of it counts."""
    ids = browse.ids(reading, file_id, by)
    counted = reading.session.connection().execute(
        sa.select(
            col(FindingDecision.answer),
            col(FindingDecision.currency),
            sa.func.count().label("findings"),
            sa.func.sum(col(FindingDecision.amount_minor)).label("minor"),
        )
        .where(col(FindingDecision.finding_id).in_(ids), col(FindingDecision.live))
        .group_by(col(FindingDecision.answer), col(FindingDecision.currency))
        .order_by(col(FindingDecision.answer), col(FindingDecision.currency))
    )
    return Done(
        _standing(reading, ids),
        tuple((Answer(row.answer), row.currency, int(row.findings), int(row.minor or 0)) for row in counted),
    )
