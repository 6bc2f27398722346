"""Both worlds served, each by a process of its own: one that fell is started again while the other goes on.

What happens here is said on the operator's terminal and nowhere else: neither world learns how the other fares.
"""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from math import inf
from queue import Empty, SimpleQueue
from threading import Thread

from cbi.cli.common import say

# Seconds before each next try; whoever falls once more after the last is not started again.
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
# A world that was up for so long is forgiven its earlier falls.
STEADY_SECONDS = 60.0
_PATIENCE_SECONDS = 20.0
_ASKED = {0, -signal.SIGTERM, -signal.SIGINT}
_REFUSED = 2


@dataclass(eq=False)
class World:
    """One world and the process that serves it. due: when it is started again, while it is down; falls: one after another."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    begun: float = 0.0
    due: float = inf
    falls: int = 0
    new: bool = True


@dataclass(frozen=True)
class Ended:
    """A process ended by itself, with this exit code; below zero it is the signal that ended it."""

    world: World
    code: int


@dataclass(frozen=True)
class Stop:
    """Somebody asked for the end: Ctrl C, or SIGTERM."""


@dataclass
class _Keeper:
    worlds: tuple[World, ...]
    pauses: Sequence[float]
    steady_seconds: float
    news: SimpleQueue[Ended | Stop] = field(default_factory=SimpleQueue)

    def keep(self) -> int:
        """Serve until told to stop, or until a world cannot be kept up. Returns the exit code."""
        with _told_to_stop(self.news):
            try:
                for world in self.worlds:
                    self._start(world)
                code = None
                while code is None:
                    code = self._next()
            finally:
                unwilling = _stop(self.worlds)
        return 1 if unwilling else code

    def _next(self) -> int | None:
        """Wait for the next thing to happen, and answer it. Returns the exit code when it is the last."""
        first = min(self.worlds, key=lambda world: world.due)
        try:
            happened = self.news.get(timeout=None if first.due == inf else max(0.0, first.due - time.monotonic()))
        except Empty:
            self._start(first)
            return None
        if isinstance(happened, Stop) or happened.code in _ASKED:
            return 0
        return self._fell(happened.world, happened.code)

    def _start(self, world: World) -> None:
        world.due, world.begun = inf, time.monotonic()
        try:
            world.process = subprocess.Popen(world.command)  # noqa: S603 -- our own interpreter and arguments
        except OSError:  # no memory for one more process: that passes, like a fall
            self.news.put(Ended(world, 1))
            return
        Thread(target=self._watch, args=(world, world.process), daemon=True).start()

    def _watch(self, world: World, process: subprocess.Popen[bytes]) -> None:
        self.news.put(Ended(world, process.wait()))

    def _fell(self, world: World, code: int) -> int | None:
        """Have a fallen world started again after a pause. Returns the exit code when it is no use."""
        refused, world.process, world.new = world.new and code == _REFUSED, None, False
        if refused:
            return 1  # its own sentence already says what to do
        if time.monotonic() - world.begun >= self.steady_seconds:
            world.falls = 0
        fallen = f"The {world.name} ended by itself ({_how(code)})"
        if world.falls == len(self.pauses):
            say(f"{fallen}, {world.falls + 1} times one after another. You need to put right what it says above, then serve again.")
            return 1
        pause = self.pauses[world.falls]
        world.falls += 1
        world.due = time.monotonic() + pause
        with suppress(OSError):  # a terminal that is gone is no reason to stop the other
            say(f"{fallen}. It is started again in {pause:g} s; the other goes on.")
        return None


def keep_up(commands: Mapping[str, Sequence[str]], *, pauses: Sequence[float] = PAUSES, steady_seconds: float = STEADY_SECONDS) -> int:
    """Run a command for each named world until told to stop (Ctrl C, SIGTERM). Returns the exit code.

    A process that ends by a fault is started again after a pause that grows with each fall, and the others go on.
    All end, with 1, when one refuses its settings at its very first start, or falls once more after the longest pause;
    with 0, when one ends as if it had been asked to.
    """
    worlds = tuple(World(name, command) for name, command in commands.items())
    return _Keeper(worlds, pauses, steady_seconds).keep()


@contextmanager
def _told_to_stop(news: SimpleQueue[Ended | Stop]) -> Iterator[None]:
    """Ctrl C and SIGTERM become news like any other, so that neither can come between starting a process and knowing it."""
    asked = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(one, lambda *_: news.put(Stop())) for one in asked]
    try:
        yield
    finally:
        for one, handler in zip(asked, before, strict=True):
            signal.signal(one, handler)


def _stop(worlds: Sequence[World]) -> bool:
    """End every process that runs, and wait for it. Returns whether one had to be killed, or ended by a fault meanwhile."""
    running = [world.process for world in worlds if world.process is not None]
    for process in running:
        process.terminate()
    unwilling = False
    for process in running:
        try:
            unwilling |= process.wait(_PATIENCE_SECONDS) not in _ASKED
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            unwilling = True
    return unwilling


def _how(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
