"""The last step before money leaves: a list is frozen, its file fixed to the byte, and what sits above is told in the same commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from cbi.errors import Refused
from cbi.sites.tables import Site
from cbi.store.work import Reading, Work
from cbi.transfers import facts, marking
from cbi.transfers.approvals import needed, refuse_same_hands, standing, waiting_list
from cbi.transfers.lists import list_by_id
from cbi.transfers.provider_files import FileLine, Sending, file_bytes, first_lines
from cbi.transfers.tables import Instruction, ListStatus, PaymentList
from cbi.transfers.templates import Template, template_of
from cbi.web.words import _
from reconciliation import outgoing
from reconciliation.money import Money

AfterRelease = Callable[[Work, PaymentList], None]
after_release: list[AfterRelease] = []
"""Called inside the releasing commit, in order, with the list already released. Money's floor above registers its posting here."""

FINAL = (ListStatus.RELEASED, ListStatus.CLOSED)
SHORTEST_PASSWORD = 12
VEIL = "—"


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


def export(work: Work, list_id: UUID, password: str | None = None) -> bytes:
    """The file the provider receives, the same bytes each time, behind a password where one is given; handing it out is remembered.

    The password is used here and kept nowhere. What the release fixed to the byte is the file inside it.
    Raises Refused when the list is not released, when its file would not be the one that was released, or when it may not leave without a password.
    """
    payment_list = list_by_id(work, list_id)
    if payment_list.status not in FINAL:
        raise Refused(_("release the list first: only a released list has a file"))
    template = template_of(payment_list.columns)
    _check_password(template, password)
    content = _file_of(work, payment_list)
    if sha256(content).digest() != payment_list.export_digest:
        raise Refused(_("tell the administrator: the file of this list would differ from the one that was released"))
    work.remember(facts.ListExported(list_id=list_id, export_digest=payment_list.export_digest, locked=bool(password)))
    return outgoing.locked(content, password) if password else content


def file_name(payment_list: PaymentList) -> str:
    """What the provider's file is called: the list's reference, and nobody's name."""
    return f"{payment_list.reference}.{template_of(payment_list.columns).ending}"


def veiled_lines(reading: Reading, payment_list: PaymentList, most: int) -> str:
    """The first lines of a list's file as they are written, with a dash wherever they name a person or say how to reach them."""
    sites = _site_names(reading)
    rows = reading.session.exec(
        select(Instruction).where(col(Instruction.list_id) == payment_list.id).order_by(col(Instruction.position)).limit(most)
    )
    lines = [
        FileLine(
            row.reference, Money(row.amount_minor, row.currency), name=VEIL, phone=VEIL, account=VEIL, token=VEIL, site=sites[row.site_id]
        )
        for row in rows
    ]
    return first_lines(template_of(payment_list.columns), _sending(reading, payment_list, payment_list.released_at or reading.now), lines)


def _check_password(template: Template, password: str | None) -> None:
    if template.needs_password and not password:
        raise Refused(_("give a password for the file: this provider's file never leaves without one"))
    if password and not template.takes_password:
        raise Refused(_("leave the password away: only a workbook can be put behind one"))
    if password and len(password) < SHORTEST_PASSWORD:
        raise Refused(_("choose a longer password for the file: at least %(least)d signs", least=SHORTEST_PASSWORD))


def _file_of(reading: Reading, payment_list: PaymentList) -> bytes:
    if payment_list.released_at is None:
        raise Refused(_("release the list first: only a released list has a file"))
    sending = _sending(reading, payment_list, payment_list.released_at)
    return file_bytes(template_of(payment_list.columns), sending, _lines(reading, payment_list))


def _sending(reading: Reading, payment_list: PaymentList, at: datetime) -> Sending:
    return Sending(payment_list.reference, at, at.astimezone(ZoneInfo(reading.zone)).date())


def _lines(reading: Reading, payment_list: PaymentList) -> Iterator[FileLine]:
    sites = _site_names(reading)
    for line in marking.opened_lines(reading, payment_list.id):
        row = line.instruction
        yield FileLine(
            row.reference, Money(row.amount_minor, row.currency), line.name, line.phone, line.account, row.token, sites[row.site_id]
        )


def _site_names(reading: Reading) -> dict[UUID, str]:
    return dict(reading.session.exec(select(col(Site.id), col(Site.name))).all())
