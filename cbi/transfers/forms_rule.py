"""The form of a programme's rule: ways with their conditions, what is due, and what enrolment waits for. It says a table; `rules_read` reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from wtforms import Field as Control
from wtforms import FieldList, Form, FormField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from cbi.transfers.forms import KeyedForm
from cbi.transfers.rules import NAMED, Block, Condition, Needs, Rule, Way, What
from cbi.transfers.rules_check import Mistake, where_way
from cbi.transfers.rules_read import MOST_CONDITIONS, MOST_WAYS
from cbi.transfers.rules_write import table_of
from cbi.transfers.words_enrolment import BLOCKS, NEEDS, WHATS, code_of, word_of
from cbi.web.forms import PlainPart
from cbi.web.words import _, _l

Table = dict[str, Any]  # Any: as TOML and JSON have it
_DUE = ("base", "base_percent", "per_member", "per_member_percent", "members_at_most", "at_most", "basket")
_NUMBERS = frozenset({"base_percent", "per_member_percent", "members_at_most"})


class ConditionPart(PlainPart, Form):  # type: ignore[misc]  # wtforms has no types
    """One condition; a line that looks at nothing is left away."""

    what = SelectField(_l("What"))
    at_least = StringField(_l("At least"), description=_l("This many people, or years of age, or more. Empty: no limit."))
    at_most = StringField(_l("At most"), description=_l("This many or fewer. Empty: no limit."))
    among = StringField(_l("Which"))
    points = StringField(_l("Points"))

    def __init__(self, *args: Any, **more: Any) -> None:  # Any: as wtforms takes it
        super().__init__(*args, **more)
        self.what.choices = [SelectChoice("", _("Nothing")), *(SelectChoice(one.value, WHATS[one]) for one in What)]

    def table(self, *, points: bool) -> Table:
        """The condition as its text would say it."""
        told: Table = {"what": self.what.data}
        told |= {name: _number(self[name].data) for name in ("at_least", "at_most") if _typed(self[name])}
        if _typed(self.among) or self.what.data in NAMED:
            told["among"] = [code_of(one) for one in re.split(r"[,;،]", self.among.data or "") if one.strip()]
        return told | ({"points": _number(self.points.data)} if points else {})

    def fill(self, one: Condition) -> None:
        """Begin with a condition."""
        self.what.data, self.among.data = one.what.value, ", ".join(word_of(each) for each in one.among)
        for field, value in ((self.at_least, one.at_least), (self.at_most, one.at_most), (self.points, one.points or None)):
            field.data = "" if value is None else str(value)


class MustPart(PlainPart, Form):  # type: ignore[misc]  # wtforms has no types
    """What everyone must meet."""

    reason = StringField(_l("Why"))
    when = FieldList(FormField(ConditionPart), max_entries=MOST_CONDITIONS)

    def lines(self) -> list[ConditionPart]:
        """The conditions that look at something."""
        return [one.form for one in self.when if one.form.what.data]

    def is_empty(self) -> bool:
        """Whether nothing of it was filled in."""
        return not self.lines() and not _typed(self.reason)

    def table(self) -> Table:
        """As its text would say it."""
        return {"reason": self.reason.data or "", "when": [one.table(points=False) for one in self.lines()]}

    def fill(self, way: Way) -> None:
        """Begin with a way."""
        self.reason.data = way.reason
        for one in way.when:
            self.when.append_entry()
            self.when[-1].form.fill(one)

    def grow(self) -> None:
        """One more empty line, as long as there is room."""
        if len(self.when) < MOST_CONDITIONS:
            self.when.append_entry()


class WayPart(MustPart):
    """One way to be let in; one without a reason and conditions is left away. everybody: a way without conditions, on purpose."""

    needs = SelectField(_l("Needs"), default=Needs.ALL.value)
    points = StringField(_l("Points needed"))

    def __init__(self, *args: Any, **more: Any) -> None:  # Any: as wtforms takes it
        super().__init__(*args, **more)
        self.needs.choices = [SelectChoice(one.value, NEEDS[one]) for one in Needs]

    def table(self) -> Table:
        """As its text would say it."""
        adds = self.needs.data == Needs.POINTS.value
        head = {"reason": self.reason.data or "", "needs": self.needs.data} | ({"points": _number(self.points.data)} if adds else {})
        return {**head, "when": [one.table(points=adds) for one in self.lines()]}

    def fill(self, way: Way) -> None:
        """Begin with a way."""
        super().fill(way)
        self.needs.data, self.points.data = way.needs.value, str(way.points or "")


class RuleForm(KeyedForm):
    """A rule."""

    reason = StringField(_l("Why this rule"), [Length(max=300)], description=_l("For example: the assessment of October 2026."))
    must = FormField(MustPart)
    ways = FieldList(FormField(WayPart), max_entries=MOST_WAYS)
    base = StringField(_l("Base"))
    base_percent = StringField(_l("or percent of the basket"))
    per_member = StringField(_l("For each member"))
    per_member_percent = StringField(_l("or percent of the basket"))
    members_at_most = StringField(_l("Members counted, at most"))
    at_most = StringField(_l("At most"))
    basket = StringField(_l("Minimum expenditure basket"))
    waits_for = SelectMultipleField(_l("Enrolment waits for"))
    host_percent = StringField(_l("Agreed share of host households, in percent"))

    def __init__(self, currency: str, **more: Any) -> None:  # Any: as FlaskForm takes it
        super().__init__(**more)
        self.currency = currency
        self.waits_for.choices = [SelectChoice(one.value, BLOCKS[one]) for one in Block]

    def prepare(self, pressed: str = "") -> None:
        """Give every part an empty line, and the rule an empty way; pressed: the button that asked for one more."""
        if not len(self.ways) or pressed == "way":
            self.ways.append_entry() if len(self.ways) < MOST_WAYS else None
        for name, part in (("must", self.must.form), *((str(place), one.form) for place, one in enumerate(self.ways))):
            if not len(part.when) or pressed == name:
                part.grow()

    def fill(self, rule: Rule) -> None:
        """Begin with a rule."""
        table = table_of(rule)
        self.reason.data = rule.reason
        if rule.must:
            self.must.form.fill(rule.must)
        for way in rule.ways:
            self.ways.append_entry()
            self.ways[-1].form.fill(way)
        for name in _DUE:
            self[name].data = str(table["due"].get(name, ""))
        self.waits_for.data = [one.value for one in rule.blocks]
        self.host_percent.data = "" if rule.host_percent is None else str(rule.host_percent)

    def table(self) -> Table:
        """The rule as its text would say it, for the one reader of rules."""
        due = {name: _number(self[name].data) if name in _NUMBERS else self[name].data.strip() for name in _DUE if _typed(self[name])}
        host = {"host_percent": _number(self.host_percent.data)} if _typed(self.host_percent) else {}
        must = {} if self.must.form.is_empty() else {"must": self.must.form.table()}
        ways = [one.table() for one in self._ways()]
        terms = {"waits_for": list(self.waits_for.data or []), **host}
        return {"reason": self.reason.data or "", "currency": self.currency, "terms": terms, "due": due, **must, "way": ways}

    def tell(self, mistakes: Sequence[Mistake]) -> None:
        """Say each mistake at its field; two at one field in one breath."""
        fields = dict(self._places())
        said: dict[Control, list[str]] = {}
        for one in mistakes:
            said.setdefault(fields.get(one.where, self.reason), []).append(one.fix)
        for field, fixes in said.items():
            field.errors = ["; ".join(fixes)]

    def _ways(self) -> list[WayPart]:
        return [one.form for one in self.ways if not one.form.is_empty()]

    def _places(self) -> Iterator[tuple[str, Control]]:
        """The field of each place a mistake can name."""
        parts: list[tuple[int | None, MustPart]] = [(None, self.must.form), *enumerate(self._ways(), start=1)]
        for number, part in parts:
            yield where_way(number), part.reason
            yield from ((where_way(number, place), one.what) for place, one in enumerate(part.lines(), start=1))
        yield _("the ways"), self.ways[0].form.reason if len(self.ways) else self.reason
        yield from ((_("what is due"), self.base), (_("the terms"), self.waits_for), (_("the agreed shares"), self.host_percent))


class RuleTextForm(KeyedForm):
    """A rule as text."""

    body = TextAreaField(
        _l("The rule"), [DataRequired(_l("paste a rule, as the example shows")), Length(max=60_000, message=_l("make this shorter"))]
    )


class ApplyForm(KeyedForm):
    """Apply exactly the simulation that was shown."""

    shown = StringField()

    def digest(self) -> bytes:
        """The digest of the simulation on the page; of anything else, none that fits."""
        text = self.shown.data or ""
        return bytes.fromhex(text) if re.fullmatch(r"[0-9a-f]{64}", text) else b""


class AppealForm(KeyedForm):
    """What a household says about its result."""

    said = TextAreaField(
        _l("What the household says"),
        [
            DataRequired(_l("write what the household says, for example: two children were born since")),
            Length(max=400, message=_l("make this shorter")),
        ],
    )


class AnswerForm(KeyedForm):
    """The answer to an appeal, with its reason."""

    answer = RadioField(
        _l("What do you answer?"),
        choices=[
            SelectChoice("yes", _l("Allow it: enrol the household as an exception")),
            SelectChoice("no", _l("Do not allow it: the result stays")),
        ],
    )
    reason = TextAreaField(
        _l("Why"),
        [DataRequired(_l("say why, so that it can be read to the household")), Length(max=400, message=_l("make this shorter"))],
    )


def _typed(field: Control) -> bool:
    return bool((field.data or "").strip())


def _number(text: str | None) -> int | str:
    """A whole number as typed; anything else stays what it was, for the reader of rules to say what to do."""
    plain = (text or "").strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 9 else plain  # noqa: PLR2004 -- longer is no count anybody means
