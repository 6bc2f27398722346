"""Taking feedback down: what the desk answers is kept, what must not stay there is sealed and forgotten; both look the same from outside."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import NoReturn
from uuid import UUID, uuid5

from cbi.checks import box
from cbi.checks.apart import readers, readers_for
from cbi.checks.letter import fits_apart
from cbi.errors import Refused
from cbi.feedback.codes import code_of
from cbi.feedback.facts import FeedbackTaken
from cbi.feedback.tables import Category, Channel, Feedback, Wants
from cbi.feedback.values import Confided, Subject
from cbi.sites.service import site_of
from cbi.store.work import Reading, Work
from cbi.web.words import _

KIND = "feedback"
ANSWERED_IN = {True: timedelta(days=3), False: timedelta(days=14)}
"""Urgent, or not."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said, as it was taken down. key: of the form, by which it counts once.  site_id: None for no one place."""

    subject: Subject
    channel: Channel
    site_id: UUID | None
    words: str = field(repr=False)
    wants: Wants
    contact: str = field(repr=False)
    urgent: bool
    key: UUID

    @property
    def code(self) -> str:
        """What the person asks with later."""
        return code_of(self.key)


def take(work: Work, said: Said) -> None:
    """Take feedback down; the same form a second time changes nothing. Whatever it is about, it leaves one letter of one size.

    Raises Refused with what to do, and keeps nothing then.
    """
    if said.site_id is not None:
        site_of(work, said.site_id)
    content = _content(work, said)
    _refuse_unsound(said, content)
    if _was_taken(work, said.key):
        return
    if isinstance(said.subject, Confided):
        _pass_by(work, said.subject, said, content)
    else:
        _keep(work, said.subject, said)
        box.put_apart(work, {}, readers=(), key=said.key)


def confides(reading: Reading) -> bool:
    """Whether there is anybody to whom something can be sealed past the desk."""
    return bool(box.intake_key(reading)) and bool(readers(reading))


def _pass_by(work: Work, subject: Confided, said: Said, content: dict[str, object]) -> None:
    who = readers_for(work, subject.track, said.site_id) if box.intake_key(work) else ()
    if not who:
        _refuse_nobody()
    box.put_apart(work, content, readers=[one.key for one in who], key=said.key)


def _keep(work: Work, category: Category, said: Said) -> None:
    row = Feedback(
        id=_id_of(said.key),
        operation_id=work.operation_id,
        code=said.code,
        category=category,
        channel=said.channel,
        wants=said.wants,
        site_id=said.site_id,
        urgent=said.urgent,
        received_on=work.today,
        due_on=work.today + ANSWERED_IN[said.urgent],
    )
    work.seal(row, "words", said.words)
    work.seal(row, "contact", said.contact)
    work.add(row)
    work.remember(FeedbackTaken(feedback_id=row.id, category=category, channel=said.channel, site_id=said.site_id, due_on=row.due_on))


def _content(work: Work, said: Said) -> dict[str, object]:
    return {
        "kind": KIND,
        "code": said.code,
        "subject": said.subject.value,
        "channel": said.channel.value,
        "site": str(said.site_id) if said.site_id else None,
        "words": said.words,
        "wants": said.wants.value,
        "contact": said.contact,
        "urgent": said.urgent,
        "at": work.now.isoformat(),
    }


def _was_taken(work: Work, key: UUID) -> bool:
    return box.was_put(work, key) or work.session.get(Feedback, _id_of(key)) is not None


def _id_of(key: UUID) -> UUID:
    return uuid5(key, KIND)


def _refuse_unsound(said: Said, content: dict[str, object]) -> None:
    # The same for every subject, or the refusal would tell which it was.
    if not said.words:
        raise Refused(_("write what the person said, in their own words where you can"))
    if said.wants is Wants.PHONE and not said.contact:
        raise Refused(_("write the number to ring, or choose another way to answer"))
    if not fits_apart(content):
        raise Refused(_("make it shorter: about 900 letters are kept"))


def _refuse_nobody() -> NoReturn:
    raise Refused(
        _(
            "give the person the number of the feedback service in the list of services: nobody outside this place can take it here,"
            " and nothing of it was kept. Tell the protection lead that a focal point is missing"
        )
    )
