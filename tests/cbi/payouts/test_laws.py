"""Laws of counting, over files nobody thought of."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cbi.payouts import files, posting, queries, reading, statements
from cbi.payouts.about import about_of
from cbi.payouts.posting import UndoReason
from cbi.payouts.tables import FileStatus, PayoutFinding, PayoutRow
from cbi.store.records import Records
from cbi.store.work import Actor
from reconciliation import profiles, sandbox, workbook
from reconciliation.ledger import Account
from tests import make, make_payouts
from tests.cbi.payouts.test_posting import _balances
from tests.make_payouts import Released, row

FEW = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
SIZES = (4, 3, 1, 9, 2, 5)
LAYOUT = profiles.from_mapping(
    {
        "header_row": 1,
        "columns": {
            "provider_id": "Txn ID",
            "reference": "Reference",
            "amount": "Amount",
            "status": "Status",
            "name": "Name",
            "phone": "Phone",
            "date": "Date",
        },
        "decimal": ".",
        "date_order": "ymd",
        "paid_words": ["SUCCESS"],
        "failed_words": ["FAILED"],
        "returned_words": ["REVERSED"],
    }
)
Rows = list[tuple[int, str, int, str, bool]]
ROWS = st.lists(
    st.tuples(
        st.integers(0, len(SIZES)),  # which line; one too many is a stranger
        st.sampled_from(["SUCCESS", "SUCCESS", "SUCCESS", "FAILED", "REVERSED", "gone fishing"]),
        st.sampled_from([0, 0, 0, -50_000, 50_000, 1]),
        st.sampled_from(["SP", "SP", "", "ONE"]),  # ids of their own, none, or one id for all
        st.booleans(),  # paid to somebody else
    ),
    min_size=1,
    max_size=14,
)


@pytest.fixture(scope="module", autouse=True)
def read_here() -> Iterator[None]:
    """These files are our own: they need no process of their own to be read in, which is what takes the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox, "messages", workbook.read_here)
        yield


@pytest.fixture(scope="module")
def offices(office_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], object]:
    """Offices that all begin with the same released list."""
    ready = tmp_path_factory.mktemp("released")
    records = make.office(ready, office_template)
    released = make_payouts.released(records, SIZES)
    records.close()

    @contextmanager
    def begin() -> Iterator[tuple[Records, Released]]:
        with TemporaryDirectory() as folder:
            opened = make.office(Path(folder) / "data", ready)
            try:
                yield opened, released
            finally:
                opened.close()

    return begin


def _file(released: Released, said: Rows) -> list[list[str]]:
    made = []
    for number, (place, status, more, txn, elsewhere) in enumerate(said, start=1):
        line = released.lines[min(place, len(SIZES) - 1)]
        whose = {"name": "Somebody Completely Else", "phone": "+254799999999"} if elsewhere else {}
        if place == len(SIZES):
            whose["reference"] = f"NOTOURS{number:02d}"
        made.append(row(line, number, minor=line.amount.minor + more, status=status, **whose))
        made[-1][0] = {"SP": f"SP{number:06d}", "ONE": "BATCH1"}.get(txn, "")
    return made


def _previewed(records: Records, released: Released, rows: list[list[str]], name: str = "one.csv") -> UUID:
    actor = Actor(released.finance)
    file_id = files.receive(records, actor, released.list_id, name, make_payouts.csv_file(rows))
    assert reading.read(records, actor, file_id, chosen=LAYOUT) is FileStatus.PREVIEWED
    return file_id


def _posted(records: Records, released: Released, rows: list[list[str]], name: str = "one.csv") -> UUID:
    file_id = _previewed(records, released, rows, name)
    posting.post(records, Actor(released.finance), file_id)
    return file_id


def _moved(records: Records) -> dict[Account, int]:
    return {account: minor for account, minor in _balances(records).items() if minor}


@FEW
@given(ROWS)
def test_every_row_stands_in_one_finding_and_a_post_enters_what_the_preview_showed(offices, said: Rows):
    with offices() as (records, released):
        before = _balances(records)
        file_id = _previewed(records, released, _file(released, said))
        with records.read() as look:
            sums = queries.sums_by_kind(look, file_id, "KES").values()
            shown = queries.changes(look, about_of(look, file_id), {one.kind: one for one in sums})
            places = look.session.connection().execute(sa.select(PayoutRow.row, PayoutRow.finding_id)).all()
            finding_ids = set(look.session.connection().execute(sa.select(PayoutFinding.id)).scalars())
        assert sorted(place for place, _ in places) == list(range(2, len(said) + 2))
        assert {finding for _, finding in places} <= finding_ids
        assert _balances(records) == before

        posting.post(records, Actor(released.finance), file_id)

        after = _balances(records)
        assert sum(after.values()) == 0
        assert {one.account: after.get(one.account, 0) for one in shown} == {one.account: one.after_minor for one in shown}
        with records.read() as look:
            statement = statements.of_list(look, released.list_id)
            assert statement.total_minor == statement.delivered_minor + statement.open_minor
            assert sum(line.count for line in statement.lines) == len(SIZES)
            assert statement.foots == (not [one for one in sums if one.kind == "UNREADABLE" and one.count])


@FEW
@given(ROWS, st.randoms(use_true_random=False))
def test_the_same_rows_again_in_any_order_and_in_parts_change_no_balance(offices, said: Rows, chance: random.Random):
    with offices() as (records, released):
        rows = _file(released, said)
        _posted(records, released, rows)
        once = _moved(records)

        shuffled = chance.sample(rows, len(rows))
        cut = chance.randint(0, len(rows))
        for name, part in (("whole.csv", shuffled), ("first.csv", rows[:cut]), ("rest.csv", rows[cut:])):
            if part and part != rows:
                _posted(records, released, part, name)
                assert _moved(records) == once


@FEW
@given(ROWS, ROWS)
def test_undoing_a_file_restores_what_was_before_it_and_it_may_be_posted_again(offices, first: Rows, second: Rows):
    with offices() as (records, released):
        _posted(records, released, _file(released, first))
        before = _moved(records)
        rows = [[*one[:0], one[0].replace("SP", "TQ"), *one[1:]] for one in _file(released, second)]
        file_id = _posted(records, released, rows, "second.csv")
        after = _moved(records)

        posting.undo(records, Actor(released.finance), file_id, UndoReason.WRONG_FILE)

        assert _moved(records) == before
        _posted(records, released, rows, "second.csv")
        assert _moved(records) == after
