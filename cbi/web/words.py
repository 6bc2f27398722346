"""Words in the reader's language: `_` now, `_l` when shown, `_n` for counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import flask_babel
from flask_babel import lazy_gettext as _l

__all__ = ["_", "_l", "_n", "listed"]
_COMMAS = dict.fromkeys(("ar", "ckb", "fa", "ps", "ur"), "، ")


def _(text: str, **values: Any) -> str:  # Any: whatever the words name
    """These words, in the reader's language."""
    return str(flask_babel.gettext(text, **values))


def _n(one: str, many: str, num: int, **values: Any) -> str:
    """The words for this count; `%(num)s` stands for it."""
    return str(flask_babel.ngettext(one, many, num, **values))


def listed(words: Iterable[str]) -> str:
    """Things one after the other, with the reader's own comma between them: "name، phone"."""
    locale = flask_babel.get_locale()
    return (_COMMAS.get(locale.language, ", ") if locale else ", ").join(words)
