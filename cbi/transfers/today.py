"""What waits for the people around a payment list: to approve, to release, sent back, to hand in, and how people asked to receive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import col, select

from cbi.access import Permission
from cbi.store.work import Reading
from cbi.transfers import appeals, approvals, overview, today_arrangements
from cbi.transfers.overview import ListRow
from cbi.transfers.tables import Cycle, CycleStatus, ListStatus
from cbi.transfers.words import SEATS
from cbi.web.filters import day, money
from cbi.web.house import Person, TodayLine
from cbi.web.words import _, _n

SOON = timedelta(days=7)


def today(reading: Reading, person: Person) -> Sequence[TodayLine]:
    """The lines of whoever approves, releases or prepares lists, or helps with arrangements; for everybody else none."""
    lines: list[TodayLine] = []
    if person.may(Permission.LIST_APPROVE):
        lines += _to_act(reading, person, ListStatus.SUBMITTED, _("Lists to approve"), _("Read %(list)s"))
    if person.may(Permission.LIST_RELEASE):
        lines += _to_act(reading, person, ListStatus.APPROVED, _("Lists to release"), _("Read %(list)s"))
    if person.may(Permission.LIST_PREPARE):
        lines += [*_sent_back(reading), *_steps(reading)]
    if person.may(Permission.APPEAL_DECIDE):
        lines += _appeals(reading, person)
    return [*lines, *today_arrangements.lines(reading, person)]


def _to_act(reading: Reading, person: Person, status: ListStatus, title: str, link: str) -> list[TodayLine]:
    """One line for the lists this person may act on, and one for each reason why others are not theirs."""
    rows = overview.waiting_rows(reading, status)
    seats = {row.list.id: approvals.seat_of(reading, row.list, person.id) for row in rows}
    mine = [row for row in rows if seats[row.list.id] is None]
    lines = []
    if mine:
        lines.append(_line(mine, title, f"{_sums(mine)}. {_age(reading, mine[0])}", link))
    for seat, words in SEATS.items():
        barred = [row for row in rows if seats[row.list.id] is seat]
        if barred:
            lines.append(_line(barred, _("Lists that wait for somebody else"), str(words), link))
    return lines


def _appeals(reading: Reading, person: Person) -> list[TodayLine]:
    """Appeals this person may answer, and no others: whoever wrote or applied the rule has nothing to do with them."""
    count = appeals.open_count(reading, may_answer=person.id)
    why = _("Households ask to have their result looked at again.")
    return [TodayLine(count, _("Appeals to answer"), why, _("Look at them"), "transfers.appeals_page")]


def _sent_back(reading: Reading) -> list[TodayLine]:
    rows = overview.waiting_rows(reading, ListStatus.SENT_BACK)
    return [_line(rows, _("Lists sent back"), reading.open(rows[0].list, "sent_back_reason"), _("Open %(list)s"))] if rows else []


def _steps(reading: Reading) -> list[TodayLine]:
    """Cycles whose lists must be handed in within a week: still to freeze, or still to list."""
    due = reading.session.exec(
        select(Cycle)
        .where(col(Cycle.status) != CycleStatus.CLOSED, col(Cycle.submit_on) <= reading.today + SOON)
        .order_by(col(Cycle.submit_on), col(Cycle.id))
    ).all()
    open_rules = [cycle for cycle in due if cycle.status is CycleStatus.DRAFT]
    drafts = [row for row in overview.waiting_rows(reading, ListStatus.DRAFT) if row.cycle.id in {cycle.id for cycle in due}]
    lines = []
    if open_rules:
        first = open_rules[0]
        why = _("%(name)s: lists are handed in by %(day)s.", name=first.name, day=day(first.submit_on))
        lines.append(TodayLine(len(open_rules), _("Cycles to freeze"), why, _("Open the cycle"), "transfers.cycle", {"cycle_id": first.id}))
    if drafts:
        why = _("Handed in by %(day)s.", day=day(drafts[0].cycle.submit_on))
        lines.append(_line(drafts, _("Drafts to hand in"), why, _("Open %(list)s")))
    return lines


def _line(rows: Sequence[ListRow], title: str, why: str, link: str) -> TodayLine:
    first = rows[0].list
    return TodayLine(len(rows), title, why, link % {"list": first.reference}, "transfers.payment_list", {"list_id": first.id})


def _sums(rows: Sequence[ListRow]) -> str:
    """What these lists sum to, each currency apart."""
    totals: dict[str, int] = {}
    for row in rows:
        totals[row.list.currency] = totals.get(row.list.currency, 0) + row.list.total_minor
    return ", ".join(money(minor, currency) for currency, minor in sorted(totals.items()))


def _age(reading: Reading, oldest: ListRow) -> str:
    handed_in = oldest.list.submitted_at
    days = (reading.now - handed_in).days if handed_in else 0
    if days == 0:
        return _("Handed in today")
    return _n("Oldest handed in %(num)s day ago", "Oldest handed in %(num)s days ago", days)
