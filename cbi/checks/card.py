"""What an interviewer carries: the lines of a visit, what to do when somebody tells something, and the letter box's key in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from cbi.checks.box import intake_key
from cbi.checks.interpreters import Known, may_be_asked
from cbi.checks.letter import fingerprint
from cbi.checks.service import notice_now
from cbi.checks.tables import WeeklyNotice
from cbi.checks.words import SERVICES, call_steps, told_steps
from cbi.sites.directory import services_at
from cbi.sites.instrument import current
from cbi.sites.service import site_of
from cbi.sites.tables import Service, Site
from cbi.store.work import Reading
from cbi.web.filters import day as day_words
from cbi.web.marks import mark_words
from cbi.web.paper import Mark, Note, Paper, Table
from cbi.web.words import _


@dataclass(frozen=True, slots=True)
class Card:
    """A place's card on one day. lines: of "Before we start"; print: of the letter box's key, b"" while there is none."""

    site: Site
    today: date
    notice: WeeklyNotice | None
    services: Sequence[Service]
    lines: tuple[str, ...]
    interpreters: Sequence[Known]
    print: bytes

    @property
    def words(self) -> list[str]:
        """The eight words that stand for the key; none while there is no key."""
        return mark_words(self.print) if self.print else []


def card_of(reading: Reading, site_id: UUID, language: str) -> Card:
    """The card of a place today. Raises NotThere."""
    key = intake_key(reading)
    return Card(
        site=site_of(reading, site_id),
        today=reading.today,
        notice=notice_now(reading),
        services=services_at(reading, site_id),
        lines=tuple(gate.wording for gate in current(reading, language).session_gates),
        interpreters=may_be_asked(reading),
        print=fingerprint(key) if key else b"",
    )


def paper_of(card: Card, *, office: str, language: str, right_to_left: bool) -> Paper:
    """The same as a paper: drawn, it is the same bytes for the same card on the same day."""
    return Paper(
        title=_("Visit card"),
        office=office,
        facts=((_("Place"), card.site.name), (_("Day"), str(day_words(card.today))), *on_call(card)),
        parts=(
            _numbered(_("Before you start"), card.lines),
            _numbered(_("When somebody tells you something"), told_steps()),
            _numbered(_("By phone"), call_steps()),
            _interpreters(card),
            _services(card),
        ),
        sign=(),
        sign_words=(),
        mark=_mark(card),
        page_words=_("page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
        made_at=datetime.combine(card.today, time(), UTC),
        language=language,
        right_to_left=right_to_left,
    )


def on_call(card: Card) -> tuple[tuple[str, str], ...]:
    """Who is on call this week, as facts."""
    if card.notice is None or not card.notice.on_call:
        return ((_("On call this week"), _("Nobody is named for this week. Ring the programme's feedback number.")),)
    return ((_("On call this week"), card.notice.on_call), (_("Phone"), _left_to_right(card.notice.on_call_phone)))


def _numbered(heading: str, lines: Sequence[str]) -> Table:
    return Table(heading, ("", ""), tuple((f"{place}.", line) for place, line in enumerate(lines, start=1)), (1, 24), frozenset())


def _interpreters(card: Card) -> Table | Note:
    if not card.interpreters:
        return Note((_("No interpreter is vetted. Visit in a language that you speak yourself."),))
    return Table(
        _("Interpreters who may be asked"),
        (_("Name"), _("Languages"), _("Interprets as"), _("Counts until")),
        tuple(
            (one.name, one.languages, _("A woman") if one.sex == "f" else _("A man"), str(day_words(one.until)))
            for one in card.interpreters
        ),
        (6, 6, 4, 5),
        frozenset(),
    )


def _services(card: Card) -> Table | Note:
    if not card.services:
        return Note((_("No services are listed for this place yet."),))
    return Table(
        _("Services today"),
        (_("Service"), _("For"), _("Contact"), _("Hours"), _("Reached on")),
        tuple(
            (
                one.name,
                str(SERVICES[one.kind]),
                _left_to_right(one.contact),
                one.hours,
                str(day_words(one.verified_on) if one.verified_on else "–"),
            )
            for one in card.services
        ),
        (6, 5, 5, 6, 5),
        frozenset(),
    )


def _left_to_right(number: str) -> str:
    # A mark no eye sees: without it the groups of a phone number change places in an Arabic line.
    return f"\u200e{number}"


def _mark(card: Card) -> Mark | None:
    if not card.print:
        return None
    return Mark(
        heading=_("The letter box's key"),
        sentence=key_sentence(),
        words=tuple(card.words),
        hash=card.print.hex(),
        scanned=card.print.hex(),
    )


def key_sentence() -> str:
    """What the words are for."""
    return _("Whoever opens the box sees the same eight words. If yours are others on some day, ask nothing and ring the person on call.")
