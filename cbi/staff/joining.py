"""Beginning: a link that works for 72 hours, a password, an authenticator that is shown to work, and recovery codes shown once."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import Refused
from cbi.staff import facts
from cbi.staff.credentials import WeakPassword, hash_password, new_recovery_codes, new_totp_secret, weakness
from cbi.staff.signing import recovery_digest, step_up, use_code
from cbi.staff.tables import Staff
from cbi.store.records import Records
from cbi.store.work import Actor, Reading, Work
from cbi.web.words import _

LINK_LASTS = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Begun:
    """Somebody at the beginning. secret: for their authenticator, "" before the password is chosen."""

    staff_id: UUID
    name: str
    sign_in_name: str
    until: datetime
    secret: str


def new_link(work: Work, staff: Staff) -> str:
    """Open a link for a person and end the former one; returns the token, of which only the digest is kept."""
    token = secrets.token_urlsafe(32)
    staff.invite_digest, staff.invite_until = digest_of(token), work.now + LINK_LASTS
    work.remember(facts.LinkMade(staff_id=staff.id, hours=LINK_LASTS // timedelta(hours=1)))
    return token


def begun(reading: Reading, link: bytes) -> Begun:
    """Whose link this is. Raises Refused when it is used, replaced, over or unknown: the same words for each."""
    staff = reading.session.exec(select(Staff).where(Staff.invite_digest == link)).first()
    if staff is None or staff.invite_until is None or staff.invite_until <= reading.now or staff.left_on is not None:
        raise Refused(_("ask an administrator for a new link: this one was used, or its 72 hours are over"))
    return Begun(staff.id, staff.name, staff.sign_in_name, staff.invite_until, reading.open(staff, "totp_secret"))


def choose_password(records: Records, link: bytes, password: str) -> None:
    """Keep the first password, and make the secret for the authenticator. Raises Refused for a weak one."""
    with records.read() as reading:
        refuse_weak(password, name=begun(reading, link).sign_in_name)
    hashed = hash_password(password)
    with records.work(Actor()) as work:
        staff = work.session.get_one(Staff, begun(work, link).staff_id)
        staff.password_hash = hashed
        work.seal(staff, "totp_secret", new_totp_secret())
        work.remember(facts.PasswordChosen(staff_id=staff.id, beginning=True), actor=Actor(staff.id))


def join(work: Work, link: bytes, code: str) -> tuple[UUID, tuple[str, ...]]:
    """The authenticator works: the link ends, the account opens. Returns whose it is, and the recovery codes to show once."""
    someone = begun(work, link)
    if not someone.secret:
        raise Refused(_("choose a password first"))
    staff = work.session.get_one(Staff, someone.staff_id)
    use_code(work, staff, code)
    staff.invite_digest = staff.invite_until = None
    codes = _new_codes(work, staff)
    work.remember(facts.Joined(staff_id=staff.id), actor=Actor(staff.id))
    return staff.id, codes


def change_password(work: Work, person_id: UUID, *, password: str, code: str, new: str, sparing: str) -> None:
    """Replace one's own password after a step-up; every other session of the person ends.

    sparing: the token of the session in hand.  Raises Refused for a wrong proof or a weak new password.
    """
    staff = work.session.get_one(Staff, person_id)
    refuse_weak(new, name=staff.sign_in_name)
    step_up(work, person_id, password, code)
    staff.password_hash = hash_password(new)
    work.remember(facts.PasswordChosen(staff_id=person_id, beginning=False))
    end_sessions(work, person_id, sparing=sparing)


def renew_recovery(work: Work, person_id: UUID, *, password: str, code: str, sparing: str) -> tuple[str, ...]:
    """New recovery codes after a step-up; the former ones are void and every other session ends."""
    step_up(work, person_id, password, code)
    codes = _new_codes(work, work.session.get_one(Staff, person_id, populate_existing=True))
    end_sessions(work, person_id, sparing=sparing)
    return codes


def choose_language(work: Work, person_id: UUID, language: str) -> None:
    """Read the pages in this language from now on."""
    work.session.get_one(Staff, person_id).language = language
    work.remember(facts.LanguageChosen(staff_id=person_id, language=language))


def recovery_left(staff: Staff) -> int:
    """How many recovery codes still work."""
    return len(json.loads(staff.recovery))


def end_sessions(work: Work, person_id: UUID, *, sparing: str = "") -> None:
    """End every session of a person in this same commit, but the one whose token is given."""
    held = work.system.web_session
    theirs = sa.and_(col(held.person_id) == person_id, col(held.digest) != digest_of(sparing))
    work.bulk(held, sa.delete(held).where(theirs))


def refuse_weak(password: str, *, name: str) -> None:
    """Raises Refused with what a better password is."""
    match weakness(password, name=name):
        case WeakPassword.SHORT:
            raise Refused(_("choose at least 12 characters, for example four words that do not belong together"))
        case WeakPassword.LONG:
            raise Refused(_("choose at most 128 characters"))
        case WeakPassword.COMMON:
            raise Refused(_("choose a password that is harder to guess, for example four words that do not belong together"))
        case WeakPassword.NAME:
            raise Refused(_("choose a password without your sign-in name in it"))


def _new_codes(work: Work, staff: Staff) -> tuple[str, ...]:
    codes = new_recovery_codes()
    staff.recovery = json.dumps([recovery_digest(work, staff.id, code) for code in codes])
    work.remember(facts.RecoveryCodesMade(staff_id=staff.id, count=len(codes)), actor=Actor(staff.id))
    return codes


def digest_of(token: str) -> bytes:
    """How a token is kept, of a link as of a session."""
    return sha256(token.encode()).digest()
