"""The answer about two households that look alike."""

from __future__ import annotations

from enum import StrEnum

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


class Said(StrEnum):
    """What somebody says of two registered households; of one registered twice, also which entry stays."""

    DIFFERENT = "different"
    KEEP_EARLIER = "keep_earlier"
    KEEP_LATER = "keep_later"
    CANNOT_TELL = "cannot_tell"


class PairForm(PlainForm):
    """What is true of a pair that a search found; nothing is chosen beforehand."""

    answer = RadioField(
        _l("After asking, what is true?"),
        choices=[
            SelectChoice(Said.DIFFERENT.value, _l("They are two households")),
            SelectChoice(Said.KEEP_EARLIER.value, _l("The same household: keep the earlier entry")),
            SelectChoice(Said.KEEP_LATER.value, _l("The same household: keep the later entry")),
            SelectChoice(Said.CANNOT_TELL.value, _l("I cannot tell today: ask again")),
        ],
        validate_choice=False,
    )
