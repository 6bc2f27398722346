from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

import openpyxl
import pytest
import sqlalchemy as sa

from cbi.errors import Refused, SameHands, SomebodyWasFirst
from cbi.store.records import Records
from cbi.store.work import Actor, Work
from cbi.transfers import approvals, lists, programmes, provider_files, release, service
from cbi.transfers.programmes import ExportField
from cbi.transfers.tables import ListStatus, Mechanism, PaymentList
from reconciliation.money import Money
from reconciliation.report_bytes import table_bytes
from tests import make_transfers
from tests.cbi.transfers.test_lists import lines, payment_list


def approved(records: Records, made: make_transfers.Setting) -> UUID:
    list_id = make_transfers.submitted_list(records, made)
    make_transfers.approve(records, list_id, made.approver)
    return list_id


def let_go(records: Records, list_id: UUID, person_id: UUID, shown: bytes | None = None) -> PaymentList:
    with records.work(Actor(person_id)) as work:
        return release.release(work, list_id, releaser_id=person_id, shown=shown or make_transfers.mark_of(records, list_id))


def exported(records: Records, made: make_transfers.Setting, list_id: UUID) -> bytes:
    with records.work(Actor(made.manager)) as work:
        return release.export(work, list_id)


@pytest.fixture
def hook() -> Iterator[list[object]]:
    """What sits above, listening."""
    told: list[object] = []

    def listen(work: Work, payment_list: PaymentList) -> None:
        told.append((payment_list.status, payment_list.id, work.session.get(PaymentList, payment_list.id) is payment_list))

    release.after_release.append(listen)
    yield told
    release.after_release.remove(listen)


def test_releasing_freezes_the_list_and_tells_what_sits_above_in_the_same_commit(records: Records, hook: list[object]):
    made = make_transfers.setting(records)
    list_id = approved(records, made)

    let_go(records, list_id, made.releaser)

    kept = payment_list(records, list_id)
    assert (kept.status, kept.released_by) == (ListStatus.RELEASED, made.releaser)
    assert hook == [(ListStatus.RELEASED, list_id, True)]


def test_when_what_sits_above_fails_nothing_is_released(records: Records):
    made = make_transfers.setting(records)
    list_id = approved(records, made)

    def fail(_work: Work, _list: PaymentList) -> None:
        raise Refused("mend the ledger")

    release.after_release.append(fail)
    try:
        with pytest.raises(Refused, match="mend the ledger"):
            let_go(records, list_id, made.releaser)
    finally:
        release.after_release.remove(fail)

    assert payment_list(records, list_id).status is ListStatus.APPROVED


def test_a_list_without_its_approvals_is_not_released(records: Records):
    made = make_transfers.setting(records)

    with pytest.raises(Refused, match="every approval"):
        let_go(records, make_transfers.submitted_list(records, made), made.releaser)


def test_a_limit_lowered_after_approval_asks_for_the_second_one(records: Records):
    made = make_transfers.setting(records)
    list_id = approved(records, made)
    with records.work(Actor()) as work:
        approvals.set_two_from(work, Money(1, "KES"))

    with pytest.raises(Refused, match="every approval"):
        let_go(records, list_id, made.releaser)


@pytest.mark.parametrize(("seat", "said"), [("manager", "prepared"), ("approver", "approved"), ("registrar", "entered a payee")])
def test_who_had_another_part_in_a_list_never_releases_it(records: Records, seat: str, said: str):
    made = make_transfers.setting(records)
    list_id = approved(records, made)

    with pytest.raises(SameHands, match=said):
        let_go(records, list_id, getattr(made, seat))


def test_a_list_that_changed_since_it_was_shown_is_not_released(records: Records):
    made = make_transfers.setting(records)
    list_id = approved(records, made)

    with pytest.raises(SomebodyWasFirst, match="its mark is another"):
        let_go(records, list_id, made.releaser, b"\x00" * 32)


def test_a_line_changed_after_approval_is_never_released(records: Records):
    made = make_transfers.setting(records)
    list_id = approved(records, made)
    with records.engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE instruction SET amount_minor = amount_minor + CASE position WHEN 1 THEN 1 ELSE -1 END WHERE position < 3")
        )

    with pytest.raises(Refused, match="not those it was handed in with"):
        let_go(records, list_id, made.releaser)


def test_two_releasers_at_the_same_instant_release_once(records: Records, hook: list[object]):
    made = make_transfers.setting(records)
    list_id = approved(records, made)
    shown = make_transfers.mark_of(records, list_id)

    def attempt(_: int) -> str:
        try:
            return let_go(records, list_id, made.releaser, shown).status.value
        except SomebodyWasFirst:
            return "second"

    with ThreadPoolExecutor(2) as both:
        answers = sorted(both.map(attempt, range(2)))

    assert (answers, len(hook)) == (["released", "second"], 1)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE instruction SET amount_minor = 1",
        "UPDATE instruction SET payee_account = payee_name",
        "UPDATE instruction SET reference = reference || 'X'",
        "UPDATE instruction SET position = position + 100",
        "DELETE FROM instruction",
        "DELETE FROM approval",
        "UPDATE approval SET total_minor = 1",
        "UPDATE paymentlist SET total_minor = 1",
        "UPDATE paymentlist SET hash = export_digest",
        "UPDATE paymentlist SET columns = '[]'",
        "UPDATE paymentlist SET released_by = prepared_by",
        "UPDATE paymentlist SET status = 'approved'",
        "DELETE FROM paymentlist",
    ],
)
def test_the_database_itself_refuses_to_change_a_released_list(records: Records, statement: str):
    make_transfers.released_list(records, make_transfers.setting(records, sizes=(1, 2)))

    with pytest.raises(sa.exc.IntegrityError, match="a released list never changes"), records.engine.begin() as connection:
        connection.execute(sa.text(statement))


def test_a_released_list_takes_no_new_line(records: Records):
    made = make_transfers.setting(records, sizes=(1,))
    released = make_transfers.released_list(records, made)
    [row] = lines(records, released)
    copy = {column.key: getattr(row, column.key) for column in row.__table__.columns}

    with pytest.raises(sa.exc.IntegrityError, match="a released list never changes"), records.engine.begin() as connection:
        connection.execute(sa.insert(type(row)), [{**copy, "id": UUID(int=9), "position": 9, "reference": "T9", "live": False}])


def test_whether_a_line_is_still_under_way_may_change_after_release(records: Records):
    made = make_transfers.setting(records, sizes=(1,))
    released = make_transfers.released_list(records, made)

    with records.work(Actor(made.manager)) as work:
        service.retire_instructions(work, [lines(records, released)[0].id])

    assert not lines(records, released)[0].live


def test_a_released_list_is_not_sent_or_taken_back(records: Records):
    made = make_transfers.setting(records)
    released = make_transfers.released_list(records, made)

    with pytest.raises(SomebodyWasFirst), records.work(Actor(made.manager)) as work:
        lists.take_back(work, released)
    with pytest.raises(SomebodyWasFirst), records.work(Actor(made.approver)) as work:
        approvals.send_back(work, released, reason="too late", shown=make_transfers.mark_of(records, released))


def test_the_file_is_the_same_to_the_byte_each_time_and_is_the_released_one(records: Records):
    made = make_transfers.setting(records)
    released = make_transfers.released_list(records, made)

    first, second = exported(records, made, released), exported(records, made, released)

    assert first == second
    assert sha256(first).digest() == payment_list(records, released).export_digest


def test_the_file_holds_text_as_text_and_amounts_as_exact_numbers(records: Records):
    made = make_transfers.setting(records, sizes=(1, 2))
    released = make_transfers.released_list(records, made)

    sheet = openpyxl.load_workbook(io.BytesIO(exported(records, made, released))).active

    assert [cell.value for cell in sheet[1]] == ["Reference", "Receiver name", "Receiver phone", "Amount", "Currency"]
    assert [cell.value for cell in sheet[2]] == [lines(records, released)[0].reference, "Juniper 1 Moonbeam", "0712000001", 5750, "KES"]
    assert [cell.data_type for cell in sheet[2]] == ["s", "s", "s", "n", "s"]
    assert sheet["C2"].number_format == "@"
    assert sheet.max_row == 3


def test_a_file_of_another_mechanism_has_its_own_columns(records: Records):
    made = make_transfers.setting(records, sizes=(1,), mechanism=Mechanism.BANK)
    released = make_transfers.released_list(records, made)

    sheet = openpyxl.load_workbook(io.BytesIO(exported(records, made, released))).active

    assert [cell.value for cell in sheet[1]] == ["Reference", "Account name", "Account number", "Amount", "Currency"]
    assert sheet["C2"].value == "KW12000000000001"


def test_a_list_that_is_not_released_has_no_file(records: Records):
    made = make_transfers.setting(records)

    with pytest.raises(Refused, match="release the list first"):
        exported(records, made, approved(records, made))


@pytest.mark.parametrize("text", ["=1+1", "+254712000001", "-5", "@SUM(A1)", "0712", "1E5", "03/04/2026", "\t=1"])
def test_no_text_becomes_a_formula_a_number_or_a_date(text: str):
    content = table_bytes("L-2026-001", ["Name"], [[text]], made_at=datetime(2026, 11, 23, tzinfo=UTC))

    cell = openpyxl.load_workbook(io.BytesIO(content)).active["A2"]

    assert (cell.value, cell.data_type) == (text, "s")


@pytest.mark.parametrize(
    ("money", "shown", "layout"),
    [(Money(1_250_505, "JOD"), "1250.505", "0.000"), (Money(7, "UGX"), "7", "0"), (Money(5, "KES"), "0.05", "0.00")],
)
def test_amounts_keep_their_currencys_decimals(money: Money, shown: str, layout: str):
    content = table_bytes("L", ["Amount"], [[money]], made_at=datetime(2026, 11, 23, tzinfo=UTC))

    cell = openpyxl.load_workbook(io.BytesIO(content)).active["A2"]

    assert (Decimal(str(cell.value)), cell.number_format) == (Decimal(shown), layout)


def test_an_amount_longer_than_a_spreadsheet_keeps_is_refused_and_never_cut():
    with pytest.raises(ValueError, match="more figures"):
        table_bytes("L", ["Amount"], [[Money(10**17 + 1, "KES")]], made_at=datetime(2026, 11, 23, tzinfo=UTC))


@pytest.mark.parametrize(("kept", "dialled"), [("+254712000001", "0712000001"), ("+999555010142", "0555010142"), ("TILL 77", "TILL 77")])
def test_a_phone_is_written_as_it_is_dialled_at_home(kept: str, dialled: str):
    assert provider_files.local_phone(kept) == dialled


def test_a_changed_column_map_of_the_provider_leaves_released_files_alone(records: Records):
    made = make_transfers.setting(records, sizes=(1,))
    released = make_transfers.released_list(records, made)
    before = exported(records, made, released)
    with records.engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE provider SET columns = :columns"),
            {
                "columns": programmes.columns_text(
                    [("Ref", ExportField.REFERENCE), ("Sum", ExportField.AMOUNT), ("Tel", ExportField.PHONE)], Mechanism.MOBILE_MONEY
                )
            },
        )

    assert exported(records, made, released) == before


def test_released_lists_are_told_in_order_with_their_lines(records: Records):
    made = make_transfers.setting(records)
    cycle_id = make_transfers.frozen_cycle(records, made)
    released = make_transfers.released_list(records, made, cycle_id)

    with records.read() as reading:
        assert [one.id for one in service.released_lists(reading)] == [released]
        assert sum(one.amount.minor for one in service.instructions_of(reading, released)) == 3_800_000
        assert service.hands_of(reading, service.list_by_id(reading, released)).releaser == made.releaser
