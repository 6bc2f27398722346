"""Places: which there are, and how each stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

import screening
from cbi.errors import NotThere, Refused
from cbi.sites.facts import SiteAdded
from cbi.sites.instrument import current
from cbi.sites.standing import Block, Leave, SiteStanding, blocks_of
from cbi.sites.tables import Site, SiteCheck, SiteFix, SiteOverride
from cbi.store.work import Reading, Work
from cbi.web.listing import Listing, ListingArgs
from cbi.web.words import _


@dataclass(frozen=True, slots=True)
class SiteLine:
    """One row of the list of places. blocks: what would hold a distribution up today; fixes: how many are open."""

    id: UUID
    code: str
    name: str
    area: str
    standing: SiteStanding | None
    blocks: tuple[Block, ...]
    fixes: int


def add_site(work: Work, *, code: str, name: str, area: str = "", pcode: str = "") -> UUID:
    """Enter a place. Raises Refused when its code is taken or could not begin a registration number."""
    code = code.strip().upper()
    if not re.fullmatch(r"[A-Z]{2,4}", code):
        raise Refused(_("choose a code of two to four letters, for example BH"))
    if work.session.exec(select(Site.id).where(col(Site.operation_id) == work.operation_id, col(Site.code) == code)).first():
        raise Refused(_("choose another code: a place already has this one"))
    site = Site(
        id=work.new_id("sites.site"), operation_id=work.operation_id, code=code, name=name.strip(), area=area.strip(), pcode=pcode.strip()
    )
    work.add(site)
    work.remember(SiteAdded(site_id=site.id, code=code))
    return site.id


def site_of(reading: Reading, site_id: UUID) -> Site:
    """The place with this id. Raises NotThere."""
    site = reading.session.get(Site, site_id)
    if site is None or site.operation_id != reading.operation_id:
        raise NotThere
    return site


def all_sites(reading: Reading) -> Sequence[Site]:
    """Every place, by name."""
    return reading.session.exec(
        select(Site).where(col(Site.operation_id) == reading.operation_id).order_by(col(Site.name), col(Site.id))
    ).all()


def latest(reading: Reading, site_id: UUID) -> SiteStanding | None:
    """What the last site check of a place said; None when there was none."""
    return standings(reading, [site_id]).get(site_id)


def blocks(reading: Reading, site_id: UUID, today: date) -> tuple[Block, ...]:
    """Why a distribution on this date cannot be confirmed at a place, the gravest first; empty when it can."""
    return blocks_of(latest(reading, site_id), today)


def standings(reading: Reading, site_ids: Iterable[UUID]) -> Mapping[UUID, SiteStanding]:
    """The last site check of each of these places that has one, in four queries."""
    wanted = sorted(set(site_ids))
    checks = {check.site_id: check for check in _last_checks(reading, wanted)}
    fixes: dict[UUID, set[str]] = {site_id: set() for site_id in wanted}
    for fix in open_fixes(reading, wanted):
        fixes[fix.site_id].add(fix.measure)
    leaves, asked = _leaves(reading, wanted), current(reading)
    return {site_id: _standing(check, frozenset(fixes[site_id]), leaves.get(check.id), asked) for site_id, check in checks.items()}


def open_fixes(reading: Reading, site_ids: Iterable[UUID]) -> Sequence[SiteFix]:
    """What is still to be put right at these places, the nearest date first."""
    return reading.session.exec(
        select(SiteFix)
        .where(col(SiteFix.site_id).in_(sorted(set(site_ids))), col(SiteFix.closed_on).is_(None))
        .order_by(sa.nulls_last(col(SiteFix.due_on)), col(SiteFix.item), col(SiteFix.id))
    ).all()


def list_sites(reading: Reading, args: ListingArgs) -> Listing[SiteLine]:
    """One page of places."""
    narrowed = select(Site).where(col(Site.operation_id) == reading.operation_id)
    if args.filter("q"):
        like = f"%{args.filter('q')}%"
        narrowed = narrowed.where(sa.or_(col(Site.name).ilike(like), col(Site.code).ilike(like), col(Site.area).ilike(like)))
    total = reading.session.exec(select(sa.func.count()).select_from(narrowed.subquery())).one()
    args = args.within(total)
    key = {"name": col(Site.name), "code": col(Site.code)}[args.sort]
    order = (key.desc(), col(Site.id).desc()) if args.descending else (key, col(Site.id))
    rows = reading.session.exec(narrowed.order_by(*order).limit(args.size).offset(args.offset)).all()
    return Listing(_lines(reading, rows), total, args)


def _lines(reading: Reading, rows: Sequence[Site]) -> list[SiteLine]:
    known = standings(reading, [row.id for row in rows])
    fixes = [fix.site_id for fix in open_fixes(reading, [row.id for row in rows])]
    return [
        SiteLine(
            id=row.id,
            code=row.code,
            name=row.name,
            area=row.area,
            standing=known.get(row.id),
            blocks=blocks_of(known.get(row.id), reading.today),
            fixes=fixes.count(row.id),
        )
        for row in rows
    ]


def _last_checks(reading: Reading, site_ids: Sequence[UUID]) -> Sequence[SiteCheck]:
    """Of each place the check answered last; of two on one day the one confirmed last."""
    return reading.session.exec(
        select(SiteCheck)
        .where(col(SiteCheck.site_id).in_(site_ids))
        .order_by(col(SiteCheck.answered_on), col(SiteCheck.confirmed_at), col(SiteCheck.id))
    ).all()


def _leaves(reading: Reading, site_ids: Sequence[UUID]) -> Mapping[UUID, Leave]:
    """Agreed leave that counts today, by the check it was agreed about: it never outlives that check."""
    rows = reading.session.exec(
        select(SiteOverride).where(
            col(SiteOverride.site_id).in_(site_ids),
            col(SiteOverride.agreed_by).is_not(None),
            col(SiteOverride.ended_at).is_(None),
            col(SiteOverride.until) >= reading.today,
        )
    ).all()
    return {row.check_id: Leave(row.id, frozenset(row.measures.split()), row.until) for row in rows}


def _standing(check: SiteCheck, measures: frozenset[str], leave: Leave | None, asked: screening.Instrument) -> SiteStanding:
    return SiteStanding(
        check_id=check.id,
        site_id=check.site_id,
        instrument=check.instrument,
        answers=json.loads(check.answers),
        answered_on=check.answered_on,
        confirmed_by=check.confirmed_by,
        asked=asked,
        open_measures=measures,
        leave=leave,
    )
