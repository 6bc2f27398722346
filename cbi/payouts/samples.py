"""The first rows of a payout file with how it was proposed to be read, kept sealed beside it: a person who confirms its layout waits for no large file.

Made when the file is first opened. What is told of the whole file (its length, words far down) stays true; our references are those in these rows.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from types import MappingProxyType
from uuid import UUID

from pydantic import TypeAdapter

from cbi.payouts import files, layouts
from cbi.payouts.about import about_of
from cbi.payouts.grouping import Places
from cbi.payouts.looked import Asked, Look
from cbi.payouts.tables import PayoutFile
from cbi.store.parts import in_parts
from cbi.store.records import Records
from cbi.store.work import Reading
from reconciliation import headings, layout, profiles, wire
from reconciliation.cells import Row
from reconciliation.instruction import Instruction, Instructions
from reconciliation.money import Money
from reconciliation.profile import Profile
from reconciliation.proposal import Proposal, Question, SheetLook
from reconciliation.rows import Rows
from reconciliation.sheets import Merge, Sheet, Sheets

ROWS = 5_000
_LENGTH = struct.Struct("<I")
_AROUND = ".,;:()[]/"


@dataclass(frozen=True, slots=True)
class _Kept:
    """A look as it is written down. amounts: what we asked for, in minor units of `currency`, by reference."""

    form: str
    encoding: str
    delimiter: str
    sheets: tuple[_KeptSheet, ...]
    looks: tuple[SheetLook, ...]
    questions: tuple[Question, ...]
    profile: Profile | None
    known_as: str
    told_in_text: bool
    amounts: dict[str, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class _KeptSheet:
    """A sheet's first rows. rows: how many it has in all; batches: in how many parts its first ones follow."""

    name: str
    hidden: bool
    rows: int
    merges: tuple[Merge, ...]
    hidden_rows: tuple[int, ...]
    batches: int


def keep(records: Records, file_id: UUID, look: Look) -> None:
    """Keep the first rows of an opened file, unless they are kept: they never change."""
    if not files.has_sample(records, file_id):
        with records.read() as reading:
            files.keep_sample(records, reading, file_id, _packed(look))


def look_of(records: Records, file_id: UUID) -> Look | None:
    """A file by the first rows that are kept of it, proposed anew where a layout was confirmed since; None where none are kept."""
    with records.read() as reading:
        content = files.sample(records, reading, file_id)
        if content is None:
            return None
        look = _unpacked(reading, file_id, content)
        file = reading.session.get_one(PayoutFile, file_id)
        kept = [one.profile for one in layouts.profiles_of(reading, file.provider_id) if one.confirmed_at > file.uploaded_at]
    return replace(look, proposal=_proposed_anew(look, kept)) if kept else look


def _proposed_anew(look: Look, kept: Sequence[Profile]) -> Proposal:
    known = {one.known_by for one in kept}
    if not any(one.headings and headings.fingerprint(one.headings) in known for one in look.proposal.sheets):
        return look.proposal
    found = layout.propose(
        look.sheets,
        currency=look.asked.about.currency,
        known=(*kept, *profiles.shipped()),
        expected=look.asked.expected,
        check_rows=False,
    )
    return found if found.known_as else look.proposal


def _packed(look: Look) -> bytes:
    first = {sheet.name: list(sheet.rows[:ROWS]) for sheet in look.sheets.sheets}
    parts = {name: list(_parts(rows)) for name, rows in first.items()}
    sheets, said = look.sheets, look.proposal
    kept = _Kept(
        sheets.form,
        sheets.encoding,
        sheets.delimiter,
        tuple(_sheet(one, len(parts[one.name])) for one in sheets.sheets),
        tuple(replace(one, hidden_rows=_within(one.hidden_rows), skipped=_within(one.skipped)) for one in said.sheets),
        said.questions,
        said.profile,
        said.known_as,
        said.told_in_text,
        {reference: (one.amount.minor, one.amount.currency) for reference, one in _named_in([*first.values()], look.asked.expected)},
    )
    told = json.dumps({field.name: _plain(getattr(kept, field.name)) for field in fields(kept)}).encode()
    return b"".join(_LENGTH.pack(len(one)) + one for one in (told, *(part for sheet in sheets.sheets for part in parts[sheet.name])))


def _unpacked(reading: Reading, file_id: UUID, content: bytes) -> Look:
    parts = _split(content)
    kept = _form().validate_json(next(parts))
    sheets = tuple(
        Sheet(
            one.name,
            Rows([wire.unpack(next(parts)) for _ in range(one.batches)]),
            one.hidden,
            one.merges,
            one.hidden_rows,
        )
        for one in kept.sheets
    )
    asked = Instructions()
    asked.extend(list(kept.amounts), [Money(*amount) for amount in kept.amounts.values()], {})
    return Look(
        Sheets(kept.form, sheets, kept.encoding, kept.delimiter),
        Proposal(kept.looks, kept.profile, kept.known_as, kept.questions, told_in_text=kept.told_in_text),
        Asked(about_of(reading, file_id), Places(asked, (), ()), frozenset()),
        MappingProxyType({one.name: one.rows for one in kept.sheets if one.rows > ROWS}),
    )


def _sheet(sheet: Sheet, batches: int) -> _KeptSheet:
    merges = tuple(one for one in sheet.merges if one.bottom <= ROWS)
    return _KeptSheet(sheet.name, sheet.hidden, len(sheet.rows), merges, _within(sheet.hidden_rows), batches)


def _within(rows: Sequence[int]) -> tuple[int, ...]:
    return tuple(row for row in rows if row <= ROWS)


def _parts(rows: Sequence[Row]) -> Iterator[bytes]:
    for part in in_parts(rows, wire.rows_at_once(max(map(len, rows), default=0))):
        yield from wire.packs(part)


def _split(content: bytes) -> Iterator[bytes]:
    place = 0
    while place < len(content):
        (length,) = _LENGTH.unpack_from(content, place)
        place += _LENGTH.size + length
        yield content[place - length : place]


def _named_in(sheets: Sequence[Sequence[Row]], expected: Mapping[str, Instruction]) -> Iterator[tuple[str, Instruction]]:
    """Those of our instructions whose reference stands in these rows, alone in a cell or as a word of its text."""
    texts = {value.upper() for rows in sheets for row in rows for value in row if isinstance(value, str)}
    words = {word.strip(_AROUND) for text in texts for word in (text, *text.split(), *text.replace("/", " ").split())}
    return ((word.strip(), expected[word.strip()]) for word in sorted(words) if word.strip() in expected)


def _plain(value: object) -> object:
    """Values as JSON has them."""
    if isinstance(value, Profile):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return asdict(value) if isinstance(value, _KeptSheet | SheetLook | Question) else value


@cache
def _form() -> TypeAdapter[_Kept]:
    return TypeAdapter(_Kept)
