"""Feedback the desk answers: the list, one entry, its answer, and how long what people wrote is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere, Refused, SomebodyWasFirst
from cbi.feedback.codes import read_code
from cbi.feedback.facts import FeedbackAnswered, FeedbackEmptied
from cbi.feedback.tables import Category, Channel, Feedback, Wants
from cbi.store.ids import id_of
from cbi.store.records import Records
from cbi.store.work import Actor, Reading, Work, read_setting, write_setting
from cbi.web.listing import Listing, ListingArgs
from cbi.web.words import _

SORTS = ("due", "received")
FILTERS = ("state", "category", "site", "code")
OPEN, LATE, ANSWERED = "open", "late", "answered"
WORDS_KEPT = timedelta(days=90)
UNANSWERED_KEPT = timedelta(days=180)
_EMPTIED_ON = "feedback_emptied_on"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as a page shows it. words, contact, answer: "" where there are none, or where they were let go."""

    id: UUID
    code: str
    category: Category
    channel: Channel
    wants: Wants
    site_id: UUID | None
    urgent: bool
    received_on: date
    due_on: date
    answered_on: date | None
    emptied_on: date | None
    words: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)
    answer: str = field(default="", repr=False)

    def is_late(self, today: date) -> bool:
        """Whether it should have been answered by now."""
        return self.answered_on is None and self.emptied_on is None and self.due_on < today


def page_of(reading: Reading, args: ListingArgs) -> Listing[Entry]:
    """One page of entries, without a word of what was said. Nothing is opened for it."""
    fits = _fits(reading, args)
    total = reading.session.connection().execute(sa.select(sa.func.count()).select_from(Feedback).where(*fits)).scalar_one()
    paged = args.within(total)
    column = {"due": col(Feedback.due_on), "received": col(Feedback.received_on)}[paged.sort]
    order = (column.desc() if paged.descending else column.asc(), col(Feedback.id))
    # What was answered, or closed without an answer, stands below what waits, whatever the order.
    wanted = select(Feedback).where(*fits).order_by(~_waits(), *order)
    rows = reading.session.exec(wanted.limit(paged.size).offset(paged.offset)).all()
    return Listing([_entry(row) for row in rows], total, paged)


def waiting(reading: Reading) -> tuple[int, int]:
    """How many wait for an answer, and how many of them should have had it."""
    mine = (col(Feedback.operation_id) == reading.operation_id, _waits())
    late = sa.func.count().filter(col(Feedback.due_on) < reading.today)
    row = reading.session.connection().execute(sa.select(sa.func.count(), late).where(*mine)).one()
    return int(row[0]), int(row[1])


def entry_of(reading: Reading, feedback_id: UUID) -> Entry:
    """One entry with its words. Raises NotThere."""
    row = _row(reading, feedback_id)
    return _entry(row, *(reading.open(row, column) for column in ("words", "contact", "answer")))


def answered_with(reading: Reading, typed: str) -> Entry | None:
    """The entry with the code a person brings, with its answer and nothing else that was written; None while there is none to read.

    None says nothing of why: it waits, its words were let go, others answer it, or nobody ever had that code.
    """
    there = (col(Feedback.answered_on).is_not(None), col(Feedback.emptied_on).is_(None))
    mine = (col(Feedback.operation_id) == reading.operation_id, col(Feedback.code) == (read_code(typed) or ""))
    row = reading.session.exec(select(Feedback).where(*mine, *there)).first()
    return None if row is None else _entry(row, answered=reading.open(row, "answer"))


def answer(work: Work, feedback_id: UUID, words: str) -> None:
    """Note what the person was told, or what was done when nobody waits for it. Raises SomebodyWasFirst when that was noted before."""
    row = _row(work, feedback_id)
    if row.answered_on is not None:
        raise SomebodyWasFirst(_("read the answer that was noted meanwhile"))
    if row.emptied_on is not None:
        raise NotThere
    if not words:
        raise Refused(_("write what the person was told, or what was done about it"))
    work.seal(row, "answer", words)
    row.answered_on = work.today
    work.add(row)
    work.remember(FeedbackAnswered(feedback_id=row.id, answered_on=work.today))


def let_go(records: Records) -> None:
    """Empty what people wrote ninety days after they were answered, and destroy its keys. Safe at any moment; works once a day.

    What nobody answered within 180 days of the day it was due goes too, and is closed as not answered.
    """
    with records.read() as reading:
        if read_setting(reading.session, reading.system, _EMPTIED_ON) == reading.today.isoformat():
            return
    with records.work(Actor()) as work:
        before = work.today - WORDS_KEPT
        old = (sa.or_(col(Feedback.answered_on) < before, _given_up(work.today)), col(Feedback.emptied_on).is_(None))
        ids = list(work.session.exec(select(Feedback.id).where(*old).order_by(col(Feedback.id))))
        for one in ids:
            work.vault.destroy(work.session, one, at=work.now)
        gone = {"words": None, "contact": None, "answer": None, "emptied_on": work.today}
        work.bulk(Feedback, sa.update(Feedback).where(*old).values(gone))
        write_setting(work.session, work.system, _EMPTIED_ON, work.today.isoformat())
        if ids:
            work.remember(FeedbackEmptied(before=before))


def _waits() -> sa.ColumnElement[bool]:
    return col(Feedback.answered_on).is_(None) & col(Feedback.emptied_on).is_(None)


def _given_up(today: date) -> sa.ColumnElement[bool]:
    return col(Feedback.answered_on).is_(None) & (col(Feedback.due_on) < today - UNANSWERED_KEPT)


def _fits(reading: Reading, args: ListingArgs) -> list[sa.ColumnElement[bool]]:
    fits: list[sa.ColumnElement[bool]] = [col(Feedback.operation_id) == reading.operation_id]
    match args.filter("state"):
        case "open":
            fits.append(_waits())
        case "late":
            fits += [_waits(), col(Feedback.due_on) < reading.today]
        case "answered":
            fits.append(col(Feedback.answered_on).is_not(None))
    if args.filter("category") in set(Category):
        fits.append(col(Feedback.category) == Category(args.filter("category")))
    if site := id_of(args.filter("site")):
        fits.append(col(Feedback.site_id) == site)
    if args.filter("code"):
        fits.append(col(Feedback.code) == (read_code(args.filter("code")) or ""))
    return fits


def _entry(row: Feedback, words: str = "", contact: str = "", answered: str = "") -> Entry:
    return Entry(
        id=row.id,
        code=row.code,
        category=row.category,
        channel=row.channel,
        wants=row.wants,
        site_id=row.site_id,
        urgent=row.urgent,
        received_on=row.received_on,
        due_on=row.due_on,
        answered_on=row.answered_on,
        emptied_on=row.emptied_on,
        words=words,
        contact=contact,
        answer=answered,
    )


def _row(reading: Reading, feedback_id: UUID) -> Feedback:
    row = reading.session.get(Feedback, feedback_id)
    if row is None or row.operation_id != reading.operation_id:
        raise NotThere
    return row
