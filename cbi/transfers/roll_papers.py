"""A roll on paper: for the queue, numbers and codes to tick; for the counters, who collects and a box to sign or thumbprint."""

from __future__ import annotations

from collections.abc import Iterator

from cbi.store.work import Reading
from cbi.transfers.facts_rolls import RollKind
from cbi.transfers.rolls import Expected, Expecting, collectors
from cbi.web.filters import day as day_words
from cbi.web.filters import number
from cbi.web.marks import mark_words
from cbi.web.paper import Mark
from cbi.web.paper_roll import Column, Roll, RollPart, draw_roll
from cbi.web.words import _, _n

_HIGH = {RollKind.QUEUE: 8.0, RollKind.COUNTER: 16.0}
_SHORT = 16


def roll_paper(reading: Reading, roll: Expecting, kind: RollKind, *, office: str, language: str, right_to_left: bool) -> bytes:
    """The roll as a PDF. Names are opened only for counters, as they are drawn."""
    mark = _mark(roll)
    page = _("page %(page)s of %(pages)s", page="{page}", pages="{pages}")
    return draw_roll(
        Roll(
            title=_("Expected at the counters") if kind is RollKind.COUNTER else _("Expected in the queue"),
            office=office,
            facts=_facts(roll),
            columns=_columns(kind),
            parts=_at_counters(reading, roll) if kind is RollKind.COUNTER else iter((_queue(roll),)),
            high=_HIGH[kind],
            mark=mark,
            page_words=f"{mark.hash[:_SHORT]} · {page}",
            made_at=roll.list.released_at or reading.now,
            language=language,
            right_to_left=right_to_left,
        )
    )


def _facts(roll: Expecting) -> tuple[tuple[str, str], ...]:
    plan = roll.plan
    hours = _n("from %(opens)s, every minute", "from %(opens)s, every %(num)s minutes", plan.minutes, opens=plan.hour(0))
    return (
        (_("Place"), roll.day.site),
        (_("Day"), day_words(roll.day.day)),
        (_("Payment list"), roll.list.reference),
        (_("Lines"), number(len(roll.lines))),
        (_("Hours"), hours),
        (_("Counters"), number(plan.counters)),
        (_("At each counter"), _n("%(num)s household", "%(num)s households", plan.each)),
    )


def _columns(kind: RollKind) -> tuple[Column, ...]:
    common = (Column(_("No."), 2), Column(_("Hour"), 2), Column(_("Number"), 4), Column(_("Paper card"), 5, bold=True))
    if kind is RollKind.QUEUE:
        return (*common, Column(_("Counter"), 2), Column(_("Came"), 2, box=True))
    return (*common, Column(_("Who collects"), 6), Column(_("Signature or thumbprint"), 6, box=True))


def _queue(roll: Expecting) -> RollPart:
    lines = sorted(roll.lines, key=lambda line: (line.hour, line.place))
    return RollPart(_("Everybody, as they come"), ((*_cells(line), str(line.counter)) for line in lines))


def _at_counters(reading: Reading, roll: Expecting) -> Iterator[RollPart]:
    for counter, lines in roll.by_counter():
        rows = ((*_cells(line), name) for line, name in collectors(reading, lines))
        yield RollPart(_("Counter %(number)s", number=counter), rows)


def _cells(line: Expected) -> tuple[str, ...]:
    return (str(line.place), line.hour, line.number, line.token)


def _mark(roll: Expecting) -> Mark:
    return Mark(
        heading=_("The mark of this list"),
        sentence=_(
            "Two lists with the same eight words have the same lines. The audit trail keeps the mark of every list that was printed."
        ),
        words=tuple(mark_words(roll.hash)),
        hash=roll.hash.hex(),
        scanned=f"CBI {roll.list.reference} {roll.hash.hex()}",
    )
