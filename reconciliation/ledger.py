"""Double entry: every posting sums to zero in every currency, and is undone only by one that reverses it.

The accounts, and what moves between them (a negative balance is where money, or a promise of it, comes from):

| event | from (−) | to (+) |
|---|---|---|
| a list is released | instructed | open |
| a provider paid what was promised | open | delivered |
| … and it came back later | delivered | open |
| a provider paid what was not promised | provider | suspense |
| … and it came back, was recovered, or the provider bears it | suspense | provider |
| … and two people accept it beyond what was promised | suspense | extra |
| … and what was so accepted came back after all | extra | suspense |
| people decide that it paid what was promised: a row tied to its transfer, the same person under another name | suspense and open | provider and delivered |
| people decide that a later file is right and an earlier one wrong | what the earlier entered, reversed, and what the later one enters |
| a list is closed with a promise given up | open | cancelled |
| … and it was paid after all | cancelled | open, and from there delivered |
| a provider charges a fee | provider | fees |
| a provider is given money ahead | advance | float |
| … and gives back what it did not need | float | advance |
| money that was not needed goes back to the donor | advance | donor |

So −instructed = open + delivered + cancelled: what was promised is still open, delivered, or given up.  Failed, returned and missing promises are all
open: they are still owed.  −provider is what the provider moved or charged beyond our promises; −advance is what left our own account.
A payment takes from the provider's float without an entry of its own: what a provider holds is read off, by `held`.
Extra is what was paid beyond our promises and is not asked back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from reconciliation.findings import Finding, FindingKind
from reconciliation.money import Money


class Unbalanced(ValueError):
    """Entries that do not sum to zero in each currency: money would appear or vanish."""


class Account(StrEnum):
    """Where money stands."""

    INSTRUCTED = "instructed"
    OPEN = "open"
    DELIVERED = "delivered"
    SUSPENSE = "suspense"
    EXTRA = "extra"
    PROVIDER = "provider"
    FEES = "fees"
    ADVANCE = "advance"
    FLOAT = "float"
    CANCELLED = "cancelled"
    DONOR = "donor"


# What a provider holds of our money: what it was given, less what it delivered, moved beyond our promises, charged and gave back.
# −(open + delivered + cancelled) + open + cancelled leaves −delivered, so that a promise given out changes nothing until it is paid.
HELD = (Account.FLOAT, Account.INSTRUCTED, Account.OPEN, Account.CANCELLED, Account.PROVIDER)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a posting. reference: the transfer it is about, where it is about one."""

    account: Account
    minor: int
    currency: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Posting:
    """Entries that belong together. Raises Unbalanced unless they sum to zero in each currency."""

    entries: tuple[Entry, ...]

    def __post_init__(self) -> None:
        wrong = [currency for currency, minor in _sums(self.entries).items() if minor]
        if wrong:
            raise Unbalanced(f"entries in {', '.join(sorted(wrong))} do not sum to zero")


@dataclass(frozen=True, slots=True)
class Leg:
    """One entry that a finding makes: the finding's amount of this name, in the currency of this name, with this sign."""

    account: Account
    amount: str
    currency: str
    sign: int


_DELIVERY = (Leg(Account.OPEN, "delivered_minor", "currency", -1), Leg(Account.DELIVERED, "delivered_minor", "currency", 1))
_SUSPENSE = (
    Leg(Account.PROVIDER, "suspense_minor", "suspense_currency", -1),
    Leg(Account.SUSPENSE, "suspense_minor", "suspense_currency", 1),
)

# What posting a finding of each kind enters; an amount of zero makes no entry.  The names are those of Finding, and of whatever columns store it,
# so that `INSERT … SELECT sign * amount … WHERE kind = … AND amount <> 0` over the stored findings enters exactly the same.
FORMULA: dict[FindingKind, tuple[Leg, ...]] = {
    FindingKind.PAID: (*_DELIVERY, *_SUSPENSE),
    FindingKind.PAID_LESS: (*_DELIVERY, *_SUSPENSE),
    FindingKind.PAID_MORE: (*_DELIVERY, *_SUSPENSE),
    FindingKind.PAID_TWICE: (*_DELIVERY, *_SUSPENSE),
    FindingKind.RETURNED: (*_DELIVERY, *_SUSPENSE),
    FindingKind.WRONG_PAYEE: (*_DELIVERY, *_SUSPENSE),
    FindingKind.WRONG_CURRENCY: _SUSPENSE,
    FindingKind.NOT_INSTRUCTED: _SUSPENSE,
    FindingKind.NOT_OURS: _SUSPENSE,
    FindingKind.FAILED: (),
    FindingKind.PAID_BEFORE: (),
    FindingKind.CONTRADICTS: (),
    FindingKind.MISSING: (),
    FindingKind.SUGGESTED: (),
    FindingKind.UNREADABLE: (),
}


def postings_for(findings: Iterable[Finding]) -> list[Posting]:
    """What posting a file enters, one posting for each finding that moves money, in the order of the findings."""
    made = (entries_for(finding) for finding in findings)
    return [Posting(entries) for entries in made if entries]


def entries_for(finding: Finding) -> tuple[Entry, ...]:
    """The entries of one finding; empty when it moves nothing."""
    reference = finding.instruction.reference if finding.instruction else ""
    return tuple(
        Entry(leg.account, leg.sign * getattr(finding, leg.amount), getattr(finding, leg.currency), reference)
        for leg in FORMULA[finding.kind]
        if getattr(finding, leg.amount)
    )


def release(amounts: Iterable[tuple[str, Money]]) -> Posting:
    """What releasing a list enters: each transfer, by reference, becomes an open promise."""
    return Posting(tuple(entry for reference, money in amounts for entry in _move(Account.INSTRUCTED, Account.OPEN, money, reference)))


def restated(delivered: Money, suspense: Money, reference: str = "") -> tuple[Entry, ...]:
    """What it enters that more (or, negative, less) of a transfer counts as delivered, and more (or less) money as in suspense."""
    moves = (*_move(Account.OPEN, Account.DELIVERED, delivered, reference), *_move(Account.PROVIDER, Account.SUSPENSE, suspense, reference))
    return tuple(entry for entry in moves if entry.minor)


def accepted_as_extra(money: Money, reference: str = "") -> tuple[Entry, ...]:
    """What it enters that two people accept money beyond what was promised; negative when it came back after all."""
    return _move(Account.SUSPENSE, Account.EXTRA, money, reference)


def taken_up(money: Money, reference: str = "") -> tuple[Entry, ...]:
    """What it enters that a promise which was given up is paid after all."""
    return _move(Account.CANCELLED, Account.OPEN, money, reference)


def fee(money: Money) -> Posting:
    """A fee the provider charges."""
    return Posting(_move(Account.PROVIDER, Account.FEES, money))


def advance(money: Money) -> Posting:
    """Money given to a provider ahead of what it pays out."""
    return Posting(_move(Account.ADVANCE, Account.FLOAT, money))


def given_back(money: Money) -> Posting:
    """Money that a provider did not need and gave back."""
    return Posting(_move(Account.FLOAT, Account.ADVANCE, money))


def to_donor(money: Money) -> Posting:
    """Money of a grant that was not needed and went back to its donor."""
    return Posting(_move(Account.ADVANCE, Account.DONOR, money))


def cancel(amounts: Iterable[tuple[str, Money]]) -> Posting:
    """What closing a list enters for promises that are given up, by reference."""
    return Posting(tuple(entry for reference, money in amounts for entry in _move(Account.OPEN, Account.CANCELLED, money, reference)))


def held(sums: Mapping[Account, int]) -> int:
    """What a provider holds of our money in one currency, from its balances; negative when we owe it."""
    return sum(sums.get(account, 0) for account in HELD)


def reverse(posting: Posting) -> Posting:
    """The posting that undoes another, entry by entry."""
    return Posting(tuple(Entry(entry.account, -entry.minor, entry.currency, entry.reference) for entry in posting.entries))


def balances(postings: Iterable[Posting]) -> dict[str, dict[Account, int]]:
    """What stands on each account, per currency; every account is present and each currency sums to zero."""
    found: dict[str, dict[Account, int]] = defaultdict(lambda: dict.fromkeys(Account, 0))
    for posting in postings:
        for entry in posting.entries:
            found[entry.currency][entry.account] += entry.minor
    return dict(found)


def _move(source: Account, target: Account, money: Money, reference: str = "") -> tuple[Entry, Entry]:
    return Entry(source, -money.minor, money.currency, reference), Entry(target, money.minor, money.currency, reference)


def _sums(entries: Sequence[Entry]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for entry in entries:
        sums[entry.currency] += entry.minor
    return sums
