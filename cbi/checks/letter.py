"""Seals one letter for the room: always 4,144 bytes, and nobody in the office can open it again."""

from __future__ import annotations

import json
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PADDED = 4096
SIZE = 32 + PADDED + 16
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


def fingerprint(public_key: bytes) -> bytes:
    """The hash of the letter box's public key that people compare in words: on the card, and whenever the box is opened."""
    return sha256(b"intake" + public_key).digest()


def letter_key(shared: bytes, ephemeral: bytes, intake_key: bytes) -> bytes:
    """The key of one letter, from the shared secret and both public keys."""
    return HKDF(SHA256(), 32, salt=None, info=b"cbi-manager letter 1" + ephemeral + intake_key).derive(shared)
