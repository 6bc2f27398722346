"""Ends a posting: what its entries come to is kept beside them, by all they can be summed by, and is zero in each currency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.payouts.made_ids import random_id
from cbi.payouts.tables import FindingGroup, LedgerEntry, LedgerPosting, LedgerSum, PayoutFile, PostingKind
from cbi.store.work import Reading, Work
from cbi.transfers.tables import BudgetLine, Cycle, PaymentList
from reconciliation.ledger import FORMULA, Account, Unbalanced

_MOST_KEYS = 32  # that every entry is held against; beyond them sorting is as quick
_OTHER = -1


class Source(NamedTuple):
    """What a promise is paid from."""

    cycle_id: UUID | None = None
    grant_id: UUID | None = None
    budget_line_id: UUID | None = None


class Key(NamedTuple):
    """By what entries are summed."""

    account: Account
    currency: str
    list_id: UUID | None = None
    cycle_id: UUID | None = None
    grant_id: UUID | None = None
    budget_line_id: UUID | None = None
    provider_id: UUID | None = None


def check(work: Work, posting_id: UUID, likely: Iterable[Key] = ()) -> None:
    """End a posting: keep its sums beside it. Raises Unbalanced, which undoes the whole commit, unless it sums to zero in each currency.

    likely: by what its entries are summed, as far as that is known.  Where it is all of it they are told apart without being sorted.
    """
    keys = list(dict.fromkeys(likely))
    if not (keys and len(keys) <= _MOST_KEYS and _keep_likely(work, posting_id, keys)):
        _keep_all(work, posting_id)
    sums = sa.select(col(LedgerSum.currency)).where(col(LedgerSum.posting_id) == posting_id).group_by(col(LedgerSum.currency))
    wrong = work.session.connection().execute(sums.having(sa.func.sum(col(LedgerSum.minor)) != 0)).all()
    if wrong:
        raise Unbalanced(f"posting {posting_id} does not sum to zero in {', '.join(row.currency for row in wrong)}")


def keys_of(reading: Reading, posting_id: UUID) -> list[Key]:
    """By what the entries of a posting were summed."""
    rows = reading.session.connection().execute(sa.select(*_columns(LedgerSum)).where(col(LedgerSum.posting_id) == posting_id))
    return [Key(*row) for row in rows]


def sources(reading: Reading, list_ids: Sequence[UUID]) -> dict[UUID, list[Source]]:
    """What each of these lists is paid from, as its release was entered: from one budget line, unless a line of it is paid from another."""
    summed = [col(getattr(LedgerSum, name)) for name in ("list_id", *Source._fields)]
    found = (
        sa.select(*summed)
        .join(LedgerPosting, col(LedgerPosting.id) == col(LedgerSum.posting_id))
        .where(col(LedgerPosting.kind) == PostingKind.RELEASE, col(LedgerPosting.list_id).in_(list_ids))
        .distinct()
        .order_by(*summed)
    )
    entered: dict[UUID, list[Source]] = {list_id: [] for list_id in list_ids}
    for list_id, *source in reading.session.connection().execute(found):
        entered[list_id].append(Source(*source))
    return entered


def likely_of_release(reading: Reading, payment_list: PaymentList) -> list[Key]:
    """By what the promises of a list are summed when it is paid from the budget line of its cycle."""
    line = reading.session.get_one(BudgetLine, reading.session.get_one(Cycle, payment_list.cycle_id).budget_line_id)
    belongs = payment_list.id, payment_list.cycle_id, line.grant_id, line.id, payment_list.provider_id
    return [Key(account, payment_list.currency, *belongs) for account in (Account.INSTRUCTED, Account.OPEN)]


def likely_of_file(reading: Reading, file: PayoutFile, paid_from: Mapping[UUID, Sequence[Source]]) -> list[Key]:
    """By what the entries of a file are summed when its transfers are paid as their lists were released, and a stranger from no line.

    paid_from: what each of its lists is paid from.
    """
    alike = sa.select(
        col(FindingGroup.kind), col(FindingGroup.list_id), col(FindingGroup.currency), col(FindingGroup.suspense_currency)
    ).where(col(FindingGroup.file_id) == file.id)
    groups = reading.session.connection().execute(alike.order_by(col(FindingGroup.findings).desc(), col(FindingGroup.number)))
    return [
        Key(leg.account, getattr(group, leg.currency), group.list_id, *source, file.provider_id)
        for group in groups
        for source in _with_strangers(paid_from.get(group.list_id, ()))
        for leg in FORMULA[group.kind]
        if getattr(group, leg.currency)
    ]


def _with_strangers(paid_from: Sequence[Source]) -> Iterable[Source]:
    """What the entries about a list may be paid from: also money that names it and belongs to no transfer."""
    return dict.fromkeys((*paid_from, *(Source(source.cycle_id) for source in paid_from))) if paid_from else (Source(),)


def _keep_likely(work: Work, posting_id: UUID, keys: Sequence[Key]) -> bool:
    """Keep the sums by these keys; False, and nothing kept, when some entry has another."""
    number = sa.case(*((_has(key), place) for place, key in enumerate(keys)), else_=_OTHER).label("number")
    found = (
        work.session.connection()
        .execute(
            sa.select(number, sa.func.count(), sa.func.sum(col(LedgerEntry.minor)))
            .where(col(LedgerEntry.posting_id) == posting_id)
            .group_by("number")
        )
        .all()
    )
    if any(place == _OTHER for place, _entries, _minor in found):
        return False
    standing = {"operation_id": work.operation_id, "posting_id": posting_id}
    rows = [
        {"id": work.new_id("ledger"), **standing, **keys[place]._asdict(), "entries": entries, "minor": int(minor)}
        for place, entries, minor in found
    ]
    if rows:
        work.bulk(LedgerSum, sa.insert(LedgerSum), rows)
    return True


def _has(key: Key) -> sa.ColumnElement[bool]:
    """Whether an entry is summed by this; what differs most often is looked at first."""
    pairs = zip(_columns(LedgerEntry), key, strict=True)
    return sa.and_(*(column.is_(None) if value is None else column == value for column, value in pairs))


def _keep_all(work: Work, posting_id: UUID) -> None:
    """Keep the sums by whatever keys there are."""
    keys = _columns(LedgerEntry)
    standing = sa.literal(work.operation_id, sa.Uuid()), sa.literal(posting_id, sa.Uuid())
    chosen = (
        sa.select(random_id(work), *standing, *keys, sa.func.count(), sa.func.sum(col(LedgerEntry.minor)))
        .where(col(LedgerEntry.posting_id) == posting_id)
        .group_by(*keys)
    )
    columns = ["id", "operation_id", "posting_id", *Key._fields, "entries", "minor"]
    work.bulk(LedgerSum, sa.insert(LedgerSum).from_select(columns, chosen))


def _columns(table: Any) -> list[Any]:  # Any: a table of entries or of sums, and its columns
    return [col(getattr(table, name)) for name in Key._fields]
