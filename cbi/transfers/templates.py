"""How a provider's file is written: which columns, in which form, with which marks. A value that is frozen with every list."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from cbi.errors import Refused
from cbi.transfers.programmes import Columns, ExportField, columns_of, columns_text
from cbi.transfers.tables import Mechanism
from cbi.web.words import _


class FileForm(StrEnum):
    """What kind of file a provider takes."""

    WORKBOOK = "xlsx"
    LOCKED = "locked_xlsx"
    CSV = "csv"
    PAIN = "pain.001"


class AmountStyle(StrEnum):
    """How an amount is written. NUMBER: a workbook's own number; in a text file as POINT."""

    NUMBER = "number"
    POINT = "point"
    COMMA = "comma"
    MINOR = "minor"


class DateStyle(StrEnum):
    """How a date is written."""

    YMD = "ymd"
    DMY = "dmy"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. text: what every line says under ExportField.FIXED."""

    heading: str
    what: ExportField
    text: str = ""


@dataclass(frozen=True, slots=True)
class PayingAccount:
    """The organisation's own account that pays, for a bank's message. bank: its BIC, or ""."""

    name: str
    account: str
    bank: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """How one provider's file is written. name and version: "" and 0 for the columns a provider was entered with."""

    columns: tuple[Column, ...]
    form: FileForm = FileForm.WORKBOOK
    amounts: AmountStyle = AmountStyle.NUMBER
    dates: DateStyle = DateStyle.YMD
    payer: PayingAccount | None = None
    name: str = ""
    version: int = 0

    @property
    def needs_password(self) -> bool:
        """Whether its file never leaves without one."""
        return self.form is FileForm.LOCKED

    @property
    def takes_password(self) -> bool:
        """Whether its file can be put behind one."""
        return self.form in {FileForm.WORKBOOK, FileForm.LOCKED}

    @property
    def ending(self) -> str:
        """What its file's name ends in."""
        return {FileForm.CSV: "csv", FileForm.PAIN: "xml"}.get(self.form, "xlsx")


def plain(columns: Columns) -> Template:
    """The plain workbook with these columns."""
    return Template(tuple(Column(heading, what) for heading, what in columns))


def template_of(text: str) -> Template:
    """A kept template; a bare column map is the plain workbook, as every list before templates has it."""
    kept = json.loads(text)
    if isinstance(kept, list):
        return plain(columns_of(text))
    return _read(kept)


def text_of(template: Template) -> str:
    """A template in the form it is kept, always the same for the same template."""
    kept: dict[str, object] = {
        "name": template.name,
        "version": template.version,
        "form": template.form.value,
        "amounts": template.amounts.value,
        "dates": template.dates.value,
        "columns": [[one.heading, one.what.value, one.text] for one in template.columns],
    }
    if template.payer is not None:
        kept["payer"] = [template.payer.name, template.payer.account, template.payer.bank]
    return json.dumps(kept, ensure_ascii=False, sort_keys=True)


def checked(template: Template, mechanism: Mechanism) -> Template:
    """The template as it may be kept, its texts trimmed. Raises Refused when its file could not be paid from or reconciled."""
    if template.form is FileForm.PAIN:
        return replace(template, columns=(), payer=_payer(template.payer))
    columns = tuple(
        Column(one.heading.strip(), one.what, one.text.strip() if one.what is ExportField.FIXED else "") for one in template.columns
    )
    columns_text([(one.heading, one.what) for one in columns], mechanism)
    if any(one.what is ExportField.FIXED and not one.text for one in columns):
        raise Refused(_("write what the column with the same text on every line says, or take the column out"))
    return replace(template, columns=columns, payer=None)


def headings(template: Template) -> Sequence[str]:
    """The first line of its file; none for a bank's message."""
    return [one.heading for one in template.columns]


def _payer(payer: PayingAccount | None) -> PayingAccount:
    name, account, bank = (part.strip() for part in (payer.name, payer.account, payer.bank)) if payer else ("", "", "")
    if not name or not account:
        raise Refused(_("enter whose account pays and its number: a bank's message names them"))
    return PayingAccount(name, account.replace(" ", ""), bank.replace(" ", "").upper())


def _read(kept: Mapping[str, Any]) -> Template:  # Any: the JSON this module wrote
    payer = kept.get("payer")
    return Template(
        columns=tuple(Column(heading, ExportField(what), text) for heading, what, text in kept["columns"]),
        form=FileForm(kept["form"]),
        amounts=AmountStyle(kept["amounts"]),
        dates=DateStyle(kept["dates"]),
        payer=PayingAccount(*payer) if payer else None,
        name=kept["name"],
        version=kept["version"],
    )
