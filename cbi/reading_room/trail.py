"""The audit trail: read the whole chain again, and look through its entries."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.access import Role
from cbi.errors import NotThere, Refused
from cbi.staff.service import roles_of_many
from cbi.store.chain import Verdict
from cbi.store.ids import id_of
from cbi.store.records import Records
from cbi.store.system import AuditEntry
from cbi.store.work import Actor, Reading, read_setting, write_setting
from cbi.web.listing import Listing, ListingArgs
from cbi.web.marks import mark_of
from cbi.web.words import _, _l

SUBJECTS = ("staff", "sites", "people", "transfers", "payouts", "checks", "feedback")
FILTERS = ("subject", "id")
VERIFY_EVERY = timedelta(days=7)
_LAST = "audit_verified"
_LAST_NUMBER = 2**31 - 1  # no database looks for a larger one
_SHORTEST_HEX = 22  # as much of a hash as eight words say
# What the chain says about a break, in English there; named here so that translators meet them.
_REASONS = (
    _l("an entry before it is gone"),
    _l("it does not follow the entry before it"),
    _l("its content was changed"),
    _l("it differs from its checkpoint"),
    _l("its checkpoint is not signed by this office"),
    _l("it differs from the checkpoint you gave"),
    _l("entries after this one are gone"),
)


@dataclass(frozen=True, slots=True)
class Given:
    """A checkpoint kept elsewhere: its number and the beginning of its hash."""

    seq: int
    start: bytes


@dataclass(frozen=True, slots=True)
class Report:
    """What reading the chain found. since: of the first entry; checkpoint_at: of the last signed checkpoint that fits."""

    verified: bool
    entries: int
    broken_at: int | None
    reason: str
    head: bytes
    since: datetime | None
    checkpoint: int | None
    checkpoint_at: datetime | None
    at: datetime
    against: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the chain stands, without reading it. mark: seq and hash of the last checkpoint; last: when it was verified, and how that ended."""

    entries: int
    since: datetime | None
    mark: tuple[int, bytes] | None
    marked_at: datetime | None
    last_at: datetime | None
    last_verified: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One entry. actor: an id or a standing name; seats: those the actor holds today. content: field and value, in order."""

    seq: int
    at: datetime
    kind: str
    actor: str
    seats: tuple[Role, ...]
    content: tuple[tuple[str, str], ...]
    hash: bytes

    @property
    def what(self) -> str:
        """The kind as words: "transfers.ArrangementPublished" reads "Arrangement published"."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", self.kind.rpartition(".")[2]).capitalize()


def given(text: str) -> Given | None:
    """Read a checkpoint as it is printed: "4812:9c41e7d0…", or its number and eight words. None for nothing typed; Refused for anything else."""
    typed = text.strip()
    if not typed:
        return None
    found = re.fullmatch(r"(\d{1,9})[\s:·,]+(.+)", typed, re.ASCII | re.DOTALL)
    start = _start(found[2]) if found else None
    if found is None or start is None:
        raise Refused(
            _("give the checkpoint's number and its eight words, or the number, a colon and its hash, for example 4812:9c41e7d0…")
        )
    return Given(int(found[1]), start)


def verify(records: Records, actor: Actor, against: Given | None = None) -> Report:
    """Read every entry again, and compare with a checkpoint kept elsewhere. When it was done is kept for Today."""
    verdict = _compared(records, records.verify_chain(), against)
    with records.work(actor) as work:
        write_setting(work.session, work.system, _LAST, {"at": work.now.isoformat(), "verified": verdict.verified})
    with records.read() as reading:
        entry, mark = reading.system.audit_entry, reading.system.checkpoint
        first = reading.session.get(entry, 1)
        signed = reading.session.get(mark, verdict.checkpoint) if verdict.checkpoint is not None else None
        now = reading.now
    return Report(
        verified=verdict.verified,
        entries=verdict.entries,
        broken_at=verdict.broken_at,
        reason=_(verdict.reason) if verdict.reason else "",
        head=verdict.head,
        since=first.at if first else None,
        checkpoint=verdict.checkpoint,
        checkpoint_at=signed.at if signed else None,
        at=now,
        against=against.seq if against else None,
    )


def standing(reading: Reading) -> Standing:
    """How many entries there are, the last checkpoint, and when the chain was last verified."""
    entry, mark = reading.system.audit_entry, reading.system.checkpoint
    connection = reading.session.connection()
    entries, since = connection.execute(sa.select(sa.func.max(col(entry.seq)), sa.func.min(col(entry.at)))).one()
    signed = connection.execute(sa.select(col(mark.seq), col(mark.hash), col(mark.at)).order_by(col(mark.seq).desc()).limit(1)).first()
    kept = read_setting(reading.session, reading.system, _LAST)
    return Standing(
        entries=entries or 0,
        since=since,
        mark=(signed.seq, signed.hash) if signed else None,
        marked_at=signed.at if signed else None,
        last_at=datetime.fromisoformat(kept["at"]) if kept else None,
        last_verified=bool(kept and kept["verified"]),
    )


def entries(reading: Reading, args: ListingArgs) -> Listing[Line]:
    """One page of entries, newest first. Filters: a subject, or an id that an entry names or was made by."""
    entry = reading.system.audit_entry
    wanted = select(entry)
    if args.filter("subject") in SUBJECTS:
        wanted = wanted.where(col(entry.kind).startswith(args.filter("subject") + "."))
    if named := id_of(args.filter("id").strip()):
        wanted = wanted.where(sa.or_(col(entry.body).contains(str(named)), col(entry.actor) == str(named)))
    total = reading.session.connection().execute(sa.select(sa.func.count()).select_from(wanted.subquery())).scalar_one()
    args = args.within(total)
    order = col(entry.seq).desc() if args.descending else col(entry.seq).asc()
    return Listing(_lines(reading, reading.session.exec(wanted.order_by(order).limit(args.size).offset(args.offset)).all()), total, args)


def entry_of(reading: Reading, seq: int) -> Line:
    """One entry. Raises NotThere."""
    found = reading.session.get(reading.system.audit_entry, seq) if seq <= _LAST_NUMBER else None
    if found is None:
        raise NotThere
    return _lines(reading, [found])[0]


def _compared(records: Records, verdict: Verdict, against: Given | None) -> Verdict:
    if against is None or not verdict.verified:
        return verdict
    with records.read() as reading:
        entry = reading.session.get(reading.system.audit_entry, against.seq)
    if entry is None:
        return Verdict(verdict.entries, verdict.entries + 1, "entries after this one are gone", verdict.checkpoint, verdict.head)
    if not entry.hash.startswith(against.start):
        return Verdict(against.seq - 1, against.seq, "it differs from the checkpoint you gave", verdict.checkpoint, verdict.head)
    return verdict


def _start(text: str) -> bytes | None:
    digits = text.replace(" ", "").rstrip("…").lower()
    if re.fullmatch(r"[0-9a-f]{22,64}", digits, re.ASCII):
        return bytes.fromhex(digits[: len(digits) // 2 * 2])
    return mark_of(text)


def _lines(reading: Reading, rows: Sequence[AuditEntry]) -> list[Line]:
    actors = {row.actor: who for row in rows if (who := id_of(row.actor.strip()))}
    held = roles_of_many(reading, actors.values())
    seats = {actor: held.get(who, ()) for actor, who in actors.items()}
    return [Line(row.seq, row.at, row.kind, row.actor, seats.get(row.actor, ()), _content(row.body), row.hash) for row in rows]


def _content(body: str) -> tuple[tuple[str, str], ...]:
    fields: dict[str, object] = json.loads(body)
    return tuple((name.replace("_", " "), _plain(value)) for name, value in fields.items())


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value) or "–"
    return "–" if value is None or value == "" else str(value)
