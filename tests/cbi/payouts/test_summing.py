from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import col

from cbi.payouts import ledger, posting, summing
from cbi.payouts.posting import UndoReason
from cbi.payouts.summing import Key, Source
from cbi.payouts.tables import LedgerEntry, LedgerSum, PostingKind
from cbi.store.records import Records
from cbi.store.work import Actor, Reading, Work
from reconciliation.ledger import Account, Unbalanced
from tests import make_payouts
from tests.make_payouts import Released, row


@pytest.fixture
def given(records: Records) -> Released:
    return make_payouts.released(records)


@pytest.fixture
def work(records: Records) -> Iterator[Work]:
    """A work that is never committed."""
    with pytest.raises(_Over), records.work(Actor(uuid4())) as begun:
        yield begun
        raise _Over


class _Over(Exception):
    """The test is over."""


def entered(work: Work, *entries: tuple[Account, int, str]) -> UUID:
    """A posting of a fee, of so many entries."""
    made = ledger.new_posting(work, PostingKind.FEE, list_id=None)
    for account, minor, currency in entries:
        mine = {"operation_id": work.operation_id, "posting_id": made.id, "account": account, "minor": minor, "currency": currency}
        work.add(LedgerEntry(id=work.new_id("ledger"), **mine))
    work.session.flush()
    return made.id


def sums(reading: Reading, *posting_ids: UUID) -> list[tuple[object, ...]]:
    found = sa.select(*(col(getattr(LedgerSum, name)) for name in ("posting_id", *Key._fields, "entries", "minor")))
    found = found.where(col(LedgerSum.posting_id).in_(posting_ids)) if posting_ids else found
    return sorted(map(tuple, reading.session.connection().execute(found)), key=str)


def sorted_entries(reading: Reading) -> list[tuple[object, ...]]:
    """The same from the entries themselves."""
    keys = [col(getattr(LedgerEntry, name)) for name in ("posting_id", *Key._fields)]
    found = sa.select(*keys, sa.func.count(), sa.func.sum(col(LedgerEntry.minor))).group_by(*keys)
    return sorted(map(tuple, reading.session.connection().execute(found)), key=str)


def paid_from(reading: Reading, posting_id: UUID) -> list[tuple[object, ...]]:
    """Of every entry what moved, about whom, and at the end cycle, grant and budget line."""
    keys = ("account", "minor", "instruction_id", "list_id", "provider_id", *Source._fields)
    found = sa.select(*(col(getattr(LedgerEntry, name)) for name in keys)).where(col(LedgerEntry.posting_id) == posting_id)
    return sorted(map(tuple, reading.session.connection().execute(found)), key=str)


FEE = ((Account.PROVIDER, -70, "KES"), (Account.FEES, 40, "KES"), (Account.FEES, 30, "KES"))


@pytest.mark.parametrize(
    "likely",
    [
        (),
        (Key(Account.PROVIDER, "KES"), Key(Account.FEES, "KES")),
        (Key(Account.PROVIDER, "KES"),),
        (Key(Account.PROVIDER, "KES"), Key(Account.FEES, "EUR")),
        (Key(Account.PROVIDER, "KES"), Key(Account.FEES, "KES", provider_id=UUID(int=5))),
        tuple(Key(account, currency) for account in Account for currency in ("KES", "EUR", "UGX")),
    ],
    ids=["nothing", "all of it", "a part", "another currency", "another provider", "too much"],
)
def test_sums_are_those_of_the_entries_whatever_was_thought_likely(work: Work, likely: tuple[Key, ...]):
    posting_id = entered(work, *FEE)

    summing.check(work, posting_id, likely)

    nobody = (None,) * 5
    assert sums(work, posting_id) == [
        (posting_id, Account.FEES, "KES", *nobody, 2, 70),
        (posting_id, Account.PROVIDER, "KES", *nobody, 1, -70),
    ]


@pytest.mark.parametrize("likely", [(), (Key(Account.PROVIDER, "KES"), Key(Account.FEES, "KES"), Key(Account.FEES, "EUR"))])
def test_a_posting_that_is_not_zero_in_each_currency_is_refused_however_it_is_summed(work: Work, likely: tuple[Key, ...]):
    posting_id = entered(work, (Account.PROVIDER, -70, "KES"), (Account.FEES, 70, "EUR"))

    with pytest.raises(Unbalanced, match="EUR, KES|KES, EUR"):
        summing.check(work, posting_id, likely)


@pytest.mark.parametrize(
    "otherwise",
    [
        lambda source: ("sources", lambda _work, ids: {one: [source, source._replace(grant_id=uuid4())] for one in ids}),
        lambda _source: ("_FEW_LISTS", 0),
    ],
    ids=["a list is paid from two lines", "there are more lists than one statement may name"],
)
def test_what_entries_are_paid_from_is_the_same_told_by_their_lists_or_by_each_transfer(
    records: Records, monkeypatch: pytest.MonkeyPatch, otherwise: Callable[[Source], tuple[str, object]]
):
    given = make_payouts.released(records)
    rows = [row(line, number) for number, line in enumerate(given.lines[:-1])]
    rows.append(row(given.lines[0], 99, reference="NOTOURS99", name="A Stranger", phone="+254788888888"))
    file_id = make_payouts.posted(records, given, rows)
    with records.read() as look:
        by_lists = paid_from(look, posting.posting_of(look, file_id).id)
        [[source]] = summing.sources(look, [given.list_id]).values()
    posting.undo(records, Actor(given.finance), file_id, UndoReason.WRONG_FILE)
    monkeypatch.setattr(ledger, *otherwise(source))

    again = make_payouts.posted(records, given, rows, "again.csv")

    with records.read() as look:
        assert paid_from(look, posting.posting_of(look, again).id) == by_lists
    assert (source.cycle_id, None, None) in {each[-3:] for each in by_lists}
    assert tuple(source) in {each[-3:] for each in by_lists}


def test_each_leg_of_the_formula_is_numbered_by_the_one_digit_that_ids_have_for_it():
    assert 1 < len(ledger._ALL_LEGS) <= 10


def test_a_release_a_file_with_strangers_and_its_undoing_are_summed_without_sorting(records: Records, monkeypatch: pytest.MonkeyPatch):
    kept_all: list[UUID] = []
    keep_all = summing._keep_all
    monkeypatch.setattr(summing, "_keep_all", lambda work, posting_id: (kept_all.append(posting_id), keep_all(work, posting_id)))
    given = make_payouts.released(records)
    rows = [row(line, number) for number, line in enumerate(given.lines[:-1])]
    rows.append(row(given.lines[-1], 90, name="Comet Biscuit", phone="+254799999999"))
    rows.append(row(given.lines[0], 99, reference="NOTOURS99", name="A Stranger", phone="+254788888888"))

    file_id = make_payouts.posted(records, given, rows)
    posting.undo(records, Actor(given.finance), file_id, UndoReason.WRONG_FILE)

    assert kept_all == []
    with records.read() as look:
        assert sums(look) == sorted_entries(look)
        assert {account for _, account, *_ in sums(look)} >= {Account.SUSPENSE, Account.PROVIDER, Account.DELIVERED}
