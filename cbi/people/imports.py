"""Taking in households by the file: looked at first, saved once, and what needs somebody handed back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import Refused
from cbi.people import facts_imports as facts
from cbi.people import imports_map
from cbi.people.imports_alike import alike
from cbi.people.imports_kept import Back, collect, keep, settle
from cbi.people.imports_map import ImportMap, Target
from cbi.people.imports_read import Entry, Place, Reader, read
from cbi.people.imports_save import register_many
from cbi.people.imports_words import TARGETS
from cbi.people.lists import sites
from cbi.people.tables import Household, Import, ImportStatus, ReviewReason
from cbi.store.parts import in_parts
from cbi.store.records import Records
from cbi.store.work import Actor, Reading, Work
from cbi.web.words import _
from reconciliation.payout import RowProblem
from reconciliation.sheets import PasswordNeeded, Sheets, UnreadableFile
from reconciliation.workbook import open_rows


class NotSure(Refused):
    """Only a person can say what some columns of the file hold. lacking: what no column holds yet."""

    def __init__(self, lacking: Sequence[Target]) -> None:
        names = ", ".join(str(TARGETS[target]) for target in lacking)
        super().__init__(_("say which column holds this: %(names)s", names=names))
        self.lacking = tuple(lacking)


@dataclass(frozen=True, slots=True)
class Plan:
    """A file as it would be saved: each entry is new, was taken before, or needs somebody.

    new: with the hold of those that look like another already set.  again: taken before, or twice in this file.
    """

    new: tuple[Entry, ...]
    again: tuple[Entry, ...]
    back: tuple[Entry, ...]

    @property
    def rows(self) -> int:
        """Households of the file, and people who belong to none."""
        return len(self.new) + len(self.again) + len(self.back)

    @property
    def alike(self) -> int:
        """How many of the new ones look like another."""
        return sum(1 for entry in self.new if entry.told and entry.told.review is ReviewReason.DUPLICATE)

    @property
    def people(self) -> int:
        """How many people the new ones have."""
        return sum(len(entry.told.members) for entry in self.new if entry.told)

    @property
    def problems(self) -> tuple[RowProblem, ...]:
        """What somebody has to do, in the order of the file."""
        return tuple(problem for entry in self.back for problem in entry.problems)


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of a file, or would. rows = saved + again + back.

    households, members: registered with it, people counted.  alike: of the saved, those held because they look like another.
    again: taken before.  back: rows that need somebody, as `problems` says.  import_id: None in a dry run.
    """

    import_id: UUID | None
    rows: int
    members: int
    saved: int
    alike: int
    again: int
    back: int
    problems: tuple[RowProblem, ...]

    @property
    def households(self) -> int:
        """The same as `saved`: one entry, one household."""
        return self.saved


def import_file(
    records: Records, actor: Actor, path: Path | str, mapping: Mapping[str, object] | None = None, *, dry_run: bool = False
) -> ImportResult:
    """Take in a file of households: xlsx, xls, ods or csv, flat or with a sheet of members.

    mapping: as `imports_map.to_json` writes it; None for the one used before for files of this shape, else the proposed one.
    The same file again, or the same rows, change nothing.  Raises Refused for a file that cannot be read, NotSure when only a person can say
    what its columns hold.
    """
    sheets = open_sheets(path)
    with records.read() as reading:
        chosen = choose(reading, sheets, mapping)
        plan = plan_of(reading, sheets, chosen, country=records.operation.country)
    if dry_run:
        return _result(None, plan)
    digest = sha256(Path(path).read_bytes()).digest()
    with records.work(actor) as work:
        before = saved_before(work, digest)
        if before is not None:
            return _result(before, _left(work, plan))
        row = new_import(work, digest, imports_map.fingerprint(sheets))
        done = save(work, row, sheets, chosen, plan)
    return _result(row.id, done)


def rows_needing(records: Records, path: Path | str, mapping: Mapping[str, object] | None = None) -> Back:
    """The rows of a file that need somebody, for a workbook of only these."""
    sheets = open_sheets(path)
    with records.read() as reading:
        chosen = choose(reading, sheets, mapping)
        return collect(sheets, chosen, plan_of(reading, sheets, chosen, country=records.operation.country).back)


def open_sheets(path: Path | str) -> Sheets:
    """The sheets of a file. Raises Refused with what to do with it."""
    try:
        return open_rows(path)
    except PasswordNeeded:
        raise Refused(
            _("save the file without its password and send that: it is opened more than once here, and a password is never kept")
        ) from None
    except UnreadableFile as problem:
        raise Refused(problem.fix) from None


def choose(reading: Reading, sheets: Sheets, mapping: Mapping[str, object] | None = None) -> ImportMap:
    """How the file is read: as told, as files of this shape were read before, or as its headings say. Raises NotSure, Refused."""
    told = None if mapping is None else imports_map.from_json(mapping, sheets)
    chosen = told or remembered(reading, sheets) or imports_map.propose(sheets)
    if chosen.lacking():
        raise NotSure(chosen.lacking())
    return chosen


def remembered(reading: Reading, sheets: Sheets) -> ImportMap | None:
    """The map that the last file of this shape was read with."""
    kept = select(Import.mapping).where(
        Import.operation_id == reading.operation_id, Import.shape == imports_map.fingerprint(sheets), Import.mapping != "{}"
    )
    found = reading.session.exec(kept.order_by(col(Import.made_at).desc(), col(Import.id)).limit(1)).first()
    try:
        return None if found is None else imports_map.from_json(json.loads(found), sheets)
    except Refused:
        return None


def plan_of(reading: Reading, sheets: Sheets, chosen: ImportMap, *, country: str) -> Plan:
    """What saving the file would do. country: where phones without + are dialled."""
    places = [Place(site.id, site.code, site.name) for site in sites(reading)]
    reader = Reader(places, country, reading.today, lambda text: reading.digest("import", text))
    plan = _left(reading, _sorted(read(sheets, chosen, reader)))
    held = alike(reading, [entry.told for entry in plan.new if entry.told])
    return replace(plan, new=tuple(_held(entry) if place in held else entry for place, entry in enumerate(plan.new)))


def _sorted(entries: Sequence[Entry]) -> Plan:
    first: dict[bytes, Entry] = {}
    new, again, back = [], [], []
    for entry in entries:
        if entry.told is None:
            back.append(entry)
        elif first.setdefault(entry.key, entry) is entry:
            new.append(entry)
        else:
            again.append(entry)
    return Plan(tuple(new), tuple(again), tuple(back))


def _left(reading: Reading, plan: Plan) -> Plan:
    """The plan with whatever is registered already moved to `again`."""
    taken = taken_keys(reading, [entry.key for entry in plan.new])
    return Plan(
        tuple(entry for entry in plan.new if entry.key not in taken),
        (*plan.again, *(entry for entry in plan.new if entry.key in taken)),
        plan.back,
    )


def _held(entry: Entry) -> Entry:
    assert entry.told is not None
    return replace(entry, told=replace(entry.told, review=ReviewReason.DUPLICATE))


def taken_keys(reading: Reading, keys: Sequence[bytes]) -> set[bytes]:
    """Which of these keys of rows a registered household was made of."""
    found: set[bytes] = set()
    for part in in_parts(keys):
        asked = sa.select(col(Household.source_key)).where(
            col(Household.operation_id) == reading.operation_id, col(Household.source_key).in_(part)
        )
        found |= {key for key in reading.session.connection().execute(asked).scalars() if key is not None}
    return found


def saved_before(reading: Reading, digest: bytes) -> UUID | None:
    """The import that this very file was saved with."""
    asked = select(Import.id).where(
        Import.operation_id == reading.operation_id, Import.digest == digest, Import.status == ImportStatus.SAVED
    )
    return reading.session.exec(asked.order_by(col(Import.made_at), col(Import.id))).first()


def new_import(work: Work, digest: bytes, shape: bytes) -> Import:
    """An entry for a file, not put in yet."""
    return Import(
        id=work.new_id("people"),
        operation_id=work.operation_id,
        digest=digest,
        shape=shape,
        made_by=work.actor.id or UUID(int=0),
        made_at=work.now,
    )


def save(work: Work, row: Import, sheets: Sheets, chosen: ImportMap, plan: Plan) -> Plan:
    """Register what the plan says is new, in this one commit; returns what was done, which is less where somebody was first."""
    done = _left(work, plan)
    row.mapping = json.dumps(imports_map.to_json(chosen, sheets), ensure_ascii=False, sort_keys=True)
    row.status, row.rows, row.people = ImportStatus.SAVED, done.rows, done.people
    row.saved, row.alike, row.again, row.back, row.taken_back = len(done.new), done.alike, len(done.again), len(done.back), len(done.back)
    keep(work, row, sheets, chosen, done.back)
    work.add(row)
    work.session.flush()
    register_many(work, [replace(entry.told, import_id=row.id) for entry in done.new if entry.told])
    settle(work, {entry.key for entry in (*done.new, *done.again)}, besides=row.id)
    work.remember(
        facts.HouseholdsImported(
            import_id=row.id,
            digest=row.digest,
            rows=row.rows,
            people=row.people,
            saved=row.saved,
            alike=row.alike,
            again=row.again,
            back=row.back,
        )
    )
    return done


def _result(import_id: UUID | None, plan: Plan) -> ImportResult:
    return ImportResult(
        import_id=import_id,
        rows=plan.rows,
        members=plan.people,
        saved=len(plan.new),
        alike=plan.alike,
        again=len(plan.again),
        back=len(plan.back),
        problems=plan.problems,
    )
