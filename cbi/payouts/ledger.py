"""Writes the ledger: one posting at a time, set-based, and never one that does not sum to zero."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.payouts import facts
from cbi.payouts.about import About
from cbi.payouts.made_ids import leg_id, numbered_id, random_id
from cbi.payouts.summing import Source, check, keys_of, likely_of_file, likely_of_release, sources
from cbi.payouts.tables import LedgerEntry, LedgerPosting, LedgerSum, PayoutFile, PayoutFinding, PostingKind
from cbi.store.parts import in_parts
from cbi.store.work import Reading, Work
from cbi.transfers.service import after_release, list_by_id
from cbi.transfers.tables import BudgetLine, Instruction, PaymentList
from reconciliation.ledger import FORMULA, Account, Entry, Leg, accepted_as_extra, restated, taken_up
from reconciliation.money import Money

_COLUMNS = ("id", "operation_id", "posting_id", "account", "minor", "currency", "instruction_id", "list_id", "cycle_id")
_Column = sa.ColumnElement[Any] | sa.SQLColumnExpression[Any]  # Any: ids, words and amounts side by side
_MORE = ("grant_id", "budget_line_id", "provider_id", "finding_id")
_FEW_LISTS = 100  # that one statement may name, a select for each: SQLite takes five hundred
_ALL_LEGS: tuple[Leg, ...] = tuple(dict.fromkeys(leg for legs in FORMULA.values() for leg in legs))


def enter_release(work: Work, payment_list: PaymentList) -> None:
    """Every line of a released list becomes an open promise; called inside the releasing commit."""
    posting = new_posting(work, PostingKind.RELEASE, list_id=payment_list.id)
    for account, sign in ((Account.INSTRUCTED, -1), (Account.OPEN, 1)):
        chosen = (
            sa.select(
                *_head(work, posting, account, numbered_id(work, col(Instruction.position))),
                sign * col(Instruction.amount_minor),
                col(Instruction.currency),
                *_where_it_belongs(payment_list),
            )
            .join(BudgetLine, col(BudgetLine.id) == col(Instruction.budget_line_id))
            .where(col(Instruction.list_id) == payment_list.id)
            .order_by(col(Instruction.position))
        )
        work.bulk(LedgerEntry, sa.insert(LedgerEntry).from_select([*_COLUMNS, *_MORE[:-1]], chosen))
    check(work, posting.id, likely_of_release(work, payment_list))
    work.remember(
        facts.ReleaseEntered(
            posting_id=posting.id,
            list_id=payment_list.id,
            count=payment_list.count,
            total_minor=payment_list.total_minor,
            currency=payment_list.currency,
        )
    )


def enter_file(work: Work, file: PayoutFile, about: About) -> LedgerPosting:
    """What the staged findings of a file make: the engine's formula, as one INSERT … SELECT.

    List, cycle, grant and line are those of a finding's own transfer; a stranger in a file over several lists is the provider's alone.
    """
    posting = new_posting(work, PostingKind.PAYOUT, list_id=about.only.id if about.only else None, file_id=file.id)
    paid_from = sources(work, about.ids)
    _enter_findings(work, posting, file, paid_from)
    _enter_extra_come_back(work, posting, file.id)
    check(work, posting.id, likely_of_file(work, file, paid_from))
    return posting


@dataclass(frozen=True, slots=True)
class Belongs:
    """What the entries about one transfer, or about money without one, are summed by."""

    list_id: UUID | None
    cycle_id: UUID | None
    grant_id: UUID | None
    budget_line_id: UUID | None
    provider_id: UUID | None
    instruction_id: UUID | None = None

    @classmethod
    def of_instruction(cls, reading: Reading, instruction: Instruction) -> Belongs:
        """As a file's own entries about this transfer are."""
        payment_list = list_by_id(reading, instruction.list_id)
        line = reading.session.get_one(BudgetLine, instruction.budget_line_id)
        return cls(payment_list.id, payment_list.cycle_id, line.grant_id, line.id, payment_list.provider_id, instruction.id)

    @classmethod
    def of_stranger(cls, reading: Reading, finding: PayoutFinding, provider_id: UUID) -> Belongs:
        """As a file's own entries about money that belongs to no transfer are."""
        cycle_id = list_by_id(reading, finding.list_id).cycle_id if finding.list_id else None
        return cls(finding.list_id, cycle_id, None, None, provider_id)


def enter_decision(
    work: Work, *, file_id: UUID, list_id: UUID | None, finding_id: UUID, moves: Sequence[tuple[Entry, Belongs]]
) -> LedgerPosting | None:
    """What people decided about one finding, entry by entry; None when nothing moves."""
    if not moves:
        return None
    posting = new_posting(work, PostingKind.DECISION, list_id=list_id, file_id=file_id)
    _enter_each(work, posting, finding_id, moves)
    for instruction_id in sorted({belongs.instruction_id for _entry, belongs in moves if belongs.instruction_id}):
        _end_extra(work, posting, finding_id, instruction_id)
    check(work, posting.id)
    return posting


def enter_passed_back(work: Work, line: Instruction, delivered_minor: int) -> LedgerPosting:
    """So much more (or, negative, less) of a line counts as delivered, out of its suspense.

    Where its list had given that up, it is taken up in the same posting; what was accepted beyond its promise is so no more. So it goes back.
    """
    posting, belongs = new_posting(work, PostingKind.PASSED_BACK, list_id=line.list_id), Belongs.of_instruction(work, line)

    def enter(entries: Sequence[Entry]) -> None:
        _enter_each(work, posting, None, [(entry, belongs) for entry in entries])

    enter(restated(Money(delivered_minor, line.currency), Money(-delivered_minor, line.currency), line.reference))
    up = _to_level(_sum_of(work, line.id, Account.OPEN), -_sum_of(work, line.id, Account.CANCELLED, PostingKind.PASSED_BACK))
    enter(taken_up(Money(up, line.currency), line.reference) if up else ())
    end = _to_level(_sum_of(work, line.id, Account.SUSPENSE), -_sum_of(work, line.id, Account.EXTRA, PostingKind.PASSED_BACK))
    enter(accepted_as_extra(Money(-end, line.currency), line.reference) if end else ())
    check(work, posting.id)
    return posting


def _to_level(stands: int, taken: int) -> int:
    """How much an account that stands so has to be given: what it is below zero; above, no more is taken from it than it was given before."""
    return -stands if stands < 0 else -min(stands, max(taken, 0))


def enter_reversal(work: Work, posting: LedgerPosting) -> LedgerPosting:
    """The posting that undoes another, entry by entry; history stays. The database lets a posting be reversed once."""
    back = new_posting(work, PostingKind.UNDO, list_id=posting.list_id, file_id=posting.file_id, reverses=posting.id)
    same = [col(getattr(LedgerEntry, name)) for name in (*_COLUMNS[5:], *_MORE)]
    chosen = sa.select(
        random_id(work),
        col(LedgerEntry.operation_id),
        sa.literal(back.id, sa.Uuid()),
        col(LedgerEntry.account),
        -col(LedgerEntry.minor),
        *same,
    ).where(col(LedgerEntry.posting_id) == posting.id)
    work.bulk(LedgerEntry, sa.insert(LedgerEntry).from_select([*_COLUMNS, *_MORE], chosen))
    check(work, back.id, keys_of(work, posting.id))
    return back


def enter_per_transfer(work: Work, posting: LedgerPosting, moves: sa.Subquery, source: Account, target: Account) -> int:
    """Move an amount of each transfer from one account to another. moves: instruction_id and minor. Returns how many transfers moved."""
    moved = 0
    for account, sign in ((source, -1), (target, 1)):
        chosen = (
            sa.select(
                *_head(work, posting, account),
                sign * moves.c.minor,
                col(Instruction.currency),
                col(Instruction.id),
                col(PaymentList.id),
                col(PaymentList.cycle_id),
                col(BudgetLine.grant_id),
                col(BudgetLine.id),
                col(PaymentList.provider_id),
            )
            .select_from(moves)
            .join(Instruction, col(Instruction.id) == moves.c.instruction_id)
            .join(PaymentList, col(PaymentList.id) == col(Instruction.list_id))
            .join(BudgetLine, col(BudgetLine.id) == col(Instruction.budget_line_id))
            .where(moves.c.minor != 0)
        )
        moved = work.bulk(LedgerEntry, sa.insert(LedgerEntry).from_select([*_COLUMNS, *_MORE[:-1]], chosen)).rowcount
    check(work, posting.id)
    return moved


def delivered_of(reading: Reading, instruction_ids: Sequence[UUID]) -> dict[UUID, int]:
    """What arrived on these lines by now, in minor units; those on which nothing did are left away."""
    found: dict[UUID, int] = {}
    for part in in_parts(instruction_ids):
        rows = reading.session.connection().execute(
            sa.select(col(LedgerEntry.instruction_id), sa.func.sum(col(LedgerEntry.minor)).label("minor"))
            .where(col(LedgerEntry.instruction_id).in_(part), col(LedgerEntry.account) == Account.DELIVERED)
            .group_by(col(LedgerEntry.instruction_id))
        )
        found.update({row.instruction_id: int(row.minor) for row in rows if row.minor > 0})
    return found


def new_posting(
    work: Work, kind: PostingKind, *, list_id: UUID | None, file_id: UUID | None = None, reverses: UUID | None = None
) -> LedgerPosting:
    """A posting without its entries yet; whoever asks for one enters them and calls `check`, and remembers a fact."""
    assert work.actor.id is not None
    posting = LedgerPosting(
        id=work.new_id("ledger"),
        operation_id=work.operation_id,
        kind=kind,
        file_id=file_id,
        list_id=list_id,
        reverses_id=reverses,
        made_by=work.actor.id,
        made_at=work.now,
    )
    work.add(posting)
    work.session.flush()
    return posting


def _standing(work: Work, posting_id: UUID) -> list[_Column]:
    return [sa.literal(work.operation_id, sa.Uuid()), sa.literal(posting_id, sa.Uuid())]


def _head(work: Work, posting: LedgerPosting, account: Account, entry_id: _Column | None = None) -> list[_Column]:
    return [random_id(work) if entry_id is None else entry_id, *_standing(work, posting.id), sa.literal(account.value, sa.String())]


def _where_it_belongs(payment_list: PaymentList) -> list[_Column]:
    """instruction, list, cycle, grant, budget line, provider: grant and line from the instruction."""
    return [
        col(Instruction.id),
        sa.literal(payment_list.id, sa.Uuid()),
        sa.literal(payment_list.cycle_id, sa.Uuid()),
        col(BudgetLine.grant_id),
        col(BudgetLine.id),
        sa.literal(payment_list.provider_id, sa.Uuid()),
    ]


def _enter_findings(work: Work, posting: LedgerPosting, file: PayoutFile, paid_from: Mapping[UUID, Sequence[Source]]) -> None:
    """Every leg of every finding: both ends of a movement go in together, in the findings' order, so that no index is written back and forth."""
    legs, [joined, *source] = _legs(), _of_findings(paid_from)
    # An outer join, so that SQLite goes through the findings once and looks their transfers up once.
    chosen = (
        sa.select(
            leg_id(work, col(PayoutFinding.id), legs.c.number),
            *_standing(work, posting.id),
            legs.c.account,
            _by_leg(legs, lambda leg: leg.sign * col(getattr(PayoutFinding, leg.amount))),
            _by_leg(legs, lambda leg: col(getattr(PayoutFinding, leg.currency))),
            col(PayoutFinding.instruction_id),
            col(PayoutFinding.list_id),
            *source,
            sa.literal(file.provider_id, sa.Uuid()),
            col(PayoutFinding.id),
        )
        .select_from(sa.outerjoin(joined, legs, _is_of(legs)))
        .where(col(PayoutFinding.file_id) == file.id, legs.c.number.is_not(None))
        .order_by(col(PayoutFinding.group_number), col(PayoutFinding.position))
    )
    work.bulk(LedgerEntry, sa.insert(LedgerEntry).from_select([*_COLUMNS, *_MORE], chosen))


def _of_findings(paid_from: Mapping[UUID, Sequence[Source]]) -> list[Any]:  # Any: a join, then columns
    """Findings and what each is paid from: cycle, grant and budget line.

    Where every list is paid from one line the few lists tell it; else each transfer is looked up, which takes a fifth longer.
    """
    list_id, is_transfer = col(PayoutFinding.list_id), col(PayoutFinding.instruction_id).is_not(None)
    if len(paid_from) <= _FEW_LISTS and all(len(each) == 1 for each in paid_from.values()):
        names = ("list_id", *Source._fields)
        rows = [
            sa.select(*(sa.literal(one, sa.Uuid()).label(name) for name, one in zip(names, (of_list, *source), strict=True)))
            for of_list, [source] in paid_from.items()
        ]
        told = sa.union_all(*rows).subquery("told")
        lines = [sa.case((is_transfer, column)) for column in (told.c.grant_id, told.c.budget_line_id)]
        return [sa.outerjoin(PayoutFinding, told, told.c.list_id == list_id), told.c.cycle_id, *lines]
    joined = (
        sa.outerjoin(PayoutFinding, Instruction, col(Instruction.id) == col(PayoutFinding.instruction_id))
        .outerjoin(BudgetLine, col(BudgetLine.id) == col(Instruction.budget_line_id))
        .outerjoin(PaymentList, col(PaymentList.id) == list_id)
    )
    return [joined, col(PaymentList.cycle_id), col(BudgetLine.grant_id), col(BudgetLine.id)]


def _legs() -> sa.Subquery:
    """The legs that the engine's formula is made of, each once, by number, and the account each goes to."""
    rows = (
        sa.select(sa.literal(number).label("number"), sa.literal(leg.account.value).label("account"))
        for number, leg in enumerate(_ALL_LEGS)
    )
    return sa.union_all(*rows).subquery("legs")


def _is_of(legs: sa.Subquery) -> sa.ColumnElement[bool]:
    """Whether a finding has this leg: its amount is not zero, as most are, and the formula of its kind has it.

    Said of the few legs there are: the formula as rows of kind and leg would be gone through from end to end for each of a million findings.
    """
    kinds = {leg: [kind for kind, legs_of in FORMULA.items() if leg in legs_of] for leg in _ALL_LEGS}
    return sa.or_(
        *(
            sa.and_(legs.c.number == number, col(getattr(PayoutFinding, leg.amount)) != 0, col(PayoutFinding.kind).in_(kinds[leg]))
            for number, leg in enumerate(_ALL_LEGS)
        )
    )


def _by_leg(legs: sa.Subquery, of: Callable[[Leg], Any]) -> sa.ColumnElement[Any]:  # Any: amounts or currencies
    """What each leg takes of a finding."""
    return sa.case({number: of(leg) for number, leg in enumerate(_ALL_LEGS)}, value=legs.c.number)


def _enter_each(work: Work, posting: LedgerPosting, finding_id: UUID | None, moves: Sequence[tuple[Entry, Belongs]]) -> None:
    for entry, belongs in moves:
        work.add(
            LedgerEntry(
                id=work.new_id("ledger"),
                operation_id=work.operation_id,
                posting_id=posting.id,
                account=entry.account,
                minor=entry.minor,
                currency=entry.currency,
                finding_id=finding_id,
                **asdict(belongs),
            )
        )
    work.session.flush()


def _enter_extra_come_back(work: Work, posting: LedgerPosting, file_id: UUID) -> None:
    """Where a file brings money back that was accepted beyond a promise."""
    accepted = sa.select(sa.literal(1)).where(col(LedgerSum.account) == Account.EXTRA).limit(1)
    if work.session.connection().execute(accepted).first() is None:  # seldom any: asked of the sums, which are few
        return
    extra = sa.select(col(LedgerEntry.instruction_id)).where(col(LedgerEntry.account) == Account.EXTRA)
    came_back = select(PayoutFinding).where(
        PayoutFinding.file_id == file_id, PayoutFinding.suspense_minor < 0, col(PayoutFinding.instruction_id).in_(extra)
    )
    for finding in work.session.exec(came_back).all():
        assert finding.instruction_id is not None
        _end_extra(work, posting, finding.id, finding.instruction_id)


def _end_extra(work: Work, posting: LedgerPosting, finding_id: UUID, instruction_id: UUID) -> None:
    """Money that is no longer beyond the promise was not kept after all: as much of it is extra no more."""
    belongs = Belongs.of_instruction(work, work.session.get_one(Instruction, instruction_id))
    for currency, extra, suspense in _stands(work, instruction_id):
        minor = min(extra, -suspense)
        if minor > 0:
            _enter_each(work, posting, finding_id, [(entry, belongs) for entry in accepted_as_extra(Money(-minor, currency))])


def _sum_of(work: Work, instruction_id: UUID, account: Account, kind: PostingKind | None = None) -> int:
    """What stands on one account about a transfer; kind: by postings of this kind alone."""
    total = sa.select(sa.func.coalesce(sa.func.sum(col(LedgerEntry.minor)), 0)).where(
        col(LedgerEntry.instruction_id) == instruction_id, col(LedgerEntry.account) == account
    )
    if kind is not None:
        total = total.join(LedgerPosting, col(LedgerPosting.id) == col(LedgerEntry.posting_id)).where(col(LedgerPosting.kind) == kind)
    return int(work.session.connection().execute(total).scalar_one())


def _stands(work: Work, instruction_id: UUID) -> list[tuple[str, int, int]]:
    """What of a transfer is extra and what is in suspense, for each currency."""
    sums = [
        sa.func.sum(sa.case((col(LedgerEntry.account) == account, col(LedgerEntry.minor)), else_=0))
        for account in (Account.EXTRA, Account.SUSPENSE)
    ]
    rows = work.session.connection().execute(
        sa.select(col(LedgerEntry.currency), *sums)
        .where(col(LedgerEntry.instruction_id) == instruction_id)
        .group_by(col(LedgerEntry.currency))
    )
    return [(currency, int(extra), int(suspense)) for currency, extra, suspense in rows]


if enter_release not in after_release:
    after_release.append(enter_release)
