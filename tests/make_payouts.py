"""Makes what payout tests need: a released list, and files a provider could send about it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from cbi.access import Role
from cbi.payouts import files, posting, reading
from cbi.payouts.tables import FileStatus
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers.service import instructions_of
from reconciliation.instruction import Instruction
from tests import make, make_transfers
from tests.make_transfers import Setting

HEADER = ("Txn ID", "Reference", "Amount", "Status", "Name", "Phone", "Date")


@dataclass(frozen=True)
class Released:
    """A released list, its lines, and the finance officer who reads its files."""

    made: Setting
    list_id: UUID
    lines: tuple[Instruction, ...]
    finance: UUID


def released(records: Records, sizes: tuple[int, ...] = (4, 3, 1, 9, 2, 5)) -> Released:
    """A released list of these households."""
    made = make_transfers.setting(records, sizes)
    list_id = make_transfers.released_list(records, made)
    with records.read() as look:
        lines = tuple(instructions_of(look, list_id))
    return Released(made, list_id, lines, make.staff(records, Role.FINANCE, name="Rana Inkwell"))


@dataclass(frozen=True)
class Several:
    """Released lists of one provider, and the finance officer who reads its files."""

    made: Setting
    lists: tuple[Released, ...]

    @property
    def finance(self) -> UUID:
        """Who reads the files of all of them."""
        return self.lists[0].finance

    @property
    def list_ids(self) -> tuple[UUID, ...]:
        """Of every list."""
        return tuple(one.list_id for one in self.lists)

    @property
    def lines(self) -> tuple[Instruction, ...]:
        """Of every list, one after another."""
        return tuple(line for one in self.lists for line in one.lines)


def several(records: Records, count: int = 2, sizes: tuple[int, ...] = (4, 3, 1)) -> Several:
    """Several released lists of one provider, each of these same households in a cycle of its own."""
    made = make_transfers.setting(records, sizes)
    finance = make.staff(records, Role.FINANCE, name="Rana Inkwell")
    lists = []
    for _ in range(count):
        list_id = make_transfers.released_list(records, made)
        with records.read() as look:
            lists.append(Released(made, list_id, tuple(instructions_of(look, list_id)), finance))
    return Several(made, tuple(lists))


def released_abroad(records: Records, *, rate: str, day: date = date(2026, 11, 1), sizes: tuple[int, ...] = (4, 3, 1, 9, 2, 5)) -> Released:
    """The same, paid in KES from a grant in EUR at this rate."""
    made = make_transfers.setting(records, sizes, grant_currency="EUR", rate=(rate, day))
    list_id = make_transfers.released_list(records, made)
    with records.read() as look:
        lines = tuple(instructions_of(look, list_id))
    return Released(made, list_id, lines, make.staff(records, Role.FINANCE, name="Rana Inkwell"))


def row(
    line: Instruction, number: int, *, minor: int | None = None, status: str = "SUCCESS", txn: str | None = None, **more: str
) -> list[str]:
    """What the provider says of one line; by default that it was paid as asked."""
    paid = line.amount.minor if minor is None else minor
    name = more.get("name", line.name)
    return [
        txn or f"SP{number:06d}",
        more.get("reference", line.reference),
        f"{paid / 100:.2f}",
        status,
        name,
        more.get("phone", line.phone),
        "2026-11-20",
    ]


def csv_file(rows: Iterable[list[str]]) -> bytes:
    """The rows as the provider's csv."""
    out = io.StringIO()
    csv.writer(out).writerows([HEADER, *rows])
    return out.getvalue().encode()


def previewed(records: Records, given: Released | Several, rows: Iterable[list[str]], name: str = "sparrow.csv") -> UUID:
    """A file received and previewed."""
    actor = Actor(given.finance)
    about = given.list_id if isinstance(given, Released) else given.list_ids
    file_id = files.receive(records, actor, about, name, csv_file(rows))
    status = reading.read(records, actor, file_id)
    assert status is FileStatus.PREVIEWED, status
    return file_id


def posted(records: Records, given: Released | Several, rows: Iterable[list[str]], name: str = "sparrow.csv") -> UUID:
    """The same, posted."""
    file_id = previewed(records, given, rows, name)
    posting.post(records, Actor(given.finance), file_id)
    return file_id
