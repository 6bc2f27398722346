"""Reading payments while their file arrives says what reading it afterwards says, whatever comes after its beginning."""

from __future__ import annotations

import pytest

from reconciliation import sandbox, workbook
from reconciliation.ahead import open_payouts
from reconciliation.profile import Profile, read_payouts
from reconciliation.sheets import UnreadableFile
from reconciliation.vocabulary import Field
from tests.workbooks import hostile
from tests.workbooks.shapes import write_xlsx

PROFILE = Profile("invented", {Field.REFERENCE: "Reference", Field.AMOUNT: "Amount"}, header_row=1, decimal=".", thousands=",")
HEADING = ["Reference", "Amount"]


def rows(count, name="TR"):
    return [HEADING, *([f"{name}-{number:04d}", float(number)] for number in range(1, count + 1))]


def sheets_of_every_kind():
    return {
        "one long sheet": {"A": rows(3000)},
        "a short sheet": {"A": rows(20)},
        "two long sheets": {"A": rows(400), "B": rows(300, "BR")},
        "a short one before a long one": {"A": rows(20), "B": rows(300, "BR")},
        "another table first": {"A": [["Total", "Notes"], *([str(number), "x"] for number in range(300))], "B": rows(300)},
        "a total that is wrong, far down": {"A": [*rows(2500), ["Total", 1.0]]},
        "a line that cannot be read, far down": {"A": [*rows(2500), ["TR-9999", "five"]]},
    }


@pytest.mark.parametrize("kind", sheets_of_every_kind())
def test_a_file_read_ahead_says_what_it_says_read_afterwards(tmp_path, kind):
    path = write_xlsx(tmp_path / "a.xlsx", sheets_of_every_kind()[kind])

    sheets, read = open_payouts(path, PROFILE, "KES")

    afterwards = workbook.open_rows(path)
    assert sheets == afterwards
    assert read == read_payouts(afterwards, PROFILE, "KES")


def test_sheets_named_in_another_order_are_read_in_that_order(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", {"A": rows(300), "B": rows(300, "BR")})
    profile = Profile("invented", PROFILE.columns, sheets=("B", "A"), header_row=1)

    _, read = open_payouts(path, profile, "KES")

    assert read.payouts[0].reference == "BR-0001"


def test_a_profile_that_does_not_fit_is_refused_as_it_is_afterwards(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", {"A": [["Reference", "Sum"], *rows(300)[1:]]})

    with pytest.raises(UnreadableFile, match="Amount"):
        open_payouts(path, PROFILE, "KES")


@pytest.fixture
def every_file_is_large(monkeypatch):
    monkeypatch.setattr(sandbox, "_LARGE", 0)


@pytest.mark.usefixtures("every_file_is_large")
def test_a_large_file_looked_through_while_it_is_loaded_says_the_same(tmp_path):
    long = write_xlsx(tmp_path / "a.xlsx", {"A": rows(300), "B": [[None, "000123", 75.1]]})
    faulty = hostile.write_parts(tmp_path / "b.xlsx", hostile.sheet_xml(hostile.ROWS + '<row r="9"><c r="B9" t="e"><v>#REF!</v></c></row>'))

    read = [workbook.open_rows(path) for path in (long, faulty)]

    assert read[0].sheets[0].rows == [HEADING, *rows(300)[1:]]
    assert len(read[1].sheets[0].rows) == 9


@pytest.mark.usefixtures("every_file_is_large")
def test_a_large_file_that_ends_its_reader_is_looked_through_to_say_why(tmp_path):
    far = hostile.ROWS + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    path = hostile.write_parts(tmp_path / "a.xlsx", hostile.sheet_xml(far))

    with pytest.raises(UnreadableFile, match="stray entry in XFD1048576"):
        workbook.open_rows(path)
