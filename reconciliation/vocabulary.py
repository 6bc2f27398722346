"""The words providers use for columns and statuses, read from vocabulary.toml and asked by folded text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files

from babel.core import get_global
from rapidfuzz.fuzz import ratio

from reconciliation.cells import plain, words
from reconciliation.concepts import HUMP
from reconciliation.payout import Outcome
from reconciliation.statuses import composed_outcome


class Field(StrEnum):
    """What a column of a payout file can hold, by the names a map uses."""

    REFERENCE = "reference"
    AMOUNT = "amount"
    CURRENCY = "currency"
    STATUS = "status"
    REASON = "reason"
    PROVIDER_ID = "provider_id"
    NAME = "name"
    PHONE = "phone"
    ACCOUNT = "account"
    TOKEN = "token"  # noqa: S105 - a voucher or card number, no secret
    NARRATIVE = "narrative"
    DATE = "date"
    RETURNED_AMOUNT = "returned_amount"


@dataclass(frozen=True, slots=True)
class _Phrases:
    """Phrases as a heading is compared with them: as a whole, by single words, by several in any order, and as they stand."""

    whole: frozenset[str]
    single: frozenset[str]
    several: tuple[frozenset[str], ...]
    spaceless: tuple[str, ...]

    @classmethod
    def of(cls, phrases: frozenset[str]) -> _Phrases:
        """Sort phrases by how they are looked for."""
        spaced = {phrase for phrase in phrases if not is_spaceless(phrase)}
        return cls(
            whole=phrases,
            single=frozenset(phrase for phrase in spaced if " " not in phrase),
            several=tuple(frozenset(phrase.split()) for phrase in spaced if " " in phrase),
            spaceless=tuple(phrases - spaced),
        )

    def in_several(self, tokens: frozenset[str]) -> bool:
        """Whether all words of a phrase of several stand in a heading."""
        return any(phrase <= tokens for phrase in self.several)

    def in_one(self, folded: str, tokens: frozenset[str]) -> bool:
        """Whether a phrase of one word stands in a heading."""
        return not self.single.isdisjoint(tokens) or any(phrase in folded for phrase in self.spaceless)


@dataclass(frozen=True, slots=True)
class _Words:
    strong: Mapping[Field, _Phrases]
    weak: Mapping[Field, _Phrases]
    faint: Mapping[Field, _Phrases]
    decoys: Mapping[Field, _Phrases]
    outcomes: Mapping[str, Outcome]
    totals: frozenset[str]
    footers: frozenset[str]
    currency: Mapping[str, frozenset[str]]
    short: Mapping[str, str]


_EXACT_STRONG, _EXACT_WEAK, _EXACT_FAINT = 1.0, 0.8, 0.66
_PHRASE_STRONG, _WORD_STRONG, _PHRASE_WEAK = 0.86, 0.72, 0.6
_LONG_HEADING = 8
_SHORTEST_ALIKE, _ALIKE, _SPELLED_ALIKE = 8, 88, 0.8


@cache
def _known() -> _Words:
    source = tomllib.loads(files("reconciliation").joinpath("vocabulary.toml").read_text("utf-8"))
    columns, short = source["columns"], source["short"]

    def phrases(by_language: Mapping[str, list[str]]) -> _Phrases:
        return _Phrases.of(frozenset(" ".join(short.get(word, word) for word in phrase.split()) for phrase in _folded(by_language)))

    return _Words(
        strong={field: phrases(columns[field].get("strong", {})) for field in Field},
        weak={field: phrases(columns[field].get("weak", {})) for field in Field},
        faint={field: phrases(columns[field].get("faint", {})) for field in Field},
        decoys={field: phrases({"": source["decoys"].get(field, [])}) for field in Field},
        outcomes={word: Outcome(kind) for kind in ("paid", "failed", "returned") for word in _folded(source["status"][kind])},
        totals=_folded(source["rows"]["total"]),
        footers=_folded(source["rows"]["footer"]),
        short=short,
        currency={code: frozenset(spellings) for code, spellings in source["currency"].items()},
    )


def _folded(by_language: Mapping[str, list[str]]) -> frozenset[str]:
    return frozenset(words(word) for listed in by_language.values() for word in listed)


@lru_cache(maxsize=8192)
def phrase_score(heading: str, field: Field) -> float:
    """How surely the listed phrases name a field in a heading: 1 for one of its own, 0 where none stands in it or a decoy does."""
    folded = without_currency(_spelled_out(heading))
    known = _known()
    if folded in known.strong[field].whole:
        return _EXACT_STRONG
    if not folded or _ruled_out(folded, field):
        return 0.0
    if folded in known.weak[field].whole:
        return _EXACT_WEAK
    if folded in known.faint[field].whole:
        return _EXACT_FAINT
    return _score_within(folded, field)


@lru_cache(maxsize=8192)
def alike_score(heading: str, field: Field) -> float:
    """A little for a heading spelled nearly like one of the field's own phrases, of some length."""
    folded = _spelled_out(heading)
    if len(folded) < _SHORTEST_ALIKE:
        return 0.0
    phrases = _known().strong[field].whole | _known().weak[field].whole
    return _SPELLED_ALIKE if any(ratio(folded, phrase, score_cutoff=_ALIKE) for phrase in phrases) else 0.0


@lru_cache(maxsize=8192)
def is_decoy(heading: str, field: Field) -> bool:
    """Whether a heading holds a listed word that rules the field out."""
    return _ruled_out(_spelled_out(heading), field)


@lru_cache(maxsize=8192)
def is_listed(heading: str, field: Field) -> bool:
    """Whether a whole heading is one of the field's phrases."""
    folded, known = without_currency(_spelled_out(heading)), _known()
    return any(folded in phrases[field].whole for phrases in (known.strong, known.weak, known.faint))


@lru_cache(maxsize=8192)
def _spelled_out(heading: str) -> str:
    short = _known().short
    return " ".join(short.get(word, word) for word in words(HUMP.sub(" ", heading)).split())


def _score_within(folded: str, field: Field) -> float:
    tokens = frozenset(folded.split())
    if len(tokens) > _LONG_HEADING:
        return 0.0
    strong, weak = _known().strong[field], _known().weak[field]
    if strong.in_several(tokens):
        return _PHRASE_STRONG
    if strong.in_one(folded, tokens):
        return _WORD_STRONG
    return _PHRASE_WEAK if weak.in_one(folded, tokens) or weak.in_several(tokens) else 0.0


def _ruled_out(folded: str, field: Field) -> bool:
    tokens, decoys = frozenset(folded.split()), _known().decoys[field]
    return decoys.in_one(folded, tokens) or decoys.in_several(tokens)


def outcome_of(status: str) -> Outcome | None:
    """What a status says happened, in any of the languages: listed whole, or made of known words; None when it is neither."""
    return _known().outcomes.get(words(status)) or composed_outcome(status)


def is_total(text: str) -> bool:
    """Whether a cell labels a total: "Grand total", "المجموع:", "TOTAL (250 lines)"."""
    folded = words(text)
    if not folded or not folded[:1].isalpha():
        return False
    totals = _known().totals
    if is_spaceless(folded):
        return any(folded.startswith(total) for total in totals if is_spaceless(total))
    start = folded.split()[:3]
    return folded in totals or (
        any(" ".join(start[:length]) in totals for length in range(1, len(start) + 1)) and len(folded.split()) < _LONG_HEADING
    )


def is_footer(text: str) -> bool:
    """Whether a cell opens a line under a table that is no row of it: "Prepared by: …", "Signature"."""
    folded = words(text)
    return any(folded == start or folded.startswith(start if is_spaceless(start) else start + " ") for start in _known().footers)


def is_spaceless(folded: str) -> bool:
    """Whether a text is in the script of Burmese, which writes no spaces between words."""
    return "\u1000" <= folded[:1] <= "\u109f"


@lru_cache(maxsize=1024)
def without_currency(folded: str) -> str:
    """A folded heading without the currency in it: "amount kes" is "amount"."""
    kept = [word for word in folded.split() if not currency_of(word) and not (len(word) > 1 and is_any_currency_word(word))]
    return " ".join(kept) or folded


@lru_cache(maxsize=8192)
def names_currency(heading: str) -> bool:
    """Whether a heading names a currency by its code, as over amounts: "Payment (TZS)"."""
    return any(len(word) > 2 and word.isupper() and bool(currency_of(word)) for word in re.findall(r"\w+", heading))  # noqa: PLR2004


@lru_cache(maxsize=4096)
def currency_of(word: str) -> str:
    """The ISO 4217 code that a word is or, where only one currency is written so, means; "" for any other word."""
    code = plain(word).upper()
    if code in get_global("all_currencies") and (word.isupper() or code in _COMMON):
        return code
    meant = [code for code, spellings in _known().currency.items() if word.casefold() in spellings and len(word) > 1]
    return meant[0] if len(meant) == 1 else ""


@lru_cache(maxsize=4096)
def is_any_currency_word(word: str) -> bool:
    """Whether a word or sign is how some currency is written, even if several are: "FCFA", "$"."""
    return any(word.casefold() in spellings for spellings in _known().currency.values())


def is_currency_word(word: str, currency: str) -> bool:
    """Whether a word beside an amount is a way to write that currency: "KSh" beside KES."""
    return word.upper() == currency or word.casefold() in _known().currency.get(currency, frozenset())


# Codes that are not also everyday words in a heading ("ALL", "TOP", "CUP", "MOP", "PEN", "TRY", "BAM" are).
_COMMON = frozenset(
    [
        "AFN",
        "AMD",
        "AOA",
        "BDT",
        "BIF",
        "BRL",
        "BWP",
        "CDF",
        "CHF",
        "CNY",
        "COP",
        "DJF",
        "DZD",
        "EGP",
        "ERN",
        "ETB",
        "EUR",
        "GBP",
        "GHS",
        "GMD",
        "GNF",
        "GTQ",
        "HNL",
        "HTG",
        "IDR",
        "ILS",
        "INR",
        "IQD",
        "IRR",
        "JOD",
        "JPY",
        "KES",
        "KHR",
        "LAK",
        "LBP",
        "LKR",
        "LRD",
        "LSL",
        "LYD",
        "MAD",
        "MGA",
        "MMK",
        "MRU",
        "MWK",
        "MXN",
        "MYR",
        "MZN",
        "NGN",
        "NIO",
        "NPR",
        "PHP",
        "PKR",
        "RWF",
        "SAR",
        "SDG",
        "SLE",
        "SOS",
        "SSP",
        "SYP",
        "SZL",
        "THB",
        "TJS",
        "TND",
        "TZS",
        "UAH",
        "UGX",
        "USD",
        "UZS",
        "VES",
        "VND",
        "XAF",
        "XOF",
        "YER",
        "ZAR",
        "ZMW",
    ]
)
