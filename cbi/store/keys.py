"""Keys: one key-encryption key per world, from a private file or from elsewhere; everything else is derived or wrapped."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cbi.errors import UnsafeSettings
from cbi.paths import private_folder
from cbi.settings import Settings

_SIZE = 32


class WrongKey(Exception):
    """A wrapped key does not open with this world's key."""


@dataclass(frozen=True)
class Keyring:
    """What is derived from one key-encryption key.

    search: for keyed digests.  seed: 32 bytes from which the checkpoint-signing key is made.
    """

    _kek: bytes = field(repr=False)

    @property
    def search(self) -> bytes:
        """The key of keyed digests."""
        return self._derive(b"search")

    @property
    def signing_seed(self) -> bytes:
        """The seed of the checkpoint-signing key."""
        return self._derive(b"checkpoint")

    def wrap(self, subject: UUID, raw: bytes) -> bytes:
        """A subject's key, sealed so that it can lie in the database."""
        nonce = os.urandom(12)
        return nonce + AESGCM(self._derive(b"wrap")).encrypt(nonce, raw, subject.bytes)

    def unwrap(self, subject: UUID, wrapped: bytes) -> bytes:
        """A subject's key back. Raises WrongKey."""
        try:
            return AESGCM(self._derive(b"wrap")).decrypt(wrapped[:12], wrapped[12:], subject.bytes)
        except InvalidTag as wrong:
            raise WrongKey(str(subject)) from wrong

    def wrap_file(self, content: bytes) -> bytes:
        """A whole file, sealed."""
        nonce = os.urandom(12)
        return nonce + AESGCM(self._derive(b"file")).encrypt(nonce, content, None)

    def unwrap_file(self, sealed: bytes) -> bytes:
        """A sealed file back. Raises WrongKey, also when it is damaged."""
        try:
            return AESGCM(self._derive(b"file")).decrypt(sealed[:12], sealed[12:], None)
        except InvalidTag as wrong:
            raise WrongKey("file") from wrong

    def _derive(self, purpose: bytes) -> bytes:
        cached = _DERIVED.get((self._kek, purpose))
        if cached is None:
            cached = HKDF(SHA256(), _SIZE, salt=b"cbi-manager", info=purpose).derive(self._kek)
            _DERIVED[self._kek, purpose] = cached
        return cached


_DERIVED: dict[tuple[bytes, bytes], bytes] = {}


def key_file(settings: Settings) -> Path:
    """Where the office's key lies when it is kept beside the data."""
    return settings.folder("office") / "keys" / "office.key"


def office_keyring(settings: Settings, *, make: bool = False) -> Keyring:
    """The office's keys, from CBI_OFFICE_KEY or the private file.

    make: write a new key file when there is none. Raises UnsafeSettings when the key is absent, malformed or readable by others.
    """
    if settings.office_key is not None:
        return Keyring(_from_hex(settings.office_key.get_secret_value(), "CBI_OFFICE_KEY"))
    path = key_file(settings)
    if not path.exists():
        if not make:
            raise UnsafeSettings(f"put the office key back: there is none at {path}, and CBI_OFFICE_KEY is not set")
        write_key(path, os.urandom(_SIZE))
    _refuse_readable(path)
    return Keyring(_from_hex(path.read_text("ascii").strip(), str(path)))


def write_key(path: Path, raw: bytes) -> None:
    """Write a new key file with mode 0600; never over an existing one."""
    private_folder(path.parent)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(raw.hex() + "\n")


def _refuse_readable(path: Path) -> None:
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise UnsafeSettings(f"make the key file private (chmod 600 {path}): others on this computer can read it")


def _from_hex(text: str, place: str) -> bytes:
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = b""
    if len(raw) != _SIZE:
        raise UnsafeSettings(
            f"give a key of 64 hexadecimal digits in {place}, for example from: python -c 'import secrets; print(secrets.token_hex(32))'"
        )
    return raw
