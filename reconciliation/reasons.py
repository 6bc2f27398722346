"""Why money did not arrive: the provider's own words mapped to a closed list of ours, in eight languages."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from reconciliation.cells import words

_BEGINNING = "*"
_BURMESE = re.compile("[\u1000-\u109f]")


class Reason(StrEnum):
    """Why a payment failed or came back, as far as what to do next depends on it."""

    WALLET_CLOSED = "wallet_closed"
    LIMIT_REACHED = "limit_reached"
    WRONG_NUMBER = "wrong_number"
    NAME_MISMATCH = "name_mismatch"
    NOT_REGISTERED = "not_registered"
    INSUFFICIENT_FLOAT = "insufficient_float"
    PENDING = "pending"
    EXPIRED = "expired"
    UNCLAIMED = "unclaimed"
    REJECTED = "rejected"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class _Phrases:
    """What providers say, folded: whole phrases by their words, phrases whose last word is only a beginning, and the longest first those without spaces."""

    whole: dict[tuple[str, ...], Reason]
    begun: dict[tuple[str, ...], Reason]
    longest: int
    spaceless: tuple[tuple[str, Reason], ...]


@lru_cache(maxsize=65536)
def reason_of(said: str, status: str = "") -> Reason:
    """Our reason for what a provider wrote; `status` is read when the reason itself tells nothing. OTHER for words we do not know.

    The longest phrase found decides, so that "account not found, limit" is about the account.
    """
    found = _longest(words(said))
    if found is Reason.OTHER and status:
        return _longest(words(status))
    return found


def _longest(text: str) -> Reason:
    known, tokens = _phrases(), tuple(text.split())
    if _BURMESE.search(text):
        joined = text.replace(" ", "")
        return next((reason for phrase, reason in known.spaceless if phrase in joined), Reason.OTHER)
    for length in range(min(known.longest, len(tokens)), 0, -1):
        found = [reason for start in range(len(tokens) - length + 1) if (reason := _at(known, tokens[start : start + length]))]
        if found:
            return min(found, key=list(Reason).index)
    return Reason.OTHER


def _at(known: _Phrases, tokens: tuple[str, ...]) -> Reason | None:
    reason = known.whole.get(tokens)
    if reason is not None or not known.begun:
        return reason
    for end in range(len(tokens[-1]), 2, -1):
        reason = known.begun.get((*tokens[:-1], tokens[-1][:end]))
        if reason is not None:
            return reason
    return None


@lru_cache(maxsize=1)
def _phrases() -> _Phrases:
    with files("reconciliation").joinpath("reasons.toml").open("rb") as stream:
        said = tomllib.load(stream)
    whole: dict[tuple[str, ...], Reason] = {}
    begun: dict[tuple[str, ...], Reason] = {}
    for reason, languages in said.items():
        for phrase in (phrase for phrases in languages.values() for phrase in phrases):
            place = begun if phrase.endswith(_BEGINNING) else whole
            place.setdefault(tuple(words(phrase.rstrip(_BEGINNING)).split()), Reason(reason))
    joined = {"".join(phrase): reason for phrase, reason in whole.items() if _BURMESE.search(phrase[0])}
    spaceless = tuple((phrase, joined[phrase]) for phrase in sorted(joined, key=len, reverse=True))
    return _Phrases(whole, begun, max(map(len, (*whole, *begun))), spaceless)
