"""Sealing: AES-256-GCM under a key of the subject's own, bound to table, column, row and subject."""

from __future__ import annotations

import hmac
import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from sqlmodel import Session, col, select

from cbi.store.bases import Row, Sealed
from cbi.store.keys import Keyring
from cbi.store.parts import in_parts
from cbi.store.raw import dashed
from cbi.store.system import SubjectKey

_NONCE = 12
_START = len(Sealed.MARK)
_BODY = _START + _NONCE
_NONCES_AT_ONCE = 32
_DIGEST = 20  # bytes
_Decrypt = Callable[[bytes, bytes, bytes | None], bytes]


class Unsealable(Exception):
    """A sealed value does not belong where it was found, or was changed, or its key is another's."""


class Erased(Unsealable):
    """The subject's key was destroyed on purpose: the value can never be read again."""


class SealedRow(NamedTuple):
    """A row of a plain query: id and subject as hexadecimal digits, the subject's key as kept (known: whether there is one), sealed values."""

    id: str
    subject: str
    known: bool
    wrapped: bytes | None
    values: Sequence[bytes | None]


class PlainRow(NamedTuple):
    """A row about to be put in: id and subject as hexadecimal digits, the subject's key as kept, what is to be sealed."""

    id: str
    subject: str
    wrapped: bytes
    plain: bytes


class Place(NamedTuple):
    """Where a sealed value stands: it opens nowhere else."""

    table: str
    column: str
    id: UUID
    subject: UUID

    def binding(self) -> bytes:
        """What the seal is bound to."""
        return f"{self.table}\x1f{self.column}\x1f{self.id}\x1f{self.subject}\x1f1".encode()


class Seals:
    """Seals many new values of one subject: its cipher is looked up once, and random numbers are drawn by the dozen."""

    def __init__(self, cipher: AESGCM, subject: UUID) -> None:
        self._cipher = cipher
        self._ending = f"\x1f{subject}\x1f1"
        self._random, self._used = b"", 0

    def text(self, table: str, column: str, row_id: UUID | str, text: str) -> bytes | None:
        """The sealed form of a text, good only in this row and column; None for no text. row_id: with its dashes."""
        if not text:
            return None
        if self._used == len(self._random):
            self._random, self._used = os.urandom(_NONCE * _NONCES_AT_ONCE), 0
        nonce = self._random[self._used : self._used + _NONCE]
        self._used += _NONCE
        return Sealed.MARK + nonce + self._cipher.encrypt(nonce, text.encode(), f"{table}\x1f{column}\x1f{row_id}{self._ending}".encode())


class Opener:
    """Opens values of one subject: its key is unwrapped once."""

    def __init__(self, decrypt: _Decrypt | None, subject: UUID) -> None:
        self._decrypt, self._ending = decrypt, f"\x1f{subject}\x1f1"

    def texts(self, table: type[Row], columns: tuple[str, ...], row_id: UUID | str, values: Sequence[bytes | None]) -> list[str]:
        """The texts of these columns of one row; "" where empty or erased. row_id: with its dashes. Raises Unsealable."""
        return _opened(_heads(table, columns), f"{row_id}{self._ending}", self._decrypt, values)


class Vault:
    """Seals and opens the personal columns of one world, and makes its keyed indexes.

    Keys of subjects are kept unwrapped for the most recently used ones only.
    """

    def __init__(self, keyring: Keyring, system: type[SubjectKey], *, remember: int = 4096) -> None:
        self._keyring = keyring
        self._system = system
        self._open: OrderedDict[UUID, AESGCM] = OrderedDict()
        self._remember = remember

    def seal(self, session: Session, row: Row, column: str, text: str | None) -> None:
        """Put `text` into the row's sealed column; None empties it."""
        value = None if text is None else self.seal_bytes(session, row, column, text.encode())
        setattr(row, column, value)

    def seal_bytes(self, session: Session, row: Row, column: str, plain: bytes) -> bytes:
        """The sealed form of `plain`, good only in this row and column."""
        return self.seal_at(session, Place(_name_of(type(row)), column, row.id, _subject(row)), plain)

    def seal_at(self, session: Session, place: Place, plain: bytes) -> bytes:
        """The same for a place in a table by its names, as a migration knows it."""
        nonce = os.urandom(_NONCE)
        return Sealed.MARK + nonce + self._cipher(session, place.subject, make=True).encrypt(nonce, plain, place.binding())

    def read(self, session: Session, row: Row, column: str) -> str:
        """The text of a sealed column, "" when empty. Raises Erased or Unsealable."""
        value: bytes | None = getattr(row, column)
        return "" if value is None else self.open_bytes(session, row, column, value).decode()

    def open_bytes(self, session: Session, row: Row, column: str, sealed: bytes) -> bytes:
        """The plain bytes of a value sealed for this row and column."""
        return self.open_at(session, Place(_name_of(type(row)), column, row.id, _subject(row)), sealed)

    def open_at(self, session: Session, place: Place, sealed: bytes) -> bytes:
        """The same for a place in a table by its names."""
        try:
            return self._cipher(session, place.subject).decrypt(sealed[_START:_BODY], sealed[_BODY:], place.binding())
        except InvalidTag as wrong:
            raise Unsealable(f"{place.table}.{place.column} of {place.id} does not open") from wrong

    def open_columns(self, table: type[Row], columns: Sequence[str], rows: Iterable[SealedRow]) -> list[list[str]]:
        """The texts of several columns of plain rows, column by column; "" where empty or erased.

        Many times as fast as reading row objects: for lists of a hundred thousand; faster still when rows of one subject follow each other.
        Raises Unsealable.
        """
        heads, opened = _heads(table, tuple(columns)), []
        kept, decrypt = None, None
        for row_id, subject, known, wrapped, values in rows:
            if decrypt is None or wrapped != kept:
                kept, decrypt = wrapped, self._decrypt_with(bytes.fromhex(subject), known=known, wrapped=wrapped)
            opened.append(_opened(heads, f"{dashed(row_id)}\x1f{dashed(subject)}\x1f1", decrypt, values))
        return [list(texts) for texts in zip(*opened, strict=True)] or [[] for _ in columns]

    def seal_column(self, table: type[Row], column: str, rows: Sequence[PlainRow]) -> list[bytes]:
        """The sealed forms of one column of many new rows, each under the key of its own subject: the counterpart of `open_columns`."""
        [head] = _heads(table, (column,))
        nonces, sealed = os.urandom(_NONCE * len(rows)), []
        for place, (row_id, subject, wrapped, plain) in enumerate(rows):
            nonce = nonces[_NONCE * place : _NONCE * (place + 1)]
            cipher = AESGCM(self._keyring.unwrap_of(bytes.fromhex(subject), wrapped))
            bound = f"{head}{dashed(row_id)}\x1f{dashed(subject)}\x1f1".encode()
            sealed.append(Sealed.MARK + nonce + cipher.encrypt(nonce, plain, bound))
        return sealed

    def opener(self, subject: UUID, *, known: bool, wrapped: bytes | None) -> Opener:
        """For opening values of several plain rows of one subject. known, wrapped: its key, as in SealedRow. Raises Unsealable."""
        return Opener(self._decrypt_with(subject.bytes, known=known, wrapped=wrapped), subject)

    def _decrypt_with(self, subject: bytes, *, known: bool, wrapped: bytes | None) -> _Decrypt | None:
        """What opens the values of a subject; None when it was erased."""
        if wrapped is not None:
            return AESGCM(self._keyring.unwrap_of(subject, wrapped)).decrypt
        if known:
            return None
        raise Unsealable(f"no key for {subject.hex()}")

    def prefetch(self, session: Session, rows: Iterable[Row]) -> None:
        """Fetch the keys of many rows in one query, before reading them."""
        self.prefetch_subjects(session, {_subject(row) for row in rows})

    def prefetch_subjects(self, session: Session, subjects: Iterable[UUID]) -> None:
        """The same for what is about to be sealed, when there are no rows yet."""
        wanted = set(subjects) - self._open.keys()
        table: Any = self._system  # Any: SQLModel types a column of a table class as its value
        for chunk in in_parts(sorted(wanted)):
            # Columns, not rows: making an object for each key costs more than unwrapping it.
            for subject, wrapped in session.execute(select(table.id, table.wrapped).where(col(table.id).in_(chunk))):
                if wrapped is not None:
                    self._keep(subject, self._keyring.unwrap(subject, wrapped))

    def destroy(self, session: Session, subject: UUID, *, at: object) -> None:
        """Erase a subject: its key is gone, so are all its sealed values. Idempotent."""
        key = session.get(self._system, subject)
        if key is not None:
            key.wrapped, key.destroyed_at = None, at  # type: ignore[assignment]
            session.add(key)
        self._open.pop(subject, None)

    def digest(self, kind: str, text: str) -> bytes:
        """A keyed digest by which equal values of one kind are found without being readable; 20 bytes."""
        return hmac.digest(self._keyring.search, f"{kind}\x1f{text}".encode(), "sha256")[:_DIGEST]

    def digests(self, kind: str, texts: Iterable[str]) -> list[bytes]:
        """The same for many values of one kind, in a quarter of the time."""
        begun = HMAC(self._keyring.search, SHA256())
        begun.update(f"{kind}\x1f".encode())
        found = []
        for text in texts:
            one = begun.copy()
            one.update(text.encode())
            found.append(one.finalize()[:_DIGEST])
        return found

    def _cipher(self, session: Session, subject: UUID, *, make: bool = False) -> AESGCM:
        cipher = self._open.get(subject)
        if cipher is not None:
            self._open.move_to_end(subject)
            return cipher
        key = session.get(self._system, subject)
        if key is None:
            if not make:
                raise Unsealable(f"no key for {subject}")
            raw = os.urandom(32)
            session.add(self._system(id=subject, wrapped=self._keyring.wrap(subject, raw)))
            return self._keep(subject, raw)
        if key.wrapped is None:
            raise Erased(str(subject))
        return self._keep(subject, self._keyring.unwrap(subject, key.wrapped))

    def seals_of(self, session: Session, subject: UUID) -> Seals:
        """For sealing many values of one subject in one go."""
        return Seals(self._cipher(session, subject, make=True), subject)

    def make_keys(self, subjects: Sequence[UUID]) -> list[dict[str, object]]:
        """New keys for many new subjects, as rows for one bulk insert into the key table."""
        rows: list[dict[str, object]] = []
        for subject in subjects:
            raw = os.urandom(32)
            self._keep(subject, raw)
            rows.append({"id": subject, "wrapped": self._keyring.wrap(subject, raw), "destroyed_at": None})
        return rows

    def forget(self) -> None:
        """Drop every unwrapped key, after a rollback or when the room locks."""
        self._open.clear()

    def _keep(self, subject: UUID, raw: bytes) -> AESGCM:
        cipher = AESGCM(raw)
        self._open[subject] = cipher
        while len(self._open) > self._remember:
            self._open.popitem(last=False)
        return cipher


def _opened(heads: Sequence[str], ending: str, decrypt: _Decrypt | None, values: Sequence[bytes | None]) -> list[str]:
    """The texts of one row. heads, ending: what the seal of each column is bound to first, and what all of them are bound to last."""
    if decrypt is None:
        return [""] * len(heads)
    try:
        return [
            decrypt(value[_START:_BODY], value[_BODY:], (head + ending).encode()).decode() if value else ""
            for head, value in zip(heads, values, strict=True)
        ]
    except InvalidTag as wrong:
        raise Unsealable(f"{heads[0]} of {ending} does not open") from wrong


def _subject(row: Row) -> UUID:
    value = getattr(row, row.subject)
    assert isinstance(value, UUID)
    return value


@cache
def _heads(table: type[Row], columns: tuple[str, ...]) -> list[str]:
    """What the seals of these columns are bound to first."""
    return [f"{_name_of(table)}\x1f{column}\x1f" for column in columns]


@cache  # the attribute is worked out anew each time it is asked for, and this is asked a hundred thousand times
def _name_of(table: type[Row]) -> str:
    return str(table.__tablename__)
