"""Shows that the support team approved a version of the check: their signature of the very bytes, held against the key they published here."""

from __future__ import annotations

from cbi.store.signatures import fits, sign
from cbi.store.work import Reading, read_setting
from screening import Package, SignedPackage

QUESTIONS_KEY = "questions_key"


def signed(package: Package, seed: bytes) -> SignedPackage:
    """A version on its way to the office. seed: of the support team's key."""
    return SignedPackage(package, sign(seed, _statement(package)).hex())


def is_approved(given: SignedPackage, public_key: bytes) -> bool:
    """Whether the holder of this key signed exactly these bytes."""
    return fits(public_key, _statement(given.package), bytes.fromhex(given.signature))


def questions_key(reading: Reading) -> bytes:
    """The public half of the support team's key, as they published it; b"" while there is none."""
    kept = read_setting(reading.session, reading.system, QUESTIONS_KEY)
    return bytes.fromhex(kept) if isinstance(kept, str) else b""


def _statement(package: Package) -> bytes:
    return b"cbi-manager questions 1\n" + package.to_bytes()
