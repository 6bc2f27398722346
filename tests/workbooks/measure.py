"""Reads files one by one, each in a process of its own, and says how each ended, what it took, and whether it reached outside.

Run as `python -m tests.workbooks.measure`; one JSON request a line in, one answer a line out.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import time
import traceback
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Self

from reconciliation import cli, workbook
from reconciliation.cells import text_of
from reconciliation.profile import Profile, read_payouts
from reconciliation.sheets import PasswordNeeded, Sheets, UnreadableFile
from reconciliation.vocabulary import Field

_COLUMNS = {Field.REFERENCE: "Reference", Field.AMOUNT: "Amount", Field.STATUS: "Status"}
_OUTSIDE = (
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "urllib.Request",
    "ftplib.connect",
    "http.client.connect",
    "os.system",
    "os.exec",
)


@dataclass(slots=True)
class Ended:
    """How one file ended.

    sentence: what refused it.  rows: reference, minor units (None when unreadable) and outcome of every payout.  filled: rows that hold anything.
    code, said: of the command `look`.  broke: a traceback.  outside: what it tried to reach.  seconds: of a processor, in all its processes; waited: on the clock, which a busy machine makes long.  mib: of the largest process.
    """

    sentence: str = ""
    password: bool = False
    form: str = ""
    filled: int = 0
    hidden_rows: list[list[int]] = field(default_factory=list)
    rows: list[list[Any]] | None = None
    problems: list[list[str]] = field(default_factory=list)
    code: int = -1
    said: str = ""
    broke: str = ""
    outside: list[str] = field(default_factory=list)
    seconds: float = 0.0
    waited: float = 0.0
    mib: float = 0.0


class Measuring:
    """The other side: a running measuring process that is asked about one file at a time."""

    def __init__(self, *watched_by: str) -> None:
        """watched_by: a command that runs the measuring process and watches it."""
        here = Path(__file__).resolve().parents[2]
        self._process = subprocess.Popen(
            [*watched_by, sys.executable, "-m", "tests.workbooks.measure"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=here,
            env={**os.environ, "PYTHONPATH": str(here)},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def read(self, path: Path, password: str | None = None, *, rows: bool = True) -> Ended:
        """Read one file. rows: whether its payouts are wanted, by the headings Reference, Amount and, where there is one, Status."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([str(path), password, rows]) + "\n")
        self._process.stdin.flush()
        return Ended(**json.loads(self._process.stdout.readline()))


def _measured(path: Path, password: str | None, rows: bool) -> Ended:
    ours, theirs = os.pipe()
    started = time.monotonic()
    child = os.fork()
    if not child:
        os.close(ours)
        with os.fdopen(theirs, "w") as answer:
            answer.write(json.dumps(asdict(_read(path, password, rows))))
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as answer:
        told = answer.read()
    _, _, used = os.wait4(child, 0)  # of the child and of every reader it waited for
    ended = Ended(**json.loads(told)) if told else Ended(broke="it ended without an answer")
    ended.seconds, ended.waited, ended.mib = used.ru_utime + used.ru_stime, time.monotonic() - started, used.ru_maxrss / 1024
    return ended


def _read(path: Path, password: str | None, rows: bool) -> Ended:
    ended = Ended()
    sys.addaudithook(lambda event, _: ended.outside.append(event) if event.startswith(_OUTSIDE) else None)
    try:
        try:
            sheets: Sheets | UnreadableFile = workbook.open_rows(path, password)
        except UnreadableFile as refusal:
            sheets = refusal
        _look(path, sheets, ended)
        if isinstance(sheets, Sheets):
            ended.form, ended.filled = sheets.form, sum(sheet.filled() for sheet in sheets.sheets)
            ended.hidden_rows = [list(sheet.hidden_rows) for sheet in sheets.sheets]
            if rows:
                _payouts(sheets, ended)
        else:
            ended.sentence, ended.password = str(sheets), isinstance(sheets, PasswordNeeded)
    except BaseException:  # noqa: BLE001 - a traceback of any kind is what is looked for
        ended.broke = traceback.format_exc()
    return ended


def _look(path: Path, sheets: Sheets | UnreadableFile, ended: Ended) -> None:
    """Run the command on the file without reading it a second time."""

    def again(*_: object) -> Sheets:
        if isinstance(sheets, UnreadableFile):
            raise sheets
        return sheets

    workbook.open_rows = again
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        ended.code = cli.main(["look", str(path)])
    ended.said = err.getvalue() if ended.code == cli.WRONG_USE else out.getvalue()[:200]


def _payouts(sheets: Sheets, ended: Ended) -> None:
    names = {text_of(value) for sheet in sheets.visible() for row in sheet.rows[:6] for value in row}
    columns = {which: name for which, name in _COLUMNS.items() if name in names}
    if Field.AMOUNT not in columns:
        return
    try:
        read = read_payouts(sheets, Profile("", columns, decimal=".", thousands=","), "KES")
    except UnreadableFile as misfit:
        ended.said = str(misfit)
        return
    ended.rows = [[row.reference, row.amount.minor if row.amount else None, row.outcome.value] for row in read.payouts]
    ended.problems = [[problem.cell, problem.fix] for problem in read.problems]


def main(requests: IO[str], answers: IO[str]) -> None:
    """Answer every request."""
    for line in requests:
        path, password, rows = json.loads(line)
        answers.write(json.dumps(asdict(_measured(Path(path), password, rows))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(sys.stdin, sys.stdout)
