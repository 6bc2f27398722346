"""Families and forgetting once more on PostgreSQL: what the database itself refuses, and undoing that restores exactly."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlmodel import col, select

import cbi.payouts.lives  # noqa: F401 -- money has a say in who is erased
from cbi.people import erasure
from cbi.people.proof import prove
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers.tables import Instruction, PaymentList
from tests import make_people, make_transfers
from tests.cbi.people.test_lives import join, rows, split, undo

pytestmark = pytest.mark.postgres


def test_families_split_and_join_and_undoing_restores_exactly(records: Records):
    mine = make_people.household(records, people=4, phones=("+9995550142",))
    other = make_people.household(records, given="Pumpkin", family="Lantern", people=2, account="+254712123456")
    before = (rows(records, mine), rows(records, other))

    split(records, mine, 1, 3, phone="+9995550199")
    undo(records, mine)
    join(records, mine, other)
    undo(records, mine)

    assert (rows(records, mine), rows(records, other)) == before
    assert records.verify_chain().broken_at is None


def test_digests_of_a_released_list_are_emptied_for_the_erased_alone(records: Records):
    made = make_transfers.setting(records, (2, 2))
    list_id = make_transfers.released_list(records, made)
    with records.read() as reading:
        hashes = reading.session.exec(select(PaymentList.hash, PaymentList.export_digest).where(PaymentList.id == list_id)).one()

    with records.work(Actor()) as work:
        erasure.erase(work, made.households[0])

    assert prove(records, [made.households[0]]).holds
    with records.read() as reading:
        assert reading.session.exec(select(PaymentList.hash, PaymentList.export_digest).where(PaymentList.id == list_id)).one() == hashes
    change = sa.update(Instruction).where(col(Instruction.household_id) == made.households[1]).values(payee_digest=b"")
    with pytest.raises(DatabaseError, match="never changes"), records.engine.begin() as connection:
        connection.execute(change)
