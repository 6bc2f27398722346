"""Two deployments: office and room under two system users, for real. No account is made: the kernel asks for numbers only."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.cookiejar import CookieJar
from pathlib import Path

import pyotp
import pytest

from tests import make, make_room

OFFICE, ROOM, STRANGER, RECORDS = 61001, 61002, 61003, 61010
HERE = Path(__file__).resolve().parents[3]
# What the office opens to the group; everything else of its folder is its own.
SHARED = {"office.db", "office.db-wal", "office.db-shm", "root.sealed"}

pytestmark = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0,
    reason="needs root, to start processes as two other users (in a container, for example)",
)


@dataclass
class Machine:
    """A computer with two users. key: the office's, which lies on no disk."""

    data: Path
    python: str
    key: str = "5a" * 32
    at: datetime = make.NOW
    served: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def environment(self, **more: str) -> dict[str, str]:
        return {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": os.pathsep.join([str(HERE), *(place for place in sys.path if place.endswith("-packages"))]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "CBI_DATA": str(self.data),
            "CBI_OFFICE_KEY": self.key,
            "CBI_OFFICE_GROUP": str(RECORDS),
            "CBI_CLOCK": self.at.isoformat(),
        } | more

    def run(self, user: int, *command: str, groups: tuple[int, ...] = (RECORDS,), **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.python, "-m", *command],
            user=user,
            group=user,
            extra_groups=groups,
            cwd="/",
            env=self.environment(**more),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def step(self, user: int, *step: str):
        done = self.run(user, "tests.cbi.cli.apart", *step)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout)

    def serve(self, user: int, world: str) -> str:
        """Serve a world until the test is over; returns its address."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [self.python, "-m", "cbi", "serve", "--world", world, "--port", str(port)]
        self.served.append(
            subprocess.Popen(
                command,
                user=user,
                group=user,
                extra_groups=(RECORDS,),
                cwd="/",
                env=self.environment(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        return f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        for one in self.served:
            one.terminate()
        for one in self.served:
            one.wait(timeout=30)

    def files(self, world: str) -> list[Path]:
        return sorted(path for path in (self.data / world).rglob("*"))


def interpreter() -> str | None:
    """A Python of this version that another user may start: root's own may lie in root's home."""
    plain = f"python3.{sys.version_info.minor}"
    for place in (sys.executable, f"/usr/local/bin/{plain}", f"/usr/bin/{plain}"):
        try:
            tried = subprocess.run([place, "-c", ""], user=STRANGER, group=STRANGER, extra_groups=(), cwd="/", check=False)
        except OSError:
            continue
        if tried.returncode == 0:
            return place
    return None


@contextmanager
def a_machine() -> Iterator[Machine]:
    """The folders as docs/deploy.md makes them."""
    python = interpreter()
    if python is None or not all(place.stat().st_mode & stat.S_IXOTH for place in HERE.parents):
        pytest.skip("needs a Python and a checkout that other users of this computer may read")
    data = Path(tempfile.mkdtemp(prefix="two-users-"))
    data.chmod(0o755)
    for name, user in (("office", OFFICE), ("room", ROOM)):
        (data / name).mkdir(mode=0o700)
        os.chown(data / name, user, user)
    made = Machine(data, python)
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(data)


@pytest.fixture
def machine() -> Iterator[Machine]:
    """Two users, and nothing of theirs yet."""
    with a_machine() as made:
        yield made


class Browser:
    """A browser at a served world."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.opener.addheaders = [("Origin", address)]

    def see(self, path: str, fields: dict[str, str] | None = None) -> str:
        sent = urllib.parse.urlencode(fields).encode() if fields else None
        return self.opener.open(self.address + path, sent, timeout=30).read().decode()

    def wait(self, path: str) -> str:
        for _ in range(120):
            try:
                return self.see(path)
            except OSError:
                time.sleep(0.25)
        pytest.fail(f"nothing is served on {self.address}")


def code(secret: str, step: int) -> str:
    """One of the three codes that are good around one instant."""
    return pyotp.TOTP(secret).at(int(make.NOW.timestamp()) + 30 * step)


def test_a_letter_and_an_arrangement_go_between_two_users_of_whom_the_office_opens_nothing_of_the_room(machine: Machine):
    household = machine.step(OFFICE, "found_the_office")["household"]
    totp = machine.step(ROOM, "found_the_room")["totp"]
    machine.key = machine.step(OFFICE, "change_the_key")["key"]
    office, room = (Browser(machine.serve(user, world)) for user, world in ((OFFICE, "office"), (ROOM, "protection")))
    assert "Sign in" in office.wait("/sign-in")
    page = room.wait("/support/sign-in")
    machine.step(OFFICE, "seal_a_letter", household)

    hidden = make.hidden_fields(page, "/support/sign-in")
    opened = room.see("/support/sign-in", {**hidden, "name": "t.halfmoon", "passphrase": make_room.PASSPHRASE, "code": code(totp, -1)})
    decided = machine.step(ROOM, "decide", code(totp, 0))
    machine.at = make.NOW + timedelta(hours=4)
    published = machine.step(OFFICE, "publish", household)

    assert "Sign in to support" not in opened
    assert decided == {"told": make_room.TALK_TODAY, "sent": 1, "key_fits": True}
    assert published == {"parts": 3}
    kept = machine.files("room")
    assert {"protection.db", "protection.db-wal", "room.log"} <= {path.name for path in kept}
    everything = [str(path) for path in (machine.data / "room", *kept)]
    assert machine.step(OFFICE, "opens", *everything) == []
    assert machine.step(STRANGER, "opens", *everything) == []
    assert machine.step(ROOM, "opens", *everything) == everything


@pytest.fixture(scope="module")
def ready() -> Iterator[Machine]:
    """Both worlds founded, for tests that only look."""
    with a_machine() as made:
        made.step(OFFICE, "found_the_office")
        made.step(ROOM, "found_the_room")
        yield made


def test_of_the_office_the_room_opens_the_records_and_nothing_else(ready: Machine):
    assert ready.run(OFFICE, "cbi", "backup", str(ready.data / "office" / "kept" / "office.cbi")).returncode == 0
    Browser(ready.serve(OFFICE, "office")).wait("/sign-in")

    kept = [str(path) for path in ready.files("office")]
    opened = {Path(path).name for path in ready.step(ROOM, "opens", *kept)}

    assert {"upload.sealed", "clock.lock", "office.cbi", "jobs.db"} <= {Path(path).name for path in kept}
    assert opened == SHARED
    assert ready.run(STRANGER, "tests.cbi.cli.apart", "opens", *kept, groups=()).stdout == "[]"


def test_the_room_takes_nothing_of_the_offices_away(ready: Machine):
    folder = ready.data / "office"

    tried = subprocess.run(
        ["/bin/mv", str(folder / "files"), str(folder / "gone")],
        user=ROOM,
        group=ROOM,
        extra_groups=(RECORDS,),
        check=False,
        capture_output=True,
    )

    assert tried.returncode != 0
    assert (folder / "files" / "upload.sealed").exists()


def refusal(machine: Machine, user: int, *command: str, groups: tuple[int, ...] = (RECORDS,), **more: str) -> str:
    done = machine.run(user, "cbi", *command, groups=groups, **more)
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize(("mode", "said"), [(0o3775, "to everybody else"), (0o700, "start the office first")])
def test_an_office_folder_with_unsafe_permissions_keeps_the_room_closed(ready: Machine, mode: int, said: str):
    (ready.data / "office").chmod(mode)
    try:
        assert said in refusal(ready, ROOM, "room", "officer", "add", "b.driftwood", "--called", "Bo Driftwood")
    finally:
        (ready.data / "office").chmod(0o3770)


@pytest.mark.parametrize(
    ("user", "command", "more", "said"),
    [
        (OFFICE, ("serve", "--world", "protection", "--port", "18099"), {}, "run this as the room's own user"),
        (0, ("serve", "--world", "office", "--port", "18099"), {}, "run each world as its own user"),
        (OFFICE, ("serve",), {}, "serve each world by itself"),
        (OFFICE, ("doctor",), {"groups": ()}, "make this user a member"),
        (OFFICE, ("doctor",), {"CBI_OFFICE_GROUP": "nobody-has-this-name"}, "name a group that exists"),
        (ROOM, ("doctor",), {"CBI_OFFICE_GROUP": ""}, "run this as the user who keeps"),
        (ROOM, ("doctor",), {"CBI_OFFICE_KEY": ""}, "give the room's process the office's key"),
    ],
)
def test_a_wrong_user_group_or_key_is_answered_in_a_sentence(ready: Machine, user: int, command: tuple[str, ...], more, said: str):
    assert said in refusal(ready, user, *command, **more)


def test_a_data_folder_others_may_write_in_keeps_both_closed(ready: Machine):
    ready.data.chmod(0o777)
    try:
        assert "to root and let nobody else write" in refusal(ready, OFFICE, "doctor")
    finally:
        ready.data.chmod(0o755)
