"""A world that fell is started again while the other goes on; one that cannot be kept up ends both, and being told to stop ends all at once."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from cbi.cli import worlds
from cbi.cli.worlds import keep_up
from tests import make, make_room
from tests.ports import two_free_ports

QUICK = (0.01, 0.02, 0.04)
# What a world does at each of its starts: fall by a signal, end with a code, serve until it is stopped, or ask for the end of all.
# It falls when the other has begun, and asks for the end when the other has begun as often as it ever will.
_A_WORLD = """
import os, signal, sys, time
book, beside, often, *moments = sys.argv[1:]
with open(book, "a") as told:
    told.write(f"{os.getpid()}\\n")
moment = moments[min(sum(1 for _ in open(book)), len(moments)) - 1]
while moment != "serve" and (not os.path.exists(beside) or sum(1 for _ in open(beside)) < (int(often) if moment == "stop" else 1)):
    time.sleep(0.005)
if moment.isdigit():
    sys.exit(int(moment))
if moment.startswith("SIG"):
    os.kill(os.getpid(), signal.Signals[moment])
if moment == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if moment in {"stop", "deaf"}:
    os.kill(os.getppid(), signal.SIGTERM)
while True:
    signal.pause()
"""


@dataclass(frozen=True)
class Played:
    """A world that does what a test says, and the processes it had."""

    book: Path
    moments: tuple[str, ...]

    def command(self, beside: Played) -> list[str]:
        return [sys.executable, "-S", "-c", _A_WORLD, str(self.book), str(beside.book), str(len(beside.moments)), *self.moments]

    @property
    def started(self) -> list[int]:
        return [int(line) for line in self.book.read_text("utf-8").split()] if self.book.exists() else []

    def is_gone(self) -> bool:
        """No process is left, not even one that nobody waited for."""
        return not any(is_there(process) for process in self.started)


def is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def is_gone_soon(process: int) -> bool:
    """Whether it ended, and whoever started it noticed, given half a minute."""
    for _ in range(3000):
        if not is_there(process):
            return True
        time.sleep(0.01)
    return False


def played(tmp_path: Path, office: str, room: str) -> tuple[Played, Played]:
    return Played(tmp_path / "office", tuple(office.split())), Played(tmp_path / "room", tuple(room.split()))


def commands(office: Played, room: Played) -> dict[str, list[str]]:
    return {"office": office.command(room), "protection room": room.command(office)}


@pytest.mark.parametrize("fault", ["SIGKILL", "SIGBUS", "1"])
def test_a_world_that_falls_is_started_again_and_the_other_goes_on(tmp_path: Path, fault: str):
    office, room = played(tmp_path, f"{fault} stop", "serve")

    code = keep_up(commands(office, room), pauses=QUICK)

    assert code == 0
    assert len(office.started) == 2
    assert len(room.started) == 1
    assert office.is_gone()
    assert room.is_gone()


def test_a_room_that_falls_leaves_the_office_alone(tmp_path: Path):
    office, room = played(tmp_path, "serve", "SIGKILL SIGBUS stop")

    code = keep_up(commands(office, room), pauses=QUICK)

    assert (code, len(office.started), len(room.started)) == (0, 1, 3)


def test_both_may_fall(tmp_path: Path):
    office, room = played(tmp_path, "SIGKILL SIGKILL serve", "SIGBUS SIGKILL SIGKILL stop")

    code = keep_up(commands(office, room), pauses=QUICK)

    assert (code, len(office.started), len(room.started)) == (0, 3, 4)


def test_the_terminal_says_which_world_fell_how_and_when_it_is_tried_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    office, room = played(tmp_path, "SIGBUS 70 stop", "serve")

    keep_up(commands(office, room), pauses=QUICK)

    assert capsys.readouterr().err.splitlines() == [
        "The office ended by itself (SIGBUS). It is started again in 0.01 s; the other goes on.",
        "The office ended by itself (exit code 70). It is started again in 0.02 s; the other goes on.",
    ]


def test_a_world_that_can_never_start_ends_both_after_its_last_try(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    office, room = played(tmp_path, "serve", "1")

    code = keep_up(commands(office, room), pauses=QUICK)

    assert code == 1
    assert len(room.started) == len(QUICK) + 1
    assert len(office.started) == 1
    assert office.is_gone()
    assert capsys.readouterr().err.splitlines()[-1] == (
        "The protection room ended by itself (exit code 1), 4 times one after another. You need to put right what it says above, then serve again."
    )


def test_a_world_that_refuses_its_settings_at_the_start_ends_both_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    office, room = played(tmp_path, "2", "serve")

    code = keep_up(commands(office, room), pauses=QUICK)

    assert (code, len(office.started)) == (1, 1)
    assert room.is_gone()
    assert capsys.readouterr().err == ""  # the world itself said what to do


def test_a_refusal_after_a_fall_is_tried_again_because_what_it_left_behind_passes(tmp_path: Path):
    office, room = played(tmp_path, "SIGKILL 2 stop", "serve")

    code = keep_up(commands(office, room), pauses=QUICK)

    assert (code, len(office.started)) == (0, 3)


def test_a_world_that_was_up_for_long_is_forgiven_its_earlier_falls(tmp_path: Path):
    office, room = played(tmp_path, "SIGKILL SIGKILL SIGKILL SIGKILL stop", "serve")

    code = keep_up(commands(office, room), pauses=(0.01,), steady_seconds=0.0)

    assert (code, len(office.started)) == (0, 5)


def test_a_world_that_ends_as_if_it_was_asked_ends_both(tmp_path: Path):
    office, room = played(tmp_path, "serve", "SIGTERM")

    code = keep_up(commands(office, room), pauses=QUICK)

    assert (code, len(room.started)) == (0, 1)
    assert office.is_gone()


def test_a_world_that_does_not_stop_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(worlds, "_PATIENCE_SECONDS", 0.2)
    office, room = played(tmp_path, "deaf", "serve")

    code = keep_up(commands(office, room), pauses=QUICK)

    assert code == 1
    assert office.is_gone()


def test_a_computer_without_room_for_another_process_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    office, room = played(tmp_path, "stop", "serve")
    begin, tried = subprocess.Popen, []

    def full(command: list[str]) -> subprocess.Popen[bytes]:
        tried.append(command)
        if len(tried) == 1:
            raise BlockingIOError
        return begin(command)

    monkeypatch.setattr(subprocess, "Popen", full)

    assert keep_up(commands(office, room), pauses=QUICK) == 0
    assert len(office.started) == 1


def test_after_serving_ctrl_c_and_sigterm_mean_what_they_meant_before(tmp_path: Path):
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)

    keep_up(commands(*played(tmp_path, "stop", "serve")), pauses=QUICK)

    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_during_a_pause_stops_all_at_once(tmp_path: Path, asked: signal.Signals):
    office, room = played(tmp_path, "SIGKILL", "serve")
    keeper = f"import sys; from cbi.cli.worlds import keep_up; sys.exit(keep_up({commands(office, room)!r}, pauses=(3600.0,)))"
    with subprocess.Popen([sys.executable, "-c", keeper], stderr=subprocess.PIPE, text=True) as keeping:
        assert keeping.stderr is not None
        assert "started again in 3600 s" in keeping.stderr.readline()

        keeping.send_signal(asked)

        assert keeping.wait(timeout=30) == 0
    assert len(office.started) == 1
    assert room.is_gone()


@dataclass(frozen=True)
class Serving:
    """`cbi serve` of an office and its room, as a person starts it."""

    keeper: subprocess.Popen[str]
    port: int

    def process(self, world: str) -> int:
        """The process that serves a world now."""
        children = Path(f"/proc/{self.keeper.pid}/task/{self.keeper.pid}/children").read_text("utf-8").split()
        [found] = [child for child in children if f"\0{world}\0" in Path(f"/proc/{child}/cmdline").read_text("utf-8")]
        return int(found)

    def sees(self, world: str) -> bool:
        """Whether a browser gets the world's first page, given a minute."""
        path = f"{self.port}/sign-in" if world == "office" else f"{self.port + 1}/support/sign-in"
        for _ in range(240):
            try:
                with urlopen(f"http://127.0.0.1:{path}", timeout=30) as answer:
                    return b"<form" in answer.read()
            except OSError:
                assert self.keeper.poll() is None, "the command ended"
                time.sleep(0.25)
        return False


@contextmanager
def serving(folder: Path) -> Iterator[Serving]:
    port = two_free_ports()
    command = [sys.executable, "-m", "cbi", "serve", "--data", str(folder), "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as keeper:
        try:
            yield Serving(keeper, port)
        finally:
            keeper.terminate()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads in /proc which process serves which world")
def test_an_office_that_the_system_ends_serves_again_and_nobody_in_the_room_notices(tmp_path: Path):
    records = make.office(tmp_path)
    make_room.founded(records)
    records.close()
    with serving(tmp_path) as served:
        assert served.sees("office")
        assert served.sees("protection")
        fallen, room = served.process("office"), served.process("protection")

        os.kill(fallen, signal.SIGBUS)

        assert is_gone_soon(fallen)
        assert served.sees("office")
        assert served.process("office") != fallen
        assert served.process("protection") == room
        assert served.sees("protection")
        served.keeper.terminate()
        said = served.keeper.communicate(timeout=60)[1]
    assert served.keeper.returncode == 0
    assert re.search(r"^The office ended by itself \(SIGBUS\)\. It is started again in 1 s; the other goes on\.$", said, re.MULTILINE)
    assert not is_there(room)
    with socket.socket() as office_port, socket.socket() as room_port:
        for place, port in enumerate((office_port, room_port)):
            port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            port.bind(("127.0.0.1", served.port + place))
