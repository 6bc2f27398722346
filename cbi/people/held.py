"""What was registered of a household, in plain words: the first part of what the office tells back to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from uuid import UUID

from cbi.people.aspects import born_words
from cbi.people.contact import mask, show_phone
from cbi.people.registered import Registered, open_household
from cbi.people.spoken import consent_texts, six_questions
from cbi.people.story import story_of
from cbi.people.story_words import story_line
from cbi.people.told import beginning_of, lives_of
from cbi.people.values import NewMember
from cbi.people.words import DOCUMENTS, REVIEWS, WORDS
from cbi.staff.service import names_of
from cbi.store.work import Reading
from cbi.web.filters import day, language_name
from cbi.web.held import HeldPart
from cbi.web.words import _, listed

_FACT = (3, 7)
_HIDDEN = "·····"
_NOBODY = "–"  # of this office: it was done elsewhere


def held(reading: Reading, household_id: UUID) -> Sequence[HeldPart]:
    """Everything registered. Raises NotThere."""
    kept = open_household(reading, household_id)
    return (
        _facts(_("Your household"), _household(kept)),
        HeldPart(
            _("The people in it"),
            (_("Name"), _("In Latin letters"), _("To the head"), _("Sex"), _("Born"), _("Document")),
            tuple(_member(member) for member in kept.told.members),
            (6, 5, 3, 3, 4, 6),
            "",
        ),
        _facts(_("How we reach you, and who receives"), _receiving(kept), aloud=True),
        _facts(_("What you said when the text was read"), _consent(kept)),
        _six(kept),
        _done(reading, kept),
    )


def _facts(heading: str, rows: Sequence[tuple[str, str]], *, aloud: bool = False) -> HeldPart:
    return HeldPart(heading, ("", ""), tuple((label, value or _("Nothing is written")) for label, value in rows), _FACT, "", aloud)


def _household(kept: Registered) -> tuple[tuple[str, str], ...]:
    told = kept.told
    return (
        (_("Registration number"), kept.number),
        (_("Paper card"), f"{_HIDDEN}{kept.token[-2:]}" if kept.token else ""),
        (_("Place"), ", ".join(part for part in (kept.site_name, told.shelter) if part)),
        (_("Population group"), str(WORDS[told.group])),
        (_("Language"), language_name(told.language)),
        (_("Registered"), day(kept.registered_on)),
        (_("State"), str(WORDS[kept.status])),
        (_("Waits"), str(REVIEWS[kept.review]) if kept.review else _("No")),
    )


def _member(member: NewMember) -> tuple[str, ...]:
    documents = listed(f"{DOCUMENTS[one.kind]} {mask(one.number)}" for one in member.documents)
    return (
        member.name,
        member.latin,
        str(WORDS[member.relation]),
        str(WORDS[member.sex]),
        born_words(member.born),
        documents or _("No document"),
    )


def _receiving(kept: Registered) -> tuple[tuple[str, str], ...]:
    told = kept.told
    other = told.members[told.alternate].name if told.alternate is not None else told.alternate_name
    return (
        (_("Recipient"), told.members[told.recipient].name if told.recipient is not None else _("Nobody yet")),
        (_("Alternate collector"), other or _("Nobody yet")),
        (_("Phone"), listed(show_phone(phone) for phone in told.phones)),
        (_("Paid"), f"{WORDS[told.account.kind]}, {mask(told.account.number)}" if told.account else _("In cash")),
    )


def _consent(kept: Registered) -> tuple[tuple[str, str], ...]:
    told, texts = kept.told, consent_texts()
    spoken = texts[told.consent_language].own_name if told.consent_language in texts else language_name(told.consent_language)
    return (
        (_("Answer"), str(WORDS[told.consent])),
        (_("Day"), day(told.consent_on)),
        (_("Text"), _("Version %(version)s, read in %(language)s", version=told.consent_version, language=spoken)),
    )


def _done(reading: Reading, kept: Registered) -> HeldPart:
    """What was done since, never what was written nor anybody else's number; who did it by name, so that a person can ask them."""
    done: list[tuple[datetime, str, UUID | None]] = [
        (event.at, story_line(event, numbers=False), event.by) for event in story_of(reading, kept.id)
    ]
    done += [(one.at, one.words, one.by) for one in lives_of(reading, kept.id, numbers=False)]
    begun = list(beginning_of(kept, reading.zone))
    names = names_of(reading, {by for by in (*(one.by for one in begun), *(by for _at, _words, by in done)) if by})

    def who(by: UUID | None) -> str:
        return names.get(by, _("the office")) if by else _("the office")

    rows = [(day(one.at), one.words, _NOBODY if one.by_day else who(one.by)) for one in begun]
    rows += [(day(at), words, who(by)) for at, words, by in sorted(done, key=itemgetter(0, 1))]
    return HeldPart(
        _("What was done, and by whom"),
        (_("When"), _("What was done"), _("Who did it")),
        tuple(rows),
        (5, 12, 6),
        "",
        aloud=True,
    )


def _six(kept: Registered) -> HeldPart:
    """What was answered to the six questions, person by person."""
    questions, answers = dict(six_questions().questions), dict(six_questions().answers)
    rows = tuple(
        (member.name, questions[activity], answers[difficulty])
        for member in kept.told.members
        for activity, difficulty in member.difficulties
    )
    return HeldPart(
        _("The six questions on daily activities"),
        (_("Name"), _("Question"), _("Answer")),
        rows,
        (5, 12, 6),
        _("Nobody was asked, or nobody answered."),
        aloud=True,
    )
