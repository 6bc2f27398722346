"""The form of the desk and the form of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from cbi.feedback.service import Said
from cbi.feedback.tables import Category, Channel, Wants
from cbi.feedback.values import subject_of
from cbi.feedback.words import CATEGORIES, CHANNELS, CONFIDED, WANTS
from cbi.store.ids import id_of
from cbi.web.forms import PlainForm, key_of, new_key
from cbi.web.words import _, _l

LONGEST = 900
_SHORTER = _l("make it shorter: at most %(max)d letters")


class FeedbackForm(PlainForm):
    """What somebody said, as the desk takes it down. No name and no household is asked for."""

    client_key = HiddenField()
    subject = RadioField(_l("What is it about?"), [InputRequired(_l("choose what it is about"))], choices=[])
    channel = RadioField(
        _l("How did it come?"),
        [InputRequired(_l("choose how it came"))],
        choices=[SelectChoice(one.value, words) for one, words in CHANNELS.items()],
    )
    site = SelectField(_l("Place"), choices=[])
    words = TextAreaField(
        _l("What the person said"),
        [DataRequired(_l("write what the person said, in their own words where you can")), Length(max=LONGEST, message=_SHORTER)],
    )
    wants = RadioField(
        _l("How do they want the answer?"),
        [InputRequired(_l("choose how they want the answer"))],
        choices=[SelectChoice(one.value, words) for one, words in WANTS.items()],
    )
    contact = StringField(_l("Number, or where to find them"), [Length(max=80, message=_SHORTER)])
    urgent = BooleanField(_l("It cannot wait two weeks"))

    def offer(self, sites: Sequence[tuple[UUID, str]], *, confides: bool) -> FeedbackForm:
        """Offer these places, and the subjects that go past the desk when there is anybody they can go to."""
        kept = [SelectChoice(one.value, words) for one, words in CATEGORIES.items()]
        passed = [SelectChoice(one.value, words) for one, words in CONFIDED.items()] if confides else []
        self.subject.choices = [*kept, *passed]
        self.site.choices = [SelectChoice("", _("No one place")), *(SelectChoice(str(site), name) for site, name in sites)]
        if key_of(self.client_key.data) is None:
            self.client_key.data = new_key()
        return self

    @property
    def key(self) -> UUID:
        """The form's own key, by which it counts once."""
        return UUID(str(self.client_key.data))

    def said(self) -> Said:
        """What was taken down, as values."""
        return Said(
            subject=subject_of(self.subject.data),
            channel=Channel(self.channel.data),
            site_id=id_of(self.site.data),
            words=(self.words.data or "").strip(),
            wants=Wants(self.wants.data),
            contact=" ".join((self.contact.data or "").split()),
            urgent=bool(self.urgent.data),
            key=self.key,
        )


class AnswerForm(PlainForm):
    """What the person was told, or what was done."""

    answer = TextAreaField(
        _l("The answer"),
        [DataRequired(_l("write what the person was told, or what was done about it")), Length(max=LONGEST, message=_SHORTER)],
    )


CATEGORY_CHOICES = tuple((one.value, CATEGORIES[one]) for one in Category)
