"""Odd and hostile files in the forms beside xlsx: .xls, .xlsb, .ods, tables of web pages and the XML of Excel 2003."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.workbooks import plain, protected
from tests.workbooks.binary_excel import part, sheet_part, write_xlsb
from tests.workbooks.cases import Case, End, Read, either, read, refused
from tests.workbooks.compound import compound
from tests.workbooks.old_excel import Dated, Error, Formula, Small, record, stream, write_xls
from tests.workbooks.shapes import write_xlsx

_HEAD = ["Reference", "Amount"]
TWO: Read = [("TR-0001", 5000, "paid"), ("TR-0002", 7550, "paid")]
_ODD: Read = [("TR-0001", None, "paid"), ("TR-0002", 7550, "paid")]
_LAST = ["TR-0002", 75.5]
_WRITERS: dict[str, Callable[..., Path]] = {".xls": write_xls, ".xlsb": write_xlsb}


def cases() -> Iterator[Case]:
    """Every shape of the other forms."""
    for ending, write in _WRITERS.items():
        yield from _records(ending, write)
    yield from _old_excel()
    yield from _binary_excel()
    yield from _open_document()
    yield from _pages()
    yield from _xml_2003()
    yield from _passwords()


def _amount(ending: str, write: Callable[..., Path], name: str, value: Any, rows: Read, problems: int | None) -> Case:
    return read(f"{name} for an amount", ending, lambda path: write(path, {"Payouts": [_HEAD, ["TR-0001", value], _LAST]}), rows, problems)


def _records(ending: str, write: Callable[..., Path]) -> Iterator[Case]:
    yield _amount(ending, write, "a short whole number", Small(50), TWO, 0)
    yield _amount(ending, write, "a number of five and a half digits too many", 50.005, _ODD, 1)
    yield _amount(ending, write, "a number beyond all", 1e300, _ODD, 1)
    yield _amount(ending, write, "nothing that is a number", float("nan"), _ODD, 1)
    yield _amount(ending, write, "an error", Error("#N/A"), _ODD, 1)
    yield _amount(ending, write, "a truth value", True, _ODD, 1)
    yield _amount(ending, write, "a text", "50.00", TWO, 0)
    yield _amount(ending, write, "a calculated number", Formula(50.0), TWO, 0)
    yield _amount(ending, write, "a calculated text", Formula("50.00"), TWO, 0)
    yield _amount(ending, write, "a calculated error", Formula(Error("#REF!")), _ODD, 1)
    yield _amount(ending, write, "an empty text", "", _ODD, 1)
    yield read("hidden sheets and rows", ending, lambda path: write(path, {"Old": [_HEAD, ["TX", 9]], "Payouts": plain.TABLE}, hidden=["Old"], hidden_rows=[2, 3]))
    yield refused("its only sheet hidden", ending, lambda path: write(path, {"Old": [_HEAD, ["TX", 9]]}, hidden=["Old"]))
    yield read("dates of 1904", ending, lambda path: write(path, {"Payouts": plain.TABLE}, date_1904=True))
    yield refused("two far corners", ending, lambda path: write(path, {"Payouts": {0: ["a"], 65535: [*[None] * 255, "b"]}}), "too far apart")
    yield either("rows out of order", ending, lambda path: write(path, {"Payouts": {2: _LAST, 0: _HEAD, 1: ["TR-0001", 50]}}))
    yield refused("two sheets of one name", ending, lambda path: _renamed(write(path, {"Payouts": plain.TABLE, "Payoutz": plain.TABLE})))
    yield Case("a last row of errors", ending, lambda path: write(path, {"Payouts": [*plain.TABLE, [], [Error("#N/A")]]}), End.READ)


def _renamed(path: Path) -> Path:
    wide = {each: f"Payout{each}".encode("utf-16-le") for each in "sz"}
    if path.suffix == ".xls":
        path.write_bytes(path.read_bytes().replace(wide["z"], wide["s"]))
        return path
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).replace(wide["z"], wide["s"]) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return path


def _old_excel() -> Iterator[Case]:
    good = stream({"Payouts": plain.TABLE})

    def book(change: Callable[[bytes], bytes], name: str = "Workbook") -> Callable[[Path], Path]:
        return lambda path: _written(path, compound({name: change(good)}))

    yield read("a date for an amount", ".xls", lambda path: write_xls(path, {"Payouts": [_HEAD, ["TR-0001", Dated(46000)], _LAST]}), _ODD, 1)
    yield read("two entries in one cell", ".xls", book(lambda raw: raw), plain.READ)
    yield refused("an entry in the place of another", ".xls", lambda path: write_xls(path, {"Payouts": {0: _HEAD, 1: ["TR-0001", 50], 2: _LAST}}) and _doubled(path))
    yield refused("a sheet without an end", ".xls", book(lambda raw: raw[: raw.rfind(record(0x0A))]))
    yield either("a record longer than the file", ".xls", book(lambda raw: raw[:-300] + struct.pack("<HH", 0x203, 0xFFFF)))
    yield either("a sheet that begins beyond the end", ".xls", book(lambda raw: _bound_at(raw, 0x7FFFFFFF)))
    yield either("a sheet that begins in the list of sheets", ".xls", book(lambda raw: _bound_at(raw, 0)))
    yield either("a count of texts beyond all", ".xls", book(lambda raw: _counted(raw, 0xFFFFFFFF)))
    yield either("a stream by its old name", ".xls", book(lambda raw: raw, "Book"))
    yield refused("another kind of document", ".xls", lambda path: _written(path, compound({"WordDocument": b"x" * 5000})), "another kind")
    yield either("a chain of sectors without an end", ".xls", lambda path: _looped(plain.xls(path)))
    yield refused("records of Excel 2", ".xls", lambda path: _written(path, struct.pack("<HHHH", 0x09, 4, 2, 0x10) + bytes(500)))
    yield read("long texts over many records", ".xls", lambda path: plain.xls(path, [[*plain.HEADING, "Note"], *([*line, f"{n}" * 3000] for n, line in enumerate(plain.LINES))]))


def _doubled(path: Path) -> Path:
    rows = {0: _HEAD, 1: ["TR-0001", 50]}
    raw = stream({"Payouts": rows})
    extra = record(0x203, struct.pack("<HHHd", 1, 1, 15, 99.0))
    return _written(path, compound({"Workbook": raw[: raw.rfind(record(0x0A))] + extra + record(0x0A)}))


def _bound_at(raw: bytes, place: int) -> bytes:
    at = raw.find(struct.pack("<H", 0x85)) + 4
    return raw[:at] + struct.pack("<I", place) + raw[at + 4 :]


def _counted(raw: bytes, count: int) -> bytes:
    at = raw.find(struct.pack("<H", 0xFC), 300) + 4
    return raw[:at] + struct.pack("<II", count, count) + raw[at + 8 :]


def _looped(path: Path) -> Path:
    raw = bytearray(path.read_bytes())
    fat = struct.unpack_from("<I", raw, 76)[0]
    struct.pack_into("<I", raw, 512 + fat * 512 + 4, 0)
    return _written(path, bytes(raw))


def _written(path: Path, raw: bytes) -> Path:
    path.write_bytes(raw)
    return path


def _binary_excel() -> Iterator[Case]:
    def sheet(body: bytes) -> Callable[[Path], Path]:
        return lambda path: _sheet_replaced(plain.xlsb(path), body)

    good = sheet_part(plain.TABLE)
    yield refused("a record longer than the part", ".xlsb", sheet(good[:-9] + b"\x05\xff\xff\xff\x7f"))
    yield refused("a sheet cut short", ".xlsb", sheet(good[:-40]))
    yield refused("an empty sheet", ".xlsb", sheet(b""))
    yield refused("two far corners of the largest sheet", ".xlsb", sheet(sheet_part({0: ["a"], 1048575: [*[None] * 16383, "b"]})), "too far apart")
    yield refused("a row beyond the last", ".xlsb", sheet(sheet_part({0: ["a"], 0x7FFFFFF0: ["b"]})))
    yield refused("an entry in the place of another", ".xlsb", sheet(good.replace(part(146), part(5, struct.pack("<IId", 1, 0, 99.0)) * 2 + part(146))))
    yield either("noise for a sheet", ".xlsb", sheet(bytes(range(256)) * 40))


def _sheet_replaced(path: Path, body: bytes) -> Path:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, old in parts.items():
            archive.writestr(name, body if name.endswith("sheet1.bin") else old)
    return path


def _open_document() -> Iterator[Case]:
    def sheet(rows: str) -> Callable[[Path], Path]:
        head = "".join(map(plain.ods_cell, _HEAD))
        return lambda path: plain.write_ods(path, f'<table:table table:name="P"><table:table-row>{head}</table:table-row>{rows}</table:table>')

    def row(cells: str, stated: str = "") -> str:
        return f"<table:table-row {stated}>{cells}</table:table-row>"

    text, last = plain.ods_cell, row("".join(map(plain.ods_cell, _LAST)))
    blank_tail = '<table:table-cell table:number-columns-repeated="16380"/>'
    one = text("TR-0001")
    yield read("rows and columns of nothing to the last", ".ods", lambda path: plain.ods(path, inside=row(blank_tail, 'table:number-rows-repeated="1048500"')))
    yield read("every row filled up with nothing", ".ods", sheet(row(one + text(50) + blank_tail) + row(text("TR-0002") + text(75.5) + blank_tail)), TWO)
    yield read("a row that stands three times", ".ods", sheet(row(one + text(50), 'table:number-rows-repeated="3"')), [TWO[0]] * 3)
    yield refused("a row a million times", ".ods", sheet(row("".join(map(text, "abcdef")), 'table:number-rows-repeated="1048000"')), "too far apart")
    yield refused("a cell in sixteen thousand columns of many rows", ".ods", sheet(row(text("x").replace("<table:table-cell", '<table:table-cell table:number-columns-repeated="16000"'), 'table:number-rows-repeated="1000000"')))
    yield refused("a row ten to the twelfth times", ".ods", sheet(row(one, 'table:number-rows-repeated="1000000000000"')))
    yield either("a row minus one times", ".ods", sheet(row(one + text(50), 'table:number-rows-repeated="-1"') + last))
    yield read("hidden and filtered rows", ".ods", sheet(row(one + text(50), 'table:visibility="filter"') + last.replace("<table:table-row ", '<table:table-row table:visibility="collapse" ')), TWO)
    error = '<table:table-cell table:formula="of:=[.#REF!]" office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#REF!</text:p></table:table-cell>'
    yield read("an error for an amount", ".ods", sheet(row(one + error) + last), _ODD, 1)
    yield read("a formula never calculated", ".ods", sheet(row(one + '<table:table-cell table:formula="of:=25*2"/>') + last), _ODD, 1)
    yield read("a calculated number", ".ods", sheet(row(one + text(50).replace("<table:table-cell", '<table:table-cell table:formula="of:=25*2"')) + last), TWO)
    yield read("a truth value for an amount", ".ods", sheet(row(one + '<table:table-cell office:value-type="boolean" office:boolean-value="true"><text:p>TRUE</text:p></table:table-cell>') + last), _ODD, 1)
    yield read("an amount with its currency", ".ods", sheet(row(one + '<table:table-cell office:value-type="currency" office:currency="KES" office:value="50"><text:p>KSh 50</text:p></table:table-cell>') + last), TWO)
    yield read("a share for an amount", ".ods", sheet(row(one + '<table:table-cell office:value-type="percentage" office:value="50"><text:p>5000%</text:p></table:table-cell>') + last), TWO)
    yield read("a date for an amount", ".ods", sheet(row(one + '<table:table-cell office:value-type="date" office:date-value="2026-11-17"><text:p>17/11/26</text:p></table:table-cell>') + last), _ODD, 1)
    yield read("a duration for an amount", ".ods", sheet(row(one + '<table:table-cell office:value-type="time" office:time-value="PT30H15M00S"><text:p>30:15</text:p></table:table-cell>') + last), _ODD, 1)
    note = '<office:annotation><text:p>call back</text:p></office:annotation>'
    yield read("a comment on a cell", ".ods", sheet(row(one.replace("<text:p>", note + "<text:p>") + text(50)) + last), TWO)
    yield read("letters in spans, spaces and links", ".ods", sheet(row(one.replace("TR-0001", '<text:span>TR-</text:span><text:a xlink:href="http://192.0.2.1/">0001</text:a>') + text(50)) + last), TWO)
    yield refused("an unclosed table", ".ods", lambda path: plain.write_ods(path, '<table:table table:name="P">'))
    yield refused("two tables of one name", ".ods", lambda path: plain.ods(path, more='<table:table table:name="Payouts"/>'))
    yield refused("content behind a password", ".ods", _locked_document)


def _locked_document(path: Path) -> Path:
    plain.ods(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    key = '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry>'
    parts["META-INF/manifest.xml"] = parts["META-INF/manifest.xml"].replace(b"/>", b">" + key.encode() + b"</manifest:manifest>", 1)
    parts["content.xml"] = bytes(range(256)) * 20
    with zipfile.ZipFile(path, "w") as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return path


def _pages() -> Iterator[Case]:
    yield read("a page in Arabic letters", ".xls", lambda path: plain.page(path, [[*cells[:3], "قمر" if n else "Name"] for n, cells in enumerate(plain.TABLE)], "windows-1256"))
    yield refused("a page that asks to sign in", ".xls", lambda path: _written(path, b"<!DOCTYPE html><html><body><form><input name=user></form></body></html>"))
    yield refused("tables in tables", ".xls", lambda path: _page(path, "<table><tr><td><table><tr><td>1</td></tr></table></td></tr></table>"))
    yield refused("a page cut short", ".xls", lambda path: _written(path, plain.page(path).read_bytes()[:-120]))
    yield refused("a page packed with its pictures", ".xls", lambda path: _written(path, b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n"))
    yield refused("a page said to be in UTF-7", ".xls", lambda path: _written(path, b'<html><meta charset="utf-7"><table>+ADw-tr+AD4-</table></html>'))
    yield either("a million cells spanning all", ".xls", lambda path: _page(path, "<table>" + "<tr><td colspan=1000>x<td>y</tr>" * 30_000 + "</table>"))
    yield either("comments without an end", ".xls", lambda path: _page(path, "<table><tr><td>1</td></tr></table>" + "<!--" * 400_000))
    yield either("scripts and pictures", ".xls", lambda path: _page(path, '<script src="http://192.0.2.1/"></script><img src="http://192.0.2.1/"><table><tr><td onclick=x()>A<td>B</table>'))
    yield refused("other XML", ".xlsx", lambda path: _written(path, b'<?xml version="1.0"?><Payments><Payment/></Payments>'))


def _page(path: Path, body: str) -> Path:
    return _written(path, f"<html><body>{body}</body></html>".encode())


def _xml_2003() -> Iterator[Case]:
    def sheet(rows: str, more: str = "") -> Callable[[Path], Path]:
        def made(path: Path) -> Path:
            plain.xml_2003(path, [_HEAD])
            raw = path.read_text(encoding="utf-8").replace("</Table>", rows + "</Table>" + more)
            path.write_text(raw, encoding="utf-8")
            return path

        return made

    cell = plain.xml_cell
    last = f"<Row>{cell('TR-0002')}{cell(75.5)}</Row>"
    one = cell("TR-0001")
    yield read("stated places", ".xls", sheet(f'<Row ss:Index="9">{one}<Cell ss:Index="2"><Data ss:Type="Number">50</Data></Cell></Row>' + last), TWO)
    yield read("hidden rows", ".xls", sheet(f'<Row ss:Hidden="1">{one}{cell(50)}</Row>' + last), TWO)
    for name, kind, text in (("an error", "Error", "#N/A"), ("a date", "DateTime", "2026-11-17T00:00:00.000"), ("a truth value", "Boolean", "1")):
        yield read(f"{name} for an amount in XML", ".xls", sheet(f'<Row>{one}<Cell><Data ss:Type="{kind}">{text}</Data></Cell></Row>' + last), _ODD, 1)
    yield read("a formula never calculated in XML", ".xls", sheet(f'<Row>{one}<Cell ss:Formula="=25*2"/></Row>' + last), _ODD, 1)
    yield read("a comment on a cell of XML", ".xls", sheet(f'<Row>{one.replace("</Cell>", "<Comment><ss:Data>call</ss:Data></Comment></Cell>")}{cell(50)}</Row>' + last), TWO)
    yield refused("rows of XML out of order", ".xls", sheet(f'<Row ss:Index="5">{one}</Row><Row ss:Index="2">{one}</Row>'))
    yield refused("a row of XML beyond the last", ".xls", sheet(f'<Row ss:Index="99999999">{one}</Row>'))
    yield refused("two far corners of XML", ".xls", sheet('<Row ss:Index="1048576"><Cell ss:Index="16384"><Data ss:Type="Number">1</Data></Cell></Row>'))
    yield refused("a number that is none", ".xls", sheet(f'<Row>{one}<Cell><Data ss:Type="Number">fifty</Data></Cell></Row>'))
    yield refused("XML cut short", ".xls", lambda path: _written(path, plain.xml_2003(path).read_bytes()[:-60]))


def _passwords() -> Iterator[Case]:
    wide = [[*row, "x" * 200] for row in [*plain.TABLE, *[[f"note {n}"] for n in range(40)]]]
    for name, ending, make in (("today's protection", ".xlsx", plain.agile), ("the protection of 2007", ".xlsx", plain.standard), ("the protection of 97", ".xls", plain.rc4)):
        yield Case(f"{name}, without its password", ending, make, End.REFUSED, says="give the file's password: it is protected")
        yield Case(f"{name}, with another password", ending, make, End.REFUSED, says="password again", password="wrong")
        yield Case(f"{name}, with its password", ending, make, End.READ, rows=plain.READ, password=protected.PASSWORD)
    yield Case("a protected text", ".xlsx", lambda path: protected.standard(path, b"no workbook at all" * 300), End.REFUSED, password=protected.PASSWORD)
    yield Case("protected twice", ".xlsx", lambda path: _protected_twice(path, wide), End.REFUSED, password=protected.PASSWORD)
    yield either("a protection turned a billion times", ".xlsx", _spun)


def _protected_twice(path: Path, rows: list[list[Any]]) -> Path:
    return protected.standard(path, protected.standard(path, write_xlsx(path, {"A": rows}).read_bytes()).read_bytes())


def _spun(path: Path) -> Path:
    raw = plain.agile(path).read_bytes()
    return _written(path, raw.replace(b'spinCount="100000"', b'spinCount="999999"'))
