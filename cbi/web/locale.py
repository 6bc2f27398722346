"""Which language a page is in, and which way it runs."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, request, session
from flask_babel import Babel, get_locale
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

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
    app.jinja_env.newstyle_gettext = True  # type: ignore[attr-defined]  # of the extension that Babel added
    app.jinja_env.globals.update(_=_words, gettext=_words, ngettext=_counted, pgettext=_words_of)
    return babel


# The templates' words. A page has dozens of them, and by way of the extension's own functions each takes three calls of the template language.


@pass_eval_context
def _words(evaluated: EvalContext, text: str, /, **values: object) -> str:
    return _filled(evaluated, catalogue().ugettext(text), values)


@pass_eval_context
def _words_of(evaluated: EvalContext, context: str, text: str, /, **values: object) -> str:
    """Words that mean one thing here and another elsewhere."""
    return _filled(evaluated, catalogue().upgettext(context, text), values)


@pass_eval_context
def _counted(evaluated: EvalContext, one: str, many: str, num: int, /, **values: object) -> str:
    """The words for a count: wherever the count itself stands in them, it is grouped by thousands, as `_n` does it."""
    figures = {name: Count(num) for name, value in {"num": num, **values}.items() if type(value) is int and value == num}
    return _filled(evaluated, catalogue().ungettext(one, many, num), {"num": num, **values, **figures})


def _filled(evaluated: EvalContext, words: str, values: dict[str, object]) -> str:
    """The words with the values that they name."""
    said = Markup(words) if evaluated.autoescape else words  # noqa: S704 -- ours, and translations of them; what is put in is escaped
    return said % values if "%" in words else said


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
