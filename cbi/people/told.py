"""A household's whole story in words, newest first: what people did, what its life brought, and what the floors above tell."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from cbi.access import Permission
from cbi.people.above import Told, stands_above
from cbi.people.history import changes_of
from cbi.people.registered import Registered
from cbi.people.story import story_of
from cbi.people.story_words import story_line
from cbi.people.tables_lives import ChangeKind, HouseholdChange
from cbi.people.words_lives import CHANGES, OTHER_SIDE
from cbi.store.work import Reading
from cbi.web.listing import Listing, ListingArgs
from cbi.web.words import _


def story(reading: Reading, kept: Registered, rights: Collection[Permission], args: ListingArgs) -> Listing[Told]:
    """One page of what happened, as far as a reader with these rights may know it."""
    lines = list(beginning_of(kept, reading.zone))
    lines += [Told(event.at, story_line(event, numbers=True), event.by) for event in story_of(reading, kept.id)]
    lines += lives_of(reading, kept.id, numbers=True)
    above = (one for floor in stands_above for one in floor.story(reading, kept.id))
    lines += [one for one in above if not one.may or one.may & set(rights)]
    ordered = sorted(lines, key=lambda one: (one.at, one.words), reverse=True)
    paged = args.within(len(ordered))
    return Listing(ordered[paged.offset : paged.offset + paged.size], len(ordered), paged)


def beginning_of(kept: Registered, zone: str) -> Iterator[Told]:
    """How an entry began: registered here, or first elsewhere, by the day its file tells, and taken in later."""
    here = ZoneInfo(zone)
    if kept.registered_on == kept.registered_at.astimezone(here).date():
        yield Told(kept.registered_at, _("Registered"), kept.registered_by)
        return
    yield Told(datetime.combine(kept.registered_on, time(12), tzinfo=here), _("Registered"), by_day=True)
    yield Told(kept.registered_at, _("Taken in from a file"), kept.registered_by)


def change_words(change: HouseholdChange, household_id: UUID, *, numbers: bool) -> str:
    """What a change was, from this household's side. numbers: with the other household's, which is for the desk's own pages only."""
    other = change.household_id != household_id
    what = str(OTHER_SIDE[change.kind] if other else CHANGES[change.kind])
    number = change.detail.split()[0] if numbers and change.kind in OTHER_SIDE and not other and change.detail else ""
    return f"{what}: {number}" if number else what


def lives_of(reading: Reading, household_id: UUID, *, numbers: bool) -> Iterator[Told]:
    """What the life of a household brought, newest first; corrections are lines of their own. numbers: as for `change_words`."""
    for change in changes_of(reading, household_id):
        words = change_words(change, household_id, numbers=numbers)
        if change.kind is not ChangeKind.CORRECTED:
            yield Told(change.at, words, change.made_by)
        if change.confirmed_at is not None:
            yield Told(change.confirmed_at, _("Who receives was confirmed by a second person"), change.confirmed_by)
        if change.undone_at is not None:
            yield Told(change.undone_at, _("Taken back: %(what)s", what=words), change.undone_by)
