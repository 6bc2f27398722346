"""What each answer changes in the rows that count: the one place where a decision is turned into money."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import Refused
from cbi.payouts import counted
from cbi.payouts.counted import Place, Whose
from cbi.payouts.kinds import is_one_of
from cbi.payouts.tables import (
    Answer,
    FileStatus,
    FindingAnswer,
    FindingDecision,
    LedgerEntry,
    PayoutFile,
    PayoutFinding,
    PayoutRow,
    PostedRow,
)
from cbi.store.work import Reading
from cbi.transfers.service import list_by_id
from cbi.transfers.tables import Instruction
from cbi.web.words import _
from reconciliation.findings import FindingKind
from reconciliation.ledger import Account
from reconciliation.payout import Outcome

_PAYEE = frozenset({"name", "phone", "account", "token"})
_KEY_BYTES = 20
_OUT_OF_SUSPENSE = (Answer.RECOVERED, Answer.CHARGED, Answer.EXTRA)


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row that a decision makes count."""

    reference: str
    outcome: Outcome
    amount_minor: int
    currency: str
    row_key: bytes = b""
    provider_ref: str = ""
    instruction_id: UUID | None = None
    in_suspense: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What a decision does: rows that go and come, whom they touch, the money it is about, and what two people accept beyond a promise.

    pays: whether some row that comes says that money went out.
    """

    file: PayoutFile
    currency: str
    amount_minor: int = 0
    gone: tuple[PostedRow, ...] = ()
    come: tuple[NewRow, ...] = ()
    touched: tuple[Whose, ...] = ()
    extra_minor: int = 0

    @property
    def pays(self) -> bool:
        """Whether some row that comes says that money went out."""
        return any(row.outcome is Outcome.PAID for row in self.come)

    def rows_of(self, decision: FindingDecision) -> list[PostedRow]:
        """The rows that come, as the decision's own."""
        return [
            PostedRow(
                id=decision_row_id(decision, place),
                operation_id=decision.operation_id,
                provider_id=self.file.provider_id,
                file_id=self.file.id,
                row_key=row.row_key or _key_of(decision, place),
                instruction_id=row.instruction_id,
                reference=row.reference,
                provider_ref=row.provider_ref,
                outcome=row.outcome,
                amount_minor=row.amount_minor,
                currency=row.currency,
                in_suspense=row.in_suspense,
                decision_id=decision.id,
            )
            for place, row in enumerate(self.come)
        ]


def decision_row_id(decision: FindingDecision, place: int) -> UUID:
    """The id of one row of a decision: the same whenever it is asked for."""
    return UUID(bytes=_key_of(decision, place)[:16], version=4)


def change_of(reading: Reading, file: PayoutFile, finding: PayoutFinding, said: FindingAnswer) -> Change:
    """What this answer changes. Raises Refused when it cannot be entered as things stand."""
    match said.answer:
        case Answer.MATCH:
            return _match(reading, file, finding, said)
        case Answer.SAME_PERSON:
            return _same_person(reading, file, finding)
        case Answer.NEWER:
            return _newer(reading, file, finding)
        case Answer.RECOVERED | Answer.CHARGED:
            return _back_from_provider(reading, file, finding, said)
        case Answer.EXTRA:
            return _extra(reading, file, finding)
        case _:
            return Change(file, finding.currency)


def lefts(reading: Reading, file: PayoutFile, finding: PayoutFinding) -> list[tuple[Whose, int]]:
    """Whose money of this finding is still in suspense, and how much of it; together at most what the finding put there and is not decided yet."""
    currency = finding.suspense_currency or finding.currency
    if file.status is not FileStatus.POSTED:
        return [(Whose(finding.reference), max(finding.suspense_minor, 0))]
    decided = sa.select(sa.func.coalesce(sa.func.sum(col(FindingDecision.amount_minor)), 0)).where(
        col(FindingDecision.finding_id) == finding.id, col(FindingDecision.live), col(FindingDecision.answer).in_(_OUT_OF_SUSPENSE)
    )
    most = max(finding.suspense_minor, 0) - int(reading.session.connection().execute(decided).scalar_one())
    found = []
    for whose in _whose(reading, file, finding):
        stands = counted.places(reading, file.provider_id, [whose]).get((whose, currency))
        here = min(most, max(stands.suspense - _accepted(reading, finding, currency), 0)) if stands else 0
        if here > 0:
            found.append((whose, here))
            most -= here
    return found


def finding_of(reading: Reading, whose: Whose, provider_id: UUID) -> PayoutFinding | None:
    """The finding that put a stranger's money into suspense."""
    mine = [
        col(PostedRow.provider_id) == provider_id,
        col(PostedRow.reference) == whose.reference,
        col(PostedRow.instruction_id).is_(None),
    ]
    if not whose.reference:
        mine.append(col(PostedRow.provider_ref) == whose.provider_ref)
    if not (whose.reference or whose.provider_ref):
        mine.append(col(PostedRow.row_key) == whose.row_key)
    same = sa.and_(col(PostedRow.file_id) == col(PayoutRow.file_id), col(PostedRow.row_key) == col(PayoutRow.row_key))
    return reading.session.exec(
        select(PayoutFinding)
        .join(PayoutRow, col(PayoutRow.finding_id) == col(PayoutFinding.id))
        .join(PostedRow, same)
        .where(col(PayoutFinding.instruction_id).is_(None), *mine)
    ).first()


def _match(reading: Reading, file: PayoutFile, finding: PayoutFinding, said: FindingAnswer) -> Change:
    """A stranger's row becomes the transfer's own."""
    staged = reading.session.exec(
        select(PayoutRow)
        .join(PayoutFinding, col(PayoutFinding.id) == col(PayoutRow.finding_id))
        .where(PayoutFinding.file_id == file.id, is_one_of(FindingKind.NOT_OURS))
        .where(PayoutRow.sheet == said.sheet, PayoutRow.row == said.row)
    ).first()
    row = _live(reading, file, staged) if staged else None
    if row is None or row.instruction_id is not None or not row.in_suspense:
        raise Refused(_("choose another row: this one no longer waits for its transfer"))
    own = NewRow(finding.reference, row.outcome, row.amount_minor, row.currency, row.row_key, row.provider_ref, finding.instruction_id)
    return Change(file, row.currency, row.amount_minor, (row,), (own,), (Whose.of(row), Whose(finding.reference)))


def _same_person(reading: Reading, file: PayoutFile, finding: PayoutFinding) -> Change:
    """What was paid to somebody else, as it seemed, was paid to the payee."""
    own = _own_line(reading, file, finding)
    if own is None:
        raise Refused(_("choose another answer: this money pays nothing that is still open of the transfer"))
    rows = [row for staged in _rows(reading, finding) if (row := _live(reading, file, staged)) and row.in_suspense]
    come = tuple(replace(_copied(row, in_suspense=False), instruction_id=own.id) for row in rows)
    minor = sum(row.amount_minor for row in rows if row.outcome is Outcome.PAID)
    return Change(file, finding.suspense_currency or finding.currency, minor, tuple(rows), come, (Whose(finding.reference),))


def pays_its_transfer(reading: Reading, file: PayoutFile, finding: PayoutFinding) -> bool:
    """Whether something is still open of the transfer that this money names, so that it could count for it."""
    own = _own_line(reading, file, finding)
    if own is None:
        return False
    whose = Whose(own.reference)
    here = counted.places(reading, file.provider_id, [whose]).get((whose, own.currency), Place())
    return counted.promised(reading, own) > here.delivered


def _own_line(reading: Reading, file: PayoutFile, finding: PayoutFinding) -> Instruction | None:
    """The transfer that a finding's money names: also where it stands on none of the file's lists, as long as this provider was asked to pay it."""
    own = counted.instruction_of(reading, finding.reference)
    if own is None or own.currency != (finding.suspense_currency or finding.currency):
        return None
    return own if list_by_id(reading, own.list_id).provider_id == file.provider_id else None


def _newer(reading: Reading, file: PayoutFile, finding: PayoutFinding) -> Change:
    """The rows of this file count, in place of those they contradict: the same provider ids, else all that earlier files say of the transfer."""
    staged = {
        row.row_key: row for row in reversed(_rows(reading, finding)) if row.amount_minor is not None or row.outcome is Outcome.FAILED
    }
    same_key = reading.session.exec(
        select(PostedRow).where(PostedRow.provider_id == file.provider_id, col(PostedRow.live), col(PostedRow.row_key).in_(sorted(staged)))
    ).all()
    own = counted.rows_of(reading, file.provider_id, Whose(finding.reference))
    earlier = [row for row in own if _posted_before(reading, row, file)]
    clash = any(_contradicts(row, staged[row.row_key], finding) for row in same_key)
    gone = {row.id: row for row in (*same_key, *(() if clash else earlier))}
    misdirected = _names_another_payee(reading, finding)
    come = tuple(_as_said(row, finding, in_suspense=misdirected) for row in staged.values())
    touched = {Whose(finding.reference), *(Whose.of(row) for row in gone.values())}
    minor = sum(row.amount_minor for row in come if row.outcome is Outcome.PAID)
    return Change(file, finding.suspense_currency or finding.currency, minor, tuple(gone.values()), come, tuple(sorted(touched)))


def _back_from_provider(reading: Reading, file: PayoutFile, finding: PayoutFinding, said: FindingAnswer) -> Change:
    """Money that came back outside a payout file, or that the provider bears: counted as a return, so that a later file saying the same is no second one."""
    currency = finding.suspense_currency or finding.currency
    left = lefts(reading, file, finding)
    wanted = said.amount_minor if said.answer is Answer.RECOVERED else sum(minor for _whose, minor in left)
    if not 0 < wanted <= sum(minor for _whose, minor in left):
        raise Refused(_("enter at most what is still in suspense of this finding"))
    gone, come, touched = list[PostedRow](), list[NewRow](), list[Whose]()
    rest = wanted
    for whose, minor in left:
        taken = min(minor, rest)
        rest -= taken
        if taken:
            named = _named(reading, file, whose, gone, come)
            touched.extend({whose, named})
            come.append(NewRow(named.reference, Outcome.RETURNED, taken, currency, b"", named.provider_ref, finding.instruction_id))
    return Change(file, currency, wanted, tuple(gone), tuple(come), tuple(sorted(touched)))


def _named(reading: Reading, file: PayoutFile, whose: Whose, gone: list[PostedRow], come: list[NewRow]) -> Whose:
    """A stranger without reference and without id gets a name of its own, by which its money and what came back of it are one story."""
    if whose.reference or whose.provider_ref:
        return whose
    name = f"?{whose.row_key.hex()[:12]}"
    for row in counted.rows_of(reading, file.provider_id, whose):
        gone.append(row)
        come.append(_copied(row, reference=name, in_suspense=row.in_suspense))
    return Whose(name)


def _extra(reading: Reading, file: PayoutFile, finding: PayoutFinding) -> Change:
    """Money beyond the promise is accepted: no row changes, it leaves suspense for good."""
    minor = sum(minor for _whose, minor in lefts(reading, file, finding))
    if minor <= 0:
        raise Refused(_("look at the finding again: nothing of it is in suspense any more"))
    currency = finding.suspense_currency or finding.currency
    return Change(file, currency, minor, touched=(Whose(finding.reference),), extra_minor=minor)


def _whose(reading: Reading, file: PayoutFile, finding: PayoutFinding) -> list[Whose]:
    """Whom the money of a finding belongs to: its transfer, or each stranger among its rows."""
    if finding.instruction_id is not None:
        return [Whose(finding.reference)]
    found: list[Whose] = []
    for staged in _rows(reading, finding):
        live = _live(reading, file, staged)
        if live is not None and live.in_suspense and Whose.of(live) not in found:
            found.append(Whose.of(live))
    return found


def _rows(reading: Reading, finding: PayoutFinding) -> Sequence[PayoutRow]:
    return reading.session.exec(
        select(PayoutRow).where(PayoutRow.finding_id == finding.id).order_by(col(PayoutRow.sheet), col(PayoutRow.row), col(PayoutRow.id))
    ).all()


def _live(reading: Reading, file: PayoutFile, staged: PayoutRow) -> PostedRow | None:
    """The staged row as it counts now; None for one that does not."""
    return reading.session.exec(
        select(PostedRow).where(
            PostedRow.operation_id == file.operation_id,
            PostedRow.provider_id == file.provider_id,
            PostedRow.row_key == staged.row_key,
            PostedRow.file_id == file.id,
            col(PostedRow.live),
        )
    ).first()


def _posted_before(reading: Reading, row: PostedRow, file: PayoutFile) -> bool:
    other = reading.session.get_one(PayoutFile, row.file_id)
    assert other.posted_at is not None
    assert file.posted_at is not None
    return other.id != file.id and other.posted_at <= file.posted_at


def _contradicts(row: PostedRow, staged: PayoutRow, finding: PayoutFinding) -> bool:
    return row.reference != finding.reference or row.amount_minor != (staged.amount_minor or 0)


def _names_another_payee(reading: Reading, finding: PayoutFinding) -> bool:
    """Whether the evidence shows a payee other than the approved one."""
    evidence = json.loads(reading.open(finding, "evidence") or "[]")
    return any(one["key"] in _PAYEE and one["approved"] and one["found"] for one in evidence)


def _as_said(staged: PayoutRow, finding: PayoutFinding, *, in_suspense: bool) -> NewRow:
    return NewRow(
        finding.reference,
        staged.outcome,
        staged.amount_minor or 0,
        staged.currency or finding.currency,
        staged.row_key,
        staged.provider_ref,
        finding.instruction_id,
        in_suspense and staged.outcome is Outcome.PAID,
    )


def _copied(row: PostedRow, *, in_suspense: bool, reference: str = "") -> NewRow:
    return NewRow(
        reference or row.reference,
        row.outcome,
        row.amount_minor,
        row.currency,
        row.row_key,
        row.provider_ref,
        row.instruction_id,
        in_suspense,
    )


def _accepted(reading: Reading, finding: PayoutFinding, currency: str) -> int:
    """What was accepted beyond this transfer's promise already."""
    if finding.instruction_id is None:
        return 0
    total = sa.select(sa.func.coalesce(sa.func.sum(col(LedgerEntry.minor)), 0)).where(
        col(LedgerEntry.instruction_id) == finding.instruction_id,
        col(LedgerEntry.account) == Account.EXTRA,
        col(LedgerEntry.currency) == currency,
    )
    return int(reading.session.connection().execute(total).scalar_one())


def _key_of(decision: FindingDecision, place: int) -> bytes:
    return blake2b(f"decision\x1f{decision.id}\x1f{place}".encode(), digest_size=_KEY_BYTES).digest()
