"""Looks through a zipped workbook before any reader opens it: refuses bombs and tricks, and counts rows by its own means."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.etree import ElementTree as ET

from reconciliation.cells import FORMULA, Fault, cell_name, column_index
from reconciliation.formats import AS_XLSX
from reconciliation.sheets import UnreadableFile

_BLOCK = 1 << 20
_MAX_MEMBERS = 5_000
_MAX_INFLATED = 2 * 1024**3
_RATIO_FROM = 20 * 1024**2
_MAX_RATIO = 120
_MAX_PART = 32 * 1024**2
_MAX_AREA = 30_000_000
_MAX_ROW_BYTES = 16 * 1024**2
_DAMAGED = "ask for the file again: this one is damaged or was cut short while it was sent"
_TRICK = f"{AS_XLSX}: this one has parts that no spreadsheet program writes"

_ROW = re.compile(rb"<row\b([^>]*?)(?:/>|>(.*?)</row>)", re.DOTALL)
_CELL = re.compile(rb"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_REF = re.compile(rb'\br="([A-Z]{0,3})([0-9]{1,7})"')
_FILLED = re.compile(rb"<v[^>/]*>[^<]|<is\b")
_VALUE = re.compile(rb"<v[^>/]*>([^<]+)<")
_NOT_PLAIN = (b't="e"', b"<f", b"hidden=", b"<v></v>", b"<v/>", b"<v />", b"<!--", b"<![CDATA[")
_PLAIN_COLUMNS = 26
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_PREFIX = re.compile(rb"<(\w+:)worksheet\b")


@dataclass(slots=True)
class SheetScan:
    """What a plain look through one sheet's XML found.

    filled: rows that hold a value.  faults: error cells and never-calculated formulas, by row from 1 and column from 0.
    """

    filled: int = 0
    bottom: int = 0
    right: int = 0
    corner: str = ""
    top: int = 0
    left: int = 1 << 14
    hidden_rows: list[int] = field(default_factory=list)
    faults: dict[int, dict[int, Fault]] = field(default_factory=dict)


def check_archive(source: IO[bytes]) -> None:
    """Refuse what no honest workbook does. Raises UnreadableFile.

    Every member is inflated and counted, because the sizes a zip states about itself can lie.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            members = archive.infolist()
            _check_members(members)
            total = 0
            for member in members:
                total = _check_member(archive, member, total)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        raise UnreadableFile(_DAMAGED) from None


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    names = [member.filename.casefold().replace("\\", "/") for member in members]
    if len(members) > _MAX_MEMBERS or len(set(names)) != len(names):
        raise UnreadableFile(_TRICK)
    if sum(member.file_size for member in members) > _MAX_INFLATED:
        raise UnreadableFile("split the file into smaller ones: unpacked it is larger than 2 GB")


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, total: int) -> int:
    markup = member.filename.casefold().endswith((".xml", ".rels", ".vml"))
    size, tail = 0, b""
    with archive.open(member) as part:
        while block := part.read(_BLOCK):
            size += len(block)
            if total + size > _MAX_INFLATED or (size > _RATIO_FROM and size > _MAX_RATIO * max(member.compress_size, 1)):
                raise UnreadableFile(_TRICK)
            if markup:
                _check_markup(tail + block, first=not tail)
                tail = block[-16:]
    return total + size


def _check_markup(text: bytes, *, first: bool) -> None:
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text or (first and text.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<"))):
        raise UnreadableFile(_TRICK)


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """The path inside an xlsx of each sheet's XML, by sheet name. Call check_archive first."""
    book_path = _book_path(archive)
    folder = book_path.rpartition("/")[0]
    book = _xml(archive, book_path)
    rels = _xml(archive, f"{folder}/_rels/{book_path.rpartition('/')[2]}.rels".lstrip("/"))
    targets = {rel.get("Id", ""): rel.get("Target", "") for rel in rels}
    parts = {}
    for element in book.iter():
        if element.tag.rpartition("}")[2] == "sheet":
            key = next((value for name, value in element.attrib.items() if name.endswith("}id")), "")
            parts[element.get("name", "")] = _joined(folder, targets.get(key, ""))
    return parts


def _book_path(archive: zipfile.ZipFile) -> str:
    for rel in _xml(archive, "_rels/.rels"):
        if rel.get("Type", "").endswith("/officeDocument"):
            return _joined("", rel.get("Target", ""))
    return "xl/workbook.xml"


def _joined(folder: str, target: str) -> str:
    if target.startswith("/"):
        return target[1:]
    steps: list[str] = []
    for step in f"{folder}/{target}".split("/"):
        if step == ".." and steps:
            steps.pop()
        elif step not in {"", ".", ".."}:
            steps.append(step)
    return "/".join(steps)


def _xml(archive: zipfile.ZipFile, name: str) -> ET.Element:
    try:
        if archive.getinfo(name).file_size > _MAX_PART:
            raise UnreadableFile(_TRICK)
        return ET.fromstring(archive.read(name))  # noqa: S314 - check_archive refused every DOCTYPE and entity
    except (KeyError, ET.ParseError):
        raise UnreadableFile(_DAMAGED) from None


def scan_sheet(archive: zipfile.ZipFile, part: str) -> SheetScan:
    """Look through one sheet's XML in blocks. Raises UnreadableFile for cells so far apart that they stand for nothing."""
    scan = SheetScan()
    try:
        with archive.open(part) as stream:
            for block in _whole_rows(stream):
                _scan_block(block, scan)
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError):
        raise UnreadableFile(_DAMAGED) from None
    if (scan.bottom - scan.top + 1) * (scan.right - scan.left + 1) > _MAX_AREA:
        raise UnreadableFile(f"clear the stray entry in {scan.corner}, or split the file: its cells lie too far apart to be one table")
    return scan


def _whole_rows(stream: IO[bytes]) -> Iterator[bytes]:
    """Blocks that end with a row; what follows the last row holds no values and is left, as looking through it could take forever."""
    rest, prefix = b"", None
    while block := stream.read(_BLOCK):
        block = rest + block
        if prefix is None:
            found = _PREFIX.search(block)
            prefix = found.group(1) if found else b""
        if prefix:
            block = block.replace(b"<" + prefix, b"<").replace(b"</" + prefix, b"</")
        whole, mark, rest = block.rpartition(b"</row>")
        if mark:
            yield whole + mark
        elif len(rest) > _MAX_ROW_BYTES:
            raise UnreadableFile(_TRICK)


def _scan_block(block: bytes, scan: SheetScan) -> None:
    if any(mark in block for mark in _NOT_PLAIN) or not _count_plain(block, scan):
        _scan_closely(block, scan)


def _count_plain(block: bytes, scan: SheetScan) -> bool:
    """Count rows of a block that has nothing odd in it, at a tenth of the time; False when it turns out to need a closer look."""
    filled = 0
    for row in block.split(b"</row>"):
        if b"</v>" in row or b"<is" in row:
            filled += 1
            if row[row.rfind(b' r="') + 5 :][:1].isalpha():
                return False
    first, last = _REF.search(block, block.find(b"<row")), _REF.search(block, block.rfind(b"<row"))
    if not (first and last) or int(last.group(2)) < max(scan.bottom, int(first.group(2))):
        return False
    if filled:
        scan.filled += filled
        scan.top = scan.top or int(first.group(2))
        scan.left, scan.right = 0, max(scan.right, _PLAIN_COLUMNS - 1)
        scan.bottom = int(last.group(2))
        scan.corner = cell_name(scan.bottom, scan.right)
    return True


def _scan_closely(block: bytes, scan: SheetScan) -> None:
    number = scan.bottom
    for found in _ROW.finditer(block):
        attributes, body = found.groups()
        ref = _REF.search(attributes)
        number = int(ref.group(2)) if ref else number + 1
        if _HIDDEN.search(attributes):
            scan.hidden_rows.append(number)
        if body:
            _scan_row(number, body, scan)


def _scan_row(number: int, body: bytes, scan: SheetScan) -> None:
    has_value = _FILLED.search(body) is not None
    if b't="e"' in body or b"<f" in body:
        faults = _faults(body)
        if faults:
            scan.faults[number] = faults
            has_value = True
    if not has_value:
        return
    scan.filled += 1
    scan.top = scan.top or number
    first, last = _column(body, body.find(b"<c")), _column(body, body.rfind(b"<c "))
    scan.left = min(scan.left, first)
    if number > scan.bottom or last > scan.right:
        scan.corner = cell_name(number, last)
    scan.bottom, scan.right = max(scan.bottom, number), max(scan.right, last)


def _column(body: bytes, position: int) -> int:
    ref = _REF.search(body, max(position, 0), max(position, 0) + 200)
    return column_index(ref.group(1).decode()) if ref and ref.group(1) else 0


def _faults(body: bytes) -> dict[int, Fault]:
    faults, column = {}, -1
    for found in _CELL.finditer(body):
        attributes, inner = found.groups()
        ref = _REF.search(attributes)
        column = column_index(ref.group(1).decode()) if ref and ref.group(1) else column + 1
        value = _VALUE.search(inner) if inner else None
        if b't="e"' in attributes:
            faults[column] = Fault(value.group(1).decode("utf-8", "replace") if value else "#ERROR")
        elif inner and b"<f" in inner and value is None and b't="str"' not in attributes:
            faults[column] = Fault(FORMULA)
    return faults
