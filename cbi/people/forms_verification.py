"""Forms of verification visits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from wtforms import HiddenField, IntegerField, RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, StopValidation

from cbi.people.tables_verification import Found
from cbi.people.verification import MOST, OFFICE_REASONS, Wanted
from cbi.people.words import FOUND_AT_VISIT, VISIT_REASONS
from cbi.store.ids import id_of
from cbi.web.forms import PlainForm, key_of
from cbi.web.words import _, _l


class DrawForm(PlainForm):
    """Whom to draw."""

    client_key = HiddenField()
    site = SelectField(_l("Site"))
    at_random = IntegerField(
        _l("Households at random"),
        [InputRequired(_l("enter how many, for example 20; 0 for none")), NumberRange(0, MOST, _l("enter a number from 0 to 100000"))],
        default=20,
    )
    reasons = SelectMultipleField(_l("And all of these"))

    def __init__(self, places: Sequence[tuple[UUID, str]], **more: Any) -> None:  # Any: as FlaskForm takes it
        super().__init__(**more)
        self.site.choices = [SelectChoice("", _("Every site")), *(SelectChoice(str(one), name) for one, name in places)]
        self.reasons.choices = [SelectChoice(one.value, VISIT_REASONS[one]) for one in OFFICE_REASONS]

    def validate_reasons(self, field: SelectMultipleField) -> None:
        """Somebody has to be drawn."""
        if not field.data and not self.at_random.data:
            raise StopValidation(_("choose a reason, or draw some households at random"))

    def key(self) -> UUID | None:
        """The key by which the draw happens once."""
        return key_of(self.client_key.data)

    def wanted(self) -> Wanted:
        """What was asked for."""
        reasons = tuple(one for one in OFFICE_REASONS if one.value in (self.reasons.data or []))
        return Wanted(site_id=id_of(self.site.data or ""), at_random=self.at_random.data or 0, reasons=reasons)


class FoundForm(PlainForm):
    """What a visit found."""

    client_key = HiddenField()
    found = RadioField(_l("What did you find?"), [InputRequired(_l("choose what you found"))])

    def __init__(self, **more: Any) -> None:  # Any: as FlaskForm takes it
        super().__init__(**more)
        self.found.choices = [SelectChoice(one.value, FOUND_AT_VISIT[one]) for one in Found]

    def key(self) -> UUID | None:
        """The key by which it is entered once."""
        return key_of(self.client_key.data)
