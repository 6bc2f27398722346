"""The templates of providers' files: saved version by version, and one of them chosen for the lists to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere, Refused
from cbi.store.work import Reading, Work
from cbi.transfers import facts
from cbi.transfers.provider_files import FileLine, Sending, first_lines
from cbi.transfers.tables import Mechanism, Provider
from cbi.transfers.tables_files import ProviderTemplate
from cbi.transfers.templates import Template, checked, template_of, text_of
from cbi.web.words import _
from reconciliation.money import Money

LONGEST_NAME = 60
# Invented people: a template can be tried by whoever may not see real ones.
_EXAMPLES = (
    ("T7K4-2MQX", 1_250_050, "Juniper Moonbeam", "+254712000001", "KW81CBKU0000000000001234560101"),
    ("T7K4-9WRC", 450_000, "Otis Lantern", "+254712000002", "0110000000022"),
    ("T7K5-3HDV", 87_500, "Amal Papercrane", "+254712000003", "0110000000033"),
)


def versions(reading: Reading, provider_id: UUID) -> Sequence[ProviderTemplate]:
    """Every version of every template of a provider, by name, the newest first."""
    order = (col(ProviderTemplate.name), col(ProviderTemplate.version).desc(), col(ProviderTemplate.id))
    return reading.session.exec(select(ProviderTemplate).where(col(ProviderTemplate.provider_id) == provider_id).order_by(*order)).all()


def chosen(reading: Reading, provider_id: UUID) -> ProviderTemplate | None:
    """The template new lists of a provider are written by; None for the columns it was entered with."""
    return reading.session.exec(
        select(ProviderTemplate).where(col(ProviderTemplate.provider_id) == provider_id, col(ProviderTemplate.chosen))
    ).first()


def content_for(reading: Reading, provider: Provider) -> str:
    """What a list of this provider that is drawn now is written by, in the form a list keeps it."""
    found = chosen(reading, provider.id)
    return found.content if found else provider.columns


def save(work: Work, provider_id: UUID, template: Template) -> UUID:
    """Keep a template as the next version of its name and choose it. Raises Refused when its file could not be paid from or reconciled."""
    provider = _locked(work, provider_id)
    name = template.name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise Refused(_("name the template in at most %(most)d signs, for example Bulk upload 2026", most=LONGEST_NAME))
    newest = work.session.exec(
        select(sa.func.max(col(ProviderTemplate.version))).where(
            col(ProviderTemplate.provider_id) == provider_id, col(ProviderTemplate.name) == name
        )
    ).one()
    kept = checked(replace(template, name=name, version=(newest or 0) + 1), provider.mechanism)
    row = ProviderTemplate(
        id=work.new_id("providers"),
        operation_id=work.operation_id,
        provider_id=provider_id,
        name=name,
        version=kept.version,
        content=text_of(kept),
        made_by=_me(work),
        made_at=work.now,
    )
    work.add(row)
    work.remember(
        facts.TemplateSaved(template_id=row.id, provider_id=provider_id, version=row.version, digest=sha256(row.content.encode()).digest())
    )
    work.session.flush()
    choose(work, provider_id, row.id)
    return row.id


def choose(work: Work, provider_id: UUID, template_id: UUID | None) -> None:
    """Write new lists of a provider by one of its templates, or by the columns it was entered with. Lists drawn before keep theirs."""
    _locked(work, provider_id)
    before = chosen(work, provider_id)
    if before is not None:
        before.chosen = False
        work.add(before)
        work.session.flush()
    if template_id is not None:
        row = work.session.get(ProviderTemplate, template_id)
        if row is None or row.provider_id != provider_id:
            raise NotThere
        row.chosen = True
        work.add(row)
    work.remember(facts.TemplateChosen(template_id=template_id, provider_id=provider_id))


def example(template: Template, mechanism: Mechanism, currency: str, at: datetime) -> str:
    """The first lines of a file by this template, about invented people. Raises Refused for a template that cannot be kept."""
    kept = checked(replace(template, name=template.name or "-"), mechanism)
    lines = [
        FileLine(reference, Money(minor, currency), name, phone, phone if mechanism is Mechanism.MOBILE_MONEY else account, site="Kharwa")
        for reference, minor, name, phone, account in _EXAMPLES
    ]
    return first_lines(kept, Sending("L-2026-000", at, at.date()), lines)


def template_in(row: ProviderTemplate) -> Template:
    """What a kept version says."""
    return template_of(row.content)


def _locked(work: Work, provider_id: UUID) -> Provider:
    provider = work.session.get(Provider, provider_id, with_for_update=True)
    if provider is None:
        raise NotThere
    return provider


def _me(work: Work) -> UUID:
    if work.actor.id is None:
        raise Refused(_("sign in: a template needs a named person"))
    return work.actor.id
