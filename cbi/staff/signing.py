"""Coming in: name and password, then a code that works once. And the same proof again before something that counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session, col, select

from cbi.errors import Refused
from cbi.staff import facts, tries
from cbi.staff.credentials import (
    CodeAnswer,
    any_fits,
    check_code,
    digits_of,
    is_recovery_code,
    password_fits,
)
from cbi.staff.tables import Staff
from cbi.store.records import Records
from cbi.store.watched import WatchedSession
from cbi.store.work import Actor, Reading, Work
from cbi.web.words import _

_TELL_FROM = 4  # failures in a row that enter the chain: fewer are ordinary mistyping


@dataclass(frozen=True, slots=True)
class Entry:
    """What the first step led to. whole: a recovery code came with it, so no second step is needed."""

    staff_id: UUID
    whole: bool = False


def first_step(records: Records, sign_in_name: str, password: str, recovery: str = "") -> Entry:
    """Name and password; with a recovery code both steps at once, which is the way round a wait.

    Raises MustWait, or Refused with the same words whatever was wrong.
    """
    name = folded_name(sign_in_name)
    if recovery.strip():
        return _both_at_once(records, name, password, recovery)
    digest, failures = _charged(records, name)
    with records.read() as reading:
        staff = _by_name(reading, name)
    if not password_fits(staff.password_hash if staff else None, password) or staff is None:
        _tell(records, staff.id if staff else None, failures)
        raise Refused(_("check your name and password, and type both again"))
    with records.work(Actor(staff.id)) as work:
        tries.refund(work.session, digest)
    return Entry(staff.id)


def second_step(records: Records, staff_id: UUID, code: str) -> None:
    """Six digits or a recovery code, each good for once. Raises MustWait, or Refused with what to do."""
    with records.read() as reading:
        staff = _still_here(reading, staff_id)
    if is_recovery_code(code):
        with records.work(Actor(staff_id)) as work:
            use_recovery(work, _still_here(work, staff_id), code)
            _come_in(work, staff, with_recovery_code=True)
        return
    _, failures = _charged(records, staff.sign_in_name)
    try:
        with records.work(Actor(staff_id)) as work:
            use_code(work, _still_here(work, staff_id), code)
            _come_in(work, staff)
    except Refused:
        _tell(records, staff_id, failures)
        raise


def step_up(work: Work, person_id: UUID, password: str, code: str) -> None:
    """Prove once more who is at the screen, in the same commit as what the proof is for. The code is used up with it.

    Raises Refused with what to do. A failure is counted even though the caller's work is undone; the wait is the person's own,
    apart from the door's, so that guessing at the door never stops an approval.
    """
    staff = _still_here(work, person_id, lock=True)
    digest = work.digest("step up", str(person_id))
    recovery = is_recovery_code(code)
    if not recovery:
        tries.refuse_waiting(work.session, digest, work.now)
    try:
        if not password_fits(staff.password_hash, password):
            raise Refused(_("check your password, and type it again"))  # noqa: TRY301 -- one place counts every failure
        use_recovery(work, staff, code) if recovery else use_code(work, staff, code)
    except Refused:
        _after(work, lambda after: _count_failure(after, person_id, digest))
        raise
    tries.forget(work.session, digest, work.now)
    work.remember(facts.SteppedUp(staff_id=person_id, with_recovery_code=recovery), actor=Actor(person_id))


def folded_name(sign_in_name: str) -> str:
    """A sign-in name as it is kept: no spaces around, lower case."""
    return sign_in_name.strip().casefold()[:60]


def recovery_digest(reading: Reading, staff_id: UUID, code: str) -> str:
    """How a recovery code is kept: a keyed digest. It is random enough (66 bits) that a slow hash would add nothing but waiting."""
    return reading.digest("recovery", f"{staff_id}:{digits_of(code)}").hex()


def _both_at_once(records: Records, name: str, password: str, recovery: str) -> Entry:
    # Everything is compared before anything is decided, so that neither words nor time tell which part was wrong.
    with records.read() as reading:
        staff = _by_name(reading, name)
        good = any_fits(json.loads(staff.recovery) if staff else [], recovery_digest(reading, staff.id if staff else UUID(int=0), recovery))
    if not password_fits(staff.password_hash if staff else None, password) or not good or staff is None:
        raise Refused(_("check your name, password and recovery code, and type all three again"))
    with records.work(Actor(staff.id)) as work:
        use_recovery(work, _still_here(work, staff.id), recovery)
        _come_in(work, staff, with_recovery_code=True)
    return Entry(staff.id, whole=True)


def _charged(records: Records, name: str) -> tuple[bytes, int]:
    with records.work(Actor()) as work:
        digest = work.digest("sign in", name)
        failures = tries.charge(work.session, records.ids, work.operation_id, digest=digest, now=work.now)
    return digest, failures


def _tell(records: Records, staff_id: UUID | None, failures: int) -> None:
    if failures >= _TELL_FROM:
        with records.work(Actor()) as work:
            work.remember(facts.SignInDelayed(staff_id=staff_id, failures=failures))


def _come_in(work: Work, staff: Staff, *, with_recovery_code: bool = False) -> None:
    tries.forget(work.session, work.digest("sign in", staff.sign_in_name), work.now)
    work.remember(facts.SignedIn(staff_id=staff.id, with_recovery_code=with_recovery_code))


def _by_name(reading: Reading, name: str) -> Staff | None:
    found = reading.session.exec(select(Staff).where(Staff.sign_in_name == name)).first()
    return found if found and _may_enter(found) else None


def _still_here(reading: Reading, staff_id: UUID, *, lock: bool = False) -> Staff:
    found = reading.session.get(Staff, staff_id, with_for_update=True if lock else None, populate_existing=True)
    if found is None or not _may_enter(found):
        raise Refused(_("sign in again"))
    return found


def _may_enter(staff: Staff) -> bool:
    return staff.left_on is None and staff.totp_secret is not None and staff.invite_digest is None


def use_code(work: Work, staff: Staff, code: str) -> None:
    """Accept six digits for the person's secret, once. Raises Refused with what to do; a fact about the person must follow."""
    check = check_code(work.open(staff, "totp_secret"), code, at=work.now, last_step=staff.totp_step)
    if check.answer is CodeAnswer.WRONG:
        raise Refused(_("type the six digits that your authenticator shows now"))
    # Compare and set: of two requests with one code at the same instant, the database lets one through.
    fresh = sa.and_(col(Staff.id) == staff.id, col(Staff.totp_step) < check.step)
    if check.answer is CodeAnswer.USED or not work.bulk(Staff, sa.update(Staff).where(fresh).values(totp_step=check.step)).rowcount:
        raise Refused(_("wait for the next code: this one was used already"))


def use_recovery(work: Work, staff: Staff, code: str) -> None:
    """Accept a recovery code, once. Raises Refused; a fact about the person must follow."""
    kept: list[str] = json.loads(staff.recovery)
    digest = recovery_digest(work, staff.id, code)
    left = json.dumps([one for one in kept if one != digest])
    same = sa.and_(col(Staff.id) == staff.id, col(Staff.recovery) == staff.recovery)
    if not any_fits(kept, digest) or not work.bulk(Staff, sa.update(Staff).where(same).values(recovery=left)).rowcount:
        raise Refused(_("type a recovery code that was not used before"))


def _count_failure(after: Work, person_id: UUID, digest: bytes) -> None:
    try:
        failures = tries.charge(after.session, after.ids, after.operation_id, digest=digest, now=after.now)
    except tries.MustWait:
        return
    if failures >= _TELL_FROM:
        after.remember(facts.SignInDelayed(staff_id=person_id, failures=failures), actor=Actor(person_id))


def _after(work: Work, then: Callable[[Work], None]) -> None:
    """Do something in a commit of its own once this work has ended, well or not: only then is the database free again."""
    waiting = [then]

    def ended(_session: Session, transaction: SessionTransaction) -> None:
        if transaction.parent is not None or not waiting:
            return
        own = WatchedSession(work.session.get_bind(), expire_on_commit=False)
        more: dict[str, Any] = {
            "clock": work.clock,
            "zone": work.zone,
            "operation_id": work.operation_id,
            "actor": work.actor,
            "ids": work.ids,
        }
        with Work(own, work.vault, work.system, **more) as after:  # Any: passed on as it came
            waiting.pop()(after)

    sa.event.listen(work.session, "after_transaction_end", ended)
