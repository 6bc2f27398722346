"""What a file is, told by its content: names and extensions are often wrong."""

from __future__ import annotations

import re
import zipfile
import zlib
from enum import StrEnum
from pathlib import Path
from typing import IO

from reconciliation.sheets import UnreadableFile


class Form(StrEnum):
    """The forms of spreadsheet that can be read."""

    XLSX = "xlsx"
    XLSB = "xlsb"
    XLS = "xls"
    ODS = "ods"
    TEXT = "csv"
    PAGE = "html"
    XML_2003 = "xml"
    ISO = "iso20022"
    MT940 = "mt940"
    PROTECTED = "protected"


AS_XLSX = "open it in a spreadsheet program, save it as .xlsx and send that"
LOST_ROWS = f"{AS_XLSX}: two ways of counting its rows disagree, so some could be lost"
DAMAGED = "ask for the file again: this one is damaged or was cut short while it was sent"
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_VERY_OLD = (b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")
_PACKED = (b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ")
_PAPER = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*")
_HEAD = 8192
ISO_MESSAGE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:(pain\.002|camt\.053|camt\.054)\.001\.\d\d")
_ANY_ISO_MESSAGE = "urn:iso:std:iso:20022:tech:xsd:"
_STATEMENT = tuple(re.compile(rf"(?:^|[\r\n]):{tag}:") for tag in ("20", "25P?", "6[01][FM]?"))
_NOTHING = b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"
_CONTROLS = frozenset([*range(9), *range(14, 27)])


def form_of(path: Path) -> Form:
    """The form of a file. Raises UnreadableFile for what is not a spreadsheet, saying what to send instead."""
    try:
        with path.open("rb") as file:
            return form_in(file)
    except IsADirectoryError:
        raise UnreadableFile("name one file: this is a folder") from None
    except FileNotFoundError:
        raise UnreadableFile("check the file's name: there is no such file") from None
    except OSError:
        raise UnreadableFile("allow this file to be read, or copy it to another folder") from None


def form_in(file: IO[bytes]) -> Form:
    """The form of an open file, told by its content."""
    file.seek(0)
    head = file.read(_HEAD)
    if not head.strip(_NOTHING):
        raise UnreadableFile("send a file with rows in it: this one is empty")
    if head.startswith(_ZIP):
        return _zipped(file)
    if head.startswith(_OLE):
        return _compound(file)
    if head.startswith(_VERY_OLD):
        raise UnreadableFile(f"{AS_XLSX}: this one is of a kind that is no longer written")
    if head.startswith(_PAPER):
        raise UnreadableFile("ask the provider for the spreadsheet itself: this is a picture or a PDF")
    if head.startswith(_PACKED):
        raise UnreadableFile("unpack the archive and send the spreadsheet that is in it")
    if form := _marked_up(head):
        return form
    if _is_statement(_in_letters(head)):
        return Form.MT940
    if _is_binary(head):
        raise UnreadableFile("send a spreadsheet (.xlsx, .xls, .ods or .csv): this file is something else, or damaged from its first bytes")
    return Form.TEXT


def _is_statement(text: str) -> bool:
    """Whether the tags of an MT940 stand in a text in their order; looked for one after the other, as one pattern could be made to look forever."""
    place = 0
    for tag in _STATEMENT:
        found = tag.search(text, place)
        if found is None:
            return False
        place = found.end() - 1
    return True


def _zipped(file: IO[bytes]) -> Form:
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            kind = archive.read("mimetype")[:80] if "mimetype" in names and archive.getinfo("mimetype").file_size < _HEAD else b""
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError, ValueError, EOFError):
        raise UnreadableFile(DAMAGED) from None
    if any(name.casefold() == "xl/workbook.bin" for name in names):
        return Form.XLSB
    if b"opendocument.spreadsheet" in kind or ("content.xml" in names and not kind):
        return Form.ODS
    if any(name.casefold().lstrip("/").endswith("workbook.xml") for name in names) or "[Content_Types].xml" in names:
        return Form.XLSX
    raise UnreadableFile("unpack the archive and send the spreadsheet that is in it")


def _compound(file: IO[bytes]) -> Form:
    import olefile  # type: ignore[import-untyped]  # comes with msoffcrypto-tool, has no types

    try:
        file.seek(0)
        with olefile.OleFileIO(file) as compound:
            if compound.exists("EncryptedPackage"):
                return Form.PROTECTED
            if compound.exists("Workbook") or compound.exists("Book"):
                return Form.XLS
    except (OSError, ValueError, IndexError, TypeError, AttributeError, OverflowError):
        raise UnreadableFile(DAMAGED) from None
    raise UnreadableFile("send a spreadsheet (.xlsx, .xls, .ods or .csv): this is another kind of office document")


def _marked_up(head: bytes) -> Form | None:
    """The form of a text that begins with a tag: a web page, or XML that is a workbook; None for a text without tags."""
    start = _in_letters(head).lstrip("\ufeff \t\r\n").casefold()
    if start.startswith("mime-version:"):
        raise UnreadableFile(f"{AS_XLSX}: this is a web page packed with its pictures")
    if not re.match(r"<[!?a-z]", start):
        return None
    if "urn:schemas-microsoft-com:office:spreadsheet" in start:
        return Form.XML_2003
    if re.search(r"<(?:html|table|tr|body|!doctype html)\b", start):
        return Form.PAGE
    if ISO_MESSAGE.search(start):
        return Form.ISO
    if _ANY_ISO_MESSAGE in start:
        raise UnreadableFile("ask the bank for its answer as pain.002, camt.053 or camt.054: this is another message")
    raise UnreadableFile(f"{AS_XLSX}: this is XML under a spreadsheet's name")


def _in_letters(head: bytes) -> str:
    page = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else utf16_without_mark(head) or "latin-1"
    return head[: len(head) // 2 * 2].decode(page, "replace")


def _is_binary(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or _is_utf16(head):
        return False
    return b"\0" in head or sum(byte in _CONTROLS for byte in head) > len(head) // 100


def _is_utf16(head: bytes) -> bool:
    return bool(utf16_without_mark(head))


def utf16_without_mark(head: bytes) -> str:
    """Which UTF-16 a text without a byte-order mark is in, or "" when it is not: commas and line ends have a zero on one side only."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) * 50 < len(head) or min(even, odd) * 100 > len(head):
        return ""
    page = "utf-16-le" if odd > even else "utf-16-be"
    text = head[: len(head) // 2 * 2].decode(page, "replace")
    plain = sum(character.isprintable() or character in "\r\n\t" for character in text) - text.count("\ufffd")
    return page if plain * 20 >= len(text) * 19 else ""
