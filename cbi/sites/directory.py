"""The services people can be told about: entered, reached, corrected, and taken out when they are gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere
from cbi.sites.facts import ServiceAdded, ServiceCorrected, ServiceRetired, ServiceVerified
from cbi.sites.service import site_of
from cbi.sites.standing import CONTACT_VALID_DAYS
from cbi.sites.tables import Service, ServiceKind
from cbi.store.work import Reading, Work


@dataclass(frozen=True, slots=True)
class Entry:
    """What a service's entry says. contact: a number or place of the organisation, never of a person."""

    kind: ServiceKind
    name: str
    contact: str
    hours: str = ""


def add_service(work: Work, site_id: UUID, *, kind: ServiceKind, name: str, contact: str, hours: str = "") -> UUID:
    """Enter a service people can be told about; it counts as verified only once somebody reached it."""
    site = site_of(work, site_id)
    service = Service(
        id=work.new_id("sites.service"),
        operation_id=work.operation_id,
        site_id=site.id,
        kind=kind,
        name=name.strip(),
        contact=contact.strip(),
        hours=hours.strip(),
    )
    work.add(service)
    work.remember(ServiceAdded(service_id=service.id, site_id=site.id, service=kind.value))
    return service.id


def verify_service(work: Work, service_id: UUID) -> UUID:
    """Note that the contact was reached today. Returns the place's id."""
    service = service_of(work, service_id)
    if service.verified_on != work.today:
        service.verified_on = work.today
        work.add(service)
        work.remember(ServiceVerified(service_id=service.id, site_id=service.site_id, verified_on=work.today))
    return service.site_id


def correct_service(work: Work, service_id: UUID, entry: Entry) -> UUID:
    """Write an entry anew. A new name or contact waits until somebody reached it. Returns the place's id."""
    service = service_of(work, service_id)
    given = Entry(entry.kind, entry.name.strip(), entry.contact.strip(), entry.hours.strip())
    before = Entry(service.kind, service.name, service.contact, service.hours)
    if given == before:
        return service.site_id
    unverified = (given.name, given.contact) != (before.name, before.contact)
    service.kind, service.name, service.contact, service.hours = given.kind, given.name, given.contact, given.hours
    service.verified_on = None if unverified else service.verified_on
    work.add(service)
    work.remember(ServiceCorrected(service_id=service.id, site_id=service.site_id, unverified=unverified))
    return service.site_id


def retire_service(work: Work, service_id: UUID) -> UUID:
    """Tell nobody about it any more; its entry stays in the records. Returns the place's id."""
    service = service_of(work, service_id)
    service.retired_on = work.today
    work.add(service)
    work.remember(ServiceRetired(service_id=service.id, site_id=service.site_id, retired_on=work.today))
    return service.site_id


def service_of(reading: Reading, service_id: UUID) -> Service:
    """The entry with this id. Raises NotThere, also for one that was taken out."""
    service = reading.session.get(Service, service_id)
    if service is None or service.operation_id != reading.operation_id or service.retired_on is not None:
        raise NotThere
    return service


def services_at(reading: Reading, site_id: UUID) -> Sequence[Service]:
    """The services people at a place are told about, by kind and name."""
    return reading.session.exec(
        select(Service)
        .where(col(Service.site_id) == site_id, col(Service.retired_on).is_(None))
        .order_by(col(Service.kind), col(Service.name), col(Service.id))
    ).all()


def stale_services(reading: Reading) -> Sequence[Service]:
    """Every service nobody reached for that long, those never reached first."""
    before = reading.today - timedelta(days=CONTACT_VALID_DAYS)
    return reading.session.exec(
        select(Service)
        .where(
            col(Service.operation_id) == reading.operation_id,
            col(Service.retired_on).is_(None),
            sa.or_(col(Service.verified_on).is_(None), col(Service.verified_on) < before),
        )
        .order_by(sa.nulls_first(col(Service.verified_on)), col(Service.name), col(Service.id))
    ).all()


def is_stale(service: Service, today: date) -> bool:
    """Whether nobody reached a service's contact in the days for which an answer about contacts counts."""
    return service.verified_on is None or (today - service.verified_on).days > CONTACT_VALID_DAYS
