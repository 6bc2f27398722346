"""What a status made of known words says: "Payment not successful" failed. A word that is not known leaves the status open, to be asked about."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

from reconciliation.cells import words
from reconciliation.concepts import folded_arabic
from reconciliation.payout import Outcome

_MOST_WORDS = 8
_TOLD = frozenset({"paid", "failed", "returned"})
_BURMESE = re.compile("[\u1000-\u109f]")
# Endings of Bengali say it alone ("…াধীন": under way); Swahili verbs say by how they begin whether it happened ("imelipwa", "amelipwa") or not ("haijalipwa", "hakulipwa").
_HAPPENED = re.compile(r"(?:i|a|zi|li|u|wa|ya|ki|vi)me")
_DID_NOT = re.compile(r"ha(?:i|wa|zi|li|u|ya|ki|vi|tu)?(?:ja|ku)")

_TO_DO = re.compile(r"ku(?:to)?")
# "Pago no banco": paid at the bank in one language, and "no" denies in others.
_DENIES_OR_PLACES = "no"


@lru_cache(maxsize=4096)
def composed_outcome(status: str) -> Outcome | None:
    """What the words of a status say together; None when one of them is not known or they contradict each other."""
    pieces = _pieces(words(status))
    if not 0 < len(pieces) <= _MOST_WORDS:
        return None
    said = [_kinds(piece) for piece in pieces]
    if any(piece == _DENIES_OR_PLACES and _may_place(said, place) for place, piece in enumerate(pieces)):
        return None
    # "Pago" is paid in one language and payment in another: it says nothing beside a word that says more.
    sure = {kind for kinds in said if "neutral" not in kinds for kind in kinds}
    every = {kind for kinds in said for kind in kinds}
    return None if "" in every else _weighed(sure if sure & _TOLD else every)


def _may_place(said: list[tuple[str, ...]], place: int) -> bool:
    """Whether what was paid stands before this word, and behind it something that cannot have been denied."""
    before, behind = set().union(*said[:place]), set().union(*said[place + 1 : place + 2])
    return "paid" in before and bool(behind) and not behind & {"paid", "deed"}


def _weighed(kinds: set[str]) -> Outcome | None:
    told = kinds & _TOLD
    if len(told) > 1 or ("not" in kinds and told & {"failed", "returned"}):
        return None
    if "not" in kinds:
        return Outcome.FAILED if kinds & {"paid", "deed"} else None
    if kinds & {"party", "step"} and told not in ({"failed"}, {"returned"}):
        return None
    if told:
        return Outcome(next(iter(told)))
    return Outcome.PAID if {"deed", "done"} <= kinds else None


def _pieces(folded: str) -> list[str]:
    """The words of a status; those of Burmese, which writes no spaces, cut where known words meet."""
    if not _BURMESE.search(folded):
        return [folded_arabic(word) for word in folded.split()]
    joined = folded.replace(" ", "")
    return _burmese().findall(joined) if re.fullmatch(f"(?:{_burmese().pattern})+", joined) else [joined]


@cache
def _burmese() -> re.Pattern[str]:
    known = {word for word in _known()[0] if _BURMESE.search(word)}
    return re.compile("|".join(sorted(known, key=lambda word: (-len(word), word))))


def _kinds(piece: str) -> tuple[str, ...]:
    """What a word says; "" for one that is not known."""
    whole, ends = _known()
    if piece in whole:
        return whole[piece]
    if piece.isascii() and piece.endswith("s") and piece[:-1] in whole:
        return whole[piece[:-1]]
    kind = next((kind for end, kind in ends.items() if piece.endswith(end)), "")
    if kind and _DID_NOT.match(piece):
        return ("not", kind)
    if kind and _TO_DO.match(piece):
        # "inasubiri kuchukuliwa", "imeshindwa kulipwa": what was to be done says nothing by itself.
        return ("not", kind) if piece.startswith("kuto") else ("neutral",)
    return (kind,) if kind and (_HAPPENED.match(piece) or not piece.isascii()) else ("",)


@cache
def _known() -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, str]]:
    """What whole words say, and what the ends of others say."""
    source = tomllib.loads(files("reconciliation").joinpath("statuses.toml").read_text("utf-8"))
    whole: dict[str, tuple[str, ...]] = {}
    ends: dict[str, str] = {}
    for kind, languages in source.items():
        for word in (word for listed in languages.values() for word in listed):
            if word.startswith("*"):
                ends[words(word)] = kind
            else:
                folded = folded_arabic(words(word))
                whole[folded] = (*whole.get(folded, ()), kind)
    return whole, ends
