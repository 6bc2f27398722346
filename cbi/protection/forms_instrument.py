"""What is typed about a version of the check: words per language, points, and entries as they stand in its file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wtforms import IntegerField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from cbi.protection.forms import KeyedForm
from cbi.web.words import _l
from screening import Package, Page, editing
from screening.editing import Place

_LONGEST_TEXT, _LONGEST_ENTRY = 1_000, 20_000
_MOST_POINTS = 10
PAGES = {Page.PRIVATE: _l("Private questions"), Page.CHOICES: _l("Delivery choices")}


class VersionForm(KeyedForm):
    """A button about one version; the revision says which state of it was read."""


class LanguageForm(KeyedForm):
    """A language to begin."""

    code = StringField(_l("Another language, by its code"), [DataRequired(_l("enter a code, for example fr")), Length(max=20)])


class ApproveForm(KeyedForm):
    """Whoever approves proves once more who she is."""

    passphrase = PasswordField(_l("Your passphrase"), [DataRequired(_l("enter your passphrase")), Length(max=512)])
    code = StringField(_l("Code"), [DataRequired(_l("enter the six digits your authenticator shows now")), Length(max=60)])


class EntryForm(KeyedForm):
    """One entry as it stands in the file."""

    entry = TextAreaField(_l("The entry"), [DataRequired(_l("write the entry, or leave this page")), Length(max=_LONGEST_ENTRY)])


class PointsForm(KeyedForm):
    """Where an item stands, and what each of its options counts."""

    page = SelectField(
        _l("Page"), [InputRequired(_l("choose a page"))], choices=[SelectChoice(one.value, words) for one, words in PAGES.items()]
    )
    options: Sequence[str] = ()

    def points(self) -> dict[str, int]:
        """The points, by option."""
        return {option: self[f"p{number}"].data for number, option in enumerate(self.options)}

    def lines(self) -> list[tuple[str, IntegerField]]:
        """Each option with its field."""
        return [(option, self[f"p{number}"]) for number, option in enumerate(self.options)]


class WordsForm(KeyedForm):
    """Every text of one part in one language."""

    places: Sequence[Place] = ()

    def said(self) -> dict[Place, str]:
        """The texts, by place."""
        return {place: self[f"w{number}"].data or "" for number, place in enumerate(self.places)}

    def lines(self) -> list[tuple[Place, TextAreaField]]:
        """Each place with its field."""
        return [(place, self[f"w{number}"]) for number, place in enumerate(self.places)]


def points_form(package: Package, item: str) -> PointsForm:
    """The form of one item's page and points."""
    points = editing.points(package, item)
    label = _l("Points")
    fields = {
        f"p{number}": IntegerField(
            label,
            [InputRequired(_l("enter the points, 0 for none")), NumberRange(0, _MOST_POINTS, _l("enter a number from 0 to 10"))],
            default=worth,
        )
        for number, worth in enumerate(points.values())
    }
    form: PointsForm = type("Points", (PointsForm,), {**fields, "options": tuple(points)})(page=editing.page(package, item))
    return form


def words_form(places: Sequence[Place], said: Mapping[Place, str]) -> WordsForm:
    """The form of these texts, as they are said now."""
    fields = {
        f"w{number}": TextAreaField(_l("Words"), [Optional(), Length(max=_LONGEST_TEXT)], default=said.get(place, ""))
        for number, place in enumerate(places)
    }
    form: WordsForm = type("Said", (WordsForm,), {**fields, "places": tuple(places)})()
    return form
