"""What can happen to staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from cbi.staff.tables import Staff, StaffRole
from cbi.store.facts import Fact


@dataclass(frozen=True, kw_only=True)
class _AboutStaff(Fact):
    explains: ClassVar[tuple[type, ...]] = (Staff,)
    staff_id: UUID


@dataclass(frozen=True, kw_only=True)
class StaffAdded(Fact):
    """A person joined, with these seats."""

    explains: ClassVar[tuple[type, ...]] = (Staff, StaffRole)
    staff_id: UUID
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SeatsChanged(Fact):
    """Seats were given to a person, or ended."""

    explains: ClassVar[tuple[type, ...]] = (Staff, StaffRole)
    staff_id: UUID
    granted: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StaffLeft(Fact):
    """A person left: no seat, no sign-in."""

    explains: ClassVar[tuple[type, ...]] = (Staff, StaffRole)
    staff_id: UUID
    ended: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class InterviewerCertified(_AboutStaff):
    """A person finished the interviewers' course that day; `certified_on` as an ISO date."""

    certified_on: str


@dataclass(frozen=True, kw_only=True)
class LinkMade(_AboutStaff):
    """A link to begin was made for a person, good for so many hours."""

    hours: int


@dataclass(frozen=True, kw_only=True)
class PasswordChosen(_AboutStaff):
    """A person chose a password, and got a new authenticator secret if they are just beginning."""

    beginning: bool


@dataclass(frozen=True, kw_only=True)
class Joined(_AboutStaff):
    """A person showed that their authenticator works: they can sign in."""


@dataclass(frozen=True, kw_only=True)
class SignedIn(_AboutStaff):
    """A person signed in with both factors."""

    with_recovery_code: bool = False


@dataclass(frozen=True, kw_only=True)
class SignInDelayed(Fact):
    """Somebody failed so often under one name that they must wait. staff_id: None when nobody has that name."""

    staff_id: UUID | None
    failures: int


@dataclass(frozen=True, kw_only=True)
class SteppedUp(_AboutStaff):
    """A person gave password and code once more, for what follows in the same commit."""

    with_recovery_code: bool = False


@dataclass(frozen=True, kw_only=True)
class RecoveryCodesMade(_AboutStaff):
    """A person has new recovery codes; the former ones are void."""

    count: int


@dataclass(frozen=True, kw_only=True)
class LanguageChosen(_AboutStaff):
    """A person reads the pages in this language now."""

    language: str


@dataclass(frozen=True, kw_only=True)
class ResetAsked(_AboutStaff):
    """An administrator asked that a person begins again; another administrator must agree."""


@dataclass(frozen=True, kw_only=True)
class ResetWithdrawn(_AboutStaff):
    """The wish that a person begins again was taken back."""


@dataclass(frozen=True, kw_only=True)
class ResetAgreed(_AboutStaff):
    """A second administrator agreed: password, second factor and recovery codes are void."""

    asked_by: UUID


@dataclass(frozen=True, kw_only=True)
class ShellOpened(_AboutStaff):
    """A person signed in at a shell, for so many minutes."""

    minutes: int
