"""When a case may end, why it ended, when everybody there is asked again, and how it is opened anew. Logistics only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from cbi.errors import Refused
from cbi.protection.cases import Dossier, Sites, dossier
from cbi.protection.dossier import Stage, move
from cbi.protection.facts import CaseClosed, CaseReopened
from cbi.protection.handovers import waiting_for_receipt
from cbi.protection.history import Choice, Decided
from cbi.protection.holding import begin, hold, officer_of
from cbi.protection.outgoing import ReferralRecord, referrals_of
from cbi.protection.snapshot import Office
from cbi.store.work import Reading, Work
from cbi.web.words import _

# Every third round or six months, whichever comes first.
REASSESS_DAYS, REASSESS_ROUNDS = 182, 3
_HANDED = frozenset({Stage.PSEA_HANDOVER, Stage.CP_HANDOVER})


class Ending(StrEnum):
    """Why a case ended. There is no other reason and no prose."""

    APPLIED = "applied"
    WISH = "wish"
    REFERRAL_ENDED = "referral_ended"
    NOT_REACHED = "not_reached"
    NOT_OURS = "not_ours"
    HANDED_OVER = "handed_over"


class Again(StrEnum):
    """Why a closed case was opened again."""

    ASKED = "asked"
    CHANGED = "changed"
    MISTAKE = "mistake"


def endings(reading: Reading, office: Office, known: Dossier) -> dict[Ending, str]:
    """The endings of the closed list that could be meant here; each with what is missing first, "" when nothing is."""
    found: dict[Ending, str] = {}
    decision, stage = known.decision, known.state.stage
    if stage in _HANDED:
        waits = waiting_for_receipt(reading, known.id)
        return {Ending.HANDED_OVER: _("wait until the focal point has acknowledged it") if waits else ""}
    if decision is not None and stage in {Stage.DECIDED, Stage.MONITORING}:
        if decision.choice in {Choice.CONTINUE, Choice.CHANGE}:
            found[Ending.APPLIED] = _missing_round(office, known, decision, reading)
        if decision.choice is Choice.NOT_APPLICABLE:
            found[Ending.NOT_OURS] = ""
    begun = known.state.begun_at
    referrals = [one for one in referrals_of(reading, known.id) if begun is None or one.made_at >= begun]
    if referrals and stage is not Stage.SECOND:
        found[Ending.REFERRAL_ENDED] = _missing_answers(referrals)
    if stage is Stage.UNREACHABLE:
        found[Ending.NOT_REACHED] = ""
    if known.was_reached and stage is not Stage.SECOND:
        found[Ending.WISH] = ""
    return found


def close(work: Work, office: Office, sites: Sites, case_id: UUID, ending: Ending, revision: int | None = None) -> None:
    """End a case for a reason of the list. Raises Refused with what is missing."""
    row, state = begin(work, sites, case_id, revision)
    if state.stage is Stage.CLOSED:
        raise Refused(_("go back to the list: this case is closed already"))
    state = hold(work, row, state)
    known = dossier(work, office, row)
    offered = endings(work, office, known)
    if ending not in offered:
        raise Refused(_("decide with the person first, or try to reach them"))
    if offered[ending]:
        raise Refused(offered[ending])
    row.closed_at = work.now
    move(
        work,
        row,
        state,
        stage=Stage.CLOSED,
        ended=ending.value,
        offered_to=None,
        offered_by=None,
        reassess_on=reassess_on(office, known.about.site_id, work.today),
    )
    work.remember(CaseClosed(case_id=row.id))


def reopen(work: Work, sites: Sites, case_id: UUID, because: Again, revision: int | None = None) -> None:
    """Open a closed case again, for the officer who does it; its clocks begin now."""
    row, state = begin(work, sites, case_id, revision)
    if state.stage is not Stage.CLOSED:
        raise Refused(_("go on with the case: it is open"))
    row.closed_at = None
    move(
        work,
        row,
        state,
        stage=Stage.REOPENED,
        holder=officer_of(work),
        begun_at=work.now,
        ended="",
        reopened=because.value,
        reassess_on=None,
    )
    work.remember(CaseReopened(case_id=row.id))


def reassess_on(office: Office, site_id: UUID | None, today: date) -> date:
    """By when everybody of a site is offered a blank form again: six months, or the third round from now when that is planned sooner."""
    latest = today + timedelta(days=REASSESS_DAYS)
    coming = [one.starts_on for one in office.rounds.get(site_id, ()) if one.starts_on > today] if site_id else []
    return min([latest, *coming[REASSESS_ROUNDS - 1 : REASSESS_ROUNDS]])


def _missing_round(office: Office, known: Dossier, decision: Decided, reading: Reading) -> str:
    """What is missing until what was agreed is applied, and a round was paid without another request."""
    decided_on = decision.at.astimezone(ZoneInfo(reading.zone)).date()
    published = [day for day in (known.card.published if known.card else ()) if day >= decided_on]
    since = decided_on
    if decision.choice is Choice.CHANGE:
        if not published:
            return _("wait until the change is published; open the room again after that")
        since, published = published[0], published[1:]
    if published:
        return _("talk with the person: something else was asked for since, at this or another desk")
    rounds = office.rounds.get(known.about.site_id, ()) if known.about.site_id else ()
    if not any(since <= one.submit_on and one.ends_on < reading.today for one in rounds):
        return _("wait until one round of payments has passed")
    return ""


def _missing_answers(referrals: Sequence[ReferralRecord]) -> str:
    return _("note first how each referral ended") if any(one.is_open for one in referrals) else ""
