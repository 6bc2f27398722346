"""Backups: one world's database and files in one sealed file, and back again.

The room's backup is not sealed a second time: everything in it that speaks of a person is sealed under the room's own key already,
which no process has while nobody is signed in.
"""

from __future__ import annotations

import io
import sqlite3
import tarfile
import tempfile
from pathlib import Path

import sqlalchemy as sa

from cbi.errors import Refused, UnsafeSettings
from cbi.paths import private_folder
from cbi.settings import Settings, World
from cbi.store.folders import office_folder, room_folder, share_records
from cbi.store.keys import Keyring, WrongKey, office_key, office_keyring, open_root, root_file

_MARKS: dict[World, bytes] = {"office": b"CBI-OFFICE-BACKUP-1\n", "protection": b"CBI-ROOM-BACKUP-1\n"}
# The database is copied by its own backup; keys stay where they are; the rest belongs to the running process only.
_LEFT_OUT = ("keys", "office.db", "protection.db", "clock.lock", "temporary", "jobs.db", "login-")


def backup(settings: Settings, world: World, out: Path) -> int:
    """Write one world to `out` (mode 0600); returns its size in bytes. Raises Refused for databases this cannot copy."""
    url = sa.make_url(settings.url(world))
    if url.get_backend_name() != "sqlite" or not url.database:
        raise Refused("back a PostgreSQL database up with pg_dump: this command copies SQLite only")
    folder = settings.folder(world)
    if not Path(url.database).exists():
        raise Refused(f"name a data folder that holds this world: there is no database in {folder}")
    packed = _packed(Path(url.database), folder)
    body = _sealed(settings, packed) if world == "office" else packed
    private_folder(out.parent) if not out.parent.exists() else None
    out.touch(mode=0o600)
    out.write_bytes(_MARKS[world] + body)
    return out.stat().st_size


def restore(settings: Settings, source: Path) -> World:
    """Put a backup back into an empty folder; returns which world it was. Raises Refused when it does not fit."""
    content = source.read_bytes()
    world = next((world for world, mark in _MARKS.items() if content.startswith(mark)), None)
    if world is None:
        raise Refused("choose a file that `cbi backup` made: this one is something else, or its beginning is damaged")
    folder = office_folder(settings) if world == "office" else room_folder(settings)
    if (folder / f"{world}.db").exists():
        raise Refused(f"choose an empty data folder: {folder} already holds records")
    body = content[len(_MARKS[world]) :]
    packed = _opened(settings, body) if world == "office" else body
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    share_records(settings)
    return world


def _packed(database: Path, folder: Path) -> bytes:
    buffer = io.BytesIO()
    with (
        tempfile.TemporaryDirectory(dir=private_folder(folder / "temporary")) as scratch,
        tarfile.open(fileobj=buffer, mode="w") as archive,
    ):
        copy = Path(scratch) / database.name
        with sqlite3.connect(database) as live, sqlite3.connect(copy) as still:
            live.backup(still)
        live.close()
        still.close()
        archive.add(copy, arcname=database.name)
        for path in sorted(folder.iterdir()):
            if not path.name.startswith(_LEFT_OUT):
                archive.add(path, arcname=path.name)
    return buffer.getvalue()


def _sealed(settings: Settings, packed: bytes) -> bytes:
    wraps = root_file(settings).read_bytes()
    return len(wraps).to_bytes(4, "big") + wraps + office_keyring(settings).wrap_file(packed)


def _opened(settings: Settings, body: bytes) -> bytes:
    size = int.from_bytes(body[:4], "big")
    try:
        root = open_root(office_key(settings), body[4 : 4 + size].decode("ascii"))
        return Keyring(root).unwrap_file(body[4 + size :])
    except (WrongKey, UnsafeSettings, ValueError) as wrong:
        raise Refused(
            "put the key this backup was made with in place first (the key file, or CBI_OFFICE_KEY): the present one does not open it"
        ) from wrong
