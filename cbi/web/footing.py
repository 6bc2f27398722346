"""The footing strip: two sums that close to the last minor unit, or say by how much they do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tone = Literal["", "delivered", "open", "held", "aside"]
WIDTH = 1000
_GAP = 2
_THINNEST = 4


@dataclass(frozen=True, slots=True)
class Term:
    """One figure of a sum, with the word under it. minor: whole minor units.

    count: how many transfers or rows it is made of, where they are counted too.  href: the page that shows them.
    """

    minor: int
    label: str
    tone: Tone = ""
    count: int | None = None
    href: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One piece of the bar under a sum, in thousandths of its width."""

    x: int
    width: int
    tone: Tone


@dataclass(frozen=True, slots=True)
class Sum:
    """A whole and the parts it is made of: "instructed = delivered + open". Where its terms are counted, the counts close too."""

    heading: str
    whole: Term
    parts: tuple[Term, ...]

    @property
    def gap_minor(self) -> int:
        """What has no place yet; negative when the parts hold more than the whole."""
        return self.whole.minor - sum(part.minor for part in self.parts)

    @property
    def gap_count(self) -> int:
        """How many transfers or rows have no place yet; 0 where they are not counted."""
        if self.whole.count is None:
            return 0
        return self.whole.count - sum(part.count or 0 for part in self.parts)

    @property
    def closes(self) -> bool:
        """Whether the parts are the whole, to the minor unit and to the last row."""
        return self.gap_minor == 0 and self.gap_count == 0

    def bars(self) -> tuple[Bar, ...]:
        """The parts as widths, in order. What is not zero stays visible, so a small part is drawn a little too wide, never left out."""
        shown = [part for part in self.parts if part.minor > 0]
        free = WIDTH - _GAP * max(0, len(shown) - 1) - _THINNEST * len(shown)
        together = sum(part.minor for part in shown)
        bars: list[Bar] = []
        x = 0
        for part in shown:
            width = _THINNEST + part.minor * free // together
            bars.append(Bar(x, width, part.tone))
            x += width + _GAP
        return tuple(bars)


@dataclass(frozen=True, slots=True)
class Footing:
    """The strip of a preview, list or statement. It cannot be told that it foots: it adds up for itself.

    heading: what to say instead of the usual words.  note: rows read, counted, unreadable.
    unplaced: how many things stand in no sum at all, such as rows that could not be read; a strip with any does not foot.
    """

    currency: str
    sums: tuple[Sum, ...]
    heading: str = ""
    note: str = ""
    unplaced: int = 0

    @property
    def foots(self) -> bool:
        """Whether every sum closes and nothing stands beside them."""
        return not self.unplaced and all(one.closes for one in self.sums)

    @property
    def gap_minor(self) -> int:
        """The size of the first sum's gap that is not zero."""
        return next((abs(one.gap_minor) for one in self.sums if not one.closes), 0)
