"""Makes registration files for tests: invented people, in the shapes that offices send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from cbi.store.records import Records
from tests import make_people
from tests.workbooks.shapes import write_xlsx

__all__ = ["flat", "kobo", "sites", "write_xlsx"]

HOUSEHOLD = {
    "intro/site": "bh",
    "intro/consent": "yes",
    "home/language": "en",
    "contact/phone": "+999 555 010001",
    "_uuid": "u-1",
    "_index": 1,
}
MEMBER = {
    "members/given_name": "Juniper",
    "members/family_name": "Moonbeam",
    "members/sex": "female",
    "members/relation": "head",
    "members/birth_year": "1987",
    "_parent_index": 1,
}


def sites(records: Records) -> dict[str, UUID]:
    """The three places of the samples, by code."""
    return {code: make_people.site(records, code, name) for code, name in (("BH", "Bahari Field"), ("OM", "Old Mill"), ("HR", "Hill Road"))}


def kobo(path: Path, households: Sequence[Mapping[str, Any]], members: Sequence[Mapping[str, Any]]) -> Path:
    """A Kobo export: each mapping says how a row differs from HOUSEHOLD or MEMBER."""
    return write_xlsx(path, {"Registration": _table(HOUSEHOLD, households), "members": _table(MEMBER, members)})


def flat(path: Path, *rows: Sequence[Any]) -> Path:
    """A csv of these rows."""
    path.write_text("\n".join(",".join(str(cell) for cell in row) for row in rows) + "\n", "utf-8")
    return path


def _table(usual: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    header = list(dict.fromkeys([*usual, *(name for row in rows for name in row)]))
    return [header, *([{**usual, **row}.get(name, "") for name in header] for row in rows)]
