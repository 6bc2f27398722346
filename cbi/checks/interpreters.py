"""Who may interpret at visits, and since when somebody has made sure of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import col, select

from cbi.checks.facts import InterpreterLeft, InterpreterVetted
from cbi.checks.tables import Interpreter
from cbi.errors import NotThere, Refused
from cbi.store.work import Reading, Work
from cbi.web.words import _

VETTED_FOR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Known:
    """One interpreter. until: the last day for which they may be asked."""

    id: UUID
    name: str
    languages: str
    sex: str
    vetted_on: date

    @property
    def until(self) -> date:
        """The last day on which their vetting counts."""
        return self.vetted_on + VETTED_FOR


def enter_interpreter(work: Work, *, name: str, languages: str, sex: str, vetted_on: date) -> UUID:
    """Enter somebody who was vetted on a day. Raises Refused for a day to come."""
    if vetted_on > work.today:
        raise Refused(_("choose the day on which somebody made sure of them: today or before"))
    row = Interpreter(
        id=work.new_id("checks.interpreter"),
        operation_id=work.operation_id,
        name=b"",
        languages=" ".join(languages.split()),
        sex=sex,
        vetted_on=vetted_on,
        vetted_by=work.actor.id or UUID(int=0),
    )
    work.seal(row, "name", " ".join(name.split()))
    work.add(row)
    work.remember(InterpreterVetted(interpreter_id=row.id, vetted_on=vetted_on))
    return row.id


def vet_again(work: Work, interpreter_id: UUID) -> None:
    """Note that somebody made sure of them today."""
    row = _present(work, interpreter_id)
    if row.vetted_on != work.today:
        row.vetted_on, row.vetted_by = work.today, work.actor.id or UUID(int=0)
        work.add(row)
        work.remember(InterpreterVetted(interpreter_id=row.id, vetted_on=work.today))


def leave(work: Work, interpreter_id: UUID) -> None:
    """Ask them no more."""
    row = _present(work, interpreter_id)
    row.left_on = work.today
    work.add(row)
    work.remember(InterpreterLeft(interpreter_id=row.id, left_on=work.today))


def interpreters(reading: Reading) -> Sequence[Known]:
    """Everybody in the register who did not leave, the longest vetted first."""
    rows = reading.session.exec(
        select(Interpreter)
        .where(col(Interpreter.operation_id) == reading.operation_id, col(Interpreter.left_on).is_(None))
        .order_by(col(Interpreter.vetted_on), col(Interpreter.languages), col(Interpreter.id))
    ).all()
    reading.vault.prefetch(reading.session, rows)
    return [Known(row.id, reading.open(row, "name"), row.languages, row.sex, row.vetted_on) for row in rows]


def may_be_asked(reading: Reading) -> Sequence[Known]:
    """Those whose vetting still counts today."""
    return [one for one in interpreters(reading) if one.until >= reading.today]


def _present(work: Work, interpreter_id: UUID) -> Interpreter:
    row = work.session.get(Interpreter, interpreter_id)
    if row is None or row.operation_id != work.operation_id or row.left_on is not None:
        raise NotThere
    return row
