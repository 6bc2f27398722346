"""Which language a page is in, and which way it runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, request, session
from flask_babel import Babel, get_locale
from jinja2 import pass_context
from jinja2.runtime import Context

from cbi.web.house import house, person_or_none
from cbi.web.words import Count, catalogue

LANGUAGES = {"en": "English", "ar": "العربية"}
_RIGHT_TO_LEFT = {"ar", "fa", "ur", "he"}


def install(app: Flask, world: str) -> Babel:
    """Set Flask-Babel up with the catalogue of one world."""
    folder = Path(__file__).resolve().parent.parent / "translations" / world
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(folder)
    app.jinja_env.policies["ext.i18n.trimmed"] = True  # words are looked up as cbi/translations/extract.ini writes them down
    babel = Babel(app, locale_selector=_choose, timezone_selector=lambda: house().operation.zone)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # of the extension that Babel added
        lambda text: catalogue().ugettext(text),
        lambda one, many, count: catalogue().ungettext(one, many, count),
        newstyle=True,
        pgettext=lambda context, text: catalogue().upgettext(context, text),
        npgettext=lambda context, one, many, count: catalogue().unpgettext(context, one, many, count),
    )
    app.jinja_env.globals["ngettext"] = _counted(app.jinja_env.globals["ngettext"])
    return babel


def _counted(ngettext: Any) -> Callable[..., str]:  # Any: a template's global may be anything
    """The templates' words for a count: wherever the count itself stands in them, it is grouped by thousands, as `_n` does it."""

    @pass_context
    def counted(context: Context, one: str, many: str, num: int, /, **values: object) -> str:
        figures = {name: Count(num) for name, value in {"num": num, **values}.items() if type(value) is int and value == num}
        said: str = ngettext(context, one, many, num, **values | figures)
        return said

    return counted


def _choose() -> str:
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    person = person_or_none()
    if person and person.language in LANGUAGES:
        return person.language
    return request.accept_languages.best_match(list(LANGUAGES)) or "en"


def direction() -> str:
    """Whether the page in hand runs "rtl" or "ltr"."""
    return "rtl" if language() in _RIGHT_TO_LEFT else "ltr"


def language() -> str:
    """The code of the page's language."""
    locale = get_locale()
    return locale.language if locale else "en"
