"""Looks through a zipped workbook before any reader opens it: refuses bombs and tricks, and counts rows by its own means."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import IO
from xml.etree import ElementTree as ET

from reconciliation.cells import FORMULA, Fault, column_index
from reconciliation.formats import AS_XLSX, DAMAGED
from reconciliation.scan import WIDEST, SheetScan
from reconciliation.sheets import UnreadableFile

_BLOCK = 1 << 20
_MAX_MEMBERS = 5_000
_MAX_INFLATED = 2 * 1024**3
_RATIO_FROM = 20 * 1024**2
_MAX_RATIO = 60  # tables of one value over and over come to 15
_MAX_PART = 32 * 1024**2
_MAX_ROW_BYTES = 16 * 1024**2
_TRICK = f"{AS_XLSX}: this one has parts that no spreadsheet program writes"

_ROW = re.compile(rb"<row\b([^<>]*?)(?:/>|>(.*?)</row>)", re.DOTALL)
_REF = re.compile(rb'\br="([A-Z]{0,3})([0-9]{1,7})"')
_FILLED = re.compile(rb"<v[^<>/]*>[^<]|<is\b")
_VALUE = re.compile(rb"<v[^<>/]*>([^<]+)<")
_PLACES = re.compile(rb'<c [^<>]*?\br="([A-Z]{1,3})([0-9]{1,7})"')
_SINGLE_QUOTED = re.compile(rb"='([^'\"<>]*)'")
_PLAIN_COLUMNS = 26
# Of a part's markup only these bytes are kept to count tags in: half of a sheet are figures and capitals.
_SAYS_NOTHING = bytes(set(range(256)) - set(b'<>/="cehiorstvw'))
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_PREFIX = re.compile(rb"<(\w+:)worksheet\b")


def check_archive(source: IO[bytes], but: Collection[str] = ()) -> None:
    """Refuse what no honest workbook does. Raises UnreadableFile.

    Every member is inflated and counted, because the sizes a zip states about itself can lie.  but: those that `checked_blocks` will read.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            members = archive.infolist()
            _check_members(members)
            total = 0
            for member in members:
                total += 0 if member.filename in but else sum(map(len, checked_blocks(archive, member, total)))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        raise UnreadableFile(DAMAGED) from None


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    names = [member.filename.casefold().replace("\\", "/") for member in members]
    if len(members) > _MAX_MEMBERS or len(set(names)) != len(names):
        raise UnreadableFile(_TRICK)
    if sum(member.file_size for member in members) > _MAX_INFLATED:
        raise UnreadableFile("split the file into smaller ones: unpacked it is larger than 2 GB")


def checked_blocks(archive: zipfile.ZipFile, member: zipfile.ZipInfo, total: int = 0) -> Iterator[bytes]:
    """A member, inflated block by block, while it is no bomb and declares nothing. total: what others came to. Raises UnreadableFile."""
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
            yield block


def _check_markup(text: bytes, *, first: bool) -> None:
    declares = b"!" in text and (b"<!DOCTYPE" in text or b"<!ENTITY" in text)  # the one sign is sought at a tenth of the time
    if declares or (first and text.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<"))):
        raise UnreadableFile(_TRICK)


@dataclass(frozen=True, slots=True)
class Book:
    """What a workbook's own list says.

    parts: the path of each sheet's XML, by sheet name.  calculates: its formulas wait to be calculated by whoever opens it.
    hides: some of its sheets are not shown.
    """

    parts: dict[str, str]
    calculates: bool
    hides: bool


def book_of(archive: zipfile.ZipFile) -> Book:
    """The list of sheets of an xlsx. Call check_archive first; raises UnreadableFile, also for two sheets of one name."""
    book_path = _book_path(archive)
    folder = book_path.rpartition("/")[0]
    book = xml_of(archive, book_path)
    targets = relations(archive, f"{folder}/_rels/{book_path.rpartition('/')[2]}.rels".lstrip("/"))
    parts: dict[str, str] = {}
    calculates = hides = False
    for element in book.iter():
        tag = element.tag.rpartition("}")[2]
        if tag == "sheet":
            key = next((value for name, value in element.attrib.items() if name.endswith("}id")), "")
            name = element.get("name", "")
            if name in parts:
                raise UnreadableFile(f"{AS_XLSX}: two of its sheets have one name")
            parts[name] = joined(folder, targets.get(key, ""))
            hides = hides or element.get("state", "visible") != "visible"
        elif tag == "calcPr":
            calculates = element.get("fullCalcOnLoad") in {"1", "true"}
    return Book(parts, calculates, hides)


def relations(archive: zipfile.ZipFile, name: str) -> dict[str, str]:
    """What each id of a part stands for."""
    return {rel.get("Id", ""): rel.get("Target", "") for rel in xml_of(archive, name)}


def _book_path(archive: zipfile.ZipFile) -> str:
    for rel in xml_of(archive, "_rels/.rels"):
        if rel.get("Type", "").endswith("/officeDocument"):
            return joined("", rel.get("Target", ""))
    return "xl/workbook.xml"


def joined(folder: str, target: str) -> str:
    """The path inside the archive of what a part in a folder points at."""
    if target.startswith("/"):
        return target[1:]
    steps: list[str] = []
    for step in f"{folder}/{target}".split("/"):
        if step == ".." and steps:
            steps.pop()
        elif step not in {"", ".", ".."}:
            steps.append(step)
    return "/".join(steps)


def xml_of(archive: zipfile.ZipFile, name: str) -> ET.Element:
    """A small part of a workbook. Raises UnreadableFile."""
    try:
        if archive.getinfo(name).file_size > _MAX_PART:
            raise UnreadableFile(_TRICK)
        text = archive.read(name)
        _check_markup(text, first=True)  # again, as a part that only a link calls XML can have any name
        return ET.fromstring(text)  # noqa: S314 - it has no DOCTYPE and no entity
    except (KeyError, ET.ParseError):
        raise UnreadableFile(DAMAGED) from None


def scan_sheet(archive: zipfile.ZipFile, part: str, *, calculates: bool = False) -> SheetScan:
    """Look through one sheet's XML in blocks. calculates: zeros of formulas are not results yet (`Book.calculates`). Raises UnreadableFile."""
    scan = SheetScan()
    for block in _blocks(archive, part):
        _scan_block(block, scan, calculates=calculates)
    return scan


def in_order(archive: zipfile.ZipFile, part: str) -> bool:
    """Whether every row stands after the one before it, and every cell after its neighbour: then no entry can take another's place."""
    row = 0
    for block in _blocks(archive, part):
        for found in _ROW.finditer(block):
            attributes, body = found.groups()
            ref = _REF.search(attributes)
            number = int(ref.group(2)) if ref else row + 1
            places = [(len(letters), letters, int(digits)) for letters, digits in _PLACES.findall(body or b"")]
            if number <= row or any(one >= other for one, other in pairwise(places)) or any(place[2] != number for place in places):
                return False
            row = number
    return True


def _blocks(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    try:
        with archive.open(part) as stream:
            yield from _whole_rows(stream)
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError):
        raise UnreadableFile(DAMAGED) from None


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
            yield _SINGLE_QUOTED.sub(rb'="\1"', whole + mark) if b"'" in whole and b"='" in whole else whole + mark
        elif len(rest) > _MAX_ROW_BYTES:
            raise UnreadableFile(_TRICK)


def _scan_block(block: bytes, scan: SheetScan, *, calculates: bool) -> None:
    first = max(block.find(b"<row"), 0)  # before it stand columns and views
    scan.values += _values(block[:first])
    rows = block[first:] if first else block
    if not _count_plain(rows, scan):
        scan.values += _values(rows)
        _scan_closely(rows, scan, calculates=calculates)


def _values(part: bytes) -> int:
    return part.count(b"</v>") - part.count(b"<v></v>") + part.count(b"<is>") + part.count(b"<is ")


def _count_plain(block: bytes, scan: SheetScan) -> bool:
    """Count rows of a block that has nothing odd in it, at a tenth of the time; False when it turns out to need a closer look."""
    if b"!" in block or b"<v></v>" in block:
        return False
    values = _plain_values(block.translate(None, _SAYS_NOTHING), block.count(b"</row>"))
    if values is None:
        return False
    filled = [row for row in block.split(b"</row>") if b"</v>" in row or b"<is" in row]
    if any(row[row.rfind(b' r="') + 5 :][:1].isalpha() for row in filled):
        return False
    first, last = _REF.search(block, block.find(b"<row")), _REF.search(block, block.rfind(b"<row"))
    if not (first and last) or int(last.group(2)) < max(scan.bottom, int(first.group(2))):
        return False
    scan.values += values
    if filled:
        scan.filled += len(filled)
        scan.see(int(first.group(2)), 0)
        scan.see(int(last.group(2)), max(scan.right, _PLAIN_COLUMNS - 1))
    return True


def _plain_values(tags: bytes, rows: int) -> int | None:
    """How many cells hold a value, where the tags are those of rows, cells that name their place, values and inline texts alone; else None."""
    if b't="e"' in tags or b"hie=" in tags:  # an error; something hidden
        return None
    values, texts = tags.count(b"</v>"), tags.count(b"<is>")
    opened = tags.count(b"<") - tags.count(b"</")
    return values + texts if opened == rows + values + texts + tags.count(b"<t") + tags.count(b'<cr="') else None


def _names_every_cell(part: bytes) -> bool:
    return part.count(b"<c ") + part.count(b"<c>") == part.count(b'<c r="')


def _scan_closely(block: bytes, scan: SheetScan, *, calculates: bool = False) -> None:
    number = scan.bottom
    for found in _ROW.finditer(block):
        attributes, body = found.groups()
        ref = _REF.search(attributes)
        number = int(ref.group(2)) if ref else number + 1
        if _HIDDEN.search(attributes):
            scan.hidden_rows.append(number)
        if body:
            _scan_row(number, body, scan, calculates=calculates)


def _scan_row(number: int, body: bytes, scan: SheetScan, *, calculates: bool) -> None:
    if body.count(b"<c ") + body.count(b"<c>") > WIDEST:
        raise UnreadableFile(f"{AS_XLSX}: one of its rows has more cells than a spreadsheet can hold")
    has_value = _FILLED.search(body) is not None
    first, last = _column(body, body.find(b"<c")), _column(body, body.rfind(b"<c "))
    if b't="e"' in body or b"<f" in body or not _names_every_cell(body):
        faults, last = _faults(body, scan, calculates=calculates)
        if faults:
            scan.faults[number] = faults
            has_value = True
    if has_value:
        scan.filled += 1
        scan.see(number, first)
        scan.see(number, last)


def _column(body: bytes, position: int) -> int:
    ref = _REF.search(body, max(position, 0), max(position, 0) + 200)
    return column_index(ref.group(1).decode()) if ref and ref.group(1) else 0


def _faults(body: bytes, scan: SheetScan, *, calculates: bool) -> tuple[dict[int, Fault], int]:
    """The faults of a row by column, and its last column. Cells are taken apart by splitting: a pattern could be made to look forever."""
    faults: dict[int, Fault] = {}
    column = -1
    for piece in body.split(b"<c")[1:]:
        if piece[:1] not in {b" ", b">"}:
            continue
        attributes, _, inner = piece.partition(b">")
        ref = _REF.search(attributes)
        column = column_index(ref.group(1).decode()) if ref and ref.group(1) else column + 1
        value = _VALUE.search(inner)
        fault = _fault(attributes, inner, value.group(1) if value else b"", calculates=calculates)
        if fault:
            faults[column] = fault
            scan.values += value is None
    return faults, column


def _fault(attributes: bytes, inner: bytes, value: bytes, *, calculates: bool) -> Fault | None:
    if b't="e"' in attributes:
        return Fault(value.decode("utf-8", "replace") or "#ERROR")
    if b"<f" not in inner or b't="str"' in attributes:
        return None
    return Fault(FORMULA) if not value or (calculates and value == b"0") else None
