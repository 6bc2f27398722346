"""Who sits where: joining, seats given and ended, leaving, and beginning again with two administrators."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from cbi.access import OFFICE_ROLES, Permission, Role, conflicts, rights_of
from cbi.errors import NotThere, Refused, SameHands, SomebodyWasFirst
from cbi.staff import facts
from cbi.staff.joining import end_sessions, new_link
from cbi.staff.tables import Staff, StaffRole
from cbi.staff.words import rule_words
from cbi.store.work import Reading, Work
from cbi.web.words import _

# The smallest office is seven people: the chain of money needs five pairs of hands, the house one, and a household somebody who asks.
NEEDED = (Role.INTERVIEWER, Role.LEAD, Role.MANAGER, Role.APPROVER, Role.RELEASER, Role.FINANCE, Role.ADMINISTRATOR)
CERTIFICATE_LASTS = timedelta(days=365)
_SIGN_IN_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,59}", re.ASCII)
RESET_STANDS = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Seat:
    """One seat of the office. holders: how many people can sit down today. needed: the smallest office has it."""

    role: Role
    holders: int
    needed: bool

    @property
    def empty(self) -> bool:
        """Whether work waits because nobody sits here."""
        return self.needed and not self.holders


@dataclass(frozen=True, slots=True)
class Effect:
    """What new seats would change for a person. rules: what they break, in words; empty when they may be given."""

    gained: frozenset[Permission]
    lost: frozenset[Permission]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """What is asked of somebody who joins."""

    sign_in_name: str
    name: str
    roles: frozenset[Role]
    language: str = "en"
    sex: str = ""
    languages: str = ""
    site_id: UUID | None = None
    certified_on: date | None = None


def seats(reading: Reading) -> list[Seat]:
    """Every seat of the office, the needed ones first, with how many people hold it."""
    here = sa.select(col(StaffRole.role), sa.func.count().label("people")).join(Staff, col(Staff.id) == col(StaffRole.staff_id))
    counted = here.where(col(Staff.left_on).is_(None)).group_by(col(StaffRole.role))
    holders = {row.role: row.people for row in reading.session.connection().execute(counted)}
    order = [*NEEDED, *(role for role in Role if role in OFFICE_ROLES - set(NEEDED))]
    return [Seat(role, holders.get(role, 0), role in NEEDED) for role in order]


def roles_of(reading: Reading, staff_id: UUID) -> frozenset[Role]:
    """The seats a person holds now."""
    return frozenset(Role(role) for role in reading.session.exec(select(StaffRole.role).where(col(StaffRole.staff_id) == staff_id)))


def effect(before: Iterable[Role], after: Iterable[Role]) -> Effect:
    """What a change of seats gives and takes."""
    had, has = rights_of(before), rights_of(after)
    return Effect(has - had, had - has, conflicts(after))


def add_person(work: Work, joining: NewPerson) -> tuple[UUID, str]:
    """Take somebody in with their seats; returns their id and the link's token, which is shown once and kept nowhere.

    Raises Refused when the seats break a rule, or the sign-in name is taken or no name.
    """
    _refuse_conflicts(joining.roles)
    name = joining.sign_in_name.strip().casefold()
    if not _SIGN_IN_NAME.fullmatch(name):
        raise Refused(_("choose a sign-in name of 3 to 60 letters, digits, dots and dashes, for example salma.s"))
    if not joining.name.strip():
        raise Refused(_("give the person's name"))
    if work.session.exec(select(Staff.id).where(Staff.sign_in_name == name)).first():
        raise _name_taken()
    staff = Staff(
        id=work.new_id("staff"),
        operation_id=work.operation_id,
        sign_in_name=name,
        name=joining.name.strip(),
        password_hash="-",  # noqa: S106 -- fits no password
        language=joining.language,
        sex=joining.sex,
        languages=joining.languages.strip(),
        site_id=joining.site_id,
        certified_on=joining.certified_on,
        made_at=work.now,
    )
    work.add(staff)
    _sit(work, staff.id, joining.roles)
    work.remember(facts.StaffAdded(staff_id=staff.id, roles=_codes(joining.roles)))
    token = new_link(work, staff)
    try:
        work.session.flush()
    except IntegrityError as taken:
        raise _name_taken() from taken
    return staff.id, token


def change_seats(work: Work, staff_id: UUID, roles: frozenset[Role], *, seen: frozenset[Role]) -> None:
    """Give and end seats so that the person holds just these; every session of theirs ends.

    seen: the seats the administrator saw on the page.  Raises Refused for a rule, one's own seats or seats of the room;
    SomebodyWasFirst when the seats are no longer those that were seen.
    """
    staff = _present(work, staff_id)
    if work.actor.id == staff_id:
        raise Refused(_("ask another administrator: nobody changes their own seats"))
    _refuse_conflicts(roles)
    held = roles_of(work, staff_id)
    if held != seen:
        raise SomebodyWasFirst(_("read this person's seats again: they have changed"))
    if held == roles:
        return
    for row in work.session.exec(select(StaffRole).where(StaffRole.staff_id == staff_id, col(StaffRole.role).in_(held - roles))):
        work.session.delete(row)
    _sit(work, staff.id, roles - held)
    work.remember(facts.SeatsChanged(staff_id=staff_id, granted=_codes(roles - held), ended=_codes(held - roles)))
    end_sessions(work, staff_id)


def certify(work: Work, staff_id: UUID, day: date) -> None:
    """Note the day an interviewer finished the course; it holds for a year."""
    if day > work.today:
        raise Refused(_("enter the day the course was finished, today or earlier"))
    _present(work, staff_id).certified_on = day
    work.remember(facts.InterviewerCertified(staff_id=staff_id, certified_on=day.isoformat()))


def leave(work: Work, staff_id: UUID) -> None:
    """End all that a person may do here; what they did stays in the chain."""
    staff = _present(work, staff_id)
    if work.actor.id == staff_id:
        raise Refused(_("ask another administrator: nobody ends their own account"))
    held = roles_of(work, staff_id)
    for row in work.session.exec(select(StaffRole).where(StaffRole.staff_id == staff_id)):
        work.session.delete(row)
    staff.left_on = work.today
    _void(staff)
    staff.invite_digest = staff.invite_until = None
    work.remember(facts.StaffLeft(staff_id=staff_id, ended=_codes(held)))
    end_sessions(work, staff_id)


def link_again(work: Work, staff_id: UUID) -> str:
    """A new link for somebody who has not begun yet; the former one ends. Returns its token."""
    staff = _present(work, staff_id)
    if staff.totp_secret is not None and staff.invite_digest is None:
        raise Refused(_("ask for a new beginning instead: this person can sign in already"))
    return new_link(work, staff)


def ask_reset(work: Work, staff_id: UUID) -> None:
    """Ask that a person begins again; another administrator must agree within 72 hours."""
    staff = _present(work, staff_id)
    if work.actor.id == staff_id:
        raise Refused(_("ask two other administrators, or use a recovery code: nobody resets themselves"))
    staff.reset_asked_by, staff.reset_asked_at = work.actor.id, work.now
    work.remember(facts.ResetAsked(staff_id=staff_id))


def withdraw_reset(work: Work, staff_id: UUID) -> None:
    """Take the wish back; nothing has changed for the person."""
    staff = _present(work, staff_id)
    staff.reset_asked_by = staff.reset_asked_at = None
    work.remember(facts.ResetWithdrawn(staff_id=staff_id))


def agree_reset(work: Work, staff_id: UUID) -> str:
    """Agree, as the second administrator: password, authenticator and recovery codes are void. Returns the new link's token.

    Raises SameHands for whoever asked, Refused when nobody asked or the wish is older than 72 hours.
    """
    staff = _present(work, staff_id)
    asked_by = reset_asked_by(staff, work)
    if asked_by is None:
        raise Refused(_("ask for the new beginning first: nobody did in the last 72 hours"))
    if work.actor.id in {asked_by, staff_id}:
        raise SameHands(_("let another administrator agree: who asks never agrees"))
    _void(staff)
    work.remember(facts.ResetAgreed(staff_id=staff_id, asked_by=asked_by))
    end_sessions(work, staff_id)
    return new_link(work, staff)


def reset_asked_by(staff: Staff, reading: Reading) -> UUID | None:
    """Who asked that this person begins again, while the wish still stands."""
    if staff.reset_asked_at is None or reading.now - staff.reset_asked_at > RESET_STANDS:
        return None
    return staff.reset_asked_by


def _void(staff: Staff) -> None:
    staff.password_hash, staff.totp_secret, staff.recovery = "-", None, "[]"
    staff.reset_asked_by = staff.reset_asked_at = None


def _present(work: Work, staff_id: UUID) -> Staff:
    staff = work.session.get(Staff, staff_id, with_for_update=True, populate_existing=True)
    if staff is None or staff.left_on is not None:
        raise NotThere
    return staff


def _sit(work: Work, staff_id: UUID, roles: Iterable[Role]) -> None:
    for role in sorted(roles):
        new_id = work.new_id("staff")
        work.add(
            StaffRole(
                id=new_id, operation_id=work.operation_id, staff_id=staff_id, role=role, granted_by=work.actor.id, granted_at=work.now
            )
        )


def _refuse_conflicts(roles: frozenset[Role]) -> None:
    if roles - OFFICE_ROLES:
        raise Refused(_("choose seats of the office only"))
    broken = conflicts(roles)
    if broken:
        raise Refused(_("choose other seats: %(rule)s", rule="; ".join(rule_words(rule) for rule in broken)))


def _name_taken() -> Refused:
    return Refused(_("choose another sign-in name: this one is taken"))


def _codes(roles: Iterable[Role]) -> tuple[str, ...]:
    return tuple(sorted(role.value for role in roles))
