"""What a letter says, and what the answers in it come to. Only here are private answers assessed, and only while the room is open."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from cbi.errors import Refused
from cbi.transfers.receiving import SLOTS, plain
from cbi.transfers.receiving import read as readable
from cbi.transfers.tables import ArrangementKind
from screening import Answers, Assessment, Context, Instrument, UnreadableAnswers, assess_household, parse_household

PRIVATE, CHOICES = "private", "choices"
INSTRUMENT = "delivery-safety-check"
# Letters did not name their version from the beginning; those that name none were asked with the first.
FIRST_VERSION = "0.1-draft"


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter, read.

    kind: PRIVATE for the private page, CHOICES for the copy of the delivery choices.  told_at: when it was sealed, as it says itself.
    version: of the instrument it was asked with.  hours: safe hours told, as slots.  wishes: what was asked for at the choices, by kind of arrangement.
    """

    id: UUID
    day: date
    kind: str
    household_id: UUID
    member_id: UUID | None
    site_id: UUID | None
    interviewer_id: UUID | None
    instrument: str
    version: str
    answers: Mapping[str, object] = field(repr=False)
    hours: tuple[str, ...] = ()
    wishes: Mapping[str, object] = field(default_factory=dict)
    told_at: str | None = None
    mechanism: str | None = None


class UnreadableLetter(Exception):
    """A letter opened, but its content is not one: it is counted as strange and kept for the lead."""


def read(letter_id: UUID, day: date, content: Mapping[str, object]) -> Letter:
    """A letter from its content. Raises UnreadableLetter."""
    try:
        answers = content.get("answers", {})
        if not isinstance(answers, dict):
            raise UnreadableLetter
        return Letter(
            id=letter_id,
            day=day,
            kind=str(content.get("kind", PRIVATE)),
            household_id=UUID(str(content["household"])),
            member_id=_id(content.get("member")),
            site_id=_id(content.get("site")),
            interviewer_id=_id(content.get("interviewer")),
            instrument=_known(content.get("instrument")),
            version=_text(content.get("version")) or FIRST_VERSION,
            answers=answers,
            hours=_slots(content.get("hours")),
            wishes=_wishes(content.get("wishes")),
            told_at=_text(content.get("at")),
            mechanism=_text(content.get("mechanism")),
        )
    except (KeyError, ValueError) as problem:
        raise UnreadableLetter from problem


def packed(letter: Letter) -> str:
    """A letter as the room keeps it, to be sealed."""
    return json.dumps(
        {
            "kind": letter.kind,
            "household": str(letter.household_id),
            "member": _optional(letter.member_id),
            "site": _optional(letter.site_id),
            "interviewer": _optional(letter.interviewer_id),
            "instrument": letter.instrument,
            "version": letter.version,
            "answers": dict(letter.answers),
            "hours": list(letter.hours),
            "wishes": dict(letter.wishes),
            "at": letter.told_at,
            "mechanism": letter.mechanism,
        },
        sort_keys=True,
    )


def unpacked(letter_id: UUID, day: date, text: str) -> Letter:
    """Back from what the room keeps."""
    return read(letter_id, day, json.loads(text))


def answers_of(instrument: Instrument, *letters: Letter | None) -> Answers:
    """The answers of the private page and of the choices together.

    What the instrument does not know is left out, item by item, so that one strange code never hides the others.
    """
    chosen: dict[str, frozenset[str]] = {}
    for letter in letters:
        for item, value in (letter.answers if letter else {}).items():
            try:
                chosen |= parse_household(instrument, {item: value}).chosen
            except UnreadableAnswers:
                continue
    return Answers(chosen)


def assess(
    instrument: Instrument, private: Letter, choices: Letter | None, *, mechanism: str | None, available: frozenset[str] | None
) -> Assessment:
    """What the answers come to: a suggestion to an officer, never a decision about the household. instrument: as the letter was asked."""
    known = mechanism if mechanism in instrument.mechanisms else None
    return assess_household(instrument, answers_of(instrument, private, choices), Context(known, available))


def _id(value: object) -> UUID | None:
    return UUID(str(value)) if value else None


def _optional(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _known(name: object) -> str:
    # Only the instrument we ship: the name comes from outside, and `load` would also take a path.
    if name != INSTRUMENT:
        raise UnreadableLetter
    return INSTRUMENT


def _slots(value: object) -> tuple[str, ...]:
    told = set(value) if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value) else set()
    return tuple(slot for slot in SLOTS if slot in told)


def _wishes(value: object) -> dict[str, object]:
    """What can be read of the wishes; a strange one is left out and hides no other."""
    found: dict[str, object] = {}
    for kind, wish in value.items() if isinstance(value, dict) else ():
        try:
            found[ArrangementKind(kind).value] = plain(readable(ArrangementKind(kind), wish))
        except (Refused, ValueError):
            continue
    return found
