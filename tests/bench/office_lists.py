"""Makes lists of any length as fast as the database takes them: cloned from one real household, so that every column and seal is the program's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import SQLModel

from cbi.access import Role
from cbi.payouts import ledger
from cbi.people.tables import Household
from cbi.store.records import Records
from cbi.store.work import Actor, Work
from cbi.transfers import facts, lists, marking
from cbi.transfers.service import instructions_of
from cbi.transfers.tables import Entitlement, Instruction, ListStatus, PaymentList
from reconciliation.instruction import Instruction as Asked
from tests import make, make_transfers
from tests.make_payouts import Released

_CHUNK = 5_000


def released(records: Records, count: int) -> Released:
    """A released list of so many lines, each of a household of its own with its own sealing key."""
    made = make_transfers.setting(records, (4,))
    list_id = make_transfers.draft_list(records, made)
    for start in range(1, count, _CHUNK):
        with records.work(Actor()) as work:
            _lengthen(work, list_id, range(start, min(start + _CHUNK, count)))
    with records.engine.execution_options(writing=True).begin() as connection:
        total = connection.execute(sa.select(sa.func.sum(Instruction.amount_minor)).where(Instruction.list_id == list_id)).scalar_one()
        connection.execute(sa.update(PaymentList).where(PaymentList.id == list_id).values(count=count, total_minor=total))
    _release(records, made, list_id)
    with records.read() as look:
        lines = tuple(instructions_of(look, list_id))
    return Released(made, list_id, lines, make.staff(records, Role.FINANCE, name="Rana Inkwell"))


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


def _lengthen(work: Work, list_id: UUID, places: range) -> None:
    line = work.session.scalars(sa.select(Instruction).where(Instruction.list_id == list_id).order_by(Instruction.position)).first()
    assert line is not None
    household = work.session.get_one(Household, line.household_id)
    due = work.session.get_one(Entitlement, line.entitlement_id)
    households = [uuid4() for _ in places]
    dues = [uuid4() for _ in places]
    connection = work.session.connection()
    connection.execute(sa.insert(work.system.subject_key), work.vault.make_keys(households))
    _clones(connection, household, [{"id": one, "number": f"BH-{place}-X"} for one, place in zip(households, places, strict=True)])
    _clones(connection, due, [{"id": one, "household_id": of} for one, of in zip(dues, households, strict=True)])
    _clones(connection, line, list(_lines(work, line, households, dues, places)))


def _lines(work: Work, line: Instruction, households: list[UUID], dues: list[UUID], places: range) -> Iterator[dict[str, Any]]:
    for household_id, due_id, place in zip(households, dues, places, strict=True):
        asked = Asked(f"KWT{place:07d}Q", None, name=f"Juniper {place} Moonbeam", phone=f"+2547{place:08d}")  # type: ignore[arg-type]
        mould = Instruction.model_construct(id=uuid4(), household_id=household_id)

        def sealed(column: str, text: str, mould: Instruction = mould) -> bytes:
            return work.vault.seal_bytes(work.session, mould, column, text.encode())

        yield {
            "id": mould.id,
            "household_id": household_id,
            "entitlement_id": due_id,
            "position": place + 1,
            "reference": asked.reference,
            "payee_name": sealed("payee_name", asked.name),
            "payee_phone": sealed("payee_phone", asked.phone),
            "payee_account": sealed("payee_account", asked.phone),
            "payee_digest": marking.payee_digest(work, name=asked.name, phone=asked.phone, account=asked.phone),
        }


def _clones(connection: sa.Connection, row: SQLModel, changes: list[dict[str, Any]]) -> None:
    columns = {column.name: getattr(row, column.key) for column in sa.inspect(type(row)).columns}
    connection.execute(sa.insert(type(row)), [{**columns, **change} for change in changes])
