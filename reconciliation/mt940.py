"""Reads an account statement in SWIFT MT940 as one sheet, a row for each statement line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reconciliation.formats import DAMAGED
from reconciliation.sheets import UnreadableFile

SHEET = "MT940"
HEADINGS = (
    "Reference",
    "Debit or credit",
    "Amount",
    "Currency",
    "Beneficiary name",
    "Beneficiary account",
    "Bank reference",
    "Value date",
    "Statement text",
)
_FIELD = re.compile(r"^:(\d{2}[A-Z]?):", re.MULTILINE)
_LINE = re.compile(
    r"(?P<value>\d{6})(?P<booked>\d{4})?(?P<mark>R?[CD]|E[CD])(?P<funds>[A-Z])?(?P<amount>\d[\d,]{0,14})"
    r"(?P<type>[NFS][A-Z0-9]{3})(?P<ours>[^\n]{0,16}?)(?://(?P<bank>[^\n]{0,16}))?(?:\n(?P<more>.*))?",
    re.ASCII | re.DOTALL,
)
_BALANCE = re.compile(r"(?P<mark>[CD])(?P<date>\d{6})(?P<currency>[A-Z]{3})(?P<amount>\d[\d,]{0,14})", re.ASCII)
_AMOUNT = re.compile(r"\d{1,15},\d{0,5}", re.ASCII)
# What German and Dutch banks write into the text of a line, in the two ways they write it.
_END_TO_END = (
    re.compile(r"EREF\+(.{1,35}?)(?=(?:KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|IBAN|BIC)\+|$)"),
    re.compile(r"/EREF/([^/]{1,35})(?:/|$)"),
)
_NAME = re.compile(r"/NAME/([^/]{1,140})(?:/|$)")
_IBAN = (re.compile(r"IBAN\+([A-Z0-9]{5,34})"), re.compile(r"/IBAN/([A-Z0-9]{5,34})(?:/|$)"))
_SUBFIELD = re.compile(r"\?(\d\d)")
_TEXT_SUBFIELDS = frozenset([*(f"{number}" for number in range(20, 30)), *(f"{number}" for number in range(60, 64))])
_NOT_GIVEN = frozenset({"", "NONREF", "NOTPROVIDED"})
_MOVED = {"D": "D", "C": "C", "RC": "D", "RD": "C"}
_DOES_NOT_FOOT = "ask the bank for the statement again: its lines do not make up the balances it states"


@dataclass(slots=True)
class _Told:
    """What the text of a line says apart from itself."""

    reference: str = ""
    name: str = ""
    account: str = ""
    text: str = ""


def read_statement(text: str) -> list[list[object]]:
    """The heading and one row for each line of every statement in the text, in order. Raises UnreadableFile for a damaged one.

    A reversal says which way its own money went: RC is money that went out, RD money that came back.
    """
    rows: list[list[object]] = [list(HEADINGS)]
    currency, opening, moved = "", Decimal(0), Decimal(0)
    fields = list(_fields(text))
    for place, (tag, content) in enumerate(fields):
        if tag in {"60F", "60M"}:
            currency, opening = _balance(content)
            moved = Decimal(0)
        elif tag == "61":
            told = fields[place + 1][1] if place + 1 < len(fields) and fields[place + 1][0] == "86" else ""
            rows.append(_row(content, told, currency))
            moved += _signed(rows[-1])
        elif tag in {"62F", "62M"}:
            if _balance(content) != (currency, opening + moved):
                raise UnreadableFile(_DOES_NOT_FOOT)
            currency = ""
    if currency or not rows[1:]:
        raise UnreadableFile(DAMAGED if currency else "ask the bank for a statement with lines in it: this one has balances only")
    return rows


def _fields(text: str) -> Iterator[tuple[str, str]]:
    """Every field of every message, in order; envelopes and the ends of messages are left away."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    plain = "\n".join(line for line in lines if line not in {"-", "-}"} and not line.startswith("{"))
    starts = list(_FIELD.finditer(plain))
    for found, after in zip(starts, [*starts[1:], None], strict=True):
        yield found[1], plain[found.end() : after.start() if after else len(plain)].strip("\n")


def _balance(content: str) -> tuple[str, Decimal]:
    found = _BALANCE.match(content.strip())
    if not found:
        raise UnreadableFile(DAMAGED)
    minor = _figure(found["amount"])
    return found["currency"], -minor if found["mark"] == "D" else minor


def _figure(text: str) -> Decimal:
    if not _AMOUNT.fullmatch(text):
        raise UnreadableFile(DAMAGED)
    return Decimal(text.replace(",", ".").rstrip("."))


def _signed(row: list[object]) -> Decimal:
    figure = Decimal(str(row[2]))
    return -figure if row[1] == "D" else figure


def _row(content: str, told: str, currency: str) -> list[object]:
    found = _LINE.fullmatch(content)
    if not found or not currency or found["mark"].startswith("E"):
        raise UnreadableFile(DAMAGED)
    said = _told(told)
    ours = (found["ours"] or "").strip()
    return [
        said.reference or ("" if ours.upper() in _NOT_GIVEN else ours),
        _MOVED[found["mark"]],
        f"{_figure(found['amount']):f}",
        currency,
        said.name,
        said.account,
        "" if (found["bank"] or "").strip().upper() in _NOT_GIVEN else (found["bank"] or "").strip(),
        _day(found["value"]),
        " ".join(filter(None, (said.text, (found["more"] or "").strip().replace("\n", " ")))),
    ]


def _told(content: str) -> _Told:
    """The text of a line taken apart where its bank says how: in subfields ("?20"), or in words between slashes."""
    parts = _SUBFIELD.split(content.replace("\n", ""))
    subfields = list(zip(parts[1::2], parts[2::2], strict=True))
    text = "".join(part for number, part in subfields if number in _TEXT_SUBFIELDS) if subfields else content.replace("\n", "")
    named = dict(subfields)
    name = f"{named.get('32', '')}{named.get('33', '')}".strip() or _first(text, _NAME)
    return _Told(_first(text, *_END_TO_END), name, named.get("31", "").strip() or _first(text, *_IBAN), text.strip())


def _first(text: str, *patterns: re.Pattern[str]) -> str:
    found = next((match[1].strip() for pattern in patterns if (match := pattern.search(text))), "")
    return "" if found.upper() in _NOT_GIVEN else found


def _day(text: str) -> str:
    try:
        return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:6])).isoformat()
    except ValueError:
        raise UnreadableFile(DAMAGED) from None
