"""The closed list of what a comparison can find, and how each kind counts in money."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from reconciliation.instruction import Instruction, asked_of
from reconciliation.listed import Listed
from reconciliation.money import Money
from reconciliation.payout import Payout
from reconciliation.payout_columns import PayoutColumns


class FindingKind(StrEnum):
    """Every instruction and every payout row lands in exactly one finding of one of these kinds."""

    PAID = "PAID"
    PAID_LESS = "PAID_LESS"
    PAID_MORE = "PAID_MORE"
    FAILED = "FAILED"
    RETURNED = "RETURNED"
    PAID_TWICE = "PAID_TWICE"
    PAID_BEFORE = "PAID_BEFORE"
    CONTRADICTS = "CONTRADICTS"
    WRONG_PAYEE = "WRONG_PAYEE"
    WRONG_CURRENCY = "WRONG_CURRENCY"
    NOT_INSTRUCTED = "NOT_INSTRUCTED"
    NOT_OURS = "NOT_OURS"
    MISSING = "MISSING"
    SUGGESTED = "SUGGESTED"
    UNREADABLE = "UNREADABLE"


PRECEDENCE = (
    FindingKind.UNREADABLE,
    FindingKind.NOT_OURS,
    FindingKind.NOT_INSTRUCTED,
    FindingKind.WRONG_CURRENCY,
    FindingKind.PAID_BEFORE,
    FindingKind.CONTRADICTS,
    FindingKind.PAID_TWICE,
    FindingKind.WRONG_PAYEE,
    FindingKind.RETURNED,
    FindingKind.FAILED,
    FindingKind.PAID_MORE,
    FindingKind.PAID_LESS,
    FindingKind.PAID,
    FindingKind.SUGGESTED,
    FindingKind.MISSING,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a row was tied to an instruction, or what differs: said to a person beside its cell.

    key: the rung of the ladder ("reference", "narrative", "provider_id", "token", "account_and_amount", "phone_and_amount", "accepted"),
    "ambiguous" where a key points at several, a near match ("reference", "name", "phone", "account", "token" on a SUGGESTED finding), or the differing field.
    approved, found: the two values compared; may be personal, so they are sealed or masked by whoever stores them.
    """

    key: str
    approved: str = ""
    found: str = ""


class Nearness(StrEnum):
    """Why a row may be about a transfer although no key ties them: the strongest reason of several, by which suggestions are grouped."""

    REFERENCE_ZEROS = "reference_zeros"
    REFERENCE_SLIP = "reference_slip"
    SAME_TOKEN = "same_token"  # noqa: S105 - a voucher or card number, no secret
    SAME_ACCOUNT = "same_account"
    SAME_PHONE = "same_phone"
    SAME_NAME_AND_AMOUNT = "same_name_and_amount"
    ONE_OF_SEVERAL = "one_of_several"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One row that may be about a transfer without one; a person accepts or rejects it.

    likeness: 1 to 99, to sort by; it is no probability.  evidence: what agrees, with both values.
    """

    payout: Payout
    nearness: Nearness
    likeness: int
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One story about one transfer, or about rows that belong to none.

    payouts: in row order.  also: further kinds that apply but rank lower.
    The amounts are minor units of `currency`, as the table of kinds says: instructed = delivered + open.  Where earlier files count already,
    instructed is what stood open before this one.
    suspense: money paid that belongs to no open promise, in its own currency (`suspense_currency`).
    set_aside: paid amounts that an earlier file counts already (PAID_BEFORE) or that wait for two people (CONTRADICTS).
    suggestions: rows a SUGGESTED finding suggests, the likeliest first, each with its reason (they are counted as NOT_OURS).
    paid: successful amounts read, less the reversals among `taken_back`; paid = delivered + suspense + set aside, in the currency of the rows.
    copies: rows that say again what another row of this finding says under the same provider id; counted once.
    repeated: rows that an earlier posted file counts already, or against which people decided; they are never posted again.
    """

    kind: FindingKind
    instruction: Instruction | None
    payouts: tuple[Payout, ...] = ()
    also: tuple[FindingKind, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    currency: str = ""
    instructed_minor: int = 0
    delivered_minor: int = 0
    suspense_minor: int = 0
    suspense_currency: str = ""
    open_minor: int = 0
    set_aside_minor: int = 0
    suggestions: tuple[Suggestion, ...] = ()
    paid_minor: int = 0
    taken_back_minor: int = 0
    copies: tuple[Payout, ...] = ()
    repeated: tuple[Payout, ...] = ()

    @property
    def points_at(self) -> tuple[Payout, ...]:
        """The rows a SUGGESTED finding suggests, the likeliest first."""
        return tuple(each.payout for each in self.suggestions)

    @property
    def paid_currency(self) -> str:
        """The currency of `paid_minor` and `taken_back_minor`: that of the rows, which differs from the instruction's in WRONG_CURRENCY."""
        return self.suspense_currency or self.currency


BY_REFERENCE = (Evidence("reference"),)


def as_instructed(asked: Instruction, payout: Payout, evidence: tuple[Evidence, ...] = BY_REFERENCE) -> Finding:
    """The finding of a transfer that was paid as it was instructed."""
    minor = asked.amount.minor
    kind, currency = FindingKind.PAID, asked.amount.currency
    return Finding(kind, asked, (payout,), (), evidence, currency, minor, minor, paid_minor=minor)


class Findings(Listed[Finding]):
    """All findings about a file in their order: instructions as given, then strangers.

    plain: by place of the instruction the place of the row that paid it as instructed, below 0 for those in `others`.  The finding of a plain one is
    made when somebody looks at it: they are most of a file, and nothing needs to be said about them.
    """

    def __init__(
        self,
        instructed: Sequence[Instruction],
        paid: PayoutColumns,
        plain: array[int],
        others: Mapping[int, Finding],
        strangers: Sequence[Finding],
    ) -> None:
        self.instructed, self.paid, self.plain, self._others, self._strangers = instructed, paid, plain, others, strangers

    def looked_at(self) -> Iterator[Finding]:
        """The findings besides the plain ones, in order."""
        yield from self._others.values()
        yield from self._strangers

    def places(self) -> list[int]:
        """The places of the rows of instructions that were paid plainly."""
        return [place for place in self.plain if place >= 0]

    def due(self) -> list[Money]:
        """The amounts of instructions that were paid plainly."""
        amounts = asked_of(self.instructed).amounts
        return [amount for amount, place in zip(amounts, self.plain, strict=True) if place >= 0]

    def __len__(self) -> int:
        return len(self.instructed) + len(self._strangers)

    def _at(self, place: int) -> Finding:
        if place >= len(self.instructed):
            return self._strangers[place - len(self.instructed)]
        row = self.plain[place]
        return self._others[place] if row < 0 else as_instructed(self.instructed[place], self.paid[row])


def looked_at(findings: Iterable[Finding]) -> Iterable[Finding]:
    """The findings that are kept one by one: all, where nothing is kept by column."""
    return findings.looked_at() if isinstance(findings, Findings) else findings
