"""The forms of the first and the third page. The private page has none of its own: its controls come from the instrument, letter by letter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from wtforms import DateField, HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from cbi.checks.choices import AS_PLANNED, KEEP, PREFERS_NOT, Chosen
from cbi.checks.limits import LONGEST
from cbi.transfers.receiving import FEWEST_PARTS, MOST_PARTS, SLOTS
from cbi.web.forms import PlainForm, key_of
from cbi.web.words import _l
from screening.answers import settled
from screening.instrument import Item, SessionGate
from screening.kinds import ItemType

FACE, PHONE = "face", "phone"
_ANSWERS = {
    "yes": _l("Yes"),
    "no": _l("No"),
    "woman": _l("A woman"),
    "man": _l("A man"),
    "either": _l("Either"),
}
_QUIET = SelectChoice(PREFERS_NOT, _l("Prefers not to answer"))


class BeforeForm(PlainForm):
    """Before we start: who answers, where, and six lines. Nothing of it is kept."""

    where = RadioField(
        _l("How do you talk?"),
        [Optional()],
        choices=[SelectChoice(FACE, _l("Face to face")), SelectChoice(PHONE, _l("By phone, or through somebody else"))],
    )
    who = RadioField(_l("Who answers?"), [Optional()], choices=[])

    @property
    def lines(self) -> list[RadioField]:
        """The six lines, in order."""
        return [field for field in self if field.name.startswith("g0")]

    def answers(self) -> dict[str, str]:
        """What was answered, by line; lines without an answer are not there."""
        return {field.name.upper(): field.data for field in self.lines if field.data}


def before_form(gates: Sequence[SessionGate], people: Sequence[tuple[int, str]]) -> BeforeForm:
    """The first page for this instrument and these adults: (position, words)."""
    fields = {
        one.id.lower(): RadioField(one.wording, [Optional()], choices=[SelectChoice(answer, _ANSWERS[answer]) for answer in one.answers])
        for one in gates
    }
    form: BeforeForm = type("Before", (BeforeForm,), fields)()
    form.who.choices = [SelectChoice(str(position), words) for position, words in people]
    return form


class LimitsForm(PlainForm):
    """What cannot be kept confidential, in the words that are read aloud."""

    text = TextAreaField(
        _l("What is read aloud"), [Length(max=LONGEST, message=_l("make it shorter: it is read aloud, so at most %(max)d letters"))]
    )

    def texts(self) -> dict[str, str]:
        """What was typed, by language; the text itself under ""."""
        return {field.name.removeprefix("text").removeprefix("_"): field.data or "" for field in self if field.name.startswith("text")}

    def in_languages(self) -> list[TextAreaField]:
        """The same text in other languages."""
        return [field for field in self if field.name.startswith("text_")]


def limits_form(languages: Iterable[tuple[str, str]], written: Mapping[str, str]) -> LimitsForm:
    """The form with a field for each language a consent text is read in. languages: (code, own name)."""
    shorter = _l("make it shorter: it is read aloud, so at most %(max)d letters")
    fields = {f"text_{code}": TextAreaField(own, [Length(max=LONGEST, message=shorter)]) for code, own in languages}
    given = {f"text_{language}" if language else "text": words for language, words in written.items()}
    return type("Limits", (LimitsForm,), fields)(data=given)  # type: ignore[no-any-return]  # a form class made from data


class InterpreterForm(PlainForm):
    """Somebody who may interpret."""

    name = StringField(_l("Full name"), [DataRequired(_l("enter the full name, for example Juniper Moonbeam")), Length(max=80)])
    languages = StringField(_l("Languages"), [DataRequired(_l("enter the languages, for example Arabic, English")), Length(max=60)])
    sex = RadioField(
        _l("Interprets as"), [InputRequired(_l("choose one"))], choices=[SelectChoice("f", _l("A woman")), SelectChoice("m", _l("A man"))]
    )
    vetted_on = DateField(_l("Vetted on"), [InputRequired(_l("enter the day, for example 2026-11-23"))])


class ChoicesForm(PlainForm):
    """Delivery choices. Nothing is needed and nothing ticked beforehand; the questions of the instrument are added to it."""

    client_key = HiddenField()
    account = StringField(_l("Number or account for it, when it is not on file"), [Length(max=40)])
    unsuitable = SelectMultipleField(_l("Hours that do not suit"), choices=[SelectChoice(slot, slot) for slot in SLOTS])
    parts = RadioField(
        _l("In how many parts?"), [Optional()], choices=[SelectChoice(str(n), str(n)) for n in range(FEWEST_PARTS, MOST_PARTS + 1)]
    )
    hours = SelectMultipleField(_l("Hours that suit for messages"), choices=[SelectChoice(slot, slot) for slot in SLOTS])
    member = SelectField(_l("Member who collects"), [Optional()], choices=[])
    collector = StringField(_l("Or the full name of another adult"), [Length(max=80)])
    contact = StringField(_l("Their phone or document number"), [Length(max=40)])
    place = RadioField(_l("Which place suits best?"), [Optional()], choices=[])
    keep = RadioField(
        _l("Should we keep it for you until you ask?"),
        [Optional()],
        choices=[SelectChoice(AS_PLANNED, _l("No, as planned")), SelectChoice(KEEP, _l("Yes, keep it until I ask")), _QUIET],
    )
    agreed = RadioField(
        _l("Does the recipient choose this, or agree to it?"),
        [Optional()],
        choices=[SelectChoice("yes", _l("Yes")), SelectChoice("no", _l("Not asked, or not agreed"))],
    )

    def chosen(self, items: Sequence[Item]) -> Chosen:
        """What was sent, as values."""
        return Chosen(
            options={item.id: _options(item, self[item.id.lower()].data) for item in items},
            unsuitable=tuple(self.unsuitable.data or ()),
            hours=tuple(self.hours.data or ()),
            account=self.account.data or "",
            parts=int(self.parts.data) if self.parts.data else None,
            collector_id=UUID(self.member.data) if self.member.data else None,
            collector=self.collector.data or "",
            contact=self.contact.data or "",
            place=self.place.data or "",
            keep=self.keep.data or "",
        )

    def key(self) -> UUID | None:
        """The form's own key, by which it counts once."""
        return key_of(self.client_key.data)


def choices_form(
    items: Sequence[Item],
    *,
    words: Mapping[str, str],
    ways: Sequence[tuple[str, str]],
    places: Sequence[tuple[str, str]],
    members: Sequence[tuple[str, str]],
    key: UUID,
) -> ChoicesForm:
    """The third page with the instrument's questions and the place's whole menu. words: the question of each item; key: for a new form."""
    fields = {item.id.lower(): _field(item, words[item.id], ways) for item in items}
    form: ChoicesForm = type("Choices", (ChoicesForm,), fields)()
    form.place.choices = [*(SelectChoice(value, text) for value, text in places), _QUIET]
    form.member.choices = [SelectChoice("", "–"), *(SelectChoice(value, text) for value, text in members)]
    form.client_key.data = form.client_key.data or str(key)
    return form


def question_fields(form: ChoicesForm, items: Sequence[Item]) -> dict[str, RadioField | SelectMultipleField]:
    """The field of each item."""
    return {item.id: form[item.id.lower()] for item in items}


def _field(item: Item, words: str, ways: Sequence[tuple[str, str]]) -> RadioField | SelectMultipleField:
    own = [SelectChoice(option.id, option.label) for option in item.options]
    if item.id == "H20":
        # Another way stands by its name; where the office offers none, the wish is still written down.
        named = [SelectChoice(value, text) for value, text in ways]
        own = [own[0], *(named or [SelectChoice("other", _l("Another way (none is offered here yet)"))])]
    choices = [*own, _QUIET]
    if item.type is ItemType.MULTIPLE:
        return SelectMultipleField(words, choices=choices)
    return RadioField(words, [Optional()], choices=choices)


def _options(item: Item, given: object) -> frozenset[str]:
    picked = frozenset([given] if isinstance(given, str) else given) if given else frozenset()  # type: ignore[call-overload]  # text, or a list of texts
    return settled(item, picked - {PREFERS_NOT} or picked)


def page_order(items: Iterable[Item]) -> tuple[Item, ...]:
    """The order of the third page: the planned way first, then as in the instrument."""
    return tuple(sorted(items, key=lambda item: item.id != "H20"))
