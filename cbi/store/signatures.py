"""Ed25519 signatures: who holds the seed signs, who holds the public half sees that nobody else did."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def public_key(seed: bytes) -> bytes:
    """The public half, 32 bytes, that may be known to everybody."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def sign(seed: bytes, statement: bytes) -> bytes:
    """The signature of a statement, 64 bytes. A statement begins with what it is about, so that none can be taken for another."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign(statement)


def fits(public: bytes, statement: bytes, signature: bytes) -> bool:
    """Whether the holder of this key signed exactly this statement; a key or signature that is none fits nothing."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, statement)
    except (InvalidSignature, ValueError):
        return False
    return True
