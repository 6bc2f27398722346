"""Reads what providers' portals save under a spreadsheet's name: tables of a web page, and the XML of Excel 2003. Text only; nothing is fetched or run."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from xml.parsers import expat

from reconciliation import wire
from reconciliation.cells import FORMULA, Fault, Moment
from reconciliation.delimited import encoding_of
from reconciliation.formats import AS_XLSX, DAMAGED, LOST_ROWS
from reconciliation.rows import AT_ONCE
from reconciliation.scan import FREE_AREA, WIDEST, SheetScan, check_area
from reconciliation.sheets import UnreadableFile

_OFFICE_2003 = "urn:schemas-microsoft-com:office:spreadsheet "
_EXCEL_2003 = "urn:schemas-microsoft-com:office:excel "
_MAX_BYTES = 256 * 1024**2
_NO_TABLE = f"{AS_XLSX}: this is a web page without a table of its own"
_NESTED = f"{AS_XLSX}: this is a web page with tables inside tables"
_STATED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,20})""")
_UNSHOWN = (("<!--", "-->"), ("<script", "</script"), ("<style", "</style"), ("<title", "</title"))
_COMMENTS = (("<!--", "-->"), ("<comment", "</comment>"), ("<ss:comment", "</ss:comment>"))
_ENCODINGS = frozenset(
    {"utf-8", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk", "gb2312", "big5", "shift_jis", "euc_kr", "koi8-r", "mac-roman", "cp850"}
    | {f"cp{number}" for number in range(1250, 1259)}
    | {f"iso8859-{number}" for number in (2, 5, 6, 9, 15)}
)
_TAG = re.compile(r"<[^<>]*>")
_ROW_TAG = re.compile(r"<tr\b", re.IGNORECASE)
_TABLE_END = re.compile(r"</table\b.*?(?=<tr\b|\Z)", re.DOTALL | re.IGNORECASE)
_XML_ROW = re.compile(r"<(?:\w+:)?Row\b")
_XML_DATA = re.compile(r"<(?:\w+:)?Data\b[^<>]*>(?!</)")
_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")
_SPACES = re.compile(r"[ \t\r\n\f]+")
_UNNAMED = "#ERROR"


@dataclass(slots=True)
class Table:
    """One table as a sheet: rows of cells by their place, merged ranges as [top, left, bottom, right] (rows from 1, columns from 0)."""

    name: str
    rows: list[list[object]] = field(default_factory=list)
    merges: list[list[int]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden: bool = False


def read_page(path: Path) -> tuple[list[Table], str]:
    """The tables of a web page and its encoding. Raises UnreadableFile for a page without one, or with one inside another."""
    text, encoding = _text(path)
    page = _Page(path.stat().st_size)
    page.feed(text)
    page.close()
    page.finish()
    if not any(cell for table in page.tables for row in table.rows for cell in row):
        raise UnreadableFile(_NO_TABLE)
    _check(page.tables, _count_page(text))
    return page.tables, encoding


def read_2003(path: Path) -> tuple[list[Table], str]:
    """The sheets of a workbook in the XML of Excel 2003. Raises UnreadableFile."""
    text, encoding = _text(path)
    book = _Book(path.stat().st_size)
    try:
        book.parse(text)
    except (expat.ExpatError, ValueError):
        raise UnreadableFile(DAMAGED) from None
    _check(book.tables, sum(1 for row in _XML_ROW.split(_without(text, _COMMENTS))[1:] if _XML_DATA.search(row)))
    return book.tables, encoding


def _text(path: Path) -> tuple[str, str]:
    if path.stat().st_size > _MAX_BYTES:
        raise UnreadableFile("split the file into smaller ones: it is larger than 256 MB")
    raw = path.read_bytes()
    stated = _STATED.search(raw[:4096])
    name = _codec(stated.group(1).decode()) if stated and not raw.startswith(_MARKS) else ""
    try:
        return raw.decode(name or encoding_of(raw)), name or encoding_of(raw)
    except UnicodeDecodeError:
        raise UnreadableFile(f"{AS_XLSX}: some of its letters cannot be read") from None


def _codec(stated: str) -> str:
    """The encoding a page states, when it is one that pages are written in; "" for any other. Latin 1 is read as what browsers make of it."""
    try:
        name = codecs.lookup(stated).name
    except LookupError:
        return ""
    return "cp1252" if name in {"iso8859-1", "ascii"} else name if name in _ENCODINGS else ""


def _without(text: str, spans: tuple[tuple[str, str], ...]) -> str:
    """A text without what stands between these marks; searched for mark by mark, as a pattern could be made to look forever."""
    for start, end in spans:
        folded, kept, place = text.casefold(), [], 0
        if len(folded) != len(text):
            folded = text.lower() if len(text.lower()) == len(text) else text
        while (begin := folded.find(start, place)) >= 0:
            kept.append(text[place:begin])
            close = folded.find(end, begin)
            place = close + len(end) if close >= 0 else len(text)
        text = "".join([*kept, text[place:]])
    return text


def _check(tables: list[Table], counted: int) -> None:
    if sum(1 for table in tables for row in table.rows if any(cell != "" for cell in row)) != counted:
        raise UnreadableFile(LOST_ROWS)


def _count_page(text: str) -> int:
    """Rows that show something, without a parser: the page is cut at each row, and tags are taken out."""
    pieces = _ROW_TAG.split(_without(text, _UNSHOWN))[1:]
    bare = (unescape(_TAG.sub("", "<" + _TABLE_END.sub("", piece))) for piece in pieces)
    return sum(1 for piece in bare if _SPACES.sub("", piece.replace("\xa0", "")))


class _Page(HTMLParser):
    """Collects the cells of every table: their text, where rows and columns are spanned, and which rows are not shown."""

    def __init__(self, size: int) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[Table] = []
        self._room = FREE_AREA + size
        self._inside = False
        self._row: list[object] | None = None
        self._cell: list[str] | None = None
        self._spans = (1, 1)
        self._below: dict[int, int] = {}
        self._unshown = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a table, a row or a cell, or note what it spans."""
        stated = {name: value or "" for name, value in attrs}
        if tag == "table":
            if self._inside:
                raise UnreadableFile(_NESTED)
            self._inside = True
            self.tables.append(Table(f"Table {len(self.tables) + 1}"))
        elif tag == "tr" and self._inside:
            self._end_row()
            self._row = []
            if "display:none" in stated.get("style", "").replace(" ", "").casefold():
                self.tables[-1].hidden_rows.append(len(self.tables[-1].rows) + 1)
        elif tag in {"td", "th"} and self._row is not None:
            self._end_cell()
            self._cell, self._spans = [], (_span(stated.get("rowspan")), _span(stated.get("colspan")))
        elif tag in {"br", "p", "div"} and self._cell:
            self._cell.append(" ")
        elif tag in {"script", "style"}:
            self._unshown += 1

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost cell, row or table."""
        if tag in {"td", "th"}:
            self._end_cell()
        elif tag == "tr":
            self._end_row()
        elif tag == "table":
            self._end_row()
            self._inside, self._below = False, {}
        elif tag in {"script", "style"}:
            self._unshown = max(0, self._unshown - 1)

    def handle_data(self, data: str) -> None:
        """Keep the text of the open cell."""
        if self._cell is not None and not self._unshown:
            self._cell.append(data)

    def finish(self) -> None:
        """Refuse a page whose last table was never closed: it was cut short. Raises UnreadableFile."""
        if self._inside:
            raise UnreadableFile(DAMAGED)

    def _end_cell(self) -> None:
        if self._cell is None or self._row is None:
            return
        text, self._cell = _SPACES.sub(" ", "".join(self._cell)).strip(), None
        text = text if text.replace("\xa0", "").strip() else ""
        self._fill_below()
        down, across = self._spans
        row, column = len(self.tables[-1].rows) + 1, len(self._row)
        self._row += [text, *[""] * (across - 1)]
        self._room -= across
        if self._room < 0:
            raise UnreadableFile(f"{AS_XLSX}: its cells span more columns than any table has")
        if down > 1 or across > 1:
            self.tables[-1].merges.append([row, column, row + down - 1, column + across - 1])
            self._below.update(dict.fromkeys(range(column, column + across), down))
        if len(self._row) > WIDEST:
            raise UnreadableFile(f"{AS_XLSX}: one of its rows has more cells than a spreadsheet can hold")

    def _fill_below(self) -> None:
        # Cells of earlier rows that reach down into this one push its own to the right.
        assert self._row is not None
        while self._below.get(len(self._row), 0) < 0:
            self._row.append("")

    def _end_row(self) -> None:
        self._end_cell()
        if self._row is None:
            return
        row, self._row = self._row, None
        while row and row[-1] == "":
            row.pop()
        self.tables[-1].rows.append(row)
        # A positive count was made by this row itself; below it, it counts up to zero.
        self._below = {column: left for column, count in self._below.items() if (left := 1 - count if count > 0 else count + 1) < 0}


def _span(stated: str | None) -> int:
    return min(max(int(stated), 1), 1000) if stated and stated.isascii() and stated.isdigit() and len(stated) < 5 else 1  # noqa: PLR2004


class _Book:
    """Follows sheets, rows and cells through the XML; places that are stated are taken, others follow their neighbour."""

    def __init__(self, size: int) -> None:
        self.tables: list[Table] = []
        self._size = size
        self._row = self._column = self._next = self._after = 0
        self._aside = False
        self._scan = SheetScan()
        self._stated: dict[str, str] = {}
        self._texts: list[str] | None = None
        self._kind, self._has_data = "", False
        self._visible: list[str] | None = None

    def parse(self, text: str) -> None:
        """Read the whole. Raises ExpatError, ValueError, UnreadableFile."""
        parser = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = self._begin, self._end, self._letters
        parser.Parse(text.encode(), True)

    def _begin(self, tag: str, stated: dict[str, str]) -> None:
        name = tag.removeprefix(_OFFICE_2003)
        self._aside |= name == "Comment"
        act: Callable[[dict[str, str]], None] | None = {
            "Worksheet": self._begin_sheet, "Row": self._begin_row, "Cell": self._begin_cell, "Data": self._begin_data
        }.get(name if name != tag else "")  # fmt: skip
        if act and not self._aside:
            act(stated)
        elif tag == _EXCEL_2003 + "Visible" and self.tables:
            self._visible = []

    def _begin_sheet(self, stated: dict[str, str]) -> None:
        name = stated.get(_OFFICE_2003 + "Name", f"Sheet{len(self.tables) + 1}")
        if any(table.name == name for table in self.tables):
            raise UnreadableFile(DAMAGED)
        self.tables.append(Table(name))
        self._row, self._scan = 0, SheetScan()

    def _begin_row(self, stated: dict[str, str]) -> None:
        number = int(stated.get(_OFFICE_2003 + "Index", self._row + 1))
        if number <= self._row or number > 1 << 20 or not self.tables:
            raise ValueError("rows out of order")
        rows = self.tables[-1].rows
        rows.extend([] for _ in range(number - len(rows)))
        span = int(stated.get(_OFFICE_2003 + "Span", 0))
        if stated.get(_OFFICE_2003 + "Hidden") == "1":
            self.tables[-1].hidden_rows.append(number)
        self._row, self._column = number, 0
        self._after = number + span

    def _begin_cell(self, stated: dict[str, str]) -> None:
        column = int(stated.get(_OFFICE_2003 + "Index", self._column + 1)) - 1
        if column < self._column or column >= WIDEST or not self._row:
            raise ValueError("cells out of order")
        across, down = (int(stated.get(_OFFICE_2003 + side, 0)) for side in ("MergeAcross", "MergeDown"))
        if across or down:
            self.tables[-1].merges.append([self._row, column, self._row + down, column + across])
        self._stated, self._column, self._has_data = stated, column, False
        self._next = column + 1 + across

    def _begin_data(self, stated: dict[str, str]) -> None:
        self._texts, self._kind = [], stated.get(_OFFICE_2003 + "Type", "String")
        if self._has_data:
            raise ValueError("two values in one cell")
        self._has_data = True

    def _letters(self, text: str) -> None:
        if self._texts is not None:
            self._texts.append(text)
        elif self._visible is not None:
            self._visible.append(text)

    def _end(self, tag: str) -> None:
        name = tag.removeprefix(_OFFICE_2003)
        if name == "Comment":
            self._aside = False
        elif self._aside:
            return
        elif name == "Data" and self._texts is not None:
            self._put(_value(self._kind, "".join(self._texts)))
            self._texts = None
        elif name == "Cell":
            if _OFFICE_2003 + "Formula" in self._stated and not self._has_data:
                self._put(Fault(FORMULA))
            self._column = self._next
        elif name == "Row":
            self._row = self._after
        elif tag == _EXCEL_2003 + "Visible" and self._visible is not None:
            self.tables[-1].hidden |= "".join(self._visible).strip() in {"SheetHidden", "SheetVeryHidden"}
            self._visible = None

    def _put(self, value: object) -> None:
        if value == "":
            return
        row = self.tables[-1].rows[self._row - 1]
        self._scan.see(self._row, self._column)
        check_area(self._scan, self._size)
        row.extend([""] * (self._column - len(row)))
        row.append(value)


def _refuse_doctype(*_: object) -> None:
    raise UnreadableFile(f"{AS_XLSX}: this one has parts that no spreadsheet program writes")


def _value(kind: str, text: str) -> object:
    if kind == "Error":
        return Fault(text or _UNNAMED)
    if kind == "Number" and text:
        return float(text)
    if kind == "DateTime" and text:
        day, _, clock = text.partition("T")
        return Moment(day if clock.startswith("00:00:00") else f"{day}T{clock[:8]}")
    return text == "1" if kind == "Boolean" else text


def as_messages(tables: list[Table]) -> Iterator[dict[str, object] | bytes]:
    """The tables as a reader sends them on: each sheet, then its rows in batches. Rows of hidden sheets are not sent."""
    for table in tables:
        yield {"sheet": table.name, "hidden": table.hidden, "merges": table.merges[:10_000], "hidden_rows": table.hidden_rows}
        for start in range(0, 0 if table.hidden else len(table.rows), AT_ONCE):
            yield from wire.packs(table.rows[start : start + AT_ONCE])
