"""What the ledger comes to: per list, provider, cycle, grant and currency, in count and in amount, and whether it foots.

However many lists are asked for, the number of queries is the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.payouts import replaced, standing
from cbi.payouts.scope import Scope, entries_of_lists
from cbi.payouts.standing import Line, LineKind
from cbi.payouts.tables import LedgerPosting, LedgerSum
from cbi.payouts.tables_money import Closing, Ending, EndingDecision, OpenLine
from cbi.store.work import Reading
from cbi.transfers.service import list_by_id
from cbi.transfers.tables import Instruction, PaymentList
from reconciliation.ledger import Account, held

__all__ = ["Line", "LineKind", "ListStatement", "Summary", "of_list", "of_lists", "of_scope", "postings", "summed_by"]
Balances = dict[str, dict[Account, int]]


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided about one open line, and by whom. final: whether the list was closed with it."""

    line: OpenLine
    currency: str
    ending: Ending
    reason: str
    count: int
    minor: int
    by: UUID
    at: datetime
    final: bool


@dataclass(frozen=True, slots=True)
class ListStatement:
    """A statement in one currency: of one list, or of everything of a provider, cycle, grant or budget line.

    balances: of the ledger, by account and currency; a list's own may hold suspense in others.  gaps: what keeps it from footing, each finishing
    "You need to …".  decided: what is to become of its open lines.  late: what moved after closing, by account, in its currency.
    """

    list_id: UUID | None
    reference: str
    currency: str
    count: int
    total_minor: int
    lines: tuple[Line, ...]
    balances: Balances
    gaps: tuple[str, ...]
    decided: tuple[Decided, ...] = ()
    closed_at: datetime | None = None
    late: Mapping[Account, int] = field(default_factory=dict)

    @property
    def suspense(self) -> dict[str, int]:
        """Money in suspense, by currency."""
        return {currency: accounts[Account.SUSPENSE] for currency, accounts in self.balances.items() if accounts.get(Account.SUSPENSE)}

    @property
    def delivered_minor(self) -> int:
        """What arrived."""
        return self.of(Account.DELIVERED)

    @property
    def open_minor(self) -> int:
        """What is still promised."""
        return self.of(Account.OPEN)

    @property
    def cancelled_minor(self) -> int:
        """What was given up when lists were closed."""
        return self.of(Account.CANCELLED)

    @property
    def suspense_minor(self) -> int:
        """Money in suspense in the statement's currency."""
        return self.of(Account.SUSPENSE)

    @property
    def held_minor(self) -> int:
        """What the provider holds of our money by these entries; negative when we owe it."""
        return held(self.balances.get(self.currency, {}))

    @property
    def foots(self) -> bool:
        """Whether instructed = delivered + open + given up, in the ledger and line by line, and every row of every posted file was read."""
        return not self.gaps

    def of(self, account: Account) -> int:
        """What stands on one account, in the statement's currency."""
        return self.balances.get(self.currency, {}).get(account, 0)

    def decision(self, line: str) -> Decided | None:
        """What a list decided about an open line, in its currency; of several lists each says so itself."""
        return next((one for one in reversed(self.decided) if (one.line.value, one.currency) == (line, self.currency)), None)


@dataclass(frozen=True, slots=True)
class Summary:
    """The same sums for anything that lists can be summed by. Amounts in minor units of `currency`.

    is_read: whether every row of the posted files about its lists could be read, or was corrected since.
    """

    key: UUID
    currency: str
    instructed_minor: int = 0
    delivered_minor: int = 0
    open_minor: int = 0
    cancelled_minor: int = 0
    suspense_minor: int = 0
    fees_minor: int = 0
    held_minor: int = 0
    is_read: bool = True

    @property
    def foots(self) -> bool:
        """Whether instructed = delivered + open + given up, and every row of every posted file was read."""
        return self.is_read and self.instructed_minor == self.delivered_minor + self.open_minor + self.cancelled_minor


def of_list(reading: Reading, list_id: UUID) -> ListStatement:
    """The statement of a released list. Raises NotThere for an unknown one."""
    return of_lists(reading, [list_by_id(reading, list_id)])[0]


def of_lists(reading: Reading, lists: Sequence[PaymentList], scope: Scope | None = None, *, with_lines: bool = True) -> list[ListStatement]:
    """The statement of each list, in the order given, with the same few queries for any number of them. scope: up to its last day.

    with_lines: False leaves out where every transfer stands, and with it the proof that the transfers make up the sums: a page of many
    lists of a hundred thousand transfers each is told from the sums alone.
    """
    ids = [one.id for one in lists]
    days = Scope(scope.zone, until=scope.until) if scope else Scope(reading.zone)
    balances = _balances_by(reading, col(LedgerSum.list_id), [col(LedgerSum.list_id).in_(ids), *days.entries(LedgerSum)])
    lines = standing.by_list(reading, [*entries_of_lists(ids), *days.entries()], until=days) if with_lines else None
    unread, decided, closed = standing.unread_by_list(reading, ids), _decided(reading, ids), _closed(reading, ids)
    late = _late(reading, [one for one in ids if one in closed])
    return [
        ListStatement(
            one.id,
            one.reference,
            one.currency,
            one.count,
            one.total_minor,
            own := () if lines is None else standing.all_lines(lines.get((one.id, one.currency), ())),
            balances.get(one.id, {}),
            (*_gaps(one.currency, one.count, one.total_minor, balances.get(one.id, {}), own), *unread.get(one.id, ())),
            tuple(decided.get(one.id, ())),
            closed.get(one.id),
            late.get((one.id, one.currency), {}),
        )
        for one in lists
    ]


def of_scope(reading: Reading, scope: Scope, title: str = "") -> list[ListStatement]:
    """One statement for each currency in which anything was entered, by its code."""
    balances, over = _balances(reading, scope.entries(LedgerSum)), replaced.taken(reading, scope)
    lines = standing.by_currency(reading, scope.entries(), until=scope)
    asked = _asked(reading, scope, over)
    unread = standing.unread(reading, scope)
    made = []
    for currency, entered in balances.items():
        accounts = _once(entered, over.get((None, currency), replaced.Taken()))
        own = standing.all_lines(lines.get(currency, ()))
        gaps = _gaps(currency, *asked.get(currency, (0, 0)), {currency: accounts}, own)
        made.append(
            ListStatement(
                None,
                title,
                currency,
                *asked.get(currency, (0, 0)),
                own,
                {currency: accounts},
                (*gaps, *unread.get(currency, ())),
                tuple(decided_in(reading, scope.of_currency(currency))),
            )
        )
    return made


def summed_by(reading: Reading, column: str, scope: Scope | None = None) -> list[Summary]:
    """Sums per "list_id", "provider_id", "cycle_id", "grant_id" or "budget_line_id" and currency, in order of the ids."""
    of = scope or Scope(reading.zone)
    found, over = _balances_by(reading, col(getattr(LedgerSum, column)), of.entries(LedgerSum)), replaced.taken(reading, of, by=column)
    made = [
        _summary(key, currency, _once(sums, over.get((key, currency), replaced.Taken())))
        for key, by_currency in found.items()
        for currency, sums in by_currency.items()
    ]
    wanting = standing.unread_by(reading, column, of)
    return [replace(one, is_read=False) if (one.key, one.currency) in wanting else one for one in made]


def summed(reading: Reading, scope: Scope) -> list[Summary]:
    """The same of everything in a scope, by currency."""
    over = replaced.taken(reading, scope)
    return [
        _summary(UUID(int=0), currency, _once(sums, over.get((None, currency), replaced.Taken())))
        for currency, sums in _balances(reading, scope.entries(LedgerSum)).items()
    ]


def suspense_apart(reading: Reading, scope: Scope) -> dict[str, int]:
    """Suspense of no grant, by currency: what providers paid to nobody of ours is theirs, and stands in no statement of a grant or budget line."""
    if scope.grant_id is None and scope.budget_line_id is None:
        return {}
    early = replace(scope, grant_id=None, budget_line_id=None).entries(LedgerSum)
    found = _balances(reading, [col(LedgerSum.grant_id).is_(None), col(LedgerSum.account) == Account.SUSPENSE, *early])
    return {currency: minor for currency, sums in found.items() if (minor := sums[Account.SUSPENSE])}


def whole_ledger_foots(reading: Reading) -> bool:
    """Whether everything ever entered sums to zero in each currency."""
    sums = sa.select(sa.func.sum(col(LedgerSum.minor))).group_by(col(LedgerSum.currency))
    return all(row[0] == 0 for row in reading.session.connection().execute(sums))


def postings(reading: Reading, list_id: UUID) -> list[LedgerPosting]:
    """Everything that was entered for a list, in order; a posting of several lists is in each one's."""
    entered = sa.select(col(LedgerSum.posting_id)).where(col(LedgerSum.list_id) == list_id)
    own = sa.or_(col(LedgerPosting.list_id) == list_id, col(LedgerPosting.id).in_(entered))
    query = sa.select(LedgerPosting).where(own).order_by(col(LedgerPosting.made_at), col(LedgerPosting.id))
    return list(reading.session.scalars(query))


def decided_in(reading: Reading, scope: Scope) -> list[Decided]:
    """The newest decision about each open line of each list in a scope, in the order decided."""
    lists = sa.select(col(PaymentList.id)).where(*scope.lists())
    found = _decided(reading, lists, scope.currency)
    return sorted((one for each in found.values() for one in each), key=lambda one: one.at)


def _summary(key: UUID, currency: str, sums: Mapping[Account, int]) -> Summary:
    return Summary(
        key,
        currency,
        instructed_minor=-sums.get(Account.INSTRUCTED, 0),
        delivered_minor=sums.get(Account.DELIVERED, 0),
        open_minor=sums.get(Account.OPEN, 0),
        cancelled_minor=sums.get(Account.CANCELLED, 0),
        suspense_minor=sums.get(Account.SUSPENSE, 0),
        fees_minor=sums.get(Account.FEES, 0),
        held_minor=held(sums),
    )


def _balances(reading: Reading, where: Sequence[sa.ColumnElement[bool]]) -> Balances:
    return _balances_by(reading, sa.literal(0), list(where)).get(0, {})


def _balances_by(reading: Reading, key: Any, where: Sequence[sa.ColumnElement[bool]]) -> dict[Any, Balances]:  # Any: ids of several tables
    grouped: list[Any] = [col(LedgerSum.currency), col(LedgerSum.account)]
    keyed = [] if isinstance(key, sa.BindParameter) else [key]
    rows = reading.session.connection().execute(
        sa.select(key.label("key"), *grouped, sa.func.sum(col(LedgerSum.minor)).label("minor"))
        .where(*(each.is_not(None) for each in keyed), *where)
        .group_by(*keyed, *grouped)
        .order_by(*keyed, *grouped)
    )
    found: dict[Any, Balances] = {}
    for row in rows:
        found.setdefault(row.key, {}).setdefault(row.currency, {})[Account(row.account)] = int(row.minor)
    return found


def _once(sums: Mapping[Account, int], over: replaced.Taken) -> dict[Account, int]:
    """Sums without what is counted on newer lines; they sum to as much as before."""
    less = {Account.INSTRUCTED: -over.total_minor, **over.minor}
    return {account: minor - less.get(account, 0) for account, minor in sums.items()}


def _asked(reading: Reading, scope: Scope, over: Mapping[tuple[Any, str], replaced.Taken]) -> dict[str, tuple[int, int]]:
    """What released lists promise, counted from their lines and not from the ledger, so that each proves the other; without `over`."""
    rows = reading.session.connection().execute(
        sa.select(col(Instruction.currency), sa.func.count().label("transfers"), sa.func.sum(col(Instruction.amount_minor)).label("minor"))
        .join(PaymentList, col(PaymentList.id) == col(Instruction.list_id))
        .where(*scope.lists(), *scope.lines())
        .group_by(col(Instruction.currency))
    )
    less = {currency: (one.count, one.total_minor) for (_key, currency), one in over.items()}
    return {
        row.currency: (int(row.transfers) - less.get(row.currency, (0, 0))[0], int(row.minor) - less.get(row.currency, (0, 0))[1])
        for row in rows
    }


def _gaps(currency: str, count: int, total_minor: int, balances: Balances, lines: Sequence[Line]) -> list[str]:
    own = balances.get(currency, {})
    delivered, left = own.get(Account.DELIVERED, 0), own.get(Account.OPEN, 0) + own.get(Account.CANCELLED, 0)
    wrong = {
        "call the administrator: the ledger does not hold what was released": -own.get(Account.INSTRUCTED, 0) != total_minor,
        "call the administrator: delivered, open and given up do not make up what was instructed": total_minor != delivered + left,
        "call the administrator: the lines do not make up the ledger": bool(lines) and _sums(lines) != (count, total_minor, delivered),
        "call the administrator: more arrived than was promised to somebody": any(line.open_minor < 0 for line in lines),
    }
    uneven = [
        f"call the administrator: the ledger of {code} does not sum to zero" for code, sums in balances.items() if sum(sums.values()) != 0
    ]
    return [*uneven, *(fix for fix, is_so in wrong.items() if is_so)]


def _sums(lines: Sequence[Line]) -> tuple[int, int, int]:
    """Transfers, instructed and delivered of all lines together."""
    return (
        sum(line.count for line in lines),
        sum(line.instructed_minor for line in lines),
        sum(line.delivered_minor for line in lines),
    )


def _decided(reading: Reading, lists: Any, currency: str = "") -> dict[UUID, list[Decided]]:
    """The newest decision about each line of each list. Any: ids, or a select of them."""
    line: list[Any] = [col(EndingDecision.line), col(EndingDecision.currency)]
    order = (col(EndingDecision.decided_at).desc(), col(EndingDecision.id).desc())
    place = sa.func.row_number().over(partition_by=[col(EndingDecision.list_id), *line], order_by=order)
    where = [col(EndingDecision.list_id).in_(lists), *([col(EndingDecision.currency) == currency] if currency else [])]
    ranked = sa.select(col(EndingDecision.id), place.label("place")).where(*where).subquery()
    query = sa.select(EndingDecision).where(col(EndingDecision.id).in_(sa.select(ranked.c.id).where(ranked.c.place == 1)))
    found: dict[UUID, list[Decided]] = {}
    for one in reading.session.scalars(query.order_by(col(EndingDecision.decided_at), col(EndingDecision.id))):
        found.setdefault(one.list_id, []).append(
            Decided(
                one.line,
                one.currency,
                one.ending,
                reading.open(one, "reason"),
                one.count,
                one.minor,
                one.decided_by,
                one.decided_at,
                one.closing_id is not None,
            )
        )
    return found


def _closed(reading: Reading, ids: Sequence[UUID]) -> dict[UUID, datetime]:
    rows = reading.session.connection().execute(
        sa.select(col(Closing.list_id), col(Closing.closed_at)).where(col(Closing.list_id).in_(ids), col(Closing.number) == 1)
    )
    return {row.list_id: row.closed_at for row in rows}


def _late(reading: Reading, closed: Sequence[UUID]) -> dict[tuple[UUID, str], dict[Account, int]]:
    """What moved on lists after they were closed, their own closings left out."""
    if not closed:
        return {}
    first = sa.select(col(Closing.list_id), col(Closing.closed_at)).where(col(Closing.number) == 1).subquery()
    of_closing = sa.select(col(Closing.posting_id)).where(col(Closing.posting_id).is_not(None))
    rows = reading.session.connection().execute(
        sa.select(
            col(LedgerSum.list_id),
            col(LedgerSum.currency),
            col(LedgerSum.account),
            sa.func.sum(col(LedgerSum.minor)).label("minor"),
        )
        .join(LedgerPosting, col(LedgerPosting.id) == col(LedgerSum.posting_id))
        .join(first, first.c.list_id == col(LedgerSum.list_id))
        .where(
            col(LedgerSum.list_id).in_(closed),
            col(LedgerPosting.made_at) >= first.c.closed_at,
            col(LedgerPosting.id).not_in(of_closing),
        )
        .group_by(col(LedgerSum.list_id), col(LedgerSum.currency), col(LedgerSum.account))
    )
    found: dict[tuple[UUID, str], dict[Account, int]] = {}
    for row in rows:
        if row.minor:
            found.setdefault((row.list_id, row.currency), {})[Account(row.account)] = int(row.minor)
    return found
