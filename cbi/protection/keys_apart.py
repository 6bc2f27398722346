"""Opening letters apart: each reader with her own key, and the room with its own only to learn that one is not for it."""

from __future__ import annotations

import json

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cbi.checks.letter import NOT_YOURS, SIZE, SLOT, SLOTS, slot_key
from cbi.protection.keys import RoomKeys, StrangeLetter, public_of

_KEY = 32
_NONCE = bytes(12)  # every letter has keys of its own, so its nonces may be fixed


def is_apart(body: bytes, keys: RoomKeys) -> bool:
    """Whether a letter says to the room's own keys that it is for somebody else in here, or for nobody."""
    return any(_slot_of(body, private) == NOT_YOURS for private in keys.intakes)


def open_apart(body: bytes, private: bytes) -> dict[str, object]:
    """What a letter apart says to one of its readers. Raises StrangeLetter when this key is not one of theirs, or it was changed."""
    key = _slot_of(body, private)
    if key is None or key == NOT_YOURS:
        raise StrangeLetter
    head = _KEY + SLOTS * SLOT
    try:
        content = json.loads(AESGCM(key).decrypt(_NONCE, body[head:], body[:head]))
    except (InvalidTag, ValueError) as wrong:
        raise StrangeLetter from wrong
    if not isinstance(content, dict):
        raise StrangeLetter
    return content


def _slot_of(body: bytes, private: bytes) -> bytes | None:
    """What the slot for this key holds; None when the letter has none."""
    if len(body) != SIZE:
        return None
    ephemeral = body[:_KEY]
    try:
        shared = X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(ephemeral))
    except ValueError:  # a key that is none
        return None
    cipher = AESGCM(slot_key(shared, ephemeral, public_of(private)))
    for start in range(_KEY, _KEY + SLOTS * SLOT, SLOT):
        try:
            return cipher.decrypt(_NONCE, body[start : start + SLOT], None)
        except InvalidTag:
            continue
    return None
