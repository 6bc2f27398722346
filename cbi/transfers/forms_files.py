"""What a manager types about how a provider's file is written."""

from __future__ import annotations

from typing import Any

from wtforms import FieldList as Lines
from wtforms import Form as Part
from wtforms import FormField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from cbi.transfers.file_templates import LONGEST_NAME
from cbi.transfers.forms import MOST_COLUMNS, KeyedForm
from cbi.transfers.programmes import ExportField
from cbi.transfers.templates import AmountStyle, Column, DateStyle, FileForm, PayingAccount, Template
from cbi.transfers.words import AMOUNTS, DATES, FIELDS, FORMS
from cbi.web.forms import PlainPart
from cbi.web.words import _l

_SHORTER = Length(max=60, message=_l("make this shorter"))


class FileColumnPart(PlainPart, Part):  # type: ignore[misc]  # wtforms has no types
    """One column; a line without a heading is left away."""

    heading = StringField(_l("Heading"), [_SHORTER])
    what = SelectField(_l("What stands under it"))
    text = StringField(_l("Text on every line"), [_SHORTER])

    def __init__(self, *args: Any, **more: Any) -> None:  # Any: as wtforms takes it
        super().__init__(*args, **more)
        self.what.choices = [SelectChoice(one.value, FIELDS[one]) for one in ExportField]


class TemplateForm(KeyedForm):
    """How a provider's file is written."""

    name = StringField(_l("Name of the template"), [Length(max=LONGEST_NAME, message=_l("make the name shorter"))])
    form = SelectField(_l("What kind of file"))
    amounts = SelectField(_l("How amounts are written"))
    dates = SelectField(_l("How dates are written"))
    columns = Lines(FormField(FileColumnPart), min_entries=0, max_entries=MOST_COLUMNS)
    payer = StringField(_l("Whose account pays"), [Length(max=140, message=_l("make this shorter"))])
    account = StringField(_l("Number of that account"), [Length(max=34, message=_l("make this shorter"))])
    bank = StringField(_l("BIC of its bank"), [Length(max=11, message=_l("write the BIC in 8 or 11 signs, for example LANTKWKW"))])

    def __init__(self, **more: Any) -> None:  # Any: as FlaskForm takes it
        super().__init__(**more)
        for field, words in ((self.form, FORMS), (self.amounts, AMOUNTS), (self.dates, DATES)):
            field.choices = [SelectChoice(one.value, said) for one, said in words.items()]

    def fill(self, template: Template) -> None:
        """Begin with what a template says."""
        self.name.data = template.name
        self.form.data, self.amounts.data, self.dates.data = template.form.value, template.amounts.value, template.dates.value
        while len(self.columns):
            self.columns.pop_entry()
        for one in template.columns:
            self.columns.append_entry({"heading": one.heading, "what": one.what.value, "text": one.text})
        self.add_column()
        if template.payer:
            self.payer.data, self.account.data, self.bank.data = template.payer.name, template.payer.account, template.payer.bank

    def add_column(self) -> None:
        """One more empty line, as long as there is room for it."""
        if len(self.columns) < MOST_COLUMNS:
            self.columns.append_entry()

    def template(self) -> Template:
        """What was typed; not yet checked."""
        columns = tuple(
            Column(part.heading.data.strip(), ExportField(part.what.data), part.text.data or "")
            for part in self.columns
            if (part.heading.data or "").strip()
        )
        payer = PayingAccount(self.payer.data or "", self.account.data or "", self.bank.data or "")
        return Template(
            columns,
            FileForm(self.form.data),
            AmountStyle(self.amounts.data),
            DateStyle(self.dates.data),
            payer,
            self.name.data or "",
        )


class ChooseTemplateForm(KeyedForm):
    """Which template new lists are written by; "" for the columns the provider was entered with."""

    template = StringField(_l("Template"))
