"""A payment list as a customer credit transfer initiation, ISO 20022 pain.001.001.09: what a bank takes instead of a workbook."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET  # only writes here: nothing from outside is parsed

from reconciliation.money import Money

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
LONGEST_ACCOUNT = 34
_LONGEST_NAME, _LONGEST_TEXT = 140, 140
_MOST_FIGURES = 18
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Unwritable(ValueError):
    """A payment that the message cannot carry without changing it."""


@dataclass(frozen=True, slots=True)
class Payer:
    """Whose account pays. bank: its BIC, or "" where the bank knows by the account."""

    name: str
    account: str
    bank: str = ""
    is_iban: bool = False


@dataclass(frozen=True, slots=True)
class Transfer:
    """One payment. account may be empty where money is fetched in person; place: a line of text for the receiver's bank."""

    reference: str
    amount: Money
    name: str
    account: str = ""
    is_iban: bool = False
    text: str = ""


def message(reference: str, payer: Payer, transfers: Sequence[Transfer], *, made_at: datetime, on: date) -> bytes:
    """The whole message, in one batch; the same list gives the same bytes.

    reference: the list's own, which names message and batch.  made_at: from the records, so that a repeated export is the same to the byte.
    Raises Unwritable for a payment that would have to be cut short.
    """
    total = sum((each.amount.decimal() for each in transfers), start=Money(0, transfers[0].amount.currency).decimal())
    document = ET.Element("Document", xmlns=NAMESPACE)
    whole = ET.SubElement(document, "CstmrCdtTrfInitn")
    head = ET.SubElement(whole, "GrpHdr")
    _text(head, "MsgId", reference)
    _text(head, "CreDtTm", made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    _text(head, "NbOfTxs", str(len(transfers)))
    _text(head, "CtrlSum", f"{total:f}")
    _text(ET.SubElement(head, "InitgPty"), "Nm", _name(payer.name))
    batch = ET.SubElement(whole, "PmtInf")
    _text(batch, "PmtInfId", reference)
    _text(batch, "PmtMtd", "TRF")
    _text(batch, "NbOfTxs", str(len(transfers)))
    _text(batch, "CtrlSum", f"{total:f}")
    _text(ET.SubElement(batch, "ReqdExctnDt"), "Dt", on.isoformat())
    _payer(batch, payer)
    for each in transfers:
        _transfer(batch, each)
    return bytes(ET.tostring(document, encoding="UTF-8", xml_declaration=True))


def _payer(batch: ET.Element, payer: Payer) -> None:
    _text(ET.SubElement(batch, "Dbtr"), "Nm", _name(payer.name))
    _account(ET.SubElement(batch, "DbtrAcct"), payer.account, is_iban=payer.is_iban)
    bank = ET.SubElement(ET.SubElement(batch, "DbtrAgt"), "FinInstnId")
    if payer.bank:
        _text(bank, "BICFI", payer.bank)
    else:
        _text(ET.SubElement(bank, "Othr"), "Id", "NOTPROVIDED")


def _transfer(batch: ET.Element, each: Transfer) -> None:
    line = ET.SubElement(batch, "CdtTrfTxInf")
    ids = ET.SubElement(line, "PmtId")
    _text(ids, "InstrId", each.reference)
    _text(ids, "EndToEndId", each.reference)
    figures = f"{each.amount.decimal():f}"
    if each.amount.minor <= 0 or len(figures.replace(".", "")) > _MOST_FIGURES:
        raise Unwritable("an amount that the message cannot hold")
    amount = ET.SubElement(ET.SubElement(line, "Amt"), "InstdAmt", Ccy=each.amount.currency)
    amount.text = figures
    _text(ET.SubElement(line, "Cdtr"), "Nm", _name(each.name))
    if each.account:
        _account(ET.SubElement(line, "CdtrAcct"), each.account, is_iban=each.is_iban)
    if each.text:
        _text(ET.SubElement(line, "RmtInf"), "Ustrd", _clean(each.text)[:_LONGEST_TEXT])


def _account(parent: ET.Element, account: str, *, is_iban: bool) -> None:
    number = _clean(account).replace(" ", "")
    if len(number) > LONGEST_ACCOUNT:
        raise Unwritable("an account of more signs than the message holds")
    which = ET.SubElement(parent, "Id")
    if is_iban:
        _text(which, "IBAN", number.upper())
    else:
        _text(ET.SubElement(which, "Othr"), "Id", number)


def _name(name: str) -> str:
    return _clean(name)[:_LONGEST_NAME]


def _clean(text: str) -> str:
    return " ".join(_UNWRITABLE.sub(" ", text).split())


def _text(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text
