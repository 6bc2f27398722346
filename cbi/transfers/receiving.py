"""The ways in which any household may ask to receive: closed lists, checked once, and written down in one plain form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from cbi.errors import Refused
from cbi.people.tables import AccountKind
from cbi.transfers.tables import ArrangementKind, Mechanism
from cbi.web.words import _

FEWEST_PARTS, MOST_PARTS = 2, 4
NEEDED_ACCOUNT: dict[Mechanism, AccountKind] = {
    Mechanism.MOBILE_MONEY: AccountKind.MOBILE_MONEY,
    Mechanism.BANK: AccountKind.BANK,
    Mechanism.CARD: AccountKind.CARD,
}
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
TIMES = ("morning", "midday", "afternoon")
SLOTS = tuple(f"{day}-{time}" for day in DAYS for time in TIMES)
_LONGEST_NAME = 80
_LONGEST_CONTACT = 40
_LONGEST_ACCOUNT = 40

Plain = None | bool | int | str | list[str] | dict[str, str]


class Messages(StrEnum):
    """How a household wishes to be told something."""

    ANY = "any"
    NEUTRAL = "neutral"
    IN_PERSON = "in_person"


class Help(StrEnum):
    """Help with receiving that anybody may ask for."""

    FIRST = "first"
    HELPER = "helper"
    TOGETHER = "together"
    WOMEN_STAFF = "women_staff"
    TRANSPORT = "transport"
    HOME = "home"
    CARE = "care"
    FORMAT = "format"
    DEVICE = "device"
    OTHER_ID = "other_id"
    CLOSER = "closer"
    JUST_BEFORE = "just_before"
    GOODS = "goods"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Way:
    """The mechanism a household asks for. account: where to send the money, "" when it is on file or not needed."""

    mechanism: Mechanism
    account: str = ""

    def __str__(self) -> str:
        return self.mechanism.value


@dataclass(frozen=True, slots=True)
class Collector:
    """Who collects for the recipient.

    member_id: a member of the household; else a named adult.  contact: their phone or document number, which tells namesakes apart.
    """

    name: str = ""
    member_id: UUID | None = None
    contact: str = ""

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Reach:
    """How to bring messages. hours: slots of the week that suit; none means any."""

    messages: Messages
    hours: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.messages.value


Wanted = None | UUID | int | bool | Way | Collector | Reach | tuple[str, ...]


def read(kind: ArrangementKind, given: object) -> Wanted:
    """The checked value of a change; None takes an arrangement away. Raises Refused with what to do.

    Takes the value itself or its plain form: a site's or member's id, ids of adults who share, slots that suit, a mechanism, a collector,
    2 to 4, True.
    """
    if given is None or given in ("", (), []):
        return None
    return _READERS[kind](given)


def plain(value: Wanted) -> Plain:
    """The form in which a value is written down, sealed."""
    match value:
        case UUID():
            return str(value)
        case Way():
            return {"mechanism": value.mechanism.value, "account": value.account}
        case Collector():
            return {"name": value.name, "member": str(value.member_id or ""), "contact": value.contact}
        case Reach():
            return {"messages": value.messages.value, "hours": " ".join(value.hours)}
        case tuple():
            return list(value)
    return value


def folded(text: str) -> str:
    """A name or number without case, accents, spaces and marks, by which the same person is met again."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in parts if letter.isalnum())


def _site(given: object) -> UUID:
    return _id(given, _("choose the place from the list"))


def _member(given: object) -> UUID:
    return _id(given, _("choose a member of the household from the list"))


def _id(given: object, fix: str) -> UUID:
    try:
        return given if isinstance(given, UUID) else UUID(str(given))
    except ValueError as problem:
        raise Refused(fix) from problem


def _slots(given: object) -> tuple[str, ...]:
    asked = set(_words(given))
    if not asked <= set(SLOTS):
        raise Refused(_("choose days and hours from the grid, for example Monday morning"))
    return tuple(slot for slot in SLOTS if slot in asked)


def _way(given: object) -> Way:
    if isinstance(given, Way):
        mechanism, account = str(given.mechanism), given.account
    elif isinstance(given, Mapping):
        mechanism, account = str(given.get("mechanism", "")), str(given.get("account", ""))
    else:
        mechanism, account = str(given), ""
    account = " ".join(account.split())
    if mechanism not in set(Mechanism):
        raise Refused(_("choose one of the ways to pay from the list"))
    if account and not re.fullmatch(rf"\+?[0-9A-Za-z][0-9A-Za-z .\-]{{3,{_LONGEST_ACCOUNT - 2}}}", account):
        raise Refused(_("write the account or phone number with digits and letters only, for example 0712 000 111"))
    return Way(Mechanism(mechanism), account)


def _collector(given: object) -> Collector:
    if isinstance(given, Collector):
        name, member, contact = given.name, str(given.member_id or ""), given.contact
    elif isinstance(given, Mapping):
        name, member, contact = (str(given.get(key, "") or "") for key in ("name", "member", "contact"))
    elif isinstance(given, UUID):
        name, member, contact = "", str(given), ""
    else:
        name, member, contact = str(given), "", ""
    name, contact = " ".join(name.split()), " ".join(contact.split())
    if not member and not any(letter.isalpha() for letter in name):
        raise Refused(_("choose a member who collects, or write the full name of an adult"))
    if len(name) > _LONGEST_NAME or len(contact) > _LONGEST_CONTACT:
        raise Refused(_("write the collector's name in at most 80 letters and their number in at most 40"))
    return Collector(name, _member(member) if member else None, contact)


def _shares(given: object) -> tuple[str, ...]:
    ids = dict.fromkeys(str(_member(one)) for one in _words(given))
    if not FEWEST_PARTS <= len(ids) <= MOST_PARTS:
        raise Refused(_("choose two to four adults of the household for separate transfers"))
    return tuple(sorted(ids))


def _parts(given: object) -> int:
    text = str(given)
    if not (text.isascii() and text.isdigit()) or not FEWEST_PARTS <= int(text) <= MOST_PARTS:
        raise Refused(_("choose 2, 3 or 4 parts"))
    return int(text)


def _reach(given: object) -> Reach:
    if isinstance(given, Reach):
        messages, hours = str(given.messages), given.hours
    elif isinstance(given, Mapping):
        messages, hours = str(given.get("messages", "")), _words(given.get("hours", ""))
    else:
        messages, hours = str(given), ()
    if messages not in set(Messages):
        raise Refused(_("choose one of the ways to bring messages from the list"))
    return Reach(Messages(messages), _slots(hours))


def _kept(given: object) -> bool | None:
    if str(given).lower() not in {"true", "false", "yes", "no"}:
        raise Refused(_("answer whether it is kept until the household asks"))
    return True if str(given).lower() in {"true", "yes"} else None


def _help(given: object) -> tuple[str, ...]:
    asked = set(_words(given))
    if not asked <= set(Help):
        raise Refused(_("choose the kinds of help from the list"))
    return tuple(kind.value for kind in Help if kind.value in asked)


def _words(given: object) -> tuple[str, ...]:
    if isinstance(given, str):
        return tuple(given.split())
    return tuple(str(word) for word in given) if isinstance(given, Iterable) else (str(given),)


_READERS: dict[ArrangementKind, Callable[[object], Wanted]] = {
    ArrangementKind.SITE: _site,
    ArrangementKind.DAY: _slots,
    ArrangementKind.MECHANISM: _way,
    ArrangementKind.COLLECTOR: _collector,
    ArrangementKind.RECIPIENT: _member,
    ArrangementKind.SHARES: _shares,
    ArrangementKind.PARTS: _parts,
    ArrangementKind.MESSAGES: _reach,
    ArrangementKind.KEEP: _kept,
    ArrangementKind.HELP: _help,
}
