"""The bytes of a provider's file: a template filled with the lines of a list, the same each time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import phonenumbers

from cbi.errors import Refused
from cbi.transfers.programmes import ExportField
from cbi.transfers.templates import AmountStyle, Column, DateStyle, FileForm, Template, headings
from cbi.web.words import _
from reconciliation import outgoing, pain001
from reconciliation.money import Money
from reconciliation.report_bytes import table_bytes

_INVENTED = "+999"


@dataclass(frozen=True, slots=True)
class FileLine:
    """One line with all that a column can show, in clear: made when a file is written, kept nowhere."""

    reference: str
    amount: Money
    name: str
    phone: str = ""
    account: str = ""
    token: str = ""
    site: str = ""


@dataclass(frozen=True, slots=True)
class Sending:
    """What a file says of its list as a whole. on: the day it was released, in the office's zone."""

    reference: str
    made_at: datetime
    on: date


def file_bytes(template: Template, sending: Sending, lines: Iterable[FileLine]) -> bytes:
    """The file, before any password. Raises Refused when a line cannot be written without changing it."""
    match template.form:
        case FileForm.CSV:
            return outgoing.csv_bytes(headings(template), _texts(template, sending, lines))
        case FileForm.PAIN:
            return _message(template, sending, lines)
    return table_bytes(sending.reference, headings(template), _cells(template, sending, lines), made_at=sending.made_at)


def first_lines(template: Template, sending: Sending, lines: Sequence[FileLine]) -> str:
    """The first lines as a person can read them before the file is made: a table's cells joined by " | ", a message as it is written."""
    if template.form is FileForm.PAIN:
        return _message(template, sending, lines).decode().replace("><", ">\n<")
    between = outgoing.SEPARATOR if template.form is FileForm.CSV else " | "
    rows = [list(headings(template)), *_texts(template, sending, lines)]
    return "\n".join(between.join(map(outgoing.harmless, row) if template.form is FileForm.CSV else row) for row in rows)


def _cells(template: Template, sending: Sending, lines: Iterable[FileLine]) -> Iterator[list[str | Money]]:
    for line in lines:
        yield [
            line.amount
            if one.what is ExportField.AMOUNT and template.amounts is AmountStyle.NUMBER
            else _text(one, template, sending, line)
            for one in template.columns
        ]


def _texts(template: Template, sending: Sending, lines: Iterable[FileLine]) -> Iterator[list[str]]:
    for line in lines:
        yield [_text(one, template, sending, line) for one in template.columns]


def _text(column: Column, template: Template, sending: Sending, line: FileLine) -> str:
    match column.what:
        case ExportField.AMOUNT:
            return _amount(line.amount, template.amounts)
        case ExportField.PHONE_LOCAL:
            return local_phone(line.phone)
        case ExportField.PHONE_DIGITS:
            return line.phone.removeprefix("+")
        case ExportField.DATE:
            return sending.on.strftime("%d/%m/%Y") if template.dates is DateStyle.DMY else sending.on.isoformat()
        case ExportField.FIXED:
            return column.text
    return {
        ExportField.REFERENCE: line.reference,
        ExportField.NAME: line.name,
        ExportField.PHONE: line.phone,
        ExportField.ACCOUNT: line.account,
        ExportField.TOKEN: line.token,
        ExportField.CURRENCY: line.amount.currency,
        ExportField.SITE: line.site,
        ExportField.LIST: sending.reference,
    }[column.what]


def _amount(amount: Money, style: AmountStyle) -> str:
    if style is AmountStyle.MINOR:
        return str(amount.minor)
    written = f"{amount.decimal():f}"
    return written.replace(".", ",") if style is AmountStyle.COMMA else written


def _message(template: Template, sending: Sending, lines: Iterable[FileLine]) -> bytes:
    assert template.payer is not None
    payer = pain001.Payer(template.payer.name, template.payer.account, template.payer.bank, is_iban=_is_iban(template.payer.account))
    transfers = [
        pain001.Transfer(
            line.reference,
            line.amount,
            line.name,
            line.account,
            is_iban=_is_iban(line.account),
            text=sending.reference,
        )
        for line in lines
    ]
    try:
        return pain001.message(sending.reference, payer, transfers, made_at=sending.made_at, on=sending.on)
    except pain001.Unwritable as unwritable:
        raise Refused(
            _("choose another form for this provider's file: an account or amount on the list is too long for a bank's message")
        ) from unwritable


def _is_iban(account: str) -> bool:
    from schwifty import IBAN

    return account[:2].isalpha() and bool(IBAN(account, allow_invalid=True).is_valid)


def local_phone(number: str) -> str:
    """A phone as it is dialled at home, digits only: "+254712123456" is "0712123456". What cannot be read stays as it is."""
    if number.startswith(_INVENTED):
        return "0" + number.removeprefix(_INVENTED)
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    shown = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return "".join(sign for sign in str(shown) if sign.isdigit())
