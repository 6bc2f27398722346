"""What a file comes to: counts and money per kind of finding, and whether it foots; and the same from the ledger's balances."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from reconciliation.bulk import without_collecting
from reconciliation.findings import Finding, FindingKind, Findings, looked_at
from reconciliation.folding import is_paid
from reconciliation.instruction import Instruction
from reconciliation.ledger import Account
from reconciliation.money import summed
from reconciliation.payout import Payout


class GapKind(StrEnum):
    """What keeps a file or a ledger from footing."""

    UNREADABLE = "unreadable"
    PROMISES = "promises"
    MONEY = "money"
    ROWS = "rows"
    INSTRUCTIONS = "instructions"
    LEDGER = "ledger"


@dataclass(frozen=True, slots=True)
class Gap:
    """One reason why something does not foot. minor: by how much, where that is known; fix completes "You need to …"."""

    kind: GapKind
    fix: str
    currency: str = ""
    minor: int = 0
    sheet: str = ""
    row: int = 0


@dataclass(slots=True)
class Sums:
    """The money of one currency, in minor units. successes: gross, each row once; taken_back: the reversals counted against them."""

    instructed: int = 0
    delivered: int = 0
    open: int = 0
    suspense: int = 0
    set_aside: int = 0
    successes: int = 0
    taken_back: int = 0

    @property
    def promises_foot(self) -> bool:
        """Whether every promise is accounted for: instructed = delivered + open."""
        return self.instructed == self.delivered + self.open

    @property
    def money_foots(self) -> bool:
        """Whether every payment is accounted for: successes less reversals = delivered + suspense + set aside."""
        return self.successes - self.taken_back == self.delivered + self.suspense + self.set_aside


@dataclass(frozen=True, slots=True)
class Statement:
    """What one file comes to.

    counts: findings per kind, all kinds present.  amounts_minor: the sum instructed for kinds that carry an instruction, else the sum paid.
    paid_minor: the sum paid, in the statement's currency, or for a kind paid only in one other currency in that.
    suspense_minor, open_minor: in `currency`, that of the instructions; by_currency holds every currency's.
    """

    counts: Mapping[FindingKind, int]
    amounts_minor: Mapping[FindingKind, int]
    paid_minor: Mapping[FindingKind, int]
    suspense_minor: int
    open_minor: int
    set_aside_minor: int
    currency: str
    by_currency: Mapping[str, Sums]
    gaps: tuple[Gap, ...]

    @property
    def foots(self) -> bool:
        """Whether every promise and every payment is accounted for, and every row was read."""
        return not self.gaps


@without_collecting()
def of(findings: Sequence[Finding], paid: Sequence[Payout] | None = None, instructed: Sequence[Instruction] | None = None) -> Statement:
    """Sum the findings up, and prove them against the two files where these are given.

    The successes are added up from the rows themselves, not from the findings' own sums, so that a wrong finding cannot foot by being wrong twice.
    """
    looked = list(looked_at(findings))
    plain = _plain(findings)
    sums = _by_currency(looked, plain)
    currency = _main_currency(findings, instructed)
    main = sums.get(currency, Sums())
    gaps = (*_unreadable(looked), *_inequalities(sums), *_lost_rows(findings, paid), *_lost_instructions(findings, instructed))
    return Statement(
        counts=_counts(looked, plain),
        amounts_minor=_amounts(looked, plain, currency),
        paid_minor=_paid(looked, plain, currency),
        suspense_minor=main.suspense,
        open_minor=main.open,
        set_aside_minor=main.set_aside,
        currency=currency,
        by_currency=sums,
        gaps=gaps,
    )


@dataclass(slots=True)
class _Plain:
    """Transfers paid as instructed, by currency. instructed: added up from the instructions; successes: from the rows."""

    count: int = 0
    instructed: Counter[str] = field(default_factory=Counter)
    successes: Counter[str] = field(default_factory=Counter)


def _plain(findings: Sequence[Finding]) -> _Plain:
    plain = _Plain()
    if isinstance(findings, Findings):
        got = [amount for amount in map(findings.paid.amounts.__getitem__, findings.places()) if amount]
        for currency, (count, minor) in summed(findings.due()).items():
            plain.count += count
            plain.instructed[currency] += minor
        plain.successes.update({currency: minor for currency, (_, minor) in summed(got).items()})
    return plain


def _counts(looked: Iterable[Finding], plain: _Plain) -> dict[FindingKind, int]:
    seen = Counter(finding.kind for finding in looked)
    seen[FindingKind.PAID] += plain.count
    return {kind: seen[kind] for kind in FindingKind}


def _main_currency(findings: Sequence[Finding], instructed: Sequence[Instruction] | None) -> str:
    if instructed:
        return instructed[0].amount.currency
    asked = next((finding for finding in findings if finding.instruction), None)
    return asked.currency if asked else next((finding.currency for finding in findings if finding.currency), "")


def _by_currency(looked: Iterable[Finding], plain: _Plain) -> dict[str, Sums]:
    sums: dict[str, Sums] = defaultdict(Sums)
    for currency, minor in plain.instructed.items():
        sums[currency].instructed += minor
        sums[currency].delivered += minor
    for currency, minor in plain.successes.items():
        sums[currency].successes += minor
    for finding in looked:
        own = sums[finding.currency] if finding.currency else Sums()
        own.instructed += finding.instructed_minor
        own.delivered += finding.delivered_minor
        own.open += finding.open_minor
        theirs = own if finding.paid_currency == finding.currency else sums[finding.paid_currency]
        theirs.suspense += finding.suspense_minor
        theirs.set_aside += finding.set_aside_minor
        theirs.taken_back += finding.taken_back_minor
        if finding.kind is not FindingKind.UNREADABLE:
            _add_successes(finding, sums)
    return dict(sums)


def _add_successes(finding: Finding, sums: dict[str, Sums]) -> None:
    copies = [id(row) for row in finding.copies]
    for row in finding.payouts:
        if is_paid(row) and row.amount is not None and id(row) not in copies:
            sums[row.amount.currency].successes += row.amount.minor


def _amounts(looked: Iterable[Finding], plain: _Plain, currency: str) -> dict[FindingKind, int]:
    asked: Counter[FindingKind] = Counter({FindingKind.PAID: plain.instructed.total()})
    carries: set[FindingKind] = {FindingKind.PAID} if plain.count else set()
    rest = []
    for finding in looked:
        if finding.instruction is None:
            rest.append(finding)
        else:
            carries.add(finding.kind)
            asked[finding.kind] += finding.instruction.amount.minor
    paid = _paid([finding for finding in rest if finding.kind not in carries], _Plain(), currency)
    return {kind: asked[kind] if kind in carries else paid[kind] for kind in FindingKind}


def _paid(looked: Iterable[Finding], plain: _Plain, currency: str) -> dict[FindingKind, int]:
    sums: dict[FindingKind, Counter[str]] = {kind: Counter() for kind in FindingKind}
    sums[FindingKind.PAID].update(plain.instructed)
    for finding in looked:
        if finding.paid_minor:
            sums[finding.kind][finding.paid_currency] += finding.paid_minor
    return {kind: next(iter(each.values())) if len(each) == 1 else each[currency] for kind, each in sums.items()}


def _unreadable(looked: Iterable[Finding]) -> list[Gap]:
    return [
        Gap(GapKind.UNREADABLE, "correct this row and upload it again, as it could not be read", sheet=row.sheet, row=row.row)
        for finding in looked
        if finding.kind is FindingKind.UNREADABLE
        for row in finding.payouts
    ]


def _inequalities(sums: Mapping[str, Sums]) -> list[Gap]:
    promises = [
        Gap(
            GapKind.PROMISES,
            "find the transfers whose parts do not add up to what was instructed",
            currency,
            each.instructed - each.delivered - each.open,
        )
        for currency, each in sums.items()
        if not each.promises_foot
    ]
    money = [
        Gap(
            GapKind.MONEY,
            "find the payments that are neither delivered, nor in suspense, nor set aside",
            currency,
            each.successes - each.taken_back - each.delivered - each.suspense - each.set_aside,
        )
        for currency, each in sums.items()
        if not each.money_foots
    ]
    return promises + money


def _lost_rows(findings: Sequence[Finding], paid: Sequence[Payout] | None) -> list[Gap]:
    """Rows of the file that are in no finding, or in two."""
    if paid is None:
        return []
    if isinstance(findings, Findings) and findings.paid is paid:
        seen = _rows_by_column(findings)
    else:
        seen = Counter((row.sheet, row.row) for finding in findings for row in finding.payouts)
        seen.subtract((row.sheet, row.row) for row in paid)
    return [Gap(GapKind.ROWS, "account for this row exactly once", sheet=sheet, row=row) for (sheet, row), times in seen.items() if times]


def _rows_by_column(findings: Findings) -> Counter[tuple[str, int]]:
    """How much more often than once each row is told of; of the plain ones only those told of twice are named."""
    stands, told = findings.paid.place_of, bytearray(len(findings.paid))
    seen: Counter[tuple[str, int]] = Counter()
    for place in findings.places():
        if told[place]:
            seen[stands(place)] += 1
        told[place] = 1
    seen.update((row.sheet, row.row) for finding in findings.looked_at() for row in finding.payouts)
    seen.subtract(stands(place) for place, is_told in enumerate(told) if not is_told)
    return seen


def _lost_instructions(findings: Sequence[Finding], instructed: Sequence[Instruction] | None) -> list[Gap]:
    if instructed is None:
        return []
    if isinstance(findings, Findings) and findings.instructed is instructed:
        left = [instructed[place] for place, row in enumerate(findings.plain) if row < 0]
        seen = Counter(finding.instruction.reference for finding in findings.looked_at() if finding.instruction)
    else:
        left = list(instructed)
        seen = Counter(finding.instruction.reference for finding in findings if finding.instruction)
    seen.subtract(asked.reference for asked in left)
    lost = [reference for reference, times in seen.items() if times]
    return [Gap(GapKind.INSTRUCTIONS, f"account for the transfer {reference} exactly once") for reference in lost]


def needs_a_person(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that are not simply paid: what a person looks at before a file is closed."""
    return [finding for finding in looked_at(findings) if finding.kind is not FindingKind.PAID]


class Answer(StrEnum):
    """How a promise stands in the end, over all files."""

    PAID = "paid"
    FAILED = "failed"
    RETURNED = "returned"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list's, provider's, cycle's or grant's statement: how many transfers and how much.

    A part-paid transfer is counted on the line of its paid part; what is still open of it is in that line's open_minor.
    """

    answer: Answer
    currency: str
    count: int
    instructed_minor: int
    delivered_minor: int
    open_minor: int
    suspense_minor: int = 0


@dataclass(frozen=True, slots=True)
class Balance:
    """Whether instructed = paid + failed + returned + missing, in count and in amount, and the ledger says the same.

    differences_minor: paid beyond what was promised, in suspense, to be decided by two.
    """

    currency: str
    count: int
    instructed_minor: int
    paid_minor: int
    failed_minor: int
    returned_minor: int
    missing_minor: int
    differences_minor: int
    gaps: tuple[Gap, ...]

    @property
    def foots(self) -> bool:
        """Whether nothing is left unexplained."""
        return not self.gaps


def balance(lines: Sequence[Line], instructed_count: int, balances: Mapping[Account, int], currency: str) -> Balance:
    """Set the lines of one currency against the count instructed and the ledger's balances (as summed: instructed is negative)."""
    mine = [line for line in lines if line.currency == currency]
    opened: Counter[Answer] = Counter()
    for line in mine:
        opened[Answer.MISSING if line.answer is Answer.PAID else line.answer] += line.open_minor
    summed = Balance(
        currency=currency,
        count=sum(line.count for line in mine),
        instructed_minor=sum(line.instructed_minor for line in mine),
        paid_minor=sum(line.delivered_minor for line in mine),
        failed_minor=opened[Answer.FAILED],
        returned_minor=opened[Answer.RETURNED],
        missing_minor=opened[Answer.MISSING],
        differences_minor=sum(line.suspense_minor for line in mine),
        gaps=(),
    )
    return replace(summed, gaps=tuple(_balance_gaps(summed, instructed_count, balances)))


def _balance_gaps(summed: Balance, instructed_count: int, balances: Mapping[Account, int]) -> Iterable[Gap]:
    if summed.count != instructed_count:
        yield Gap(
            GapKind.INSTRUCTIONS, "find the transfers that stand on no line, or on two", summed.currency, instructed_count - summed.count
        )
    answered = summed.paid_minor + summed.failed_minor + summed.returned_minor + summed.missing_minor
    if answered != summed.instructed_minor:
        yield Gap(
            GapKind.PROMISES,
            "find the transfers whose parts do not add up to what was instructed",
            summed.currency,
            summed.instructed_minor - answered,
        )
    opened = summed.failed_minor + summed.returned_minor + summed.missing_minor
    for account, said in (
        (Account.INSTRUCTED, -summed.instructed_minor),
        (Account.DELIVERED, summed.paid_minor),
        (Account.OPEN, opened),
        (Account.SUSPENSE, summed.differences_minor),
    ):
        if balances.get(account, 0) != said:
            yield Gap(
                GapKind.LEDGER,
                f"compare the account “{account.value}” with the transfers behind it",
                summed.currency,
                balances.get(account, 0) - said,
            )
