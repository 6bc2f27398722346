"""Texts that are read aloud word for word, kept as data: the consent in each language, and the six Washington Group questions."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

from cbi.people.values import Activity, Difficulty

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One language's text. version: the same in every language; since: the day it was first read.

    information: what people take home.  draft: in its own language, that somebody who speaks it must clear the text first; "" once that was done.
    """

    version: int
    since: date
    language: str
    own_name: str
    direction: Literal["ltr", "rtl"]
    title: str
    paragraphs: tuple[str, ...]
    information_title: str
    information: tuple[str, ...]
    draft: str = ""


@dataclass(frozen=True, slots=True)
class SixQuestions:
    """The Washington Group Short Set, its wording unaltered."""

    introduction: str
    questions: tuple[tuple[Activity, str], ...]
    answers: tuple[tuple[Difficulty, str], ...]


def consent_texts() -> dict[str, ConsentText]:
    """Every language's text that may be read to people, by its code, English first."""
    return {language: text for language, text in all_texts().items() if not text.draft}


@lru_cache(maxsize=1)
def all_texts() -> dict[str, ConsentText]:
    """The same with the drafts: they are printed to be cleared, and nobody's consent is taken with them."""
    files = sorted((_HERE / "consents").glob("*.toml"), key=lambda file: (file.stem != "en", file.stem))
    texts = [tomllib.loads(file.read_text("utf-8")) for file in files]
    return {
        text["language"]: ConsentText(**{**text, "paragraphs": tuple(text["paragraphs"]), "information": tuple(text["information"])})
        for text in texts
    }


def consent_version() -> int:
    """The version read today."""
    return consent_texts()["en"].version


@lru_cache(maxsize=1)
def six_questions() -> SixQuestions:
    """The six questions and their four answers, in order."""
    kept = tomllib.loads((_HERE / "washington.toml").read_text("utf-8"))
    questions = tuple((activity, str(kept["questions"][activity.value])) for activity in Activity)
    return SixQuestions(kept["introduction"], questions, tuple((answer, str(kept["answers"][answer.value])) for answer in Difficulty))
