"""Making a site check, and putting right what it found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import screening
from cbi.errors import NotThere, Refused
from cbi.sites.days import reopen_days
from cbi.sites.facts import FixClosed, FixPlanned, SiteChecked
from cbi.sites.instrument import current
from cbi.sites.overrides import end_for_new_check
from cbi.sites.service import latest, open_fixes, site_of
from cbi.sites.tables import SiteCheck, SiteFix
from cbi.store.work import Work
from cbi.web.words import _


@dataclass(frozen=True, slots=True)
class NewCheck:
    """What programme and protection answered together. answers: item to "yes", "partly", "no" or "dk"."""

    answers: Mapping[str, str]
    answered_on: date
    with_protection: str
    with_programme: str


def confirm_check(work: Work, site_id: UUID, new: NewCheck) -> UUID:
    """Keep a whole site check, open a fix for every gap, and take back days that it holds up. Returns the check's id.

    Raises Refused when a line is unanswered, a name is missing, or the date is not one this check can have.
    """
    site = site_of(work, site_id)
    instrument = current(work)
    try:
        answers = screening.parse_site(instrument, new.answers)
    except screening.UnreadableAnswers as problem:
        raise Refused(_("choose Yes, Partly, No or Do not know for every line")) from problem
    assessment = screening.assess_site(instrument, answers)
    if assessment.unanswered:
        raise Refused(_("answer every line: %(lines)s", lines=", ".join(assessment.unanswered)))
    _sound(work, site.id, new)
    check = SiteCheck(
        id=work.new_id("sites.check"),
        operation_id=work.operation_id,
        site_id=site.id,
        instrument=f"{instrument.name} {instrument.version}",
        answers=json.dumps(dict(sorted(new.answers.items())), separators=(",", ":")),
        answered_on=new.answered_on,
        confirmed_by=work.actor.id or UUID(int=0),
        confirmed_at=work.now,
    )
    work.seal(check, "with_protection", new.with_protection.strip())
    work.seal(check, "with_programme", new.with_programme.strip())
    work.add(check)
    end_for_new_check(work, site.id)
    work.session.flush()
    gaps = tuple(item.id for item in instrument.site_items if new.answers[item.id] != "yes")
    _renew_fixes(work, check, {(item, measure) for item in gaps for measure in instrument.site_item(item).fixes})
    work.remember(
        SiteChecked(
            check_id=check.id,
            site_id=site.id,
            version=instrument.version,
            answered_on=new.answered_on,
            gaps=gaps,
            blocking=assessment.blocking,
        )
    )
    work.session.flush()
    reopen_days(work, site.id)
    return check.id


def plan_fix(work: Work, fix_id: UUID, *, owner: str, due_on: date | None) -> UUID:
    """Note who puts it right, by when. Returns the place's id."""
    fix = _open_fix(work, fix_id)
    if due_on is not None and due_on < work.today:
        raise Refused(_("choose today or a later date"))
    fix.owner, fix.due_on, fix.planned_on = owner.strip(), due_on, fix.planned_on or work.today
    work.add(fix)
    work.remember(FixPlanned(fix_id=fix.id, site_id=fix.site_id, measure=fix.measure, due_on=due_on))
    return fix.site_id


def close_fix(work: Work, fix_id: UUID) -> UUID:
    """Note that it is put right. Returns the place's id. Raises Refused when nobody is named for it."""
    fix = _open_fix(work, fix_id)
    if not fix.owner:
        raise Refused(_("write who put it right, for example Site team Bahari"))
    fix.closed_on = work.today
    work.add(fix)
    work.remember(FixClosed(fix_id=fix.id, site_id=fix.site_id, measure=fix.measure, closed_on=work.today))
    return fix.site_id


def _sound(work: Work, site_id: UUID, new: NewCheck) -> None:
    before = latest(work, site_id)
    if not new.with_protection.strip() or not new.with_programme.strip():
        raise Refused(_("write who answered for protection and who for the programme"))
    if new.answered_on > work.today:
        raise Refused(_("choose the day on which the lines were answered: today or before"))
    if before is not None and new.answered_on < before.answered_on:
        raise Refused(_("choose a day that is not before the last site check"))


def _renew_fixes(work: Work, check: SiteCheck, gaps: set[tuple[str, str]]) -> None:
    """Gaps that stay keep their owner and date, gaps that are gone are closed, new ones are opened."""
    standing = {(fix.item, fix.measure): fix for fix in open_fixes(work, [check.site_id])}
    for gap, fix in standing.items():
        if gap in gaps:
            fix.check_id = check.id
        else:
            fix.closed_on = check.answered_on
        work.add(fix)
    for item, measure in sorted(gaps - standing.keys()):
        work.add(
            SiteFix(
                id=work.new_id("sites.fix"),
                operation_id=work.operation_id,
                site_id=check.site_id,
                check_id=check.id,
                item=item,
                measure=measure,
                found_on=check.answered_on,
            )
        )


def _open_fix(work: Work, fix_id: UUID) -> SiteFix:
    fix = work.session.get(SiteFix, fix_id)
    if fix is None or fix.operation_id != work.operation_id:
        raise NotThere
    if fix.closed_on is not None:
        raise Refused(_("go back to the place: this is already closed"))
    return fix
