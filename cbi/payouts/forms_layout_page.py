"""The page on which a person says how a file is read: its own first rows with a question over each column, and what would come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, Literal

from cbi.payouts import fixes
from cbi.payouts.forms_layout import FIELD_WORDS, LayoutForm, Offered, layout_form
from cbi.payouts.layout_draft import Draft
from cbi.payouts.looked import Look
from cbi.payouts.words import OUTCOME_WORDS
from cbi.web.evidence import Cell, Excerpt, MapColumn, SheetRow
from cbi.web.filters import day, money, number
from cbi.web.words import _, _l, _n, listed
from reconciliation.amounts import AmountProblem, Marks, read_amount
from reconciliation.cells import CellKind, at, cell_name, column_letter, kind_of, lost_digits, text_of
from reconciliation.dates import DateProblem, read_date
from reconciliation.payout import Outcome, RowProblem
from reconciliation.preview import PreviewRow, preview_rows
from reconciliation.profile import Profile
from reconciliation.proposal import SURE, About, Question
from reconciliation.sheets import UnreadableFile
from reconciliation.vocabulary import Field

FEW, MANY = 4, 24
_MOST_HEADINGS = 40
_MOST_HITS = 3
_LONGEST_CELL = 60
_EFFECT_ROWS = 6
_MARKS = {".": Marks(".", ","), ",": Marks(",", ".")}
_NAMES = {About.MARKS: "decimal", About.DATE_ORDER: "date_order", About.SIGN: "negative"}
_ORDERS = {"dmy": _l("day first"), "mdy": _l("month first"), "ymd": _l("year first")}
_POINTS = {".": _l("point, as in 1,250.50"), ",": _l("comma, as in 1.250,50")}


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing only a person can say: the question with its cell, and the bound field that answers it."""

    legend: str
    field: Any  # a bound WTForms field, whose package has no types
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """One status word of the file. outcome: what it means so far."""

    text: str
    count: int
    field: Any  # as above
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Effect:
    """The first rows as they would be read; fix: instead, what keeps the file from being read, as "You need to …"."""

    rows: tuple[PreviewRow, ...] = ()
    fix: str = ""


class LayoutPage:
    """All that the page shows. given: the fields as they came; fix: why the layout kept before did not fit."""

    def __init__(self, look: Look, given: Mapping[str, str], sheets: tuple[str, ...], fix: str = "") -> None:
        self.draft = Draft(look, given, sheets)
        self.look, self.fix = look, fixes.say(fix)
        self._given = given
        self.form: LayoutForm = layout_form(self._offered())(**({} if given and not self.draft.moved else {"formdata": None}))
        self._fill()

    @property
    def is_known(self) -> bool:
        """Whether a layout of this heading was confirmed before."""
        return bool(self.look.proposal.known_as)

    @property
    def lines(self) -> int:
        """How many rows of payments the sheet has under this heading."""
        whole = next((one.rows for one in self.look.proposal.sheets if one.name == self.draft.sheet.name and one.header_row), 0)
        return max(whole, len(self.draft.body.lines))

    @property
    def rows(self) -> int:
        """How many rows the sheet has, also where only the first are looked at."""
        return self.look.cut.get(self.draft.sheet.name, len(self.draft.sheet.rows))

    @property
    def looked_at(self) -> int:
        """How many rows are looked at, where the sheet has more; else 0."""
        return len(self.draft.sheet.rows) if self.draft.sheet.name in self.look.cut else 0

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """The rows that are shown: the heading, the first ones below it, and those with a cell that needs a person."""
        first = self.draft.place.heading + self.draft.place.rows
        shown = MANY if self.form.shown.data == "many" else FEW
        rows = range(first, min(first + shown, len(self.draft.sheet.rows) + 1))
        further = sorted({row for row, _place in self._hits if row >= first} - set(rows))[:_MOST_HITS]
        return (self.draft.place.heading, *rows, *further)

    @property
    def more(self) -> bool:
        """Whether further rows can be shown."""
        return self.form.shown.data != "many" and len(self.draft.sheet.rows) >= self.draft.place.heading + self.draft.place.rows + FEW

    @cached_property
    def _hits(self) -> set[tuple[int, int]]:
        """Cells that need a person: row and column."""
        asked = [question for about in _NAMES if (question := self.draft.question(about)) and self.draft.is_open(about)]
        cells = {one.cell for one in asked if one.sheet == self.draft.sheet.name}
        places = ((row, place) for place in self.draft.fields if cells for row, _value in self.draft.values(place))
        cut = {(row, place) for place, rows in self._cut.items() for row in rows[:1]}
        return cut | {(row, place) for row, place in places if cell_name(row, place) in cells}

    @cached_property
    def _cut(self) -> dict[int, list[int]]:
        """Rows whose number in a column was cut short by a spreadsheet, by column."""
        keys = {Field.PHONE, Field.ACCOUNT, Field.TOKEN, Field.REFERENCE, Field.PROVIDER_ID}
        found = {
            place: [row for row, value in self.draft.values(place) if lost_digits(value)]  # type: ignore[arg-type]
            for place, field in self.draft.fields.items()
            if field in keys
        }
        return {place: rows for place, rows in found.items() if rows}

    @property
    def letterhead(self) -> Excerpt | None:
        """The rows above the heading, where a person asked to see them."""
        above = self.draft.sheet.rows[: self.draft.place.heading - 1] if self.form.top.data else []
        if not above:
            return None
        width = max(1, *(len(row) for row in above))
        columns = tuple(column_letter(place) for place in range(width))
        return Excerpt(
            columns,
            tuple(SheetRow(index, tuple(_cell(at(row, place)) for place in range(width))) for index, row in enumerate(above, start=1)),
        )

    @cached_property
    def columns(self) -> list[MapColumn]:
        """Every column with its select and its cells."""
        return [self._column(place) for place in range(self.draft.width)]

    @property
    def asks(self) -> list[Ask]:
        """What the columns do not decide by themselves."""
        return [self._ask(about, question) for about in _NAMES if (question := self.draft.question(about))]

    @property
    def notes(self) -> list[Question]:
        """What else made the reader unsure when it proposed this: rival columns, other sheets."""
        asked = [one for one in self.look.proposal.questions if one.about in {About.COLUMN, About.SHEET}] if self.draft.fresh else []
        return [replace(one, fix=fixes.say(one.fix)) for one in asked]

    @property
    def words(self) -> list[Word]:
        """The words of the status column, each with what it means."""
        return [
            Word(text, count, self.form[f"word_{index}"], self.draft.outcome_of(index, text))
            for index, (text, count) in enumerate(self.draft.status_words)
        ]

    @property
    def status_heading(self) -> str:
        """The heading of the status column; "" where none was chosen."""
        return self.draft.names[self.draft.columns[Field.STATUS]] if Field.STATUS in self.draft.columns else ""

    @property
    def figures(self) -> list[tuple[str, str]]:
        """How amounts and dates are read, in words."""
        profile = self.draft.profile
        currency = profile.currency or self.look.asked.about.currency
        where = _("a column says it") if Field.CURRENCY in profile.columns else _("the heading") if profile.currency else _("the list")
        undecided = _("waits for your answer") if self.draft.is_open(About.MARKS) else _("not needed: figures")
        said = [(_("Decimal mark"), str(_POINTS.get(profile.decimal, undecided)))]
        said.append((_("Currency"), _("%(currency)s, from %(where)s", currency=currency, where=where)))
        if self.reads_dates:
            undecided = _("waits for your answer") if self.draft.is_open(About.DATE_ORDER) else _("as they stand")
            said.append((_("Dates"), str(_ORDERS.get(profile.date_order, undecided))))
        if self.draft.body.totals:
            rows = listed(number(row) for row in self.draft.body.totals[:3])
            said.append((_("Total rows"), _("%(rows)s: no payments, compared with the sum above", rows=rows)))
        return said

    @property
    def reads_dates(self) -> bool:
        """Whether a column holds dates."""
        return Field.DATE in self.draft.columns

    @cached_property
    def effect(self) -> Effect:
        """What the first rows would become."""
        if self.draft.lacking or self.draft.twice or self.draft.without_heading:
            return Effect()
        try:
            return Effect(
                tuple(preview_rows(self.look.sheets, self.draft.profile, self.look.asked.about.currency, _EFFECT_ROWS)[:_EFFECT_ROWS])
            )
        except UnreadableFile as problem:
            return Effect(fix=fixes.say(problem.fix))

    def new_problems(self, row: PreviewRow) -> list[RowProblem]:
        """What is to fix in a row, without what an earlier row of the page says in the same words."""
        first: dict[str, int] = {}
        for one in self.effect.rows:
            for problem in one.problems:
                first.setdefault(problem.fix, one.row)
        return [replace(problem, fix=fixes.say(problem.fix)) for problem in row.problems if first[problem.fix] == row.row]

    def keep(self) -> Profile | None:
        """The confirmed layout; None when an answer is missing: then the form says which."""
        self._name_problems()
        return None if self.form.errors or self.form.form_errors or self.draft.moved else self.draft.profile

    @property
    def lacking(self) -> list[str]:
        """The columns without which nothing can be matched, each as "You need to …"."""
        fixes = {Field.AMOUNT: _("choose the column that holds the amount")}
        return [fixes.get(field, _("choose the column that says whose payment it is")) for field in self.draft.lacking]

    def _name_problems(self) -> None:
        draft, form = self.draft, self.form
        form.form_errors = [*form.form_errors, *self.lacking]
        for field in draft.twice:
            place = next(place for place, one in sorted(draft.fields.items(), reverse=True) if one is field)
            form[f"column_{place}"].errors = [_("choose one column only for %(what)s", what=FIELD_WORDS[field])]
        for place in draft.without_heading:
            form[f"column_{place}"].errors = [_("write a heading over column %(letter)s in the file first", letter=column_letter(place))]
        for about, name in _NAMES.items():
            if draft.is_open(about):
                form[name].errors = [_("choose one of the answers")]
        for index in draft.open_words:
            form[f"word_{index}"].errors = [_("say what “%(word)s” means", word=draft.status_words[index][0])]

    def _offered(self) -> Offered:
        draft = self.draft
        rows = range(1, min(len(draft.sheet.rows), _MOST_HEADINGS) + 1)
        headings = [(f"{row}+1", _("row %(row)s", row=row)) for row in rows]
        headings += [(f"{row}+2", _("rows %(row)s and %(next)s together", row=row, next=row + 1)) for row in rows]
        asked = frozenset(name for about, name in _NAMES.items() if draft.question(about))
        return Offered(
            columns=draft.width,
            headings=headings,
            sheets=[(sheet.name, sheet.name) for sheet in draft.visible],
            words=len(draft.status_words),
            decimal=self._amounts() if "decimal" in asked else [("", _l("As found")), *_POINTS.items()],
            date_order=self._dates() if "date_order" in asked else [("", _l("As found")), *_ORDERS.items()],
            negative=[("paid", _l("Payments made")), ("returned", _l("Payments taken back"))]
            if "negative" in asked
            else [("", _l("Payments taken back")), ("paid", _l("Payments made"))],
            asked=asked,
        )

    def _amounts(self) -> list[tuple[str, object]]:
        """The two ways to read the doubtful amount, each as the sum it would be."""
        question = self.draft.question(About.MARKS)
        value = question.value if question else ""
        return [(mark, self._amount(value, mark)) for mark in _MARKS]

    def _amount(self, text: str, mark: str) -> object:
        try:
            return money(read_amount(text, _MARKS[mark], self.look.asked.about.currency))
        except AmountProblem:
            return _POINTS[mark]

    def _dates(self) -> list[tuple[str, object]]:
        """The two ways to read the doubtful date, each as the day it would be."""
        question = self.draft.question(About.DATE_ORDER)
        value = question.value if question else ""
        return [(order, _day(value, order)) for order in ("dmy", "mdy")]

    def _fill(self) -> None:
        """What the fields hold: as they came, else as proposed."""
        draft, form = self.draft, self.form
        form.was.data, form.words_of.data = str(draft.place), draft.words_of
        form.heading.data = f"{draft.place.heading}+{draft.place.rows}"
        form.sheets.data = list(draft.place.sheets)
        show = self._given.get("show", "")
        form.shown.data = "many" if show == "more" else self._given.get("shown", "")
        form.top.data = {"top": "1", "no_top": ""}.get(show, self._given.get("top", ""))
        for index, (word, _count) in enumerate(draft.status_words):
            outcome = draft.outcome_of(index, word)
            form[f"word_{index}"].data = outcome.value if outcome else ""
        if draft.fresh:
            for place, field in draft.fields.items():
                form[f"column_{place}"].data = field.value
            profile = draft.profile
            form.decimal.data = profile.decimal if draft.question(About.MARKS) else ""
            form.date_order.data = profile.date_order if draft.question(About.DATE_ORDER) else ""

    def _ask(self, about: About, question: Question) -> Ask:
        field = self.form[_NAMES[about]]
        if about is About.MARKS:
            return Ask(_("%(cell)s reads %(value)s. How much is it?", cell=question.cell, value=question.value), field)
        if about is About.DATE_ORDER:
            return Ask(
                _("%(cell)s reads %(value)s. Which day is it?", cell=question.cell, value=question.value), field, _("Nothing is assumed.")
            )
        return Ask(_("Most amounts, such as %(cell)s, have a minus. What are they?", cell=question.cell), field)

    def _column(self, place: int) -> MapColumn:
        state, words = self._sure(place)
        rows = [(row, self.draft.sheet.rows[row - 1]) for row in self.numbers[1:]]
        cells = (_cell(at(values, place), hit=(row, place) in self._hits) for row, values in rows)
        heading = Cell(self.draft.names[place][:_LONGEST_CELL])
        return MapColumn(column_letter(place), self.form[f"column_{place}"], (heading, *cells), state, words)

    def _sure(self, place: int) -> tuple[Literal["", "doubt", "unused"], str]:
        """How sure this column is, and why."""
        field, guess = self.draft.fields.get(place), self.draft.guesses.get(place)
        if field is None:
            return "unused", ""
        if doubt := self._doubt(place, field):
            return "doubt", doubt
        if guess is None or guess.field is not field:
            return "", _("You chose this")
        if guess.certainty < SURE:
            return ("doubt", _("Please look")) if self.draft.fresh else ("", _("You chose this"))
        return "", self._why(place, field)

    def _doubt(self, place: int, field: Field) -> str:
        """What a person has to say or know of this column; "" for nothing."""
        if field in self.draft.twice:
            return _("Two columns say this")
        if place in self._cut:
            count = len(self._cut[place])
            return _n("%(num)s row lost its digits", "%(num)s rows lost their digits", count)
        if field is Field.STATUS and self.draft.open_words:
            return _("A word needs you, see below")
        asked = {Field.DATE: About.DATE_ORDER, Field.AMOUNT: About.MARKS}.get(field)
        if asked is None or not self.draft.is_open(asked):
            return ""
        return _("Day or month first?") if asked is About.DATE_ORDER else _("Which mark is the decimal one?")

    def _why(self, place: int, field: Field) -> str:
        texts = [text_of(value) for _row, value in self.draft.values(place)]  # type: ignore[arg-type]
        if field is Field.REFERENCE and self.look.asked.expected:
            ours = sum(text.strip().upper() in self.look.asked.expected for text in texts)
            if ours:
                return (
                    _("All are ours")
                    if ours == len(texts)
                    else _("%(ours)s of %(all)s are ours", ours=number(ours), all=number(len(texts)))
                )
        if field is Field.PROVIDER_ID:
            return _("All different") if len(set(texts)) == len(texts) else _("Sure, some repeat")
        if field is Field.STATUS:
            count = len(self.draft.status_words)
            return _n("%(num)s word, see below", "%(num)s words, see below", count)
        return _("Sure")


def happened(outcome: Outcome) -> str:
    """What a row says happened, in words."""
    return str(OUTCOME_WORDS[outcome])


def _cell(value: object, *, hit: bool = False) -> Cell:
    kind = kind_of(value)  # type: ignore[arg-type]
    return Cell(text_of(value)[:_LONGEST_CELL], hit=hit, right=kind is CellKind.NUMBER)  # type: ignore[arg-type]


def _day(text: str, order: str) -> object:
    try:
        read = read_date(text, order)
    except DateProblem:
        return _ORDERS[order]
    return day(datetime.fromisoformat(read).date() if "T" in read else date.fromisoformat(read[:10]))
