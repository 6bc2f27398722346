"""The last step before money leaves: a list is frozen, its file fixed to the byte, and what sits above is told in the same commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from uuid import UUID

import phonenumbers
from sqlmodel import col, select

from cbi.errors import Refused
from cbi.sites.tables import Site
from cbi.store.work import Reading, Work
from cbi.transfers import facts, marking
from cbi.transfers.approvals import needed, refuse_same_hands, standing, waiting_list
from cbi.transfers.lists import list_by_id
from cbi.transfers.marking import OpenedLine
from cbi.transfers.programmes import ExportField, columns_of
from cbi.transfers.tables import ListStatus, PaymentList
from cbi.web.words import _
from reconciliation.money import Money
from reconciliation.report_bytes import table_bytes

AfterRelease = Callable[[Work, PaymentList], None]
after_release: list[AfterRelease] = []
"""Called inside the releasing commit, in order, with the list already released. Money's floor above registers its posting here."""

FINAL = (ListStatus.RELEASED, ListStatus.CLOSED)
_INVENTED = "+999"


def release(work: Work, list_id: UUID, *, releaser_id: UUID, shown: bytes) -> PaymentList:
    """Release an approved list, after the step-up; from here on it never changes. shown: the hash on the page.

    Raises SomebodyWasFirst when it changed since it was shown or is released already, SameHands when the releaser had
    another part in it, Refused when approvals are wanting or its lines are not those that were approved.
    """
    payment_list = waiting_list(work, list_id, shown)
    refuse_same_hands(work, payment_list, releaser_id)
    if payment_list.status is not ListStatus.APPROVED or len(standing(work, payment_list)) < needed(work, payment_list):
        raise Refused(_("wait for every approval this list needs before you release it"))
    marking.check(work, payment_list)
    payment_list.released_by, payment_list.released_at = releaser_id, work.now
    payment_list.export_digest = sha256(_file_of(work, payment_list)).digest()
    payment_list.status = ListStatus.RELEASED
    work.add(payment_list)
    work.remember(
        facts.ListReleased(
            list_id=list_id,
            cycle_id=payment_list.cycle_id,
            hash=shown,
            export_digest=payment_list.export_digest,
            count=payment_list.count,
            total_minor=payment_list.total_minor,
            currency=payment_list.currency,
        )
    )
    work.session.flush()
    for told in after_release:
        told(work, payment_list)
    return payment_list


def export(work: Work, list_id: UUID) -> bytes:
    """The file the provider receives, the same bytes each time; handing it out is remembered.

    Raises Refused when the list is not released, or when its file would not be the one that was released.
    """
    payment_list = list_by_id(work, list_id)
    if payment_list.status not in FINAL:
        raise Refused(_("release the list first: only a released list has a file"))
    content = _file_of(work, payment_list)
    if sha256(content).digest() != payment_list.export_digest:
        raise Refused(_("tell the administrator: the file of this list would differ from the one that was released"))
    work.remember(facts.ListExported(list_id=list_id, export_digest=payment_list.export_digest))
    return content


def file_name(payment_list: PaymentList) -> str:
    """What the provider's file is called: the list's reference, and nobody's name."""
    return f"{payment_list.reference}.xlsx"


def _file_of(reading: Reading, payment_list: PaymentList) -> bytes:
    columns = columns_of(payment_list.columns)
    if payment_list.released_at is None:
        raise Refused(_("release the list first: only a released list has a file"))
    header = [heading for heading, _ in columns]
    return table_bytes(
        payment_list.reference, header, _rows(reading, payment_list, [what for _, what in columns]), made_at=payment_list.released_at
    )


def _rows(reading: Reading, payment_list: PaymentList, fields: list[ExportField]) -> Iterator[list[str | Money]]:
    sites = dict(reading.session.exec(select(col(Site.id), col(Site.name))).all())
    for line in marking.opened_lines(reading, payment_list.id):
        yield [_cell(what, line, payment_list, sites[line.instruction.site_id]) for what in fields]


def _cell(what: ExportField, line: OpenedLine, payment_list: PaymentList, site: str) -> str | Money:
    row = line.instruction
    match what:
        case ExportField.AMOUNT:
            return Money(row.amount_minor, row.currency)
        case ExportField.PHONE_LOCAL:
            return local_phone(line.phone)
    return {
        ExportField.REFERENCE: row.reference,
        ExportField.NAME: line.name,
        ExportField.PHONE: line.phone,
        ExportField.ACCOUNT: line.account,
        ExportField.TOKEN: row.token,
        ExportField.CURRENCY: row.currency,
        ExportField.SITE: site,
        ExportField.LIST: payment_list.reference,
    }[what]


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
