"""What managers, approvers and releasers type about money; amounts and dates are read exactly or asked for again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from wtforms import BooleanField, DateField, FormField, HiddenField, IntegerField, PasswordField, SelectField, StringField, TextAreaField
from wtforms import FieldList as Lines
from wtforms import Form as Part
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp, StopValidation

from cbi.errors import Refused
from cbi.staff.forms import StepUpForm
from cbi.transfers.cycles import NewCycle
from cbi.transfers.formula import Formula
from cbi.transfers.programmes import DEFAULT_COLUMNS, ExportField, NewProgramme
from cbi.transfers.tables import Cycle, Mechanism
from cbi.transfers.words import FIELDS, MECHANISMS
from cbi.web.forms import PlainForm, PlainPart, key_of
from cbi.web.words import _, _l
from reconciliation.money import Money, UnreadableAmount

_LARGEST = 10**15
MOST_COLUMNS = 20
_CODE = Regexp(r"^[A-Za-z0-9][A-Za-z0-9.\-]{0,19}$", message=_l("write a short code of letters and digits, for example G7 or FSL-2"))


def _text(label: object, example: object, most: int) -> StringField:
    return StringField(label, [DataRequired(example), Length(max=most, message=_l("make this shorter"))])


class AmountField(StringField):  # type: ignore[misc]  # wtforms has no types
    """An exact amount of the form's currency, typed with or without thousands marks. minor: what was read, once validated."""

    minor: int = 0

    def read(self, currency: str) -> None:
        """Read what was typed. Raises StopValidation with what to do."""
        example = _example(currency)
        typed = (self.data or "").strip().removeprefix(currency).strip()
        if not typed:
            raise StopValidation(_("enter an amount, for example %(example)s", example=example))
        try:
            money = Money.parse(typed, currency)
        except UnreadableAmount as unread:
            raise StopValidation(
                _(
                    "enter the amount as a number with at most the decimals of %(currency)s, for example %(example)s",
                    currency=currency,
                    example=example,
                )
            ) from unread
        if not 0 <= money.minor <= _LARGEST:
            raise StopValidation(_("enter an amount of zero or more, for example %(example)s", example=example))
        self.minor = money.minor


def _example(currency: str) -> str:
    return f"{Money(1_250 * 10 ** -int(Money(1, currency).decimal().as_tuple().exponent), currency).decimal():,}"


def shown_amount(minor: int, currency: str) -> str:
    """An amount as it stands in a field: "4,500.00"."""
    return f"{Money(minor, currency).decimal():,}"


class KeyedForm(PlainForm):
    """A form that happens once however often it is sent."""

    client_key = HiddenField()

    def key(self, act: str = "") -> UUID | None:
        """The key this form was made with; None when it came without one. act: which of its buttons, when it has several."""
        found = key_of(self.client_key.data)
        return uuid5(found, act) if found and act else found


class GrantForm(KeyedForm):
    """A donor's money."""

    code = StringField(_l("Code"), [DataRequired(_l("enter the grant's code, for example G7")), _CODE])
    donor = _text(_l("Donor"), _l("enter who gives the money, for example Moon Fund"), 80)
    title = _text(_l("Title"), _l("enter the grant's title, for example Cash for Kharwa"), 120)
    currency = StringField(
        _l("Currency"),
        [
            DataRequired(_l("enter the currency by its three letters, for example KES")),
            Regexp(r"^[A-Za-z]{3}$", message=_l("enter the currency by its three letters, for example KES")),
        ],
    )


class KeptForm(KeyedForm):
    """How long a grant's records are kept."""

    until = DateField(_l("Keep records until"), [InputRequired(_l("enter the last day the agreement names, for example 2033-12-31"))])


class BudgetLineForm(KeyedForm):
    """A line of a grant's budget, in the grant's currency."""

    code = StringField(_l("Code"), [DataRequired(_l("enter the line's code, for example G7.2")), _CODE])
    title = _text(_l("Title"), _l("enter what the line is for, for example Transfers"), 120)
    amount = AmountField(_l("Amount"))

    def __init__(self, currency: str, **more: Any) -> None:  # Any: as FlaskForm takes it
        super().__init__(**more)
        self.currency = currency

    def validate_amount(self, field: AmountField) -> None:
        """The amount, exact in the grant's currency."""
        field.read(self.currency)


class ColumnPart(PlainPart, Part):  # type: ignore[misc]  # wtforms has no types
    """One column of the file a provider receives; a line without a heading is left away."""

    heading = StringField(_l("Heading"), [Length(max=60, message=_l("make the heading shorter"))])
    what = SelectField(_l("What stands under it"))

    def __init__(self, *args: Any, **more: Any) -> None:  # Any: as wtforms takes it
        super().__init__(*args, **more)
        self.what.choices = [SelectChoice(one.value, FIELDS[one]) for one in ExportField if one is not ExportField.FIXED]


class ProviderForm(KeyedForm):
    """Who pays people out, and the columns of the file they receive."""

    code = StringField(_l("Code"), [DataRequired(_l("enter a short code, for example SMM")), _CODE])
    name = _text(_l("Name"), _l("enter the provider's name, for example Sparrow Mobile Money"), 80)
    mechanism = SelectField(_l("How it pays"))
    columns = Lines(FormField(ColumnPart), min_entries=0, max_entries=MOST_COLUMNS)

    def __init__(self, **more: Any) -> None:  # Any: as FlaskForm takes it
        super().__init__(**more)
        self.mechanism.choices = [SelectChoice(one.value, MECHANISMS[one]) for one in Mechanism]

    def add_column(self) -> None:
        """One more empty line, as long as there is room for it."""
        if len(self.columns) < MOST_COLUMNS:
            self.columns.append_entry()

    def usual_columns(self) -> None:
        """Begin with the usual columns of the mechanism, and two empty lines."""
        mechanism = Mechanism(self.mechanism.data) if self.mechanism.data in set(Mechanism) else Mechanism.MOBILE_MONEY
        self.mechanism.data = mechanism.value
        usual = DEFAULT_COLUMNS[mechanism]
        while len(self.columns):
            self.columns.pop_entry()
        for heading, what in (*usual, ("", ExportField.REFERENCE), ("", ExportField.REFERENCE)):
            self.columns.append_entry({"heading": heading, "what": what.value})

    def chosen(self) -> list[tuple[str, ExportField]]:
        """The columns with a heading, in order."""
        return [(part.heading.data.strip(), ExportField(part.what.data)) for part in self.columns if (part.heading.data or "").strip()]


class ProgrammeForm(KeyedForm):
    """A programme. One select per site says who pays there."""

    code = StringField(_l("Code"), [DataRequired(_l("enter a short code, for example FSL")), _CODE])
    name = _text(_l("Name"), _l("enter the programme's name, for example Food through the lean season"), 120)
    sector = _text(_l("Sector"), _l("enter the sector whose outcome this serves, for example Food security"), 60)
    outcome = _text(_l("Outcome"), _l("enter what changes for people, for example Households meet their food needs"), 200)
    indicator = _text(_l("Indicator"), _l("enter how it is seen, for example Food consumption score acceptable"), 200)
    assistance = _text(_l("Technical assistance beside the cash"), _l("enter what goes with the cash, for example Nutrition messages"), 200)
    grant = SelectField(_l("Grant"), [InputRequired(_l("choose the grant that pays"))])
    currency = StringField(
        _l("Paid in"),
        [Optional(), Regexp(r"^[A-Za-z]{3}$", message=_l("enter the currency by its three letters, for example KES"))],
    )
    protection_signed_on = DateField(_l("Signed off by protection on"), [Optional()])
    places = Lines(SelectField(_l("Paid by")))

    def __init__(
        self,
        *,
        grants: Iterable[tuple[UUID, str]],
        sites: Sequence[tuple[UUID, str]],
        providers: Iterable[tuple[UUID, str]],
        today: date,
        **more: Any,
    ) -> None:  # Any: as FlaskForm takes it
        super().__init__(**more)
        self.today = today
        self.site_ids = [site_id for site_id, _name in sites]
        self.grant.choices = [SelectChoice(str(one), name) for one, name in grants]
        while len(self.places) < len(sites):
            self.places.append_entry("")
        payers = [SelectChoice(str(one), name) for one, name in providers]
        for place, (_site_id, name) in zip(self.places, sites, strict=False):
            place.label.text = name
            place.choices = [SelectChoice("", _("Does not work here")), *payers]

    def validate_protection_signed_on(self, field: DateField) -> None:
        """A signature lies in the past."""
        if field.data and field.data > self.today:
            raise StopValidation(_("enter the day it was signed, today at the latest"))

    def new(self, currency_of: dict[UUID, str]) -> NewProgramme:
        """What was typed. currency_of: each grant's currency."""
        grant_id = UUID(self.grant.data)
        return NewProgramme(
            code=self.code.data.strip(),
            name=self.name.data.strip(),
            sector=self.sector.data.strip(),
            outcome=self.outcome.data.strip(),
            indicator=self.indicator.data.strip(),
            assistance=self.assistance.data.strip(),
            grant_id=grant_id,
            currency=(self.currency.data or "").strip().upper() or currency_of[grant_id],
            sites={site_id: UUID(place.data) for site_id, place in zip(self.site_ids, self.places, strict=False) if place.data},
            protection_signed_on=self.protection_signed_on.data,
        )


class SignOffForm(KeyedForm):
    """The day protection signed a programme off."""

    on = DateField(_l("Signed off by protection on"), [InputRequired(_l("enter the day it was signed, for example 2026-11-23"))])


class CycleForm(KeyedForm):
    """A cycle's rule as sentences with fields. shown_*: what the page showed last, so that a change reads "was → is".

    ruled: what the programme's rule in force says is due; then there is nothing to type about amounts.
    """

    name = _text(_l("Name"), _l("name the cycle, for example December 2026"), 80)
    starts_on = DateField(_l("Begins on"), [InputRequired(_l("enter the first day, for example 2026-12-01"))])
    ends_on = DateField(_l("Ends on"), [InputRequired(_l("enter the last day, for example 2026-12-31"))])
    submit_on = DateField(_l("Lists are handed in by"), [InputRequired(_l("enter the day lists are handed in, for example 2026-12-05"))])
    base = AmountField(_l("Base"))
    per_member = AmountField(_l("For each member"))
    member_limit = IntegerField(
        _l("Members counted, at most"),
        [
            InputRequired(_l("enter up to how many members are counted, for example 8")),
            NumberRange(0, 50, _l("enter a number of members from 0 to 50, for example 8")),
        ],
    )
    ceiling = AmountField(_l("At most"))
    basket = AmountField(_l("Minimum expenditure basket"))
    budget_line = SelectField(_l("Budget line"), [InputRequired(_l("choose the budget line that pays"))])
    shown_total = HiddenField(default="")
    shown_households = HiddenField(default="")

    def __init__(
        self, currency: str, *, lines: Iterable[tuple[UUID, str]], ruled: Formula | None = None, **more: Any
    ) -> None:  # Any: as FlaskForm takes it
        super().__init__(**more)
        self.currency, self.ruled = currency, ruled
        self.budget_line.choices = [SelectChoice(str(one), name) for one, name in lines]
        if ruled is not None:
            del self.base, self.per_member, self.member_limit, self.ceiling, self.basket

    def validate_base(self, field: AmountField) -> None:
        """An exact amount."""
        field.read(self.currency)

    def validate_per_member(self, field: AmountField) -> None:
        """An exact amount."""
        field.read(self.currency)

    def validate_ceiling(self, field: AmountField) -> None:
        """An exact amount, at least the base."""
        field.read(self.currency)
        if field.minor < self.base.minor:
            raise StopValidation(_("enter an upper limit of at least the base amount"))

    def validate_basket(self, field: AmountField) -> None:
        """An exact amount; nothing typed means that the basket is unknown."""
        if (field.data or "").strip():
            field.read(self.currency)

    def validate_ends_on(self, field: DateField) -> None:
        """After the beginning."""
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise StopValidation(_("enter a last day that is not before the first"))

    def validate_submit_on(self, field: DateField) -> None:
        """Before the end."""
        if field.data and self.ends_on.data and field.data > self.ends_on.data:
            raise StopValidation(_("enter a day on which lists are handed in that is not after the last day"))

    def formula(self) -> Formula:
        """The rule as typed, or as the programme's rule in force says it."""
        return self.ruled or Formula(
            self.base.minor,
            self.per_member.minor,
            self.member_limit.data,
            self.ceiling.minor,
            self.currency,
            basket_minor=self.basket.minor,
        )

    def new(self, programme_id: UUID) -> NewCycle:
        """The cycle as typed."""
        return NewCycle(
            programme_id=programme_id,
            name=self.name.data.strip(),
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            submit_on=self.submit_on.data,
            formula=self.formula(),
            budget_line_id=UUID(self.budget_line.data),
        )

    def fill(self, cycle: Cycle, *, days: bool = True) -> None:
        """Begin with what a cycle says; without its name and days when it is the one before."""
        self.budget_line.data = str(cycle.budget_line_id)
        if self.ruled is None:
            self._fill_amounts(cycle)
        if days:
            self.name.data, self.starts_on.data, self.ends_on.data = cycle.name, cycle.starts_on, cycle.ends_on
            self.submit_on.data = cycle.submit_on

    def _fill_amounts(self, cycle: Cycle) -> None:
        for field, minor in ((self.base, cycle.base_minor), (self.per_member, cycle.per_member_minor), (self.ceiling, cycle.ceiling_minor)):
            field.data = shown_amount(minor, self.currency)
        self.basket.data = shown_amount(cycle.basket_minor, self.currency) if cycle.basket_minor else ""
        self.member_limit.data = cycle.member_limit


class ShownForm(KeyedForm):
    """An act on a list, bound to the hash that was on the page."""

    shown = HiddenField()

    def shown_hash(self) -> bytes:
        """The hash the person looked at. Raises Refused for one that no page shows."""
        text = self.shown.data or ""
        if not re.fullmatch(r"[0-9a-f]{64}", text):
            raise Refused(_("open the list again, and act from its page"))
        return bytes.fromhex(text)


class ApproveForm(StepUpForm, ShownForm):
    """Let a list through: password and code, bound to its hash."""


class ReleaseForm(StepUpForm, ShownForm):
    """Release a list: password and code, bound to its hash, and a tick that it cannot be undone."""

    sure = BooleanField(
        _l("I know that a released list can never be changed or taken back."),
        [InputRequired(_l("tick that you know a released list never changes"))],
    )


class SendBackForm(ShownForm):
    """Why a list goes back to its maker."""

    reason = TextAreaField(
        _l("Why"),
        [
            DataRequired(_l("say why, for example: 44 amounts differ from the last cycle without a reason")),
            Length(max=200, message=_l("say why in at most 200 characters")),
        ],
    )


class ExportForm(StepUpForm):
    """Password and code before a file with people's payment details leaves the office; and a password for the file itself, typed twice."""

    lock = PasswordField(_l("Password for the file"), [Length(max=200, message=_l("choose a shorter password for the file"))])
    lock_again = PasswordField(_l("The same password again"))

    def validate_lock_again(self, field: PasswordField) -> None:
        """A typing error would shut the file for good: nobody keeps the password."""
        if (field.data or "") != (self.lock.data or ""):
            raise StopValidation(_("type the password for the file twice the same: it is kept nowhere"))
