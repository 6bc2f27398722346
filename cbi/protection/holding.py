"""Whose case it is: taken by an officer, offered to another and accepted, or given by the lead. One officer at a time works on it."""

from __future__ import annotations

from uuid import UUID

from cbi.errors import Refused, SomebodyWasFirst
from cbi.protection.cases import Sites, the_case
from cbi.protection.dossier import Stage, State, about_of, move, state_of
from cbi.protection.facts import CaseAssigned, CaseOffered
from cbi.protection.officers import WITH_KEYS, present, sites_of
from cbi.protection.tables import Case, Officer
from cbi.store.work import Reading, Work
from cbi.web.words import _

_NOT_BEGUN = frozenset({Stage.QUEUED, Stage.OPENED})


def begin(work: Work, sites: Sites, case_id: UUID, revision: int | None = None) -> tuple[Case, State]:
    """A case about to be changed. revision: as the page showed it.

    Raises NotThere, and SomebodyWasFirst when another officer changed it since that page was drawn.
    """
    row = the_case(work, sites, case_id)
    state = state_of(work, row)
    if revision is not None and revision != state.revision:
        raise SomebodyWasFirst(_("open the letter again: another officer was first, and what they wrote stands"))
    return row, state


def hold(work: Work, row: Case, state: State) -> State:
    """Make sure that this case is the officer's own: she takes it when nobody has it. Raises Refused when another has it."""
    me = officer_of(work)
    if state.holder == me:
        return state
    if state.holder is not None and _is_present(work, state.holder):
        raise Refused(_("ask the officer who has this case to hand it over, or the lead to give it to you"))
    return _assign(work, row, state, me)


def take(work: Work, sites: Sites, case_id: UUID, revision: int | None = None) -> None:
    """Take a case that nobody has."""
    row, state = begin(work, sites, case_id, revision)
    _refuse_over(state)
    hold(work, row, state)


def offer(work: Work, sites: Sites, case_id: UUID, to_id: UUID, revision: int | None = None) -> None:
    """Offer a case to another officer who works there; it stays with whoever has it until the other accepts."""
    row, state = begin(work, sites, case_id, revision)
    _refuse_over(state)
    state = hold(work, row, state)
    _refuse_stranger(work, about_of(work, row).site_id, to_id, me=officer_of(work))
    move(work, row, state, offered_to=to_id, offered_by=work.actor.id)
    work.remember(CaseOffered(case_id=row.id, officer_id=to_id))


def answer(work: Work, sites: Sites, case_id: UUID, *, accepted: bool) -> None:
    """The answer of the officer to whom a case was offered."""
    row, state = begin(work, sites, case_id)
    if state.offered_to != work.actor.id:
        raise Refused(_("go back to Today: this case is not offered to you any more"))
    if accepted:
        _assign(work, row, state, officer_of(work))
        return
    move(work, row, state, offered_to=None, offered_by=None)
    work.remember(CaseOffered(case_id=row.id, officer_id=None))


def give(work: Work, case_id: UUID, to_id: UUID, revision: int | None = None) -> None:
    """The lead gives a case to an officer, whoever has it now."""
    row, state = begin(work, frozenset(), case_id, revision)
    _refuse_over(state)
    _refuse_stranger(work, about_of(work, row).site_id, to_id, me=None)
    _assign(work, row, state, to_id)


def colleagues(reading: Reading, site_id: UUID | None) -> list[Officer]:
    """Officers who open letters of this site, by name."""
    return [one for one in present(reading) if one.role in WITH_KEYS and _works_at(one, site_id)]


def officer_of(work: Work) -> UUID:
    """The officer who does this."""
    assert work.actor.id is not None
    return work.actor.id


def _assign(work: Work, row: Case, state: State, to_id: UUID) -> State:
    stage = Stage.ASSIGNED if state.stage in _NOT_BEGUN else state.stage
    work.remember(CaseAssigned(case_id=row.id, officer_id=to_id))
    return move(work, row, state, stage=stage, holder=to_id, offered_to=None, offered_by=None)


def _refuse_over(state: State) -> None:
    if state.stage is Stage.CLOSED:
        raise Refused(_("open the case again first: it is closed"))


def _refuse_stranger(work: Work, site_id: UUID | None, to_id: UUID, *, me: UUID | None) -> None:
    if to_id == me:
        raise Refused(_("choose another officer: this case is yours"))
    if to_id not in {one.id for one in colleagues(work, site_id)}:
        raise Refused(_("choose an officer who works at this place"))


def _works_at(officer: Officer, site_id: UUID | None) -> bool:
    sites = sites_of(officer)
    return not sites or site_id in sites


def _is_present(reading: Reading, officer_id: UUID) -> bool:
    officer = reading.session.get(Officer, officer_id)
    return officer is not None and officer.left_on is None
