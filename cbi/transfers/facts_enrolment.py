"""What can happen to the rule of a programme, to who is enrolled, and to an appeal: ids, versions, counts and sums, never a person's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from cbi.people.tables import Household, HouseholdEvent
from cbi.store.facts import Fact
from cbi.transfers.tables_enrolment import Appeal, Enrolment, EnrolmentRule, EnrolmentRun


@dataclass(frozen=True, kw_only=True)
class RuleWritten(Fact):
    """A version of a programme's rule was written. digest: SHA-256 of its text."""

    explains: ClassVar[tuple[type, ...]] = (EnrolmentRule,)
    rule_id: UUID
    programme_id: UUID
    version: int
    digest: bytes


@dataclass(frozen=True, kw_only=True)
class RuleTried(Fact):
    """A version was looked at with every household, in the place of an earlier simulation; nobody is enrolled by it."""

    explains: ClassVar[tuple[type, ...]] = (EnrolmentRun, Enrolment)
    run_id: UUID
    programme_id: UUID
    rule_id: UUID
    digest: bytes
    households: int
    enrolled: int
    total_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class RuleApplied(Fact):
    """A person enrolled households by a version of the rule, as the simulation they looked at said."""

    explains: ClassVar[tuple[type, ...]] = (EnrolmentRun, Enrolment, Household)
    run_id: UUID
    programme_id: UUID
    rule_id: UUID
    number: int
    digest: bytes
    enrolled: int
    exceptions: int
    total_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class DifficultyForgotten(Fact):
    """A household took its consent back: its result in a simulation keeps nothing of the six answers."""

    explains: ClassVar[tuple[type, ...]] = (Enrolment,)
    household_id: UUID
    run_id: UUID


@dataclass(frozen=True, kw_only=True)
class AppealAsked(Fact):
    """A household asked to have its result looked at again."""

    explains: ClassVar[tuple[type, ...]] = (Appeal, HouseholdEvent)
    appeal_id: UUID
    household_id: UUID
    run_id: UUID


@dataclass(frozen=True, kw_only=True)
class AppealDecided(Fact):
    """Somebody else answered an appeal. allowed: the household is enrolled as a named exception."""

    explains: ClassVar[tuple[type, ...]] = (Appeal, Household, HouseholdEvent)
    appeal_id: UUID
    household_id: UUID
    allowed: bool
