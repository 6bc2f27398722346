"""One small payout file in every form, to be read alike: what providers honestly send."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from tests.workbooks import protected
from tests.workbooks.binary_excel import write_xlsb
from tests.workbooks.old_excel import stream, write_xls
from tests.workbooks.shapes import write_xlsx

HEADING = ["Reference", "Amount", "Status", "Name"]
LINES = [
    [f"TRB{n:04}K", 7000 + 250.5 * n, ("SUCCESS", "FAILED")[n % 3 == 2], ("Juniper Moonbeam", "Éloïse Papier", "قمر البستان")[n % 3]]
    for n in range(12)
]
TABLE: list[list[Any]] = [HEADING, *LINES]
READ = [(line[0], round(line[1] * 100), "failed" if line[2] == "FAILED" else "paid") for line in LINES]
"""What every form of the table comes to: reference, minor units, outcome."""


def xlsx(path: Path, rows: Sequence[Sequence[Any]] = TABLE) -> Path:
    return write_xlsx(path, {"Payouts": rows})


def xls(path: Path, rows: Sequence[Sequence[Any]] = TABLE) -> Path:
    return write_xls(path, {"Payouts": rows})


def xlsb(path: Path, rows: Sequence[Sequence[Any]] = TABLE) -> Path:
    return write_xlsb(path, {"Payouts": rows})


def ods(path: Path, rows: Sequence[Sequence[Any]] = TABLE, *, more: str = "", inside: str = "", doctype: str = "") -> Path:
    """An OpenDocument spreadsheet; `inside` follows the rows in the table, `more` follows the table."""
    lines = "".join(f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in rows)
    return write_ods(path, f'<table:table table:name="Payouts">{lines}{inside}</table:table>{more}', doctype)


def write_ods(path: Path, tables: str, doctype: str = "") -> Path:
    """An OpenDocument spreadsheet of literal tables."""
    spaces = "".join(f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text"))
    spaces += (
        ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"'
    )
    content = f'<?xml version="1.0" encoding="UTF-8"?>{doctype}<office:document-content{spaces} office:version="1.2"><office:body><office:spreadsheet>'
    content += f"{tables}</office:spreadsheet></office:body></office:document-content>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr(
            "META-INF/manifest.xml", '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
        )
        archive.writestr("content.xml", content)
    return path


def ods_cell(value: Any) -> str:
    """One cell as a spreadsheet program writes it."""
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, str):
        return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value:,}</text:p></table:table-cell>'


def text(path: Path, rows: Sequence[Sequence[Any]] = TABLE, *, delimiter: str = ",", encoding: str = "utf-8", before: str = "") -> Path:
    """A csv or tsv."""
    made = io.StringIO(newline="")
    csv.writer(made, delimiter=delimiter).writerows(rows)
    path.write_bytes((before + made.getvalue()).encode(encoding))
    return path


def page(path: Path, rows: Sequence[Sequence[Any]] = TABLE, encoding: str = "utf-8") -> Path:
    """A web page under a spreadsheet's name, as portals save them."""
    lines = "\r\n".join(f"<tr>{''.join(f'<td>{escape(str(value))}</td>' for value in row)}</tr>" for row in rows)
    html = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={encoding}"></head><body><table border="1">{lines}</table></body></html>'
    path.write_bytes(html.encode(encoding))
    return path


def xml_2003(path: Path, rows: Sequence[Sequence[Any]] = TABLE, doctype: str = "", cells: Callable[[Any], str] | None = None) -> Path:
    """A workbook in the XML of Excel 2003."""
    lines = "".join(f"<Row>{''.join(map(cells or xml_cell, row))}</Row>" for row in rows)
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    path.write_text(
        f'<?xml version="1.0"?>{doctype}<?mso-application progid="Excel.Sheet"?><Workbook xmlns="{space}" xmlns:ss="{space}">'
        f'<Worksheet ss:Name="Payouts"><Table>{lines}</Table></Worksheet></Workbook>',
        encoding="utf-8",
    )
    return path


def xml_cell(value: Any) -> str:
    if value is None:
        return "<Cell/>"
    kind = "String" if isinstance(value, str) else "Number"
    return f'<Cell><Data ss:Type="{kind}">{escape(str(value))}</Data></Cell>'


def agile(path: Path) -> Path:
    return protected.agile(path, xlsx(path).read_bytes())


def standard(path: Path) -> Path:
    return protected.standard(path, xlsx(path).read_bytes())


def rc4(path: Path) -> Path:
    return protected.rc4(path, stream({"Payouts": TABLE}))


FORMS: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "xlsx": (".xlsx", xlsx),
    "xlsm": (".xlsm", xlsx),
    "xls": (".xls", xls),
    "xlsb": (".xlsb", xlsb),
    "ods": (".ods", ods),
    "csv": (".csv", text),
    "tsv": (".tsv", lambda path: text(path, delimiter="\t")),
    "page": (".xls", page),
    "xml 2003": (".xls", xml_2003),
}
