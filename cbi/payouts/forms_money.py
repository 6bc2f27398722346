"""Forms of fees, advances, refunds, exchange rates, account codes, and of the end of a list."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp, StopValidation

from cbi.payouts.closing import ENDINGS
from cbi.payouts.money import NewMoney
from cbi.payouts.tables_money import Ending, MoneyKind, OpenLine
from cbi.payouts.words_money import CODE_WORDS, ENDING_WORDS, MONEY_WORDS
from cbi.staff.forms import StepUpForm
from cbi.transfers import forms as transfers
from cbi.transfers.forms import AmountField
from cbi.web.forms import new_key
from cbi.web.words import _, _l
from reconciliation.money import Money, UnknownCurrency, minor_digits

_FEES = re.compile(r"\b(?:fees?|charges?|commissions?|frais|comisi[oó]n(?:es)?|taxas?|ada)\b|رسوم|عمولة", re.IGNORECASE)
_MINOR = re.compile(r"-?[0-9]{1,18}")
_CURRENCY = Regexp(r"^[A-Za-z]{3}$", message=_l("enter the currency by its three letters, for example KES"))


class KeyedForm(transfers.KeyedForm):
    """A form that happens once however often it is sent; each that is shown has a key of its own."""

    client_key = HiddenField(default=new_key)


class MoneyForm(KeyedForm):
    """Money that moved beside the payments."""

    kind = RadioField(
        _l("What moved?"),
        choices=[SelectChoice(kind.value, words) for kind, words in MONEY_WORDS.items()],
        validators=[InputRequired(_l("choose what moved"))],
    )
    provider = SelectField(_l("Provider"), validators=[Optional()])
    list = SelectField(_l("About one list"), validators=[Optional()])
    line = SelectField(_l("Budget line"), validators=[InputRequired(_l("choose the budget line it belongs to"))])
    currency = StringField(_l("Currency"), [DataRequired(_l("enter the currency by its three letters, for example KES")), _CURRENCY])
    amount = AmountField(_l("Amount"))
    day = DateField(_l("Day it moved"), [InputRequired(_l("enter the day the money moved, for example 2026-11-20"))])
    document = StringField(
        _l("Number of the document"),
        [
            DataRequired(_l("enter the number of the bank advice or invoice, for example FT26110042")),
            Regexp(
                r"^(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9./\- ]{0,39}$",
                message=_l("write the document's number with letters, digits and . / - only, at most 40, and nobody's name"),
            ),
        ],
    )

    def offer(self, providers: Iterable[tuple[str, str]], lists: Iterable[tuple[str, str]], lines: Iterable[tuple[str, str]]) -> None:
        """What can be chosen: (id, words)."""
        self.provider.choices = [SelectChoice("", _("None: it goes back to the donor")), *(SelectChoice(*one) for one in providers)]
        self.list.choices = [SelectChoice("", _("None: about the provider as a whole")), *(SelectChoice(*one) for one in lists)]
        self.line.choices = [SelectChoice("", _("Choose the budget line")), *(SelectChoice(*one) for one in lines)]

    def begin(self, currency: str, day: date, kind: str, list_id: str) -> None:
        """What a new form says by itself: a fee stands on the line of fees where there is just one; every other line is asked for."""
        self.currency.data, self.day.data, self.list.data = currency, day, list_id
        self.kind.data = kind if kind in set(MoneyKind) else None
        of_fees = [one.value for one in self.line.choices if _FEES.search(str(one.label))]
        self.line.data = of_fees[0] if self.kind.data == MoneyKind.FEE and len(of_fees) == 1 else ""

    def validate_amount(self, field: AmountField) -> None:
        """An exact amount above zero, in the currency beside it."""
        currency = (self.currency.data or "").strip().upper()
        try:
            minor_digits(currency)
        except UnknownCurrency as unknown:
            raise StopValidation(_("enter the currency by its three letters first, for example KES")) from unknown
        field.read(currency)
        if not field.minor:
            raise StopValidation(_("enter an amount above zero, for example 1,250.00"))

    def new(self) -> NewMoney:
        """What was typed."""
        return NewMoney(
            MoneyKind(self.kind.data),
            UUID(self.provider.data) if self.provider.data else None,
            UUID(self.list.data) if self.list.data else None,
            UUID(self.line.data),
            Money(self.amount.minor, self.currency.data.strip().upper()),
            self.day.data,
            self.document.data,
        )


class ConfirmForm(StepUpForm, KeyedForm):
    """A second person confirms money."""


class ButtonForm(KeyedForm):
    """A form of one button."""


class RateForm(KeyedForm):
    """What one unit of a grant's currency was worth in another, from a day on."""

    grant = SelectField(_l("Grant"), validators=[InputRequired(_l("choose the grant"))])
    currency = StringField(
        _l("Currency people are paid in"), [DataRequired(_l("enter the currency by its three letters, for example KES")), _CURRENCY]
    )
    rate = StringField(_l("For one of the grant’s currency"), [DataRequired(_l("enter the rate, for example 141.25"))])
    day = DateField(_l("From"), [InputRequired(_l("enter the day this rate held from, for example 2026-11-01"))])
    source = StringField(
        _l("Where it was read"),
        [
            DataRequired(_l("say where the rate was read, for example the bank advice of 1 November")),
            Length(max=80, message=_l("make this shorter")),
        ],
    )


class CodesForm(KeyedForm):
    """The finance system's code of each account; one field an account, added by `codes_form`."""


def codes_form() -> type[CodesForm]:
    """The form with its fields."""
    needed = [DataRequired(_l("give this account a code, for example 5100")), Length(max=20, message=_l("make this shorter"))]
    fields: dict[str, Any] = {name: StringField(words, needed) for name, words in CODE_WORDS.items()}
    return type("AllCodesForm", (CodesForm,), fields)


class EndingForm(KeyedForm):
    """What becomes of one open line."""

    ending = RadioField(_l("What becomes of it?"), validators=[InputRequired(_l("choose what becomes of it"))])
    reason = StringField(_l("Reason"), validators=[Length(max=140, message=_l("say why in at most 140 characters"))])

    def offer(self, line: OpenLine) -> None:
        """The answers that fit this line."""
        self.ending.choices = [SelectChoice(one.value, ENDING_WORDS[one]) for one in ENDINGS[line]]

    def said(self) -> Ending:
        """What was chosen."""
        return Ending(self.ending.data)


class CloseForm(StepUpForm, KeyedForm):
    """Close for good. shown: the sum on the page, in minor units."""

    shown = HiddenField()
    reason = StringField(_l("Why something due is left unpaid"), validators=[Length(max=140, message=_l("make this shorter"))])
    sure = BooleanField(_l("I read the statement above"), validators=[InputRequired(_l("read the statement above, and tick this"))])

    def shown_minor(self) -> int | None:
        """The sum that was on the page, or None when it is no number."""
        text = (self.shown.data or "").strip()
        return int(text) if _MINOR.fullmatch(text) else None
