"""Seals one letter for the room, or for named readers apart from it: always 4,144 bytes, and nobody in the office can open it again."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PADDED = 4096
SIZE = 32 + PADDED + 16
# A letter apart: who reads it is settled in slots of one size, the rest of which are noise.
MOST_READERS = 8
SLOT = 32 + 16
SLOTS = MOST_READERS + 1  # one more tells the room that the letter is not for it
PADDED_APART = SIZE - 32 - SLOTS * SLOT - 16
NOT_YOURS = bytes(32)
_NONCE = bytes(12)  # every letter has a key of its own, so its nonce may be fixed


class TooLong(ValueError):
    """The content does not fit; a letter never grows, so this is a fault of the instrument."""


def seal_letter(content: dict[str, object], intake_key: bytes) -> bytes:
    """`SIZE` bytes: an ephemeral X25519 key, then AES-256-GCM of the padded JSON. intake_key: the room's public key, 32 bytes."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    if len(text) > PADDED:
        raise TooLong(f"{len(text)} bytes do not fit into a letter")
    ephemeral = X25519PrivateKey.generate()
    mine = ephemeral.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(intake_key))
    return mine + AESGCM(letter_key(shared, mine, intake_key)).encrypt(_NONCE, text.ljust(PADDED), None)


def seal_apart(content: dict[str, object], intake_key: bytes, readers: Sequence[bytes]) -> bytes:
    """`SIZE` bytes that only these readers open, by their public keys; to the owner of the intake key they say no more than that.

    Without readers nobody opens it: a letter that keeps others company.  Raises TooLong.
    """
    text = _told_apart(content)
    if len(text) > PADDED_APART or len(readers) > MOST_READERS:
        raise TooLong(f"{len(text)} bytes for {len(readers)} readers do not fit into a letter")
    ephemeral, key = X25519PrivateKey.generate(), os.urandom(32)
    mine = ephemeral.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    slots = [_slot(ephemeral, mine, public, key) for public in readers] + [_slot(ephemeral, mine, intake_key, NOT_YOURS)]
    slots += [os.urandom(SLOT) for _ in range(SLOTS - len(slots))]
    secrets.SystemRandom().shuffle(slots)
    head = mine + b"".join(slots)
    return head + AESGCM(key).encrypt(_NONCE, text.ljust(PADDED_APART), head)


def fits_apart(content: dict[str, object]) -> bool:
    """Whether this has room in a letter apart."""
    return len(_told_apart(content)) <= PADDED_APART


def slot_key(shared: bytes, ephemeral: bytes, public_key: bytes) -> bytes:
    """The key of one reader's slot, from the shared secret and both public keys."""
    return HKDF(SHA256(), 32, salt=None, info=b"cbi-manager apart 1" + ephemeral + public_key).derive(shared)


def fingerprint(public_key: bytes) -> bytes:
    """The hash of the letter box's public key that people compare in words: on the card, and whenever the box is opened."""
    return sha256(b"intake" + public_key).digest()


def letter_key(shared: bytes, ephemeral: bytes, intake_key: bytes) -> bytes:
    """The key of one letter, from the shared secret and both public keys."""
    return HKDF(SHA256(), 32, salt=None, info=b"cbi-manager letter 1" + ephemeral + intake_key).derive(shared)


def _told_apart(content: dict[str, object]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _slot(ephemeral: X25519PrivateKey, mine: bytes, public_key: bytes, holds: bytes) -> bytes:
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public_key))
    return AESGCM(slot_key(shared, mine, public_key)).encrypt(_NONCE, holds, None)
