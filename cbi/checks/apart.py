"""Who may read what goes past everybody else: people of the room whose keys are published here, and never for the place they work at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlmodel import col, select

from cbi.checks.letter import MOST_READERS
from cbi.errors import Refused
from cbi.staff.tables import Staff
from cbi.store.work import Reading, Work, read_setting, write_setting
from cbi.web.words import _

_SETTING = "readers_apart"


class Track(StrEnum):
    """What a reader is there for."""

    CONDUCT = "conduct"
    CHILDREN = "children"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody letters may be sealed to. name: as they sign in, casefolded.  sites: where they work, none for everywhere."""

    name: str
    key: bytes
    track: Track
    sites: frozenset[UUID] = frozenset()


def readers(reading: Reading) -> tuple[Reader, ...]:
    """Everybody whose key is published, by name."""
    kept = read_setting(reading.session, reading.system, _SETTING) or ()
    return tuple(
        Reader(one["name"], bytes.fromhex(one["key"]), Track(one["track"]), frozenset(UUID(site) for site in one["sites"])) for one in kept
    )


def publish(work: Work, people: Iterable[Reader]) -> None:
    """Put the public keys where the desk finds them. Raises Refused when there are more than a letter has room for."""
    ordered = sorted(people, key=lambda one: (one.name, one.key))
    if len(ordered) > MOST_READERS:
        raise Refused(_("let somebody leave first: at most %(most)d people can be focal points at once", most=MOST_READERS))
    told = [{"name": one.name, "key": one.key.hex(), "track": one.track.value, "sites": sorted(map(str, one.sites))} for one in ordered]
    write_setting(work.session, work.system, _SETTING, told)


def readers_for(reading: Reading, track: Track, site_id: UUID | None) -> Sequence[Reader]:
    """Those of a track who may read about a place: who work there for the room, and are nobody's colleague there.

    Where nobody is left for children, those who look into conduct; empty when there is nobody either.  site_id: None for no one place.
    """
    local = _staff_at(reading, site_id)
    fits = [one for one in readers(reading) if (not one.sites or site_id in one.sites) and one.name not in local]
    mine = [one for one in fits if one.track is track]
    return mine or [one for one in fits if one.track is Track.CONDUCT]


def _staff_at(reading: Reading, site_id: UUID | None) -> frozenset[str]:
    if site_id is None:
        return frozenset()
    names = reading.session.exec(select(Staff.sign_in_name).where(col(Staff.site_id) == site_id, col(Staff.left_on).is_(None)))
    return frozenset(name.casefold() for name in names)
