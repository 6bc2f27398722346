"""What the office holds about a household, told back to it: each subject says its own part, and all of them look the same for everybody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from cbi.store.work import Reading


@dataclass(frozen=True, slots=True)
class HeldPart:
    """One heading with what stands under it. nothing: what is said in place of rows, so that the heading is there for every household.

    widths: parts of the whole, one a column.  aloud: read to the person, and printed only when the person asks for it on paper.
    """

    heading: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    nothing: str
    aloud: bool = False


Holder = Callable[[Reading, UUID], Sequence[HeldPart]]
