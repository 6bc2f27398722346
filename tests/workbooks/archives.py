"""Zipped workbooks whose archive lies: bombs, false sizes, doubled and borrowed members, names that lead elsewhere."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.workbooks import hostile, plain
from tests.workbooks.cases import Case, either, read, refused

_ZIPPED = {".xlsx": plain.xlsx, ".xlsb": plain.xlsb, ".ods": plain.ods}
_SHEET = "xl/worksheets/sheet1.xml"
_LOCAL, _CENTRAL = b"PK\x03\x04", b"PK\x01\x02"


def cases() -> Iterator[Case]:
    """Every trick of an archive, in each form that is one."""
    yield refused("bomb in the sheet", ".xlsx", hostile.bomb)
    yield refused("bomb in the shared texts", ".xlsx", lambda path: _with(path, {"xl/sharedStrings.xml": _sst(" " * 60_000_000)}))
    yield refused("bomb in an unused part", ".xlsx", lambda path: _with(path, {"xl/media/image1.png": b"\0" * 60_000_000}))
    yield refused("one long text in a hundred thousand cells", ".xlsx", amplified)
    yield refused("a bomb in an OpenDocument", ".ods", lambda path: plain.ods(path, more=" " * 60_000_000))
    yield refused("a bomb in a binary workbook", ".xlsb", lambda path: _more(plain.xlsb(path), {"xl/x.bin": b"\0" * 60_000_000}))
    yield either("a zip of zips of zips", ".xlsx", lambda path: _with(path, {"xl/embeddings/a.zip": _nest(6)}))
    yield refused("more members than any workbook", ".xlsx", hostile.too_many_members)
    yield refused("a stated size of a tenth", ".xlsx", hostile.lying_size)
    for ending, make in _ZIPPED.items():
        yield refused("a member twice", ending, _changed(make, _twice))
        yield refused("a member again in other case", ending, _changed(make, _other_case))
        yield refused("members that share their bytes", ending, _changed(make, _overlapping))
        yield refused("a false checksum", ending, _changed(make, lambda raw: _in_entries(raw, crc=0x12345678)))
        yield refused("a stated size of four gigabytes", ending, _changed(make, lambda raw: _in_entries(raw, size=0xFFFFFFF0)))
        yield refused("members behind a password", ending, _changed(make, lambda raw: _in_entries(raw, flags=1)))
        yield refused("a compression nobody knows", ending, _changed(make, lambda raw: _in_entries(raw, method=97)))
        yield either("junk before the archive", ending, _changed(make, lambda raw: b"junk" * 20 + raw))
        yield either("junk after the archive", ending, _changed(make, lambda raw: raw + b"\0" * 3000))
        yield refused("only the end of an archive", ending, _changed(make, lambda raw: raw[raw.rfind(b"PK\x05\x06") :]))
    for name in ("../../../tmp/x.xml", "/etc/x.xml", "C:\\x.xml", "xl\\worksheets\\sheet1.xml", "a\0b.xml", "é" * 500):
        yield either(f"a member called {name[:20]!a}", ".xlsx", lambda path, name=name: _more(plain.xlsx(path), {name: "<x/>"}))
    for part in ("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", _SHEET):
        yield either(f"no {part}", ".xlsx", lambda path, part=part: _without(plain.xlsx(path), part))
        yield (either if part.startswith("[") else refused)(
            f"an empty {part}", ".xlsx", lambda path, part=part: _more(_without(plain.xlsx(path), part), {part: ""})
        )
    yield refused("no shared texts", ".xlsx", lambda path: _without(plain.xlsx(path), "xl/sharedStrings.xml"))
    yield refused("no content", ".ods", lambda path: _without(plain.ods(path), "content.xml"))
    yield refused("no workbook", ".xlsb", lambda path: _without(plain.xlsb(path), "xl/workbook.bin"))
    yield refused("no sheet", ".xlsb", lambda path: _without(plain.xlsb(path), "xl/worksheets/sheet1.bin"))
    yield read("stored, not compressed", ".xlsx", lambda path: _again(plain.xlsx(path), zipfile.ZIP_STORED))


def amplified(path: Path) -> Path:
    """A text of thirty thousand letters that stands in a hundred thousand cells: three gigabytes for whoever holds them all."""
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 100_001))
    return _with(path, {"xl/sharedStrings.xml": _sst("x" * 30_000), _SHEET: hostile.sheet_xml(rows)})


def truncations(make: Callable[[Path], Path], path: Path, step: int = 4096) -> Iterator[Path]:
    """A file cut off at every step."""
    raw = make(path).read_bytes()
    for end in range(step, len(raw), step):
        path.write_bytes(raw[:end])
        yield path


def flips(make: Callable[[Path], Path], path: Path, count: int, seed: int) -> Iterator[Path]:
    """A file with one to eight of its bits turned over, again and again from the whole one."""
    raw = make(path).read_bytes()
    chance = random.Random(seed)
    for _ in range(count):
        damaged = bytearray(raw)
        for _ in range(chance.choice((1, 1, 1, 2, 8))):
            damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        path.write_bytes(bytes(damaged))
        yield path


def _changed(make: Callable[[Path], Path], change: Callable[[bytes], bytes]) -> Callable[[Path], Path]:
    def made(path: Path) -> Path:
        path.write_bytes(change(make(path).read_bytes()))
        return path

    return made


def _with(path: Path, parts: Mapping[str, str | bytes]) -> Path:
    sheet = parts.get(_SHEET, hostile.sheet_xml())
    rest = {name: part for name, part in parts.items() if name != _SHEET}
    if "xl/sharedStrings.xml" in rest:
        rest["xl/_rels/workbook.xml.rels"] = hostile.BOOK_RELS.replace(
            "</Relationships>", f'<Relationship Id="rId2" Type="{hostile.REL}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
        )
    return hostile.write_parts(path, sheet, **rest)


def _sst(text: str) -> str:
    return f'<sst {hostile.MAIN} count="1" uniqueCount="1"><si><t>{text}</t></si></sst>'


def _nest(depth: int) -> bytes:
    inner = b"\0" * 1_000_000
    for level in range(depth):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for copy in range(4):
                archive.writestr(f"{level}-{copy}.zip", inner)
        inner = made.getvalue()
    return inner


def _more(path: Path, parts: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return path


def _without(path: Path, left_out: str) -> Path:
    return _again(path, zipfile.ZIP_DEFLATED, left_out)


def _again(path: Path, method: int, left_out: str = "") -> Path:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name != left_out}
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return path


def _last_name(raw: bytes) -> str:
    return zipfile.ZipFile(io.BytesIO(raw)).namelist()[-1]


def _added(raw: bytes, name: str, part: bytes) -> bytes:
    made = io.BytesIO(raw)
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr(name, part)
    return made.getvalue()


def _twice(raw: bytes) -> bytes:
    name = _last_name(raw)
    other = name[:-1] + "~"
    return _added(raw, other, b"<x/>").replace(other.encode(), name.encode())


def _other_case(raw: bytes) -> bytes:
    return _added(raw, _last_name(raw).swapcase(), b"<x/>")


def _overlapping(raw: bytes) -> bytes:
    # A second name in the list points into the bytes of the first member: what makes a bomb out of one kernel.
    made = _added(raw, "xl/again.xml", b"")
    place = made.rfind(_CENTRAL)
    first = struct.unpack_from("<I", made, made.find(_CENTRAL) + 42)[0]
    sizes = made[made.find(_CENTRAL) + 10 : made.find(_CENTRAL) + 28]
    changed = bytearray(made)
    changed[place + 10 : place + 28] = sizes
    struct.pack_into("<I", changed, place + 42, first)
    return bytes(changed)


def _in_entries(
    raw: bytes, *, crc: int | None = None, size: int | None = None, flags: int | None = None, method: int | None = None
) -> bytes:
    changed = bytearray(raw)
    for mark, start in ((_LOCAL, 6), (_CENTRAL, 8)):
        place = raw.find(mark)
        while place >= 0:
            for value, offset, shape in ((flags, 0, "<H"), (method, 2, "<H"), (crc, 8, "<I"), (size, 16, "<I")):
                if value is not None:
                    struct.pack_into(shape, changed, place + start + offset, value)
            place = raw.find(mark, place + 4)
    return bytes(changed)
