"""What the room forgets by itself. Ages need no key, so a locked room forgets on time too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from cbi.protection.facts import Purged
from cbi.protection.room import Room
from cbi.protection.tables import Case, Contact, Decision, FeedbackCopy, Handover, LetterCopy, OddLetter, Outbox, Referral, SeenLetter
from cbi.store.parts import in_parts
from cbi.store.work import Actor, Reading, Work

LETTER_DAYS = 90
AFTER_DECISION_DAYS = 30
# "The current cycle and one more": two cycles of at most two months each.
CASE_DAYS = 120
# The office keeps a letter for 30 days; until then its id must be known, or it would be taken again.
SEEN_DAYS = 60
# After it ended; then only the count of its month, place and kind of service is left.
REFERRAL_DAYS = 90
# What nobody acknowledged within this time is handed over anew or not at all.
HANDOVER_DAYS = 90
# By then no browser sends the same form again; what it was answered with names a case.
FORM_DAYS = 7
_CHUNK = 400


Others = Sequence[tuple[type[Referral | Handover | OddLetter], Sequence[UUID]]]


def purge(room: Room) -> None:
    """Delete what reached its age, with the keys it was sealed under. Safe to run at any moment."""
    with room.locked.work(Actor(name="the clock")) as work:
        letters, cases, others = _old_letters(work), _old_cases(work), _old_others(work)
        work.bulk(SeenLetter, sa.delete(SeenLetter).where(col(SeenLetter.day) < work.today - timedelta(days=SEEN_DAYS)))
        forms = work.system.answered_form
        work.bulk(forms, sa.delete(forms).where(col(forms.at) < work.now - timedelta(days=FORM_DAYS)))
        number = sum(len(ids) for _, ids in others) + _empty_feedback(work)
        if letters or cases or number:
            forget(work, cases=cases, letters=letters, others=others)
            work.remember(Purged(letters=len(letters), cases=len(cases), others=number))
    if letters or cases or number:
        room.settle()


def forget(work: Work, *, cases: Sequence[UUID], letters: Sequence[UUID], others: Others = ()) -> None:
    """Delete cases with everything that hangs on them, letters, and other records; destroy the keys of all. The caller remembers the fact."""
    for part in in_parts(cases, _CHUNK):
        for table in (Outbox, Decision, Contact):
            work.bulk(table, sa.delete(table).where(col(table.case_id).in_(part)))
        work.bulk(Case, sa.delete(Case).where(col(Case.id).in_(part)))
    for part in in_parts(letters, _CHUNK):
        work.bulk(LetterCopy, sa.delete(LetterCopy).where(col(LetterCopy.id).in_(part)))
    for other, ids in others:
        for part in in_parts(ids, _CHUNK):
            work.bulk(other, sa.delete(other).where(col(other.id).in_(part)))
    _destroy_keys(work, [*cases, *letters, *(one for _, ids in others for one in ids)])
    work.session.expire_all()
    work.vault.forget()


def _destroy_keys(work: Work, subjects: Iterable[UUID]) -> None:
    keys = work.system.subject_key
    for part in in_parts(list(subjects), _CHUNK):
        work.bulk(keys, sa.delete(keys).where(col(keys.id).in_(part)))


def _old_letters(reading: Reading) -> list[UUID]:
    too_old = col(LetterCopy.day) < reading.today - timedelta(days=LETTER_DAYS)
    return sorted(reading.session.exec(select(LetterCopy.id).where(too_old | (col(LetterCopy.goes_on) < reading.today))))


def _old_cases(reading: Reading) -> list[UUID]:
    return list(reading.session.exec(select(Case.id).where(col(Case.made_at) < reading.now - timedelta(days=CASE_DAYS))))


def _old_others(reading: Reading) -> Others:
    ended = select(Referral.id).where(col(Referral.closed_at) < reading.now - timedelta(days=REFERRAL_DAYS))
    unread = col(Handover.acknowledged_at).is_(None) & (col(Handover.made_at) < reading.now - timedelta(days=HANDOVER_DAYS))
    handed = select(Handover.id).where((col(Handover.expires_on) < reading.today) | unread)
    odd = select(OddLetter.id).where(col(OddLetter.day) < reading.today - timedelta(days=LETTER_DAYS))
    return [(Referral, _ids(reading, ended)), (Handover, _ids(reading, handed)), (OddLetter, _ids(reading, odd))]


def _empty_feedback(work: Work) -> int:
    """Empty what a focal point took long enough ago, or nobody did; its id leaves when the office cannot hold the letter any more."""
    unread = col(FeedbackCopy.taken_at).is_(None) & (col(FeedbackCopy.copied_at) < work.now - timedelta(days=HANDOVER_DAYS))
    due = ((col(FeedbackCopy.expires_on) < work.today) | unread) & (col(FeedbackCopy.body) != b"")
    emptied = work.bulk(FeedbackCopy, sa.update(FeedbackCopy).where(due).values(body=b"")).rowcount
    old = (col(FeedbackCopy.body) == b"") & (col(FeedbackCopy.day) < work.today - timedelta(days=SEEN_DAYS))
    return emptied + work.bulk(FeedbackCopy, sa.delete(FeedbackCopy).where(old)).rowcount


def _ids(reading: Reading, wanted: SelectOfScalar[UUID]) -> list[UUID]:
    return sorted(reading.session.exec(wanted))
