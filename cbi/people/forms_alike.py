"""The answer about two households that look alike."""

from __future__ import annotations

from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from cbi.people.tables import Likeness
from cbi.web.forms import PlainForm
from cbi.web.words import _l


class AnswerForm(PlainForm):
    """What is true after asking; nothing is chosen beforehand."""

    answer = RadioField(
        _l("After asking, what is true?"),
        choices=[
            SelectChoice(Likeness.DIFFERENT.value, _l("They are two households")),
            SelectChoice(Likeness.SAME.value, _l("It is the same household")),
            SelectChoice(Likeness.CANNOT_TELL.value, _l("I cannot tell today")),
        ],
        validate_choice=False,
    )
