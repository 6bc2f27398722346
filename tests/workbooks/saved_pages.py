"""What portals save under a spreadsheet's name (web pages, the XML of Excel 2003), and workbooks behind a password."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.workbooks import plain, protected
from tests.workbooks.cases import Case, End, either, read, refused
from tests.workbooks.other_forms import HEAD, ODD, TWO, written
from tests.workbooks.shapes import write_xlsx


def cases() -> Iterator[Case]:
    """Every page, every XML and every protection."""
    yield from _pages()
    yield from _xml_2003()
    yield from _passwords()


def _pages() -> Iterator[Case]:
    yield read(
        "a page in Arabic letters",
        ".xls",
        lambda path: plain.page(path, [[*cells[:3], "قمر" if n else "Name"] for n, cells in enumerate(plain.TABLE)], "windows-1256"),
    )
    yield refused(
        "a page that asks to sign in",
        ".xls",
        lambda path: written(path, b"<!DOCTYPE html><html><body><form><input name=user></form></body></html>"),
    )
    yield refused(
        "tables in tables", ".xls", lambda path: _page(path, "<table><tr><td><table><tr><td>1</td></tr></table></td></tr></table>")
    )
    yield refused("a page cut short", ".xls", lambda path: written(path, plain.page(path).read_bytes()[:-120]))
    yield refused(
        "a page packed with its pictures",
        ".xls",
        lambda path: written(path, b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n"),
    )
    yield refused(
        "a page said to be in UTF-7", ".xls", lambda path: written(path, b'<html><meta charset="utf-7"><table>+ADw-tr+AD4-</table></html>')
    )
    yield either(
        "a million cells spanning all",
        ".xls",
        lambda path: _page(path, "<table>" + "<tr><td colspan=1000>x<td>y</tr>" * 30_000 + "</table>"),
    )
    yield either("comments without an end", ".xls", lambda path: _page(path, "<table><tr><td>1</td></tr></table>" + "<!--" * 400_000))
    yield either(
        "scripts and pictures",
        ".xls",
        lambda path: _page(
            path, '<script src="http://192.0.2.1/"></script><img src="http://192.0.2.1/"><table><tr><td onclick=x()>A<td>B</table>'
        ),
    )
    message = '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10">'
    trick = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "http://192.0.2.1/">]>'
    yield refused("a bank's message that fetches", ".xml", lambda path: written(path, (trick + message + "&e;</Document>").encode()))
    yield refused("a bank's message nested without an end", ".xml", lambda path: written(path, (message + "<a>" * 200_000).encode()))
    yield refused("a bank's message cut short", ".xml", lambda path: written(path, (message + "<CstmrPmtStsRpt>").encode()))
    yield refused("other XML", ".xlsx", lambda path: written(path, b'<?xml version="1.0"?><Payments><Payment/></Payments>'))


def _page(path: Path, body: str) -> Path:
    return written(path, f"<html><body>{body}</body></html>".encode())


def _xml_2003() -> Iterator[Case]:
    def sheet(rows: str, more: str = "") -> Callable[[Path], Path]:
        def made(path: Path) -> Path:
            plain.xml_2003(path, [HEAD])
            raw = path.read_text(encoding="utf-8").replace("</Table>", rows + "</Table>" + more)
            path.write_text(raw, encoding="utf-8")
            return path

        return made

    cell = plain.xml_cell
    last = f"<Row>{cell('TR-0002')}{cell(75.5)}</Row>"
    one = cell("TR-0001")
    yield read(
        "stated places",
        ".xls",
        sheet(f'<Row ss:Index="9">{one}<Cell ss:Index="2"><Data ss:Type="Number">50</Data></Cell></Row>' + last),
        TWO,
    )
    yield read("hidden rows", ".xls", sheet(f'<Row ss:Hidden="1">{one}{cell(50)}</Row>' + last), TWO)
    for name, kind, text in (
        ("an error", "Error", "#N/A"),
        ("a date", "DateTime", "2026-11-17T00:00:00.000"),
        ("a truth value", "Boolean", "1"),
    ):
        yield read(
            f"{name} for an amount in XML",
            ".xls",
            sheet(f'<Row>{one}<Cell><Data ss:Type="{kind}">{text}</Data></Cell></Row>' + last),
            ODD,
            1,
        )
    yield read("a formula never calculated in XML", ".xls", sheet(f'<Row>{one}<Cell ss:Formula="=25*2"/></Row>' + last), ODD, 1)
    yield read(
        "a comment on a cell of XML",
        ".xls",
        sheet(f"<Row>{one.replace('</Cell>', '<Comment><ss:Data>call</ss:Data></Comment></Cell>')}{cell(50)}</Row>" + last),
        TWO,
    )
    yield refused("rows of XML out of order", ".xls", sheet(f'<Row ss:Index="5">{one}</Row><Row ss:Index="2">{one}</Row>'))
    yield refused("a row of XML beyond the last", ".xls", sheet(f'<Row ss:Index="99999999">{one}</Row>'))
    yield refused(
        "two far corners of XML",
        ".xls",
        sheet('<Row ss:Index="1048576"><Cell ss:Index="16384"><Data ss:Type="Number">1</Data></Cell></Row>'),
    )
    yield refused("a number that is none", ".xls", sheet(f'<Row>{one}<Cell><Data ss:Type="Number">fifty</Data></Cell></Row>'))
    yield refused("XML cut short", ".xls", lambda path: written(path, plain.xml_2003(path).read_bytes()[:-60]))


def _passwords() -> Iterator[Case]:
    wide = [[*row, "x" * 200] for row in [*plain.TABLE, *[[f"note {n}"] for n in range(40)]]]
    for name, ending, make in (
        ("today's protection", ".xlsx", plain.agile),
        ("the protection of 2007", ".xlsx", plain.standard),
        ("the protection of 97", ".xls", plain.rc4),
    ):
        yield Case(f"{name}, without its password", ending, make, End.REFUSED, says="give the file's password: it is protected")
        yield Case(f"{name}, with another password", ending, make, End.REFUSED, says="password again", password="wrong")
        yield Case(f"{name}, with its password", ending, make, End.READ, rows=plain.READ, password=protected.PASSWORD)
    yield Case(
        "a protected text",
        ".xlsx",
        lambda path: protected.standard(path, b"no workbook at all" * 300),
        End.REFUSED,
        password=protected.PASSWORD,
    )
    yield Case("protected twice", ".xlsx", lambda path: _protected_twice(path, wide), End.REFUSED, password=protected.PASSWORD)
    yield either("a protection turned a billion times", ".xlsx", _spun)


def _protected_twice(path: Path, rows: list[list[Any]]) -> Path:
    return protected.standard(path, protected.standard(path, write_xlsx(path, {"A": rows}).read_bytes()).read_bytes())


def _spun(path: Path) -> Path:
    raw = plain.agile(path).read_bytes()
    return written(path, raw.replace(b'spinCount="100000"', b'spinCount="999999"'))
