"""What happened to the letter box and to who may interpret: days only, never a household, a name or a count of letters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from cbi.checks.tables import Interpreter, Letter
from cbi.store.facts import Fact


@dataclass(frozen=True, kw_only=True)
class LettersPurged(Fact):
    """Letters older than a day were deleted, read or not; said once a day, also when there was none."""

    explains: ClassVar[tuple[type, ...]] = (Letter,)
    before: date


@dataclass(frozen=True, kw_only=True)
class LimitsWritten(Fact):
    """Somebody wrote down what cannot be kept confidential. letters: how long the text is, 0 when it was taken away."""

    explains: ClassVar[tuple[type, ...]] = ()
    letters: int


@dataclass(frozen=True, kw_only=True)
class InterpreterVetted(Fact):
    """Somebody made sure of an interpreter, for the first time or again."""

    explains: ClassVar[tuple[type, ...]] = (Interpreter,)
    interpreter_id: UUID
    vetted_on: date


@dataclass(frozen=True, kw_only=True)
class InterpreterLeft(Fact):
    """An interpreter is not asked any more."""

    explains: ClassVar[tuple[type, ...]] = (Interpreter,)
    interpreter_id: UUID
    left_on: date
