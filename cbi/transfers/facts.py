"""What can happen to programmes, cycles, entitlements and payment lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from cbi.store.facts import Fact
from cbi.transfers.tables import (
    Approval,
    BudgetLine,
    Cycle,
    Entitlement,
    ExchangeRate,
    Grant,
    Instruction,
    LeftOut,
    PayeeEditor,
    PaymentList,
    Programme,
    ProgrammeSite,
    Provider,
)
from cbi.transfers.tables_files import ProviderTemplate


@dataclass(frozen=True, kw_only=True)
class GrantAdded(Fact):
    """A donor's money was entered."""

    explains: ClassVar[tuple[type, ...]] = (Grant,)
    grant_id: UUID
    code: str
    currency: str


@dataclass(frozen=True, kw_only=True)
class BudgetLineAdded(Fact):
    """A line of a grant's budget was entered."""

    explains: ClassVar[tuple[type, ...]] = (BudgetLine,)
    budget_line_id: UUID
    grant_id: UUID
    code: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class RateEntered(Fact):
    """What one unit of a grant's currency was worth in another, from a day on. Where it was read stays with the rate, under seal."""

    explains: ClassVar[tuple[type, ...]] = (ExchangeRate,)
    rate_id: UUID
    grant_id: UUID
    currency: str
    day: date
    rate: str


@dataclass(frozen=True, kw_only=True)
class ProviderAdded(Fact):
    """A provider was entered, with the columns of the file it receives."""

    explains: ClassVar[tuple[type, ...]] = (Provider,)
    provider_id: UUID
    code: str
    mechanism: str
    columns: str


@dataclass(frozen=True, kw_only=True)
class TemplateSaved(Fact):
    """How a provider's file is written was saved as a new version. digest: SHA-256 of its content."""

    explains: ClassVar[tuple[type, ...]] = (ProviderTemplate,)
    template_id: UUID
    provider_id: UUID
    version: int
    digest: bytes


@dataclass(frozen=True, kw_only=True)
class TemplateChosen(Fact):
    """New lists of a provider are written by this template; None: by the columns it was entered with."""

    explains: ClassVar[tuple[type, ...]] = (ProviderTemplate,)
    template_id: UUID | None
    provider_id: UUID


@dataclass(frozen=True, kw_only=True)
class ProgrammeAdded(Fact):
    """A programme was set up, with its sites and who pays at each."""

    explains: ClassVar[tuple[type, ...]] = (Programme, ProgrammeSite)
    programme_id: UUID
    code: str
    grant_id: UUID
    site_ids: tuple[UUID, ...]
    provider_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class ProgrammeSigned(Fact):
    """Protection signed a programme off on this day."""

    explains: ClassVar[tuple[type, ...]] = (Programme,)
    programme_id: UUID
    signed_on: date


@dataclass(frozen=True, kw_only=True)
class CycleSet(Fact):
    """A cycle's rules were written or changed while they were still open."""

    explains: ClassVar[tuple[type, ...]] = (Cycle,)
    cycle_id: UUID
    programme_id: UUID
    number: int
    base_minor: int
    per_member_minor: int
    member_limit: int
    ceiling_minor: int
    currency: str
    budget_line_id: UUID


@dataclass(frozen=True, kw_only=True)
class CycleFrozen(Fact):
    """A cycle's rules were frozen and what everyone is due was computed."""

    explains: ClassVar[tuple[type, ...]] = (Cycle, Entitlement, LeftOut)
    cycle_id: UUID
    households: int
    total_minor: int
    currency: str
    left_out: int


@dataclass(frozen=True, kw_only=True)
class LateEntitlements(Fact):
    """Households that could not be counted when the cycle was frozen were looked at again."""

    explains: ClassVar[tuple[type, ...]] = (Entitlement, LeftOut)
    cycle_id: UUID
    households: int
    total_minor: int
    currency: str
    left_out: int


@dataclass(frozen=True, kw_only=True)
class ListMade(Fact):
    """A payment list was drafted from entitlements; waiting: households that could not be on it yet."""

    explains: ClassVar[tuple[type, ...]] = (PaymentList, Instruction, PayeeEditor)
    list_id: UUID
    cycle_id: UUID
    provider_id: UUID
    reference: str
    count: int
    total_minor: int
    currency: str
    waiting: int


@dataclass(frozen=True, kw_only=True)
class ListReissued(Fact):
    """A payment list was drafted from lines that did not arrive, and those were retired. unreported: lines nobody reported, which the maker says are dead."""

    explains: ClassVar[tuple[type, ...]] = (PaymentList, Instruction, PayeeEditor)
    list_id: UUID
    from_list_ids: tuple[UUID, ...]
    cycle_id: UUID
    provider_id: UUID
    reference: str
    count: int
    total_minor: int
    currency: str
    waiting: int
    unreported: int


@dataclass(frozen=True, kw_only=True)
class ListRedrawn(Fact):
    """A draft's lines were made again from what the records say now."""

    explains: ClassVar[tuple[type, ...]] = (PaymentList, Instruction, PayeeEditor)
    list_id: UUID
    count: int
    total_minor: int
    currency: str
    waiting: int


@dataclass(frozen=True, kw_only=True)
class LineTakenOff(Fact):
    """One line was taken off a draft."""

    explains: ClassVar[tuple[type, ...]] = (PaymentList, Instruction)
    list_id: UUID
    instruction_id: UUID
    reference: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class ListSubmitted(Fact):
    """A list was handed in for approval; hash: over every line."""

    explains: ClassVar[tuple[type, ...]] = (PaymentList,)
    list_id: UUID
    hash: bytes
    count: int
    total_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class ListTakenBack(Fact):
    """The maker took a submitted list back to change it; approvals fell."""

    explains: ClassVar[tuple[type, ...]] = (PaymentList, Approval)
    list_id: UUID
    approvals_fallen: int


@dataclass(frozen=True, kw_only=True)
class ListApproved(Fact):
    """A person let exactly this list through, after password and code."""

    explains: ClassVar[tuple[type, ...]] = (PaymentList, Approval)
    list_id: UUID
    approver_id: UUID
    cycle_id: UUID
    hash: bytes
    count: int
    total_minor: int
    currency: str
    role: str
    place: int
    needed: int


@dataclass(frozen=True, kw_only=True)
class ApprovalTakenBack(Fact):
    """An approver took their approval back."""

    explains: ClassVar[tuple[type, ...]] = (PaymentList, Approval)
    list_id: UUID
    approver_id: UUID
    hash: bytes


@dataclass(frozen=True, kw_only=True)
class ListSentBack(Fact):
    """An approver or releaser sent a list back; approvals fell. The reason stands on the list."""

    explains: ClassVar[tuple[type, ...]] = (PaymentList, Approval)
    list_id: UUID
    approvals_fallen: int


@dataclass(frozen=True, kw_only=True)
class ListReleased(Fact):
    """A list was released: frozen, and its file fixed to the byte."""

    explains: ClassVar[tuple[type, ...]] = (PaymentList,)
    list_id: UUID
    cycle_id: UUID
    hash: bytes
    export_digest: bytes
    count: int
    total_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class ListExported(Fact):
    """The provider's file of a released list was handed out. locked: behind a password, which is kept nowhere."""

    list_id: UUID
    export_digest: bytes
    locked: bool = False


@dataclass(frozen=True, kw_only=True)
class SampleDrawn(Fact):
    """Somebody looked at the payees of a drawn sample of a list's lines. seed: by which the same lines are drawn again."""

    list_id: UUID
    seed: str
    references: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class InstructionsRetired(Fact):
    """Transfers that did not arrive may be instructed again."""

    explains: ClassVar[tuple[type, ...]] = (Instruction,)
    count: int


@dataclass(frozen=True, kw_only=True)
class InstructionsRevived(Fact):
    """Transfers count again as under way, because what said otherwise was undone."""

    explains: ClassVar[tuple[type, ...]] = (Instruction,)
    count: int


@dataclass(frozen=True, kw_only=True)
class ApprovalRuleSet(Fact):
    """From this amount on a list needs two approvals."""

    two_from_minor: int
    currency: str
