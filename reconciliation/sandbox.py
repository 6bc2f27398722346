"""Reads a file in a child process with limits on time, memory and files, so that the worst file ends in one sentence."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from reconciliation import wire
from reconciliation.sheets import PasswordNeeded, UnreadableFile

_SECONDS = 8.0
_SECONDS_PER_MB = 1.5
_FREE_MB = 2.0
_MEMORY, _MEMORY_PER_BYTE, _MOST_MEMORY = 448 * 1024**2, 20, 1536 * 1024**2
_ANSWER, _ANSWER_PER_BYTE = 64 * 1024**2, 8
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_FRAME = struct.Struct("<cI")
_SAID, _ROWS = b"j", b"r"
_LONGEST = 2 * wire.MOST_BYTES
_LARGE = 4 * 1024**2
_MOST_WAITING = 96 * 1024**2
_MARKED = "marked.xlsx"
_LARGEST_COPY = 1024**3
_TOO_LARGE = "split the file into smaller ones: it unfolds to far more than it is"
_TOO_LONG = "split the file, or save it as .xlsx again: reading it took too long"
ENDED = "open it in a spreadsheet program, save it as .xlsx and send that: this one could not be read to its end"


class _Died(UnreadableFile):
    """The child ended without saying why, before its time was over."""


def seconds_for(path: Path) -> float:
    """How long a reader may work on a file: 8 seconds, and more for each megabyte over two."""
    return _SECONDS + max(0.0, _size(path) / 1024**2 - _FREE_MB) * _SECONDS_PER_MB


def memory_for(path: Path) -> int:
    """How many bytes a reader may ask for: 448 MiB, and more for a large file, as an honest one unfolds to some twenty times its size at most."""
    return min(_MEMORY + _MEMORY_PER_BYTE * _size(path), _MOST_MEMORY)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


class Wanted:
    """Whether a file is still to be read: the child that reads it is ended when it is not."""

    def __init__(self) -> None:
        self._lock, self._child, self._over = threading.Lock(), list[subprocess.Popen[bytes]](), False

    def by(self, child: subprocess.Popen[bytes]) -> None:
        """Name the child that reads it now."""
        with self._lock:
            self._child = [child]
            if self._over:
                child.kill()

    def end(self) -> None:
        """It is wanted no more."""
        with self._lock:
            self._over = True
            for child in self._child:
                child.kill()


def messages(
    path: Path, password: str | None, *, seconds: float | None = None, wanted: Wanted | None = None
) -> Iterator[Any]:  # Any: decoded JSON, or bytes for a batch of rows, as workbook.read_here makes them
    """What the child reads, message by message. Raises UnreadableFile when the file, or the child, ends badly.

    The path and the password go through a pipe, never through the command line that others can list.
    """
    wanted = wanted or Wanted()
    limit = seconds_for(path) if seconds is None else seconds
    request: dict[str, Any] = {"path": str(path.absolute()), "password": password, "seconds": limit}
    rows_came = False
    if _size(path) >= _LARGE:
        try:
            for message in _ask({**request, "at_once": True}, wanted=wanted):
                rows_came = isinstance(message, bytes) or (rows_came and "again" not in message)
                yield message
        except _Died:
            if rows_came:
                raise
        else:
            return
        request["closely"] = True  # a large file that ends its reader is looked through first, to tell what is wrong with it
    yield from _ask(request, wanted=wanted)


@contextlib.contextmanager
def begun(path: Path, password: str | None) -> Iterator[Iterator[Any]]:
    """The messages of a child that begins at once and reads on while nobody listens yet; it is ended when it is not listened to at the end."""
    wanted, waiting = Wanted(), Waiting(_MOST_WAITING)
    listening = threading.Thread(target=waiting.fill, args=(messages(path, password, wanted=wanted),))
    listening.start()
    try:
        yield iter(waiting)
    finally:
        wanted.end()
        waiting.leave()
        listening.join()


class Waiting:
    """Messages that came before they were asked for, up to so many bytes of rows; whoever brings more waits."""

    def __init__(self, room: int) -> None:
        self._room, self._held = room, 0
        self._messages: deque[Any] = deque()
        self._changed = threading.Condition()
        self._ended: BaseException | bool = False
        self._left = False

    def fill(self, messages: Iterator[Any]) -> None:
        """Take every message, and how they end: it is told to the one who listens."""
        ended: BaseException | bool = True
        try:
            for message in messages:
                if not self._take(message):
                    break
        except BaseException as raised:  # noqa: BLE001 -- it is raised again where it is heard
            ended = raised
        with self._changed:
            self._ended = ended
            self._changed.notify_all()

    def _take(self, message: object) -> bool:
        size = len(message) if isinstance(message, bytes) else 0
        with self._changed:
            self._changed.wait_for(lambda: self._left or not self._messages or self._held + size <= self._room)
            self._messages.append(message)
            self._held += size
            self._changed.notify_all()
        return not self._left

    def __iter__(self) -> Iterator[Any]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._messages or self._ended)
                if not self._messages:
                    break
                message = self._messages.popleft()
                self._held -= len(message) if isinstance(message, bytes) else 0
                self._changed.notify_all()
            yield message
        if isinstance(self._ended, BaseException):
            raise self._ended

    def leave(self) -> None:
        """Nobody listens any more."""
        with self._changed:
            self._left = True
            self._changed.notify_all()


def mark(path: Path, marks: list[tuple[str, int, int, str]], header_rows: dict[str, int], out: Path, headings: tuple[str, ...]) -> None:
    """Write a copy of an xlsx with cells marked (sheet, row from 1, column from 0, reason), opened and saved by the child. Raises UnreadableFile."""
    request: dict[str, Any] = {
        "path": str(path.absolute()),
        "marks": marks,
        "header_rows": header_rows,
        "headings": headings,
        "seconds": 10 * seconds_for(path),
    }
    for _ in _ask(request, out):
        pass


def unlock(path: Path, password: str, out: Path) -> bool:
    """Write a copy of a protected workbook without its password; False, and no copy, when it has none. Raises PasswordNeeded, UnreadableFile."""
    request: dict[str, Any] = {"path": str(path.absolute()), "password": password, "unlock": True, "seconds": seconds_for(path)}
    return all(message["unlocked"] for message in _ask(request, out))


def _ask(request: dict[str, Any], out: Path | None = None, wanted: Wanted | None = None) -> Iterator[Any]:
    limit = float(request["seconds"])
    # Made 0700, removed with whatever a reader left in it.  A copy is made where it is wanted: what a kill leaves is then found with the rest.
    with tempfile.TemporaryDirectory(prefix="read-", dir=out.absolute().parent if out else None) as folder:
        child = _start(folder, request)
        if wanted:
            wanted.by(child)
        late = threading.Event()
        watch = threading.Timer(limit + max(0.0, limit - _SECONDS), _end, (child, late))  # a large file may wait for a busy processor
        watch.start()
        try:
            yield from _listen(child, late)
            if out:
                shutil.copyfile(Path(folder) / _MARKED, out)
        finally:
            watch.cancel()
            child.kill()
            child.wait()
            assert child.stdout is not None
            child.stdout.close()


def _start(folder: str, request: dict[str, object]) -> subprocess.Popen[bytes]:
    here = str(Path(__file__).resolve().parent.parent)
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG", "VIRTUAL_ENV") if name in os.environ}
    child = subprocess.Popen(  # our own interpreter and module, no shell
        [sys.executable, "-X", "utf8", "-c", "from reconciliation.sandbox import answer; answer()"],  # by -m it would be loaded twice
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env={**kept, "PYTHONPATH": here, "TMPDIR": folder, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert child.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        child.stdin.write(json.dumps(request).encode())
        child.stdin.close()
    return child


def _end(child: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    child.kill()


def _listen(child: subprocess.Popen[bytes], late: threading.Event) -> Iterator[Any]:
    assert child.stdout is not None
    for kind, content in _frames(child.stdout):
        if kind == _ROWS:
            yield content
            continue
        try:
            message = json.loads(content)
        except ValueError:
            break
        if isinstance(message, dict) and "end" in message:
            return
        if isinstance(message, dict) and "fix" in message:
            raise (PasswordNeeded if message.get("password") else UnreadableFile)(str(message["fix"]))
        yield message
    raise UnreadableFile(_TOO_LONG) if late.is_set() else _Died(ENDED)


def _frames(stream: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Messages as the child frames them, up to the first that is cut short or longer than any honest one."""
    while len(head := stream.read(_FRAME.size)) == _FRAME.size:
        kind, length = _FRAME.unpack(head)
        content = stream.read(length) if length <= _LONGEST else b""
        if len(content) != length:
            return
        yield kind, content


def _answer_all(stream: IO[bytes], messages: Iterable[object], room: int) -> None:
    """Send what a file holds, up to so many bytes: one long text can stand in a million cells, and the parent would hold them all."""
    left = room
    for message in messages:
        left -= _answer(stream, message)
        if isinstance(message, dict) and "again" in message:
            left = room  # the parent let go of what came before
        if left < 0:
            raise UnreadableFile(_TOO_LARGE)


def _answer(stream: IO[bytes], message: object) -> int:
    """Send a message, and answer how long it was."""
    content = message if isinstance(message, bytes) else json.dumps(message).encode()
    stream.write(_FRAME.pack(_ROWS if isinstance(message, bytes) else _SAID, len(content)))
    stream.write(content)
    return len(content)


def main(request: IO[bytes], answer: IO[bytes]) -> None:
    """The child: take away what a reader does not need, read, and answer with messages in JSON and batches of rows."""
    gc.disable()  # it makes many objects, drops them all, and is gone soon
    asked = json.loads(request.read())
    writes = "marks" in asked or "unlock" in asked
    path = Path(asked["path"])
    _limit(float(asked["seconds"]), _LARGEST_COPY if writes else 0, _MOST_MEMORY if writes else memory_for(path))
    from reconciliation import workbook

    try:
        if "unlock" in asked:
            unlocked = workbook.unlock_here(path, asked["password"], Path(_MARKED))
            _answer(answer, {"unlocked": unlocked})
        elif writes:
            from reconciliation import report

            report.mark_here(path, asked["marks"], asked["header_rows"], Path(_MARKED), asked["headings"])
        else:
            how = {"at_once": "at_once" in asked, "straight": "closely" not in asked}
            _answer_all(answer, workbook.read_here(path, asked["password"], **how), _ANSWER + _ANSWER_PER_BYTE * _size(path))
        _answer(answer, {"end": True})
    except UnreadableFile as refusal:
        _answer(answer, {"fix": refusal.fix, "password": isinstance(refusal, PasswordNeeded)})
    answer.flush()


def _limit(seconds: float, file_size: int, memory: int) -> None:
    _without_network()
    try:
        import resource
    except ImportError:  # Windows: the parent's clock still ends the child
        return
    _lower(resource.RLIMIT_CPU, int(seconds) + 2)
    _lower(resource.RLIMIT_AS, memory)
    _lower(resource.RLIMIT_FSIZE, file_size)
    _lower(resource.RLIMIT_CORE, 0)


def _lower(kind: int, value: int) -> None:
    import resource

    hard = resource.getrlimit(kind)[1]
    ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (ceiling, ceiling))


def _without_network() -> None:
    # A network of its own has no way out. Where the system does not allow one, the reader still never opens a connection.
    with contextlib.suppress(OSError, AttributeError):
        uid, gid = os.getuid(), os.getgid()
        if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
            Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def answer() -> None:
    """What the child does: it is asked on its standard input."""
    main(sys.stdin.buffer, sys.stdout.buffer)
