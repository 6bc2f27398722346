"""The append-only chain of facts: each entry hashes the one before, checkpoints sign where it stood."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from cbi.store import signatures
from cbi.store.facts import Fact
from cbi.store.system import AuditEntry, Checkpoint, System

START = b"\x00" * 32
_LOCK = 0x0CB1


@dataclass(frozen=True)
class Verdict:
    """What a reading of the whole chain found.

    entries: how many fit from the beginning.  broken_at: the first sequence number that does not, None when all do.
    reason: in words, "" when unbroken.  checkpoint: the last signed checkpoint that fits, or None.
    """

    entries: int
    broken_at: int | None
    reason: str
    checkpoint: int | None
    head: bytes

    @property
    def verified(self) -> bool:
        """Whether nothing was edited, removed, reordered or cut."""
        return self.broken_at is None


def append(session: Session, system: System, facts: Sequence[tuple[Fact, str]], *, at: datetime) -> None:
    """Add facts, each with who did it, to the end of the chain. The caller holds the write lock (SQLite) or gets it here (PostgreSQL)."""
    if not facts:
        return
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    seq, prev = head(session, system)
    entries = []
    for fact, actor in facts:
        seq += 1
        kind, body = fact.kind(), fact.body()
        digest = _hash(prev, seq=seq, at=at, kind=kind, actor=actor, body=body)
        entries.append({"seq": seq, "at": at, "kind": kind, "actor": actor, "body": body, "prev": prev, "hash": digest})
        prev = digest
    session.connection().execute(_added(system.audit_entry), entries)


def head(session: Session, system: System) -> tuple[int, bytes]:
    """The last sequence number and hash; (0, 32 zero bytes) for an empty chain."""
    last = session.connection().execute(_last(system.audit_entry)).first()
    return (last.seq, last.hash) if last else (0, START)


# Every commit asks these two: a statement that stands ready takes half the time of one made anew.
@cache
def _added(entry: type[AuditEntry]) -> sa.Insert:
    return sa.insert(entry)


@cache
def _last(entry: type[AuditEntry]) -> sa.Select[int, bytes]:
    return sa.select(col(entry.seq), col(entry.hash)).order_by(col(entry.seq).desc()).limit(1)


def sign(session: Session, system: System, *, seed: bytes, at: datetime) -> Checkpoint:
    """Sign where the chain stands now; the same place is signed once."""
    seq, digest = head(session, system)
    known = session.get(system.checkpoint, seq)
    if known is not None:
        return known
    signature = signatures.sign(seed, _statement(seq, digest, at))
    made = system.checkpoint(seq=seq, at=at, hash=digest, signature=signature)
    session.add(made)
    return made


def verify(session: Session, system: System, *, seed: bytes | None, against: tuple[int, bytes] | None = None) -> Verdict:
    """Read the whole chain again.

    seed: of the signing key; None verifies hashes only.  against: a checkpoint kept elsewhere, as (seq, hash).
    """
    marks = {mark.seq: mark for mark in session.connection().execute(sa.select(system.checkpoint.__table__))}  # type: ignore[attr-defined]
    public = signatures.public_key(seed) if seed else None
    prev, seq, last_mark = START, 0, None
    for entry in _entries(session, system):
        reason = _misfit(entry, seq, prev)
        prev, seq = entry.hash, seq + 1
        if not reason and entry.seq in marks:
            reason = _bad_mark(marks.pop(entry.seq), prev, public)
            last_mark = entry.seq
        if not reason and against and against[0] == entry.seq and against[1] != prev:
            reason = "it differs from the checkpoint you gave"
        if reason:
            return Verdict(seq - 1, entry.seq, reason, last_mark, prev)
    marks.pop(0, None)
    if marks or (against and against[0] > seq):
        return Verdict(seq, seq + 1, "entries after this one are gone", last_mark, prev)
    return Verdict(seq, None, "", last_mark, prev)


def _entries(session: Session, system: System) -> Iterator[AuditEntry]:
    table = system.audit_entry.__table__  # type: ignore[attr-defined]
    yield from session.connection().execution_options(yield_per=2000).execute(sa.select(table).order_by(table.c.seq))  # type: ignore[misc]


def _misfit(entry: AuditEntry, seq: int, prev: bytes) -> str:
    if entry.seq != seq + 1:
        return "an entry before it is gone"
    if entry.prev != prev:
        return "it does not follow the entry before it"
    if entry.hash != _hash(prev, seq=entry.seq, at=entry.at, kind=entry.kind, actor=entry.actor, body=entry.body):
        return "its content was changed"
    return ""


def _bad_mark(mark: Checkpoint | sa.Row[Any], digest: bytes, public: bytes | None) -> str:
    if mark.hash != digest:
        return "it differs from its checkpoint"
    if public is not None and not signatures.fits(public, _statement(mark.seq, mark.hash, mark.at), mark.signature):
        return "its checkpoint is not signed by this office"
    return ""


def _hash(prev: bytes, *, seq: int, at: datetime, kind: str, actor: str, body: str) -> bytes:
    content = {"seq": seq, "at": at.isoformat(), "kind": kind, "actor": actor, "body": body}
    return sha256(prev + json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).digest()


def _statement(seq: int, digest: bytes, at: datetime) -> bytes:
    return f"cbi-manager checkpoint {seq} {digest.hex()} {at.isoformat()}".encode()
