"""Makes of a statement what a workbook, a paper and a page all show: the same figures and the reader's own words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.errors import NotThere
from cbi.payouts import decided_by_list, in_grant, over_time, statements
from cbi.payouts.decided_by_list import OpenItem
from cbi.payouts.in_grant import GrantAccount
from cbi.payouts.over_time import Month
from cbi.payouts.scope import Scope
from cbi.payouts.statements import Decided, ListStatement
from cbi.payouts.tables import LedgerPosting, LedgerSum
from cbi.payouts.words_money import ACCOUNT_WORDS, ENDING_WORDS, LINE_WORDS, OPEN_WORDS, sheet_words
from cbi.staff.service import names_of
from cbi.store.work import Reading
from cbi.transfers.tables import BudgetLine, Cycle, Grant, PaymentList, Programme, Provider
from cbi.web.filters import day as day_words
from cbi.web.filters import moment
from cbi.web.listing import Listing, ListingArgs
from cbi.web.words import _
from reconciliation.ledger import Account
from reconciliation.report_statement import Block, GrantBlock, GrantRow, LineRow, MonthRow, OpenRow, StatementSheet

_AT_ONCE = 500
OneList = tuple[PaymentList, str, ListStatement]
_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class Statement:
    """Everything a statement's page, workbook and paper need. name: of its files, without anybody's name in it.

    deciding: of a statement of several lists, those that decided about something that is still open.
    """

    scope: Scope
    title: str
    name: str
    facts: tuple[tuple[str, str], ...]
    found: tuple[ListStatement, ...]
    months: tuple[Month, ...]
    grants: tuple[GrantAccount, ...]
    made_at: datetime
    people: Mapping[UUID, str] = field(default_factory=dict)
    lists: tuple[OneList, ...] = ()
    deciding: tuple[ListStatement, ...] = ()

    @property
    def foots(self) -> bool:
        """Whether every currency foots."""
        return all(one.foots for one in self.found)


def gathered(reading: Reading, scope: Scope, *, with_lists: bool = False, with_reasons: bool = False) -> Statement:
    """A statement of anything. Raises NotThere when it names something that does not exist.

    with_reasons: why something was decided, in the words of who did; for readers who see lists, since somebody may have written a name.
    """
    title, name, facts = _named(reading, scope)
    if scope.list_id is not None and scope.until is None:
        found = [statements.of_list(reading, scope.list_id)]
    else:
        found = statements.of_scope(reading, scope, name)
    deciding = decided_by_list.deciding(reading, scope)
    if not with_reasons:
        found, deciding = _without_reasons(found), _without_reasons(deciding)
    grants = tuple(one for one in in_grant.accounts(reading, scope) if one.is_exchanged)
    return Statement(
        scope,
        title,
        name,
        (*facts, *_days(reading, scope)),
        tuple(found),
        tuple(over_time.months(reading, scope)),
        grants,
        max([_made_at(reading, scope), *(one.at for each in found for one in each.decided)]),
        names_of(reading, {one.by for each in found for one in each.decided}),
        tuple(lists_in(reading, scope))[::-1] if with_lists and scope.list_id is None else (),
        tuple(deciding),
    )


def sheet_of(made: Statement, *, right_to_left: bool) -> StatementSheet:
    """The same as what the writers of files take."""
    return StatementSheet(
        title=made.title,
        facts=made.facts,
        blocks=tuple(_block(made, one) for one in made.found),
        made_at=made.made_at,
        words=sheet_words(),
        lists=tuple((one.reference, provider, one.currency, _summed(found)) for one, provider, found in made.lists),
        grants=tuple(_grant(one) for one in made.grants),
        right_to_left=right_to_left,
        name=made.name,
    )


def _without_reasons(found: Sequence[ListStatement]) -> list[ListStatement]:
    return [replace(one, decided=tuple(replace(said, reason="") for said in one.decided)) for one in found]


def _named(reading: Reading, scope: Scope) -> tuple[str, str, list[tuple[str, str]]]:
    """Title, file name and facts of what a scope names."""
    parts = _parts(reading, scope)
    facts = [(label, words) for label, _code, words in parts]
    name = "-".join(code for _label, code, _words in parts) or "everything"
    if not facts:
        return _("Statement of everything"), name, facts
    return _("Statement of %(what)s", what=" · ".join(words for _label, words in facts)), name, facts


def _parts(reading: Reading, scope: Scope) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    if scope.list_id is not None:
        one = _there(reading, PaymentList, scope.list_id)
        found.append((_("List"), one.reference, one.reference))
    if scope.provider_id is not None:
        provider = _there(reading, Provider, scope.provider_id)
        found.append((_("Provider"), provider.code, provider.name))
    if scope.cycle_id is not None:
        cycle = _there(reading, Cycle, scope.cycle_id)
        programme = reading.session.get_one(Programme, cycle.programme_id)
        found.append((_("Cycle"), f"{programme.code}-{cycle.number}", f"{programme.code} · {cycle.name}"))
    if scope.grant_id is not None:
        grant = _there(reading, Grant, scope.grant_id)
        found.append((_("Grant"), grant.code, f"{grant.code} · {grant.title}"))
    if scope.budget_line_id is not None:
        line = _there(reading, BudgetLine, scope.budget_line_id)
        found.append((_("Budget line"), line.code, f"{line.code} · {line.title}"))
    return found


def _there(reading: Reading, table: type[_Row], key: UUID) -> _Row:
    found = reading.session.get(table, key)
    if found is None:
        raise NotThere
    return found


def _days(reading: Reading, scope: Scope) -> list[tuple[str, str]]:
    since = [(_("From"), day_words(scope.since))] if scope.since else []
    return [*since, (_("Up to and with"), day_words(scope.until or reading.today))]


def _made_at(reading: Reading, scope: Scope) -> datetime:
    """When the last entry in it was made, so that, with the last decision, the same statement is the same file whenever it is asked for."""
    newest = (
        sa.select(sa.func.max(col(LedgerPosting.made_at)))
        .join(LedgerSum, col(LedgerSum.posting_id) == col(LedgerPosting.id))
        .where(*scope.entries(LedgerSum))
    )
    made: datetime | None = reading.session.connection().execute(newest).scalar_one()
    return made or reading.now


def lists_in(reading: Reading, scope: Scope) -> Iterator[OneList]:
    """Every released list of a scope with its provider and its sums, the newest first; not where each transfer stands."""
    place = 0
    while part := _lists(reading, scope, place, _AT_ONCE):
        yield from part
        place += _AT_ONCE


def newest_lists(reading: Reading, scope: Scope, most: int) -> list[OneList]:
    """So many of the newest of them, the oldest of these first."""
    return _lists(reading, scope, 0, most)[::-1]


def page_of_lists(reading: Reading, scope: Scope, args: ListingArgs) -> Listing[OneList]:
    """A page of them, the newest first."""
    total = reading.session.connection().execute(sa.select(sa.func.count()).select_from(PaymentList).where(*scope.lists())).scalar_one()
    args = args.within(total)
    return Listing(_lists(reading, scope, args.offset, args.size), total, args)


def _lists(reading: Reading, scope: Scope, offset: int, limit: int) -> list[OneList]:
    rows = reading.session.execute(
        sa.select(PaymentList, col(Provider.name))
        .join(Provider, col(Provider.id) == col(PaymentList.provider_id))
        .where(*scope.lists())
        .order_by(col(PaymentList.released_at).desc(), col(PaymentList.reference).desc(), col(PaymentList.id))
        .limit(limit)
        .offset(offset)
    ).all()
    found = statements.of_lists(reading, [one for one, _name in rows], scope, with_lines=False)
    return [(one, name, statement) for (one, name), statement in zip(rows, found, strict=True)]


def _block(made: Statement, one: ListStatement) -> Block:
    return Block(
        currency=one.currency,
        lines=tuple(
            LineRow(str(LINE_WORDS[line.kind]), line.count, line.instructed_minor, line.delivered_minor, line.cancelled_minor)
            for line in one.lines
        ),
        asked_count=one.count,
        asked_minor=one.total_minor,
        accounts=tuple((account, str(words), one.of(account)) for account, words in ACCOUNT_WORDS.items()),
        open_items=tuple(open_rows(made, one)),
        months=tuple(_month(month) for month in made.months if month.currency == one.currency),
        late=tuple((str(ACCOUNT_WORDS[account]), minor) for account, minor in one.late.items()),
        gaps=tuple(_("You need to %(fix)s.", fix=fix) for fix in one.gaps),
    )


def open_rows(made: Statement, one: ListStatement) -> list[OpenRow]:
    """Every open line and suspense of a statement, with its decision where one was made; of several lists, each list that decided for itself."""
    rows = []
    for item in decided_by_list.open_lines(one):
        apart = decided_by_list.apart(item, [each for each in made.deciding if each.currency == one.currency])
        words, decided = str(OPEN_WORDS[item.line]), None if made.deciding else one.decision(item.line.value)
        rows.append(_open_row(words, item, decided, made.people) if not apart else _together(words, item))
        rows += [_open_row(_list_words(words, each), part, said, made.people) for each, part, said in apart]
    return rows


def _together(words: str, item: OpenItem) -> OpenRow:
    return OpenRow(words, item.count, item.minor, _("By list, below"), "", "", "")


def _list_words(words: str, of: ListStatement | None) -> str:
    """How a part of a line is called; of: its list, None for all that decided nothing."""
    named = _("%(line)s, other lists", line=words) if of is None else _("%(line)s, %(list)s", line=words, list=of.reference)
    return str(named)


def _open_row(words: str, item: OpenItem, decided: Decided | None, people: Mapping[UUID, str]) -> OpenRow:
    count, minor = item.count, item.minor
    if decided is None:
        return OpenRow(words, count, minor, "", "", "", "")
    return OpenRow(words, count, minor, str(ENDING_WORDS[decided.ending]), decided.reason, people.get(decided.by, ""), moment(decided.at))


def _month(month: Month) -> MonthRow:
    return MonthRow(
        month.first.strftime("%Y-%m") if month.first.day == 1 else month.first.isoformat(),
        month.opening_minor,
        month.instructed_minor,
        month.delivered_minor,
        month.cancelled_minor,
        month.suspense_minor,
        month.fees_minor,
    )


def _summed(found: ListStatement) -> LineRow:
    return LineRow("", found.count, found.total_minor, found.delivered_minor, found.cancelled_minor)


def _grant(one: GrantAccount) -> GrantBlock:
    kept: Sequence[Account] = [account for account in in_grant.SHOWN if any(line.account is account for line in one.lines)]
    return GrantBlock(
        one.code,
        one.currency,
        tuple(GrantRow(str(ACCOUNT_WORDS[line.account]), line.currency, line.minor, line.rounded) for line in one.lines),
        tuple((str(ACCOUNT_WORDS[account]), one.totals[account]) for account in kept),
        tuple((currency, since.isoformat(), for_one) for currency, since, for_one in one.rates),
        tuple(
            _(
                "You need to enter what one %(grant)s was worth in %(currency)s on %(day)s.",
                grant=one.currency,
                currency=code,
                day=day_words(on),
            )
            for code, on in one.wanting
        ),
    )
