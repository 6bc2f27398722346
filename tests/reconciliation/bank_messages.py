"""Bank messages about invented people, each passed once through the published structure (pyiso20022's classes of it) before it is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from xml.sax.saxutils import escape

from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.serializers import XmlSerializer

MODULES = {
    "pain.002.001.03": "pyiso20022.pain.pain_002_001_03",
    "pain.002.001.10": "pyiso20022.pain.pain_002_001_10",
    "camt.053.001.02": "pyiso20022.camt.camt_053_001_02",
    "camt.053.001.08": "pyiso20022.camt.camt_053_001_08",
    "camt.054.001.02": "pyiso20022.camt.camt_054_001_02",
    "camt.054.001.08": "pyiso20022.camt.camt_054_001_08",
}
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"


@dataclass(frozen=True)
class Said:
    """What a bank says of one payment. way: DBIT out, CRDT back."""

    reference: str
    amount: str = "1250.50"
    currency: str = "KES"
    status: str = "ACSC"
    reason: str = ""
    more: str = ""
    name: str = "Juniper Moonbeam"
    iban: str = ""
    account: str = "0110000000022"
    bank: str = "BK0001"
    way: str = "DBIT"
    returned: str = ""
    text: str = ""


def published(kind: str, xml: str) -> bytes:
    """The message as the published structure writes it; anything that structure does not have fails here."""
    document = import_module(MODULES[kind]).Document
    parser = XmlParser(
        config=ParserConfig(fail_on_unknown_properties=True, fail_on_unknown_attributes=True, fail_on_converter_warnings=True)
    )
    return XmlSerializer().render(parser.from_string(xml, document), ns_map={None: f"{NAMESPACE}{kind}"}).encode()


def status_report(kind: str, *payments: Said) -> bytes:
    """A pain.002 that tells of each payment."""
    new = kind.endswith("10")
    body = "".join(_status(one, new=new) for one in payments)
    return published(
        kind,
        f'<Document xmlns="{NAMESPACE}{kind}"><CstmrPmtStsRpt><GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-11-30T10:00:00Z</CreDtTm></GrpHdr>'
        "<OrgnlGrpInfAndSts><OrgnlMsgId>L-2026-001</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId><GrpSts>PART</GrpSts></OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>L-2026-001</OrgnlPmtInfId>{body}</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>",
    )


def statement(kind: str, *entries: Sequence[Said], status: str = "BOOK", batch_amount: str = "") -> bytes:
    """A camt.053 or camt.054, one entry for each group of payments."""
    new = kind.endswith("08")
    root, part = ("BkToCstmrStmt", "Stmt") if kind.startswith("camt.053") else ("BkToCstmrDbtCdtNtfctn", "Ntfctn")
    balance = (
        '<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="KES">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-30</Dt></Dt></Bal>'
        if part == "Stmt"
        else ""
    )
    body = "".join(_entry(group, new=new, status=status, amount=batch_amount) for group in entries)
    return published(
        kind,
        f'<Document xmlns="{NAMESPACE}{kind}"><{root}><GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-11-30T10:00:00Z</CreDtTm></GrpHdr>'
        f"<{part}><Id>S1</Id><CreDtTm>2026-11-30T10:00:00Z</CreDtTm><Acct><Id><Othr><Id>0110000000011</Id></Othr></Id></Acct>{balance}{body}</{part}></{root}></Document>",
    )


def _status(one: Said, *, new: bool) -> str:
    reason = f"<StsRsnInf><Rsn><Cd>{one.reason}</Cd></Rsn>{_more(one.more)}</StsRsnInf>" if one.reason else ""
    name = f"<Nm>{escape(one.name)}</Nm>"
    payee = f"<Cdtr><Pty>{name}</Pty></Cdtr>" if new else f"<Cdtr>{name}</Cdtr>"
    return (
        f"<TxInfAndSts><OrgnlEndToEndId>{one.reference}</OrgnlEndToEndId><TxSts>{one.status}</TxSts>{reason}<AcctSvcrRef>{one.bank}</AcctSvcrRef>"
        f'<OrgnlTxRef><Amt><InstdAmt Ccy="{one.currency}">{one.amount}</InstdAmt></Amt>{_text(one)}{payee}<CdtrAcct>{_account(one)}</CdtrAcct></OrgnlTxRef></TxInfAndSts>'
    )


def _entry(group: Sequence[Said], *, new: bool, status: str, amount: str) -> str:
    first = group[0]
    booked = f"<Sts><Cd>{status}</Cd></Sts>" if new else f"<Sts>{status}</Sts>"
    details = "".join(_detail(one, new=new) for one in group if one.reference or one.text or one.returned)
    reversal = "<RvslInd>true</RvslInd>" if first.way == "CRDT" else ""
    return (
        f'<Ntry><Amt Ccy="{first.currency}">{amount or first.amount}</Amt><CdtDbtInd>{first.way}</CdtDbtInd>{reversal}{booked}<BookgDt><Dt>2026-11-29</Dt></BookgDt>'
        f"<ValDt><Dt>2026-11-30</Dt></ValDt><AcctSvcrRef>{first.bank}</AcctSvcrRef><BkTxCd><Prtry><Cd>TRF</Cd></Prtry></BkTxCd>"
        f"{f'<NtryDtls>{details}</NtryDtls>' if details else ''}<AddtlNtryInf>As booked</AddtlNtryInf></Ntry>"
    )


def _detail(one: Said, *, new: bool) -> str:
    figure = f'<Amt Ccy="{one.currency}">{one.amount}</Amt>'
    amount = "" if not one.amount else f"{figure}<CdtDbtInd>{one.way}</CdtDbtInd>" if new else f"<AmtDtls><TxAmt>{figure}</TxAmt></AmtDtls>"
    name = f"<Nm>{escape(one.name)}</Nm>"
    payee = f"<Cdtr><Pty>{name}</Pty></Cdtr>" if new else f"<Cdtr>{name}</Cdtr>"
    returned = f"<RtrInf><Rsn><Cd>{one.returned}</Cd></Rsn>{_more(one.more)}</RtrInf>" if one.returned else ""
    reference = f"<EndToEndId>{one.reference or 'NOTPROVIDED'}</EndToEndId>"
    return (
        f"<TxDtls><Refs><AcctSvcrRef>{one.bank}</AcctSvcrRef>{reference}</Refs>{amount}<RltdPties>{payee}<CdtrAcct>{_account(one)}</CdtrAcct></RltdPties>"
        f"{_text(one)}{returned}</TxDtls>"
    )


def _account(one: Said) -> str:
    return f"<Id><IBAN>{one.iban}</IBAN></Id>" if one.iban else f"<Id><Othr><Id>{one.account}</Id></Othr></Id>"


def _text(one: Said) -> str:
    return f"<RmtInf><Ustrd>{escape(one.text)}</Ustrd></RmtInf>" if one.text else ""


def _more(text: str) -> str:
    return f"<AddtlInf>{escape(text)}</AddtlInf>" if text else ""
