"""Carries a form out: once however often it is sent, or back it comes, filled as it was, with what to do above it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, request
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from cbi.errors import NotThere, Refused, SameHands, SomebodyWasFirst
from cbi.store.work import Work
from cbi.web import sent
from cbi.web.house import actor, records
from cbi.web.words import _

Answer = str | Response | tuple[str, int]


def form_page(form: FlaskForm, act: Callable[[], Answer], page: Callable[[int], Answer]) -> Answer:
    """The page of a form: shown when it is asked for, shown again with what is missing in it, else carried out as `or_again` does."""
    if not form.validate_on_submit():
        return page(422 if form.is_submitted() else 200)
    return or_again(form, act, page)


def or_again(form: FlaskForm, act: Callable[[], Answer], page: Callable[[int], Answer]) -> Answer:
    """Carry a form out, or show its page again with why not: 409 where somebody was first or has to be another person, else 422.

    Raises NotThere, which is the same page whatever was sent.
    """
    try:
        return act()
    except NotThere:
        raise
    except Refused as refusal:
        form.form_errors.append(refusal.fix)
        return page(409 if isinstance(refusal, SomebodyWasFirst | SameHands) else 422)


def once(key: UUID | None, act: Callable[[Work], str], said: str) -> Response:
    """Carry a form out, once however often it is sent, and go where it leads. act: returns that address.  said: "" where the page it leads to says enough.

    Raises Refused for a form without its key, or with the key of another: it did not come from one of our pages.
    """
    if key is None:
        raise Refused(_("open the page again, and send the form it shows"))
    with records().work(actor()) as work:
        where = sent.answered(work, key, request.path)
        if where is None:
            where = sent.answer(work, key, request.path, act(work))
    if said:
        flash(said, "ok")
    return redirect(where, 303)
