"""A household registration as KoboToolbox exports it: one sheet of households, one of members, linked by `_index` and `_parent_index`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cbi.cli.samples.people import Home, Person, invent
from reconciliation.report import Formats, new_book

HOUSEHOLDS = "Household registration"
MEMBERS = "members"
_ASKED = ("seeing", "hearing", "walking", "remembering", "caring", "communicating")
_HEAD = (
    "start", "end", "today", "username", "intro/site", "intro/consent", "intro/consent_language", "intro/group", "home/language",
    "home/shelter", "contact/phone", "payment/account_kind", "payment/account_number", "payment/alternate_name", "_id", "_uuid",
    "_submission_time", "_validation_status", "_notes", "_status", "_submitted_by", "__version__", "_tags", "_index",
)  # fmt: skip
_MEMBER = (
    "members/given_name", "members/family_name", "members/latin_name", "members/sex", "members/relation", "members/birth_date",
    "members/birth_year", "members/age", "members/document_kind", "members/document_number", "members/collects",
    *(f"members/wg/{question}" for question in _ASKED),
    "_index", "_parent_table_name", "_parent_index", "_submission__id", "_submission__uuid", "_submission__submission_time",
)  # fmt: skip
_EVERY = 53


def write_households(path: Path | str, households: int = 420, seed: int = 7) -> int:
    """Write the export of an invented registration; returns how many people are in it.

    One household in about fifty needs somebody: an impossible age, a phone cut short, an unknown place, a missing sex, two heads,
    a date that can be read both ways, nobody in it, an age below zero.  One submission stands there twice, one member belongs to no household.
    """
    homes = invent(households, seed)
    for place, spoil in enumerate(_SPOILS):
        if (spoiled := 11 + place * _EVERY) < len(homes):
            spoil(homes[spoiled])
    if len(homes) > _EVERY:
        homes.append(homes[_EVERY - 10])
    with new_book(path) as book:
        book.set_properties({"created": datetime(2026, 11, 2, 9, 0)})  # noqa: DTZ001 -- a spreadsheet keeps no zone
        formats = Formats(book)
        _write(book.add_worksheet(HOUSEHOLDS), formats, _HEAD, [_household(home, place) for place, home in enumerate(homes, start=1)])
        rows = [(home, parent, person) for parent, home in enumerate(homes, start=1) for person in home.people]
        written = [_member(home, parent, person, place) for place, (home, parent, person) in enumerate(rows, start=1)]
        if len(homes) > _EVERY:
            written.append(_orphan(homes[0], len(homes) + 1, len(written) + 1))
        _write(book.add_worksheet(MEMBERS), formats, _MEMBER, written)
    return len(written)


# Any: XlsxWriter has no types
def _write(sheet: object, formats: Formats, header: Sequence[str], rows: Sequence[Sequence[str | int]]) -> None:
    write_string, write_number = sheet.write_string, sheet.write_number  # type: ignore[attr-defined]  # XlsxWriter has no types
    for column, name in enumerate(header):
        write_string(0, column, name)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, int):
                write_number(number, column, value)
            elif value:
                write_string(number, column, value, formats.text)


def _household(home: Home, index: int) -> list[str | int]:
    begun, sent = _times(home)
    return [
        begun.isoformat(timespec="milliseconds") + "+03:00", (begun + timedelta(minutes=19)).isoformat(timespec="milliseconds") + "+03:00",
        home.submitted.isoformat(), "registration_desk", home.site.lower(), home.consent, home.language, home.group, home.language,
        home.shelter, _written(home.phone, index), home.account_kind, home.account_number, home.alternate_name, 410_000 + index, home.uuid,
        sent, "", "", "submitted_via_web", "registration_desk", "vKeTtLeMoOnBeAm0001", "", index,
    ]  # fmt: skip


def _times(home: Home) -> tuple[datetime, str]:
    begun = datetime.combine(home.submitted, datetime.min.time()) + timedelta(minutes=home.minute)
    return begun, (begun - timedelta(hours=3) + timedelta(minutes=31)).isoformat()


def _written(phone: str, index: int) -> str:
    """Phones as people type them: with spaces, with 00, or whole."""
    if not phone.startswith("+999") or len(phone) < 12:  # noqa: PLR2004 -- cut short on purpose
        return phone
    return (phone, f"{phone[:4]} {phone[4:7]} {phone[7:]}", f"00{phone[1:]}", f"{phone[:4]}-{phone[4:7]}-{phone[7:10]}-{phone[10:]}")[
        index % 4
    ]


def _member(home: Home, parent: int, person: Person, index: int) -> list[str | int]:
    difficulties = person.difficulties or ("",) * len(_ASKED)
    return [
        person.given, person.family, person.latin, person.sex, person.relation, person.birth_date, person.birth_year, person.age,
        person.document_kind, person.document_number, person.collects, *difficulties, index, HOUSEHOLDS, parent, 410_000 + parent, home.uuid,
        _times(home)[1],
    ]  # fmt: skip


def _orphan(home: Home, parent: int, index: int) -> list[str | int]:
    return _member(home, parent, Person("Nobody", "Unclaimed", "", "female", "other_family", age="30"), index)


def _impossible_age(home: Home) -> None:
    _told(home.people[0], age="210")


def _short_phone(home: Home) -> None:
    home.phone = "+99971"


def _unknown_site(home: Home) -> None:
    home.site = "zz"


def _no_sex(home: Home) -> None:
    home.people[-1].sex = ""


def _two_heads(home: Home) -> None:
    home.people.append(Person("Second", home.people[0].family, "", "female", "head", age="30"))


def _read_both_ways(home: Home) -> None:
    _told(home.people[-1], birth_date="03/04/2016")


def _nobody(home: Home) -> None:
    home.people.clear()


def _below_zero(home: Home) -> None:
    _told(home.people[-1], age="-4")


def _told(person: Person, *, birth_date: str = "", age: str = "") -> None:
    person.birth_date, person.birth_year, person.age = birth_date, "", age


_SPOILS: tuple[Callable[[Home], None], ...] = (
    _impossible_age, _short_phone, _unknown_site, _no_sex, _two_heads, _read_both_ways, _nobody, _below_zero,
)  # fmt: skip
