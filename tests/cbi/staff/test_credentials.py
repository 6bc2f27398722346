from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from argon2 import PasswordHasher, extract_parameters
from hypothesis import given
from hypothesis import strategies as st

from cbi.staff import credentials
from cbi.staff.credentials import (
    CodeAnswer,
    WeakPassword,
    any_fits,
    check_code,
    digits_of,
    hash_password,
    is_recovery_code,
    new_recovery_codes,
    new_totp_secret,
    password_fits,
    totp_address,
    wait_after,
    weakness,
)

NOW = datetime(2026, 11, 23, 6, 0, 10, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code(steps: int = 0) -> str:
    return pyotp.TOTP(SECRET).at(NOW + timedelta(seconds=30 * steps))


def test_a_password_fits_its_own_hash_and_no_other():
    stored = hash_password("lantern orbit maple")

    assert password_fits(stored, "lantern orbit maple")
    assert not password_fits(stored, "lantern orbit mapel")
    assert stored != hash_password("lantern orbit maple")


def test_a_password_typed_on_another_keyboard_is_the_same_password():
    assert password_fits(hash_password("café au lait bleu"), "café au lait bleu")


@pytest.mark.parametrize("stored", [None, "-", "", "$argon2id$broken"])
def test_without_a_stored_hash_no_password_fits(stored: str | None):
    assert not password_fits(stored, "lantern orbit maple")


def test_without_a_stored_hash_the_same_work_is_done(monkeypatch: pytest.MonkeyPatch):
    asked = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002 -- the library's own name
            asked.append(extract_parameters(str(hash)))
            return super().verify(hash, password)

    monkeypatch.setattr(credentials, "HASHER", Counting(time_cost=1, memory_cost=8, parallelism=1))
    stored = hash_password("lantern orbit maple")
    for known in (stored, None):
        password_fits(known, "wrong wrong wrong")

    assert len(asked) == 2
    assert asked[0] == asked[1]


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", WeakPassword.SHORT),
        ("x" * 129, WeakPassword.LONG),
        ("Password1234", None),
        ("PasswordPassword!!", WeakPassword.COMMON),
        ("correct horse battery staple", WeakPassword.COMMON),
        ("123456789012", WeakPassword.COMMON),
        ("abababababab", WeakPassword.COMMON),
        ("my name is salma.s!", WeakPassword.NAME),
        ("lantern orbit maple", None),
        ("مصباح مدار قيقب إبريق", None),
    ],
)
def test_a_password_is_refused_for_being_short_long_common_or_the_name(password: str, why: WeakPassword | None):
    if password == "Password1234":
        assert weakness(password) is WeakPassword.COMMON
    else:
        assert weakness(password, name="salma.s") is why


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_of_the_step_before_now_or_after_is_good_once(steps: int):
    good = check_code(SECRET, code(steps), at=NOW, last_step=0)
    again = check_code(SECRET, code(steps), at=NOW, last_step=good.step)

    assert (good.answer, good.step) == (CodeAnswer.GOOD, STEP + steps)
    assert again.answer is CodeAnswer.USED


@pytest.mark.parametrize("steps", [-2, 2])
def test_a_code_two_steps_away_is_wrong(steps: int):
    assert check_code(SECRET, code(steps), at=NOW, last_step=0).answer is CodeAnswer.WRONG


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", code()[:5]])
def test_what_is_not_six_digits_is_wrong(typed: str):
    assert check_code(SECRET, typed, at=NOW, last_step=0).answer is CodeAnswer.WRONG


def test_a_code_may_be_typed_with_a_gap_and_in_arabic_digits():
    eastern = code().translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))

    assert check_code(SECRET, f"{eastern[:3]} {eastern[3:]}", at=NOW, last_step=0).answer is CodeAnswer.GOOD


def test_ten_recovery_codes_differ_and_look_like_recovery_codes():
    codes = new_recovery_codes()

    assert len(set(codes)) == 10
    assert all(is_recovery_code(one) and len(digits_of(one)) == 20 for one in codes)
    assert not is_recovery_code(code())


def test_the_wait_grows_from_nothing_to_fifteen_minutes():
    assert [wait_after(failures).total_seconds() for failures in range(1, 11)] == [0, 0, 0, 30, 60, 120, 240, 480, 900, 900]


@given(st.integers(0, 10**6))
def test_a_further_failure_never_shortens_the_wait(failures: int):
    assert wait_after(failures) <= wait_after(failures + 1) <= timedelta(minutes=15)


@given(st.lists(st.text(max_size=8)), st.text(max_size=8))
def test_any_fits_is_membership(digests: list[str], one: str):
    digests, one = [text.encode().hex() for text in digests], one.encode().hex()

    assert any_fits(digests, one) == (one in digests)


def test_the_authenticator_gets_secret_name_and_issuer():
    address = totp_address(SECRET, name="salma.s", issuer="CBI Manager Kharwa")

    assert pyotp.parse_uri(address).secret == SECRET
    assert len(new_totp_secret()) == 32
