"""The recovery sheet as a page to print: eighteen groups to type, the same for a camera, and what to do with it."""

from __future__ import annotations

from cbi.protection.setup import Founded
from cbi.store.records import Operation
from cbi.web.filters import day, in_zone
from cbi.web.marks import mark_words
from cbi.web.paper import Mark, Note, Paper, Table
from cbi.web.words import _

_A_LINE = 6


def paper_of(founded: Founded, operation: Operation) -> Paper:
    """The sheet of a room that was just made, or of one whose lead was brought back. It names no person."""
    with in_zone(operation.zone):
        made = str(day(founded.at))
    return Paper(
        title=_("Recovery sheet"),
        office=operation.name,
        facts=((_("Made on"), made), (_("The letter box's key"), " ".join(mark_words(founded.fingerprint)))),
        parts=(
            Note((_("Whoever holds this sheet opens the protection room."),), strong=True),
            Note(
                (
                    _("Seal it in an envelope, sign over the seal, and give it to somebody who is not the lead and not in this office."),
                    _(
                        "Needed when a lead lost passphrase or telephone (cbi room officer reset --recovery), or as second person for a new officer."
                    ),
                    _(
                        "Delete the file this was printed from. Once a lead was brought back with it, the sheet opens nothing and another takes its place."
                    ),
                )
            ),
            _groups(founded.sheet),
        ),
        sign=(_("Sealed by"), _("Kept by")),
        sign_words=(_("Name"), _("Date and signature")),
        mark=Mark(_("The same for a camera"), _("Scan it only with a device that is not connected to anything."), (), "", founded.sheet),
        page_words=_("page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
        made_at=founded.at,
    )


def _groups(text: str) -> Table:
    groups = text.split()
    lines = [groups[start : start + _A_LINE] for start in range(0, len(groups), _A_LINE)]
    rows = tuple((f"{number}.", *line) for number, line in enumerate(lines, start=1))
    return Table(_("To type, with or without spaces"), ("",) * (_A_LINE + 1), rows, (1, *(3,) * _A_LINE), frozenset())
