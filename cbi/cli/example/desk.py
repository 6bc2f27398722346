"""What people say at the desk of the example: some of it answered, some waiting, and one thing that went past the desk."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import select

from cbi.cli.example.people import Login
from cbi.feedback import entries, service
from cbi.feedback.service import Said
from cbi.feedback.tables import Category, Channel, Feedback, Wants
from cbi.feedback.values import Confided, Subject
from cbi.store.records import Records
from cbi.store.work import Actor

_SAID: tuple[tuple[Subject, Channel, str, Wants, bool, str], ...] = (
    (Category.MONEY, Channel.DESK, "The agent paid 500 less than the paper says.", Wants.CODE, True, ""),
    (Category.LIST, Channel.GROUP, "Why is my neighbour on the list and I am not?", Wants.PLACE, False, ""),
    (Category.PLACE, Channel.BOX, "There is no shade where we wait.", Wants.NOTHING, False, "Two sheets of shade were put up."),
    (Category.QUESTION, Channel.PHONE, "When is the next day at Old Mill?", Wants.CODE, False, "It is on Thursday, from eight."),
    (Category.IDEA, Channel.MESSAGE, "The women\u2019s line was a good idea.", Wants.NOTHING, False, ""),
    (Confided.IN_RETURN, Channel.DESK, "Somebody at the gate wants a share before he lets us in.", Wants.CODE, False, ""),
)


def hear_people(records: Records, logins: dict[str, Login], site_id: UUID) -> int:
    """All of them at one place. Returns how many entries the desk answers."""
    desk = Actor(logins["feedback"].id)
    kept = 0
    for subject, channel, words, wants, urgent, answered in _SAID:
        said = Said(subject, channel, site_id, words, wants, "", urgent, records.ids.new("forms"))
        with records.work(desk) as work:
            service.take(work, said)
        if isinstance(subject, Category):
            kept += 1
            _answer(records, desk, said, answered)
    return kept


def _answer(records: Records, desk: Actor, said: Said, words: str) -> None:
    if not words:
        return
    with records.work(desk) as work:
        entries.answer(work, work.session.exec(select(Feedback.id).where(Feedback.code == said.code)).one(), words)
