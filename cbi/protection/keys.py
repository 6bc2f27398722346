"""The room's keys: made once, sealed to each officer and to one sheet of paper, and in memory only while the room is open.

passphrase → Argon2id → an officer's own key → her X25519 private key → the room's keys. Nothing at rest opens anything.
"""

from __future__ import annotations

import json
import os
import secrets
import unicodedata
from dataclasses import dataclass, field
from hashlib import sha256

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cbi.checks.letter import SIZE, letter_key
from cbi.checks.letter import fingerprint as fingerprint  # noqa: PLC0414 -- the office prints it on the interviewer's card, the room shows it
from cbi.errors import Refused
from cbi.store import signatures
from cbi.store.keys import Keyring, WrongKey

_SIZE = 32
_NONCE = 12
_LETTER_NONCE = bytes(_NONCE)


class WrongPassphrase(Exception):
    """What was typed opens nothing."""


class StrangeLetter(Exception):
    """A letter was changed, cut, or sealed to another key: none of the room's keys opens it."""


@dataclass(frozen=True)
class Cost:
    """How much work one guess at a passphrase is. memory: in KiB."""

    passes: int = 3
    memory: int = 128 * 1024
    lanes: int = 1

    def __str__(self) -> str:
        return f"{self.passes}:{self.memory}:{self.lanes}"

    @classmethod
    def of(cls, text: str) -> Cost:
        """The cost as it stands beside an officer."""
        return cls(*(int(part) for part in text.split(":")))

    def hasher(self) -> PasswordHasher:
        """The hasher of the sign-in check."""
        return PasswordHasher(time_cost=self.passes, memory_cost=self.memory, parallelism=self.lanes)


@dataclass(frozen=True, slots=True)
class Published:
    """What the office knows of the room's keys.

    intake: letters are sealed to it.  questions: shows who signed a version of the check; b"" where the room did not sign them yet.
    """

    intake: bytes
    questions: bytes = b""


@dataclass(frozen=True)
class RoomKeys:
    """Everything the room can be opened with.

    master: seals cases and letters.  signing: seed of the checkpoint key.
    intakes: private halves of the letter box's keys, the present one first; earlier ones open letters still under way.
    """

    master: bytes = field(repr=False)
    signing: bytes = field(repr=False)
    intakes: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def new(cls) -> RoomKeys:
        """Keys nobody has seen yet."""
        return cls(os.urandom(_SIZE), os.urandom(_SIZE), (_private(),))

    @property
    def intake_public(self) -> bytes:
        """The half that the office publishes and seals letters to."""
        return public_of(self.intakes[0])

    @property
    def questions(self) -> bytes:
        """The seed that approved versions of the check are signed with; it changes with the letter box's key."""
        return _questions_of(self.intakes[0])

    @property
    def published(self) -> Published:
        """What the office publishes of them."""
        return _published_of(self.intakes[0])

    @property
    def published_before(self) -> frozenset[Published]:
        """What the office may still publish when a change of keys was interrupted, or was made before the room signed anything."""
        return frozenset(known for private in self.intakes for known in (_published_of(private), Published(public_of(private))))

    @property
    def identity(self) -> bytes:
        """What tells this room's keys from any others: officers carry it under their passphrase."""
        return signatures.public_key(self.signing)

    def rotated(self) -> RoomKeys:
        """A new master and a new letter box; the chain goes on being signed by the same key."""
        return RoomKeys(os.urandom(_SIZE), self.signing, (_private(), *self.intakes))

    def pack(self) -> bytes:
        """As bytes, to be sealed."""
        return json.dumps(
            {"master": self.master.hex(), "signing": self.signing.hex(), "intakes": [key.hex() for key in self.intakes]}
        ).encode()

    @classmethod
    def unpack(cls, packed: bytes) -> RoomKeys:
        """Back from bytes."""
        kept = json.loads(packed)
        return cls(bytes.fromhex(kept["master"]), bytes.fromhex(kept["signing"]), tuple(bytes.fromhex(key) for key in kept["intakes"]))


@dataclass(frozen=True)
class RoomKeyring(Keyring):
    """The room's keyring. What it derives lives and goes with it: the process keeps no copy after the room is locked."""

    _signing: bytes = field(repr=False)
    _derived: dict[bytes, bytes] = field(default_factory=dict, repr=False, compare=False)

    @property
    def signing_seed(self) -> bytes:
        """The seed of the checkpoint key; it stays the same when the master changes."""
        return self._signing

    def _derive(self, purpose: bytes) -> bytes:
        if purpose not in self._derived:
            self._derived[purpose] = HKDF(SHA256(), _SIZE, salt=b"cbi-manager room", info=purpose).derive(self._kek)
        return self._derived[purpose]


class NoKeyring(Keyring):
    """The keyring of a locked room: every use of it is refused."""

    def __init__(self) -> None:
        super().__init__(b"")

    def _derive(self, purpose: bytes) -> bytes:
        raise WrongKey(f"the room is locked: nothing to derive {purpose.decode()} from")


@dataclass(frozen=True)
class Own:
    """What an officer's passphrase opens.

    private: her own key.  totp_secret: of her second factor, base32.
    room: the identity of the room she joined, so that nobody can put other keys in its place.
    """

    private: bytes = field(repr=False)
    totp_secret: str = field(repr=False)
    room: bytes


@dataclass(frozen=True)
class Locked:
    """An officer's own keys at rest, with what is needed to check and to open them."""

    password_hash: str = field(repr=False)
    cost: str
    salt: bytes = field(repr=False)
    wrapped: bytes = field(repr=False)
    public_key: bytes


def keyring_of(keys: RoomKeys) -> RoomKeyring:
    """The keyring that the room's records are sealed with."""
    return RoomKeyring(keys.master, keys.signing)


def lock(passphrase: str, totp_secret: str, cost: Cost, *, room: bytes) -> Locked:
    """New keys for one officer, locked with her passphrase. room: the identity of the room she joins."""
    return lock_again(passphrase, Own(_private(), totp_secret, room), cost)


def lock_again(passphrase: str, own: Own, cost: Cost) -> Locked:
    """The same keys under another passphrase: whatever was sealed to them still opens."""
    salt, nonce = os.urandom(16), os.urandom(_NONCE)
    content = json.dumps({"private": own.private.hex(), "totp": own.totp_secret, "room": own.room.hex()}).encode()
    wrapped = nonce + AESGCM(_passphrase_key(passphrase, salt, cost)).encrypt(nonce, content, b"officer 1")
    return Locked(cost.hasher().hash(_spoken(passphrase)), str(cost), salt, wrapped, public_of(own.private))


def passphrase_fits(passphrase: str, locked: Locked) -> bool:
    """The sign-in check: the first of the two Argon2id runs."""
    try:
        return Cost.of(locked.cost).hasher().verify(locked.password_hash, _spoken(passphrase))
    except (VerificationError, InvalidHashError):
        return False


def unlock(passphrase: str, locked: Locked) -> Own:
    """Open an officer's own keys: the second run. Raises WrongPassphrase."""
    key = _passphrase_key(passphrase, locked.salt, Cost.of(locked.cost))
    try:
        content = json.loads(AESGCM(key).decrypt(locked.wrapped[:_NONCE], locked.wrapped[_NONCE:], b"officer 1"))
    except InvalidTag as wrong:
        raise WrongPassphrase from wrong
    return Own(bytes.fromhex(content["private"]), str(content["totp"]), bytes.fromhex(content["room"]))


def hand_over(keys: RoomKeys, public_key: bytes) -> bytes:
    """The room's keys, sealed so that only the owner of this public key opens them."""
    ephemeral = X25519PrivateKey.generate()
    mine = _raw(ephemeral.public_key())
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public_key))
    nonce = os.urandom(_NONCE)
    return mine + nonce + AESGCM(_box_key(shared, mine, public_key)).encrypt(nonce, keys.pack(), None)


def take_over(body: bytes, private: bytes, *, room: bytes | None = None) -> RoomKeys:
    """The room's keys back. room: the identity they must have.

    Raises WrongKey when they were sealed to somebody else, changed, or are another room's: whoever can write to
    the database can seal keys to an officer, but cannot make keys of this identity.
    """
    theirs, nonce, sealed = body[:_SIZE], body[_SIZE : _SIZE + _NONCE], body[_SIZE + _NONCE :]
    shared = X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(theirs))
    try:
        keys = RoomKeys.unpack(AESGCM(_box_key(shared, theirs, public_of(private))).decrypt(nonce, sealed, None))
    except InvalidTag as wrong:
        raise WrongKey("the room's keys") from wrong
    if room is not None and keys.identity != room:
        raise WrongKey("another room's keys")
    return keys


def seal_to(public_key: bytes, text: str) -> bytes:
    """Text that only the owner of this key opens."""
    ephemeral = X25519PrivateKey.generate()
    mine = _raw(ephemeral.public_key())
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public_key))
    nonce = os.urandom(_NONCE)
    return mine + nonce + AESGCM(_box_key(shared, mine, public_key)).encrypt(nonce, text.encode(), b"hand-over 1")


def open_sealed(body: bytes, private: bytes) -> str:
    """The text back. Raises WrongKey when it was sealed to somebody else, or changed."""
    theirs, nonce, sealed = body[:_SIZE], body[_SIZE : _SIZE + _NONCE], body[_SIZE + _NONCE :]
    try:
        shared = X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(theirs))
        return AESGCM(_box_key(shared, theirs, public_of(private))).decrypt(nonce, sealed, b"hand-over 1").decode()
    except (InvalidTag, ValueError) as wrong:  # a body cut short, or a key that is none
        raise WrongKey("a hand-over") from wrong


def open_letter(body: bytes, private: bytes) -> dict[str, object]:
    """What a letter says, with the private half of the key it was sealed to. Raises StrangeLetter."""
    if len(body) != SIZE:
        raise StrangeLetter
    ephemeral, sealed = body[:_SIZE], body[_SIZE:]
    try:
        shared = X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(ephemeral))
        text = AESGCM(letter_key(shared, ephemeral, public_of(private))).decrypt(_LETTER_NONCE, sealed, None)
        content = json.loads(text)
    except (InvalidTag, ValueError) as wrong:
        raise StrangeLetter from wrong
    if not isinstance(content, dict):
        raise StrangeLetter
    return content


def open_any(body: bytes, keys: RoomKeys) -> dict[str, object]:
    """The same, with whichever of the room's letter-box keys fits. Raises StrangeLetter when none does."""
    for private in keys.intakes:
        try:
            return open_letter(body, private)
        except StrangeLetter:
            continue
    raise StrangeLetter


@dataclass(frozen=True)
class Sheet:
    """A recovery sheet as it lies on paper. mark: of the room it was made for, so that other keys sealed to it later are not taken for that room's."""

    private: bytes = field(repr=False)
    mark: str = field(repr=False)

    @classmethod
    def new(cls, room: bytes) -> Sheet:
        """A sheet for the room of this identity."""
        private = _private()
        return cls(private, _sheet_check(b"room" + room, private))

    @classmethod
    def read(cls, text: str) -> Sheet:
        """A sheet as somebody typed it, with or without spaces. Raises Refused when it was mistyped."""
        plain = "".join(text.split()).replace("-", "").casefold()
        try:
            private, check, mark = bytes.fromhex(plain[:64]), plain[64:68], plain[68:]
        except ValueError:
            private, check, mark = b"", "", ""
        if len(private) != _SIZE or not secrets.compare_digest(check.encode(), _sheet_check(b"sheet" + mark.encode(), private).encode()):
            raise Refused("type the recovery sheet again: eighteen groups of four, for example 3f2a 91bc …")
        return cls(private, mark)

    @property
    def text(self) -> str:
        """What is printed: sixteen groups of the key, one that tells a slip of the pen, one that tells the room."""
        text = self.private.hex() + _sheet_check(b"sheet" + self.mark.encode(), self.private) + self.mark
        return " ".join(text[start : start + 4] for start in range(0, len(text), 4))

    def open(self, body: bytes) -> RoomKeys:
        """The room's keys. Raises WrongKey when they were not sealed to this sheet, or are another room's."""
        keys = take_over(body, self.private)
        if not secrets.compare_digest(_sheet_check(b"room" + keys.identity, self.private), self.mark):
            raise WrongKey("another room's keys")
        return keys


def _sheet_check(of: bytes, private: bytes) -> str:
    # Nobody without the paper can compute it, so nobody can look for other keys that fit it.
    return sha256(of + private).hexdigest()[:4]


def public_of(private: bytes) -> bytes:
    """The public half of a private key."""
    return _raw(X25519PrivateKey.from_private_bytes(private).public_key())


def _questions_of(intake: bytes) -> bytes:
    # Made of the letter box's key, so that the two are published, rotated and put on paper as one.
    return HKDF(SHA256(), _SIZE, salt=None, info=b"cbi-manager questions 1").derive(intake)


def _published_of(intake: bytes) -> Published:
    return Published(public_of(intake), signatures.public_key(_questions_of(intake)))


def _private() -> bytes:
    return os.urandom(_SIZE)


def _raw(key: X25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _box_key(shared: bytes, ephemeral: bytes, recipient: bytes) -> bytes:
    return HKDF(SHA256(), _SIZE, salt=None, info=b"cbi-manager room keys 1" + ephemeral + recipient).derive(shared)


def _passphrase_key(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    return hash_secret_raw(
        _spoken(passphrase), salt, time_cost=cost.passes, memory_cost=cost.memory, parallelism=cost.lanes, hash_len=_SIZE, type=Type.ID
    )


def _spoken(passphrase: str) -> bytes:
    # Keyboards compose letters differently and people space words differently; both mean the same passphrase.
    return unicodedata.normalize("NFKC", " ".join(passphrase.split())).encode()
