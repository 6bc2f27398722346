"""A fact: what happened, said once, in the same commit as the change it explains."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that happened. Subclasses name ids, codes, counts and sums; never a person's data.

    explains: the table classes whose rows this fact may change.  A changed row is explained when its table is listed here
    and one of the row's ids (its own or a foreign key) is among this fact's UUID fields.
    """

    explains: ClassVar[tuple[type, ...]] = ()

    @classmethod
    def kind(cls) -> str:
        """How the chain names it: "transfers.ListApproved"."""
        return f"{cls.__module__.split('.')[1]}.{cls.__name__}"

    def ids(self) -> Iterator[UUID]:
        """Every id this fact names."""
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, UUID):
                yield value
            elif isinstance(value, tuple):
                yield from (item for item in value if isinstance(item, UUID))

    def body(self) -> str:
        """Canonical JSON of the fields: sorted keys, no spaces, so that it hashes the same everywhere."""
        content = {field.name: _plain(getattr(self, field.name)) for field in fields(self)}
        return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _plain(value: object) -> object:
    match value:
        case None | bool() | int() | str() if not isinstance(value, StrEnum):
            return value
        case StrEnum():
            return value.value
        case UUID():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case bytes():
            return value.hex()
        case tuple() | list():
            return [_plain(item) for item in value]
    raise TypeError(f"a fact cannot hold a {type(value).__name__}")
