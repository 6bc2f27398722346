"""What an officer promised somebody, and what the lead has to know: the start page's lines besides the letters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from cbi.protection.cases import GOING_ON, CaseLine, Sites, by_due
from cbi.protection.dossier import Stage
from cbi.protection.feedback import LOOKED_AT_IN
from cbi.protection.handovers import FOCAL, Passed, passed_on
from cbi.protection.log import came_since
from cbi.protection.outgoing import ReferralRecord
from cbi.protection.readers import READERS
from cbi.protection.referrals import open_referrals
from cbi.protection.tables import OddLetter, Officer
from cbi.store.work import Reading


@dataclass(frozen=True, slots=True)
class Promises:
    """What is due to people.

    to_ring: referrals that no service has answered, the first due first.  late: how many of them are past their clock.
    offered: cases another officer hands to this one.  to_sign: referrals without consent that ask for a second officer.
    next_dates: cases of this officer whose agreed date has come.  anew: what she handed over, and its focal point opens no more.
    """

    to_ring: tuple[ReferralRecord, ...]
    late: int
    offered: tuple[CaseLine, ...]
    to_sign: tuple[ReferralRecord, ...]
    next_dates: tuple[CaseLine, ...]
    anew: tuple[Passed, ...]


@dataclass(frozen=True, slots=True)
class ForLead:
    """What the lead has to know.

    late: letters past one of their clocks.  not_reached: three attempts in safe hours, nothing changes.  not_taken: hand-overs
    no focal point took within a day.  odd: letters that did not open.  unattended: no focal point opened the room for a day, so that
    what is sealed for them may wait; whether anything does, nobody else can tell.
    """

    late: tuple[CaseLine, ...]
    not_reached: tuple[CaseLine, ...]
    not_taken: tuple[Passed, ...]
    odd: int
    unattended: bool


def due(reading: Reading, sites: Sites, lines: Sequence[CaseLine], me: UUID) -> Promises:
    """The lines of one officer. lines: every letter of her sites."""
    referrals = open_referrals(reading, sites)
    to_ring = tuple(one for one in referrals if one.answer_by is not None)
    return Promises(
        to_ring=to_ring,
        late=sum(one.answer_by is not None and one.answer_by < reading.now for one in to_ring),
        offered=tuple(line for line in lines if line.offered_to == me),
        to_sign=tuple(one for one in referrals if one.waits_for_second and one.by_id != me),
        next_dates=_next_dates(reading, lines, me),
        anew=_anew(reading, sites, lines, me),
    )


def for_lead(reading: Reading, lines: Iterable[CaseLine]) -> ForLead:
    """The lines of the lead. lines: every letter of the room."""
    known = by_due(lines)
    return ForLead(
        late=tuple(line for line in known if line.is_late(reading.now)),
        not_reached=tuple(line for line in known if line.stage is Stage.UNREACHABLE and not line.again),
        not_taken=tuple(one for one in passed_on(reading) if one.is_late(reading.now)),
        odd=len(reading.session.exec(select(OddLetter.id).order_by(col(OddLetter.id))).all()),
        unattended=_unattended(reading),
    )


def _anew(reading: Reading, sites: Sites, lines: Sequence[CaseLine], me: UUID) -> tuple[Passed, ...]:
    handed = {line.id for line in lines if line.stage in FOCAL.values()}
    return tuple(one for one in passed_on(reading, sites=sites) if not one.opens and one.by_id == me and one.case_id in handed)


def _unattended(reading: Reading) -> bool:
    wanted = select(Officer).where(col(Officer.left_on).is_(None), col(Officer.role).in_(READERS))
    focal = [one for one in reading.session.exec(wanted).all() if one.made_at < reading.now - LOOKED_AT_IN]
    return bool(focal) and not came_since(reading, (one.id for one in focal), reading.now - LOOKED_AT_IN)


def _next_dates(reading: Reading, lines: Iterable[CaseLine], me: UUID) -> tuple[CaseLine, ...]:
    return tuple(
        line
        for line in by_due(lines)
        if line.holder_id == me and line.stage in GOING_ON and line.next_check is not None and line.next_check <= reading.today
    )
