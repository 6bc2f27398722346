"""Odd and hostile files in the forms beside xlsx: .xls, .xlsb and .ods."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.workbooks import plain
from tests.workbooks.binary_excel import part, sheet_part, write_xlsb
from tests.workbooks.cases import Case, End, Read, either, read, refused
from tests.workbooks.compound import compound
from tests.workbooks.old_excel import Dated, Error, Formula, Small, record, stream, write_xls

HEAD = ["Reference", "Amount"]
TWO: Read = [("TR-0001", 5000, "paid"), ("TR-0002", 7550, "paid")]
ODD: Read = [("TR-0001", None, "paid"), ("TR-0002", 7550, "paid")]
LAST = ["TR-0002", 75.5]
_WRITERS: dict[str, Callable[..., Path]] = {".xls": write_xls, ".xlsb": write_xlsb}


def cases() -> Iterator[Case]:
    """Every shape of the other forms."""
    for ending, write in _WRITERS.items():
        yield from _records(ending, write)
    yield from _old_excel()
    yield from _binary_excel()
    yield from _open_document()


def _amount(ending: str, write: Callable[..., Path], name: str, value: Any, rows: Read, problems: int | None) -> Case:
    return read(f"{name} for an amount", ending, lambda path: write(path, {"Payouts": [HEAD, ["TR-0001", value], LAST]}), rows, problems)


def _records(ending: str, write: Callable[..., Path]) -> Iterator[Case]:
    yield _amount(ending, write, "a short whole number", Small(50), TWO, 0)
    yield _amount(ending, write, "a number of five and a half digits too many", 50.005, ODD, 1)
    yield _amount(ending, write, "a number beyond all", 1e300, ODD, 1)
    yield _amount(ending, write, "nothing that is a number", float("nan"), ODD, 1)
    yield _amount(ending, write, "an error", Error("#N/A"), ODD, 1)
    yield _amount(ending, write, "a truth value", True, ODD, 1)
    yield _amount(ending, write, "a text", "50.00", TWO, 0)
    yield _amount(ending, write, "a calculated number", Formula(50.0), TWO, 0)
    yield _amount(ending, write, "a calculated text", Formula("50.00"), TWO, 0)
    yield _amount(ending, write, "a calculated error", Formula(Error("#REF!")), ODD, 1)
    yield _amount(ending, write, "an empty text", "", ODD, 1)
    yield read(
        "hidden sheets and rows",
        ending,
        lambda path: write(path, {"Old": [HEAD, ["TX", 9]], "Payouts": plain.TABLE}, hidden=["Old"], hidden_rows=[2, 3]),
    )
    yield refused("its only sheet hidden", ending, lambda path: write(path, {"Old": [HEAD, ["TX", 9]]}, hidden=["Old"]))
    yield read("dates of 1904", ending, lambda path: write(path, {"Payouts": plain.TABLE}, date_1904=True))
    yield refused(
        "two far corners", ending, lambda path: write(path, {"Payouts": {0: ["a"], 65535: [*[None] * 255, "b"]}}), "too far apart"
    )
    yield either("rows out of order", ending, lambda path: write(path, {"Payouts": {2: LAST, 0: HEAD, 1: ["TR-0001", 50]}}))
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
        return lambda path: written(path, compound({name: change(good)}))

    yield read("a date for an amount", ".xls", lambda path: write_xls(path, {"Payouts": [HEAD, ["TR-0001", Dated(46000)], LAST]}), ODD, 1)
    yield read("two entries in one cell", ".xls", book(lambda raw: raw), plain.READ)
    yield refused(
        "an entry in the place of another",
        ".xls",
        lambda path: write_xls(path, {"Payouts": {0: HEAD, 1: ["TR-0001", 50], 2: LAST}}) and _doubled(path),
    )
    yield refused("a sheet without an end", ".xls", book(lambda raw: raw[: raw.rfind(record(0x0A))]))
    yield either("a record longer than the file", ".xls", book(lambda raw: raw[:-300] + struct.pack("<HH", 0x203, 0xFFFF)))
    yield either("a sheet that begins beyond the end", ".xls", book(lambda raw: _bound_at(raw, 0x7FFFFFFF)))
    yield either("a sheet that begins in the list of sheets", ".xls", book(lambda raw: _bound_at(raw, 0)))
    yield either("a count of texts beyond all", ".xls", book(lambda raw: _counted(raw, 0xFFFFFFFF)))
    yield either("a stream by its old name", ".xls", book(lambda raw: raw, "Book"))
    yield refused("another kind of document", ".xls", lambda path: written(path, compound({"WordDocument": b"x" * 5000})), "another kind")
    yield either("a chain of sectors without an end", ".xls", lambda path: _looped(plain.xls(path)))
    yield refused("records of Excel 2", ".xls", lambda path: written(path, struct.pack("<HHHH", 0x09, 4, 2, 0x10) + bytes(500)))
    yield read(
        "long texts over many records",
        ".xls",
        lambda path: plain.xls(path, [[*plain.HEADING, "Note"], *([*line, f"{n}" * 3000] for n, line in enumerate(plain.LINES))]),
    )


def _doubled(path: Path) -> Path:
    rows = {0: HEAD, 1: ["TR-0001", 50]}
    raw = stream({"Payouts": rows})
    extra = record(0x203, struct.pack("<HHHd", 1, 1, 15, 99.0))
    return written(path, compound({"Workbook": raw[: raw.rfind(record(0x0A))] + extra + record(0x0A)}))


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
    return written(path, bytes(raw))


def written(path: Path, raw: bytes) -> Path:
    path.write_bytes(raw)
    return path


def _binary_excel() -> Iterator[Case]:
    def sheet(body: bytes) -> Callable[[Path], Path]:
        return lambda path: _sheet_replaced(plain.xlsb(path), body)

    good = sheet_part(plain.TABLE)
    yield refused("a record longer than the part", ".xlsb", sheet(good[:-9] + b"\x05\xff\xff\xff\x7f"))
    yield refused("a sheet cut short", ".xlsb", sheet(good[:-40]))
    yield refused("an empty sheet", ".xlsb", sheet(b""))
    yield refused(
        "two far corners of the largest sheet", ".xlsb", sheet(sheet_part({0: ["a"], 1048575: [*[None] * 16383, "b"]})), "too far apart"
    )
    yield refused("a row beyond the last", ".xlsb", sheet(sheet_part({0: ["a"], 0x7FFFFFF0: ["b"]})))
    yield refused(
        "an entry in the place of another",
        ".xlsb",
        sheet(good.replace(part(146), part(5, struct.pack("<IId", 1, 0, 99.0)) * 2 + part(146))),
    )
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
        head = "".join(map(plain.ods_cell, HEAD))
        return lambda path: plain.write_ods(
            path, f'<table:table table:name="P"><table:table-row>{head}</table:table-row>{rows}</table:table>'
        )

    def row(cells: str, stated: str = "") -> str:
        return f"<table:table-row {stated}>{cells}</table:table-row>"

    text, last = plain.ods_cell, row("".join(map(plain.ods_cell, LAST)))
    blank_tail = '<table:table-cell table:number-columns-repeated="16380"/>'
    one = text("TR-0001")
    yield read(
        "rows and columns of nothing to the last",
        ".ods",
        lambda path: plain.ods(path, inside=row(blank_tail, 'table:number-rows-repeated="1048500"')),
    )
    yield read(
        "every row filled up with nothing",
        ".ods",
        sheet(row(one + text(50) + blank_tail) + row(text("TR-0002") + text(75.5) + blank_tail)),
        TWO,
    )
    yield read("a row that stands three times", ".ods", sheet(row(one + text(50), 'table:number-rows-repeated="3"')), [TWO[0]] * 3)
    yield refused(
        "a row a million times", ".ods", sheet(row("".join(map(text, "abcdef")), 'table:number-rows-repeated="1048000"')), "too far apart"
    )
    yield refused(
        "a cell in sixteen thousand columns of many rows",
        ".ods",
        sheet(
            row(
                text("x").replace("<table:table-cell", '<table:table-cell table:number-columns-repeated="16000"'),
                'table:number-rows-repeated="1000000"',
            )
        ),
    )
    yield refused("a row ten to the twelfth times", ".ods", sheet(row(one, 'table:number-rows-repeated="1000000000000"')))
    yield either("a row minus one times", ".ods", sheet(row(one + text(50), 'table:number-rows-repeated="-1"') + last))
    yield read(
        "hidden and filtered rows",
        ".ods",
        sheet(
            row(one + text(50), 'table:visibility="filter"')
            + last.replace("<table:table-row ", '<table:table-row table:visibility="collapse" ')
        ),
        TWO,
    )
    error = '<table:table-cell table:formula="of:=[.#REF!]" office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#REF!</text:p></table:table-cell>'
    yield read("an error for an amount", ".ods", sheet(row(one + error) + last), ODD, 1)
    yield read("a formula never calculated", ".ods", sheet(row(one + '<table:table-cell table:formula="of:=25*2"/>') + last), ODD, 1)
    yield read(
        "a calculated number",
        ".ods",
        sheet(row(one + text(50).replace("<table:table-cell", '<table:table-cell table:formula="of:=25*2"')) + last),
        TWO,
    )
    yield read(
        "a truth value for an amount",
        ".ods",
        sheet(
            row(one + '<table:table-cell office:value-type="boolean" office:boolean-value="true"><text:p>TRUE</text:p></table:table-cell>')
            + last
        ),
        ODD,
        1,
    )
    yield read(
        "an amount with its currency",
        ".ods",
        sheet(
            row(
                one
                + '<table:table-cell office:value-type="currency" office:currency="KES" office:value="50"><text:p>KSh 50</text:p></table:table-cell>'
            )
            + last
        ),
        TWO,
    )
    yield read(
        "a share for an amount",
        ".ods",
        sheet(
            row(one + '<table:table-cell office:value-type="percentage" office:value="50"><text:p>5000%</text:p></table:table-cell>') + last
        ),
        TWO,
    )
    yield read(
        "a date for an amount",
        ".ods",
        sheet(
            row(
                one
                + '<table:table-cell office:value-type="date" office:date-value="2026-11-17"><text:p>17/11/26</text:p></table:table-cell>'
            )
            + last
        ),
        ODD,
        1,
    )
    yield read(
        "a duration for an amount",
        ".ods",
        sheet(
            row(
                one + '<table:table-cell office:value-type="time" office:time-value="PT30H15M00S"><text:p>30:15</text:p></table:table-cell>'
            )
            + last
        ),
        ODD,
        1,
    )
    note = "<office:annotation><text:p>call back</text:p></office:annotation>"
    yield read("a comment on a cell", ".ods", sheet(row(one.replace("<text:p>", note + "<text:p>") + text(50)) + last), TWO)
    yield read(
        "letters in spans, spaces and links",
        ".ods",
        sheet(
            row(one.replace("TR-0001", '<text:span>TR-</text:span><text:a xlink:href="http://192.0.2.1/">0001</text:a>') + text(50)) + last
        ),
        TWO,
    )
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
