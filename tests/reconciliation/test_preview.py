"""The first rows of a file are shown as they would be read, before anybody confirms how."""

import pytest

from reconciliation import profiles
from reconciliation.money import Money
from reconciliation.payout import Outcome
from reconciliation.preview import preview_rows
from reconciliation.sheets import Sheet, Sheets, UnreadableFile
from reconciliation.vocabulary import Field
from tests.workbooks.shapes import sheets_of, table

_MAP = {
    "columns": {"reference": "Ref", "amount": "Amount", "status": "Status", "date": "Date"},
    "decimal": ".",
    "thousands": ",",
    "date_order": "dmy",
}
_HEADINGS = {"reference": "Ref", "amount": "Amount", "status": "Status", "date": "Date"}


def test_each_row_shows_its_cells_and_what_they_are_read_as():
    rows = [["Lantern Remittance"], [], *table(_HEADINGS), ["Total", 45750.0]]

    first, *_ = shown = preview_rows(sheets_of(rows), profiles.from_mapping(_MAP), "KES", 4)

    assert [row.row for row in shown] == [4, 5, 6, 7]
    assert first.cells == {Field.REFERENCE: "TRB0000", Field.AMOUNT: "7000", Field.STATUS: "SUCCESS", Field.DATE: "17/11/2026 10:00"}
    assert (first.payout.reference, first.payout.amount, first.payout.outcome, first.payout.date) == (
        "TRB0000",
        Money(700000, "KES"),
        Outcome.PAID,
        "2026-11-17T10:00:00",
    )
    assert first.problems == ()


def test_what_is_wrong_with_a_row_stands_beside_it_and_beside_no_other():
    rows = [
        ["Ref", "Amount", "Status", "Date"],
        ["TR-1", 5.0, "Paid", "31/02/2026"],
        ["TR-2", "five", "Glimmering", ""],
        ["TR-3", 5.0, "Paid", ""],
    ]

    shown = preview_rows(sheets_of(rows), profiles.from_mapping(_MAP), "KES", 3)

    assert [[problem.cell for problem in row.problems] for row in shown] == [["D2"], ["C3"], []]
    assert [row.payout.amount for row in shown] == [Money(500, "KES"), None, Money(500, "KES")]


def test_every_sheet_of_the_shape_shows_its_own_first_rows():
    sheets = sheets_of(table(_HEADINGS), [["Summary"], ["Paid", 4]], table(_HEADINGS), names=["North", "Summary", "South"])

    shown = preview_rows(sheets, profiles.from_mapping(_MAP), "KES", 2)

    assert [(row.sheet, row.row) for row in shown] == [("North", 2), ("North", 3), ("South", 2), ("South", 3)]


def test_the_first_rows_of_a_long_file_are_read_without_the_others():
    [head, *lines] = table(_HEADINGS)
    untouched = _Untouched([head, *lines * 100])

    shown = preview_rows(sheets_of([head, *lines]), profiles.from_mapping(_MAP), "KES", 3)
    long = preview_rows(Sheets("xlsx", (Sheet("Sheet1", untouched),)), profiles.from_mapping(_MAP), "KES", 3)

    assert [row.payout.reference for row in long] == [row.payout.reference for row in shown]
    assert untouched.furthest < 300


def test_a_profile_of_another_file_is_refused_in_one_sentence():
    with pytest.raises(UnreadableFile, match="column map"):
        preview_rows(sheets_of([["Ref", "Sum"], ["TR-1", 5.0]]), profiles.from_mapping(_MAP), "KES")


class _Untouched(list):
    """Rows that remember how far down they were asked for."""

    furthest = 0

    def __getitem__(self, place):
        last = place.stop if isinstance(place, slice) else place
        self.furthest = max(self.furthest, last if last is not None else len(self))
        return super().__getitem__(place)
