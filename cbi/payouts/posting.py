"""Counting a file, once, and taking it back: each one transaction of set-based SQL."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import Clashed, Refused, SomebodyWasFirst
from cbi.payouts import answers, decisions, facts, hands, late, ledger, made_ids, underway
from cbi.payouts.about import About, about_of
from cbi.payouts.reading import basis_of
from cbi.payouts.tables import FileStatus, FindingGroup, LedgerPosting, PayoutFile, PayoutFinding, PayoutRow, PostedRow, PostingKind
from cbi.store.records import Records
from cbi.store.work import Actor, Reading, Work
from cbi.web import sent
from cbi.web.words import _

_MOST_NEWER = 50


class UndoReason(StrEnum):
    """Why a posted file is taken back."""

    WRONG_FILE = "wrong_file"
    WRONG_LIST = "wrong_list"
    WRONG_LAYOUT = "wrong_layout"
    PROVIDER_CORRECTED = "provider_corrected"


def post(records: Records, actor: Actor, file_id: UUID, client_key: UUID | None = None) -> UUID:
    """Count a previewed file; returns the posting's id. Sent twice, it happens once and answers the same.

    What two people decided on it before takes effect with it.

    Raises SameHands for the maker, approvers, releaser and payee editors of any of its lists, SomebodyWasFirst when it was posted meanwhile,
    Refused when it must be read again first.  Whatever happens, either everything is counted or nothing.
    """
    try:
        with records.work(actor) as work:
            file = hands.locked_file(work, file_id)
            done = sent.answered(work, client_key, f"post {file_id}")
            return UUID(done) if done else _post(work, file, client_key)
    except Clashed as clash:
        raise SomebodyWasFirst(_("read the file again: rows of it were posted with another file at the same moment")) from clash


def _post(work: Work, file: PayoutFile, client_key: UUID | None) -> UUID:
    about = about_of(work, file.id)
    person_id = hands.refuse(work, file)
    if file.status is FileStatus.POSTED:
        raise SomebodyWasFirst(_("look at the file again: it was posted already, and counts once"))
    if file.status is not FileStatus.PREVIEWED:
        raise Refused(_("preview the file first: only what was previewed can be posted"))
    if file.basis != basis_of(work, file.provider_id):
        raise Refused(
            _("read the file again: another file of this provider was posted or undone, or something was decided, since it was previewed")
        )
    file.status, file.posted_by, file.posted_at = FileStatus.POSTED, person_id, work.now
    work.add(file)
    posting = ledger.enter_file(work, file, about)
    late.enter(work, file.id, about.only.id if about.only else None)
    rows = _count_rows(work, file)
    underway.after_posting(work, file.id)
    work.remember(_posted(work, file, posting, about, rows))
    answers.enter_ready(work, file)
    sent.answer(work, client_key, f"post {file.id}", str(posting.id))
    return posting.id


def undo(
    records: Records,
    actor: Actor,
    file_id: UUID,
    reason: UndoReason,
    client_key: UUID | None = None,
    *,
    proof: Callable[[Work], None] | None = None,
) -> UUID:
    """Take a posted file back, and what was decided on it, by reversing entries; history stays, and the file may be posted again.

    Returns the id of the file's reversal.  The decisions are to be made anew when it is posted again.
    proof: proves once more who is at the screen, in the same commit, so that a code is used up only by an undo that happened.
    Raises Refused when a later file of this provider builds on it, or a later decision about another one, when a transfer of it was instructed
    again, or when money paid beyond a promise was accepted on it, which is final.
    """
    with records.work(actor) as work:
        file = hands.locked_file(work, file_id)
        done = sent.answered(work, client_key, f"undo {file_id}")
        if done:
            return UUID(done)
        if proof is not None:
            proof(work)
        return _undo(work, file, reason, client_key)


def _undo(work: Work, file: PayoutFile, reason: UndoReason, client_key: UUID | None) -> UUID:
    about = about_of(work, file.id)
    person_id = hands.refuse(work, file)
    if file.status is not FileStatus.POSTED:
        raise SomebodyWasFirst(_("look at the file again: it is not posted"))
    decided = decisions.of_file(work, file.id)
    _refuse_older(work, file)
    decisions.refuse_final(decided)
    decisions.refuse_later(work, file)
    for decision in reversed(decided):
        decisions.reverse(work, decision)
    posting = posting_of(work, file.id)
    file.status, file.undone_by, file.undone_at, file.undo_reason = FileStatus.UNDONE, person_id, work.now, reason.value
    work.add(file)
    late.take_back(work, file.id)
    back = ledger.enter_reversal(work, posting)
    late.enter(work, file.id, back.list_id)
    work.bulk(PostedRow, sa.update(PostedRow).where(col(PostedRow.file_id) == file.id, col(PostedRow.live)).values(live=False))
    assert file.posted_at is not None
    underway.after_undoing(work, file.id, file.posted_at)
    work.remember(facts.FileUndone(file_id=file.id, posting_id=back.id, reverses_id=posting.id, list_ids=about.ids, reason=reason.value))
    sent.answer(work, client_key, f"undo {file.id}", str(back.id))
    return back.id


def posting_of(reading: Reading, file_id: UUID) -> LedgerPosting:
    """The newest posting of a file."""
    return reading.session.exec(
        select(LedgerPosting)
        .where(LedgerPosting.file_id == file_id, LedgerPosting.kind == PostingKind.PAYOUT)
        .order_by(col(LedgerPosting.made_at).desc(), col(LedgerPosting.id))
    ).first() or _missing(file_id)


def newer_than(reading: Reading, file: PayoutFile) -> list[PayoutFile]:
    """The posted files of the same provider that were counted after this one, the newest first: they are undone in that order before it is."""
    return list(
        reading.session.exec(
            select(PayoutFile)
            .where(
                PayoutFile.provider_id == file.provider_id,
                PayoutFile.status == FileStatus.POSTED,
                col(PayoutFile.posted_at) > file.posted_at,
            )
            .order_by(col(PayoutFile.posted_at).desc(), col(PayoutFile.id))
            .limit(_MOST_NEWER)
        )
    )


def _missing(file_id: UUID) -> LedgerPosting:
    raise LookupError(f"no posting of {file_id}")


def _refuse_older(work: Work, file: PayoutFile) -> None:
    if newer_than(work, file):
        raise Refused(_("undo the newer files of this provider first: what they counted builds on this one"))


def _count_rows(work: Work, file: PayoutFile) -> int:
    """Every counting row enters the provider's past; the unique index on its key keeps it from entering twice."""
    columns = [
        "id",
        "operation_id",
        "provider_id",
        "file_id",
        "row_key",
        "instruction_id",
        "reference",
        "provider_ref",
        "outcome",
        "amount_minor",
    ]
    chosen = (
        sa.select(
            made_ids.renumbered_id(work, col(PayoutRow.id)),
            col(PayoutRow.operation_id),
            sa.literal(file.provider_id, sa.Uuid()),
            col(PayoutRow.file_id),
            col(PayoutRow.row_key),
            col(PayoutFinding.instruction_id),
            col(PayoutRow.counted_for),
            col(PayoutRow.provider_ref),
            col(PayoutRow.outcome),
            sa.func.coalesce(col(PayoutRow.amount_minor), 0),
            sa.func.coalesce(sa.func.nullif(col(PayoutRow.currency), ""), col(PayoutFinding.currency)),
            col(PayoutRow.in_suspense),
            sa.true(),
        )
        .join(PayoutFinding, col(PayoutFinding.id) == col(PayoutRow.finding_id))
        .where(col(PayoutRow.file_id) == file.id, col(PayoutRow.counts))
    )
    return work.bulk(PostedRow, sa.insert(PostedRow).from_select([*columns, "currency", "in_suspense", "live"], chosen)).rowcount


def _posted(work: Work, file: PayoutFile, posting: LedgerPosting, about: About, rows: int) -> facts.FilePosted:
    # Read whole: a select that is still open would keep SQLite's lock when the process is stopped in between.
    suspense = (
        sa.select(col(FindingGroup.suspense_currency), sa.func.sum(col(FindingGroup.suspense_minor)))
        .where(col(FindingGroup.file_id) == file.id, col(FindingGroup.suspense_minor) != 0)
        .group_by(col(FindingGroup.suspense_currency))
        .order_by(col(FindingGroup.suspense_currency))
    )
    sums = work.session.connection().execute(suspense).all()
    delivered = work.session.connection().execute(
        sa.select(sa.func.coalesce(sa.func.sum(col(FindingGroup.delivered_minor)), 0)).where(col(FindingGroup.file_id) == file.id)
    )
    return facts.FilePosted(
        file_id=file.id,
        posting_id=posting.id,
        list_ids=about.ids,
        rows=rows,
        delivered_minor=int(delivered.scalar_one()),
        suspense=tuple(f"{currency} {minor}" for currency, minor in sums),
        currency=about.currency,
    )
