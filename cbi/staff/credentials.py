"""Passwords, authenticator codes and recovery codes as plain values. Knows no table, so that the room can use it too."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from hmac import compare_digest
from threading import BoundedSemaphore

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# 60 ms and 32 MiB on a small laptop: above OWASP's least (19 MiB, two passes), and few at once so that memory stays bounded.
HASHER = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)
_AT_ONCE = BoundedSemaphore(4)
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 128
# Guessed first by everybody who guesses; compared without case, spaces and digits at the end.
_COMMON = frozenset({
    "password", "passwordpassword", "mypassword", "qwertyuiop", "qwertyuiopasdfghjkl", "qwertyuiopas", "letmeinletmein", "iloveyou",
    "iloveyouforever", "administrator", "adminadmin", "welcome", "welcometothe", "welcomewelcome", "changeme", "changemechangeme",
    "abcdefghijkl", "abcdefghijklmnopqrstuvwxyz", "aaaaaaaaaaaa", "correcthorsebatterystaple", "cashassistance", "humanitarian",
    "cbimanager", "cashbasedintervention", "distribution", "unitednations",
})  # fmt: skip
_DIGITS_ONLY_ENDS = "0123456789!?.*_- "

STEP_SECONDS = 30
_CODE_DIGITS = 6
_STEPS_AROUND = 1

RECOVERY_CODES = 10
_RECOVERY_GROUPS, _GROUP_DIGITS = 4, 5  # 20 digits are 66 bits; digits, because every keypad has them
RECOVERY_DIGITS = _RECOVERY_GROUPS * _GROUP_DIGITS

_FREE_TRIES = 3
_FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)


class CodeAnswer(StrEnum):
    """What a six-digit code turned out to be."""

    GOOD = "good"
    USED = "used"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class CodeCheck:
    """The answer about a code. step: the time step it belongs to, to be stored so that it never counts again; 0 when wrong."""

    answer: CodeAnswer
    step: int = 0


class WeakPassword(StrEnum):
    """Why a password is not taken."""

    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    NAME = "name"


def hash_password(password: str) -> str:
    """The Argon2id hash to store."""
    with _AT_ONCE:
        return HASHER.hash(_normal(password))


def password_fits(stored: str | None, password: str) -> bool:
    """Whether a password is the stored one. Without a stored hash the same work is done, so that time tells nothing."""
    known = stored is not None and stored.startswith("$argon2id$")
    with _AT_ONCE:
        try:
            fits = HASHER.verify(stored if known and stored else _nobody(HASHER), _normal(password)[: LONGEST_PASSWORD * 4])
        except (VerificationError, InvalidHashError):
            return False
    return fits and known


def weakness(password: str, *, name: str = "") -> WeakPassword | None:
    """Why a password is refused; None when it is good enough. Length counts, kinds of signs do not (NIST SP 800-63B §3.1.1)."""
    plain = _normal(password)
    if len(plain) < SHORTEST_PASSWORD:
        return WeakPassword.SHORT
    if len(plain) > LONGEST_PASSWORD:
        return WeakPassword.LONG
    folded = plain.casefold().replace(" ", "")
    if folded.rstrip(_DIGITS_ONLY_ENDS) in _COMMON or folded.isdigit() or len(set(folded)) <= 3:  # noqa: PLR2004 -- "abababababab"
        return WeakPassword.COMMON
    if name and name.casefold().replace(" ", "") in folded:
        return WeakPassword.NAME
    return None


def new_totp_secret() -> str:
    """A fresh authenticator secret: 160 bits in base 32."""
    return pyotp.random_base32()


def totp_address(secret: str, *, name: str, issuer: str) -> str:
    """The otpauth:// address that an authenticator reads from the square."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def check_code(secret: str, code: str, *, at: datetime, last_step: int) -> CodeCheck:
    """Compare six digits with the steps before, at and after `at`. A step not later than `last_step` was used already.

    The caller must store the step with a compare-and-set: two requests may ask at the same instant.
    """
    typed = digits_of(code)
    if len(typed) != _CODE_DIGITS:
        return CodeCheck(CodeAnswer.WRONG)
    now = int(at.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    steps = range(now - _STEPS_AROUND, now + _STEPS_AROUND + 1)
    fitting = [step for step in steps if compare_digest(totp.generate_otp(step), typed)]
    fresh = [step for step in fitting if step > last_step]
    if fresh:
        return CodeCheck(CodeAnswer.GOOD, fresh[0])
    return CodeCheck(CodeAnswer.USED if fitting else CodeAnswer.WRONG)


def new_recovery_codes() -> tuple[str, ...]:
    """Ten codes to write down, "48213 90275 11834 60021"; each works once."""
    return tuple(" ".join(_group() for _ in range(_RECOVERY_GROUPS)) for _ in range(RECOVERY_CODES))


def is_recovery_code(typed: str) -> bool:
    """Whether something typed has the shape of a recovery code."""
    return len(digits_of(typed)) == RECOVERY_DIGITS


def digits_of(typed: str) -> str:
    """The digits in what was typed, whatever their script and spacing."""
    return "".join(str(unicodedata.digit(sign)) for sign in typed if unicodedata.digit(sign, None) is not None)


def wait_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row: none for three, then 30 seconds, doubling up to 15 minutes."""
    if failures <= _FREE_TRIES:
        return timedelta(0)
    doublings = min(failures - _FREE_TRIES - 1, 10)
    return min(_FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def any_fits(digests: Iterable[str], digest: str) -> bool:
    """Whether a digest is among some, without telling by time which."""
    found = False
    for one in digests:
        found |= compare_digest(one, digest)
    return found


def _group() -> str:
    return f"{secrets.randbelow(10**_GROUP_DIGITS):0{_GROUP_DIGITS}d}"


def _normal(password: str) -> str:
    # The same password typed on another keyboard may arrive in another Unicode form.
    return unicodedata.normalize("NFKC", password)


@cache
def _nobody(hasher: PasswordHasher) -> str:
    return hasher.hash(secrets.token_hex(16))
