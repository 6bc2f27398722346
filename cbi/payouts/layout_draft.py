"""A layout as a person has it at the moment: which sheet, which heading, what each column is, and what that leaves open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

from cbi.payouts.looked import Look
from reconciliation import headings, layout, questions
from reconciliation.body import Body, body
from reconciliation.cells import at, column_letter, is_blank, plain, text_of, words
from reconciliation.payout import Outcome
from reconciliation.profile import Profile, outcome_with_reason
from reconciliation.proposal import KEYS, About, Guess, Question
from reconciliation.sheets import Sheet, UnreadableFile
from reconciliation.vocabulary import Field

MOST_COLUMNS = 40
MOST_WORDS = 20
_FIELDS = {field.value: field for field in Field}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the table is said to stand. heading: its first row, from 1; rows: of the heading, 1 or 2."""

    sheets: tuple[str, ...]
    heading: int
    rows: int = 1

    def __str__(self) -> str:
        return "\x1f".join((f"{self.heading}+{self.rows}", *self.sheets))


class Draft:
    """One file's layout on its way. given: the page's fields as they came; none of them for a page opened anew."""

    def __init__(self, look: Look, given: Mapping[str, str], sheets: tuple[str, ...]) -> None:
        self.look = look
        self._given = given
        self._values: dict[int, list[tuple[int, object]]] = {}
        self.visible = tuple(sheet for sheet in look.sheets.visible() if sheet.filled())
        if not self.visible:
            raise UnreadableFile("upload a file with at least one visible sheet that holds something")
        self.place = self._place(sheets)
        self.moved = bool(given) and given.get("was", "") != str(self.place)

    def _place(self, asked: tuple[str, ...]) -> Place:
        named = tuple(sheet.name for sheet in self.visible if sheet.name in asked)
        found = [one for one in self.look.proposal.sheets if one.header_row and not one.hidden and (not named or one.name in named)]
        best = max(found, key=lambda one: one.rows, default=None)
        names = named or self._joined() or ((best.name,) if best else (self.visible[0].name,))
        heading, _, rows = self._given.get("heading", "").partition("+")
        same = not self._given or self._given.get("was", "").split("\x1f")[1:] == list(names)
        if heading.isascii() and heading.isdigit() and same and 0 < int(heading) <= len(self._named(names[0]).rows):
            return Place(names, int(heading), 2 if rows == "2" else 1)
        first = next((one for one in found if one.name == names[0]), None)
        return Place(names, first.header_row if first else 1, first.header_rows if first else 1)

    def _joined(self) -> tuple[str, ...]:
        profile = self.look.proposal.profile
        if profile is None:
            return ()
        tables = [one.name for one in self.look.proposal.sheets if one.header_row and not one.hidden]
        return profile.sheets or tuple(name for name in tables if headings.find(self._named(name), profile.columns.values()))

    def _named(self, name: str) -> Sheet:
        return next(sheet for sheet in self.visible if sheet.name == name)

    @cached_property
    def sheet(self) -> Sheet:
        """The sheet that is shown: the first of those that are read."""
        return self._named(self.place.sheets[0])

    @cached_property
    def width(self) -> int:
        """How many columns the page shows."""
        return min(max((len(row) for row in self.sheet.rows[: self.place.heading + 200]), default=1), MOST_COLUMNS)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The heading over each column; "" where there is none."""
        found = headings.headings(self.sheet, self.place.heading, self.place.rows)
        return (*found, *[""] * (self.width - len(found)))[: self.width]

    @cached_property
    def guesses(self) -> Mapping[int, Guess]:
        """What each column seems to be, by its place."""
        for one in self.look.proposal.sheets:
            if one.name == self.sheet.name and (one.header_row, one.header_rows) == (self.place.heading, self.place.rows):
                return {guess.column: guess for guess in one.columns}
        blank = [() for _ in range(self.place.heading - 1)]
        below = replace(self.sheet, rows=[*blank, *self.sheet.rows[self.place.heading - 1 :]])
        looked = layout.propose(
            replace(self.look.sheets, sheets=(below,)),
            currency=self.look.asked.about.currency,
            expected=self.look.asked.expected,
            check_rows=False,
        )
        return {guess.column: guess for one in looked.sheets if one.header_row == self.place.heading for guess in one.columns}

    @property
    def fresh(self) -> bool:
        """Whether the columns are as proposed: the page was opened, or another sheet or heading was chosen."""
        return not self._given or self.moved

    @cached_property
    def fields(self) -> Mapping[int, Field]:
        """What each column is said to be, by its place; columns that are not used are absent."""
        if self.fresh:
            return {place: guess.field for place, guess in self.guesses.items() if guess.certainty > 0 and place < self.width}
        said = ((place, self._given.get(f"column_{place}", "")) for place in range(self.width))
        return {place: _FIELDS[name] for place, name in said if name in _FIELDS}

    @cached_property
    def columns(self) -> dict[Field, int]:
        """Where each field stands; the first where a person named two."""
        return {field: place for place, field in sorted(self.fields.items(), reverse=True)}

    @property
    def twice(self) -> list[Field]:
        """Fields that were named over more than one column."""
        return [field for field, count in Counter(self.fields.values()).items() if count > 1]

    @property
    def without_heading(self) -> list[int]:
        """Columns that are used and have no heading by which to find them again."""
        return [place for place in self.fields if not words(self.names[place])]

    @property
    def lacking(self) -> list[Field]:
        """Fields without which nothing can be matched: the amount, and something that says whose it is."""
        keyed = any(field in self.columns for field in (*KEYS, Field.NARRATIVE))
        return [*([] if Field.AMOUNT in self.columns else [Field.AMOUNT]), *([] if keyed else [Field.REFERENCE])]

    @cached_property
    def body(self) -> Body:
        """The rows under the heading: lines, totals and what is left out."""
        return body(self.sheet, self.place.heading + self.place.rows, self.columns, self.names)

    def values(self, place: int) -> list[tuple[int, object]]:
        """Row number and value of the filled cells of a column; looked up once, as many things of a page are told by them."""
        if place not in self._values:
            found = ((number, at(self.sheet.rows[number - 1], place)) for number in self.body.lines)
            self._values[place] = [(number, value) for number, value in found if not is_blank(value)]
        return self._values[place]

    @cached_property
    def status_words(self) -> list[tuple[str, int]]:
        """The words of the status column with how often each stands there, the most frequent first, then those further down the file."""
        if Field.STATUS not in self.columns:
            return []
        counted = Counter(plain(text_of(value)) for _, value in self.values(self.columns[Field.STATUS]))  # type: ignore[arg-type]
        further = [one.value for one in self.look.proposal.questions if one.about is About.STATUS_WORD and one.sheet == self.sheet.name]
        rest = [(word, 0) for word in further if word not in counted and self.fresh]
        return [*counted.most_common(MOST_WORDS), *rest][:MOST_WORDS]

    @property
    def words_of(self) -> str:
        """Which column the words are of: what was said of other words is not what is said of these."""
        return column_letter(self.columns[Field.STATUS]) if Field.STATUS in self.columns else ""

    def outcome_of(self, index: int, word: str) -> Outcome | None:
        """What a status word was said to mean, else what it is known to mean."""
        said = self._given.get(f"word_{index}", "") if not self.moved and self._given.get("words_of") == self.words_of else ""
        return Outcome(said) if said in set(Outcome) else outcome_with_reason(self._base, word)[0]

    def _mark(self, name: str, allowed: tuple[str, ...]) -> str:
        said = self._given.get(name, "")
        return said if said in allowed else ""

    @property
    def _base(self) -> Profile:
        """What is known of this file beside its columns: the words and marks of an earlier layout of this provider."""
        return self.look.proposal.profile or Profile("", {})

    @cached_property
    def _named_columns(self) -> Profile:
        known = {words(word): outcome for index, (word, _) in enumerate(self.status_words) if (outcome := self.outcome_of(index, word))}
        theirs = {word: outcome for word, outcome in known.items() if outcome_with_reason(Profile("", {}), word)[0] is not outcome}
        return replace(
            self._base,
            name="",
            version=1,
            title="",
            columns=MappingProxyType({field: self.names[place] for field, place in sorted(self.columns.items())}),
            letters=MappingProxyType({field: column_letter(place) for field, place in sorted(self.columns.items())}),
            sheets=() if len(self.place.sheets) == len(self.visible) else self.place.sheets,
            header_row=self.place.heading,
            header_rows=self.place.rows,
            words=MappingProxyType({**self._base.words, **theirs}),
            negative_paid={"paid": True, "returned": False}.get(self._mark("negative", ("paid", "returned")), self._base.negative_paid),
            known_by=headings.fingerprint(self.names),
        )

    @cached_property
    def _settled(self) -> tuple[Profile, list[Question]]:
        table = questions.TableRows(self.sheet, self.columns, self.body)
        return questions.settle(self._named_columns, [table], self.look.asked.about.currency, self.look.asked.expected)

    @property
    def profile(self) -> Profile:
        """The layout as it stands: a person's own answers, else what the columns decide by themselves."""
        found, base = self._settled[0], self._base if self.fresh else Profile("", {})
        decimal = self._mark("decimal", (".", ",")) or base.decimal or found.decimal
        thousands = {".": ",", ",": "."}[decimal] if self._mark("decimal", (".", ",")) else base.thousands or found.thousands
        order = self._mark("date_order", ("dmy", "mdy", "ymd")) or base.date_order or found.date_order
        return replace(found, decimal=decimal, thousands=thousands, date_order=order)

    def question(self, about: About) -> Question | None:
        """What the columns do not decide by themselves: how amounts or dates are written, or what a minus means."""
        return next((one for one in self._settled[1] if one.about is about), None)

    def is_open(self, about: About) -> bool:
        """Whether that question still waits for a person."""
        profile = self.profile
        answered = {
            About.MARKS: bool(profile.decimal),
            About.DATE_ORDER: bool(profile.date_order),
            About.SIGN: bool(self._mark("negative", ("paid", "returned"))),
        }
        return self.question(about) is not None and not answered[about]

    @property
    def open_words(self) -> list[int]:
        """Status words, by their place, that nobody has said the meaning of."""
        return [index for index, (word, _) in enumerate(self.status_words) if self.outcome_of(index, word) is None]

    @property
    def missing(self) -> int:
        """How many answers the page still needs."""
        marks = sum(self.is_open(about) for about in (About.MARKS, About.DATE_ORDER, About.SIGN))
        return marks + len(self.open_words) + len(self.lacking) + len(self.twice) + len(self.without_heading)
