"""Folds the rows about one transfer into one story, whatever their order, and says how that story counts in money."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from reconciliation.findings import PRECEDENCE, FindingKind
from reconciliation.identity import Earlier, Past
from reconciliation.money import Money
from reconciliation.payout import Outcome, Payout


class Mark(StrEnum):
    """What a row adds to its story."""

    FRESH = "fresh"
    COPY = "copy"
    REPEATED = "repeated"
    DECIDED = "decided"
    CLASHES = "clashes"


AGAIN = frozenset({Mark.REPEATED, Mark.DECIDED})
"""What adds nothing new: it counts already, or people decided that it does not."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one file says about one transfer in one currency, in minor units.

    amounts: each fresh success; returned: fresh reversals.  again_paid, again_returned: rows that an earlier file counts already.
    news: some row is not one that an earlier file counts.  without_id: some fresh success carries no provider id.
    clashes: some row contradicts an earlier row of its provider id.
    """

    amounts: tuple[int, ...] = ()
    returned: int = 0
    again_paid: int = 0
    again_returned: int = 0
    says_returned: bool = False
    says_paid_again: bool = False
    news: bool = True
    without_id: bool = False
    clashes: bool = False

    @property
    def paid(self) -> int:
        """The sum of the fresh successes."""
        return sum(self.amounts)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where files leave one transfer, in minor units of one currency.

    amounts: each success counted for the payee.  delivered: what the payee has: more than was asked where too much was paid, negative for a reversal
    whose payment was never seen.  suspended: misdirected money that did not come back.  returned, failed: whether some row says so.
    """

    amounts: tuple[int, ...] = ()
    delivered: int = 0
    suspended: int = 0
    returned: bool = False
    with_ids: bool = True
    failed: bool = False

    @property
    def out(self) -> int:
        """Money that is with somebody."""
        return max(self.delivered, 0) + self.suspended

    def then(self, amounts: tuple[int, ...], misdirected: int, returned: int) -> Standing:
        """Where one more file leaves it. Misdirected money that is still away is taken back first: that is what is recalled."""
        away = self.suspended + misdirected
        return replace(
            self,
            amounts=self.amounts + amounts,
            delivered=self.delivered + sum(amounts) - max(returned - away, 0),
            suspended=max(away - returned, 0),
            returned=self.returned or returned > 0,
        )


NOTHING = Standing()


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one story counts: the columns of the table of kinds."""

    kind: FindingKind
    also: tuple[FindingKind, ...] = ()
    instructed: int = 0
    delivered: int = 0
    suspense: int = 0
    open: int = 0
    set_aside: int = 0
    paid: int = 0
    taken_back: int = 0


def is_paid(payout: Payout) -> bool:
    """Whether the row says that money went out."""
    return payout.outcome is Outcome.PAID and payout.amount is not None and payout.amount.minor >= 0


def is_returned(payout: Payout) -> bool:
    """Whether the row says that money came back; a negative payment is one way of saying it."""
    return payout.outcome is Outcome.RETURNED or (payout.outcome is Outcome.PAID and not is_paid(payout))


def mark(
    rows: Sequence[Payout],
    keys: Sequence[bytes],
    earlier: Sequence[Earlier],
    past: Past,
    shared: Callable[[], frozenset[str]],
    reference: str,
) -> list[Mark]:
    """What each row adds: nothing new when another row here, or an earlier file, says the same, or people decided against just this row.

    earlier: the earlier rows of this transfer, whose reference is given; keys: the rows' keys, empty when nothing is earlier.  Ids compare by id; where only one side has an
    id, rows with the same outcome and amount are taken to be the same, one for one.
    """
    if len(rows) == 1 and not past:
        return [Mark.FRESH]
    marks, seen, left = [], set(), list(earlier)
    for place, row in enumerate(rows):
        content = (row.provider_id, row.outcome, row.amount if row.outcome is not Outcome.FAILED else None)
        if row.provider_id and content in seen and row.provider_id not in shared():
            marks.append(Mark.COPY)
            continue
        seen.add(content)
        if past.is_decided(reference, keys[place] if past else b"", row):
            marks.append(Mark.DECIDED)
            continue
        marks.append(_against_past(row, keys[place], left, past, shared) if past else Mark.FRESH)
    return marks


def _against_past(row: Payout, key: bytes, left: list[Earlier], past: Past, shared: Callable[[], frozenset[str]]) -> Mark:
    same_id = [one for one in past.of_id(row.provider_id) if one.outcome is row.outcome] if row.provider_id else []
    twin = next((one for one in same_id if _says_the_same(one, row) and (one in left or one.reference == row.reference)), None)
    if twin is None and (not row.provider_id or row.provider_id in shared()) and past.counts(key):
        return Mark.REPEATED
    if twin is None and not same_id and row.outcome is not Outcome.FAILED:
        twin = next(
            (
                one
                for one in left
                if bool(one.provider_id) != bool(row.provider_id) and one.outcome is row.outcome and _says_the_same(one, row)
            ),
            None,
        )
    if twin is not None:
        if twin in left:
            left.remove(twin)
        return Mark.REPEATED
    if same_id and row.outcome is not Outcome.FAILED and not _is_batch(same_id) and row.provider_id not in shared():
        return Mark.CLASHES
    return Mark.FRESH


def _says_the_same(one: Earlier, row: Payout) -> bool:
    return row.outcome is Outcome.FAILED or one.amount == row.amount


def _is_batch(rows: list[Earlier]) -> bool:
    return len({(one.reference, one.amount) for one in rows}) > 1


def stand(earlier: Iterable[Earlier], currency: str) -> Standing:
    """Where earlier rows leave a transfer in one currency, turn by turn: what came back before money went astray was not that money."""
    stands, rows = NOTHING, list(earlier)
    for turn in sorted({row.turn for row in rows}):
        told = [row for row in rows if row.turn == turn]
        moved = [row for row in told if row.outcome is not Outcome.FAILED and row.amount.currency == currency]
        paid = [row for row in moved if row.outcome is not Outcome.RETURNED]
        stands = stands.then(
            tuple(row.amount.minor for row in paid if not row.in_suspense),
            sum(row.amount.minor for row in paid if row.in_suspense),
            sum(abs(row.amount.minor) for row in moved if row.outcome is Outcome.RETURNED),
        )
        with_ids = stands.with_ids and all(row.provider_id for row in paid)
        stands = replace(stands, with_ids=with_ids, failed=stands.failed or any(row.outcome is Outcome.FAILED for row in told))
    return stands


def tell(rows: Sequence[Payout], marks: Sequence[Mark]) -> Told:
    """What the rows say together; all are of one currency, failures aside."""
    fresh = [row for row, what in zip(rows, marks, strict=True) if what in {Mark.FRESH, Mark.CLASHES}]
    again = [row for row, what in zip(rows, marks, strict=True) if what in AGAIN]
    successes = [row for row in fresh if is_paid(row)]
    return Told(
        amounts=tuple(map(_minor, successes)),
        returned=sum(_minor(row) for row in fresh if is_returned(row)),
        again_paid=sum(_minor(row) for row in again if is_paid(row)),
        again_returned=sum(_minor(row) for row in again if is_returned(row)),
        says_returned=any(map(is_returned, fresh)),
        says_paid_again=any(row.outcome is not Outcome.FAILED for row in again),
        news=bool(fresh),
        without_id=any(not row.provider_id for row in successes),
        clashes=Mark.CLASHES in marks,
    )


@lru_cache(maxsize=1 << 14)
def judge_alone(amount: int, outcome: Outcome, paid: Money, *, with_id: bool, wrong_payee: bool = False) -> Verdict:
    """How the story of one row counts, of which no earlier file knows anything: what `judge` says of it."""
    row = Payout("", paid, outcome, "", 0, provider_id="one" if with_id else "")
    return judge(amount, tell([row], [Mark.FRESH]), wrong_payee=wrong_payee)


def judge(amount: int, told: Told, before: Standing = NOTHING, *, wrong_payee: bool = False) -> Verdict:
    """How one story counts: the first kind that applies, with its amounts (reconciliation in one currency).

    What earlier files say (before) and this one (now), where neither is the same row again:

    | before | now | kind |
    |---|---|---|
    | failed, or paid and returned | paid | an ordinary late payment |
    | paid, not all of it | paid, within what is open | PAID or PAID_LESS: a further part |
    | paid | paid again, other id, each the whole amount | PAID_TWICE |
    | paid | paid again, other id, over the amount | PAID_MORE |
    | paid | paid, no ids, another amount and over what was asked | CONTRADICTS |
    | paid | the same id with another amount, or for another transfer | CONTRADICTS |
    | paid | only failed | CONTRADICTS |
    | paid | returned | RETURNED: delivered falls, open rises |
    | paid to a wrong payee | returned | RETURNED: suspense falls |
    | returned, its payment never seen | paid | CONTRADICTS: perhaps that payment, perhaps a new one |
    | returned, its payment never seen | returned, failed | RETURNED, FAILED |
    """
    quiet = not told.amounts and not told.says_returned
    if quiet and (told.says_paid_again or (not told.news and before.out > 0)):
        return _set_aside(FindingKind.PAID_BEFORE, told, before)
    if _contradicts(amount, told, before):
        return _set_aside(FindingKind.CONTRADICTS, told, before)
    return _settled(amount, told, before, wrong_payee=wrong_payee)


def _contradicts(amount: int, told: Told, before: Standing) -> bool:
    if told.clashes:
        return True
    if not told.amounts and not told.says_returned:
        return before.out > 0
    if told.amounts and before.delivered < 0:
        return True
    over = before.delivered + told.paid - told.returned > amount
    other = bool(before.amounts) and any(each not in before.amounts for each in told.amounts)
    return over and other and before.delivered > 0 and (told.without_id or not before.with_ids)


def _set_aside(kind: FindingKind, told: Told, before: Standing) -> Verdict:
    paid = told.paid + told.again_paid
    back = min(told.returned + told.again_returned, paid + before.out)
    also = (FindingKind.RETURNED,) if told.says_returned or told.again_returned else ()
    return Verdict(kind, also, set_aside=paid - back, paid=paid - back, taken_back=back)


def _settled(amount: int, told: Told, before: Standing, *, wrong_payee: bool) -> Verdict:
    after = _after(told, before)
    level = _level(amount, told, before, after)
    # What comes back takes earlier misdirected money back first: only the rest of it can be about a payment told here.
    misdirected = wrong_payee and told.paid > max(told.returned - before.suspended, 0) and level is not FindingKind.PAID_TWICE
    kind = FindingKind.WRONG_PAYEE if misdirected else level
    if misdirected:
        after = _after(told, before, misdirected=True)
    had, has = _within(before.delivered, amount), _within(after.delivered, amount)
    again_back = min(told.again_returned, told.again_paid + before.out)
    set_aside = told.again_paid - again_back
    moved = after.out - before.out
    return Verdict(
        kind,
        _also(kind, level, told, wrong_payee=wrong_payee),
        instructed=amount - had,
        delivered=has - had,
        suspense=moved - (has - had),
        open=amount - has,
        set_aside=set_aside,
        paid=moved + set_aside,
        taken_back=told.paid - moved + again_back,
    )


def _after(told: Told, before: Standing, *, misdirected: bool = False) -> Standing:
    """Where this file leaves the transfer."""
    return before.then(() if misdirected else told.amounts, told.paid if misdirected else 0, told.returned)


def _level(amount: int, told: Told, before: Standing, after: Standing) -> FindingKind:
    if not told.amounts and not told.says_returned:
        return FindingKind.FAILED
    if told.says_returned and (after.out < before.out or after.delivered <= 0):
        return FindingKind.RETURNED
    if after.delivered > amount:
        whole = amount > 0 and after.delivered % amount == 0 and all(each == amount for each in after.amounts)
        return FindingKind.PAID_TWICE if whole else FindingKind.PAID_MORE
    return FindingKind.PAID if after.delivered == amount else FindingKind.PAID_LESS


def _also(chosen: FindingKind, level: FindingKind, told: Told, *, wrong_payee: bool) -> tuple[FindingKind, ...]:
    more = {level} - {FindingKind.PAID}
    if wrong_payee:
        more.add(FindingKind.WRONG_PAYEE)
    if told.says_returned:
        more.add(FindingKind.RETURNED)
    if told.says_paid_again:
        more.add(FindingKind.PAID_BEFORE)
    return tuple(kind for kind in PRECEDENCE if kind in more and kind is not chosen)


def _within(paid: int, amount: int) -> int:
    return min(max(paid, 0), amount)


def _minor(payout: Payout) -> int:
    return abs(payout.amount.minor) if payout.amount else 0
