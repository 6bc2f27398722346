"""How one provider's file is read: which column holds what and how amounts, dates and status words are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NamedTuple

from reconciliation import headings
from reconciliation.amounts import AmountProblem, Marks, read_amount
from reconciliation.bulk import without_collecting
from reconciliation.cells import Fault, Row, Value, at, cell_name, is_blank, lost_digits, plain, says_nothing, text_of, words
from reconciliation.dates import DateProblem, read_date
from reconciliation.money import Money
from reconciliation.payout import Outcome, Payout, RowProblem
from reconciliation.payout_columns import PayoutColumns
from reconciliation.reasons import reason_of
from reconciliation.rows import batches_of
from reconciliation.sheets import Sheet, Sheets, UnreadableFile
from reconciliation.vocabulary import Field, currency_of, outcome_of

KEYS = (Field.REFERENCE, Field.PHONE, Field.ACCOUNT, Field.TOKEN)
_SEPARATORS = (" - ", ": ", ":", " (", "; ", " – ", ", ")
_OPEN_FORMULA = "open the file where it was made and save it again: this cell shows an error or was never calculated"
_LOST = "ask for this column as text: a spreadsheet has cut its digits short"
_STATUS = "say what happened to this payment, for example Paid, Failed or Returned"
_NO_STATUS = "say what this status word means: paid, failed or returned"


@dataclass(frozen=True, slots=True)
class Profile:
    """A way to read one layout, confirmed once by a person and kept.

    columns: heading by field.  letters: the column letter where a heading stands more than once.  sheets: names, or none for every sheet of that shape.
    header_row: its first row, from 1; 0 where it varies.  decimal, thousands, date_order: "" where nothing was decided.
    negative_paid: amounts paid out are written with a minus, as in some bank statements.  known_by: fingerprint of the whole heading.
    """

    name: str
    columns: Mapping[Field, str]
    version: int = 1
    title: str = ""
    sheets: tuple[str, ...] = ()
    header_row: int = 0
    header_rows: int = 1
    letters: Mapping[Field, str] = field(default_factory=lambda: MappingProxyType({}))
    decimal: str = ""
    thousands: str = ""
    date_order: str = ""
    currency: str = ""
    negative_paid: bool = False
    words: Mapping[str, Outcome] = field(default_factory=lambda: MappingProxyType({}))
    known_by: str = ""

    def outcome(self, status: str) -> Outcome | None:
        """What a status word says: by this profile's own words first, then by those known in any language."""
        return self.words.get(words(status)) or outcome_of(status)

    def marks(self) -> Marks:
        """The marks its amounts are written with."""
        return Marks(self.decimal, self.thousands)

    def of_currency(self, currency: str) -> Profile:
        """The same profile for a file whose rows do not name their currency."""
        return self if self.currency else replace(self, currency=currency)


class PayoutRows(NamedTuple):
    """What a payout file says: the rows in file order, every problem a person must fix, and how many rows were read."""

    payouts: Sequence[Payout]
    problems: list[RowProblem]
    rows: int


class Located(NamedTuple):
    """Where a profile's table stands in one sheet; columns count from 0."""

    sheet: Sheet
    header_row: int
    names: tuple[str, ...]
    columns: dict[Field, int]


def locate(sheets: Sheets, profile: Profile) -> list[Located]:
    """The tables a profile reads, one per sheet that has its heading. Raises UnreadableFile when there is none."""
    if Field.AMOUNT not in profile.columns:
        raise UnreadableFile("say which column holds the amount")
    found = [place for sheet in _chosen(sheets, profile) if (place := locate_in(sheet, profile))]
    if not found or (profile.sheets and len(found) < len(profile.sheets)):
        raise UnreadableFile(_not_found(sheets, profile))
    absent = [profile.columns[each] for each in profile.columns if not any(each in place.columns for place in found)]
    if absent:
        raise UnreadableFile(f'check the column map: no column is called "{absent[0]}"')
    return found


def _not_found(sheets: Sheets, profile: Profile) -> str:
    for name in profile.columns.values():
        if not any(headings.find(sheet, [name], profile.header_row, profile.header_rows) for sheet in _chosen(sheets, profile)):
            return f'check the column map: no column is called "{name}"'
    return "check the column map: no heading in this file has all the columns it names"


def _chosen(sheets: Sheets, profile: Profile) -> Iterable[Sheet]:
    if not profile.sheets:
        return sheets.visible()
    try:
        return [sheets.named(name) for name in profile.sheets]
    except KeyError:
        raise UnreadableFile("check the column map: it names a sheet that this file does not have") from None


def locate_in(sheet: Sheet, profile: Profile) -> Located | None:
    """Where a profile's table stands in a sheet; None where its heading is nowhere. Raises UnreadableFile for a heading that stands twice."""
    row = headings.find(sheet, profile.columns.values(), profile.header_row, profile.header_rows)
    if not row and not profile.sheets:
        row = headings.find(sheet, _needed(profile), profile.header_row, profile.header_rows)
    if not row:
        return None
    names = headings.headings(sheet, row, profile.header_rows)
    folded = headings.folded(names)
    columns = {}
    for each, name in profile.columns.items():
        places = [place for place, text in enumerate(folded) if text == words(name)]
        if len(places) > 1 and each in profile.letters:
            places = [place for place in places if cell_name(1, place) == f"{profile.letters[each]}1"] or places
        if len(places) > 1:
            raise UnreadableFile(f"say which column is meant: the heading for {each} stands over more than one")
        if places:
            columns[each] = places[0]
    return Located(sheet, row, names, columns)


def _needed(profile: Profile) -> list[str]:
    """The headings without which a sheet is not of this shape; a sheet may lack others, as a list of failures alone has reasons."""
    keys = [each for each in (Field.REFERENCE, Field.PHONE, Field.ACCOUNT, Field.TOKEN, Field.NARRATIVE) if each in profile.columns]
    status = [Field.STATUS] if Field.STATUS in profile.columns else []
    return [profile.columns[each] for each in (Field.AMOUNT, *keys[:1], *status)]


@without_collecting()
def read_payouts(sheets: Sheets, profile: Profile, currency: str = "") -> PayoutRows:
    """Every payment a file states, with all problems at once. Raises UnreadableFile when the profile does not fit the file.

    currency: for rows that do not name one, where the profile has none either.
    """
    from reconciliation.column_reader import TableReader

    profile = profile.of_currency(currency)
    payouts, problems = PayoutColumns(), list[RowProblem]()
    for place in locate(sheets, profile):
        reader = TableReader(place, profile, payouts, problems)
        for start, batch in batches_of(place.sheet.rows):
            reader.read(batch, start)
    return PayoutRows(payouts, problems, len(payouts))


class RowReader:
    """Reads the rows of one table, one payout each."""

    def __init__(self, place: Located, profile: Profile) -> None:
        self._sheet = place.sheet.name
        self._columns = place.columns
        self._profile = profile
        self._marks = profile.marks()

    def read(self, number: int, row: Row, all_problems: list[RowProblem]) -> Payout | None:
        """The payout of a row; None for a line of a statement that moves no money (both amount columns empty).

        Every problem joins all_problems.  A row keeps its own, and has no amount, only when one of them leaves open what was paid, or to whom:
        a phone cut short beside a whole reference is left out, and the row is read.
        """
        problems: list[RowProblem] = []
        if (
            Field.RETURNED_AMOUNT in self._columns
            and is_blank(self._value(row, Field.AMOUNT))
            and is_blank(self._value(row, Field.RETURNED_AMOUNT))
        ):
            return None
        outcome, said = self._outcome(number, row, problems)
        currency = self._currency(number, row, problems)
        amount, outcome = self._amount(number, row, outcome, currency, problems)
        raw_reason = self._text(number, row, Field.REASON, problems) or said
        reference, phone, account, token = (self._key(number, row, which, problems) for which in KEYS)
        narrative = self._text(number, row, Field.NARRATIVE, problems)
        if problems and not (reference or phone or account or token or narrative):
            amount = None
        payout = Payout(
            reference=reference,
            amount=amount,
            outcome=outcome or Outcome.FAILED,
            sheet=self._sheet,
            row=number,
            provider_id=self._key(number, row, Field.PROVIDER_ID, problems),
            name=self._text(number, row, Field.NAME, problems),
            phone=phone,
            account=account,
            token=token,
            narrative=narrative,
            date=self._date(number, row, problems),
            reason=reason_for(outcome, raw_reason, said),
            raw_reason=raw_reason,
            problems=tuple(problems) if amount is None else (),
        )
        all_problems.extend(problems)
        return payout

    def _value(self, row: Row, which: Field) -> Value:
        column = self._columns.get(which)
        return None if column is None else at(row, column)

    def _problem(self, number: int, which: Field, fix: str) -> RowProblem:
        return RowProblem(self._sheet, cell_name(number, self._columns[which]), fix)

    def _text(self, number: int, row: Row, which: Field, problems: list[RowProblem]) -> str:
        column = self._columns.get(which)
        if column is None or column >= len(row):
            return ""
        value = row[column]
        if isinstance(value, str):
            return plain(value)
        if isinstance(value, Fault):
            problems.append(self._problem(number, which, _OPEN_FORMULA))
            return ""
        return text_of(value)

    def _key(self, number: int, row: Row, which: Field, problems: list[RowProblem]) -> str:
        text = self._text(number, row, which, problems)
        if text and lost_digits(row[self._columns[which]]):
            problems.append(self._problem(number, which, _LOST))
            return ""
        return text

    def _outcome(self, number: int, row: Row, problems: list[RowProblem]) -> tuple[Outcome | None, str]:
        if Field.STATUS not in self._columns:
            return Outcome.PAID, ""
        status = self._text(number, row, Field.STATUS, problems)
        outcome, said = outcome_with_reason(self._profile, status)
        if outcome is None and not isinstance(self._value(row, Field.STATUS), Fault):
            problems.append(self._problem(number, Field.STATUS, _NO_STATUS if status else _STATUS))
        return outcome, said if outcome is not Outcome.PAID else ""

    def _currency(self, number: int, row: Row, problems: list[RowProblem]) -> str | None:
        text = self._text(number, row, Field.CURRENCY, problems) if Field.CURRENCY in self._columns else ""
        if not text:
            return self._profile.currency
        code = currency_of(text.upper()) or currency_of(text)
        if not code:
            problems.append(self._problem(number, Field.CURRENCY, "name the currency by its three letters, for example KES"))
        return code or None

    def _amount(
        self, number: int, row: Row, outcome: Outcome | None, currency: str | None, problems: list[RowProblem]
    ) -> tuple[Money | None, Outcome | None]:
        which, value = Field.AMOUNT, self._value(row, Field.AMOUNT)
        if is_blank(value) and not is_blank(self._value(row, Field.RETURNED_AMOUNT)):
            which, value = Field.RETURNED_AMOUNT, self._value(row, Field.RETURNED_AMOUNT)
        if currency is None or outcome is None:
            return None, outcome
        if outcome is Outcome.FAILED and currency and says_nothing(value):
            return Money(0, currency), outcome
        try:
            amount = read_amount(value, self._marks, currency) if not is_blank(value) else None
        except AmountProblem as problem:
            problems.append(self._problem(number, which, str(problem)))
            return None, outcome
        if amount is None:
            problems.append(self._problem(number, which, "enter the amount as a number, for example 75.50"))
            return None, outcome
        backwards = which is Field.RETURNED_AMOUNT or (amount.minor < 0) != (self._profile.negative_paid and amount.minor != 0)
        if backwards and outcome is Outcome.PAID:
            outcome = Outcome.RETURNED
        return Money(abs(amount.minor), amount.currency), outcome

    def _date(self, number: int, row: Row, problems: list[RowProblem]) -> str:
        value = self._value(row, Field.DATE)
        if says_nothing(value):
            return ""
        if isinstance(value, Fault):
            problems.append(self._problem(number, Field.DATE, _OPEN_FORMULA))
            return ""
        try:
            return read_date(value, self._profile.date_order)
        except DateProblem as problem:
            problems.append(self._problem(number, Field.DATE, str(problem)))
            return ""


def reason_for(outcome: Outcome | None, raw_reason: str, said: str) -> str:
    """Our reason code for a row that was not paid; "" for one that was, or came back without a word."""
    if outcome is Outcome.FAILED or (outcome is Outcome.RETURNED and raw_reason):
        return reason_of(raw_reason, said).value
    return ""


def outcome_with_reason(profile: Profile, status: str) -> tuple[Outcome | None, str]:
    """What a status cell says, and the words after it: "Failed - wallet closed" is FAILED with "wallet closed"."""
    outcome = profile.outcome(status)
    if outcome is not None:
        return outcome, status if outcome is Outcome.FAILED else ""
    for separator in _SEPARATORS:
        head, found, tail = status.partition(separator)
        if found and (outcome := profile.outcome(head)) is not None:
            return outcome, tail.strip(" )")
    return None, ""
