"""Says whether the offices of two worlds can be told apart, in a process of its own: so that a source tree with a leak in it can be tried.

    python -m tests.promises.detect SMALL_OFFICE KNOWN ADDRESSES FOLDER

It stops at the first difference, having looked at the cheapest things first.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from pathlib import Path

from tests.conftest import pytest_configure
from tests.promises.small_office import Known
from tests.promises.twins import Twins, a_long_day, one_of_each, twins

MOST_TOLD = 5


def main(small: Path, known: Path, addresses: Path, folder: Path) -> None:
    """Print as JSON where it was seen, and what."""
    pytest_configure()
    told = [(seat, url) for seat, url in json.loads(addresses.read_text("utf-8"))]
    with twins(small, Known.kept(known), folder) as pair:
        print(json.dumps(seen(pair, told)))  # noqa: T201 -- a program of its own


def seen(pair: Twins, addresses: list[tuple[str, str]]) -> dict[str, object]:
    """What tells the two apart: {} when nothing does."""
    looks: dict[str, Callable[[], None]] = {
        "what the office answered and wrote into its log": lambda: a_long_day(pair),
        "what it keeps": pair.look_at_what_is_kept,
        "each route, as somebody": lambda: pair.look(one_of_each(pair.left, addresses, random.Random(3))),
        "every route, as everybody": pair.look_at_everything,
    }
    for where, look in looks.items():
        look()
        if pair.compared.differing:
            return {"where": where, "differing": pair.compared.differing[:MOST_TOLD]}
    return {}


if __name__ == "__main__":
    main(*(Path(given) for given in sys.argv[1:]))
