"""The words people read for what changes in the life of a household."""

from __future__ import annotations

from flask_babel import LazyString

from cbi.people.tables_lives import ChangeKind, Means
from cbi.web.words import _l

CHANGES: dict[ChangeKind, LazyString] = {
    ChangeKind.CORRECTED: _l("Corrected"),
    ChangeKind.SPLIT: _l("Some live on their own now"),
    ChangeKind.JOINED: _l("Another household lives with this one now"),
    ChangeKind.MOVED: _l("Moved to another site"),
    ChangeKind.HEAD: _l("Somebody else is head of the household"),
    ChangeKind.CARD: _l("New paper card, the old one was lost"),
    ChangeKind.IDENTIFIED: _l("Known without a document"),
    ChangeKind.BORN: _l("A child was born"),
    ChangeKind.DIED: _l("A member died"),
    ChangeKind.LEFT: _l("A member left"),
    ChangeKind.RETURNED: _l("A member is back"),
}
OTHER_SIDE: dict[ChangeKind, LazyString] = {
    ChangeKind.SPLIT: _l("Split off from another household"),
    ChangeKind.JOINED: _l("Closed: lives with another household now"),
}
MEANS: dict[Means, LazyString] = {
    Means.COMMUNITY: _l("Somebody who speaks for the community knows them"),
    Means.NEIGHBOURS: _l("Two neighbours know them"),
    Means.ANSWERS: _l("They answered what only the household knows"),
    Means.STAFF: _l("A colleague knows them from earlier visits"),
}
WENT_WORDS: dict[ChangeKind, LazyString] = {ChangeKind.DIED: _l("Died"), ChangeKind.LEFT: _l("Left the household")}
LINES: dict[str, LazyString] = {
    "member": _l("member"),
    "head": _l("head of the household"),
    "account": _l("account"),
}
