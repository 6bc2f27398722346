"""The keyed tokens by which a sealed name is found: of each folded part, of its sound, and of its sound with the years about its birth.

Tokens are scoped to a site, so that nobody who copies the table can count how often a name occurs across places.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from cbi.people.names import fold, sounds
from cbi.store.work import Reading

_BAND = 3
NEAR_YEARS = 2


def codes_of(name: str, latin: str, birth_year: int) -> frozenset[str]:
    """Everything a person is kept under."""
    heard = set(sounds(name)) | set(sounds(latin))
    parts = {f"p:{part}" for part in (*fold(name), *fold(latin))}
    return frozenset(parts | {f"s:{code}" for code in heard} | {f"b:{code}:{birth_year // _BAND}" for code in heard})


def near_codes(name: str, latin: str, birth_year: int) -> frozenset[str]:
    """What to look for to find people whose name sounds alike and who were born at most two years apart."""
    heard = set(sounds(name)) | set(sounds(latin))
    bands = {year // _BAND for year in range(birth_year - NEAR_YEARS, birth_year + NEAR_YEARS + 1)}
    return frozenset(f"b:{code}:{band}" for code in heard for band in bands)


def asked_codes(name: str) -> frozenset[str]:
    """What to look for when somebody types a name to find it."""
    return frozenset({f"p:{part}" for part in fold(name)} | {f"s:{code}" for code in sounds(name)})


def seal_codes(reading: Reading, site_id: UUID, codes: Iterable[str]) -> list[bytes]:
    """The keyed tokens of these codes at one site, in a fixed order."""
    return [reading.digest("name", f"{site_id}|{code}") for code in sorted(codes)]
