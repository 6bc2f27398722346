"""What the pages of a payout file show: sums per kind, rows with the cell they came from, and what would change."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from cbi.errors import NotThere
from cbi.jobs.pace import Pace
from cbi.payouts import strangers
from cbi.payouts.about import About, about_many
from cbi.payouts.kinds import is_one_of
from cbi.payouts.tables import (
    FileStatus,
    FindingAnswer,
    FindingGroup,
    LedgerPosting,
    LedgerSum,
    PayoutFile,
    PayoutFileList,
    PayoutFinding,
    PayoutRow,
    PostingKind,
)
from cbi.payouts.tables_reading import ReadingProgress
from cbi.payouts.tied import stands
from cbi.payouts.turns import SILENT
from cbi.store.work import Reading
from cbi.transfers.service import released_lists
from cbi.transfers.tables import ListStatus, PaymentList, Provider
from reconciliation.findings import FindingKind
from reconciliation.ledger import Account

WRONG_PLACE = (
    FindingKind.PAID_TWICE,
    FindingKind.PAID_MORE,
    FindingKind.WRONG_PAYEE,
    FindingKind.WRONG_CURRENCY,
    FindingKind.CONTRADICTS,
    FindingKind.NOT_INSTRUCTED,
    FindingKind.NOT_OURS,
    FindingKind.UNREADABLE,
)
STILL_OPEN = (FindingKind.FAILED, FindingKind.MISSING, FindingKind.SUGGESTED, FindingKind.RETURNED, FindingKind.PAID_LESS)
NOTHING_TO_DO = (FindingKind.PAID, FindingKind.PAID_BEFORE)
_CHANGING = (Account.DELIVERED, Account.OPEN, Account.SUSPENSE)


@dataclass(frozen=True, slots=True)
class KindSums:
    """Everything of one kind in one file. suspense_minor: in the list's currency; foreign: suspense in others, by currency."""

    kind: FindingKind
    count: int = 0
    instructed_minor: int = 0
    delivered_minor: int = 0
    suspense_minor: int = 0
    open_minor: int = 0
    set_aside_minor: int = 0
    foreign: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeenRow:
    """One row of the file as a page shows it; detail is opened from its seal."""

    row: PayoutRow
    detail: dict[str, str]

    @property
    def reference(self) -> str:
        """The reference for a reader, opened from its seal where it is none of ours."""
        return self.detail.get("reference", "") if strangers.is_sealed(self.row.reference) else self.row.reference


@dataclass(frozen=True, slots=True)
class SeenFinding:
    """One finding with its rows, what was approved and what differs."""

    finding: PayoutFinding
    rows: tuple[SeenRow, ...]
    evidence: tuple[dict[str, str], ...]
    answers: tuple[FindingAnswer, ...]

    @property
    def reference(self) -> str:
        """The reference for a reader: ours, or what the provider wrote for somebody else, opened from its seal; "" where there is none."""
        kept = self.finding.reference
        return next((row.reference for row in self.rows if row.row.reference == kept), "") if strangers.is_sealed(kept) else kept


@dataclass(frozen=True, slots=True)
class Waiting:
    """A released list without a posted file. days: since its release."""

    payment_list: PaymentList
    provider: Provider
    days: int


@dataclass(frozen=True, slots=True)
class Change:
    """One account before and after posting, in minor units. answers_minor: what of the change was answered about the file, once it is posted."""

    account: Account
    before_minor: int
    change_minor: int
    answers_minor: int = 0

    @property
    def file_minor(self) -> int:
        """What the file alone changes."""
        return self.change_minor - self.answers_minor

    @property
    def after_minor(self) -> int:
        """What it will be."""
        return self.before_minor + self.change_minor


def file_by_id(reading: Reading, file_id: UUID) -> PayoutFile:
    """The file. Raises NotThere."""
    found = reading.session.get(PayoutFile, file_id)
    if found is None:
        raise NotThere
    return found


def recent_files(reading: Reading, *, limit: int, offset: int, status: str = "") -> tuple[list[tuple[PayoutFile, About, Provider]], int]:
    """Files, the newest first, each with its lists and provider; and how many there are in all."""
    condition = [col(PayoutFile.status) == FileStatus(status)] if status in set(FileStatus) else []
    total = reading.session.connection().execute(sa.select(sa.func.count()).select_from(PayoutFile).where(*condition)).scalar_one()
    rows = reading.session.exec(
        select(PayoutFile, Provider)
        .join(Provider, col(Provider.id) == col(PayoutFile.provider_id))
        .where(*condition)
        .order_by(col(PayoutFile.uploaded_at).desc(), col(PayoutFile.id))
        .limit(limit)
        .offset(offset)
    ).all()
    lists = about_many(reading, [file.id for file, _ in rows])
    return [(file, lists[file.id], provider) for file, provider in rows], int(total)


def waiting_lists(reading: Reading) -> list[Waiting]:
    """Released lists for which no file was received yet, save such as were refused, put away or undone; the oldest first."""
    received = (
        select(PayoutFileList.list_id)
        .join(PayoutFile, col(PayoutFile.id) == col(PayoutFileList.file_id))
        .where(col(PayoutFile.status).not_in([FileStatus.UNDONE, FileStatus.REFUSED]))
    )
    done = set(reading.session.exec(received))
    providers = {provider.id: provider for provider in reading.session.exec(select(Provider))}
    return [
        Waiting(one, providers[one.provider_id], (reading.now - one.released_at).days)
        for one in released_lists(reading)
        if one.id not in done and one.status is ListStatus.RELEASED and one.released_at
    ]


def sums_by_kind(reading: Reading, file_id: UUID, currency: str) -> dict[FindingKind, KindSums]:
    """Every kind, also those with nothing in them: a closed list is shown closed."""
    own = col(FindingGroup.suspense_currency).in_(["", currency])
    rows = reading.session.connection().execute(
        sa.select(
            col(FindingGroup.kind),
            sa.func.sum(col(FindingGroup.findings)).label("count"),
            *(sa.func.sum(col(getattr(FindingGroup, name))).label(name) for name in ("instructed_minor", "delivered_minor", "open_minor")),
            sa.func.sum(sa.case((own, col(FindingGroup.suspense_minor)), else_=0)).label("suspense_minor"),
            sa.func.sum(sa.case((own, col(FindingGroup.set_aside_minor)), else_=0)).label("set_aside_minor"),
        )
        .where(col(FindingGroup.file_id) == file_id)
        .group_by(col(FindingGroup.kind))
    )
    foreign = _foreign(reading, file_id, currency)
    found = {row.kind: _kind_sums(row, foreign.get(row.kind, {})) for row in rows}
    return {kind: found.get(kind, KindSums(kind)) for kind in FindingKind}


def _kind_sums(row: Any, foreign: dict[str, int]) -> KindSums:  # Any: a row of the query above
    # PostgreSQL sums whole numbers into decimals.
    names = ("count", "instructed_minor", "delivered_minor", "suspense_minor", "open_minor", "set_aside_minor")
    return KindSums(row.kind, **{name: int(row._mapping[name]) for name in names}, foreign=foreign)  # noqa: SLF001 -- SQLAlchemy's documented accessor


def _foreign(reading: Reading, file_id: UUID, currency: str) -> dict[FindingKind, dict[str, int]]:
    rows = reading.session.connection().execute(
        sa.select(col(FindingGroup.kind), col(FindingGroup.suspense_currency), sa.func.sum(col(FindingGroup.suspense_minor)).label("minor"))
        .where(col(FindingGroup.file_id) == file_id, col(FindingGroup.suspense_currency).not_in(["", currency]))
        .group_by(col(FindingGroup.kind), col(FindingGroup.suspense_currency))
    )
    found: dict[FindingKind, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.kind, {})[row.suspense_currency] = int(row.minor)
    return found


def findings_of(reading: Reading, file_id: UUID, kind: FindingKind, *, limit: int, after: int = -1) -> list[SeenFinding]:
    """Findings of one kind with their rows, in the file's order; after: the position of the last one of the page before."""
    chosen = reading.session.exec(
        select(PayoutFinding.id)
        .where(PayoutFinding.file_id == file_id, is_one_of(kind), PayoutFinding.position > after)
        .order_by(col(PayoutFinding.position))
        .limit(limit)
    ).all()
    return seen(reading, chosen)


def finding_by_id(reading: Reading, file_id: UUID, finding_id: UUID) -> SeenFinding:
    """One finding of this file. Raises NotThere."""
    found = reading.session.get(PayoutFinding, finding_id)
    if found is None or found.file_id != file_id:
        raise NotThere
    return seen(reading, [found.id])[0]


def changes(reading: Reading, about: About, sums: dict[FindingKind, KindSums], *, posted: UUID | None = None) -> list[Change]:
    """Delivered, open and suspense of the lists, with the provider's strangers where there are several: already so, this file, after posting.

    posted: the file's id when it is part of what is so already, with what was decided on it.
    """
    provider = sa.and_(col(LedgerSum.list_id).is_(None), col(LedgerSum.provider_id) == about.provider_id)
    mine = col(LedgerSum.list_id).in_(about.ids)
    rows = reading.session.connection().execute(
        sa.select(col(LedgerSum.account), sa.func.sum(col(LedgerSum.minor)).label("minor"))
        .where(mine if about.only else sa.or_(mine, provider), col(LedgerSum.currency) == about.currency)
        .group_by(col(LedgerSum.account))
    )
    now = {Account(row.account): int(row.minor) for row in rows}
    if posted is not None:
        together, alone = (_moved(reading, posted, about.currency, *narrowed) for narrowed in ((), (_stands_alone(),)))
        moves = {account: together.get(account, 0) for account in _CHANGING}
        return [Change(account, now.get(account, 0) - move, move, move - alone.get(account, 0)) for account, move in moves.items()]
    delivered, suspense = sum(one.delivered_minor for one in sums.values()), sum(one.suspense_minor for one in sums.values())
    moves = dict(zip(_CHANGING, (delivered, -delivered, suspense), strict=True))
    return [Change(account, now.get(account, 0), move) for account, move in moves.items()]


def _stands_alone() -> sa.ColumnElement[bool]:
    """The condition on LedgerPosting that it is what a file itself entered, and was not reversed."""
    again = aliased(LedgerPosting)
    reversed_ones = sa.select(col(again.reverses_id)).where(col(again.reverses_id).is_not(None))
    return sa.and_(col(LedgerPosting.kind) == PostingKind.PAYOUT, col(LedgerPosting.id).not_in(reversed_ones))


def _moved(reading: Reading, file_id: UUID, currency: str, *narrowed: sa.ColumnElement[bool]) -> dict[Account, int]:
    """What a file and the decisions about it moved, as it stands now: what was reversed counts no more."""
    rows = reading.session.connection().execute(
        sa.select(col(LedgerSum.account), sa.func.sum(col(LedgerSum.minor)).label("minor"))
        .join(LedgerPosting, col(LedgerPosting.id) == col(LedgerSum.posting_id))
        .where(col(LedgerPosting.file_id) == file_id, col(LedgerSum.currency) == currency, *narrowed)
        .group_by(col(LedgerSum.account))
    )
    return {Account(row.account): int(row.minor) for row in rows}


def reading_progress(reading: Reading, file_id: UUID) -> Pace:
    """How far a file has been read, how fast, and about how long it still takes."""
    found = reading.session.get(ReadingProgress, file_id)
    if found is None or not found.total:
        return Pace()
    return Pace.of(found.done, found.total, began_at=found.began_at, beat_at=found.beat_at)


def is_stuck(reading: Reading, file_id: UUID) -> bool:
    """Whether nothing was heard of a reading for so long that a person may begin it anew."""
    found = reading.session.get(ReadingProgress, file_id)
    return found is None or reading.now - found.beat_at > SILENT


def problems_of(file: PayoutFile) -> list[dict[str, str]]:
    """What a person must correct in the file: sheet, as it is kept, cell, fix."""
    return [dict(one) for one in json.loads(file.problems)]


def reasons_of_failure(reading: Reading, file_id: UUID) -> list[tuple[str, int]]:
    """Our reason codes of what failed, the most frequent first."""
    rows = reading.session.connection().execute(
        sa.select(col(FindingGroup.because), sa.func.sum(col(FindingGroup.findings)).label("findings"))
        .where(col(FindingGroup.file_id) == file_id, col(FindingGroup.kind) == FindingKind.FAILED)
        .group_by(col(FindingGroup.because))
        .order_by(sa.desc("findings"), col(FindingGroup.because))
    )
    return [(row.because, int(row.findings)) for row in rows]


def seen(reading: Reading, ids: Sequence[UUID]) -> list[SeenFinding]:
    """These findings, in this order, with their rows, evidence and answers."""
    found = {one.id: one for one in reading.session.exec(select(PayoutFinding).where(col(PayoutFinding.id).in_(ids)))} if ids else {}
    rows: dict[UUID, list[SeenRow]] = {}
    if ids:
        for row in reading.session.exec(
            select(PayoutRow)
            .where(col(PayoutRow.finding_id).in_(ids))
            .order_by(col(PayoutRow.sheet), col(PayoutRow.row), col(PayoutRow.id))
        ):
            rows.setdefault(row.finding_id, []).append(SeenRow(row, json.loads(reading.open(row, "detail") or "{}")))
    given = _answers(reading, ids)
    return [
        SeenFinding(
            finding,
            tuple(rows.get(finding.id, ())),
            tuple(json.loads(reading.open(finding, "evidence") or "[]")),
            tuple(given.get(finding.id, ())),
        )
        for finding in (found[one] for one in ids)
    ]


def _answers(reading: Reading, ids: Sequence[UUID]) -> dict[UUID, list[FindingAnswer]]:
    found: dict[UUID, list[FindingAnswer]] = {}
    query = (
        select(FindingAnswer)
        .where(col(FindingAnswer.finding_id).in_(ids), stands())
        .order_by(col(FindingAnswer.answered_at), col(FindingAnswer.id))
    )
    for answer in reading.session.exec(query) if ids else ():
        found.setdefault(answer.finding_id, []).append(answer)
    return found
