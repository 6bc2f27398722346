"""Makes feedback: as the desk takes it down, whatever it is about."""

from __future__ import annotations

from uuid import UUID, uuid4

from cbi.feedback import service
from cbi.feedback.service import Said
from cbi.feedback.tables import Category, Channel, Wants
from cbi.feedback.values import Confided, Subject
from cbi.store.records import Records
from cbi.store.work import Actor

WORDS = "The clerk with the blue cap asked Tansy Lanternlight for half of it"
CONTACT = "0799 000 321"


def said(subject: Subject = Category.QUESTION, site_id: UUID | None = None, **but: object) -> Said:
    """Something somebody said."""
    given: dict[str, object] = {
        "channel": Channel.DESK,
        "words": WORDS,
        "wants": Wants.PHONE,
        "contact": CONTACT,
        "urgent": False,
        "key": uuid4(),
    }
    return Said(subject=subject, site_id=site_id, **{**given, **but})  # type: ignore[arg-type]  # as the test says


def taken(records: Records, subject: Subject = Confided.CONDUCT, site_id: UUID | None = None, **but: object) -> Said:
    """The same, taken down at the desk."""
    one = said(subject, site_id, **but)
    with records.work(Actor(uuid4())) as work:
        service.take(work, one)
    return one


def fields(subject: Subject = Category.QUESTION, site_id: UUID | None = None, **but: str) -> dict[str, object]:
    """What the desk's form posts."""
    given = {
        "subject": subject.value,
        "channel": "desk",
        "site": str(site_id or ""),
        "words": WORDS,
        "wants": "ring",
        "contact": CONTACT,
    }
    return {**given, **but}
