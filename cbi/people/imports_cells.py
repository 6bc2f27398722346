"""One row of a registration file, cell by cell: what each says in our words, or a problem at the cell that says what to do."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

from cbi.errors import Refused
from cbi.people.born import Told, read_born
from cbi.people.clean import clean
from cbi.people.contact import read_account, read_document, read_phone
from cbi.people.imports_map import SheetMap
from cbi.people.imports_targets import BIRTHS, Target, codes, languages
from cbi.people.tables import AccountKind, DocumentKind, ReviewReason
from cbi.people.values import Activity, Born, Difficulty, NewAccount, NewDocument
from cbi.web.words import _
from reconciliation.cells import Fault, Moment, Row, Value, at, cell_name, lost_digits, plain, says_nothing, text_of, words
from reconciliation.payout import RowProblem

_LONGEST_NAME = 120
_LONGEST_TEXT = 60
_INTERNATIONAL = 11
_FEWEST, _MOST = 6, 15  # digits of a number that may be one (ITU-T E.164)
_TOLD = {Target.BIRTH_DATE: Told.DATE, Target.BIRTH_YEAR: Told.YEAR, Target.AGE: Told.AGE, Target.BIRTH: None}
_TICKED = frozenset({"1", "true", "yes", "x", "ok"})
_Word = TypeVar("_Word", bound=StrEnum)
_Read = TypeVar("_Read")


@dataclass(slots=True)
class Line:
    """One row with the map of its sheet; reading a cell that needs a person adds to `problems` and gives None or "".

    unchecked: phones and documents that cannot be right are taken as they stand, and add to `doubts`, for which the household is held.
    """

    where: SheetMap
    number: int
    row: Row
    country: str
    today: date
    unchecked: bool = False
    problems: list[RowProblem] = field(default_factory=list)
    doubts: list[ReviewReason] = field(default_factory=list)

    def value(self, target: Target) -> Value:
        """What stands in the column, None where there is no such column."""
        place = self.where.columns.get(target)
        return None if place is None else at(self.row, place)

    def is_blank(self, target: Target) -> bool:
        """Whether nothing is said."""
        return not self.ticked(target) if target in self.where.boxes else says_nothing(self.value(target))

    def ticked(self, target: Target) -> list[str]:
        """The answers whose boxes are ticked, of a question whose answers have a column each."""
        boxes = self.where.boxes.get(target, {})
        return [code for place, code in boxes.items() if words(text_of(at(self.row, place))) in _TICKED]

    def blame(self, target: Target, fix: str) -> None:
        """Say at the target's cell what a person has to do; at the row's first cell when no column holds it."""
        place = self.where.columns.get(target, next(iter(self.where.boxes.get(target, ())), 0))
        self.problems.append(RowProblem(self.where.sheet, cell_name(self.number, place), fix))

    def text(self, target: Target, longest: int = _LONGEST_TEXT) -> str:
        """The text of a cell as it is kept, "" when nothing is said or it cannot be kept."""
        value = self.value(target)
        if value is None or says_nothing(value):
            return ""
        if isinstance(value, Fault):
            self.blame(target, _("type the value itself: the spreadsheet shows an error or a formula that was never calculated"))
            return ""
        text = tidy(text_of(value))
        if len(text) > longest:
            self.blame(target, _("make this shorter: at most %(most)s characters", most=longest))
            return ""
        return text

    def name(self, target: Target) -> str:
        """A name; one without any letter needs a person."""
        name = self.text(target, _LONGEST_NAME)
        if any(unicodedata.category(character) == "So" for character in name):
            self.blame(target, _("write the name with letters, for example Juniper: pictures cannot be kept"))
            return ""
        if name and not any(character.isalpha() for character in name):
            self.blame(target, _("write a name with letters, for example Juniper"))
            return ""
        return name

    def word(self, target: Target, kind: str, ours: type[_Word], example: str) -> _Word | None:
        """One of a closed list; None when nothing is said or the word is unknown, which is a problem."""
        if not self.where.says(target):
            return None
        ticked = self.ticked(target)
        if len(ticked) > 1:
            self.blame(target, _("tick one answer only, for example %(example)s", example=example))
            return None
        said = ticked[0] if ticked else self.text(target) or self._none(target, kind)
        if not said:
            return None
        known = codes(kind).get(words(said))
        if known is None or known not in set(ours):
            self.blame(target, _("write one of the words we know, for example %(example)s", example=example))
            return None
        return ours(known)

    def _none(self, target: Target, kind: str) -> str:
        """What “none” in a cell says where it is one of the answers; elsewhere it says nothing."""
        value = self.value(target)
        return value if isinstance(value, str) and words(value) in codes(kind) else ""

    def needed(self, target: Target, kind: str, ours: type[_Word], example: str) -> _Word | None:
        """The same, where an empty cell is a problem too."""
        if self.is_blank(target):
            self.blame(target, _("fill this in, for example %(example)s", example=example))
            return None
        return self.word(target, kind, ours, example)

    def language(self, target: Target) -> str:
        """The code of a language, "" when nothing is said."""
        said = self.text(target)
        known = languages().get(words(said), "") if said else ""
        if said and not known:
            self.blame(target, _("write the language by its name or two letters, for example Arabic or ar"))
        return known

    def phone(self, target: Target) -> str:
        """A phone in international form. One that begins with its country's code may have lost its + to a spreadsheet."""
        typed = self.number_text(target)
        try:
            return read_phone(typed, self.country) if typed else ""
        except Refused as problem:
            return self._international(target, plain(typed), problem)

    def _international(self, target: Target, typed: str, problem: Refused) -> str:
        digits = "".join(character for character in typed if character.isdigit())
        if typed == digits and len(digits) >= _INTERNATIONAL and not digits.startswith("0"):
            with suppress(Refused):
                return read_phone(f"+{digits}", self.country)
        if self.unchecked and _FEWEST <= len(digits) <= _MOST:
            self.doubts.append(ReviewReason.PHONE)
            return f"+{digits}"
        self.blame(target, problem.fix)
        return ""

    def number_text(self, target: Target) -> str:
        """A phone, account or document as text; digits that a spreadsheet has cut away are a problem, never guessed."""
        value = self.value(target)
        if lost_digits(value):
            self.blame(target, _("type the number again in a column formatted as text: the spreadsheet has cut digits off"))
            return ""
        text = self.text(target)
        if text and not isinstance(value, str) and len(text) >= _INTERNATIONAL and target in {Target.PHONE, Target.PHONE_2, Target.ACCOUNT}:
            return f"+{text}"
        return text

    def account(self, phones: tuple[str, ...]) -> NewAccount | None:
        """Where the household asks to be paid; a number without a kind is mobile money when it is one of its phones."""
        ticked = self.ticked(Target.ACCOUNT_KIND)
        said = ticked[0] if len(ticked) == 1 else codes("account_kind").get(words(self.text(Target.ACCOUNT_KIND)), "")
        if said == "none" or self.is_blank(Target.ACCOUNT):
            return None
        kind = AccountKind(said) if said in set(AccountKind) else None
        if kind is None and not self.is_blank(Target.ACCOUNT_KIND):
            self.blame(Target.ACCOUNT_KIND, _("write mobile_money, bank or card, or leave the account empty"))
            return None
        if kind is None:
            return self._account_of_no_kind(phones)
        text = self.number_text(Target.ACCOUNT)
        number = self._read(Target.ACCOUNT, lambda each: read_account(each, kind, self.country), text)
        return NewAccount(kind, number) if number else None

    def _account_of_no_kind(self, phones: tuple[str, ...]) -> NewAccount | None:
        number = self.phone(Target.ACCOUNT)
        if number and number in phones:
            return NewAccount(AccountKind.MOBILE_MONEY, number)
        if number:
            self.blame(Target.ACCOUNT, _("say what kind of account this is, in a column of its own: mobile_money, bank or card"))
        return None

    def born(self) -> Born | None:
        """When the person was born, by the first column that says it."""
        for target in BIRTHS:
            if not self.is_blank(target):
                value = self.value(target)
                text = value.iso[:10] if isinstance(value, Moment) else self.text(target)
                return self._read(target, lambda typed, told=_TOLD[target]: read_born(typed, self.today, told), text)  # type: ignore[misc]  # a default that mypy cannot infer
        asked = next((target for target in BIRTHS if target in self.where.columns), Target.BIRTH)
        self.blame(asked, _("enter when the person was born, for example 2014-02-14, 1987, or age 71"))
        return None

    def documents(self) -> tuple[NewDocument, ...]:
        """The document, if one was seen."""
        number = self._document()
        kind = self.word(Target.DOCUMENT_KIND, "document_kind", DocumentKind, "national_id")
        return (NewDocument(kind or DocumentKind.OTHER, number),) if number else ()

    def _document(self) -> str:
        typed = self.number_text(Target.DOCUMENT)
        try:
            return read_document(typed) if typed else ""
        except Refused as problem:
            bare = plain(typed).replace(" ", "").upper()
            if self.unchecked and bare.isascii() and bare.isalnum():
                self.doubts.append(ReviewReason.DOCUMENT)
                return bare
            self.blame(Target.DOCUMENT, problem.fix)
            return ""

    def difficulties(self) -> tuple[tuple[Activity, Difficulty], ...]:
        """What was answered of the six questions."""
        answered = ((activity, self.word(Target(activity.value), "difficulty", Difficulty, "some_difficulty")) for activity in Activity)
        return tuple((activity, difficulty) for activity, difficulty in answered if difficulty is not None)

    def collects(self) -> str:
        """What the person may do: "recipient", "alternate", or "" for neither."""
        ticked = self.ticked(Target.COLLECTS)
        return ticked[0] if ticked else codes("collects").get(words(self.text(Target.COLLECTS)), "")

    def day(self) -> date | None:
        """The day of registration; None when the file does not say it."""
        if self.is_blank(Target.DAY):
            return None
        text = text_of(self.value(Target.DAY))[:10]
        try:
            day = date.fromisoformat(text)
        except ValueError:
            self.blame(Target.DAY, _("write the day as year, month and day, for example 2026-11-02"))
            return None
        # A form sent east of the office may be dated tomorrow.
        if day > self.today + timedelta(days=1):
            self.blame(Target.DAY, _("write a day that is not in the future, for example 2026-11-02"))
            return None
        return min(day, self.today)

    def _read(self, target: Target, reader: Callable[[str], _Read], text: str) -> _Read | None:
        if not text:
            return None
        try:
            return reader(text)
        except Refused as problem:
            self.blame(target, problem.fix)
            return None


def tidy(text: str) -> str:
    """Text without marks nobody sees and spaces nobody meant; joiners that shape letters stay."""
    if text.isascii() and text.isprintable():  # nearly every cell: without the cost of looking at each character
        return " ".join(text.split())
    return clean(text)
