"""A form that is sent twice is carried out once and answered the same; that answer is for the very form and for no other."""

from __future__ import annotations

from uuid import UUID

from cbi.errors import Refused
from cbi.store.work import Work
from cbi.web.words import _

_BETWEEN = "\n"


def answered(work: Work, key: UUID | None, form: str) -> str | None:
    """What this form was answered with when it was sent before; None when it was not. form: which one, about which thing ("post 0198…").

    Raises Refused for a key that another form was sent with: what that one was answered with says nothing about this one.
    """
    before = work.answered(key)
    if before is None:
        return None
    sent, _between, said = before.partition(_BETWEEN)
    if sent != form:
        raise Refused(_("open the page again, and send the form it shows"))
    return said


def answer(work: Work, key: UUID | None, form: str, said: str) -> str:
    """Keep what a form is answered with, in this same commit; returns it."""
    work.answer(key, f"{form}{_BETWEEN}{said}")
    return said
