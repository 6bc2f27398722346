"""The closed list of what a person may decide about a finding, as data: for each kind the answers, how many people, and what they move."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cbi.payouts.tables import Answer
from reconciliation.findings import FindingKind


class Moves(StrEnum):
    """What an answer enters into the ledger once it is decided."""

    NOTHING = "nothing"
    SUSPENSE_TO_DELIVERED = "suspense_to_delivered"
    WHAT_THE_NEWER_FILE_SAYS = "what_the_newer_file_says"
    SUSPENSE_TO_PROVIDER = "suspense_to_provider"
    SUSPENSE_TO_EXTRA = "suspense_to_extra"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that may be given about one kind of finding.

    people: how many different people must say the same before it counts.  final: it can never be undone, so it is asked on a page of its own
    with password and code.  asks_amount: an amount and a day belong to it.  asks_row: one of the rows that the finding points at belongs to it.
    """

    answer: Answer
    people: int = 1
    moves: Moves = Moves.NOTHING
    final: bool = False
    asks_amount: bool = False
    asks_row: bool = False


_NOTED = Choice(Answer.NOTED)
_TO_RECOVER = Choice(Answer.TO_RECOVER)
_RECOVERED = Choice(Answer.RECOVERED, people=2, moves=Moves.SUSPENSE_TO_PROVIDER, asks_amount=True)
_CHARGED = Choice(Answer.CHARGED, people=2, moves=Moves.SUSPENSE_TO_PROVIDER)
_SAME_PERSON = Choice(Answer.SAME_PERSON, people=2, moves=Moves.SUSPENSE_TO_DELIVERED)
_EXTRA = Choice(Answer.EXTRA, people=2, moves=Moves.SUSPENSE_TO_EXTRA, final=True)
_TOO_MUCH = (_TO_RECOVER, _RECOVERED, _EXTRA, _NOTED)
_NOT_PROMISED = (_TO_RECOVER, _RECOVERED, _CHARGED, _NOTED)

CHOICES: dict[FindingKind, tuple[Choice, ...]] = {
    FindingKind.PAID: (),
    FindingKind.PAID_BEFORE: (),
    FindingKind.SUGGESTED: (
        Choice(Answer.MATCH, moves=Moves.SUSPENSE_TO_DELIVERED, asks_row=True),
        Choice(Answer.NO_MATCH),
        _NOTED,
    ),
    FindingKind.CONTRADICTS: (
        Choice(Answer.EARLIER, people=2),
        Choice(Answer.NEWER, people=2, moves=Moves.WHAT_THE_NEWER_FILE_SAYS),
        _NOTED,
    ),
    FindingKind.WRONG_PAYEE: (
        _SAME_PERSON,
        Choice(Answer.OTHER_PERSON),
        _RECOVERED,
        _NOTED,
    ),
    FindingKind.PAID_TWICE: _TOO_MUCH,
    FindingKind.PAID_MORE: _TOO_MUCH,
    FindingKind.WRONG_CURRENCY: _NOT_PROMISED,
    # Its own transfer may live again: another list had taken it over, and could not be paid.
    FindingKind.NOT_INSTRUCTED: (_SAME_PERSON, *_NOT_PROMISED),
    FindingKind.NOT_OURS: _NOT_PROMISED,
    FindingKind.FAILED: (_NOTED,),
    FindingKind.RETURNED: (_NOTED,),
    FindingKind.PAID_LESS: (_NOTED,),
    FindingKind.MISSING: (_NOTED,),
    FindingKind.UNREADABLE: (_NOTED,),
}
TWO_PEOPLE = tuple(sorted({choice.answer for choices in CHOICES.values() for choice in choices if choice.people > 1}))

# What somebody says before the money is back speaks for, not against, entering it once it is.
_LEADS_TO = frozenset({Answer.TO_RECOVER, Answer.OTHER_PERSON})
_IS_BACK = frozenset({Answer.RECOVERED, Answer.CHARGED})


def choice_of(kind: FindingKind, answer: Answer) -> Choice | None:
    """An answer as it may be given about a kind; None when it may not."""
    return next((choice for choice in CHOICES[kind] if choice.answer is answer), None)


def objects(said: Answer, to: Answer) -> bool:
    """Whether somebody who says the one disagrees with the other."""
    if said is to or Answer.NOTED in {said, to}:
        return False
    return not (said in _LEADS_TO and to in _IS_BACK)
