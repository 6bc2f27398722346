"""Reading and matching by column says of any file, to the word, what reading and matching row by row says."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciliation import match, statement
from reconciliation.body import body
from reconciliation.cells import Fault, Moment
from reconciliation.identity import Earlier, row_keys
from reconciliation.instruction import Instruction, Instructions, asked_of
from reconciliation.match import reconcile
from reconciliation.payout import Outcome
from reconciliation.payout_columns import PayoutColumns, Read, TextColumn
from reconciliation.profile import Profile, RowReader, locate, read_payouts
from reconciliation.rows import Rows
from reconciliation.sheets import Sheet, Sheets
from reconciliation.vocabulary import Field
from reconciliation.wire import packs, unpack
from tests.reconciliation.slips import kes
from tests.reconciliation.test_laws import rows as payouts_of_a_file

MANY = settings(max_examples=int(os.environ.get("CBI_EXAMPLES", "60")), deadline=None)
HEADINGS = {
    Field.REFERENCE: "Reference",
    Field.PROVIDER_ID: "Receipt",
    Field.NAME: "Name",
    Field.PHONE: "Phone",
    Field.AMOUNT: "Amount",
    Field.CURRENCY: "Currency",
    Field.STATUS: "Status",
    Field.REASON: "Reason",
    Field.DATE: "Date",
    Field.NARRATIVE: "Details",
}
ODD = [None, "", "-", " ", Fault("#N/A"), Fault("formula"), True, 2.54708e11, "2.54708E+11", "Total"]
CELLS = {
    Field.REFERENCE: ["T-0001", "TR0000002K", " T-0003", "٤٥٦٧", 123.0, 254708000001.0, "a b"],
    Field.PROVIDER_ID: ["P1", "P2", "MP0000001", 77.0],
    Field.NAME: ["Juniper Moonbeam", "Zoë\u00a0Lantern", "قمر  مصباح"],
    Field.PHONE: ["0711000001", "+254711000001", 711000001.0, "711\u200b000001"],
    Field.AMOUNT: [50.0, 75.5, 0.0, -50.0, "50.00", "1,250.50", "(50)", "USD 5", "five", 0.001, 12],
    Field.CURRENCY: ["KES", "kes", "USD", "Shillings of the moon"],
    Field.STATUS: ["Paid", "Failed", "Reversed", "Failed - wallet closed", "Perhaps", "PAID ", 1.0],
    Field.REASON: ["wallet closed", " limit ", "Zu viel"],
    Field.DATE: [
        "2026-11-17 10:02:33",
        "17/11/2026 10:02",
        "03/04/2026",
        "2026-13-45",
        "2026-11-17 25:00",
        "2026-11-17T23:59:60",
        Moment("2026-11-17T10:02:00"),
        "17 Nov 2026",
        46000.0,
    ],
    Field.NARRATIVE: ["Business payment T-0001", "two\nlines"],
}


@st.composite
def tables(draw: st.DrawFn) -> tuple[Profile, list[list[object]]]:
    """A profile and the rows of a file of its shape, most of them ordinary."""
    fields = [Field.AMOUNT, *draw(st.sets(st.sampled_from([field for field in HEADINGS if field is not Field.AMOUNT]), min_size=1))]
    odd = draw(st.sampled_from([0, 0, 1, 3]))
    usual = {field: draw(st.sampled_from(CELLS[field])) for field in fields}
    rows = []
    for _ in range(draw(st.integers(0, 12))):
        row = [usual[field] if draw(st.integers(0, 3)) else draw(st.sampled_from(CELLS[field])) for field in fields]
        if odd and draw(st.integers(0, 3)) < odd:
            row[draw(st.integers(0, len(row) - 1))] = draw(st.sampled_from(ODD))
        rows.append(row[: draw(st.sampled_from([len(row), len(row), len(row), 1]))])
    profile = Profile(
        "invented",
        {field: HEADINGS[field] for field in fields},
        header_row=1,
        decimal=".",
        thousands=",",
        date_order=draw(st.sampled_from(["dmy", "ymd", ""])),
        negative_paid=draw(st.booleans()) and draw(st.booleans()),
    )
    return profile, [[HEADINGS[field] for field in fields], *rows]


def sent(rows: list[list[object]], at_once: int) -> Rows:
    """The rows as they arrive from the child, in batches."""
    parts = [
        [["" if value is None else value for value in row] for row in rows[start : start + at_once]]
        for start in range(0, len(rows), at_once)
    ]
    return Rows(unpack(packed) for part in parts for packed in packs([[_as_read(value) for value in row] for row in part]))


def _as_read(value: object) -> object:
    from datetime import datetime

    return datetime.fromisoformat(value.iso) if isinstance(value, Moment) else value


def one_by_one(sheet: Sheet, profile: Profile) -> tuple[list[object], list[object]]:
    """What the reader of single rows says of every line."""
    [place] = locate(Sheets("xlsx", (sheet,)), profile)
    lines = body(sheet, 2, place.columns, place.names).lines
    reader, problems = RowReader(place, profile), []
    read = [reader.read(number, sheet.rows[number - 1], problems) for number in lines]
    return [payout for payout in read if payout is not None], problems


@MANY
@given(tables(), st.integers(1, 5))
def test_a_file_read_by_column_says_what_it_says_row_by_row(table, at_once):
    profile, rows = table
    profile = profile.of_currency("KES")
    sheet = Sheet("S", sent(rows, at_once))

    read = read_payouts(Sheets("xlsx", (sheet,)), profile)

    payouts, problems = one_by_one(Sheet("S", rows), profile)
    stated = [problem for problem in read.problems if not problem.fix.startswith("check the total")]
    assert list(read.payouts) == payouts
    assert [read.payouts[place] for place in range(len(read.payouts))] == payouts
    assert stated == problems


@pytest.mark.parametrize("order", ["ymd", "dmy", ""])
@pytest.mark.parametrize(
    "moment",
    ["2026-11-17 09:30:05", "2026-11-17T09:30:05", "2026-02-30 09:30:05", "2026-11-17 24:00:00", "1926-11-17 09:30:05", "2026-11-17"],
)
def test_whole_columns_of_moments_and_figures_say_what_they_say_row_by_row(order, moment):
    columns = {Field.REFERENCE: "Ref", Field.AMOUNT: "Amount", Field.DATE: "Date"}
    profile = Profile("", columns, currency="KES", date_order=order, decimal=".")
    lines = [[f"T-{number}", float(number), f"2026-11-{number:02} 10:00:{number:02}"] for number in range(1, 20)]
    rows = [["Ref", "Amount", "Date"], *lines, ["T-77", -5.0, moment], ["T-78", 0.105, moment]]

    read = read_payouts(Sheets("xlsx", (Sheet("S", sent(rows, 1)),)), profile)
    by_many = read_payouts(Sheets("xlsx", (Sheet("S", Rows(map(unpack, [*packs(rows[:1]), *packs(rows[1:])]))),)), profile)

    payouts, problems = one_by_one(Sheet("S", rows), profile)
    assert list(read.payouts) == list(by_many.payouts) == payouts
    assert read.problems == by_many.problems == problems


@MANY
@given(tables(), st.integers(1, 5))
def test_lines_totals_and_the_rest_are_told_apart_alike_however_rows_are_kept(table, at_once):
    profile, rows = table
    [place] = locate(Sheets("xlsx", (Sheet("S", rows),)), profile)

    kept = body(Sheet("S", sent(rows, at_once)), 2, place.columns, place.names)

    assert kept == body(Sheet("S", rows), 2, place.columns, place.names)


def columns_of(payouts) -> PayoutColumns:
    columns = PayoutColumns()
    for payout in payouts:
        read = Read(
            [payout.row], [""], [None], [Outcome.PAID], [""], {name: [""] for name in ("provider_id", "name", "phone", "account", "token")}
        )
        read.put(0, payout)
        columns.extend(payout.sheet, read)
    return columns


ASKED = [
    Instruction(f"T-{n}", kes(minor), phone=f"071100000{n}", name="Juniper Moonbeam") for n, minor in enumerate((100, 100, 200, 300, 100))
]
EARLIER = st.lists(
    st.builds(
        Earlier,
        st.sampled_from(["T-0", "T-1", "T-2", "X-1"]),
        st.sampled_from(list(Outcome)),
        st.sampled_from([kes(100), kes(60)]),
        st.sampled_from(["", "P1", "Q1"]),
    ),
    max_size=2,
)


@MANY
@given(payouts_of_a_file(), EARLIER)
def test_rows_kept_by_column_are_found_to_be_what_they_are_one_by_one(payouts, earlier):
    payouts = [payout if payout.row % 2 else replace(payout, phone="", name="Juniper Moonbeam") for payout in payouts]
    columns = columns_of(payouts)

    findings = reconcile(ASKED, columns, earlier=earlier)

    plain = reconcile(ASKED, payouts, earlier=earlier)
    assert findings == plain
    assert [findings[place] for place in range(len(findings))] == plain
    assert statement.of(findings, columns, ASKED) == statement.of(plain, payouts, ASKED)
    assert row_keys(columns) == row_keys(payouts)


@MANY
@given(payouts_of_a_file(), EARLIER)
def test_what_is_found_in_little_time_is_what_the_whole_ladder_finds(payouts, earlier):
    asked = Instructions()
    for one in ASKED:
        asked.extend([one.reference], [one.amount], {"phone": [one.phone], "name": [one.name]})
    quick = reconcile(asked, columns_of(payouts), earlier=earlier)

    with pytest.MonkeyPatch.context() as patch:
        for way in ("_plain", "_alone"):
            patch.setattr(match._Comparison, way, lambda *_: None)
        patch.setattr(match._Comparison, "_stranger_alone", lambda *_: False)
        slow = reconcile(ASKED, payouts, earlier=earlier)

    assert list(quick) == slow


@given(st.lists(st.tuples(st.sampled_from(["", "Juniper"]), st.booleans()), min_size=1, max_size=8))
def test_instructions_kept_by_column_are_what_they_are_one_by_one(lines):
    one_by_one = [
        Instruction(f"T-{n}", kes(100 + n), name=name, phone="0711" if has_phone else "") for n, (name, has_phone) in enumerate(lines)
    ]
    asked = Instructions()
    for one in one_by_one:
        texts = {name: [text] for name, text in (("name", one.name), ("phone", one.phone)) if text}
        asked.extend([one.reference], [one.amount], texts)

    assert asked == one_by_one
    assert list(asked) == one_by_one == [asked[place] for place in range(len(asked))]
    for kept in (asked, asked_of(one_by_one)):
        assert list(kept.texts("phone")) == [one.phone for one in one_by_one]
        assert list(kept.texts("site")) == [""] * len(one_by_one)
        assert kept.places() == {one.reference: place for place, one in enumerate(one_by_one)}


@MANY
@given(st.lists(st.sampled_from(["", "TR-0001", "a\x1fb", "قمر"]), max_size=200), st.integers(1, 70))
def test_a_column_of_texts_holds_each_at_its_place(texts, at_once):
    column = TextColumn()
    for start in range(0, len(texts), at_once):
        column.extend(texts[start : start + at_once])

    assert list(column) == texts == [column[place] for place in range(len(texts))]
    assert column.is_blank == (not any(texts))


def test_a_row_lost_or_told_twice_among_the_plain_ones_is_a_gap():
    columns = columns_of(reconcile_rows())
    findings = reconcile(ASKED[:2], columns)
    findings.plain[1] = findings.plain[0]

    gaps = statement.of(findings, columns, ASKED[:2]).gaps

    assert [(gap.kind, gap.row) for gap in gaps] == [(statement.GapKind.ROWS, 2), (statement.GapKind.ROWS, 3)]


def reconcile_rows():
    from reconciliation.payout import Payout

    return [Payout(f"T-{n}", kes(100), Outcome.PAID, "S", n + 2) for n in range(2)]
