from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlmodel import col

from cbi.store.records import Records
from cbi.store.sealed import Vault
from cbi.store.work import Actor
from cbi.transfers import asked, lives
from cbi.transfers.asked import Named
from cbi.transfers.marking import known_payees, payee_digest
from cbi.transfers.tables import Instruction, Mechanism
from reconciliation.instruction import Instruction as Asked
from tests import make_payouts, make_transfers
from tests.make_payouts import Released


@pytest.fixture
def given(records: Records) -> Released:
    return make_payouts.released(records)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many lines were taken out of their seals, each time some were."""
    counted: list[int] = []
    open_columns = Vault.open_columns

    def counting(self: Vault, table, columns, rows):
        rows = list(rows)
        counted.append(len(rows))
        return open_columns(self, table, columns, rows)

    monkeypatch.setattr(Vault, "open_columns", counting)
    return counted


def named(lines: Iterable[Asked]) -> Named:
    """As rows that name the payees of these lines."""
    return {line.reference: (line.name, line.phone, line.account) for line in lines}


def told(records: Records, given: Released, rows: Named | None) -> list[Asked]:
    with records.read() as look:
        return [line for _, part in asked.asked_of(look, given.list_id, rows) for line in part]


def test_payees_whom_rows_name_to_the_letter_are_known_without_opening_a_seal(records: Records, given: Released, opened: list[int]):
    assert told(records, given, named(given.lines)) == list(given.lines)
    assert sum(opened) == 0


def test_a_wallet_is_known_by_its_phone_where_rows_have_no_account(records: Records, given: Released, opened: list[int]):
    rows = named(replace(line, account="") for line in given.lines)

    assert [line.account for line in told(records, given, rows)] == [line.phone for line in given.lines]
    assert sum(opened) == 0


def test_the_phone_is_taken_for_an_account_of_wallets_alone(records: Records, opened: list[int]):
    made = make_transfers.setting(records, mechanism=Mechanism.BANK)
    list_id = make_transfers.released_list(records, made)
    given = Released(made, list_id, (), made.manager)
    lines = told(records, given, None)
    opened.clear()

    assert told(records, given, named(replace(line, account="") for line in lines)) == lines
    assert opened == [len(lines)]
    assert lines[0].account != lines[0].phone


WRONG = {
    "one person": lambda lines: lines[:1],
    "another name": lambda lines: [replace(lines[0], name="Comet Biscuit"), *lines[1:]],
    "each other's names": lambda lines: [replace(line, name=other.name) for line, other in zip(lines, lines[1:] + lines[:1], strict=True)],
    "a name in capitals": lambda lines: [lines[0], *(replace(line, name=line.name.upper()) for line in lines[1:])],
    "no phone": lambda lines: [replace(line, phone="") for line in lines],
    "another account": lambda lines: [*lines[:2], *(replace(line, account=f"{line.account}0") for line in lines[2:])],
    "details parted otherwise": lambda lines: [
        replace(line, name=f"{line.name}\x1f{line.phone}", phone=line.account, account="") for line in lines
    ],
    "references of others": lambda lines: [replace(line, reference=f"X{line.reference}") for line in lines],
}


@pytest.mark.parametrize("how", WRONG)
def test_what_was_approved_is_told_whomever_rows_name(how: str, records: Records, given: Released):
    assert told(records, given, named(WRONG[how](list(given.lines)))) == list(given.lines)


def test_a_text_that_can_be_parted_two_ways_tells_no_payee(records: Records):
    with records.read() as reading:
        kept = payee_digest(reading, name="Juniper\x1fMoonbeam", phone="0712", account="77")
        plain = payee_digest(reading, name="Juniper Moonbeam", phone="0712", account="77")
        said = [("Juniper", "Moonbeam\x1f0712", "77"), ("Juniper Moonbeam", "0712", "77")]

        assert known_payees(reading, said, [kept, plain]) == [None, ("Juniper Moonbeam", "0712", "77")]


def test_payees_are_known_wherever_in_a_list_the_first_part_of_an_answer_begins(
    records: Records, given: Released, opened: list[int], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(asked, "_CHUNK", 1)

    assert told(records, given, named(given.lines[-1:])) == list(given.lines)
    assert sum(opened) == len(given.lines) - 1


def test_only_lines_that_rows_name_otherwise_are_opened(records: Records, given: Released, opened: list[int]):
    lines = [replace(given.lines[0], name="Comet Biscuit"), *given.lines[1:-1]]

    assert told(records, given, named(lines)) == list(given.lines)
    assert opened == [2]


def test_a_provider_who_writes_every_name_in_its_own_way_is_not_asked_line_by_line(records: Records, given: Released, opened: list[int]):
    told(records, given, named(replace(line, name=line.name.upper()) for line in given.lines))

    assert opened == [len(given.lines)]


def test_somebody_erased_has_no_name_even_where_a_row_still_has_it(records: Records, given: Released):
    with records.read() as look:
        line = look.session.scalars(sa.select(Instruction).where(col(Instruction.reference) == given.lines[0].reference)).one()
    with records.work(Actor()) as work:
        work.vault.destroy(work.session, line.household_id, at=work.now)
        work.session.flush()
        lives.Transfers().erased(work, line.household_id)

    first, *others = told(records, given, named(given.lines))

    assert (first.name, first.phone, first.account) == ("", "", "")
    assert others == list(given.lines[1:])
