"""Taking letters out of the box: each once, sealed again under the room's key, assessed, and filed or put before an officer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.protection import letters as reading_letters
from cbi.protection import odd
from cbi.protection.deadlines import sealed_at
from cbi.protection.dossier import About, Stage, State, about_of, about_text, each, state_of, state_text
from cbi.protection.instruments import Library, keep_shipped, note_use
from cbi.protection.keys import RoomKeys
from cbi.protection.keys_apart import is_apart
from cbi.protection.letters import CHOICES, PRIVATE, Letter, assess
from cbi.protection.office import Swept
from cbi.protection.outgoing import all_referrals, told_where
from cbi.protection.purge import forget
from cbi.protection.snapshot import LetterIn, Office
from cbi.protection.tables import Case, LetterCopy, SeenLetter
from cbi.store.parts import in_parts
from cbi.store.work import Reading, Work

# A visit's private page and its choices lie in two letters of one household; they belong together when not further apart than this.
_ONE_VISIT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Taken:
    """What one emptying of the box brought. letters: those kept from before that can be read by now are among them.

    strange: new ones that did not open, were none, or name words that are not known here; they are kept for the lead.
    """

    letters: int
    strange: int


def take_in(work: Work, keys: RoomKeys, swept: Swept) -> Taken:
    """Copy new letters and kept ones that can be read by now, assess the private ones, and let go of everybody the office erased.

    The caller remembers the fact.
    """
    _let_go(work, swept.erased)
    keep_shipped(work)
    library = Library(work, swept.office.asked)
    found = [(letter, odd.opened(letter, keys)) for letter in swept.letters]
    mine = [(letter, said) for letter, said in found if said is None or said.household_id not in swept.erased]
    understood = [(letter, odd.understood(said, library)) for letter, said in mine]
    readable = [*odd.try_again(work, keys, library, swept.erased), *(said for _, said in understood if said is not None)]
    _insert(work, SeenLetter, [{"id": letter.id, "day": letter.day} for letter in swept.letters])
    for part in in_parts(readable):
        _copy(work, part)
    strange = [letter for letter, said in understood if said is None and not is_apart(letter.body, keys)]
    for strangers in in_parts(strange):
        odd.keep(work, strangers)
    _assess(work, readable, swept.office, library)
    note_use(work, readable)
    return Taken(len(readable), len(strange))


def households_in(letters: Iterable[LetterIn], keys: RoomKeys) -> frozenset[UUID]:
    """The households that sealed letters are about."""
    found = (odd.opened(letter, keys) for letter in letters)
    return frozenset(letter.household_id for letter in found if letter is not None)


def seen_letters(reading: Reading) -> frozenset[UUID]:
    """Letters taken before."""
    return frozenset(reading.session.exec(select(SeenLetter.id)))


def wanted_households(reading: Reading) -> frozenset[UUID]:
    """The households of all cases and referrals that have not ended."""
    rows = reading.session.exec(select(Case).where(col(Case.closed_at).is_(None))).all()
    of_cases = {about_of(reading, row).household_id for row in each(reading, rows)}
    return frozenset(of_cases | {one.household_id for one in all_referrals(reading) if one.is_open})


def letter_of(reading: Reading, letter_id: UUID | None) -> Letter | None:
    """A letter the room keeps; None when it is gone, or was never there."""
    row = None if letter_id is None else reading.session.get(LetterCopy, letter_id)
    return None if row is None else reading_letters.unpacked(row.id, row.day, reading.open(row, "content"))


def letters_of(reading: Reading, ids: Iterable[UUID]) -> dict[UUID, Letter]:
    """Those of these letters that the room still keeps."""
    wanted = sorted(set(ids))
    found: dict[UUID, Letter] = {}
    for part in in_parts(wanted):
        rows = reading.session.exec(select(LetterCopy).where(col(LetterCopy.id).in_(part))).all()
        found |= {row.id: reading_letters.unpacked(row.id, row.day, reading.open(row, "content")) for row in each(reading, rows)}
    return found


def _copy(work: Work, letters: Sequence[Letter]) -> None:
    work.bulk(work.system.subject_key, sa.insert(work.system.subject_key), work.vault.make_keys([letter.id for letter in letters]))
    rows = [LetterCopy(id=letter.id, day=letter.day, content=b"", copied_at=work.now) for letter in letters]
    _insert(
        work,
        LetterCopy,
        [
            {
                "id": row.id,
                "day": row.day,
                "copied_at": row.copied_at,
                "content": work.vault.seal_bytes(work.session, row, "content", reading_letters.packed(letter).encode()),
            }
            for row, letter in zip(rows, letters, strict=True)
        ],
    )


def _assess(work: Work, new: Sequence[Letter], office: Office, library: Library) -> None:
    choices: dict[UUID, list[Letter]] = {}
    for letter in new:
        if letter.kind == CHOICES:
            choices.setdefault(letter.household_id, []).append(letter)
    made: list[tuple[Case, About]] = []
    for letter in (one for one in new if one.kind == PRIVATE):
        beside = _beside(letter, choices.get(letter.household_id, ()))
        about = _about(work, letter, beside, office, library)
        made.append((Case(id=work.new_id("case"), letter_id=letter.id, about=b"", state=b"", made_at=work.now), about))
    for part in in_parts(made):
        _make_cases(work, part)
    _assess_again(work, choices, office, library)


def _make_cases(work: Work, made: Sequence[tuple[Case, About]]) -> None:
    work.bulk(work.system.subject_key, sa.insert(work.system.subject_key), work.vault.make_keys([case.id for case, _ in made]))
    rows = []
    for case, about in made:
        state = State(Stage.QUEUED if about.band.needs_a_person else Stage.FILED)
        rows.append(
            {
                "id": case.id,
                "letter_id": case.letter_id,
                "made_at": case.made_at,
                "about": work.vault.seal_bytes(work.session, case, "about", about_text(about).encode()),
                "state": work.vault.seal_bytes(work.session, case, "state", state_text(state).encode()),
            }
        )
    _insert(work, Case, rows)


def _assess_again(work: Work, choices: dict[UUID, list[Letter]], office: Office, library: Library) -> None:
    """Choices that came after their private letter was taken: what nobody has read yet is assessed once more."""
    if not choices:
        return
    rows = work.session.exec(select(Case).where(col(Case.closed_at).is_(None))).all()
    for row in each(work, rows):
        about, state = about_of(work, row), state_of(work, row)
        beside = None if about.choices_id else _nearest(about.day, choices.get(about.household_id, ()))
        letter = letter_of(work, row.letter_id) if beside and state.stage in (Stage.FILED, Stage.QUEUED) else None
        if letter is None:
            continue
        again = _about(work, letter, beside, office, library)
        stage = Stage.QUEUED if again.band.needs_a_person else Stage.FILED
        for column, text in (("about", about_text(again)), ("state", state_text(replace(state, stage=stage)))):
            value = work.vault.seal_bytes(work.session, row, column, text.encode())
            work.bulk(Case, sa.update(Case).where(col(Case.id) == row.id).values({column: value}))


def _about(work: Work, letter: Letter, beside: Letter | None, office: Office, library: Library) -> About:
    card = office.households.get(letter.household_id)
    site_id = letter.site_id or (card.site_id if card else None)
    mechanism = letter.mechanism or (card.mechanism if card else None)
    assessment = assess(library.of(letter), letter, beside, mechanism=mechanism, available=None)
    return About(
        household_id=letter.household_id,
        member_id=letter.member_id,
        site_id=site_id,
        day=letter.day,
        sealed_at=sealed_at(letter.day, letter.told_at, zone=work.zone),
        band=assessment.band,
        choices_id=beside.id if beside else None,
    )


def _beside(letter: Letter, choices: Sequence[Letter]) -> Letter | None:
    return _nearest(letter.day, choices)


def _nearest(day: date, choices: Sequence[Letter]) -> Letter | None:
    near = [one for one in choices if abs(one.day - day) <= _ONE_VISIT]
    return min(near, key=lambda one: (abs(one.day - day), one.id), default=None)


def _let_go(work: Work, erased: frozenset[UUID]) -> None:
    if not erased:
        return
    cases = work.session.exec(select(Case)).all()
    copies = work.session.exec(select(LetterCopy)).all()
    gone = [row.id for row in each(work, cases) if about_of(work, row).household_id in erased]
    letters = [row.id for row in each(work, copies) if _household_of(work, row) in erased]
    others = told_where(work, lambda _case_id, household_id, _member_id: household_id in erased)
    forget(work, cases=gone, letters=letters, others=others)


def _household_of(work: Work, row: LetterCopy) -> UUID:
    return reading_letters.unpacked(row.id, row.day, work.open(row, "content")).household_id


def _insert(work: Work, table: type[SeenLetter | LetterCopy | Case], rows: Sequence[dict[str, object]]) -> None:
    if rows:
        work.bulk(table, sa.insert(table), rows)
