from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciliation import wire
from reconciliation.cells import Fault, Moment
from reconciliation.rows import Batch, Rows, batches_of

TEXTS = st.one_of(st.text(max_size=8), st.sampled_from(["", "TR-0001", "two\nlines", "a\x1fb", "000123", "دفع", "\ud800"]))
NUMBERS = st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(), st.booleans())
CELLS = st.one_of(TEXTS, NUMBERS, st.builds(Fault, st.sampled_from(["#N/A", "formula"])))
TABLES = st.lists(st.lists(CELLS, max_size=5), min_size=1, max_size=12)


def trimmed(row):
    row = list(row)
    while row and row[-1] == "":
        row.pop()
    return row


def sent(rows, left=0):
    return Rows(wire.unpack(packed) for packed in wire.packs(rows, left))


@given(TABLES)
def test_rows_arrive_as_they_were_sent_with_the_kind_of_every_cell(rows):
    arrived = list(sent(rows))

    assert arrived == [trimmed(row) for row in rows]
    assert [[type(value) for value in row] for row in arrived] == [[type(value) for value in trimmed(row)] for row in rows]


@given(TABLES, st.integers(0, 3))
def test_blank_columns_before_a_table_shift_every_row(rows, left):
    assert sent(rows, left) == [trimmed([""] * left + row) for row in rows]


def test_dates_arrive_as_moments_and_what_is_no_number_as_a_fault():
    rows = [[datetime(2026, 11, 17, 10, 2), date(2026, 11, 17), timedelta(hours=30), float("nan")]]  # noqa: DTZ001 - a spreadsheet has no zones

    [arrived] = sent(rows)

    assert arrived == [Moment("2026-11-17T10:02:00"), Moment("2026-11-17"), Moment("1 day, 6:00:00"), Fault("nan")]


@given(st.binary(max_size=7))
def test_bytes_that_are_no_batch_are_refused_as_garbled(content):
    with pytest.raises(wire.Garbled):
        wire.unpack(content)


@given(TABLES, st.data())
def test_a_batch_that_was_tampered_with_is_refused_or_still_a_batch(rows, data):
    [packed] = wire.packs(rows)
    place = data.draw(st.integers(0, len(packed) - 1))
    tampered = packed[:place] + bytes([data.draw(st.integers(0, 255))]) + packed[place + 1 :]

    try:
        batch = wire.unpack(tampered)
    except wire.Garbled:
        return
    assert len(batch.rows()) == batch.count


def test_a_batch_too_long_to_send_goes_in_parts(monkeypatch):
    monkeypatch.setattr(wire, "MOST_BYTES", 60)
    rows = [["TR-0001", "x" * 20], ["TR-0002", "y" * 20], ["TR-0003", "z" * 20]]

    parts = list(wire.packs(rows))

    assert len(parts) == 3
    assert Rows(map(wire.unpack, parts)) == rows


def test_rows_of_several_batches_are_found_by_their_place():
    rows = [[f"TR-{place}"] for place in range(5)]
    kept = Rows([Batch.of(rows[:2]), Batch.of(rows[2:3]), Batch.of(rows[3:])])

    assert [kept[place] for place in (4, 0, -2, 2)] == [["TR-4"], ["TR-0"], ["TR-3"], ["TR-2"]]
    assert kept[1:4] == rows[1:4]
    with pytest.raises(IndexError):
        kept[5]


@pytest.mark.parametrize("keep", [list, lambda rows: Rows([Batch.of(rows[:2]), Batch.of(rows[2:])])])
def test_batches_from_a_place_on_hold_every_row_from_there(keep):
    rows = [[f"TR-{place}"] for place in range(5)]

    found = {start + offset: row for start, batch in batches_of(keep(rows), 3) for offset, row in enumerate(batch.rows())}

    assert [found[place] for place in (3, 4)] == rows[3:]
