"""Makes what payout tests need: a released list, and files a provider could send about it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
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


def previewed(records: Records, given: Released, rows: Iterable[list[str]], name: str = "sparrow.csv") -> UUID:
    """A file received and previewed."""
    actor = Actor(given.finance)
    file_id = files.receive(records, actor, given.list_id, name, csv_file(rows))
    status = reading.read(records, actor, file_id)
    assert status is FileStatus.PREVIEWED, status
    return file_id


def posted(records: Records, given: Released, rows: Iterable[list[str]], name: str = "sparrow.csv") -> UUID:
    """The same, posted."""
    file_id = previewed(records, given, rows, name)
    posting.post(records, Actor(given.finance), file_id)
    return file_id
