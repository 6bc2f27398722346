"""What is typed to choose another passphrase of one's own."""

from __future__ import annotations

from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, Length

from cbi.protection.forms import KeyedForm
from cbi.web.words import _l

_LONGEST = 512


class PassphraseForm(KeyedForm):
    """The present passphrase, a code, and the new passphrase twice."""

    present = PasswordField(_l("Your present passphrase"), [DataRequired(_l("enter your present passphrase")), Length(max=_LONGEST)])
    code = StringField(_l("Code"), [DataRequired(_l("enter the six digits your authenticator shows now")), Length(max=60)])
    chosen = PasswordField(_l("Your new passphrase"), [DataRequired(_l("choose a new passphrase")), Length(max=_LONGEST)])
    again = PasswordField(
        _l("The new passphrase again"),
        [
            DataRequired(_l("type the new passphrase a second time")),
            EqualTo("chosen", _l("type the new passphrase twice: the two differ")),
            Length(max=_LONGEST),
        ],
    )
