"""What stands around every page: who you are, where you can go, how to leave. The app fills it, `templates/frame.html` draws it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True, slots=True)
class Section:
    """One of the four to six places a role works in."""

    label: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Language:
    """A language a reader can choose, in its own name ("العربية")."""

    code: str
    own_name: str
    url: str
    dir: Literal["ltr", "rtl"] = "ltr"


@dataclass(frozen=True, slots=True)
class Chrome:
    """Everything the frame of a page says; the empty one draws a page for a stranger.

    office: as the bar shows it ("Kharwa office"; in the room "Support · Kharwa").  role, place: under the person's name.
    zone_note: "times in Kharwa (UTC+3)".  locks_in: the room only, "Open, locks in 14 min".  leave_url: where quick exit goes.
    sign_out_url: a POST; in the room it locks.  keys: whether this person wants single-letter keys.
    """

    world: Literal["office", "room"] = "office"
    office: str = ""
    person: str = ""
    role: str = ""
    place: str = ""
    sections: tuple[Section, ...] = ()
    demo: bool = False
    zone_note: str = ""
    languages: tuple[Language, ...] = ()
    lang: str = "en"
    dir: Literal["ltr", "rtl"] = "ltr"
    signed_in: bool = False
    home_url: str = "/"
    account_url: str = ""
    sign_out_url: str = ""
    leave_url: str = "/"
    feedback_url: str = ""
    locks_in: str = ""
    keys: bool = True


def at(sections: Iterable[Section], path: str) -> tuple[Section, ...]:
    """The sections with the one marked that `path` lies in: the longest address that begins it, the home only when it is the page itself."""
    listed = tuple(sections)
    here = max((one.url for one in listed if _within(path, one.url)), key=len, default=None)
    return tuple(replace(one, current=one.url == here) for one in listed)


def _within(path: str, url: str) -> bool:
    """Whether a page lies in a section: /lists/7 in /lists, but not /listless."""
    root = url.split("?", maxsplit=1)[0].rstrip("/")
    return path.rstrip("/") == root or (root != "" and path.startswith(root + "/"))
