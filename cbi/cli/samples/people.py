"""Invented households, the same for the same seed: sizes, ages, scripts, phones and documents as registrations in the field have them."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path

_NAMES = tomllib.loads((Path(__file__).parent / "names.toml").read_text("utf-8"))
SCRIPTS = {"latin": "en", "arabic": "ar", "bengali": "bn"}
SITES = {"BH": "Bahari Field", "OM": "Old Mill", "HR": "Hill Road"}
_ADULT = 18
_LEAST_ASKED = 5  # the Washington Group questions are for people of five years and older
_DIFFICULTIES = ("no_difficulty", "some_difficulty", "a_lot_of_difficulty", "cannot_do")


@dataclass(slots=True)
class Person:
    """One invented person, in the words and codes of a field form. born: an ISO date, a year, or "" with `age` instead."""

    given: str
    family: str
    latin: str
    sex: str
    relation: str
    birth_date: str = ""
    birth_year: str = ""
    age: str = ""
    document_kind: str = ""
    document_number: str = ""
    collects: str = ""
    difficulties: tuple[str, ...] = ()


@dataclass(slots=True)
class Home:
    """One invented household, as one submission of a field form."""

    site: str
    shelter: str
    group: str
    language: str
    consent: str
    phone: str
    account_kind: str
    account_number: str
    alternate_name: str
    people: list[Person]
    uuid: str
    submitted: date
    minute: int


def invent(households: int, seed: int) -> list[Home]:
    """So many households; about one in fifty is another one registered again, and as many share a phone with a neighbour."""
    chance = random.Random(f"{seed}:households")  # noqa: S311 -- invented people, repeatable
    families = {script: _families(script, chance) for script in SCRIPTS}
    homes: list[Home] = []
    for place in range(households):
        if place and place % 50 == 0:
            homes.append(_again(homes[place - 37 if place > 37 else 0], place, chance))  # noqa: PLR2004 -- some way back
            continue
        script = chance.choices(list(SCRIPTS), weights=(4, 3, 3))[0]
        homes.append(_home(script, next(families[script]), place, chance))
        if place % 50 == 25:  # noqa: PLR2004 -- as rare as those registered again
            _share_phone(homes[-1], homes[-9])
    return homes


def _share_phone(home: Home, neighbour: Home) -> None:
    home.phone = neighbour.phone or home.phone
    if home.account_number:
        home.account_number = f"+9997{int(home.uuid[:8], 16) % 10**8:08}"


def _families(script: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    """Family names, each once before any comes again."""
    names = _NAMES[script]
    made = [(_joined(a, b, names["between"]), _joined_latin(c, d, script)) for a, c in names["first"] for b, d in names["second"]]
    chance.shuffle(made)
    return cycle(made)


def _joined(first: str, second: str, between: str) -> str:
    return f"{first}{between}{second}"


def _joined_latin(first: str, second: str, script: str) -> str:
    return "" if script == "latin" else f"{first} {second}" if script == "arabic" else f"{first}{second}"


def _home(script: str, family: tuple[str, str], place: int, chance: random.Random) -> Home:
    submitted = date(2026, 10, 5) + timedelta(days=place * 24 // 420 % 24)
    phone = "" if chance.random() < 0.06 else f"+9997{chance.randrange(10**8):08}"  # noqa: PLR2004 -- one in sixteen has no phone
    paid = bool(phone) and chance.random() < 0.96  # noqa: PLR2004 -- nearly everybody with a phone has a wallet
    home = Home(
        site=list(SITES)[place % 7 // 3],
        shelter=f"{chance.choice('ABCDEFGH')}{chance.randrange(1, 30)}-{chance.randrange(1, 13)}",
        group=chance.choices(("idp", "refugee", "returnee", "host"), weights=(6, 2, 1, 1))[0],
        language=SCRIPTS[script],
        consent=chance.choices(("yes", "thinking", "no"), weights=(97, 2, 1))[0],
        phone=phone,
        account_kind="mobile_money" if paid else "",
        account_number=phone if paid else "",
        alternate_name="",
        people=_people(script, family, chance),
        uuid=_uuid(chance),
        submitted=submitted,
        minute=8 * 60 + chance.randrange(480),
    )
    if len(home.people) == 1 and chance.random() < 0.3:  # noqa: PLR2004 -- some who live alone name a neighbour
        home.alternate_name = f"{chance.choice(_NAMES[script]['female'])[0]} {chance.choice(_NAMES[script]['first'])[0]}"
    return home


def _uuid(chance: random.Random) -> str:
    hexed = f"{chance.getrandbits(128):032x}"
    return f"{hexed[:8]}-{hexed[8:12]}-4{hexed[13:16]}-a{hexed[17:20]}-{hexed[20:]}"


def _people(script: str, family: tuple[str, str], chance: random.Random) -> list[Person]:
    """Head first; then whoever lives there, no given name twice."""
    head_age = int(chance.triangular(17, 78, 36))
    head_sex = chance.choices(("female", "male"), weights=(55, 45))[0]
    ages = [("head", head_sex, head_age)]
    if head_age > 19 and chance.random() < (0.35 if head_sex == "female" else 0.85):  # noqa: PLR2004 -- many women head alone
        ages.append(("spouse", "male" if head_sex == "female" else "female", max(18, head_age + chance.randrange(-8, 6))))
    children = chance.choices(range(8), weights=(12, 14, 20, 20, 16, 10, 5, 3))[0]
    ages += [("child", _sex(chance), chance.randrange(max(1, min(head_age - 14, 25)))) for _child in range(children)]
    if chance.random() < 0.14:  # noqa: PLR2004 -- a parent of the head
        ages.append(("parent", _sex(chance), min(95, head_age + chance.randrange(17, 34))))
    if chance.random() < 0.1:  # noqa: PLR2004 -- others who share the pot
        ages.append((chance.choice(("sibling", "other_family", "not_family")), _sex(chance), chance.randrange(4, 60)))
    given = {sex: chance.sample(_NAMES[script][sex], len(_NAMES[script][sex])) for sex in ("female", "male")}
    people = [_person(given[sex].pop(), family, sex, relation, age, chance) for relation, sex, age in ages]
    people[0].collects = "recipient"
    grown = [person for person, (_relation, _sex_of, age) in zip(people, ages, strict=True) if age >= _ADULT and person is not people[0]]
    if grown:
        grown[0].collects = "alternate"
    return people


def _sex(chance: random.Random) -> str:
    return chance.choice(("female", "male"))


def _person(given: list[str], family: tuple[str, str], sex: str, relation: str, age: int, chance: random.Random) -> Person:
    latin = f"{given[1]} {family[1]}" if family[1] and chance.random() < 0.7 else ""  # noqa: PLR2004 -- not always spelled out
    person = Person(given[0], family[0], latin, sex, relation)
    year, told = 2026 - age, chance.random()
    if told < 0.45:  # noqa: PLR2004 -- a whole date
        person.birth_date = (date(year, 1, 1) + timedelta(days=chance.randrange(270))).isoformat()
    elif told < 0.75:  # noqa: PLR2004 -- a year only
        person.birth_year = str(year)
    else:
        person.age = str(age)
    if age >= _ADULT and chance.random() < 0.55:  # noqa: PLR2004 -- many came without papers
        person.document_kind = chance.choice(("national_id", "refugee_id", "passport"))
        person.document_number = f"{chance.choice(('KH', 'MB', 'TW'))}-{chance.randrange(10**6, 10**7)}"
    if age >= _LEAST_ASKED and chance.random() < 0.9:  # noqa: PLR2004 -- sometimes nobody asked
        weights = (84, 11, 4, 1) if age < 60 else (45, 33, 17, 5)  # noqa: PLR2004 -- difficulties come with age
        person.difficulties = tuple(chance.choices(_DIFFICULTIES, weights=weights)[0] for _question in range(6))
    return person


def _again(home: Home, place: int, chance: random.Random) -> Home:
    """A household registered a second time, some weeks later and elsewhere, spelled and remembered a little differently."""
    head, *others = home.people
    year = int(head.birth_year or (head.birth_date or str(2026 - int(head.age or 0)))[:4])
    spelled = replace(head, given=_respelled(head.given), birth_date="", age="", birth_year=str(year + chance.choice((-1, 0, 1))))
    if chance.random() < 0.5:  # noqa: PLR2004 -- half of them bring no papers the second time
        spelled.document_kind = spelled.document_number = ""
    phone = home.phone if chance.random() < 0.4 else f"+9997{chance.randrange(10**8):08}"  # noqa: PLR2004 -- some changed it
    return replace(
        home,
        people=[spelled, *(replace(one) for one in others[: max(1, len(others) - 1)])],
        phone=phone,
        account_kind="mobile_money",
        account_number=phone,
        shelter=f"J{chance.randrange(1, 30)}-{chance.randrange(1, 13)}",
        consent="yes",
        uuid=_uuid(chance),
        submitted=date(2026, 10, 29) + timedelta(days=place % 5),
    )


def _respelled(name: str) -> str:
    """The same name as another desk heard it: a Latin letter doubled, other scripts as they are."""
    return f"{name[:2]}{name[1]}{name[2:]}" if name.isascii() and len(name) > 3 else name  # noqa: PLR2004 -- short names stay
