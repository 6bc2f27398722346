"""Whose folder is whose: each world's is its own, and of the office's only the records are open to the room, through a group both users are in.

Nothing is shared by accident: every process writes with umask 0077, and `share_records` names the files that are opened to the group.
"""

from __future__ import annotations

import os
from pathlib import Path

from cbi.errors import UnsafeSettings
from cbi.paths import private_folder
from cbi.settings import Settings

# Files of the folder keep its group; SQLite of either user may make its log there; nobody removes or renames what is not theirs.
SHARED_FOLDER = 0o3770
_RECORDS = 0o660  # SQLite gives its -wal and -shm the mode of the database
_ROOT = 0o640
_OTHERS = 0o007
_NOT_ONLY_OWNER = 0o022
_ANYBODY_ELSE = 0o077


def office_folder(settings: Settings) -> Path:
    """The office's folder with the permissions it must have: closed to all others, or open to the group both worlds share.

    The office's own user puts them right; the room's user only looks. Raises UnsafeSettings when they are unsafe.
    """
    folder = settings.folder("office")
    if settings.office_group is None:
        return own_folder(folder)
    _refuse_root()
    _refuse_loose(settings.data)
    group = _group_id(settings.office_group)
    if is_ours(folder):
        _open_to(folder, group)
    else:
        _refuse_unsafe(folder, group)
    return folder


def room_folder(settings: Settings) -> Path:
    """The room's folder, closed to everybody but the room's own user. Raises UnsafeSettings, also when the office's user would be the same."""
    if settings.office_group is not None:
        _refuse_root()
        _refuse_loose(settings.data)
        office = settings.folder("office")
        if office.exists() and is_ours(office):
            raise UnsafeSettings(
                "run this as the room's own user (docs/deploy.md): this one keeps the office, which must not open the room"
            )
    return own_folder(settings.folder("protection"))


def own_folder(folder: Path) -> Path:
    """The folder, made if need be, closed to all others. Raises UnsafeSettings when it is somebody else's."""
    try:
        return private_folder(folder)
    except PermissionError as theirs:
        raise UnsafeSettings(
            f"run this as the user who keeps {folder}, or set CBI_OFFICE_GROUP where the two worlds have users of their own (docs/deploy.md)"
        ) from theirs


def share_records(settings: Settings) -> None:
    """Open the records, and nothing else of the folder, to the group that both worlds share. Nothing to do without one, or for the room."""
    folder = settings.folder("office")
    if settings.office_group is None or not is_ours(folder):
        return
    for name, mode in (("office.db", _RECORDS), ("office.db-wal", _RECORDS), ("office.db-shm", _RECORDS), ("root.sealed", _ROOT)):
        path = folder / name
        if path.exists() and is_ours(path):
            path.chmod(mode)


def reads_as_the_room(settings: Settings) -> bool:
    """Whether this process reads the office's records as the other user of the group: the room's."""
    return settings.office_group is not None and not is_ours(settings.folder("office"))


def is_ours(path: Path) -> bool:
    """Whether this process's user keeps it, or nobody yet."""
    return os.name != "posix" or not path.exists() or path.stat().st_uid == os.geteuid()


def _open_to(folder: Path, group: int) -> None:
    # Who is no member may still set the mode, but the kernel drops the group's bit without a word.
    if group not in {os.getegid(), *os.getgroups()}:
        raise UnsafeSettings("make this user a member of the group in CBI_OFFICE_GROUP (usermod --append --groups): it is not one now")
    folder.mkdir(mode=0o700, exist_ok=True)
    os.chown(folder, -1, group)
    folder.chmod(SHARED_FOLDER)


def _refuse_unsafe(folder: Path, group: int) -> None:
    found = folder.stat()
    if found.st_mode & _OTHERS:
        raise UnsafeSettings(
            f"close {folder} to everybody else (chmod o= {folder}): any user of this computer reaches the office's records"
        )
    if found.st_gid != group or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise UnsafeSettings(
            f"start the office first with the same CBI_OFFICE_GROUP, and make this user a member of that group: {folder} is not open to it"
        )


def _refuse_root() -> None:
    if os.geteuid() == 0:
        raise UnsafeSettings("run each world as its own user and not as root: root reads every folder, and what it writes the users cannot")


def _refuse_loose(data: Path) -> None:
    # Whoever may rename what is in it could put a folder of their own in the room's place.
    if not data.is_dir() or data.stat().st_uid != 0 or data.stat().st_mode & _NOT_ONLY_OWNER:
        raise UnsafeSettings(f"give {data} to root and let nobody else write in it (chown root {data}; chmod 755 {data})")


def _group_id(name: str) -> int:
    if os.name != "posix":
        raise UnsafeSettings("take CBI_OFFICE_GROUP away: two users are kept apart on Linux only")
    import grp

    try:
        return int(name) if name.isdigit() else grp.getgrnam(name).gr_gid
    except KeyError as unknown:
        raise UnsafeSettings(f"name a group that exists in CBI_OFFICE_GROUP: there is none called {name}") from unknown


def stands_apart(settings: Settings) -> bool:
    """Whether the operating system keeps the room from the office too: its folder belongs to another user and is closed to everybody else."""
    office, room = settings.folder("office").stat(), settings.folder("protection").stat()
    return os.name == "posix" and office.st_uid != room.st_uid and not room.st_mode & _ANYBODY_ELSE
