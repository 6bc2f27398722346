"""The story of a household in words, the same on its page and on what is told back to it."""

from __future__ import annotations

from cbi.people.tables import EventKind, HouseholdEvent
from cbi.people.tables_verification import Found
from cbi.people.words import APPEAL_ANSWERS, EVENTS, FIELDS, FOUND_AT_VISIT, WORDS
from cbi.people.words_lives import LINES
from cbi.web.words import _


def story_line(event: HouseholdEvent, *, numbers: bool) -> str:
    """One line of the story in words: what was done, never what was written. numbers: with another household's, for the desk only."""
    what = str(EVENTS[event.kind])
    if event.kind is EventKind.CORRECTED:
        return f"{what}: " + ", ".join(field_words(code) for code in event.detail.split(", "))
    if event.kind is EventKind.CONSENT:
        answer, *how = event.detail.split()
        said = next(str(words) for word, words in WORDS.items() if word.value == answer)
        read = _(" (version %(version)s, read in %(language)s)", version=how[0], language=how[1]) if how else ""
        return f"{what}: {said}{read}"
    if event.kind is EventKind.VERIFIED:
        return f"{what}: {FOUND_AT_VISIT[Found(event.detail)]}"
    if event.kind is EventKind.APPEALED and event.detail:
        return f"{what}: {APPEAL_ANSWERS[event.detail]}"
    return f"{what}: {event.detail}" if numbers and event.kind is EventKind.MERGED else what


def field_words(code: str) -> str:
    """A code such as "member 2: born" in the reader's words."""
    if code.startswith("member ") and ": " in code:
        number, field = code.removeprefix("member ").split(": ", 1)
        return _("member %(number)s, %(field)s", number=number, field=FIELDS.get(field, field))
    if code.startswith("member ") and code.endswith(" added"):
        return _("member %(number)s added", number=code.split()[1])
    return str(FIELDS.get(code) or LINES.get(code, code))
