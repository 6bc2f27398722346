"""What holds for any file of households: every row lands in exactly one place, and reading needs no luck."""

from __future__ import annotations

from collections import Counter
from datetime import date
from hashlib import sha256
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from cbi.people.imports_entries import Entries
from cbi.people.imports_map import propose
from cbi.people.imports_parts import sorted_out
from cbi.people.imports_read import Place, Reader
from tests.workbooks.shapes import sheets_of

READER = Reader([Place(UUID(int=1), "BH", "Bahari Field")], "KE", date(2026, 11, 23), lambda text: sha256(text.encode()).digest()[:20])
HOUSEHOLDS = ("site", "consent", "phone", "account_number", "account_kind", "shelter", "today", "_uuid", "_index")
MEMBERS = ("given_name", "sex", "relation", "age", "document_number", "_parent_index")

wild = st.one_of(
    st.sampled_from(["bh", "yes", "head", "female", "Juniper", "+999 555 010001", "mobile_money", "2026-11-02", "-4", "71", "=1+1", "n/a", "1", "2", 1.0, 2.0]),
    st.text(max_size=12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.none(),
)  # fmt: skip
rows_of_households = st.lists(st.tuples(*[wild] * len(HOUSEHOLDS)), max_size=6)
rows_of_members = st.lists(st.tuples(*[wild] * len(MEMBERS)), max_size=10)


@given(households=rows_of_households, members=rows_of_members)
@settings(max_examples=150, deadline=None)
def test_every_filled_row_is_in_exactly_one_entry_and_every_entry_in_exactly_one_count(households: list, members: list):
    sheets = sheets_of([HOUSEHOLDS, *households], [MEMBERS, *members], names=("Registration", "members"))

    entries = list(Entries(sheets, propose(sheets), READER))
    plan = sorted_out(entries)

    rows = Counter(place for entry in entries for place in entry.rows)
    filled = [("Registration", number) for number, row in enumerate(households, start=2) if _says(row)]
    filled += [("members", number) for number, row in enumerate(members, start=2) if _says(row)]
    assert rows == Counter(filled)
    assert plan.rows == len(entries)
    assert all(entry.problems for entry in plan.back)
    assert all(entry.told is not None and not entry.problems for entry in (*plan.new, *plan.again))
    assert len({entry.key for entry in plan.new}) == len(plan.new)


@given(members=rows_of_members)
@settings(max_examples=50, deadline=None)
def test_a_sentence_about_a_cell_never_repeats_what_the_cell_holds(members: list):
    secret = "Quagmirella99812"
    sheets = sheets_of(
        [HOUSEHOLDS, (secret,) * 8 + (1,)],
        [MEMBERS, *((secret, secret, secret, secret, secret + "!", 1) for _row in members or [0])],
        names=("Registration", "members"),
    )

    entries = list(Entries(sheets, propose(sheets), READER))

    assert all(secret not in problem.fix for entry in entries for problem in entry.problems)
    assert any(entry.problems for entry in entries)


def _says(row: tuple) -> bool:
    from reconciliation.cells import is_blank

    return any(not is_blank(value) for value in row)
