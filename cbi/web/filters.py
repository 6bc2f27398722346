"""How figures, dates and references look on every page: exact, unbroken, with European digits so that they compare with files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from flask_babel import get_locale, get_timezone
from markupsafe import Markup, escape

from cbi.web import cells
from cbi.web.assets import asset
from cbi.web.cells import NOTHING
from cbi.web.nav import Chrome
from cbi.web.words import _, listed
from reconciliation.money import Money, minor_digits

if TYPE_CHECKING:
    from flask import Flask

MINUS = "−"
_REFERENCE, _END = '<bdi class="ref">', "</bdi>"
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufefc]")
_LATIN = re.compile("[A-Za-z]")
_zone: ContextVar[ZoneInfo | None] = ContextVar("zone", default=None)
_ENGLISH = Locale("en")
_MOSTLY = 3  # a sentence may hold a few words of the page, for example how everybody is paid


def number(value: int | None) -> str:
    """A count, grouped by thousands: "12,602"; a dash where there is none."""
    if value is None:
        return NOTHING
    return f"{MINUS if value < 0 else ''}{abs(value):,}"


def amount(minor: int | Money | None, currency: str | None = None) -> str:
    """An amount without its currency, for tables that name it once: "7,000.00"; a dash where a cell cannot hold one."""
    if minor is None:
        return NOTHING
    whole = _money(minor, currency)
    return f"{MINUS if whole.minor < 0 else ''}{_digits(whole)}"


def money(minor: int | Money | None, currency: str | None = None) -> str:
    """An amount with its currency before it, for text: "KES 7,000.00"."""
    if minor is None:
        return NOTHING
    whole = _money(minor, currency)
    return f"{whole.currency} {amount(whole)}"


def plus(value: int | Money | None, currency: str | None = None) -> Markup:
    """A change, with its sign said aloud: "+ 1,484,000.00", "− 90"; a count when no currency is given, unsigned when zero.

    Kept apart from the text around it: in a right-to-left sentence the sign would wander to the other end.
    """
    if value is None:
        return escape(NOTHING)
    size = value.minor if isinstance(value, Money) else value
    counted = currency is None and not isinstance(value, Money)
    figure = f"{abs(size):,}" if counted else _digits(_money(value, currency))
    sign = "" if size == 0 else "+ " if size > 0 else f"{MINUS} "
    return Markup('<bdi dir="ltr">{}</bdi>').format(f"{sign}{figure}")


def day(value: date | None) -> str:
    """A date people agreed on, the month in words: "23 November 2026". Never 03/04/2026, which two people read differently."""
    if value is None:
        return NOTHING
    local = _local(value)
    return _day_words(local.date() if isinstance(local, datetime) else local, get_locale() or _ENGLISH)


@lru_cache(maxsize=4096)  # a list of fifty shows the same few days
def _day_words(value: date, locale: Locale) -> str:
    return str(format_date(value, "d MMMM y", locale=locale))


def language_name(code: str) -> str:
    """A language by its name in the reader's own; its code where the name is not known."""
    try:
        return Locale.parse(code, sep="-").get_display_name(get_locale() or "en") or code
    except (UnknownLocaleError, ValueError):
        return code


def moment(value: datetime | None) -> str:
    """When something happened, on the office's own clock: "20 Nov, 16:12"."""
    if value is None:
        return NOTHING
    local = _local(value)
    assert isinstance(local, datetime)
    return _("%(day)s, %(time)s", day=format_date(local, "d MMM", locale=get_locale() or "en"), time=f"{local:%H:%M}")


def reference(text: str | None) -> Markup:
    """A number people compare by eye: monospace, unbroken, left to right in every language."""
    if not text:
        return escape(NOTHING)
    return Markup("".join((_REFERENCE, escape(text), _END)))  # noqa: S704 -- escaped here, half as long as with `+`


def said(words: object) -> str:
    """Words people agreed on in their own language: on a page that runs the other way they keep their direction, and say it is English."""
    text = str(words)
    locale = get_locale()
    latin, others = len(_LATIN.findall(text)), len(_RIGHT_TO_LEFT.findall(text))
    if locale is None or locale.text_direction == "ltr" or latin <= 1 or latin < _MOSTLY * others:
        return escape(words)
    return Markup('<span lang="en" dir="ltr">{}</span>').format(words)


def install(app: Flask) -> None:
    """Give every template the filters, `asset()` and a bare frame for pages drawn before anything else is known."""
    for name, one in FILTERS.items():
        app.add_template_filter(one, name)
    app.jinja_env.globals.setdefault("chrome", Chrome())
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["listed"] = listed
    app.jinja_env.globals["cells"] = cells


FILTERS: dict[str, Callable[..., str]] = {
    "number": number,
    "amount": amount,
    "money": money,
    "plus": plus,
    "day": day,
    "language_name": language_name,
    "moment": moment,
    "reference": reference,
    "said": said,
}


def _money(minor: int | Money, currency: str | None) -> Money:
    """The exact amount. A bare number without its currency is a mistake of the page, not of the reader."""
    if isinstance(minor, Money):
        return minor
    if currency is None:
        raise TypeError("an amount needs its currency")
    return Money(minor, currency)


def _digits(whole: Money) -> str:
    """The size with the currency's own decimals: UGX none, USD two, JOD three."""
    decimals = minor_digits(whole.currency)
    if not decimals:
        return f"{abs(whole.minor):,}"
    major, minor = divmod(abs(whole.minor), 10**decimals)
    return f"{major:,}.{minor:0{decimals}d}"


@contextmanager
def in_zone(name: str) -> Iterator[None]:
    """Tell times in this zone: where no page of the office says which, as in what a shell writes."""
    before = _zone.set(ZoneInfo(name))
    try:
        yield
    finally:
        _zone.reset(before)


def _local(value: date) -> date:
    """The same instant in the office's zone; a plain date stays as people agreed on it."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(_zone.get() or get_timezone())
    return value
