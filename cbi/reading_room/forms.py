"""What an auditor types."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import Length

from cbi.web.forms import PlainForm
from cbi.web.words import _l


class VerifyForm(PlainForm):
    """Read the chain again, compared with a printed checkpoint when one is given."""

    checkpoint = StringField(
        _l("Checkpoint kept elsewhere"), [Length(max=300, message=_l("give one checkpoint: its number and its eight words"))]
    )
