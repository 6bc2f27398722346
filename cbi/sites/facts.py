"""What can happen to a place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from cbi.sites.tables import DistributionDay, Service, Site, SiteCheck, SiteFix, SiteOverride
from cbi.store.facts import Fact


@dataclass(frozen=True, kw_only=True)
class SiteAdded(Fact):
    """A place was entered."""

    explains: ClassVar[tuple[type, ...]] = (Site,)
    site_id: UUID
    code: str


@dataclass(frozen=True, kw_only=True)
class SiteChecked(Fact):
    """The 13 lines were answered by programme and protection together. gaps: lines not in place; blocking: what holds days up."""

    explains: ClassVar[tuple[type, ...]] = (SiteCheck, SiteFix)
    check_id: UUID
    site_id: UUID
    version: str
    answered_on: date
    gaps: tuple[str, ...]
    blocking: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class InstrumentInstalled(Fact):
    """Another version of the check was put in use. digest: by which the support team recognises what it handed out."""

    explains: ClassVar[tuple[type, ...]] = ()
    name: str
    version: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class FixPlanned(Fact):
    """Somebody took a fix on, for a date."""

    explains: ClassVar[tuple[type, ...]] = (SiteFix,)
    fix_id: UUID
    site_id: UUID
    measure: str
    due_on: date | None


@dataclass(frozen=True, kw_only=True)
class FixClosed(Fact):
    """What a site check asked for was put right."""

    explains: ClassVar[tuple[type, ...]] = (SiteFix,)
    fix_id: UUID
    site_id: UUID
    measure: str
    closed_on: date


@dataclass(frozen=True, kw_only=True)
class OverrideProposed(Fact):
    """Leave was asked to confirm days although these fixes are open."""

    explains: ClassVar[tuple[type, ...]] = (SiteOverride,)
    override_id: UUID
    site_id: UUID
    measures: tuple[str, ...]
    reason: str
    until: date


@dataclass(frozen=True, kw_only=True)
class OverrideAgreed(Fact):
    """A second person gave that leave, up to a date."""

    explains: ClassVar[tuple[type, ...]] = (SiteOverride,)
    override_id: UUID
    site_id: UUID
    measures: tuple[str, ...]
    reason: str
    until: date


@dataclass(frozen=True, kw_only=True)
class OverrideEnded(Fact):
    """That leave counts no more. why: "taken_back", "checked_again", "ran_out"."""

    explains: ClassVar[tuple[type, ...]] = (SiteOverride,)
    override_id: UUID
    site_id: UUID
    why: str


@dataclass(frozen=True, kw_only=True)
class DayPlanned(Fact):
    """A distribution day was put into the calendar."""

    explains: ClassVar[tuple[type, ...]] = (DistributionDay,)
    day_id: UUID
    site_id: UUID
    day: date


@dataclass(frozen=True, kw_only=True)
class DayConfirmed(Fact):
    """A distribution day was confirmed; check_id: the site check it rests on; override_id: the leave it needed beside it."""

    explains: ClassVar[tuple[type, ...]] = (DistributionDay,)
    day_id: UUID
    site_id: UUID
    day: date
    check_id: UUID
    override_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class DayReopened(Fact):
    """A confirmed day waits again: a later site check found something that holds it up, or the leave it rested on ended."""

    explains: ClassVar[tuple[type, ...]] = (DistributionDay,)
    day_id: UUID
    site_id: UUID
    day: date
    blocking: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DayCancelled(Fact):
    """A distribution day will not take place."""

    explains: ClassVar[tuple[type, ...]] = (DistributionDay,)
    day_id: UUID
    site_id: UUID
    day: date


@dataclass(frozen=True, kw_only=True)
class ServiceAdded(Fact):
    """A service entered the directory."""

    explains: ClassVar[tuple[type, ...]] = (Service,)
    service_id: UUID
    site_id: UUID
    service: str


@dataclass(frozen=True, kw_only=True)
class ServiceVerified(Fact):
    """Somebody reached a service's contact on this day."""

    explains: ClassVar[tuple[type, ...]] = (Service,)
    service_id: UUID
    site_id: UUID
    verified_on: date


@dataclass(frozen=True, kw_only=True)
class ServiceCorrected(Fact):
    """An entry of the directory was corrected. unverified: its contact changed, so it waits until somebody reached it."""

    explains: ClassVar[tuple[type, ...]] = (Service,)
    service_id: UUID
    site_id: UUID
    unverified: bool


@dataclass(frozen=True, kw_only=True)
class ServiceRetired(Fact):
    """People are not told about a service any more."""

    explains: ClassVar[tuple[type, ...]] = (Service,)
    service_id: UUID
    site_id: UUID
    retired_on: date
