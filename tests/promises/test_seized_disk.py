"""What somebody finds who has the disks: without the office's key no name and no phone, with it still no private answer."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import Session, select

import screening
from cbi.checks.tables import Letter
from cbi.payouts.tables import PayoutFile
from cbi.people.tables import Document, Household, Member, Phone
from cbi.protection.keys import StrangeLetter, open_letter
from cbi.settings import Settings
from cbi.store.bases import OfficeTable, Sealed
from cbi.store.engines import connect
from cbi.store.keys import WrongKey, office_key
from cbi.store.system import System
from tests.promises.offices import Office
from tests.promises.walking import text_of


def names_and_numbers(office: Office) -> Iterator[str]:
    """What would point at a person: whole names, numbers of phones and of documents, where people live."""
    with office.records.read() as reading:
        for table in (Member, Phone, Document, Household):
            rows = reading.session.exec(select(table)).all()
            reading.vault.prefetch(reading.session, rows)
            for row in rows:
                match row:
                    case Member():
                        given, family = reading.open(row, "given"), reading.open(row, "family")
                        yield from (f"{given} {family}", f"{family} {given}", reading.open(row, "latin"))
                    case Phone() | Document():
                        yield reading.open(row, "number")
                    case Household():
                        yield reading.open(row, "shelter")


def spellings(text: str) -> Iterator[bytes]:
    """The ways in which a text might lie on a disk."""
    for raw in (text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be")):
        yield raw
        yield raw.hex().encode()
        yield raw.hex().upper().encode()
    # Inside a longer base64 text only the middle is certain: for each of the three alignments, without its edges.
    for shift in range(3):
        yield base64.b64encode(b"." * shift + text.encode())[4:-4]


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def hits(needles: set[bytes], content: bytes) -> set[bytes]:
    """Those needles that lie in the content. Every needle starts somewhere: only places whose first eight bytes fit are looked at."""
    starts: dict[bytes, list[bytes]] = {}
    for needle in needles:
        starts.setdefault(needle[:8], []).append(needle)
    found: set[bytes] = set()
    for place in range(len(content) - 7):
        for needle in starts.get(content[place : place + 8], ()):
            if content.startswith(needle, place):
                found.add(needle)
    return found


@pytest.fixture(scope="module")
def needles(office: Office) -> set[bytes]:
    told = {text.strip() for text in names_and_numbers(office)}
    assert len(told) > 1500
    return {spelt for text in told if len(text) >= 8 for spelt in spellings(text) if len(spelt) >= 8}


def test_a_stolen_disk_without_the_offices_key_shows_no_name_phone_or_document(demo_folder: Path, needles: set[bytes]):
    files = {name: content for name, content in files_of(demo_folder).items() if name != "demo-logins.json"}

    found = {name: [one.decode("utf-8", "replace") for one in hits(needles, content)] for name, content in files.items()}

    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    assert "office/office.db" in files
    assert "room/protection.db" in files


def test_the_search_finds_each_spelling(needles: set[bytes]):
    for needle in sorted(needles)[:: len(needles) // 50]:
        assert hits(needles, b"before " + needle + b" after")


def private_marks() -> set[bytes]:
    """How a private answer would look in the clear: the item's id as a JSON key, and words only its options have."""
    items = screening.load().items
    elsewhere = {option.id for item in items if item.page != "private" for option in item.options}
    private = [item for item in items if item.page == "private"]
    words = {option.id for item in private for option in item.options if len(option.id) >= 9 and "_" in option.id} - elsewhere
    return {f'"{item.id}":'.encode() for item in private} | {word.encode() for word in words}


def test_private_answers_have_marks_to_look_for():
    marks = private_marks()

    assert {b'"H16":', b'"H05":', b"cannot_refuse"} <= marks


def opened_with_the_offices_key(office: Office) -> Iterator[bytes]:
    """Every sealed value of every table of the office, opened."""
    with office.records.read() as reading:
        for mapper in OfficeTable.__subclasses__():
            sealed = [column.name for column in mapper.__table__.columns if isinstance(column.type, Sealed)]  # type: ignore[attr-defined]
            if not sealed:
                continue
            rows = reading.session.exec(select(mapper)).all()
            reading.vault.prefetch(reading.session, rows)
            yield from (reading.open(row, name).encode() for row in rows for name in sealed)
        for file in reading.session.exec(select(PayoutFile)).all():
            content = office.records.folder / "files" / f"{file.id}.sealed"
            yield text_of(reading.vault.open_bytes(reading.session, file, "content", content.read_bytes())).encode()


def test_an_administrator_with_both_databases_and_the_offices_key_finds_no_private_answer_code(office: Office):
    marks = private_marks()
    opened = list(opened_with_the_offices_key(office))

    in_values = {mark for value in opened for mark in marks if mark in value}
    in_files = {name: hits_of for name, content in files_of(office.folder).items() if (hits_of := {one for one in marks if one in content})}

    assert in_values == set()
    assert in_files == {}
    assert len(opened) > 4000


def test_no_key_of_the_office_opens_a_letter_or_anything_of_the_room(office: Office):
    keyring = office.records.keyring
    keys = {keyring.search, keyring.signing_seed, keyring._kek, office_key(Settings(data=office.folder))}
    with office.records.read() as reading:
        bodies = reading.session.exec(select(Letter.body)).all()
    room = connect(f"sqlite:///{office.folder / 'room' / 'protection.db'}")
    with Session(room) as session:
        wrapped: list[tuple[UUID, bytes]] = [
            (row.id, row.wrapped) for row in session.exec(select(System("protection").subject_key)) if row.wrapped
        ]
    room.dispose()

    for body in bodies:
        for key in keys:
            with pytest.raises(StrangeLetter):
                open_letter(body, key)
    for subject, raw in wrapped:
        with pytest.raises(WrongKey):
            keyring.unwrap(subject, raw)
    assert len(bodies) >= 5
    assert len(wrapped) >= 5
