"""Long lists a part at a time: no statement names more values than a database takes, and no act holds them all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

AT_ONCE = 500
_T = TypeVar("_T")


def in_parts(items: Sequence[_T], size: int = AT_ONCE) -> Iterator[Sequence[_T]]:
    """The items in their order, at most `size` at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))
