"""What stands around a table in a provider's report: letterheads, tags, bands, covers."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from reconciliation.cells import Moment, Value
from reconciliation.sheets import Merge
from tests.reconciliation.layouts.words import TOWNS

Said = Mapping[str, Sequence[str]]
_DEPTHS = (0, 0, 1, 3, 5, 8, 14, 40, 128)
_TAGS = {
    "reference": "#meta+id",
    "name": "#recipient+name",
    "phone": "#contact+phone",
    "amount": "#value+amount",
    "status": "#status",
    "date": "#date+paid",
}


def letterhead(said: Said, chooser: random.Random, *, sums: bool) -> list[list[Value]]:
    """Rows above a table, from none to 128: the provider's lines, gaps, small print and sometimes a little table of sums."""
    depth = chooser.choice(_DEPTHS)
    rows: list[list[Value]] = [_spread(text) for text in chooser.sample(said["letterhead"], min(depth, 4))]
    if depth > 8 and sums:
        rows += [[], *small_table(said, chooser), []]
    while len(rows) < depth:
        rows.append(chooser.choice([[], [], [f"{len(rows)}. {chooser.choice(said['letterhead'])}"]]))
    return [*rows[:depth], *([[]] if depth and chooser.random() < 0.5 else [])]


def _spread(text: str) -> list[Value]:
    label, colon, value = text.partition(": ")
    return [label + ":", None, value] if colon else [text]


def small_table(said: Said, chooser: random.Random) -> list[list[Value]]:
    """Counts by status, as stand above many reports."""
    return [
        [chooser.choice(said["status"]), "#", chooser.choice(said["amount"])],
        [said["paid"][0], 31.0, 217000.0],
        [said["failed"][0], 4.0, 28000.0],
    ]


def cover(said: Said, chooser: random.Random) -> list[list[Value]]:
    """A sheet before the report."""
    return [[said["letterhead"][0]], [], *small_table(said, chooser), [], [chooser.choice(said["footer"])]]


def dated(way: str, number: int, *, day_first: bool) -> Value:
    """A date of a column in one way of writing; the days tell the order apart."""
    day, clock = 10 + number % 18, f"{8 + number % 9:02}:{number % 60:02}"
    if way == "real":
        return Moment(f"2026-11-{day:02}T{clock}:00")
    if way == "named":
        return f"{day:02}-Nov-2026 {clock}"
    if way == "iso":
        return f"2026-11-{day:02} {clock}:00"
    return f"{day:02}/11/2026 {clock}" if day_first else f"11/{day:02}/2026 {clock}"


def two_rows(
    cues: Sequence[str], heads: Mapping[str, str], groups: Sequence[str], members: Mapping[str, set[str]], top: int
) -> tuple[list[Value], list[Value], list[Merge]]:
    """A heading of two rows: groups merged across their columns, single columns merged downwards."""
    upper: list[Value] = [None] * len(cues)
    lower: list[Value] = [heads[cue] for cue in cues]
    merges = []
    group_of = [
        "serial"
        if cue == "!serial"
        else "Recipient"
        if cue in members["Recipient"]
        else "Result"
        if cue in members["Result"]
        else "Payment"
        for cue in cues
    ]
    start = 0
    while start < len(cues):
        end = start
        while end + 1 < len(cues) and group_of[end + 1] == group_of[start]:
            end += 1
        if group_of[start] == "serial":
            upper[start], lower[start] = lower[start], None
            merges.append(Merge(top, start, top + 1, start))
        else:
            upper[start] = groups[["Recipient", "Payment", "Result"].index(group_of[start])]
            if end > start:
                merges.append(Merge(top, start, top, end))
        start = end + 1
    return upper, lower, merges


def under_the_heading(traits: set[str], cues: Sequence[str], currency: str) -> list[list[Value]]:
    """Tags, units and column numbers between a heading and its rows."""
    rows: list[list[Value]] = []
    if "tags" in traits:
        rows.append([_TAGS.get(cue, "#meta") for cue in cues])
    if "units" in traits:
        rows.append(
            [
                f"({currency})" if cue in {"amount", "debit", "credit", "!fee", "!balance"} else "(dd/mm/yyyy)" if cue == "date" else None
                for cue in cues
            ]
        )
    if "numbered" in traits:
        rows.append([f"({place + 1})" for place in range(len(cues))])
    return rows


def between(traits: set[str], heading: list[Value], chooser: random.Random) -> list[list[Value]]:
    """Blank rows, a band that names a place, the heading again after a page's end."""
    rows: list[list[Value]] = []
    if "bands" in traits:
        rows += [[], [chooser.choice(TOWNS)]]
    if "again" in traits and "two rows" not in traits:
        rows += [[], list(heading)]
    return rows
