"""Makes registration files of any length: invented households as a form collects them, with a sheet of members, no two alike on purpose."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import xlsxwriter

PEOPLE = 5
HOUSEHOLD = ("today", "intro/site", "intro/consent", "intro/group", "home/language", "home/shelter", "contact/phone", "_uuid", "_index")
MEMBER = (
    "members/given_name", "members/family_name", "members/sex", "members/relation", "members/birth_year", "members/document_kind",
    "members/document_number", "members/wg/seeing", "members/wg/walking", "_parent_index",
)  # fmt: skip
SITES = ("BH", "OM", "HR")
_FIRST = ("Am", "Bel", "Cor", "Dan", "El", "Far", "Gil", "Ham", "Is", "Jun", "Kal", "Lum", "Mir", "Nor", "Os", "Per", "Quin", "Ros", "Sel", "Tam", "Ur", "Vel", "Wil", "Yar", "Zin")  # fmt: skip
_MIDDLE = ("a", "ando", "ebi", "edo", "ika", "ile", "imo", "oba", "olu", "opha", "uni", "usa", "ara", "eri", "ori", "uma", "adi", "ena")
_LAST = ("ba", "dek", "fin", "gor", "hul", "kemi", "lar", "men", "nus", "pol", "rim", "sot", "tas", "vek", "wen", "zad")


def make(folder: Path, households: int) -> Path:
    """A workbook of this many households of five people each; made once."""
    path = folder / f"registrations-{households}.xlsx"
    if not path.exists():
        _write(path, households)
    return path


def _write(path: Path, households: int) -> None:
    chance = random.Random(households)
    fresh = path.with_suffix(".new")
    with xlsxwriter.Workbook(fresh, {"constant_memory": True, "strings_to_numbers": False}) as book:
        page = book.add_worksheet("Registration")
        for number, row in enumerate([HOUSEHOLD, *(_household(chance, place) for place in range(1, households + 1))]):
            page.write_row(number, 0, row)
        page = book.add_worksheet("members")
        page.write_row(0, 0, MEMBER)
        number = 1
        for place in range(1, households + 1):
            for row in _members(chance, place):
                page.write_row(number, 0, row)
                number += 1
    fresh.rename(path)


def _household(chance: random.Random, place: int) -> tuple[str | int, ...]:
    group, language = chance.choice(("displaced", "refugee", "host")), chance.choice(("en", "ar", "sw"))
    shelter = f"B {chance.randint(1, 40)}-{chance.randint(1, 99)}"
    return ("2026-11-02", chance.choice(SITES), "yes", group, language, shelter, f"+999 55{place:07}", f"uuid:{place:08x}", place)


def _members(chance: random.Random, place: int) -> Iterator[tuple[str | int, ...]]:
    family, called = name(chance), list[str]()
    while len(called) < PEOPLE:  # two of one name, born in one year, would be one person entered twice
        called += [given for given in [name(chance)] if given not in called]
    for position, given in enumerate(called):
        relation = "head" if position == 0 else "spouse" if position == 1 else "child"
        year = chance.randint(1946, 2003) if position <= 1 else chance.randint(2006, 2025)
        document = ("national_id", f"KH-{place:06}{position}") if position == 0 else ("", "")
        seeing, walking = chance.choice(("no_difficulty", "some_difficulty")), "no_difficulty"
        yield (given, family, chance.choice(("female", "male")), relation, year, *document, seeing, walking, place)


def name(chance: random.Random) -> str:
    """An invented name; there are some seven thousand."""
    return chance.choice(_FIRST) + chance.choice(_MIDDLE) + chance.choice(_LAST)
