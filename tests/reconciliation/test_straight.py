"""An ordinary xlsx that is read straight from its XML says what a reader of every form says; whatever is not ordinary is left to that."""

from __future__ import annotations

import os
import re
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciliation import row_pattern, straight, workbook
from reconciliation.cells import is_blank
from reconciliation.row_pattern import NotPlain
from reconciliation.sheets import UnreadableFile
from tests.workbooks import hostile
from tests.workbooks.shapes import write_xlsx

pytestmark = pytest.mark.filterwarnings("ignore:Workbook contains no default style")  # of a slow third reader, about bare style sheets
FEW = settings(max_examples=int(os.environ.get("CBI_EXAMPLES", "60")), deadline=None)
STRINGS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
WITH_STRINGS = hostile.BOOK_RELS.replace("</Rel", f'<Relationship Id="rId2" Type="{STRINGS}" Target="sharedStrings.xml"/></Rel', 1)
OF_STRINGS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
TYPES = hostile.CONTENT_TYPES.replace("</Types>", f'<Override PartName="/xl/sharedStrings.xml" ContentType="{OF_STRINGS}"/></Types>')
TEXTS = ("TR-1", " spaced ", "two\nlines", "a &amp; b &lt;&gt;", "قمر", "_x000D_", "a\rb", "&#233;", "\t", "x" * 300, "Ünï\u00a0cødé", "1")
SHARED = ("Pebble", " Comet ", "", "Willow &amp; Co", "قمر البستان", "Lantern")
NUMBERS = ("5", "-0", "75.50", "1E+3", "1.5e-7", "254708123456", "007", ".5", "+5", " 5", "1e999", "nan", "12345678901234567890123")
CELLS = st.one_of(
    st.just(""),
    st.sampled_from([' s="1"/>', "></c>", ' t="inlineStr"><is><t/></is></c>', ' t="inlineStr"><is><t></t></is></c>']),
    st.sampled_from(TEXTS).map(lambda text: f' t="inlineStr"><is><t>{text}</t></is></c>'),
    st.sampled_from(TEXTS).map(lambda text: f' t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'),
    st.integers(0, len(SHARED)).map(lambda place: f' s="2" t="s"><v>{place}</v></c>'),
    st.sampled_from(NUMBERS).map(lambda number: f"><v>{number}</v></c>"),
    st.sampled_from(NUMBERS[:6]).map(lambda number: f' s="1"><v>{number}</v></c>'),
    st.sampled_from(
        [' s="3"><v>45000</v></c>', ' t="e"><v>#N/A</v></c>', "><f>1+1</f><v>2</v></c>", ' t="b"><v>1</v></c>', ' t="str"><v>x</v></c>']
    ),
)
ORDINARY = st.sampled_from([' t="inlineStr"><is><t>TR-7</t></is></c>', ' s="2" t="s"><v>3</v></c>', ' s="1"><v>12.5</v></c>', ""])
ROWS = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.sampled_from(["", ' spans="1:4"', ' hidden="1"', ' hidden="0"', " hidden='1'", ' hidden="false"']),
        st.lists(CELLS, max_size=4),
    )
)
STYLES = (
    f'<styleSheet {hostile.MAIN}><numFmts count="1"><numFmt numFmtId="170" formatCode="#,##0.00"/></numFmts><fonts><font/></fonts>'
    "<fills><fill><patternFill/></fill></fills><borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs><cellXfs>"
    '<xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="49"/><xf numFmtId="14"/></cellXfs></styleSheet>'
)


def written(rows) -> str:
    """The XML of rows: how many rows further each stands, its attributes, its cells."""
    made, number = [], 0
    for further, attributes, cells in rows:
        number += further
        inside = "".join(f'<c r="{"ABCDEFGH"[place]}{number}"{cell}' for place, cell in enumerate(cells) if cell)
        made.append(f'<row r="{number}"{attributes}>{inside}</row>')
    return "".join(made)


def book(path: Path, rows: str, after: str = "", shared=SHARED, **more) -> Path:
    texts = "".join(
        f"<si><t{' xml:space=' + chr(34) + 'preserve' + chr(34) if text != text.strip() else ''}>{text}</t></si>" for text in shared
    )
    sheet = hostile.sheet_xml(rows).replace("</sheetData>", "</sheetData>" + after)
    parts = {
        "xl/_rels/workbook.xml.rels": WITH_STRINGS,
        "xl/sharedStrings.xml": f"<sst {hostile.MAIN}>{texts}</sst>",
        "xl/styles.xml": STYLES,
    }
    return hostile.write_parts(path, sheet, **{"[Content_Types].xml": TYPES, **parts, **more})


def straightly(path: Path):
    """What is read straight; None where that is left to the other reader."""
    with path.open("rb") as file:
        try:
            return sheets_of(list(straight.read_straight(file)))
        except NotPlain:
            return None


def otherwise(path: Path):
    return sheets_of(workbook.read_here(path, None, straight=False))


def sheets_of(messages):
    """The sheets of a file, none for one without a value. Raises UnreadableFile."""
    try:
        return workbook.gathered(messages).sheets
    except UnreadableFile as refusal:
        if "every sheet of this one is empty" in refusal.fix:
            return ()
        raise


def same(one, other) -> bool:
    """Whether sheets hold the same, blank rows at their ends aside."""
    return [(sheet.name, sheet.merges, sheet.hidden_rows, filled(sheet)) for sheet in one] == [
        (sheet.name, sheet.merges, sheet.hidden_rows, filled(sheet)) for sheet in other
    ]


def filled(sheet):
    rows = [[(type(value), value) for value in row] for row in sheet.rows]
    while rows and all(is_blank(value) for _, value in rows[-1]):
        rows.pop()
    return rows


@FEW
@given(rows=ROWS.filter(lambda rows: any(cell for _, _, cells in rows for cell in cells)))
def test_what_is_read_straight_is_what_the_other_reader_reads(rows):
    with tempfile.TemporaryDirectory() as folder:
        path = book(Path(folder) / "a.xlsx", written(rows))
        read = straightly(path)

        assert read is None or same(read, otherwise(path))


@FEW
@given(
    rows=st.lists(st.tuples(st.just(1), st.just(""), st.lists(ORDINARY, min_size=4, max_size=4)), min_size=1, max_size=200),
    few=st.booleans(),
)
def test_ordinary_rows_are_read_straight(rows, few):
    whole = [(1, "", [' t="inlineStr"><is><t>TR-1</t></is></c>'] * 4), *rows]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        if few:
            patch.setattr(row_pattern, "_LEARNT_AT_ONCE", 1)
        path = book(Path(folder) / "a.xlsx", written(whole))
        read = straightly(path)

        assert read is not None
        assert same(read, otherwise(path))


@pytest.mark.parametrize("writer", ["inline", "shared"])
def test_a_long_table_is_read_straight_across_blocks(tmp_path, writer, monkeypatch):
    monkeypatch.setattr(straight.zipscan, "_BLOCK", 5000)
    cell = ' t="inlineStr"><is><t>Pebble</t></is></c>' if writer == "inline" else ' s="2" t="s"><v>0</v></c>'
    path = book(tmp_path / "a.xlsx", written([(1 + (number == 700), "", [cell, f"><v>{number}</v></c>"]) for number in range(3000)]))

    read = straightly(path)

    assert read is not None
    assert len(read[0].rows) == 3001
    assert same(read, otherwise(path))


@pytest.mark.parametrize("every", [1, 7, 50])
@pytest.mark.parametrize("blank", ["", ' s="1"/>'])
def test_shared_texts_are_told_whether_a_column_repeats_few_or_many(tmp_path, every, blank):
    texts = [f"Lantern {place} &amp; Co" for place in range(300)]
    cells = [f' t="s"><v>{number // every}</v></c>' for number in range(300)]
    path = book(
        tmp_path / "a.xlsx", written([(1, "", [cells[number], blank if number % 9 else cells[-1]]) for number in range(300)]), shared=texts
    )

    read = straightly(path)

    assert read is not None
    assert [row[0] for row in read[0].rows] == [f"Lantern {number // every} & Co" for number in range(300)]
    assert same(read, otherwise(path))


@pytest.mark.parametrize("every", [1, 50])
def test_a_text_beyond_the_shared_ones_is_left_to_the_other_reader(tmp_path, every):
    rows = [(1, "", [f' t="s"><v>{number // every}</v></c>']) for number in range(300)]
    texts = [f"Lantern {place}" for place in range(300 // every)]

    assert straightly(book(tmp_path / "a.xlsx", written(rows), shared=texts)) is not None
    assert straightly(book(tmp_path / "b.xlsx", written(rows), shared=texts[:-1])) is None


def test_a_workbook_as_programs_write_it_is_read_straight(tmp_path):
    rows = [
        ["Reference", "Amount", "Name"],
        *([f"TR-{number}", number + 0.5, "Willow & Co" if number % 3 else None] for number in range(500)),
    ]
    path = write_xlsx(tmp_path / "a.xlsx", {"Paid": rows, "Failed": rows[:40]}, after=lambda _, page: page.merge_range("E1:F2", "Joined"))

    read = straightly(path)

    assert read is not None
    assert same(read, otherwise(path))
    assert read[0].merges


@pytest.mark.parametrize(
    ("what", "change"),
    {
        "a cell of another row": lambda sheet: sheet.replace('r="B2"', 'r="B3"', 1),
        "cells out of order": lambda sheet: sheet.replace('r="A2"', 'r="C2"', 1),
        "rows out of order": lambda sheet: sheet.replace('row r="2"', 'row r="9"').replace('"A2"', '"A9"').replace('"B2"', '"B9"'),
        "a comment between rows": lambda sheet: sheet.replace('<row r="3"', '<!-- x --><row r="3"'),
        "a second table of rows": lambda sheet: sheet.replace("</worksheet>", '<sheetData><row r="9"/></sheetData></worksheet>'),
        "no end": lambda sheet: sheet.replace("</sheetData></worksheet>", ""),
        "another encoding": lambda sheet: sheet.replace('<?xml version="1.0"?>', '<?xml version="1.0" encoding="iso-8859-1"?>'),
        "a formula": lambda sheet: sheet.replace("<v>50</v>", "<f>25*2</f><v>50</v>"),
        "something beside a value": lambda sheet: sheet.replace("<v>50</v>", "<v>50</v><extLst/>"),
    }.items(),
)
def test_what_is_not_ordinary_is_left_to_the_other_reader(tmp_path, what, change):
    sheet = hostile.sheet_xml(hostile.ROWS)
    changed = change(sheet)
    path = hostile.write_parts(tmp_path / "a.xlsx", changed)

    assert changed != sheet, what
    assert straightly(path) is None


def test_a_number_in_a_workbook_whose_every_style_is_a_date_is_left_to_the_other_reader(tmp_path):
    dates = STYLES.replace('<xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="49"/>', "")
    path = book(tmp_path / "a.xlsx", '<row r="1"><c r="A1" s="0"><v>45000</v></c></row>', **{"xl/styles.xml": dates})

    assert straightly(path) is None


def test_a_row_that_one_of_the_counts_does_not_see_is_not_read_straight(tmp_path, monkeypatch):
    path = hostile.write_parts(tmp_path / "a.xlsx", hostile.sheet_xml(hostile.ROWS))
    honest = row_pattern.RowPattern.read

    def blind(pattern, block, end):
        for groups, found in honest(pattern, block, end):
            yield groups, found[:-1]

    assert straightly(path) is not None
    monkeypatch.setattr(row_pattern.RowPattern, "read", blind)
    assert straightly(path) is None


def test_a_value_that_the_pattern_does_not_see_is_not_read_straight(tmp_path, monkeypatch):
    path = hostile.write_parts(tmp_path / "a.xlsx", hostile.sheet_xml(hostile.ROWS))
    honest = row_pattern.RowPattern.read

    def blind(pattern, block, end):
        for groups, found in honest(pattern, block, end):
            yield groups, [(*row[:-2], b"", row[-1]) for row in found]

    monkeypatch.setattr(row_pattern.RowPattern, "read", blind)
    assert straightly(path) is None


def test_a_sheet_that_turns_out_not_to_be_ordinary_far_down_is_read_again_from_its_beginning(tmp_path):
    rows = [(1, "", [' t="inlineStr"><is><t>TR-1</t></is></c>', f"><v>{number}</v></c>"]) for number in range(40_000)]
    path = book(tmp_path / "a.xlsx", written([*rows, (1, "", ["><f>1</f><v>2</v></c>"])]))

    messages = list(workbook.read_here(path, None))

    assert {"again": True} in messages
    assert same(workbook.gathered(messages).sheets, otherwise(path))


def test_a_damaged_member_is_left_to_the_reader_that_says_so(tmp_path):
    path = hostile.write_parts(tmp_path / "a.xlsx", hostile.sheet_xml(hostile.ROWS))
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 60
    raw = bytearray(path.read_bytes())
    raw[start + 20] ^= 0xFF
    path.write_bytes(raw)

    assert straightly(path) is None


def test_the_pattern_of_a_sheet_never_matches_across_the_end_of_a_row():
    pattern = row_pattern.RowPattern(frozenset({b"0"}))
    block = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c>'

    with pytest.raises(NotPlain):
        list(pattern.read(block, len(block)))

    assert re.search(rb"</row>$", block) is None
