"""The keyed tokens by which a sealed name is found: of each folded part and of its sound, and of two sounds together with sex and year of birth.

Parts and sounds are scoped to a site, so that nobody who copies the table can count how often a name occurs across places.  Two sounds with sex
and year are few people's: they are the operation's, so that whoever was registered at another of forty sites is found by looking once.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from uuid import UUID

from cbi.people.names import fold, parts_of, sounds
from cbi.people.values import NewMember
from cbi.store.work import Reading

_PARTS = 4
NEAR_YEARS = 2


def tokens_of(reading: Reading, site_id: UUID, member: NewMember) -> list[bytes]:
    """Everything a person of this site is kept under, in a fixed order."""
    heard = {f"s:{code}" for name in _spelled(member) for code in sounds(name)}
    parts = {f"p:{part}" for name in _spelled(member) for part in fold(name)}
    return [*seal_codes(reading, site_id, heard | parts), *_sealed(reading, member, (member.born.year,))]


def near_tokens(reading: Reading, member: NewMember) -> list[bytes]:
    """What to look for to find people whose name sounds alike, of the same sex and born at most two years apart, wherever they are registered."""
    year = member.born.year
    return _sealed(reading, member, range(year - NEAR_YEARS, year + NEAR_YEARS + 1))


def seal_codes(reading: Reading, site_id: UUID, codes: Iterable[str]) -> list[bytes]:
    """The keyed tokens of these codes at one site, in a fixed order."""
    return reading.vault.digests("name", [f"{site_id}|{code}" for code in sorted(codes)])


def _sealed(reading: Reading, member: NewMember, years: Iterable[int]) -> list[bytes]:
    called = sorted(_called(member))
    about = f"{reading.operation_id}|{member.sex.value}"
    return reading.vault.digests("person", [f"{about}|{year}|{each}" for year in years for each in called])


def _spelled(member: NewMember) -> set[str]:
    """The ways in which a name is written."""
    return {member.name, member.latin} - {""}


def _called(member: NewMember) -> set[str]:
    """How a name sounds, two parts at a time and in no order: one part alone is shared by too many people to find anybody by."""
    found = set()
    for spelling in _spelled(member):
        heard = sorted({sound for _, sound in parts_of(spelling) if sound})[:_PARTS]
        found |= {f"{one}+{other}" for one, other in combinations(heard, 2)} or set(heard)
    return found
