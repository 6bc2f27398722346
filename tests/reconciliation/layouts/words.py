"""Held-back words, and values of invented people to stand under them."""

from __future__ import annotations

import random
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reconciliation.money import minor_digits

HELD_BACK = Path(__file__).with_name("held_back.toml")
SEEN_LATER = Path(__file__).with_name("seen_later.toml")
SEEN_LAST = Path(__file__).with_name("seen_last.toml")
FIRST_SIGHT = Path(__file__).with_name("first_sight.toml")
OF_EXPORTS = Path(__file__).with_name("of_exports.toml")
FIELD_REPORTS = Path(__file__).with_name("field_reports.toml")
PAY_DESKS = Path(__file__).with_name("pay_desks.toml")
COUNTERS = Path(__file__).with_name("counters.toml")
LISTS = (HELD_BACK, SEEN_LATER, SEEN_LAST, FIRST_SIGHT, OF_EXPORTS, FIELD_REPORTS, PAY_DESKS, COUNTERS)
OF_LATER_SHAPES = frozenset({FIRST_SIGHT, OF_EXPORTS, FIELD_REPORTS, PAY_DESKS, COUNTERS})
LANGUAGES = ("en", "fr", "es", "pt", "ar", "sw", "bn", "my")


@dataclass(frozen=True)
class Place:
    """How amounts and digits are written where a language is spoken."""

    currency: str
    marks: tuple[str, str]
    zero: str = "0"

    @property
    def minor_digits(self) -> int:
        """Decimals of its currency."""
        return minor_digits(self.currency)


PLACES = {
    "en": Place("KES", (".", ",")),
    "fr": Place("XOF", (",", " ")),
    "es": Place("COP", (",", ".")),
    "pt": Place("MZN", (",", ".")),
    "ar": Place("SYP", (".", ","), "٠"),
    "sw": Place("TZS", (".", ",")),
    "bn": Place("BDT", (".", ","), "০"),
    "my": Place("MMK", (".", ","), "၀"),
}
PEOPLE = {
    "en": ("Juniper Moonbeam", "Oswin Paperkite", "Tum Fablewood", "Marlow Inkwell", "Fern Lanternhill", "Wren Thistledown"),
    "fr": ("Églantine Brindille", "Théo Lucarne", "Odile Papillonne", "Basile Réverbère", "Noé Coquelicot"),
    "es": ("Jacinta Farolillo", "Íñigo Luciérnaga", "Nieves Cometa", "Tomás Papelillo", "Alba Mariposa Sol"),
    "pt": ("Açucena Pirilampo", "Simão Lanterna", "Íris Papagaio", "João Cataventos", "Lua Andorinha"),
    "ar": ("قمر البستان", "ريحان الفانوس", "نسيم الورق", "سوسن القنديل", "بدر الزنبق"),
    "sw": ("Nyota Kipepeo", "Mwezi Taa", "Upepo Karatasi", "Waridi Kandili", "Juma Mawingu"),
    "bn": ("জোনাকি কাগজী", "শিউলি প্রদীপ", "মেঘলা ঘুড়ি", "তারা লন্ঠন", "রোদেলা পাতা"),
    "my": ("ကြယ်စင် မီးအိမ်", "လမင်း စက္ကူ", "နှင်းဆီ လိပ်ပြာ", "မိုးတိမ် ပန်းအိမ်", "ရွှေစင် တေးငှက်"),
}
TOWNS = ("Kharwa", "Lumenfield", "Ondula", "Petrichor")
REFERENCE_FORMS = ("T{0}{1:05}", "HH-{1:06}", "PRJ/26/{1:05}", "{0}{1:04}-{0}", "2026{1:06}", "CBI{1:05}{0}")
ID_FORMS = ("MP{0}{1:06}Q", "88{1:09}", "FT26321{0}{1:04}", "{1:04}{0}7{1:05}", "TXN.{1:08}")


@cache
def held_back(source: Path = HELD_BACK) -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Words by language and by what they head or say; what a later list leaves out stands in the first."""
    first = tomllib.loads(HELD_BACK.read_text("utf-8"))
    listed = tomllib.loads(source.read_text("utf-8"))
    return {language: {**first[language], **listed[language]} for language in LANGUAGES}


def in_local_digits(text: str, zero: str) -> str:
    """A text with its digits as a language writes them."""
    return "".join(chr(ord(zero) + int(sign)) if sign.isascii() and sign.isdigit() else sign for sign in text)


def without_accents(text: str) -> str:
    """A text as a system without accents writes it."""
    return "".join(sign for sign in unicodedata.normalize("NFD", text) if not "\u0300" <= sign <= "\u036f")


def written(minor: int, place: Place, *, grouped: bool = True, decimals: bool = True) -> str:
    """An amount as text in a place's way."""
    whole, rest = divmod(minor, 10**place.minor_digits)
    point, group = place.marks
    text = f"{whole:,}".replace(",", group) if grouped else str(whole)
    return text + (f"{point}{rest:0{place.minor_digits}}" if decimals and place.minor_digits else "")


def code(form: str, number: int, chooser: random.Random) -> str:
    """A reference or id of a form."""
    return form.format(chooser.choice("BCDFGHJKMNPQRTVWX"), number)


def person(language: str, chooser: random.Random) -> str:
    """An invented person's name."""
    first, last = (chooser.choice(PEOPLE[language]).split() for _ in range(2))
    return f"{first[0]} {last[-1]}"
