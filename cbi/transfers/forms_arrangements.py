"""The card of how a household receives, as the help desk fills it: read back as what changed, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import UUID as AnyUUID  # noqa: N811 -- a check, not the value
from wtforms.validators import InputRequired, Length

from cbi.errors import Refused
from cbi.transfers.arrangement_words import DAY_WORDS, HELP_WORDS, MECHANISM_WORDS, MESSAGE_WORDS, TIME_WORDS
from cbi.transfers.receiving import FEWEST_PARTS, MOST_PARTS, SLOTS, Collector, Reach, Wanted, Way, read
from cbi.transfers.tables import ArrangementKind, Mechanism
from cbi.web.forms import PlainForm
from cbi.web.words import _, _l, _n

SOMEONE = "someone"
Choices = Iterable[tuple[str, str]]


class ArrangementForm(PlainForm):
    """How a household receives. An empty answer means: as planned for everybody."""

    site = SelectField(_l("Place"), choices=[])
    day = SelectMultipleField(_l("Days and hours that suit"))
    mechanism = SelectField(_l("Way to be paid"), choices=[])
    account = StringField(_l("Account or phone to pay to"), [Length(max=40)])
    collector = SelectField(_l("Who collects"), choices=[])
    collector_name = StringField(_l("Full name"), [Length(max=80)])
    collector_contact = StringField(_l("Their phone or document number"), [Length(max=40)])
    recipient = SelectField(_l("Recipient"), choices=[])
    shares = SelectMultipleField(_l("Separate transfers to"))
    parts = SelectField(_l("In parts"), choices=[])
    messages = SelectField(_l("Messages"), choices=[])
    hours = SelectMultipleField(_l("Hours for messages"))
    keep = BooleanField(_l("Keep it until the household asks"))
    help = SelectMultipleField(_l("Help with receiving"))
    agreed = BooleanField(_l("The person asked for this, and agrees"))
    seen = HiddenField()
    client_key = HiddenField(validators=[InputRequired(_l("open this page again")), AnyUUID(_l("open this page again"))])

    def offer(self, *, sites: Choices, adults: Choices, members: Choices) -> ArrangementForm:
        """The same, with what this household can choose from."""
        planned = SelectChoice("", _l("As planned for everybody"))
        self.site.choices = [planned, *_choices(sites)]
        self.shares.choices = _choices(adults)
        self.recipient.choices = [SelectChoice("", _l("As registered")), *_choices(members)]
        self.collector.choices = [
            SelectChoice("", _l("The recipient")),
            *_choices(adults),
            SelectChoice(SOMEONE, _l("Another adult they choose")),
        ]
        self.mechanism.choices = [planned, *(SelectChoice(one.value, words) for one, words in MECHANISM_WORDS.items())]
        whole = SelectChoice("", _l("All at once"))
        self.parts.choices = [
            whole,
            *(SelectChoice(str(n), _n("%(num)s part", "%(num)s parts", n)) for n in range(FEWEST_PARTS, MOST_PARTS + 1)),
        ]
        self.messages.choices = [
            SelectChoice("", _l("As usual")),
            *(SelectChoice(one.value, words) for one, words in MESSAGE_WORDS.items()),
        ]
        self.day.choices = self.hours.choices = [SelectChoice(code, code) for code in SLOTS]
        self.help.choices = [SelectChoice(one.value, words) for one, words in HELP_WORDS.items()]
        return self

    def changes(self, current: Mapping[ArrangementKind, Wanted]) -> dict[ArrangementKind, object]:
        """What differs from what holds now, in plain values. Raises Refused for a value that cannot be, with what to do."""
        typed = self._typed(current)
        return {kind: value for kind, value in typed.items() if read(kind, value) != current.get(kind)}

    def _typed(self, current: Mapping[ArrangementKind, Wanted]) -> dict[ArrangementKind, object]:
        return {
            ArrangementKind.SITE: self.site.data,
            ArrangementKind.DAY: tuple(self.day.data or ()),
            ArrangementKind.MECHANISM: self._way(current.get(ArrangementKind.MECHANISM)),
            ArrangementKind.COLLECTOR: self._collector(current.get(ArrangementKind.COLLECTOR)),
            ArrangementKind.RECIPIENT: self.recipient.data,
            ArrangementKind.SHARES: tuple(self.shares.data or ()),
            ArrangementKind.PARTS: self.parts.data,
            ArrangementKind.MESSAGES: self._reach(),
            ArrangementKind.KEEP: bool(self.keep.data),
            ArrangementKind.HELP: tuple(self.help.data or ()),
        }

    def _way(self, now: Wanted) -> object:
        if not self.mechanism.data:
            if (self.account.data or "").strip():
                raise Refused(_("choose the way to be paid that belongs to the account"))
            return None
        account = (self.account.data or "").strip()
        kept = now.account if isinstance(now, Way) and now.mechanism.value == self.mechanism.data else ""
        return Way(Mechanism(self.mechanism.data), account or kept)

    def _collector(self, now: Wanted) -> object:
        if not self.collector.data:
            return None
        if self.collector.data == SOMEONE:
            return Collector((self.collector_name.data or "").strip() or "?", None, (self.collector_contact.data or "").strip())
        member = UUID(self.collector.data)
        return now if isinstance(now, Collector) and now.member_id == member else Collector(member_id=member)

    def _reach(self) -> object:
        if not self.messages.data:
            if self.hours.data:
                raise Refused(_("choose which messages may come at these hours"))
            return None
        return {"messages": self.messages.data, "hours": " ".join(self.hours.data or ())}


def filled(current: Mapping[ArrangementKind, Wanted], seen: str, key: UUID) -> dict[str, Any]:  # Any: as WTForms takes it
    """The card as it holds now, for the form. The account is never shown again: empty keeps it."""
    collector, reach, way = (current.get(kind) for kind in (ArrangementKind.COLLECTOR, ArrangementKind.MESSAGES, ArrangementKind.MECHANISM))
    someone = isinstance(collector, Collector) and collector.member_id is None
    return {
        "site": str(current.get(ArrangementKind.SITE) or ""),
        "day": current.get(ArrangementKind.DAY) or (),
        "mechanism": way.mechanism.value if isinstance(way, Way) else "",
        "collector": (SOMEONE if someone else str(collector.member_id)) if isinstance(collector, Collector) else "",
        "collector_name": collector.name if isinstance(collector, Collector) and someone else "",
        "collector_contact": collector.contact if isinstance(collector, Collector) and someone else "",
        "recipient": str(current.get(ArrangementKind.RECIPIENT) or ""),
        "shares": current.get(ArrangementKind.SHARES) or (),
        "parts": str(current.get(ArrangementKind.PARTS) or ""),
        "messages": reach.messages.value if isinstance(reach, Reach) else "",
        "hours": reach.hours if isinstance(reach, Reach) else (),
        "keep": bool(current.get(ArrangementKind.KEEP)),
        "help": current.get(ArrangementKind.HELP) or (),
        "seen": seen,
        "client_key": str(key),
    }


def grid_days() -> Sequence[tuple[str, object]]:
    """The days of the hours grid, in words."""
    return tuple(DAY_WORDS.items())


def grid_times() -> Sequence[tuple[str, object]]:
    """The parts of a day of the hours grid, in words."""
    return tuple(TIME_WORDS.items())


def _choices(pairs: Choices) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in pairs]
