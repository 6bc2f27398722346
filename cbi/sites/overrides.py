"""Leave to confirm days although something is open at a place: two people, a reason, a date; and it opens no private page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import col, select

from cbi.errors import NotThere, Refused
from cbi.sites.days import reopen_days
from cbi.sites.facts import OverrideAgreed, OverrideEnded, OverrideProposed
from cbi.sites.service import latest
from cbi.sites.standing import SiteStanding, Why, findings_of
from cbi.sites.tables import OverrideReason, SiteOverride
from cbi.store.work import Reading, Work
from cbi.web.words import _
from screening.lint import unsafe_in_any_language

LONGEST = timedelta(days=14)
_MANY_DIGITS = re.compile(r"\d(?:[ ./-]?\d){5,}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. note: how the day is arranged, "" when the reason says it all."""

    reason: OverrideReason
    note: str
    with_protection: str
    until: date


@dataclass(frozen=True, slots=True)
class Wording:
    """What somebody wrote who asked: how the day is arranged, and who answered for protection."""

    note: str
    with_protection: str


def propose_override(work: Work, site_id: UUID, asked: Asked) -> UUID:
    """Ask for leave about everything that the last site check holds up; somebody else has to agree. Returns its id.

    Raises Refused with what to do: where there is nothing a leave could lift, one is there already, or a field does not fit.
    """
    standing = latest(work, site_id)
    measures = liftable(standing, work.today)
    if standing is None or not measures:
        raise Refused(_("make the site check, or close what is open: there is nothing here that leave could be given for"))
    _fitting(work, asked)
    _end_what_ran_out(work, site_id)
    row = SiteOverride(
        id=work.new_id("sites.override"),
        operation_id=work.operation_id,
        site_id=site_id,
        check_id=standing.check_id,
        measures=" ".join(measures),
        reason=asked.reason,
        with_protection=b"",
        until=asked.until,
        proposed_by=work.actor.id or UUID(int=0),
        proposed_at=work.now,
    )
    work.seal(row, "note", " ".join(asked.note.split()) or None)
    work.seal(row, "with_protection", asked.with_protection.strip())
    work.add(row)
    work.remember(OverrideProposed(override_id=row.id, site_id=site_id, measures=measures, reason=row.reason.value, until=row.until))
    return row.id


def agree(work: Work, override_id: UUID) -> UUID:
    """Give the leave. Returns the place's id. Raises Refused for the person who asked, and when it is too late."""
    row = open_override(work, override_id)
    if row.agreed_by is not None:
        return row.site_id
    if row.proposed_by == work.actor.id:
        raise Refused(_("leave this to somebody else: who asked for it never agrees to it"))
    if row.until < work.today:
        raise Refused(_("have it asked for again: its last day is over"))
    row.agreed_by, row.agreed_at = work.actor.id, work.now
    work.add(row)
    work.remember(
        OverrideAgreed(
            override_id=row.id, site_id=row.site_id, measures=tuple(row.measures.split()), reason=row.reason.value, until=row.until
        )
    )
    return row.site_id


def take_back(work: Work, override_id: UUID) -> UUID:
    """End it at once, asked for or agreed; days that rested on it wait again. Returns the place's id."""
    row = open_override(work, override_id)
    _end(work, row, "taken_back")
    work.session.flush()
    reopen_days(work, row.site_id)
    return row.site_id


def end_for_new_check(work: Work, site_id: UUID) -> None:
    """End what was asked or agreed about the check before: leave never outlives the check it was given about."""
    row = _not_ended(work, site_id)
    if row is not None:
        _end(work, row, "checked_again")


def open_override(reading: Reading, override_id: UUID) -> SiteOverride:
    """One that was not ended. Raises NotThere."""
    row = reading.session.get(SiteOverride, override_id)
    if row is None or row.operation_id != reading.operation_id or row.ended_at is not None:
        raise NotThere
    return row


def override_at(reading: Reading, site_id: UUID) -> SiteOverride | None:
    """What is asked for or agreed on at a place and not over yet."""
    row = _not_ended(reading, site_id)
    return row if row is not None and row.until >= reading.today else None


def overrides_at(reading: Reading, site_id: UUID) -> Sequence[SiteOverride]:
    """All that was ever asked for at a place, the latest first."""
    return reading.session.exec(
        select(SiteOverride)
        .where(col(SiteOverride.site_id) == site_id)
        .order_by(col(SiteOverride.proposed_at).desc(), col(SiteOverride.id))
    ).all()


def wordings(reading: Reading, rows: Sequence[SiteOverride]) -> Mapping[UUID, Wording]:
    """What was written when these were asked for, opened from their seals."""
    reading.vault.prefetch(reading.session, rows)
    return {row.id: Wording(reading.open(row, "note"), reading.open(row, "with_protection")) for row in rows}


def waiting_for(reading: Reading, person_id: UUID) -> Sequence[SiteOverride]:
    """What this person could agree to: asked for by somebody else, and not over yet."""
    return reading.session.exec(
        select(SiteOverride)
        .where(
            col(SiteOverride.operation_id) == reading.operation_id,
            col(SiteOverride.agreed_by).is_(None),
            col(SiteOverride.ended_at).is_(None),
            col(SiteOverride.until) >= reading.today,
            col(SiteOverride.proposed_by) != person_id,
        )
        .order_by(col(SiteOverride.proposed_at), col(SiteOverride.id))
    ).all()


def liftable(standing: SiteStanding | None, today: date) -> tuple[str, ...]:
    """The open fixes that hold days up and for which leave can be given; a check that is missing or too old is made again instead."""
    return tuple(block.measure for block in findings_of(standing, today) if block.why is Why.FIX_OPEN)


def _fitting(work: Work, asked: Asked) -> None:
    if not work.today <= asked.until <= work.today + LONGEST:
        raise Refused(_("choose a last day from today to 14 days from now"))
    if not asked.with_protection.strip():
        raise Refused(_("write who answered for protection"))
    if unsafe_in_any_language(asked.note) or _MANY_DIGITS.search(asked.note):
        raise Refused(
            _("write only how the day is arranged, for example “two lines, finish by 13:00”: nothing about people and no numbers")
        )


def _end_what_ran_out(work: Work, site_id: UUID) -> None:
    row = _not_ended(work, site_id)
    if row is not None and row.until >= work.today:
        raise Refused(_("take back first what was asked for before"))
    if row is not None:
        _end(work, row, "ran_out")
        work.session.flush()


def _not_ended(reading: Reading, site_id: UUID) -> SiteOverride | None:
    return reading.session.exec(
        select(SiteOverride).where(col(SiteOverride.site_id) == site_id, col(SiteOverride.ended_at).is_(None))
    ).first()


def _end(work: Work, row: SiteOverride, why: str) -> None:
    row.ended_by, row.ended_at = work.actor.id, work.now
    work.add(row)
    work.remember(OverrideEnded(override_id=row.id, site_id=row.site_id, why=why))
