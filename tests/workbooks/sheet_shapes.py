"""Sheets of an xlsx as honest and dishonest programs write them: places, kinds of value, order, what is hidden."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

from tests.workbooks import hostile, plain
from tests.workbooks.cases import Case, End, Read, either, read, refused
from tests.workbooks.hostile import BOOK, BOOK_RELS, MAIN, REL, ROWS, sheet_xml, write_parts
from tests.workbooks.markup_tricks import TWO

_HEAD = ROWS[: ROWS.index('<row r="2">')]
_STYLES = (
    f'<styleSheet {MAIN}><numFmts count="1"><numFmt numFmtId="164" formatCode="[h]:mm"/></numFmts><cellXfs count="4">'
    '<xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="10"/><xf numFmtId="164"/></cellXfs></styleSheet>'
)


def cases() -> Iterator[Case]:
    """Every shape of sheet."""
    yield from _places()
    yield from _orders()
    yield from _values()
    yield from _ways_to_write()
    yield from _books()


def _sheet(name: str, rows: str, expected: Read | None = None, problems: int | None = None, before: str = "", after: str = "") -> Case:
    sheet = sheet_xml(rows, before).replace("</worksheet>", after + "</worksheet>")
    return read(name, ".xlsx", lambda path: write_parts(path, sheet), TWO if expected is None else expected, problems)


def _no_sheet(name: str, rows: str, says: str = "") -> Case:
    return refused(name, ".xlsx", lambda path: write_parts(path, sheet_xml(rows)), says)


def _places() -> Iterator[Case]:
    for stated in ("A1", "A1:B1", "A1:XFD1048576"):
        yield _sheet(f"a dimension of {stated}", ROWS, before=f'<dimension ref="{stated}"/>')
    for stated in ("A1:A0", "nonsense", ""):
        yield either(
            f"a dimension of {stated or 'nothing'}",
            ".xlsx",
            lambda path, s=stated: write_parts(path, sheet_xml(before=f'<dimension ref="{s}"/>')),
        )
    stray = '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    yield _no_sheet("a cell in the last corner", ROWS + stray, "XFD1048576")
    yield _no_sheet("a cell beyond the last column", ROWS + '<row r="4"><c r="XFE4"><v>2</v></c></row>')
    yield _no_sheet("a cell beyond the last row", ROWS + '<row r="1048577"><c r="A1048577"><v>2</v></c></row>')
    yield _no_sheet("a million cells in a row", '<row r="1">' + "<c><v>1</v></c>" * 1_000_000 + "</row>")
    yield _no_sheet(
        "a million cells in a row, and a last row",
        '<row r="1">' + "<c><v>1</v></c>" * 1_000_000 + '</row><row r="1048576"><c><v>1</v></c></row>',
    )
    for ref in ("A0", "0", "1A", "AAAA1", "A99999999", "A-1", "$A$2", "R2C1", ""):
        yield either(
            f"a cell called {ref or 'nothing'}",
            ".xlsx",
            lambda path, ref=ref: write_parts(path, sheet_xml(ROWS.replace('r="A2"', f'r="{ref}"'))),
        )
    for ref in ("0", "-1", "99999999", "1e3", "two", "2.5"):
        yield either(
            f"a row called {ref}", ".xlsx", lambda path, ref=ref: write_parts(path, sheet_xml(ROWS.replace('row r="2"', f'row r="{ref}"')))
        )
    yield either("twenty-eight columns of nothing down to the last row", ".xlsx", lambda path: write_parts(path, sheet_xml(
        '<row r="1"><c r="AB1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>2</v></c></row>')))  # fmt: skip


def _orders() -> Iterator[Case]:
    one, two, three = (f"<row{part}" for part in ROWS.split("<row")[1:])
    yield either("rows out of order", ".xlsx", lambda path: write_parts(path, sheet_xml(three + one + two)))
    yield either("cells out of order", ".xlsx", lambda path: write_parts(path, sheet_xml(
        one + '<row r="2"><c r="B2"><v>50</v></c><c r="A2" t="inlineStr"><is><t>TR-0001</t></is></c></row>' + three)))  # fmt: skip
    yield _no_sheet(
        "a row number twice", one + two + three.replace('r="3"', 'r="2"').replace('r="A3"', 'r="A2"').replace('r="B3"', 'r="B2"')
    )
    yield _no_sheet("a cell twice", one + two.replace("</row>", '<c r="B2"><v>99</v></c></row>') + three)
    yield _no_sheet("a cell of another row", one + two + three.replace('r="B3"', 'r="B2"'))
    yield _sheet("cells without a place", ROWS.replace(' r="A2"', "").replace(' r="B2"', "").replace(' r="A1"', "").replace(' r="B1"', ""))
    bare = ROWS
    for number in "123":
        bare = bare.replace(f' r="{number}"', "").replace(f' r="A{number}"', "").replace(f' r="B{number}"', "")
    yield _sheet("rows and cells without a place", bare)


def _values() -> Iterator[Case]:
    def amounts(cell: str) -> str:
        return ROWS.replace('<c r="B2"><v>50</v></c>', cell)

    for written, minor in (
        ("50", 5000),
        ("5.0E+1", 5000),
        ("50.000000000000000", 5000),
        ("5E1", 5000),
        ("0.5E2", 5000),
        ("1.0E+5", 10_000_000),
        ("75.5", 7550),
    ):
        yield _sheet(f"the number {written}", amounts(f'<c r="B2"><v>{written}</v></c>'), [("TR-0001", minor, "paid"), TWO[1]])
    for written in ("50.00000000000001", "75.505", "1E+400", "-1E+400", "NaN", "INF", "1e-9", "9007199254740993", "1E+22"):
        yield _sheet(f"the number {written}", amounts(f'<c r="B2"><v>{written}</v></c>'), [("TR-0001", None, "paid"), TWO[1]], 1)
    yield _sheet("the number -0", amounts('<c r="B2"><v>-0</v></c>'), [("TR-0001", 0, "paid"), TWO[1]])
    yield _sheet("a number of minus fifty", amounts('<c r="B2"><v>-50</v></c>'), [("TR-0001", 5000, "returned"), TWO[1]])
    for name, cell in (
        ("an error", '<c r="B2" t="e"><v>#N/A</v></c>'),
        ("a truth value", '<c r="B2" t="b"><v>1</v></c>'),
        ("a formula never calculated", '<c r="B2"><f>25*2</f></c>'),
        ("a date", '<c r="B2" s="1"><v>46000</v></c>'),
        ("a duration", '<c r="B2" s="3"><v>1.5</v></c>'),
        ("a date in words of ISO", '<c r="B2" t="d"><v>2026-11-17</v></c>'),
    ):
        yield read(f"{name} for an amount", ".xlsx", lambda path, c=cell: _styled(path, amounts(c)), [("TR-0001", None, "paid"), TWO[1]], 1)
    yield read("a share of a hundred for an amount", ".xlsx", lambda path: _styled(path, amounts('<c r="B2" s="2"><v>50</v></c>')), TWO)
    yield read("a zero that waits to be calculated", ".xlsx", _waits, [("TR-0001", None, "paid"), TWO[1]], 1)
    yield either(
        "a kind of value nobody knows", ".xlsx", lambda path: write_parts(path, sheet_xml(amounts('<c r="B2" t="zz"><v>50</v></c>')))
    )
    yield either("a text for a number", ".xlsx", lambda path: write_parts(path, sheet_xml(amounts('<c r="B2"><v>fifty</v></c>'))))
    yield either(
        "a shared text that is not there", ".xlsx", lambda path: write_parts(path, sheet_xml(amounts('<c r="B2" t="s"><v>7</v></c>')))
    )
    yield either("a style that is not there", ".xlsx", lambda path: write_parts(path, sheet_xml(amounts('<c r="B2" s="99"><v>50</v></c>'))))


def _ways_to_write() -> Iterator[Case]:
    yield _sheet("values between comments", ROWS.replace("<v>50</v>", "<!-- a --><v>50</v><!-- </row><row> -->"))
    yield either("values in CDATA", ".xlsx", lambda path: write_parts(path, sheet_xml(ROWS.replace("<v>50</v>", "<v><![CDATA[50]]></v>"))))
    yield _sheet("single quotes", ROWS.replace('"', "'"))
    yield _sheet("spaces within tags", ROWS.replace('">', '" >').replace("<v>", "<v >"))
    yield _sheet("line ends between tags", ROWS.replace("><", ">\r\n<"))
    yield _sheet("rich text", ROWS.replace("<is><t>TR-0001</t></is>", "<is><r><rPr><b/></rPr><t>TR-</t></r><r><t>0001</t></r></is>"))
    yield _sheet(
        "readings beside the text",
        ROWS.replace("<is><t>TR-0001</t></is>", '<is><t>TR-0001</t><rPh sb="0" eb="1"><t>reading</t></rPh></is>'),
    )
    yield _sheet("spaces that are kept", ROWS.replace("<is><t>TR-0001</t></is>", '<is><t xml:space="preserve"> TR-0001 </t></is>'))
    yield _sheet("letters as numbers", ROWS.replace("TR-0001", "&#84;&#x52;-0001"))
    yield read("a prefix before every tag", ".xlsx", _prefixed, TWO)
    yield read("strict names", ".xlsx", _strict, TWO)
    yield read("empty shared texts", ".xlsx", _empty_texts, TWO)
    yield _no_sheet("a row never closed", ROWS.replace("</row>", ""))
    yield _no_sheet("cells never closed, with a formula", ROWS + '<row r="4"><f>' + "<c>" * 300_000 + "</row>")
    yield _no_sheet("rows in rows", "<row>" * 100_000)
    yield refused(
        "letters said to be Latin that are not",
        ".xlsx",
        lambda path: write_parts(
            path, sheet_xml(ROWS.replace("TR-0001", "TR-é")).replace('"1.0"', '"1.0" encoding="ISO-8859-1"').encode("latin-1")
        ),
    )


def _books() -> Iterator[Case]:
    for name, state in (("hidden", "hidden"), ("very hidden", "veryHidden")):
        yield read(f"another sheet, {name}", ".xlsx", lambda path, s=state: _two_sheets(path, "Old", s), TWO)
        yield refused(
            f"its only sheet {name}",
            ".xlsx",
            lambda path, s=state: write_parts(path, sheet_xml(), **{"xl/workbook.xml": BOOK.replace("sheetId", f'state="{s}" sheetId')}),
        )
    yield refused("two sheets of one name", ".xlsx", lambda path: _two_sheets(path, "Payouts", "visible"))
    yield read("a chart for a sheet", ".xlsx", _charted)
    yield read("hidden and filtered rows", ".xlsx", _filtered)
    yield read("dates of 1904", ".xlsx", _dates_1904)
    yield Case("merged cells and a heading of two rows", ".xlsx", _two_row_heading, End.READ)
    yield either("three hundred sheets", ".xlsx", lambda path: hostile.write_xlsx(path, {f"S{n}": plain.TABLE for n in range(300)}))
    yield either(
        "sheets with names of every kind",
        ".xlsx",
        lambda path: hostile.write_xlsx(path, dict.fromkeys(("=1+1", "\u202eSheet", "A'B", " "), plain.TABLE)),
    )
    yield either("a hundred thousand merged cells", ".xlsx", lambda path: write_parts(path, sheet_xml().replace(
        "</worksheet>", "<mergeCells>" + '<mergeCell ref="A1:B9"/>' * 100_000 + "</mergeCells></worksheet>")))  # fmt: skip


def _styled(path: Path, rows: str) -> Path:
    rels = BOOK_RELS.replace("</Relationships>", f'<Relationship Id="rId2" Type="{REL}/styles" Target="styles.xml"/></Relationships>')
    return write_parts(path, sheet_xml(rows), **{"xl/_rels/workbook.xml.rels": rels, "xl/styles.xml": _STYLES})


def _waits(path: Path) -> Path:
    """A formula whose stated zero is not a result: whoever opens the book is asked to calculate it."""
    rows = ROWS.replace("<v>50</v>", "<f>25*2</f><v>0</v>")
    return write_parts(path, sheet_xml(rows), **{"xl/workbook.xml": BOOK.replace("</workbook>", '<calcPr fullCalcOnLoad="1"/></workbook>')})


def _prefixed(path: Path) -> Path:
    sheet = sheet_xml().replace("<worksheet xmlns=", "<x:worksheet xmlns:x=").replace("</worksheet", "</x:worksheet")
    for tag in ("sheetData", "row", "c", "v", "is", "t"):
        for end in (" ", ">", "/"):
            sheet = sheet.replace(f"<{tag}{end}", f"<x:{tag}{end}")
        sheet = sheet.replace(f"</{tag}>", f"</x:{tag}>")
    return write_parts(path, sheet)


def _strict(path: Path) -> Path:
    main, rel = "http://purl.oclc.org/ooxml/spreadsheetml/main", "http://purl.oclc.org/ooxml/officeDocument/relationships"
    old = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return write_parts(path, sheet_xml().replace(old, main), **{
        "xl/workbook.xml": BOOK.replace(old, main).replace(REL, rel), "xl/_rels/workbook.xml.rels": BOOK_RELS.replace(REL, rel),
        "_rels/.rels": hostile.RELS.replace(REL, rel),
    })  # fmt: skip


def _empty_texts(path: Path) -> Path:
    """Cells whose shared text is empty, as many programs write them: counted in the XML, blank in the sheet."""
    rows = ROWS.replace("</row>", '<c r="C0" t="s"><v>0</v></c></row>')
    for number in "123":
        rows = rows.replace('r="C0"', f'r="C{number}"', 1)
    rels = BOOK_RELS.replace(
        "</Relationships>", f'<Relationship Id="rId2" Type="{REL}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    )
    texts = f'<sst {MAIN} count="3" uniqueCount="1"><si><t></t></si></sst>'
    return write_parts(path, sheet_xml(rows), **{"xl/_rels/workbook.xml.rels": rels, "xl/sharedStrings.xml": texts})


def _two_sheets(path: Path, name: str, state: str) -> Path:
    book = BOOK.replace("</sheets>", f'<sheet name="{name}" state="{state}" sheetId="2" r:id="rId2"/></sheets>')
    more = f'<Relationship Id="rId2" Type="{REL}/worksheet" Target="worksheets/sheet2.xml"/></Relationships>'
    return write_parts(path, sheet_xml(), **{
        "xl/workbook.xml": book, "xl/_rels/workbook.xml.rels": BOOK_RELS.replace("</Relationships>", more),
        "xl/worksheets/sheet2.xml": sheet_xml(ROWS.replace("TR-", "TX-")),
    })  # fmt: skip


def _charted(path: Path) -> Path:
    def chart(book: Any, page: Any) -> None:
        drawn = book.add_chart({"type": "column"})
        drawn.add_series({"values": "=Payouts!$B$2:$B$9"})
        book.add_chartsheet("Chart").set_chart(drawn)

    return hostile.write_xlsx(path, {"Payouts": plain.TABLE}, after=chart)


def _filtered(path: Path) -> Path:
    def hide(book: Any, page: Any) -> None:
        page.autofilter(0, 0, 12, 3)
        page.filter_column("C", "x == FAILED")
        for row in (1, 2, 4):
            page.set_row(row, None, None, {"hidden": True})

    return hostile.write_xlsx(path, {"Payouts": plain.TABLE}, after=hide)


def _dates_1904(path: Path) -> Path:
    book = xlsxwriter.Workbook(str(path), {"date_1904": True})
    page, dated, lasting = (
        book.add_worksheet("Payouts"),
        book.add_format({"num_format": "yyyy-mm-dd"}),
        book.add_format({"num_format": "[h]:mm"}),
    )
    for number, row in enumerate([[*plain.HEADING, "Date", "Took"], *plain.LINES]):
        for column, value in enumerate(row):
            page.write(number, column, value)
        if number:
            page.write_datetime(number, 4, datetime(2026, 11, 17), dated)  # noqa: DTZ001 - a spreadsheet's dates have no zone
            page.write_datetime(number, 5, timedelta(hours=30), lasting)
    book.close()
    return path


def _two_row_heading(path: Path) -> Path:
    def merge(book: Any, page: Any) -> None:
        page.merge_range(0, 0, 0, 3, "Sparrow payments, all sites")
        page.merge_range(2, 0, 3, 0, "Reference")
        page.merge_range(2, 1, 2, 3, "Payment")

    rows = [["Sparrow payments, all sites"], [], ["Reference", "Payment"], [None, "Amount", "Status", "Name"], *plain.LINES]
    return hostile.write_xlsx(path, {"Payouts": rows}, after=merge)
