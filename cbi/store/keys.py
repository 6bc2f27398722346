"""Keys: the office's key, from a private file or from elsewhere, opens one root; everything else is derived from the root or wrapped under it."""

from __future__ import annotations

import contextlib
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
from cbi.store.folders import office_folder, reads_as_the_room, share_records

_SIZE = 32


class WrongKey(Exception):
    """A wrapped key does not open with this world's key."""


@dataclass(frozen=True)
class Keyring:
    """What is derived from one world's root.

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
        return nonce + self._cipher(b"wrap").encrypt(nonce, raw, subject.bytes)

    def unwrap(self, subject: UUID, wrapped: bytes) -> bytes:
        """A subject's key back. Raises WrongKey."""
        return self.unwrap_of(subject.bytes, wrapped)

    def unwrap_of(self, subject: bytes, wrapped: bytes) -> bytes:
        """The same for a subject as its 16 bytes."""
        try:
            return self._cipher(b"wrap").decrypt(wrapped[:12], wrapped[12:], subject)
        except InvalidTag as wrong:
            raise WrongKey(subject.hex()) from wrong

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

    def _cipher(self, purpose: bytes) -> AESGCM:
        cached = _CIPHERS.get((self._kek, purpose))
        if cached is None:
            cached = _CIPHERS[self._kek, purpose] = AESGCM(self._derive(purpose))
        return cached

    def _derive(self, purpose: bytes) -> bytes:
        cached = _DERIVED.get((self._kek, purpose))
        if cached is None:
            cached = HKDF(SHA256(), _SIZE, salt=b"cbi-manager", info=purpose).derive(self._kek)
            _DERIVED[self._kek, purpose] = cached
        return cached


_DERIVED: dict[tuple[bytes, bytes], bytes] = {}
_CIPHERS: dict[tuple[bytes, bytes], AESGCM] = {}


def key_file(settings: Settings) -> Path:
    """Where the office's key lies when it is kept beside the data."""
    return settings.folder("office") / "keys" / "office.key"


def root_file(settings: Settings) -> Path:
    """Where the office's root lies, wrapped under the office's key: one wrap a line, two while a rotation is under way."""
    return settings.folder("office") / "root.sealed"


def office_keyring(settings: Settings, *, make: bool = False) -> Keyring:
    """The office's keys, opened with CBI_OFFICE_KEY or the private file.

    make: write a new key and root where there are none. Raises UnsafeSettings when a key is absent, malformed, readable by others, or another's.
    """
    key = office_key(settings, make=make)
    path = root_file(settings)
    if not path.exists():
        if not make:
            raise UnsafeSettings(f"put the office's root back: there is none at {path}; it is part of every backup")
        _write_root(settings, [_wrap_root(key, os.urandom(_SIZE))])
    return Keyring(open_root(key, path.read_text("ascii")))


def open_root(key: bytes, wraps: str) -> bytes:
    """The root out of its wraps. Raises UnsafeSettings when the key is another office's."""
    for wrap in map(bytes.fromhex, wraps.split()):
        with contextlib.suppress(InvalidTag):
            return AESGCM(key).decrypt(wrap[:12], wrap[12:], b"root")
    raise UnsafeSettings("give the key this office was made with: the present one opens none of its records")


def rotate(settings: Settings) -> tuple[bytes, Path | None]:
    """Put a new key in the place of the old one; returns it, and where the old one was moved (None when it is kept elsewhere).

    A crash at any point leaves the office openable: the root is wrapped under both keys until the new one is in place.
    """
    old, path = office_key(settings), root_file(settings)
    root = open_root(old, path.read_text("ascii"))
    new = os.urandom(_SIZE)
    kept = None
    _write_root(settings, [_wrap_root(old, root), _wrap_root(new, root)])
    if settings.office_key is None:
        kept = _replace_key(key_file(settings), new)
    _write_root(settings, [_wrap_root(new, root)])
    return new, kept


def office_key(settings: Settings, *, make: bool = False) -> bytes:
    """The office's key itself, 32 bytes. Raises UnsafeSettings."""
    if settings.office_key is not None:
        return _from_hex(settings.office_key.get_secret_value(), "CBI_OFFICE_KEY")
    path = key_file(settings)
    if reads_as_the_room(settings):
        raise UnsafeSettings("give the room's process the office's key in CBI_OFFICE_KEY, or as systemd's credential cbi_office_key")
    if not path.exists():
        if not make:
            raise UnsafeSettings(f"put the office key back: there is none at {path}, and CBI_OFFICE_KEY is not set")
        write_key(path, os.urandom(_SIZE))
    _refuse_readable(path)
    return _from_hex(path.read_text("ascii").strip(), str(path))


def write_key(path: Path, raw: bytes) -> None:
    """Write a new key file with mode 0600; never over an existing one."""
    private_folder(path.parent)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(raw.hex() + "\n")


def _wrap_root(key: bytes, root: bytes) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, root, b"root")


def _write_root(settings: Settings, wraps: list[bytes]) -> None:
    path = root_file(settings)
    office_folder(settings)
    fresh = path.with_suffix(".new")
    fresh.write_text("".join(wrap.hex() + "\n" for wrap in wraps), "ascii")
    fresh.chmod(0o600)
    fresh.replace(path)
    share_records(settings)


def _replace_key(path: Path, new: bytes) -> Path:
    kept = next(name for number in range(1, 1000) if not (name := path.with_name(f"office.key.old-{number}")).exists())
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    write_key(fresh, new)
    kept.write_bytes(path.read_bytes())
    kept.chmod(0o600)
    fresh.replace(path)
    return kept


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
