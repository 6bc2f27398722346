"""Files that no honest program writes, and files that honest programs write badly."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

from tests.workbooks.shapes import write_xlsx

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
CONTENT_TYPES = (
    f'<?xml version="1.0"?><Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
RELS = f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
BOOK_RELS = f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{REL}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
BOOK = f'<workbook {MAIN} xmlns:r="{REL}"><sheets><sheet name="Payouts" sheetId="1" r:id="rId1"/></sheets></workbook>'
ROWS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>Reference</t></is></c><c r="B1" t="inlineStr"><is><t>Amount</t></is></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><t>TR-0001</t></is></c><c r="B2"><v>50</v></c></row>'
    '<row r="3"><c r="A3" t="inlineStr"><is><t>TR-0002</t></is></c><c r="B3"><v>75.5</v></c></row>'
)


def sheet_xml(rows: str = ROWS, before: str = "", doctype: str = "") -> str:
    """A worksheet of literal rows."""
    return f'<?xml version="1.0"?>{doctype}<worksheet {MAIN}>{before}<sheetData>{rows}</sheetData></worksheet>'


def write_parts(path: Path, sheet: str | bytes, **more: str | bytes) -> Path:
    """A minimal xlsx of one literal worksheet."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        parts = {
            "[Content_Types].xml": CONTENT_TYPES,
            "_rels/.rels": RELS,
            "xl/workbook.xml": BOOK,
            "xl/_rels/workbook.xml.rels": BOOK_RELS,
            "xl/worksheets/sheet1.xml": sheet,
            **more,
        }
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


def bomb(path: Path) -> Path:
    """A worksheet of some sixty kilobytes that unpacks to 60 MB."""
    return write_parts(path, sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>' + " " * 60_000_000))


def far_apart(path: Path) -> Path:
    """Two cells in opposite corners: a table of 17 billion cells."""
    return write_parts(path, sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'))


def duplicate_members(path: Path) -> Path:
    """The same member twice: readers disagree about which one counts."""
    write_parts(path, sheet_xml())
    raw = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(raw, "a") as archive:
        info = zipfile.ZipInfo("xl/worksheets/sheet2.xml")
        archive.writestr(info, sheet_xml(ROWS.replace("75.5", "9999")))
    path.write_bytes(raw.getvalue().replace(b"xl/worksheets/sheet2.xml", b"xl/worksheets/sheet1.xml"))
    return path


def entities(path: Path) -> Path:
    """A worksheet that asks the reader to put a file of the machine into a cell."""
    trick = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
    return write_parts(path, sheet_xml(ROWS.replace("TR-0001", "&e;"), doctype=trick))


def lying_dimension(path: Path) -> Path:
    """A worksheet that states one row and has three."""
    return write_parts(path, sheet_xml(before='<dimension ref="A1:B1"/>'))


def truncated(path: Path) -> Path:
    """An xlsx of which the end never arrived."""
    write_xlsx(path, {"Payouts": [["Reference", "Amount"], *[[f"TR-{n:04}", n] for n in range(2000)]]})
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    return path


def damaged_inside(path: Path) -> Path:
    """A zip whose directory is whole and whose worksheet is not."""
    write_xlsx(path, {"Payouts": [["Reference", "Amount"], *[[f"TR-{n:04}", n] for n in range(2000)]]})
    raw = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("xl/worksheets/sheet1.xml").header_offset
    raw[start + 200 : start + 260] = b"\x00" * 60
    path.write_bytes(bytes(raw))
    return path


def lying_size(path: Path) -> Path:
    """A member whose stated size is a tenth of what it unpacks to."""
    write_parts(path, sheet_xml(ROWS + " " * 100_000))
    raw = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        true = struct.pack("<I", archive.getinfo("xl/worksheets/sheet1.xml").file_size)
    path.write_bytes(bytes(raw).replace(true, struct.pack("<I", 500)))
    return path


def never_ending_nest(path: Path) -> Path:
    """XML nested a hundred thousand deep."""
    return write_parts(path, sheet_xml("<row>" * 100_000))


def too_many_members(path: Path) -> Path:
    """More parts than any workbook has."""
    return write_parts(path, sheet_xml(), **{f"xl/media/{n}.txt": "" for n in range(6000)})


def ods(path: Path, rows: list[list[str]], doctype: str = "") -> Path:
    """A minimal OpenDocument spreadsheet of text cells."""
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    lines = "".join(f"<table:table-row>{''.join(cell.format(text) for text in row)}</table:table-row>" for row in rows)
    spaces = "".join(f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text"))
    content = (
        f'<?xml version="1.0"?>{doctype}<office:document-content{spaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="Payouts">{lines}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", content)
    return path
