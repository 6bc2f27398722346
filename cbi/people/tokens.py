"""The keyed tokens by which a sealed name is found: of each folded part, of its sound, and of two sounds with the years about its birth.

Tokens are scoped to a site, so that nobody who copies the table can count how often a name occurs across places.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from uuid import UUID

from cbi.people.names import fold, parts_of, sounds
from cbi.store.work import Reading

_BAND = 3
_PARTS = 4
NEAR_YEARS = 2


def codes_of(name: str, latin: str, birth_year: int) -> frozenset[str]:
    """Everything a person is kept under."""
    heard = set(sounds(name)) | set(sounds(latin))
    parts = {f"p:{part}" for part in (*fold(name), *fold(latin))}
    about = {f"c:{called}:{birth_year // _BAND}" for called in _called(name, latin)}
    return frozenset(parts | {f"s:{code}" for code in heard} | about)


def near_codes(name: str, latin: str, birth_year: int) -> frozenset[str]:
    """What to look for to find people whose name sounds alike and who were born at most two years apart."""
    bands = {year // _BAND for year in range(birth_year - NEAR_YEARS, birth_year + NEAR_YEARS + 1)}
    return frozenset(f"c:{called}:{band}" for called in _called(name, latin) for band in bands)


def _called(name: str, latin: str) -> set[str]:
    """How a name sounds, two parts at a time and in no order: one part alone is shared by too many people to find anybody by."""
    found = set()
    for spelling in (name, latin):
        heard = sorted({sound for _, sound in parts_of(spelling) if sound})[:_PARTS]
        found |= {f"{one}+{other}" for one, other in combinations(heard, 2)} or set(heard)
    return found


def seal_codes(reading: Reading, site_id: UUID, codes: Iterable[str]) -> list[bytes]:
    """The keyed tokens of these codes at one site, in a fixed order."""
    return [reading.digest("name", f"{site_id}|{code}") for code in sorted(codes)]
