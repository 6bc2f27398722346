"""What sits above people and follows when a household changes: money's floors say here what stands in the way, and bring their records in line."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from cbi.access import Permission
from cbi.people.tables_lives import ChangeKind, HouseholdChange
from cbi.store.work import Reading, Work


@dataclass(frozen=True, slots=True)
class Planned:
    """A change that is about to be made. other_id: the household that would close; leaving: members who would no longer belong here."""

    kind: ChangeKind
    household_id: UUID
    other_id: UUID | None = None
    leaving: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why a household cannot be forgotten yet. fix: finishes "You need to …"; until: the last day it lasts, None when nobody knows."""

    fix: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A line of a household's story that sits above people.

    may: whoever holds one of these rights reads it; none: whoever reads households.  by_day: no hour is known of it, and none is shown.
    """

    at: datetime
    words: str
    by: UUID | None = None
    may: frozenset[Permission] = frozenset()
    by_day: bool = False


class Above:
    """One floor above. Whatever it does not care about stays as here: nothing."""

    def refuse(self, reading: Reading, planned: Planned) -> None:
        """Raises Refused with what to do first."""

    def refuse_closing(self, reading: Reading, household_id: UUID, into_id: UUID) -> None:
        """An entry is about to be closed in favour of another. Raises Refused with what to do first."""

    def pays(self, reading: Reading, household_id: UUID, member_ids: Collection[UUID]) -> bool:  # noqa: ARG002 -- a floor that pays nobody looks at nothing
        """Whether the household asked that one of these people be paid for it."""
        return False

    def made(self, work: Work, change: HouseholdChange) -> None:
        """A change was made, in this same commit."""

    def follow(self, work: Work, household_ids: Sequence[UUID]) -> None:
        """What is written of these households changed, in whatever way."""

    def refuse_undo(self, reading: Reading, change: HouseholdChange) -> None:
        """Raises Refused when something was built upon a change."""

    def undone(self, work: Work, change: HouseholdChange) -> None:
        """A change is being taken back; the household a split had made goes next."""

    def hindrances(self, reading: Reading, household_id: UUID) -> Sequence[Hindrance]:  # noqa: ARG002 -- a floor that has none looks at nothing
        """What must be over before the household can be forgotten."""
        return ()

    def hindered(self, reading: Reading) -> Sequence[sa.Select[Any]]:  # noqa: ARG002 -- as above
        """Households that `hindrances` is sure to keep, all of them in one question; nobody is let go by being left out here."""
        return ()

    def withdrawn(self, work: Work, household_id: UUID) -> None:
        """The household took its consent back."""

    def erased(self, work: Work, household_id: UUID) -> None:
        """The household's key is destroyed: let go of what could still confirm a guess about it."""

    def story(self, reading: Reading, household_id: UUID) -> Sequence[Told]:  # noqa: ARG002 -- a floor that has none looks at nothing
        """What happened to the household up here."""
        return ()


stands_above: list[Above] = []
"""Every floor above, from the ground up; each adds itself when it is loaded."""


_ASKED = {"Transfers", "Payouts"}


def hindrances(reading: Reading, household_id: UUID) -> list[Hindrance]:
    """Everything that keeps a household from being forgotten now.

    Raises RuntimeError while a floor that has a say is not loaded: nobody is forgotten because nobody was asked.
    """
    return [one for floor in everyone() for one in floor.hindrances(reading, household_id)]


def refuse_closing(reading: Reading, household_id: UUID, into_id: UUID) -> None:
    """Ask every floor before an entry is closed in favour of another. Raises Refused; RuntimeError while a floor is not loaded."""
    for floor in everyone():
        floor.refuse_closing(reading, household_id, into_id)


def everyone() -> list[Above]:
    """Every floor that has a say. Raises RuntimeError while one of them is not loaded: nothing is done because nobody was asked."""
    missing = _ASKED - {type(floor).__name__ for floor in stands_above}
    if missing:
        raise RuntimeError(f"import cbi.payouts.lives first: {', '.join(sorted(missing))} has a say in this")
    return stands_above


def paid_as_asked(reading: Reading, household_id: UUID, member_ids: Collection[UUID]) -> bool:
    """Whether one of these people is paid because the household asked so, whoever is registered as its recipient."""
    return any(floor.pays(reading, household_id, member_ids) for floor in everyone())


def hindered(reading: Reading) -> list[sa.Select[Any]]:  # Any: as SQLAlchemy types a selection
    """Households that are sure to be kept now, so that nobody need ask of each of them."""
    return [one for floor in stands_above for one in floor.hindered(reading)]


def follow(work: Work, *household_ids: UUID) -> None:
    """Have everything above follow what was just written of these households."""
    work.session.flush()
    for floor in stands_above:
        floor.follow(work, household_ids)
