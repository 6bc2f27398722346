"""The words people read for what was compared, what was seen, and how much it says."""

from __future__ import annotations

from flask_babel import LazyString

from cbi.people.likeness import Piece
from cbi.people.match_model import Aspect, Step
from cbi.people.tables_certainty import Certainty
from cbi.web.words import _l

ASPECTS: dict[Aspect, LazyString] = {
    Aspect.GIVEN: _l("Given name"),
    Aspect.FAMILY: _l("Rest of the name"),
    Aspect.BORN: _l("Birth"),
    Aspect.SEX: _l("Sex"),
    Aspect.DOCUMENT: _l("Document"),
    Aspect.PHONE: _l("Phone"),
    Aspect.SITE: _l("Site"),
    Aspect.SHELTER: _l("Shelter"),
    Aspect.OTHERS: _l("Other members"),
}
_SEEN: dict[Step, LazyString] = {
    Step.SAME: _l("The same"),
    Step.NEAR: _l("Almost the same"),
    Step.SOUND: _l("Sounds alike"),
    Step.SAME_YEAR: _l("The same year"),
    Step.ONE_APART: _l("One year apart"),
    Step.TWO_APART: _l("Two years apart"),
    Step.ROUNDED: _l("Up to five years apart, told as an age"),
    Step.THREE_SHARED: _l("Three or more are called the same and are about as old"),
    Step.TWO_SHARED: _l("Two are called the same and are about as old"),
    Step.ONE_SHARED: _l("One is called the same and is about as old"),
    Step.DIFFERS: _l("Different"),
}
CERTAINTIES: dict[Certainty, LazyString] = {
    Certainty.ALMOST_CERTAIN: _l("Almost certain"),
    Certainty.LIKELY: _l("Likely"),
    Certainty.POSSIBLE: _l("Possible"),
}
_STRONG, _CLEAR = 8.0, 3.0


def seen_words(piece: Piece) -> LazyString:
    """What was seen of one aspect."""
    if piece.aspect is Aspect.OTHERS and piece.step is Step.DIFFERS:
        return _l("None are called the same and about as old")
    return _SEEN[piece.step]


def says(weight: float) -> LazyString:
    """How much a piece of evidence says, in words."""
    if weight >= _STRONG:
        return _l("Speaks strongly for one household")
    if weight >= _CLEAR:
        return _l("Speaks for one household")
    if weight >= 0:
        return _l("Speaks a little for one household")
    if weight > -_CLEAR:
        return _l("Speaks a little against")
    return _l("Speaks against") if weight > -_STRONG else _l("Speaks strongly against")
