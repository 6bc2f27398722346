"""One person as the household form asks for them: the head, a member on a line, the six questions of each."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias

from wtforms import Field, Form, FormField, HiddenField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from cbi.errors import Refused
from cbi.people.born import read_born
from cbi.people.clean import clean
from cbi.people.spoken import six_questions
from cbi.people.tables import DocumentKind, Relation, Sex
from cbi.people.values import Activity, Born, Difficulty, NewDocument, NewMember
from cbi.people.words import WORDS
from cbi.web.forms import PlainPart
from cbi.web.parts import LatePart, Typed
from cbi.web.words import _, _l

NAME_LENGTH = Length(max=120, message=_l("make the name shorter: at most 120 letters"))
SHORT = Length(max=60, message=_l("make this shorter: at most 60 characters"))
_DIFFICULTIES = frozenset(Difficulty)

Answer: TypeAlias = Field | Typed


def choices(kind: type[StrEnum], *, leave_out: Sequence[StrEnum] = (), first: str | None = None) -> list[SelectChoice]:
    """The answers of a closed list in words; first: words for no answer."""
    none = [] if first is None else [SelectChoice("", first)]
    return none + [SelectChoice(one.value, WORDS[one]) for one in kind if one not in leave_out]


class SixPart(PlainPart, Form):  # type: ignore[misc]  # wtforms has no types
    """The six questions of one person, each spelled out or all six as digits in order; an empty answer means that nobody asked."""

    typed = StringField(_l("Six answers"), [SHORT])

    @property
    def questions(self) -> tuple[Field, ...]:
        """The six, spelled out, in order."""
        return tuple(self[activity.value] for activity in Activity)


for _activity, _question in six_questions().questions:
    _answers = [SelectChoice("", _l("Not asked")), *(SelectChoice(answer.value, words) for answer, words in six_questions().answers)]
    setattr(SixPart, _activity.value, SelectField(_question, choices=_answers, default=""))


def plain_digits(text: str) -> str:
    """What was typed as digits of any script, without spaces."""
    shown = (str(unicodedata.digit(one)) if one.isdigit() else one for one in unicodedata.normalize("NFKC", text))
    return "".join(one for one in shown if not one.isspace() and unicodedata.category(one) != "Cf")


def _six_of(digits: str) -> dict[Activity, Difficulty] | None:
    """The answers of "111211" in the order asked; None when it is not six of them."""
    if len(digits) != len(Activity) or not set(digits) <= set("-1234"):
        return None
    answers = tuple(Difficulty)
    return {activity: answers[int(digit) - 1] for activity, digit in zip(Activity, digits, strict=True) if digit != "-"}


class HeadPart(PlainPart, Form):  # type: ignore[misc]  # wtforms has no types
    """Who speaks for the household: the fields."""

    given = StringField(_l("Given names"), [NAME_LENGTH])
    family = StringField(_l("Family name"), [NAME_LENGTH])
    latin = StringField(_l("In Latin letters"), [NAME_LENGTH])
    sex = RadioField(_l("Sex"), [InputRequired(_l("choose a sex, for example Female"))], choices=choices(Sex), validate_choice=False)
    born = StringField(_l("Date, year or age"), [SHORT])
    six = FormField(SixPart, "")


class MemberPart(PlainPart, Form):  # type: ignore[misc]  # wtforms has no types
    """One more person, on one line: the fields. line: the id of a member who is already registered."""

    line = HiddenField("")
    name = StringField(_l("Name"), [NAME_LENGTH])
    born = StringField(_l("Born, or age"), [SHORT])
    sex = SelectField(_l("Sex"), choices=choices(Sex, first="–"), default="")
    relation = SelectField(_l("To the head"), choices=choices(Relation, leave_out=(Relation.HEAD,), first="–"), default="")
    six = FormField(SixPart, "")


class PersonPart(LatePart):
    """One person, by what was typed."""

    def difficulties(self) -> tuple[tuple[Activity, Difficulty], ...]:
        """What was answered to the six questions, in order.

        With words at the field when the digits cannot be read or say otherwise than the questions below them.
        """
        spelled = {activity: Difficulty(answer) for activity in Activity if (answer := self[f"six-{activity.value}"].data) in _DIFFICULTIES}
        typed = self["six-typed"]
        digits = plain_digits(typed.data or "")
        if not digits:
            return tuple(spelled.items())
        answers = _six_of(digits)
        if answers is None:
            say(typed, _("write one digit for each of the six questions in order, 1 to 4, for example 111211; a - where nobody asked"))
            return ()
        if any(answers.get(activity) is not answer for activity, answer in spelled.items()):
            say(typed, _("give the same six answers here and below, or empty this field"))
        return tuple(answers.items())

    def _show(self, member: NewMember, **answers: str) -> None:
        """Show a person as registered. answers: what the part asks besides birth and the six questions."""
        difficulties = {f"six-{activity.value}": difficulty.value for activity, difficulty in member.difficulties}
        for name, answer in {**answers, "born": _in_line(member.born), **difficulties}.items():
            self[name].data = answer


class Head(PersonPart):
    """Who speaks for the household."""

    def read(self, today: date, document: str, kept: NewMember | None) -> NewMember | None:
        """The head; None when something needs the person."""
        given = name_in(self["given"])
        born = read_field(self["born"], lambda text: read_born(text, today))
        sex = chosen(self["sex"], Sex, _l("choose a sex, for example Female"))
        others = [only_a_name(self[name]) for name in ("family", "latin")]
        if given is None or born is None or sex is None or not all(others):
            return None
        return NewMember(
            given=given,
            family=clean(self["family"].data),
            latin=clean(self["latin"].data),
            sex=sex,
            born=_same_birth(born, kept),
            relation=Relation.HEAD,
            documents=documents_of(document, kept),
            difficulties=self.difficulties(),
        )

    def fill(self, member: NewMember) -> None:
        """Show a person as registered."""
        self._show(member, given=member.given, family=member.family, latin=member.latin, sex=member.sex.value)


class Line(PersonPart):
    """One more person, on one line."""

    @property
    def is_blank(self) -> bool:
        """Whether nothing was entered."""
        return not (clean(self["name"].data) or clean(self["born"].data) or self["line"].data)

    def read(self, today: date, kept: NewMember | None) -> NewMember | None:
        """The person; None when something needs the registrar."""
        name = name_in(self["name"])
        born = read_field(self["born"], lambda text: read_born(text, today))
        sex = chosen(self["sex"], Sex, _l("choose a sex for this member"))
        relation = chosen(self["relation"], Relation, _l("choose who this member is to the head"))
        if name is None or born is None or sex is None or relation is None:
            return None
        same = kept is not None and kept.name == name
        return NewMember(
            given=kept.given if same and kept else name,
            family=kept.family if same and kept else "",
            latin=kept.latin if same and kept else "",
            sex=sex,
            born=_same_birth(born, kept),
            relation=relation,
            documents=kept.documents if kept else (),
            difficulties=self.difficulties(),
        )

    def fill(self, member: NewMember) -> None:
        """Show a person as registered."""
        self._show(member, name=member.name, sex=member.sex.value, relation=member.relation.value)


def name_in(field: Answer) -> str | None:
    """A name, None with words at the field when no letter is in it, or more than a name."""
    name = clean(field.data)
    if not only_a_name(field):
        return None
    if not any(unicodedata.category(character).startswith("L") for character in name):
        say(field, _("enter the name as the person says it, for example Juniper"))
        return None
    return name


def only_a_name(field: Answer) -> bool:
    """Whether a field holds nothing but what can stand in a name; else it says what to do."""
    text = field.data or ""
    if "\t" in text or "\n" in text:
        say(field, _("write one name here: several cells were pasted into this field"))
        return False
    if any(unicodedata.category(character) == "So" for character in text):
        say(field, _("write the name with letters, for example Juniper: pictures cannot be kept"))
        return False
    return True


def read_field(field: Answer, read: Any, *, optional: bool = False) -> Any:  # Any: whatever the reader makes of the text
    """What a reader makes of the text, None with its words at the field when it refuses."""
    text = clean(field.data)
    if optional and not text:
        return None
    try:
        return read(text)
    except Refused as problem:
        say(field, problem.fix)
        return None


def chosen(field: Answer, kind: type[Any], fix: str) -> Any:  # Any: a member of the closed list, or None
    """The answer of a closed list, None with words at the field when it is none of it."""
    if field.data in {one.value for one in kind}:
        return kind(field.data)
    say(field, fix)
    return None


def say(field: Answer, fix: str) -> None:
    """Put words beside a field that has none yet."""
    if not field.errors:
        field.errors = [fix]


def documents_of(number: str, kept: NewMember | None) -> tuple[NewDocument, ...]:
    """The document of the form, beside those it does not show."""
    others = kept.documents[1:] if kept else ()
    if not number:
        return others
    same = kept.documents[0] if kept and kept.documents and kept.documents[0].number == number else None
    return (same or NewDocument(DocumentKind.OTHER, number), *others)


def _same_birth(born: Born, kept: NewMember | None) -> Born:
    """An age that was registered before stays the year it meant then, unless it was changed."""
    return kept.born if kept and kept.born.year == born.year and kept.born.is_estimate and born.is_estimate else born


def _in_line(born: Born) -> str:
    return f"about {born.year}" if born.is_estimate else born.text
