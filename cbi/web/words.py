"""Words in the reader's language: `_` now, `_l` when shown, `_n` for counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import flask_babel
from flask import g
from flask_babel.speaklater import LazyString

__all__ = ["Count", "_", "_l", "_n", "catalogue", "listed"]
_COMMAS = dict.fromkeys(("ar", "ckb", "fa", "ps", "ur"), "، ")


def _(text: str, **values: Any) -> str:  # Any: whatever the words name
    """These words, in the reader's language."""
    said = str(catalogue().ugettext(text))
    return said % values if values else said


def _n(one: str, many: str, num: int, **values: Any) -> str:
    """The words for this count; `%(num)s` stands for it, grouped by thousands as figures on pages are."""
    return str(catalogue().ungettext(one, many, num)) % {"num": Count(num), **values}


class Count(int):
    """A count that writes itself with its thousands apart."""

    def __str__(self) -> str:
        return f"{int(self):,}"


def _l(text: str, **values: Any) -> Any:  # Any: words that are chosen only when they are shown
    """These words, in the language of whoever is shown them."""
    return LazyString(_, text, **values)


def catalogue() -> Any:  # Any: babel's translations have no types
    """The words of the reader's language: a page has several hundred of them, and they are looked up once a page, not once a word."""
    if not g:  # at a shell
        return flask_babel.get_translations()
    if "catalogue" not in g:
        g.catalogue = flask_babel.get_translations()
    return g.catalogue


def listed(words: Iterable[str]) -> str:
    """Things one after the other, with the reader's own comma between them: "name، phone"."""
    locale = flask_babel.get_locale()
    return (_COMMAS.get(locale.language, ", ") if locale else ", ").join(words)
