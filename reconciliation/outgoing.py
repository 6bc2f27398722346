"""A plain table as the bytes of a csv, and a workbook behind a password: what leaves for a provider beside the plain workbook."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

SEPARATOR = ";"
_QUOTE = "'"
# What a spreadsheet that opens a csv takes for the beginning of a formula; the full-width forms are folded by some.
_BEGINS_FORMULA = re.compile(r"[\s\0]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
# A plus or minus before figures alone is a phone or a number: a spreadsheet can make nothing of it but that number.
_FIGURES = re.compile(r"[+-]?\d+([.,]\d+)?", re.ASCII)


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A csv in UTF-8 with a byte-order mark, ";" between cells and CRLF at the end of each line: the same rows give the same bytes.

    A cell that a spreadsheet would run as a formula gets an apostrophe before it; references, amounts and phones ("+254712…") stay to the letter.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=SEPARATOR, lineterminator="\r\n")
    writer.writerow([harmless(name) for name in header])
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """The cell as a csv may hold it: never the beginning of a formula, on one line."""
    flat = " ".join(cell.split()) if any(sign in cell for sign in "\r\n\t\0") else cell
    return _QUOTE + flat if _BEGINS_FORMULA.match(flat) and not _FIGURES.fullmatch(flat) else flat


def locked(workbook: bytes, password: str) -> bytes:
    """The workbook behind a password (agile encryption, AES-256), made in memory. Other bytes each time, since salt and key are drawn anew."""
    from msoffcrypto.format.ooxml import OOXMLFile

    out = io.BytesIO()
    OOXMLFile(io.BytesIO(workbook)).encrypt(password, out)
    return out.getvalue()
