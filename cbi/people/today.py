"""What waits for whoever registers and finds people, and what stands beside it on their Today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask_babel import get_locale

from cbi.access import P
from cbi.people import alike_queue, erasing, lists, undoing, verification_lists
from cbi.people.imports_list import rows_back
from cbi.people.spoken import consent_texts, consent_version
from cbi.people.tables_certainty import Certainty
from cbi.store.work import Reading
from cbi.web.house import Panel, Person, TodayLine
from cbi.web.words import _, _n


def today(reading: Reading, person: Person) -> list[TodayLine]:
    """What two people let happen; households that look alike, and consents to read again, at the person's site first of all."""
    return [*_for_a_second_person(reading, person), *(_of_a_registrar(reading, person) if person.may(P.PERSON_REGISTER) else ())]


def _for_a_second_person(reading: Reading, person: Person) -> Iterator[TodayLine]:
    """Requests to be forgotten somebody else wrote down, and who receives since a household's life changed."""
    if person.may(P.PERSON_ERASE):
        why = _("Written down by somebody else; with your agreement it is for ever.")
        yield TodayLine(erasing.to_agree(reading, person.id), _("Requests to be forgotten"), why, _("See them"), "people.forget_list")
    if person.may(P.ARRANGEMENTS_PUBLISH):
        why = _("They are on no list before it is confirmed.")
        waiting = sum(1 for one in undoing.to_confirm(reading) if one.change.made_by != person.id)
        yield TodayLine(waiting, _("Households where somebody else receives"), why, _("Look and confirm"), "people.payees")


def _of_a_registrar(reading: Reading, person: Person) -> list[TodayLine]:
    count, oldest = lists.waiting(reading, person.site_id)
    older = lists.consents_to_read(reading, person.site_id, consent_version=consent_version())
    site = str(person.site_id or "")
    why = _("Oldest waiting since %(day)s. Each shows why it looks alike.", day=_day(reading, oldest)) if oldest else ""
    changed = _("The text changed on %(day)s.", day=format_date(consent_texts()["en"].since, "d MMMM", locale=get_locale() or "en"))
    return [
        *_rows_back(reading, person),
        TodayLine(count, _("Households that look alike"), why, _("Compare"), "people.households", {"review": "duplicate", "site": site}),
        _pairs(reading),
        *_visits(reading, person),
        TodayLine(older, _("Consents to read again"), changed, _("See them"), "people.households", {"consent": lists.OLDER, "site": site}),
    ]


def _pairs(reading: Reading) -> TodayLine:
    """Pairs that a search through everybody found."""
    counts = alike_queue.counts(reading)
    why = _n("%(num)s of them is almost certain.", "%(num)s of them are almost certain.", counts[Certainty.ALMOST_CERTAIN])
    return TodayLine(counts.total(), _("Households perhaps registered twice"), why, _("Compare"), "people.pairs")


def _rows_back(reading: Reading, person: Person) -> list[TodayLine]:
    """Rows of files that still need somebody, the newest file's first."""
    back = rows_back(reading) if person.may(P.PERSON_IMPORT) else None
    if back is None:
        return []
    day, title = _day(reading, back.at), _("Rows that came back from an import")
    if back.files > 1:
        why = _n("From %(num)s file, the last on %(day)s.", "From %(num)s files, the last on %(day)s.", back.files, day=day)
        return [TodayLine(back.count, title, why, _("See them"), "people.imports")]
    why = _("The file of %(day)s.", day=day)
    return [TodayLine(back.count, title, why, _("Correct them"), "people.import_problems", {"import_id": back.newest})]


def _visits(reading: Reading, person: Person) -> list[TodayLine]:
    """Households to see for verification, at the person's site first of all."""
    if not person.may(P.VERIFICATION_ENTER):
        return []
    count = verification_lists.open_visits(reading, person.site_id)
    why = _("In the order of registration numbers.")
    return [TodayLine(count, _("Verification visits to make"), why, _("See the list"), "people.verification_visits")]


def panels(reading: Reading, person: Person) -> list[Panel]:
    """The find field for whoever may read; the button, today's own registrations and their counts for whoever registers."""
    found: list[Panel] = []
    if person.may(P.PERSON_READ):
        found.append(Panel("above", "people/_home_find.html"))
    if person.may(P.PERSON_REGISTER):
        mine, together = lists.registered_by(reading, person.id)
        found += [
            Panel("action", "people/_home_action.html"),
            Panel("below", "people/_home_mine.html", {"rows": mine, "together": together}),
            Panel("side", "people/_home_hand.html", {"together": together}),
        ]
    return found


def _day(reading: Reading, when: datetime) -> str:
    """A weekday within the last week, a date before that."""
    zone = ZoneInfo(reading.zone)
    local = when.astimezone(zone).date()
    pattern = "EEEE" if (reading.today - local).days < 7 else "d MMMM"  # noqa: PLR2004 -- a week
    return format_date(local, pattern, locale=get_locale() or "en")
