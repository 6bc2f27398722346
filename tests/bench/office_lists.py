"""Makes lists of any length as fast as the database takes them: cloned from one real household, so that every column and seal is the program's own."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import SQLModel

from cbi.access import Role
from cbi.payouts import ledger
from cbi.people.tables import Household
from cbi.store.ids import numbered
from cbi.store.records import Records
from cbi.store.work import Actor, Work
from cbi.transfers import facts, lists, marking
from cbi.transfers.tables import Entitlement, Instruction, ListStatus, PaymentList
from reconciliation.instruction import Instruction as Asked
from reconciliation.money import Money
from tests import make, make_transfers
from tests.make_payouts import Released

_CHUNK = 5_000


def released(records: Records, lines: Sequence[Asked]) -> Released:
    """A released list of these lines after one of its own, each of a household with a sealing key of its own."""
    made = make_transfers.setting(records, (4,))
    list_id = make_transfers.draft_list(records, made)
    series = records.ids.new("instructions")
    for start in range(0, len(lines), _CHUNK):
        with records.work(Actor()) as work:
            _lengthen(work, list_id, lines[start : start + _CHUNK], start, series)
    with records.engine.execution_options(writing=True).begin() as connection:
        count, total = connection.execute(
            sa.select(sa.func.count(), sa.func.sum(Instruction.amount_minor)).where(Instruction.list_id == list_id)
        ).one()
        connection.execute(sa.update(PaymentList).where(PaymentList.id == list_id).values(count=count, total_minor=total))
    _release(records, made, list_id)
    return Released(made, list_id, tuple(lines), make.staff(records, Role.FINANCE, name="Rana Inkwell"))


def read_lines(path: Path) -> list[Asked]:
    """The lines of a list as the engine's own benchmark writes it."""
    with path.open(newline="") as file:
        return [
            Asked(row["reference"], Money.parse(row["amount"], row["currency"]), name=row["name"], phone=row["phone"])
            for row in csv.DictReader(file)
        ]


def _release(records: Records, made: make_transfers.Setting, list_id: UUID) -> None:
    """As released as its columns say: the hands and marks of a real release are tested where they belong."""
    now = records.clock.now()
    released = {"status": ListStatus.RELEASED, "hash": b"h" * 32, "export_digest": b"d" * 32, "submitted_by": made.manager}
    with records.work(Actor(made.releaser)) as work:
        payment_list = lists.list_by_id(work, list_id)
        for name, value in {**released, "submitted_at": now, "released_by": made.releaser, "released_at": now}.items():
            setattr(payment_list, name, value)
        work.add(payment_list)
        work.remember(facts.ListSentBack(list_id=list_id, approvals_fallen=0))
        ledger.enter_release(work, payment_list)


def _lengthen(work: Work, list_id: UUID, lines: Sequence[Asked], first: int, series: UUID) -> None:
    line = work.session.scalars(sa.select(Instruction).where(Instruction.list_id == list_id).order_by(Instruction.position)).first()
    assert line is not None
    household = work.session.get_one(Household, line.household_id)
    due = work.session.get_one(Entitlement, line.entitlement_id)
    households, dues = [uuid4() for _ in lines], [uuid4() for _ in lines]
    amounts = [one.amount.minor for one in lines]
    connection = work.session.connection()
    connection.execute(sa.insert(work.system.subject_key), work.vault.make_keys(households))
    _clones(work, household, [{"id": one, "number": f"BH-{place}-X"} for place, one in enumerate(households, start=first)])
    _clones(
        work,
        due,
        [{"id": one, "household_id": of, "amount_minor": minor} for one, of, minor in zip(dues, households, amounts, strict=True)],
    )
    _clones(work, line, list(_made(work, lines, households, dues, first, series)))


def _made(
    work: Work, lines: Sequence[Asked], households: list[UUID], dues: list[UUID], first: int, series: UUID
) -> Iterator[dict[str, Any]]:
    mould = Instruction(household_id=households[0])

    def sealed(column: str, text: str) -> bytes:
        return work.vault.seal_bytes(work.session, mould, column, text.encode())

    for place, (asked, household_id, due_id) in enumerate(zip(lines, households, dues, strict=True), start=first + 2):
        mould.id, mould.household_id = numbered(series, place), household_id
        yield {
            "id": mould.id,
            "household_id": household_id,
            "entitlement_id": due_id,
            "position": place,
            "reference": asked.reference,
            "amount_minor": asked.amount.minor,
            "payee_name": sealed("payee_name", asked.name),
            "payee_phone": sealed("payee_phone", asked.phone),
            "payee_account": None,
            "payee_digest": marking.payee_digest(work, name=asked.name, phone=asked.phone, account=""),
        }


def _clones(work: Work, row: SQLModel, changes: list[dict[str, Any]]) -> None:
    columns = {column.name: getattr(row, column.key) for column in sa.inspect(type(row)).columns}
    work.session.connection().execute(sa.insert(type(row)), [{**columns, **change} for change in changes])
