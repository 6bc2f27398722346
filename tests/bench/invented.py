"""Sets of invented people in which we know who was registered twice, for training and for measuring.

Names are made of syllables, written in Latin, Arabic or Bengali letters as people of one community write them. Two worlds share nothing but
the alphabet: TRAINING and MEASURING draw other syllables, other frequencies and other rates of damage, so that what was learned on one is
measured on people and mistakes it never saw.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from cbi.people.match_columns import Told

_ARABIC = {
    "b": "ب", "d": "د", "f": "ف", "h": "ح", "j": "ج", "k": "ك", "l": "ل", "m": "م", "n": "ن", "r": "ر", "s": "س", "sh": "ش", "t": "ت", "w": "و", "y": "ي",
    "z": "ز", "kh": "خ", "q": "ق", "gh": "غ", "th": "ث", "a": "ا", "i": "ي", "u": "و", "e": "ي", "o": "و", "": "",
}  # fmt: skip
_BENGALI = {
    "b": "ব", "d": "দ", "f": "ফ", "h": "হ", "j": "জ", "k": "ক", "l": "ল", "m": "ম", "n": "ন", "r": "র", "s": "স", "sh": "শ", "t": "ত", "w": "ও", "y": "য়",
    "z": "জ", "kh": "খ", "q": "ক", "gh": "ঘ", "th": "থ", "": "",
}  # fmt: skip
_SIGNS = {"a": "া", "i": "ি", "u": "ু", "e": "ে", "o": "ো"}
_SPELLED_OTHERWISE = (
    ("kh", "h"), ("kh", "k"), ("q", "k"), ("u", "oo"), ("u", "ou"), ("i", "ee"), ("i", "y"), ("f", "ph"), ("gh", "g"), ("th", "t"), ("e", "i"), ("o", "u"),
    ("z", "s"), ("sh", "ch"), ("a", "e"), ("j", "dj"), ("w", "ou"),
)  # fmt: skip
_NEIGHBOURS = {
    "a": "sqz",
    "e": "wrd",
    "i": "uok",
    "o": "ipl",
    "u": "yij",
    "n": "bmh",
    "m": "nk",
    "r": "etf",
    "s": "adw",
    "t": "ryg",
    "l": "kop",
    "d": "sfe",
}
_YEAR = 2026
Syllables = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class World:
    """What people of a set are called, and how often things go wrong when they are registered again.

    skew: of name frequencies; 1 is Zipf's law.  Every rate is of people or households registered twice.
    """

    name: str
    seed: int
    onsets: Sequence[str]
    vowels: Sequence[str]
    given: int
    family: int
    skew: float
    respelled: float
    mistyped: float
    other_script: float
    swapped: float
    no_family: float
    other_family: float
    middle_name: float
    wrong_sex: float
    year_off: float
    year_wrong: float
    aged: float
    phone_kept: float
    document_kept: float
    other_document: float
    shelter_kept: float
    site_kept: float
    member_lost: float
    moved_alone: float


TRAINING = World(
    name="training", seed=11, onsets=("b", "d", "f", "j", "k", "l", "m", "n", "r", "s", "t", "z", "kh", "h"), vowels=("a", "i", "u", "e"), given=700,
    family=5_000, skew=0.75, respelled=0.22, mistyped=0.10, other_script=0.12, swapped=0.05, no_family=0.04, other_family=0.03, middle_name=0.05, wrong_sex=0.01,
    year_off=0.16, year_wrong=0.03, aged=0.30, phone_kept=0.65, document_kept=0.75, other_document=0.14, shelter_kept=0.55, site_kept=0.8, member_lost=0.08, moved_alone=0.06,
)  # fmt: skip
MEASURING = World(
    name="measuring", seed=29, onsets=("b", "d", "gh", "h", "k", "l", "m", "n", "q", "r", "sh", "s", "th", "t", "w", "y"), vowels=("a", "o", "i", "u"), given=900,
    family=7_000, skew=0.7, respelled=0.25, mistyped=0.12, other_script=0.10, swapped=0.06, no_family=0.03, other_family=0.01, middle_name=0.04, wrong_sex=0.012,
    year_off=0.18, year_wrong=0.015, aged=0.26, phone_kept=0.6, document_kept=0.7, other_document=0.12, shelter_kept=0.5, site_kept=0.75, member_lost=0.1, moved_alone=0.05,
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Who somebody is, before anybody writes it down."""

    who: int
    given: Syllables
    family: Syllables
    sex: str
    year: int
    month: int
    day: int
    known: str
    document: str


@dataclass
class Home:
    """People who live together, with what they share."""

    people: list[Person]
    site: str
    shelter: str
    phones: tuple[str, ...]
    script: str


@dataclass(frozen=True)
class Invented:
    """A set. people: as registered, household by household; who: the true identity of each, in the same order."""

    people: list[Told]
    who: list[int]
    homes: int = field(default=0)


def make(world: World, people: int, seed: int = 0) -> Invented:
    """About so many registrations, one in fifteen of somebody registered before; the same for the same seed."""
    return _Maker(world, people, random.Random(f"{world.name}:{world.seed}:{seed}:{people}")).make()


class _Maker:
    def __init__(self, world: World, people: int, chance: random.Random) -> None:
        words = random.Random(f"{world.name}:{world.seed}:words")
        self.world, self.wanted, self.chance = world, people, chance
        self.given = {sex: self._names(words, world.given) for sex in ("female", "male")}
        self.families = self._names(words, world.family)
        self.of_given = list(accumulate(1 / (place + 8) ** world.skew for place in range(world.given)))
        self.of_family = list(accumulate(1 / (place + 8) ** world.skew for place in range(world.family)))
        self.sites = [f"site {place}" for place in range(max(4, min(40, people // 12_000)))]
        self.people: list[Told] = []
        self.who: list[int] = []
        self.next = self.homes = 0

    def _names(self, words: random.Random, count: int) -> list[Syllables]:
        found: dict[Syllables, None] = {}
        while len(found) < count:
            length = words.choice((2, 2, 3, 3))
            last = (words.choice(("", "", words.choice(self.world.onsets))), "")
            found[(*((words.choice(self.world.onsets), words.choice(self.world.vowels)) for _ in range(length)), last)] = None
        return list(found)

    def make(self) -> Invented:
        chance = self.chance
        while len(self.people) < self.wanted:
            home = self.new_home()
            self.register(home, again=False)
            luck = chance.random()
            if luck < 0.06:
                self.register(self.registered_again(home), again=True)
            elif luck < 0.06 + self.world.moved_alone / 2:
                self.register(self.joined_another(home), again=True, moved=1)
        return Invented(self.people, self.who, self.homes)

    def new_home(self) -> Home:
        chance = self.chance
        script = chance.choices(("latin", "arabic", "bengali"), (0.4, 0.35, 0.25))[0]
        size = chance.choices((1, 2, 3, 4, 5, 6, 7, 8, 9), (6, 9, 14, 18, 20, 14, 9, 6, 4))[0]
        family = self.pick(self.families, self.of_family)
        base = chance.randrange(10**7)
        people = [self.new_person(place, family, base) for place in range(size)]
        phones = (self.phone(),) if chance.random() < 0.8 else ()
        if chance.random() < 0.08:
            phones = (f"+99955500{chance.randrange(max(4, self.wanted // 400)):04}",)  # a phone of a neighbour, a shop or a volunteer
        return Home(people, chance.choice(self.sites), self.shelter(), phones, script)

    def new_person(self, place: int, family: Syllables, base: int) -> Person:
        chance = self.chance
        sex = chance.choice(("female", "male"))
        age = chance.randint(19, 75) if place < 2 else chance.choice((chance.randint(0, 18), chance.randint(0, 18), chance.randint(0, 70)))
        own_family = family if place != 1 and chance.random() < 0.92 else self.pick(self.families, self.of_family)
        known = chance.choices(("date", "year", "age"), (0.45, 0.25, 0.3))[0]
        document = f"{base + place:09}" if age >= 16 and chance.random() < 0.6 else ""  # a family's cards are numbered one after the other
        self.next += 1
        return Person(
            self.next,
            self.pick(self.given[sex], self.of_given),
            own_family,
            sex,
            _YEAR - age,
            chance.randint(1, 12),
            chance.randint(1, 28),
            known,
            document,
        )

    def pick(self, names: list[Syllables], weights: list[float]) -> Syllables:
        return self.chance.choices(names, cum_weights=weights)[0]

    def phone(self) -> str:
        return f"+9995{self.chance.randrange(10**8):08}"

    def shelter(self) -> str:
        return (
            f"Block {self.chance.choice('ABCDEFGHJK')}{self.chance.randint(1, 40)}-{self.chance.randint(1, 60)}"
            if self.chance.random() < 0.8
            else ""
        )

    def registered_again(self, home: Home) -> Home:
        """The same people at another desk or another day: somebody left out, somebody new, other details forgotten."""
        chance, world = self.chance, self.world
        people = [person for person in home.people if chance.random() > world.member_lost] or home.people[:1]
        if chance.random() < 0.15:
            people = [*people, self.new_person(3, people[0].family, chance.randrange(10**7))]
        if chance.random() < 0.15:
            chance.shuffle(people)
        phones = home.phones if chance.random() < world.phone_kept else (self.phone(),)
        site = home.site if chance.random() < world.site_kept else chance.choice(self.sites)
        shelter = home.shelter if site == home.site and chance.random() < world.shelter_kept else self.shelter()
        script = home.script if chance.random() > world.other_script else chance.choice(("latin", "arabic", "bengali"))
        return Home(people, site, shelter, phones, script)

    def joined_another(self, home: Home) -> Home:
        """One of them is also registered with other people."""
        other = self.new_home()
        return Home([self.chance.choice(home.people), *other.people[1:]], home.site, other.shelter, other.phones, home.script)

    def register(self, home: Home, *, again: bool, moved: int = 0) -> None:
        for person in home.people:
            self.people.append(self.written(home, person, damaged=again))
            self.who.append(person.who)
        self.homes += 1

    def written(self, home: Home, person: Person, *, damaged: bool) -> Told:
        chance, world = self.chance, self.world
        called = self.pick(self.families, self.of_family) if damaged and chance.random() < world.other_family else person.family
        given, family = (self.spelled(part, home.script, damaged=damaged) for part in (person.given, called))
        if damaged and chance.random() < world.middle_name:
            given = f"{given} {self.spelled(self.pick(self.given['male'], self.of_given), home.script, damaged=False)}"
        if damaged and chance.random() < world.swapped:
            given, family = family, given
        if chance.random() < (world.no_family if damaged else world.no_family / 2):
            family = ""
        if chance.random() < 0.1:
            given, family = f"{given} {family}".strip(), ""
        sex = person.sex if not damaged or chance.random() > world.wrong_sex else {"female": "male", "male": "female"}[person.sex]
        document = person.document if not damaged or chance.random() < world.document_kept else ""
        if document and damaged and chance.random() < 0.04:
            document = self.other_digit(document)
        if document and damaged and chance.random() < world.other_document:
            document = f"P{chance.randrange(10**7):07}"  # a passport instead of the card
        return Told(
            household=self.homes,
            given=given,
            family=family,
            born=self.told_birth(person, damaged=damaged),
            sex=sex,
            phones=home.phones,
            documents=(document,) if document else (),
            site=home.site,
            shelter=home.shelter,
        )

    def other_digit(self, text: str) -> str:
        place = self.chance.randrange(len(text))
        return f"{text[:place]}{self.chance.randrange(10)}{text[place + 1 :]}"

    def told_birth(self, person: Person, *, damaged: bool) -> str:
        chance, world = self.chance, self.world
        year, month, day, known = person.year, person.month, person.day, person.known
        if damaged and chance.random() < world.year_off:
            year += chance.choice((-2, -1, -1, 1, 1, 2))
        if damaged and chance.random() < world.year_wrong:
            year += chance.choice((-20, -10, -7, 6, 10))
        if damaged and chance.random() < world.aged:
            known = "age"
        if damaged and known == "date" and chance.random() < 0.06:
            month, day = (day, month) if day <= 12 else (month, chance.randint(1, 28))
        if known == "age":
            age = _YEAR - year
            if age >= 25 and chance.random() < 0.35:
                age = 5 * round(age / 5)
            return f"~{_YEAR - age}"
        return str(year) if known == "year" else f"{year:04}-{month:02}-{day:02}"

    def spelled(self, name: Syllables, script: str, *, damaged: bool) -> str:
        if script == "arabic":
            text = "".join(
                _ARABIC[onset] + (_ARABIC[vowel] if vowel in "iu" or place == len(name) - 2 or (hash_of(name) + place) % 3 == 0 else "")
                for place, (onset, vowel) in enumerate(name)
            )
        elif script == "bengali":
            text = "".join(_BENGALI[onset] + _SIGNS.get(vowel, "") for onset, vowel in name)
        else:
            text = "".join(onset + vowel for onset, vowel in name)
            if damaged and self.chance.random() < self.world.respelled:
                text = self.respelled(text)
            text = text.capitalize()
        return self.mistyped(text) if damaged and self.chance.random() < self.world.mistyped else text

    def respelled(self, text: str) -> str:
        """As somebody else writes the same sound."""
        possible = [(one, other) for one, other in _SPELLED_OTHERWISE if one in text]
        if possible and self.chance.random() < 0.8:
            return text.replace(*self.chance.choice(possible), 1)
        place = self.chance.randrange(1, len(text))
        return text[:place] + text[place - 1] + text[place:]

    def mistyped(self, text: str) -> str:
        place = self.chance.randrange(len(text))
        kind = self.chance.choice(("left out", "twice", "changed about", "neighbour"))
        if kind == "left out" and len(text) > 3:
            return text[:place] + text[place + 1 :]
        if kind == "changed about" and place + 1 < len(text):
            return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        if kind == "neighbour":
            near = _NEIGHBOURS.get(text[place].casefold(), text[place])
            return text[:place] + self.chance.choice(near) + text[place + 1 :]
        return text[:place] + text[place] + text[place:]


def hash_of(name: Syllables) -> int:
    """A number that stays with a name: whether its long vowels are written does not change from person to person."""
    return sum(ord(letter) for syllable in name for part in syllable for letter in part)
