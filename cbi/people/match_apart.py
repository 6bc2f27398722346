"""Comparing everybody with everybody in a process of its own: its memory goes with it, and names pass through a pipe, never through a file."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from cbi.people.match_columns import Told
from cbi.people.match_model import STEPS, Aspect, Step

_AT_ONCE = 2_000


class ComparingEnded(Exception):
    """The process that compares ended before it was done."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people who may be one, by their places in what was handed over, and what was seen of each aspect."""

    left: int
    right: int
    weight: float
    steps: tuple[tuple[Aspect, Step], ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a comparison of everybody found. compared: how many pairs were looked at."""

    people: int
    compared: int
    pairs: tuple[Pair, ...]


def find_alike(people: Iterable[Told]) -> Outcome:
    """The pairs to put before somebody, of two households each. Raises ComparingEnded."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CBI_")}
    child = subprocess.Popen(  # our own interpreter and module, no shell
        [sys.executable, "-m", "cbi.people.match_apart"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=kept
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        for line in _lines(people):
            child.stdin.write(line)
        child.stdin.close()
        return _heard(child.stdout)
    except (BrokenPipeError, ValueError) as gone:
        raise ComparingEnded from gone
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            child.stdin.close()


def _lines(people: Iterable[Told]) -> Iterator[bytes]:
    chunk: list[Told] = []
    for person in people:
        chunk.append(person)
        if len(chunk) == _AT_ONCE:
            yield json.dumps(chunk, ensure_ascii=False).encode() + b"\n"
            chunk = []
    yield json.dumps(chunk, ensure_ascii=False).encode() + b"\n"


def _heard(answer: IO[bytes]) -> Outcome:
    """Read the child's answer: its counts, then a line for each pair. Raises ValueError when it is not whole."""
    counts = json.loads(answer.readline())
    pairs = tuple(_pair(json.loads(line)) for line in answer)
    if len(pairs) != counts["pairs"]:
        raise ValueError("the answer is not whole")
    return Outcome(counts["people"], counts["compared"], pairs)


def _pair(told: Sequence[float]) -> Pair:
    left, right, weight, *steps = told
    seen = tuple((aspect, STEPS[aspect][int(step)]) for aspect, step in zip(STEPS, steps, strict=True) if step >= 0)
    return Pair(int(left), int(right), weight, seen)


def main(asked: IO[bytes], answer: IO[bytes]) -> None:
    """The child: read everybody, compare, answer."""
    from cbi.people import match_blocks, match_columns, match_pairs
    from cbi.people.match_model import shipped

    columns = match_columns.columns_of(Told(*row) for line in asked for row in json.loads(line))
    left, right = match_blocks.candidates(columns)
    compared = match_pairs.compare(columns, left, right, shipped())
    found = match_pairs.one_to_one(columns, match_pairs.found(compared, shipped(), columns.count))
    counts = {"people": columns.count, "compared": len(left), "pairs": len(found.left)}
    answer.write(json.dumps(counts).encode() + b"\n")
    for place, steps in enumerate(found.steps.tolist()):
        told = [int(found.left[place]), int(found.right[place]), round(float(found.weight[place]), 2), *steps]
        answer.write(json.dumps(told).encode() + b"\n")


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
