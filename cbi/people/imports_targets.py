"""What the columns of a registration file can hold, and the words that files have for it."""

from __future__ import annotations

import tomllib
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from reconciliation.cells import words

KNOWN = tomllib.loads((Path(__file__).parent / "imports_words.toml").read_text("utf-8"))
ROW_KEY = "_import_row"
_LETTERS = 2


class Target(StrEnum):
    """What a column can hold."""

    SITE = "site"
    SHELTER = "shelter"
    GROUP = "group"
    LANGUAGE = "language"
    CONSENT = "consent"
    CONSENT_LANGUAGE = "consent_language"
    PHONE = "phone"
    PHONE_2 = "phone_2"
    ACCOUNT_KIND = "account_kind"
    ACCOUNT = "account"
    ALTERNATE_NAME = "alternate_name"
    DAY = "day"
    NAME = "name"
    GIVEN = "given"
    MIDDLE = "middle"
    FAMILY = "family"
    LATIN = "latin"
    SEX = "sex"
    RELATION = "relation"
    BIRTH = "birth"
    BIRTH_DATE = "birth_date"
    BIRTH_YEAR = "birth_year"
    AGE = "age"
    DOCUMENT_KIND = "document_kind"
    DOCUMENT = "document"
    COLLECTS = "collects"
    SEEING = "seeing"
    HEARING = "hearing"
    WALKING = "walking"
    REMEMBERING = "remembering"
    CARING = "caring"
    COMMUNICATING = "communicating"
    SOURCE = "source"
    KEY = "key"
    PARENT = "parent"


PERSON = frozenset(list(Target)[list(Target).index(Target.NAME) : list(Target).index(Target.SOURCE)])
BIRTHS = (Target.BIRTH_DATE, Target.BIRTH_YEAR, Target.AGE, Target.BIRTH)


@lru_cache(maxsize=32)
def codes(kind: str) -> dict[str, str]:
    """What cells of one kind can say, folded, and the word of ours it stands for."""
    return {words(said): ours for ours, known in KNOWN["codes"][kind].items() for said in (*known, ours)}


@lru_cache(maxsize=1)
def languages() -> dict[str, str]:
    """How a file may name a language, folded, and its code: our own words for it, the two letters, the English name."""
    from babel import Locale

    english = {words(name): code for code, name in Locale("en").languages.items() if len(code) == _LETTERS}
    return english | {code: code for code in english.values()} | codes("language")
