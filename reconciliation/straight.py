"""Reads an ordinary xlsx straight from its XML while it is unpacked, in a third of the time of a reader of every form; it leaves what is not ordinary."""

from __future__ import annotations

import re
import zipfile
import zlib
from array import array
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import IO
from xml.etree import ElementTree as ET

from reconciliation import wire, zipscan
from reconciliation.cells import column_index
from reconciliation.row_pattern import Found, Groups, Holds, NotPlain, RowPattern, by_column
from reconciliation.rows import BETWEEN
from reconciliation.scan import FREE_AREA, TALLEST
from reconciliation.sheets import UnreadableFile

Message = dict[str, object] | bytes
_BROKEN = (
    MemoryError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    KeyError,
    ET.ParseError,
)
_SHARED_PART = "xl/sharedStrings.xml"
_ROWS_BEGIN, _ROW_ENDS = b"<sheetData>", b"</row>"
_TEXT_OPENS, _TEXT_ENDS = b"<si><t>", b"</t></si>"
_SAMPLE, _FEW = 64, 16
_TAGS = {Holds.NUMBER: 4, Holds.SHARED: 4, Holds.TEXT: 6, Holds.KEPT: 6}  # of a cell and all in it
_TAGS_OF_ROW = 2
_EMPTY_TEXTS = (b"<is><t/></is>", b"<is><t></t></is>", b'<is><t xml:space="preserve"></t></is>')
_MOST_AROUND, _MOST_TEXTS, _MOST_MERGES, _MOST_GAPS = 16 * 1024**2, 64 * 1024**2, 10_000, 1 << 16
_HIDDEN = re.compile(rb"""<row r="(\d{1,7}+)"[^<>/]*?\bhidden=["'](?:1|true)["']""")
_SAYS_HIDDEN = re.compile(rb"""\bhidden=["'](?:0|1|true|false)["']""")
_ENCODING = re.compile(rb'<\?xml[^<>]*?encoding=["\'](?!utf-8["\'])', re.IGNORECASE)
_MERGE = re.compile(rb'<mergeCell ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"\s?/>')
_TEXT = re.compile(rb'<si><t(?: xml:space="(preserve)")?(?:/>|>([^<]*+)</t>)</si>|([\s\S]++)')
_ESCAPE = re.compile(rb"_x[0-9A-Fa-f]{4}_")
_BLANKS = (b" ", b"\t", b"\n")
_MARKS = ((b"&lt;", b"<"), (b"&gt;", b">"), (b"&quot;", b'"'), (b"&apos;", b"'"), (b"&amp;", b"&"))
_PLAIN_FORMATS = frozenset({0, 1, 2, 3, 4, 9, 10, 11, 12, 13, 37, 38, 39, 40, 48, 49})
_SAYS_NO_DATE = re.compile(r'[#0?,.%;()\-+ _*$€£"\\]*')
_OWN_FORMATS = 164
_BETWEEN = BETWEEN.encode()


def read_straight(source: IO[bytes]) -> Iterator[Message]:
    """The visible sheets of an ordinary workbook, each followed by its rows, then by what stands below them. Raises NotPlain at anything else.

    Rows are counted by the pattern that reads them and again by their tags, block by block; nothing but the rows of a sheet is unpacked unchecked.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            yield from _read(archive, source)
    except (UnreadableFile, *_BROKEN):
        raise NotPlain from None  # the reader of every form says what is wrong with it


def _read(archive: zipfile.ZipFile, source: IO[bytes]) -> Iterator[Message]:
    book = zipscan.book_of(archive)
    if book.hides or not book.parts or len(set(book.parts.values())) != len(book.parts):
        raise NotPlain
    zipscan.check_archive(source, but={*book.parts.values(), _SHARED_PART})
    numbers, texts = _number_styles(archive), _Texts(archive)
    for name, part in book.parts.items():
        yield from _Sheet(archive, name, part, RowPattern(numbers), texts).messages()
    texts.check()


def _number_styles(archive: zipfile.ZipFile) -> frozenset[bytes]:
    """The styles in which a number is a number and cannot be a date."""
    if "xl/styles.xml" not in archive.namelist():
        return frozenset({b"0"})
    styles = zipscan.xml_of(archive, "xl/styles.xml")
    own = {int(each.get("numFmtId", "")): each.get("formatCode", "") for each in styles.iterfind("{*}numFmts/{*}numFmt")}
    looks = [int(each.get("numFmtId", "0")) for each in styles.iterfind("{*}cellXfs/{*}xf")]
    plain = {one for one in looks if (_SAYS_NO_DATE.fullmatch(own[one]) if one in own and one >= _OWN_FORMATS else one in _PLAIN_FORMATS)}
    if plain.intersection(one for one in own if one < _OWN_FORMATS):
        raise NotPlain
    return frozenset(b"%d" % place for place, look in enumerate(looks) if look in plain) if looks else frozenset({b"0"})


class _Texts:
    """The texts that cells share, read when the first cell asks for one."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._texts: list[bytes] | None = None
        self._longest = 0

    def check(self) -> None:
        """Unpack them also when nobody asked for one: what is hidden there is not ordinary. Raises UnreadableFile."""
        if self._texts is None and _SHARED_PART in self._archive.namelist():
            for _ in zipscan.checked_blocks(self._archive, self._archive.getinfo(_SHARED_PART)):
                pass

    def of(self, numbers: Sequence[bytes]) -> list[bytes]:
        """The text of each number; an empty number has none."""
        if self._texts is None:
            self._texts = _shared(_whole(self._archive, _SHARED_PART))
            self._longest = max(map(len, self._texts))
        try:
            found = self._found(self._texts, numbers)
        except IndexError:
            raise NotPlain from None
        if self._longest * len(found) > _MOST_TEXTS and sum(map(len, found)) > _MOST_TEXTS:  # one long text can stand in every cell
            raise NotPlain
        return found

    def _found(self, texts: list[bytes], numbers: Sequence[bytes]) -> list[bytes]:
        if len(set(numbers[:_SAMPLE])) <= _FEW:  # such as a currency: each is looked up once
            told = {number: texts[int(number)] if number else b"" for number in set(numbers)}
            return list(map(told.__getitem__, numbers))
        if all(numbers):
            return list(map(texts.__getitem__, map(int, numbers)))
        return [texts[int(number)] if number else b"" for number in numbers]


def _whole(archive: zipfile.ZipFile, part: str) -> bytes:
    return b"".join(zipscan.checked_blocks(archive, archive.getinfo(part)))


def _shared(part: bytes) -> list[bytes]:
    """The texts of a list of shared ones, which are many: as few copies are made of it as can be."""
    start, end = part.find(b">", part.find(b"<sst")) + 1, part.rfind(b"</sst>")
    if not 0 < start < end or _ENCODING.search(part[:start]):
        raise NotPlain
    if part.startswith(_TEXT_OPENS, start) and part.endswith(_TEXT_ENDS, start, end) and _BETWEEN not in part:
        joined = part[start + len(_TEXT_OPENS) : end - len(_TEXT_ENDS)].replace(_TEXT_ENDS + _TEXT_OPENS, _BETWEEN)
        if b"<" not in joined:
            del part
            return folded(joined, kept=False).split(_BETWEEN)
    found = _TEXT.findall(part, start, end)
    if not found or found[-1][-1] or len(found) != part.count(b"<si>"):
        raise NotPlain
    texts = folded(_joined([text for _, text, _ in found]), kept=True).split(_BETWEEN)
    return [text if keeps else text.strip(b"".join(_BLANKS)) for text, (keeps, _, _) in zip(texts, found, strict=True)]


def _joined(texts: Sequence[bytes]) -> bytes:
    joined = _BETWEEN.join(texts)
    if joined.count(_BETWEEN) != len(texts) - 1:
        raise NotPlain
    return joined


def folded(joined: bytes, *, kept: bool) -> bytes:
    """Texts joined by BETWEEN as a reader of XML gives them. kept: with the blanks at their ends. Raises NotPlain for what is seldom seen."""
    if b"\r" in joined or (b"_x" in joined and _ESCAPE.search(joined)):
        raise NotPlain
    if not joined.isascii():
        joined.decode()  # only to be sure that it can be
    if not kept and any(blank in joined and _at_an_end(blank, joined) for blank in _BLANKS):
        joined = _BETWEEN.join([text.strip(b"".join(_BLANKS)) for text in joined.split(_BETWEEN)])
    if b"&" not in joined:
        return joined
    if joined.count(b"&") != sum(joined.count(mark) for mark, _ in _MARKS):
        raise NotPlain
    for mark, meant in _MARKS:
        joined = joined.replace(mark, meant)
    return joined


def _at_an_end(blank: bytes, joined: bytes) -> bool:
    return joined.startswith(blank) or joined.endswith(blank) or _BETWEEN + blank in joined or blank + _BETWEEN in joined


class _Sheet:
    """One sheet while it is read. last: the number of the last row sent; seen: of the last row there was, blank or not."""

    def __init__(self, archive: zipfile.ZipFile, name: str, part: str, pattern: RowPattern, texts: _Texts) -> None:
        self._archive, self._name, self._part, self._pattern, self._texts = archive, name, part, pattern, texts
        self._last, self._seen = 0, 0
        self._hidden: list[int] = []

    def messages(self) -> Iterator[Message]:
        """The sheet, its rows, and what is known of it once it was read."""
        blocks = zipscan.checked_blocks(self._archive, self._archive.getinfo(self._part))
        rest = b""
        while _ROWS_BEGIN not in rest and len(rest) < _MOST_AROUND and (block := next(blocks, b"")):
            rest += block
        head, begins, rest = rest.partition(_ROWS_BEGIN)
        if not begins or b"<worksheet" not in head or b"<!" in head or _ENCODING.search(head):
            raise NotPlain
        begun = False
        for block in chain([b""], blocks):
            rest += block
            end = rest.rfind(_ROW_ENDS) + len(_ROW_ENDS)
            if end < len(_ROW_ENDS):
                if len(rest) > _MOST_AROUND:
                    raise NotPlain
                continue
            for batch in self._batches(rest, end):
                if not begun:  # most of what is not plain shows in the first rows
                    yield {"sheet": self._name, "hidden": False, "merges": [], "hidden_rows": []}
                begun = True
                yield batch
            rest = rest[end:]
        if not begun:
            raise NotPlain
        yield {"merges": _merges(rest), "hidden_rows": self._hidden}

    def _batches(self, block: bytes, end: int) -> Iterator[bytes]:
        rows = values = tags = 0
        for groups, found in self._pattern.read(block, end):
            columns = list(zip(*found, strict=True))
            rows += len(found)
            for group in groups:
                column = columns[group.place]
                filled = len(column) if all(column) else len(list(filter(None, column)))
                values += filled
                tags += filled * _TAGS[group.holds]
            yield from self._packed(groups, found, columns)
        self._count_again(block, end, rows, values, tags + rows * _TAGS_OF_ROW)
        if b"hidden" in block:
            if block.count(b"hidden", 0, end) != len(_SAYS_HIDDEN.findall(block, 0, end)):
                raise NotPlain
            self._hidden.extend(map(int, _HIDDEN.findall(block, 0, end)))

    def _count_again(self, block: bytes, end: int, rows: int, values: int, tags: int) -> None:
        """The second count, by tags alone: all of them at once, which leaves no room for a blank cell or anything else; else kind by kind."""
        if not self._pattern.writes_blank and block.count(b"</row>", 0, end) == rows and block.count(b"<", 0, end) == tags:
            return
        counted = block.count(b"</v>", 0, end) + block.count(b"<is>", 0, end)
        if self._pattern.writes_empty:
            counted -= sum(block.count(empty, 0, end) for empty in _EMPTY_TEXTS)
        if rows != block.count(b"<row ", 0, end) or values != counted:
            raise NotPlain

    def _packed(self, groups: Groups, found: Sequence[Found], columns: Sequence[Found]) -> Iterator[bytes]:
        rows = self._without_gaps(found, columns[0])
        if rows is not found:
            columns = list(zip(*rows, strict=True))
        placed = by_column(groups)
        width = max(placed, default=0) + 1
        if self._seen * width > FREE_AREA + self._archive.getinfo(self._part).compress_size:
            raise NotPlain
        most = wire.rows_at_once(width)
        for start in range(0, len(rows), most):
            packed = [wire.BLANK] * width
            for column, mine in placed.items():
                packed[column] = self._column([(group.holds, columns[group.place][start : start + most]) for group in mine])
            yield wire.framed(min(most, len(rows) - start), packed)

    def _without_gaps(self, found: Sequence[Found], named: Found) -> Sequence[Found]:
        """The rows after the last one sent, with blank ones where none is written; blank ones at the end wait for another behind them."""
        numbers = list(map(int, named))
        if numbers != list(range(self._last + 1, self._last + 1 + len(found))):
            rising = all(one < other for one, other in pairwise([self._seen, *numbers]))
            if not rising or numbers[-1] > TALLEST or numbers[-1] - self._last > len(found) + _MOST_GAPS:
                raise NotPlain
            blank, written = (b"",) * len(found[0]), dict(zip(numbers, found, strict=True))
            found = [written.get(number, blank) for number in range(self._last + 1, numbers[-1] + 1)]
        self._seen, kept = numbers[-1], len(found)
        while kept and not any(found[kept - 1][1:]):
            kept -= 1
        self._last += kept
        return found if kept == len(found) else found[:kept]

    def _column(self, written: Sequence[tuple[Holds, Sequence[bytes]]]) -> wire.Packed:
        """One column, of which each way of writing a cell has its own values, blank where another way was used."""
        texts = [self._text(holds, values) for holds, values in written if holds is not Holds.NUMBER]
        if len(texts) == len(written) == 1:
            return wire.joined(texts[0], len(written[0][1]))
        numbers = [values for holds, values in written if holds is Holds.NUMBER]
        ways = [*numbers, *(text.split(_BETWEEN) for text in texts)]
        if not numbers:
            return wire.texts(_merged(ways))
        figures = _merged(numbers)
        if all(figures):
            return wire.floats(array("d", map(float, figures)))
        return wire.mixed("".join(["d" if figure else "s" for figure in figures]), _merged(ways))

    def _text(self, holds: Holds, values: Sequence[bytes]) -> bytes:
        """The texts of one way of writing them, joined by BETWEEN."""
        if holds is Holds.SHARED:
            return _BETWEEN.join(self._texts.of(values))
        return folded(_joined(values), kept=holds is Holds.KEPT)


def _merged(ways: Sequence[Sequence[bytes]]) -> Sequence[bytes]:
    return ways[0] if len(ways) == 1 else [next(filter(None, written), b"") for written in zip(*ways, strict=True)]


def _merges(tail: bytes) -> list[list[int]]:
    """The merged cells that stand below the rows. Raises NotPlain for a sheet that does not end as it should."""
    found = _MERGE.findall(tail)
    ends = tail.startswith(b"</sheetData>") and tail.rstrip().endswith(b"</worksheet>")
    if (
        not ends
        or any(mark in tail for mark in (b"<!", b"<sheetData", b"<row "))
        or len(found) != tail.count(b"<mergeCell ")
        or len(found) > _MOST_MERGES
    ):
        raise NotPlain
    return [[int(top), column_index(left.decode()), int(bottom), column_index(right.decode())] for left, top, right, bottom in found]
