"""Invented files of any size: a list of instructions, and the bulk report of a mobile-money provider that answers it."""

from __future__ import annotations

import csv
import json
import random
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NamedTuple

HEADINGS = (
    "Receipt No.", "Completion Time", "Initiation Time", "Details", "Transaction Status", "Status Reason",
    "Currency", "Amount", "Charge", "Recipient Phone", "Recipient Name", "Reference",
)  # fmt: skip
MAP = {
    "columns": {
        "provider_id": "Receipt No.", "date": "Completion Time", "status": "Transaction Status", "reason": "Status Reason",
        "currency": "Currency", "amount": "Amount", "phone": "Recipient Phone", "name": "Recipient Name", "reference": "Reference",
    },
    "header_row": 1, "decimal": ".", "thousands": ",", "date_order": "ymd",
}  # fmt: skip
_FIRST = ("Juniper", "Moonbeam", "Lantern", "Pebble", "Willow", "Saffron", "Comet", "Clover", "Marigold", "Drizzle")
_LAST = ("Teapot", "Umbrella", "Windmill", "Biscuit", "Harmonica", "Paperclip", "Sundial")
_AMOUNTS = (4500, 5750, 7000, 8250)
_SHARES = (("MISSING", 20), ("FAILED", 30), ("PAID_LESS", 10), ("PAID_MORE", 5), ("PAID_TWICE", 5), ("NOT_OURS", 10))  # per thousand
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_REL}/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets><sheet name="Report" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_REL}/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>',
}
_OF_TEXTS = {
    "[Content_Types].xml": f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPES}.sharedStrings+xml"/>',
    "xl/_rels/workbook.xml.rels": f'<Relationship Id="r2" Type="{_REL}/sharedStrings" Target="sharedStrings.xml"/>',
}
_LETTERS = "ABCDEFGHIJKL"
_SPANS = ' spans="1:12"'


@dataclass(frozen=True)
class Files:
    """A list, the report that answers it in shuffled order, a column map for that, and how often each outcome was put into it."""

    instructed: Path
    report: Path
    map: Path
    rows: int
    outcomes: dict[str, int]


class _Line(NamedTuple):
    reference: str
    major: int
    name: str
    phone: str


def make(folder: Path, rows: int, *, shared: bool = False) -> Files:
    """Files with about so many rows in the report; made once for each size. shared: its texts stand in a list of their own, as Excel keeps them."""
    style = "-shared" if shared else ""
    told = folder / f"outcomes-{rows}{style}.json"
    files = folder / f"list-{rows}.csv", folder / f"report-{rows}{style}.xlsx", folder / "map.json"
    if not told.exists():
        draw = random.Random(rows)
        outcomes: Counter[str] = Counter()
        lines = [_line(draw, number) for number in range(rows)]
        _write_list(files[0], lines)
        said = [row for line in lines for row in _said(draw, line, outcomes)]
        draw.shuffle(said)
        _write_report(files[1], _dated(draw, said), shared=shared)
        files[2].write_text(json.dumps(MAP))
        told.write_text(json.dumps([len(said), outcomes]))
    count, outcomes = json.loads(told.read_text())
    return Files(*files, count, outcomes)


def _line(draw: random.Random, number: int) -> _Line:
    name = f"{_FIRST[number % len(_FIRST)]} {_LAST[number // 10 % len(_LAST)]} {number % 997}"
    return _Line(f"TR{number:07d}K", draw.choice(_AMOUNTS), name, f"2547{number:08d}")


def _write_list(path: Path, lines: list[_Line]) -> None:
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(("reference", "amount", "currency", "name", "phone"))
        table.writerows((line.reference, f"{line.major}.00", "KES", line.name, line.phone) for line in lines)


def _said(draw: random.Random, line: _Line, outcomes: Counter[str]) -> Iterator[tuple[object, ...]]:
    """The rows of the report about one line: none, one, or two."""
    place, outcome = draw.randrange(1000), "PAID"
    for kind, share in _SHARES:
        if place < 0:
            break
        outcome, place = (kind, place - share) if place < share else (outcome, place - share)
    outcomes[outcome] += 1
    major, status, reason, reference, name, phone = line.major, "Completed", "", line.reference, line.name, line.phone
    if outcome == "MISSING":
        return
    if outcome == "FAILED":
        status, reason = "Failed", draw.choice(("Wallet closed", "Recipient limit reached", "Number not registered"))
    elif outcome == "PAID_LESS":
        major -= 50
    elif outcome == "PAID_MORE":
        major += 50
    elif outcome == "NOT_OURS":
        # A stranger beside the payment of the line itself.
        outcomes["PAID"] += 1
        yield "Completed", "", major + 1, f"2549{phone[4:]}", f"Nobody {name}", f"ELSE-{reference[2:-1]}"
    for _ in range(2 if outcome == "PAID_TWICE" else 1):
        yield status, reason, major, phone, name, reference


def _dated(draw: random.Random, said: list[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
    for number, (status, reason, major, phone, name, reference) in enumerate(said):
        day, hour, minute, second = 1 + number * 20 // len(said), draw.randrange(8, 18), draw.randrange(60), draw.randrange(60)
        started = f"2026-11-{day:02} {hour:02}:{minute:02}:{second:02}"
        done = f"2026-11-{day:02} {hour:02}:{minute:02}:{min(second + 7, 59):02}"
        receipt = f"MP{number:08d}Q"
        yield receipt, done, started, "Business payment to customer", status, reason, "KES", major, major // 100, phone, name, reference


def _write_report(path: Path, rows: Iterator[tuple[object, ...]], *, shared: bool) -> None:
    """An xlsx with texts in their cells, as streaming exporters write it, or in a list beside the sheet."""
    places: dict[str, int] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in _PARTS.items():
            archive.writestr(name, _HEAD + (content.replace("</", _OF_TEXTS[name] + "</", 1) if shared and name in _OF_TEXTS else content))
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for number, row in enumerate(chain((HEADINGS,), rows), start=1):
                cells = "".join(
                    _cell(f"{letter}{number}", value, places if shared else None) for letter, value in zip(_LETTERS, row, strict=True)
                )
                sheet.write(f'<row r="{number}"{_SPANS if shared else ""}>{cells}</row>'.encode())
            sheet.write(b"</sheetData></worksheet>")
        if shared:
            with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as texts:
                texts.write(f'{_HEAD}<sst xmlns="{_MAIN}" uniqueCount="{len(places)}">'.encode())
                for text in places:
                    texts.write(f"<si><t>{text}</t></si>".encode())
                texts.write(b"</sst>")


def _cell(name: str, value: object, places: dict[str, int] | None) -> str:
    if value == "":
        return ""
    if isinstance(value, int):
        return f'<c r="{name}"><v>{value}</v></c>'
    if places is None:
        return f'<c r="{name}" t="inlineStr"><is><t>{value}</t></is></c>'
    return f'<c r="{name}" t="s"><v>{places.setdefault(str(value), len(places))}</v></c>'
