"""Which items are shown, and which of the answers count: settled from office facts before a page is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

from screening.answers import Answers, settled
from screening.instrument import Instrument, Item
from screening.kinds import Need, Page


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What the office knows before it draws a page; nothing about the person.

    mechanism: the planned way of paying (None: not planned yet).
    reporting_text: whether the programme's limits of confidentiality are written down.
    """

    mechanism: str | None = None
    reporting_text: bool = False


def items_for_page(instrument: Instrument, page: str, facts: PageFacts) -> tuple[Item, ...]:
    """The items of a page, in order, the same for every household with this plan.

    An item that follows an answer (H17) is drawn with the item it follows, whatever is answered there;
    when that one is withheld (H16 without the reporting text), so is the follower.
    """
    drawn: list[Item] = []
    for item in instrument.page(Page(page)):
        if _is_asked(item, facts) and _has_leader(item, drawn):
            drawn.append(item)
    return tuple(drawn)


def counting(instrument: Instrument, answers: Answers, mechanism: str | None) -> Answers:
    """Only the answers that count: neither refused nor irrelevant under the plan or after the earlier answers."""
    implicit = set(instrument.implicit_ids())
    kept = Answers({})
    for item in instrument.items:
        options = settled(item, answers.of(item.id) - implicit)
        if options and _fits_mechanism(item, mechanism) and _follows(item, kept):
            kept = Answers({**kept.chosen, item.id: options})
    return kept


def _is_asked(item: Item, facts: PageFacts) -> bool:
    if item.needs is Need.REPORTING_TEXT and not facts.reporting_text:
        return False
    return _fits_mechanism(item, facts.mechanism)


def _fits_mechanism(item: Item, mechanism: str | None) -> bool:
    # A plan nobody has named yet makes nothing irrelevant: dropping an answer needs a fact.
    if mechanism is None or item.relevance is None or not item.relevance.mechanisms:
        return True
    return mechanism in item.relevance.mechanisms


def _has_leader(item: Item, drawn: Sequence[Item]) -> bool:
    after = item.relevance.after if item.relevance else None
    return after is None or any(earlier.id == after.item for earlier in drawn)


def _follows(item: Item, kept: Answers) -> bool:
    after = item.relevance.after if item.relevance else None
    return after is None or bool(kept.of(after.item) & set(after.any_of))
