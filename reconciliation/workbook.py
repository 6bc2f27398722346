"""The only place, with `report`, that opens spreadsheets: any form, in a child process, every row accounted for."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Protocol, TypedDict

from reconciliation import sandbox, wire, zipscan
from reconciliation.cells import FORMULA, Fault, Row, at, is_blank, plain, text_of
from reconciliation.formats import AS_XLSX, DAMAGED, LOST_ROWS, Form, form_of
from reconciliation.locked import Opened, without_password
from reconciliation.row_pattern import NotPlain
from reconciliation.rows import Batch, Rows
from reconciliation.scan import TALLEST, WIDEST, SheetScan, check_area
from reconciliation.sheets import Merge, Sheet, Sheets, UnreadableFile
from reconciliation.straight import read_straight

if TYPE_CHECKING:
    from concurrent.futures import Future

_MAX_ROWS = 3_000_000
Message = dict[str, object] | bytes


class TableRow(NamedTuple):
    """One row below a table's header: where it stands, and its cells as exact text, one per header name."""

    row: int
    texts: tuple[str, ...]


class Arriving(Protocol):
    """Somebody who reads on while a file is read; what is told counts for nothing until all is there."""

    def arrive(self, sheet: Sheet, start: int, batch: Batch) -> None:
        """Take a batch that was put below the rows of a sheet. start: the place of its first row, from 0."""

    def begin_again(self) -> None:
        """Forget everything: the file is read from its beginning in another way."""


def open_rows(path: Path | str, password: str | None = None, *, arriving: Arriving | None = None) -> Sheets:
    """Every sheet of a file, read in a child process that can be killed. arriving: told of each batch of rows once it stands in its sheet.

    Raises UnreadableFile (one sentence that says what to do) for anything else, PasswordNeeded when the file is protected.
    """
    return gathered(sandbox.messages(Path(path), password), arriving)


def gathered(messages: Iterable[Message], arriving: Arriving | None = None) -> Sheets:
    """The sheets that a reader's messages make. Raises UnreadableFile."""
    form, encoding, delimiter = "", "", ""
    sheets: list[Sheet] = []
    for message in messages:
        if isinstance(message, bytes):
            start, batch = _add(sheets[-1], message)
            if arriving:
                arriving.arrive(sheets[-1], start, batch)
        elif "again" in message:
            sheets.clear()
            if arriving:
                arriving.begin_again()
        elif "sheet" in message:
            sheets.append(_sheet(message))
        elif "merges" in message:
            sheets[-1] = replace(sheets[-1], **_around(message))
        elif "form" in message:
            form, encoding, delimiter = str(message["form"]), str(message["encoding"]), str(message["delimiter"])
    if all(sheet.hidden or sheet.is_empty() for sheet in sheets):
        raise UnreadableFile("send a file with rows in it: every sheet of this one is empty or hidden")
    return Sheets(form, tuple(sheets), encoding, delimiter)


def _add(sheet: Sheet, packed: bytes) -> tuple[int, Batch]:
    assert isinstance(sheet.rows, Rows)
    try:
        start, batch = len(sheet.rows), wire.unpack(packed)
    except wire.Garbled:
        raise UnreadableFile(sandbox.ENDED) from None
    sheet.rows.add(batch)
    return start, batch


def _sheet(message: dict[str, object]) -> Sheet:
    return Sheet(str(message["sheet"]), Rows(), bool(message["hidden"]), **_around(message))


class _Around(TypedDict):
    """What is known of a sheet besides its rows."""

    merges: tuple[Merge, ...]
    hidden_rows: tuple[int, ...]


def _around(message: dict[str, object]) -> _Around:
    merges, hidden_rows = message["merges"], message["hidden_rows"]
    assert isinstance(merges, list)
    assert isinstance(hidden_rows, list)
    return {"merges": tuple(Merge(*merge) for merge in merges), "hidden_rows": tuple(hidden_rows)}


def read_table(path: Path | str, password: str | None = None) -> tuple[tuple[str, ...], list[TableRow]]:
    """The header and rows of the first visible sheet with a table, every cell as its exact text.

    The header is the first row with at least two filled cells.  Blank rows are left out; row numbers stay those of the sheet.
    Raises UnreadableFile.
    """
    for sheet in open_rows(path, password).visible():
        for index, row in enumerate(sheet.rows):
            if sum(not is_blank(value) for value in row) > 1:
                return _table(sheet.rows, index)
    raise UnreadableFile("send a file whose first row names the columns")


def _table(rows: Sequence[Row], header_index: int) -> tuple[tuple[str, ...], list[TableRow]]:
    header = tuple(plain(text_of(value)) for value in rows[header_index])
    below = enumerate(rows[header_index + 1 :], start=header_index + 2)
    return header, [TableRow(number, _texts(row, len(header))) for number, row in below if any(not is_blank(value) for value in row)]


def _texts(row: Row, width: int) -> tuple[str, ...]:
    return tuple(text_of(at(row, column)) for column in range(width))


# Below: what runs inside the child process, which loads the reader of a form when a file has it: most are xlsx or csv.


def read_here(path: Path, password: str | None, *, at_once: bool = False, straight: bool = True) -> Iterator[Message]:
    """Read a file in this process, as messages for the parent: the form, then each sheet followed by batches of its rows.

    straight: an ordinary xlsx is read as it is unpacked, and begun again in the other way where it turns out to be another.
    at_once: an xlsx is looked through, to count its rows, while the reader loads it and not before: of no use where it ends the reader.
    Only the sandbox calls this: a hostile file can end the process it is read in.
    """
    form = form_of(path)
    if form is Form.TEXT:
        from reconciliation import delimited

        yield from delimited.as_messages(path)
        return
    if form in {Form.PAGE, Form.XML_2003}:
        from reconciliation import markup

        tables, encoding = markup.read_page(path) if form is Form.PAGE else markup.read_2003(path)
        yield {"form": form.value, "encoding": encoding, "delimiter": ""}
        yield from markup.as_messages(tables)
        return
    if form in {Form.ISO, Form.MT940}:
        yield from _read_of_bank(path, form)
        return
    with path.open("rb") as file:
        opened = without_password(file, form, password)
        said: Message = {"form": opened.form.value, "encoding": "", "delimiter": ""}
        if straight and opened.form is Form.XLSX and (yield from _read_straight(opened, said)):
            return
        if opened.form is not Form.XLS:
            zipscan.check_archive(opened.source)
        yield said
        yield from _read_book(opened, beside=path if at_once and opened.source is file and opened.form is Form.XLSX else None)


def _read_straight(opened: Opened, said: Message) -> Generator[Message, None, bool]:
    """Read an ordinary xlsx; False, and "again" after what was sent, when it is none."""
    begun = False
    try:
        for message in read_straight(opened.source):
            if not begun:
                yield said
            begun = True
            yield message
    except NotPlain:
        if begun:
            yield {"again": True}
        return False
    return True


def unlock(path: Path | str, password: str, out: Path | str) -> bool:
    """Write a copy of a protected workbook that opens without its password; False when it has none. Raises PasswordNeeded, UnreadableFile."""
    return sandbox.unlock(Path(path), password, Path(out))


def unlock_here(path: Path, password: str, out: Path) -> bool:
    """The same in this process: only the sandbox calls it."""
    with path.open("rb") as file:
        opened = without_password(file, form_of(path), password)
        if opened.source is file:
            return False
        opened.source.seek(0)
        out.write_bytes(opened.source.read())
    return True


def _read_of_bank(path: Path, form: Form) -> Iterator[Message]:
    from reconciliation import delimited, iso20022, mt940

    if form is Form.ISO:
        message = iso20022.read_message(path)
        yield {"form": form.value, "encoding": "", "delimiter": ""}
        yield from wire.one_sheet(message.name, message.rows)
        return
    text, encoding = delimited.read_text(path)
    rows = mt940.read_statement(text)
    yield {"form": form.value, "encoding": encoding, "delimiter": ""}
    yield from wire.one_sheet(mt940.SHEET, rows)


def _read_book(opened: Opened, beside: Path | None = None) -> Iterator[Message]:
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum, WorksheetNotFound, XmlError, ZipError

    # Before the reader opens it, as two of the forms unfold at once; beside it for a large xlsx, whose unfolding was counted already.
    scans: Mapping[str | int, SheetScan] = {} if beside else _scans(opened)
    looking = _look_beside(beside) if beside else None
    opened.source.seek(0)
    try:
        # By its path a file is read piece by piece; a file object would be copied into memory first.
        book = CalamineWorkbook.from_path(str(beside)) if beside else CalamineWorkbook.from_filelike(opened.source)
        listed = [meta for meta in book.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]
    except (CalamineError, ZipError, XmlError, OSError, ValueError):
        raise UnreadableFile(f"{AS_XLSX}, or ask for it again if it does not open there") from None
    if len({meta.name for meta in listed}) < len(listed):
        raise UnreadableFile(f"{AS_XLSX}: two of its sheets have one name")
    for place, meta in enumerate(listed):
        hidden = meta.visible != SheetVisibleEnum.Visible
        seen = _Seen()
        try:
            sheet = book.get_sheet_by_name(meta.name)
            scans = looking.result() if looking else scans
            scan = scans.get(meta.name) or scans.get(place)
            if sheet.end and (sheet.end[0] >= TALLEST or sheet.end[1] >= WIDEST):
                raise UnreadableFile(f"{AS_XLSX}: it has a cell beyond the edge of any sheet")
            merged = [[a + 1, b, c + 1, d] for (a, b), (c, d) in (sheet.merged_cell_ranges or [])[:10_000]]
            yield {"sheet": meta.name, "hidden": hidden, "merges": merged, "hidden_rows": scan.hidden_rows if scan else []}
            if not hidden and (sheet.start is not None or (scan and scan.faults)):
                for batch in _batches(sheet, scan):
                    seen.count(batch.rows)
                    yield from wire.packs(batch.rows, batch.left)
        except WorksheetNotFound:
            raise UnreadableFile(DAMAGED) from None
        except (CalamineError, ZipError, XmlError, OSError, ValueError):
            raise UnreadableFile(DAMAGED) from None
        if not hidden:
            _check_counts(opened, meta.name, scan or SheetScan(), seen)


def _look_beside(path: Path) -> Future[Mapping[str | int, SheetScan]]:
    """The scans of an xlsx, made in a thread of their own: the reader leaves the other processor free while it loads a sheet."""
    from concurrent.futures import ThreadPoolExecutor  # which most files do not need

    def look() -> Mapping[str | int, SheetScan]:
        with path.open("rb") as source:
            return _scans(Opened(Form.XLSX, source))

    return ThreadPoolExecutor(1).submit(look)


@dataclass(slots=True)
class _Seen:
    """How many rows and cells with a value went to the parent."""

    filled: int = 0
    values: int = 0

    def count(self, rows: Sequence[Sequence[object]]) -> None:
        """Count some more rows."""
        values = [len(row) - row.count("") for row in rows]
        self.filled += len(values) - values.count(0)
        self.values += sum(values)


def _check_counts(opened: Opened, name: str, scan: SheetScan, seen: _Seen) -> None:
    """Refuse a sheet of which the reader and the scan saw different rows or cells, unless nothing can have been lost. Raises UnreadableFile."""
    if seen.filled != scan.filled and (opened.form is not Form.XLSX or seen.filled != _third_count(opened.source, name)):
        raise UnreadableFile(LOST_ROWS)
    # A shared text that is empty is counted in the XML and shows nothing; an entry in the place of another is lost.
    if seen.values != scan.values and (opened.form is not Form.XLSX or not _in_order(opened.source, name)):
        raise UnreadableFile(LOST_ROWS)


def _in_order(source: IO[bytes], name: str) -> bool:
    source.seek(0)
    with zipfile.ZipFile(source) as archive:
        return zipscan.in_order(archive, zipscan.book_of(archive).parts[name])


def _scans(opened: Opened) -> Mapping[str | int, SheetScan]:
    """A scan of each sheet, by its name or, in an .xls, its place among the worksheets. Raises UnreadableFile for cells too far apart."""
    size = opened.source.seek(0, io.SEEK_END)
    scans = _scans_by_form(opened, size)
    for scan in scans.values():
        check_area(scan, size)
    return scans


def _scans_by_form(opened: Opened, size: int) -> Mapping[str | int, SheetScan]:
    if opened.form is Form.XLSX:
        return dict[str | int, SheetScan](_scan_xlsx(opened.source).items())
    from reconciliation import odsscan, xlsbscan, xlsscan

    if opened.form is Form.XLS:
        return dict(enumerate(xlsscan.scan_sheets(opened.source)))
    named = odsscan.scan_sheets(opened.source, size) if opened.form is Form.ODS else xlsbscan.scan_sheets(opened.source)
    return dict[str | int, SheetScan](named.items())


def _scan_xlsx(source: IO[bytes]) -> dict[str, SheetScan]:
    source.seek(0)
    with zipfile.ZipFile(source) as archive:
        names, book = set(archive.namelist()), zipscan.book_of(archive)
        parts = {name: part for name, part in book.parts.items() if part in names}
        return {name: zipscan.scan_sheet(archive, part, calculates=book.calculates) for name, part in parts.items()}


class _Part(NamedTuple):
    """Some rows of a sheet. left: blank columns before them."""

    rows: Sequence[Sequence[object]]
    left: int = 0


def _batches(sheet: Any, scan: SheetScan | None) -> Iterator[_Part]:  # Any: python-calamine has no types
    faults = dict(scan.faults) if scan else {}
    rows, left = iter(sheet.iter_rows()), sheet.start[1] if sheet.start else 0
    number, most = 0, wire.rows_at_once(left + sheet.width)
    while batch := list(islice(rows, most)):
        touched = [late for late in range(number + 1, number + len(batch) + 1) if late in faults] if faults else []
        part = _Part(batch, left)
        if touched:
            wide = [[*[""] * left, *cells] for cells in batch]
            for late in touched:
                _overlay(wide[late - number - 1], faults.pop(late))
            part = _Part(wide)
        number += len(batch)
        yield part
        if number > _MAX_ROWS:
            raise UnreadableFile("split the file into smaller ones: it has more than three million rows")
    yield from _late(number, faults)


def _late(number: int, faults: Mapping[int, dict[int, Fault]]) -> Iterator[_Part]:
    """Rows of faults alone, which stand below everything that the reader sees."""
    for late in sorted(faults):
        for start in range(number + 1, late, wire.rows_at_once(0)):
            yield _Part([[]] * min(wire.rows_at_once(0), late - start))
        row: list[object] = []
        _overlay(row, faults[late])
        yield _Part([row])
        number = late


def _overlay(row: list[object], faults: Mapping[int, Fault]) -> None:
    for column, fault in faults.items():
        row.extend([""] * (column + 1 - len(row)))
        if row[column] == "" or (fault.code == FORMULA and row[column] == 0):
            row[column] = fault


def _third_count(source: IO[bytes], name: str) -> int:
    """Rows with a value as a slow, wholly separate reader sees them; asked only when the first two counts differ.

    A shared text that is empty, for one, looks filled in the XML and is blank in the sheet.
    """
    import openpyxl

    source.seek(0)
    try:
        book = openpyxl.load_workbook(source, read_only=True, data_only=True, keep_links=False)
        sheet = book[name]
        sheet.reset_dimensions()
        return sum(1 for row in sheet.iter_rows(values_only=True) if any(value not in {None, ""} for value in row))
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, OSError, SyntaxError):  # ParseError is a SyntaxError
        return -1
