"""Forms that change one thing of a household: where it is paid, what it agreed to."""

from __future__ import annotations

from wtforms import RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from cbi.errors import Refused
from cbi.people.contact import read_account
from cbi.people.forms_people import choices
from cbi.people.spoken import consent_texts
from cbi.people.tables import AccountKind, Consent
from cbi.people.values import NewAccount
from cbi.web.forms import PlainForm
from cbi.web.words import _, _l

NO_ACCOUNT = "none"
WITHDRAWS = "withdraws"


class AccountForm(PlainForm):
    """Where money is sent; or that the household is paid in cash."""

    kind = RadioField(
        _l("Paid how?"),
        [InputRequired(_l("choose how the household is paid, for example Mobile money"))],
        choices=[*choices(AccountKind), SelectChoice(NO_ACCOUNT, _l("No account: in cash"))],
    )
    number = StringField(_l("Number of the account"), [Length(max=60, message=_l("make this shorter: at most 60 characters"))])

    def read(self, country: str) -> NewAccount | None:
        """The account; None for cash, or when the number needs the registrar."""
        if self.errors or self.kind.data == NO_ACCOUNT:
            return None
        kind = AccountKind(self.kind.data)
        if not (self.number.data or "").strip():
            self.number.errors = [_("enter the number of the account, or choose that there is none")]
            return None
        try:
            return NewAccount(kind, read_account(self.number.data, kind, country))
        except Refused as problem:
            self.number.errors = [problem.fix]
            return None


class ConsentForm(PlainForm):
    """The answer after the text was read again."""

    language = SelectField(_l("Read in"), choices=[SelectChoice(text.language, text.own_name) for text in consent_texts().values()])
    answer = RadioField(
        _l("What does the person say?"),
        [InputRequired(_l("ask the person, and choose the answer"))],
        choices=[*choices(Consent), SelectChoice(WITHDRAWS, _l("Takes the consent back"))],
    )

    @property
    def withdraws(self) -> bool:
        """Whether the consent is taken back."""
        return bool(self.answer.data == WITHDRAWS)

    @property
    def consent(self) -> Consent:
        """The answer otherwise."""
        return Consent(self.answer.data)
