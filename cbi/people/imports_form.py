"""Our registration form as an XLSForm, so that Kobo and ODK collect exactly what an import takes in."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cbi.people.spoken import consent_texts, consent_version, six_questions
from cbi.sites.tables import Site
from reconciliation.report import Formats, new_book

_ENGLISH, _ARABIC = "English (en)", "Arabic (ar)"
_SURVEY = (
    "type", "name", f"label::{_ENGLISH}", f"label::{_ARABIC}", "required", "relevant", "constraint",
    f"constraint_message::{_ENGLISH}", f"constraint_message::{_ARABIC}",
)  # fmt: skip
_CHOICES = ("list_name", "name", f"label::{_ENGLISH}", f"label::{_ARABIC}", "pcode")
_SETTINGS = ("form_title", "form_id", "version", "default_language", "allow_choice_duplicates")


@dataclass(frozen=True, slots=True)
class XlsForm:
    """The three sheets, each a list of rows under its headings."""

    survey: Sequence[Sequence[str]]
    choices: Sequence[Sequence[str]]
    settings: Sequence[Sequence[str]]


def form_of(sites: Sequence[Site]) -> XlsForm:
    """The form of an operation with these sites."""
    survey = [_SURVEY, *_questions()]
    choices = [_CHOICES, *_choices(sites)]
    version = f"{consent_version():03}"
    settings = (_SETTINGS, (str(_kept()["title"]), "household_registration", version, _ENGLISH, "no"))
    return XlsForm(survey, choices, settings)


def write_form(path: Path | str, form: XlsForm) -> None:
    """The form as a workbook, for Kobo's or ODK's own upload page."""
    with new_book(path) as book:
        formats = Formats(book)
        for name, rows in (("survey", form.survey), ("choices", form.choices), ("settings", form.settings)):
            page = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, text in enumerate(row):
                    page.write_string(number, column, text, formats.text if number else formats.heading)
            page.freeze_panes(1, 0)


@lru_cache(maxsize=1)
def _kept() -> Mapping[str, object]:
    return tomllib.loads((Path(__file__).parent / "xlsform.toml").read_text("utf-8"))


def choices_of(name: str) -> Mapping[str, tuple[str, str]]:
    """The answers of a list by code, each in English and Arabic."""
    kept = _kept()["choices"]
    assert isinstance(kept, dict)
    return {code: (english, arabic) for code, (english, arabic) in kept[name].items()}


def _questions() -> Iterator[tuple[str, ...]]:
    kept = _kept()["survey"]
    assert isinstance(kept, list)
    for one in kept:
        if one["type"] == "six":
            # Unaltered: where no official translation is kept, the English words stand in every language.
            for activity, words in six_questions().questions:
                yield ("select_one difficulty", activity.value, words, words, *[""] * 5)
        else:
            yield _question(one)


def _question(one: Mapping[str, str]) -> tuple[str, ...]:
    english, arabic = _text(one["text"]) if "text" in one else (one.get("en", ""), one.get("ar", ""))
    rules = (one.get(name, "") for name in ("required", "relevant", "constraint", "message_en", "message_ar"))
    return (one["type"], one.get("name", ""), english, arabic, *rules)


def _text(name: str) -> tuple[str, str]:
    if name == "six":
        return six_questions().introduction, six_questions().introduction
    english, arabic = ("\n\n".join(consent_texts()[language].paragraphs) for language in ("en", "ar"))
    return english, arabic


def _choices(sites: Sequence[Site]) -> Iterator[tuple[str, ...]]:
    for site in sites:
        yield ("site", site.code, site.name, site.name, site.pcode)
    kept = _kept()["choices"]
    assert isinstance(kept, dict)
    for name in kept:
        for code, (english, arabic) in choices_of(name).items():
            yield (name, code, english, arabic, "")
    for answer, words in six_questions().answers:
        yield ("difficulty", answer.value, words, words, "")
