"""One file to be read, and how it must end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.workbooks import plain

Read = list[tuple[str, int | None, str]]


class End(StrEnum):
    """How reading a file may end."""

    REFUSED = "one sentence"
    READ = "its rows"
    EITHER = "its rows or one sentence"


@dataclass(frozen=True, slots=True)
class Case:
    """A file, made at a path, and its end.

    rows: what read_payouts finds in it, when it must be exactly that.  says: words of the sentence that refuses it.
    problems: how many row problems the rows come with, where that is known.
    """

    name: str
    ending: str
    make: Callable[[Path], Path]
    end: End
    rows: Read | None = None
    says: str = ""
    problems: int | None = None
    password: str | None = None

    def __str__(self) -> str:
        return f"{self.name}{self.ending}"


def refused(name: str, ending: str, make: Callable[[Path], Path], says: str = "") -> Case:
    """A file that must end in one sentence."""
    return Case(name, ending, make, End.REFUSED, says=says)


def read(name: str, ending: str, make: Callable[[Path], Path], rows: Read | None = None, problems: int | None = None) -> Case:
    """A file that must be read: the plain table, unless other rows are given."""
    return Case(name, ending, make, End.READ, plain.READ if rows is None else rows, problems=problems)


def either(name: str, ending: str, make: Callable[[Path], Path]) -> Case:
    """A file of which nothing more can be asked than that it ends well."""
    return Case(name, ending, make, End.EITHER)
