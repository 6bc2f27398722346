"""A file as it was opened, and what it is compared with: what its lists ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import repeat
from types import MappingProxyType
from uuid import UUID

from cbi.payouts.about import About, about_of
from cbi.payouts.grouping import Places
from cbi.store.work import Reading
from cbi.transfers.service import Named, expected_of
from reconciliation.bulk import without_collecting
from reconciliation.instruction import Instruction, Instructions
from reconciliation.payout import Payout
from reconciliation.payout_columns import PayoutColumns
from reconciliation.proposal import Proposal
from reconciliation.sheets import Sheets


@dataclass(frozen=True)
class Asked:
    """What a file is compared with. places: where its transfers stand.  over: references of promises that other lines took over."""

    about: About
    places: Places
    over: frozenset[str]

    @property
    def instructed(self) -> Instructions:
        """Every transfer, in the lists' order."""
        return self.places.instructed

    @cached_property
    def expected(self) -> dict[str, Instruction]:
        """Our instructions by upper-case reference."""
        return {each.reference.upper(): each for each in self.instructed}


@dataclass(frozen=True)
class Look:
    """A file as it would be read, for the person who confirms it. sheets: the file's own rows, for the page only.

    asked: what the provider was asked to pay, and what else it may answer.  cut: how many rows a sheet has of which only the first are here.
    """

    sheets: Sheets
    proposal: Proposal
    asked: Asked
    cut: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


@without_collecting()
def asked_by(reading: Reading, file_id: UUID, payouts: Sequence[Payout] = ()) -> Asked:
    """What the lists of a file ask for; opening the payees takes longer than anything else here, so it is done once.

    payouts: what the file says, where it was read already; whom it names rightly need not be opened.
    """
    about, named = about_of(reading, file_id), _named(payouts)
    instructed, lists, lines, over = Instructions(), list[str](), list[str](), set[str]()
    for list_id in about.ids:
        for digits, asked, left_out in expected_of(reading, list_id, named):
            instructed.join(asked)
            lists.extend(repeat(list_id.hex, len(digits)))
            lines += digits
            over.update(left_out)
    places = Places(instructed, lists, lines, about.only.id.hex if about.only else None)
    return Asked(about, places, frozenset(over))


def _named(payouts: Sequence[Payout]) -> Named | None:
    if not isinstance(payouts, PayoutColumns) or not payouts or payouts.texts("name").is_blank:
        return None
    details = zip(*(payouts.texts(each) for each in ("name", "phone", "account")), strict=True)
    return dict(zip(payouts.references, details, strict=True))
