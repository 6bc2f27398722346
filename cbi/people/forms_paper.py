"""Forms that make papers of households: many cards at once, and what is held about one of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self
from uuid import UUID

from wtforms import BooleanField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from cbi.sites.tables import Site
from cbi.staff.forms import StepUpForm
from cbi.web.words import _l

_SHORT = Length(max=24, message=_l("make this shorter"))


class CardsForm(StepUpForm):
    """Which cards are printed."""

    site = SelectField(_l("Place"))
    first = StringField(_l("First number"), [_SHORT])
    last = StringField(_l("Last number"), [_SHORT])

    def offer(self, sites: Iterable[Site], own: UUID | None) -> Self:
        """The places there are; the person's own stands first chosen."""
        self.site.choices = [SelectChoice(str(site.id), site.name) for site in sites]
        if self.site.data is None and own is not None:
            self.site.data = str(own)
        return self


class HeldPaperForm(StepUpForm):
    """What is printed of what is held."""

    whole = BooleanField(_l("Also how the household is reached, how it receives, and the six answers: the person asked for it on paper"))
