"""What waits for finance today."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlmodel import col

from cbi.access import P
from cbi.payouts.awaited import asked_of, first_asked_of
from cbi.payouts.kinds import is_one_of
from cbi.payouts.queries import WRONG_PLACE, waiting_lists
from cbi.payouts.statements import summed_by
from cbi.payouts.tables import FileStatus, FindingAnswer, PayoutFile, PayoutFinding
from cbi.payouts.tied import is_tied, stands
from cbi.payouts.today_money import today_money
from cbi.store.work import Reading
from cbi.web.house import Person, TodayLine
from cbi.web.words import _, _n
from reconciliation.findings import FindingKind


def today(reading: Reading, person: Person) -> list[TodayLine]:
    """Lists without a file, files that wait for a person, previews not posted, exceptions nobody answered, cycles that do not foot."""
    return [*(_lines(reading, person) if person.may(P.PAYOUT_READ) else ()), *today_money(reading, person)]


def _lines(reading: Reading, person: Person) -> Iterator[TodayLine]:
    waiting = waiting_lists(reading)
    if waiting:
        oldest = waiting[0]
        days = _n("released %(num)s day ago", "released %(num)s days ago", oldest.days)
        why = _("Oldest: %(reference)s, %(days)s.", reference=oldest.payment_list.reference, days=days)
        yield TodayLine(
            len(waiting),
            _("Released lists without a payout file"),
            why,
            _("Upload a file"),
            "payouts.new",
            {"list": str(oldest.payment_list.id)},
        )
    first = first_asked_of(reading, person.id) if person.may(P.PAYOUT_UPLOAD) else None
    asking, previewed = (_count(reading, status) for status in (FileStatus.ASKING, FileStatus.PREVIEWED))
    yield TodayLine(
        asking,
        _("Payout files with a question"),
        _("You need to confirm how their columns are read."),
        _("Answer"),
        "payouts.index",
        {"status": "asking"},
    )
    yield TodayLine(
        previewed,
        _("Previews not posted"),
        _("Read and compared; nothing is counted yet."),
        _("Look at them"),
        "payouts.index",
        {"status": "previewed"},
    )
    yield TodayLine(
        _exceptions(reading),
        _("Exceptions without an answer"),
        _("In posted files: money in the wrong place."),
        _("Look at the files"),
        "payouts.index",
        {"status": "posted"},
    )
    yield TodayLine(
        asked_of(reading, person.id) if first else 0,
        _("Second answers asked of you"),
        _("Somebody said what moves money; it counts when a second person says the same."),
        _("Look at the first"),
        "payouts.finding",
        {"file_id": str(first[0]), "finding_id": str(first[1])} if first else {},
    )
    wrong = [one for one in summed_by(reading, "cycle_id") if not one.foots]
    yield TodayLine(
        len(wrong),
        _("Cycles that do not foot"),
        _("Sums that do not agree, or rows of posted files that could not be read."),
        _("Look at the statements"),
        "payouts.statements",
    )


def _exceptions(reading: Reading) -> int:
    """Findings of posted files with money in the wrong place that nobody answered yet; a stranger's row tied to a transfer has its answer there."""
    answered = sa.select(col(FindingAnswer.finding_id)).where(stands())
    query = (
        sa.select(sa.func.count())
        .select_from(PayoutFinding)
        .join(PayoutFile, col(PayoutFile.id) == col(PayoutFinding.file_id))
        .where(col(PayoutFile.status) == FileStatus.POSTED, is_one_of(*WRONG_PLACE), col(PayoutFinding.id).not_in(answered))
        .where(sa.not_(sa.and_(col(PayoutFinding.kind) == FindingKind.NOT_OURS, is_tied())))
    )
    return int(reading.session.connection().execute(query).scalar_one())


def _count(reading: Reading, status: FileStatus) -> int:
    query = sa.select(sa.func.count()).select_from(PayoutFile).where(col(PayoutFile.status) == status)
    return int(reading.session.connection().execute(query).scalar_one())
