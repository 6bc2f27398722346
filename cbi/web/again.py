"""Lets a refused form come back: filled as it was, with what to do above it."""

from __future__ import annotations

from collections.abc import Callable

from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from cbi.errors import NotThere, Refused, SameHands, SomebodyWasFirst

Answer = str | Response | tuple[str, int]


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
