"""Reads a bank's answers in ISO 20022 as one sheet, a row for each transaction: pain.002 (status), camt.053 (statement) and camt.054 (notice)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from reconciliation.formats import DAMAGED, ISO_MESSAGE
from reconciliation.sheets import UnreadableFile

STATUS_HEADINGS = (
    "Original end to end ID",
    "Status",
    "Reason",
    "Amount",
    "Currency",
    "Beneficiary name",
    "Beneficiary account",
    "Bank reference",
    "Date",
    "Remittance information",
)
STATEMENT_HEADINGS = ("End to end ID", "Entry", *STATUS_HEADINGS[2:])

_MAX_BYTES = 512 * 1024**2
_CHUNK = 1 << 20
_DEEPEST = 40
_MOST_PARTS = 20_000
_LONGEST = 100_000
_TAGS = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(TxInfAndSts|TxDtls|Ntry)[\s>/]")
_DOCTYPE = "ask the bank for the message again: this one carries definitions of its own, which no bank's message has"
_OTHER = "ask the bank for its answer as pain.002, camt.053 or camt.054: this is another message"
_LOST = "ask the bank for the message again: two ways of counting its transactions disagree, so some could be lost"
_TOO_MUCH = "ask the bank for the message in smaller parts: one transaction of this one is too large to be true"
_NO_TRANSACTION = (
    "ask the bank for the status of each payment: this message names no payment, it tells only of {what}; "
    "if it was rejected as a whole, the bank says so for each payment when asked"
)
_NOT_GIVEN = frozenset({"NOTPROVIDED", "NONREF", "NONE", "NOTGIVEN"})
_BACK, _PENDING = "CRDT", "PDNG"
# The official names of the codes a person meets most; our own reasons are told from the code itself.
_NAMES = {
    "AC01": "incorrect account number",
    "AC03": "invalid creditor account number",
    "AC04": "closed account",
    "AC06": "blocked account",
    "AC07": "closed creditor account",
    "AG01": "transaction forbidden",
    "AM02": "amount not allowed",
    "AM04": "insufficient funds",
    "AM05": "duplication",
    "AM14": "amount exceeds agreed limit",
    "BE01": "inconsistent with end customer",
    "BE06": "unknown end customer",
    "MD07": "end customer deceased",
    "MS02": "reason not specified by the customer",
    "MS03": "reason not specified by the agent",
    "RC01": "bank identifier incorrect",
    "TM01": "cut-off time missed",
}


@dataclass(slots=True)
class Message:
    """What a message says. name: "pain.002", "camt.053" or "camt.054"; rows: the heading first, then one for each transaction."""

    name: str
    rows: list[list[object]]


@dataclass(slots=True)
class _Part:
    """What was found inside one element so far: texts by their path below it, in order. details: of an entry, how many rows it made."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    size: int = 0
    details: int = 0

    def add(self, path: str, text: str) -> None:
        """Keep one text. Raises UnreadableFile when there are more than any transaction has."""
        self.size += 1
        if self.size > _MOST_PARTS:
            raise UnreadableFile(_TOO_MUCH)
        self.texts.setdefault(path, []).append(text)

    def first(self, *paths: str) -> str:
        """The first text at the first of these paths that has one."""
        return next((text for path in paths for text in self.texts.get(path, ()) if text), "")

    def every(self, *paths: str) -> str:
        """All texts at these paths as one, each once."""
        return " ".join(dict.fromkeys(text for path in paths for text in self.texts.get(path, ()) if text))


def read_message(path: Path) -> Message:
    """The transactions of a message, in its order. Raises UnreadableFile for another message, a damaged one, or one that names no transaction."""
    if path.stat().st_size > _MAX_BYTES:
        raise UnreadableFile("ask the bank for the message in smaller parts: this one is larger than 512 MB")
    reader = _Reader()
    stated = {"TxInfAndSts": 0, "TxDtls": 0, "Ntry": 0}
    with path.open("rb") as file:
        overlap = b""
        while chunk := file.read(_CHUNK):
            reader.feed(chunk)
            for found in _TAGS.finditer(overlap + chunk):
                stated[found[1].decode()] += 1
            overlap = _begun_tag(overlap + chunk)
    reader.close()
    if reader.counted != stated:
        raise UnreadableFile(_LOST)
    if len(reader.rows) == 1:
        what = "the file as a whole" if reader.name == "pain.002" else "balances"
        raise UnreadableFile(_NO_TRANSACTION.format(what=what))
    return Message(reader.name, reader.rows)


def _begun_tag(seen: bytes) -> bytes:
    """The end of what was seen, from the last tag that may not be whole; nothing that was counted already."""
    last = seen.rfind(b"<")
    tail = seen[last:] if last >= 0 else b""
    return b"" if _TAGS.match(tail) or len(tail) > _LONGEST else tail


class _Reader:
    """Walks through a message as it comes; keeps one transaction, and what stands around it, at a time."""

    def __init__(self) -> None:
        self.name = ""
        self.rows: list[list[object]] = []
        self.counted = {"TxInfAndSts": 0, "TxDtls": 0, "Ntry": 0}
        self._path: list[str] = []
        self._text: list[str] = []
        self._length = 0
        self._entry, self._detail = _Part(), _Part()
        self._entry_at = self._detail_at = 0  # how deep the open one stands, its own tag included; 0 while none is open
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = _refuse_doctype
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._hear

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes. Raises UnreadableFile."""
        try:
            self._parser.Parse(chunk, False)
        except (expat.ExpatError, ValueError, LookupError):
            raise UnreadableFile(DAMAGED) from None

    def close(self) -> None:
        """The message is over. Raises UnreadableFile when it is not."""
        try:
            self._parser.Parse(b"", True)
        except (expat.ExpatError, ValueError, LookupError):
            raise UnreadableFile(DAMAGED) from None

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        space, _, tag = name.rpartition(" ")
        if not self._path:
            self._open(space)
        self._path.append(tag)
        if len(self._path) > _DEEPEST:
            raise UnreadableFile(_TOO_MUCH)
        self._text.clear()
        self._length = 0
        if tag in self.counted:
            self.counted[tag] += 1
        if tag == "Ntry":
            self._entry, self._entry_at = _Part(), len(self._path)
        elif tag in {"TxInfAndSts", "TxDtls"}:
            self._detail, self._detail_at = _Part(), len(self._path)
        if currency := attributes.get("Ccy"):
            self._keep("@" + tag, currency)

    def _open(self, space: str) -> None:
        found = ISO_MESSAGE.search(space)
        if not found:
            raise UnreadableFile(_OTHER)
        self.name = found[1]
        self.rows.append(list(STATUS_HEADINGS if self.name == "pain.002" else STATEMENT_HEADINGS))

    def _hear(self, text: str) -> None:
        self._length += len(text)
        if self._length > _LONGEST:
            raise UnreadableFile(_TOO_MUCH)
        self._text.append(text)

    def _end(self, _name: str) -> None:
        tag = self._path[-1]
        text = "".join(self._text).strip()
        self._text.clear()
        self._length = 0
        if text:
            self._keep("", text)
        self._path.pop()
        if tag == "TxInfAndSts":
            self._detail_at = 0
            self.rows.append(_status_row(self._detail))
        elif tag == "TxDtls":
            self._detail_at = 0
            self._entry.details += 1
            self.rows.append(_statement_row(self._detail, self._entry, alone=False))
        elif tag == "Ntry":
            self._entry_at = 0
            self._end_entry()

    def _end_entry(self) -> None:
        """An entry without details is one row; where it has one detail without an amount of its own, that detail has the entry's."""
        if not self._entry.details:
            self.rows.append(_statement_row(_Part(), self._entry, alone=True))
        elif self._entry.details == 1 and not self.rows[-1][3]:
            self.rows[-1] = _statement_row(self._detail, self._entry, alone=True)

    def _keep(self, attribute: str, text: str) -> None:
        """Keep a text, or an attribute of the element that just began, with the transaction, else the entry, it stands in."""
        part, depth = (self._detail, self._detail_at) if self._detail_at else (self._entry, self._entry_at)
        if depth:
            below = [*self._path[depth:-1], attribute] if attribute else self._path[depth:]
            part.add("/".join(below), text)


def _refuse_doctype(*_what: object) -> None:
    raise UnreadableFile(_DOCTYPE)


def _status_row(said: _Part) -> list[object]:
    amount = "OrgnlTxRef/Amt/InstdAmt" if said.first("OrgnlTxRef/Amt/InstdAmt") else "OrgnlTxRef/Amt/EqvtAmt/Amt"
    return [
        _given(said.first("OrgnlEndToEndId", "OrgnlInstrId")),
        said.first("TxSts"),
        _reason(said, "StsRsnInf/"),
        said.first(amount),
        said.first(_currency(amount)),
        said.first("OrgnlTxRef/Cdtr/Pty/Nm", "OrgnlTxRef/Cdtr/Nm"),
        said.first("OrgnlTxRef/CdtrAcct/Id/IBAN", "OrgnlTxRef/CdtrAcct/Id/Othr/Id"),
        said.first("AcctSvcrRef", "ClrSysRef"),
        said.first("AccptncDtTm", "OrgnlTxRef/ReqdExctnDt/Dt", "OrgnlTxRef/ReqdExctnDt")[:10],
        said.every("OrgnlTxRef/RmtInf/Ustrd"),
    ]


def _statement_row(said: _Part, entry: _Part, *, alone: bool) -> list[object]:
    amount, currency = _amount(said)
    if not amount and alone:
        amount, currency = entry.first("Amt"), entry.first("@Amt")
    payee = "RltdPties/Cdtr"
    return [
        _given(said.first("Refs/EndToEndId", "Refs/InstrId")),
        _direction(said, entry),
        _reason(said, "RtrInf/"),
        amount,
        currency,
        said.first(f"{payee}/Pty/Nm", f"{payee}/Nm"),
        said.first(f"{payee}Acct/Id/IBAN", f"{payee}Acct/Id/Othr/Id"),
        said.first("Refs/AcctSvcrRef", "Refs/TxId", "Refs/ClrSysRef") or entry.first("AcctSvcrRef"),
        entry.first("ValDt/Dt", "ValDt/DtTm", "BookgDt/Dt", "BookgDt/DtTm")[:10],
        said.every("RmtInf/Ustrd", "AddtlTxInf") or entry.first("AddtlNtryInf"),
    ]


def _amount(said: _Part) -> tuple[str, str]:
    """The amount a detail has of its own: as booked, else as it was transferred, else as it was instructed."""
    for path in ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt"):
        if text := said.first(path):
            return text, said.first(_currency(path))
    return "", ""


def _direction(said: _Part, entry: _Part) -> str:
    """Which way the money went: DBIT out, CRDT back; PDNG while the bank has not booked it. A reversal says which way it went itself."""
    if (entry.first("Sts/Cd", "Sts") or "BOOK") != "BOOK":
        return _PENDING
    return _BACK if said.first("RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry") else said.first("CdtDbtInd") or entry.first("CdtDbtInd")


def _reason(said: _Part, where: str) -> str:
    code = said.first(f"{where}Rsn/Cd", f"{where}Rsn/Prtry")
    return " ".join(filter(None, (code, _NAMES.get(code, ""), said.every(f"{where}AddtlInf"))))


def _currency(path: str) -> str:
    head, _, tag = path.rpartition("/")
    return f"{head}/@{tag}" if head else f"@{tag}"


def _given(reference: str) -> str:
    return "" if reference.replace(" ", "").upper() in _NOT_GIVEN else reference
