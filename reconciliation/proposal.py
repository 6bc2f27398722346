"""What the reader thinks a file's columns are, what it must ask, and whether it is sure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from reconciliation.payout import RowProblem
from reconciliation.profile import Profile
from reconciliation.vocabulary import Field

SURE = 0.75
KEYS = (Field.REFERENCE, Field.PHONE, Field.ACCOUNT, Field.TOKEN)


class About(StrEnum):
    """What a question is about."""

    COLUMN = "column"
    MARKS = "marks"
    DATE_ORDER = "date_order"
    STATUS_WORD = "status_word"
    SIGN = "sign"
    SHEET = "sheet"


@dataclass(frozen=True, slots=True)
class Question:
    """Something only a person can say before the file is read.

    fix completes "You need to …".  value: what the cell reads, for the page only; it may be personal and is never logged.
    """

    about: About
    fix: str
    sheet: str = ""
    cell: str = ""
    value: str = ""

    def as_problem(self) -> RowProblem:
        """The question as a line in a list of problems."""
        return RowProblem(self.sheet, self.cell, self.fix)


@dataclass(frozen=True, slots=True)
class Guess:
    """One column as proposed. certainty runs from 0 to 1; column counts from 0; examples are cells of the file."""

    field: Field
    header: str
    column: int
    certainty: float
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SheetLook:
    """One sheet as it was found. header_row: from 1, its first row; 0 when no heading was found.

    rows: lines of the table, or rows that hold anything where there is no table.  totals, skipped: rows left out of it.
    hidden_rows: read although the spreadsheet does not show them.
    """

    name: str
    hidden: bool
    rows: int
    header_row: int = 0
    header_rows: int = 1
    columns: tuple[Guess, ...] = ()
    totals: tuple[int, ...] = ()
    skipped: tuple[int, ...] = ()
    headings: tuple[str, ...] = ()
    hidden_rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """How the file would be read. profile: None when no table was found.  known_as: the saved profile whose heading this is.

    told_in_text: our references were seen in the narrative.
    """

    sheets: tuple[SheetLook, ...]
    profile: Profile | None
    known_as: str = ""
    questions: tuple[Question, ...] = ()
    problems: tuple[RowProblem, ...] = ()
    told_in_text: bool = False

    def missing(self) -> tuple[str, ...]:
        """The columns without which nothing can be matched, where none was found or the reader is not sure of it."""
        best: dict[Field, float] = {}
        for look in self.sheets:
            for guess in look.columns:
                best[guess.field] = max(best.get(guess.field, 0.0), guess.certainty)
        lacking = [] if best.get(Field.AMOUNT, 0.0) >= SURE else ["amount"]
        return tuple(lacking if self.told_in_text or any(best.get(key, 0.0) >= SURE for key in KEYS) else ["reference", *lacking])

    @property
    def is_certain(self) -> bool:
        """Whether the file can be read without asking anyone."""
        return self.profile is not None and not self.questions and (bool(self.known_as) or not self.missing())
