"""Households that may already be registered: found by keyed tokens, compared sign by sign, decided by people, remembered once a pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere, Refused
from cbi.people import facts, likeness, merging
from cbi.people.everybody import everybody
from cbi.people.registered import Registered, open_households
from cbi.people.story import tell
from cbi.people.tables import (
    Account,
    Document,
    EventKind,
    Household,
    HouseholdStatus,
    LikenessDecision,
    NumberSeries,
    Phone,
    ReviewReason,
    SearchToken,
)
from cbi.people.tables import Likeness as Answer
from cbi.people.tokens import near_tokens
from cbi.people.values import NewHousehold
from cbi.store.parts import in_parts
from cbi.store.work import Reading, Work
from cbi.web.words import _

_MOST = 12
_SHOWN = 5
_CROWD = 2_000  # so many share a name, a sex and an age that nobody is told apart by them
_A_HOUSEHOLD = 5
_Thing = Document | Account | Phone


@dataclass(frozen=True, slots=True)
class LookAlike:
    """A registered household that looks like the one in hand, and why."""

    registered: Registered
    seen: likeness.Likeness


def look_alikes(reading: Reading, told: NewHousehold, *, leave_out: Collection[UUID] = (), most: int = _SHOWN) -> list[LookAlike]:
    """The registered households that look most like this one, most alike first; none that was merged into another."""
    held = _holding_the_same(reading, told)
    met = dict.fromkeys((*held[Document], *held[Account], *_by_names(reading, told), *held[Phone]))
    ids = [each for each in met if each not in leave_out][:_MOST]
    if not ids:
        return []
    people, holding = people_known(reading), {*held[Document], *held[Account]}
    alike = likeness.promising(
        told, list(everybody(reading, ids)), people, always={place for place, each in enumerate(ids) if each in holding}
    )
    known = list(open_households(reading, [ids[place] for place in alike[:most]]).values()) if alike else []
    seen = likeness.compare_many(told, [one.told for one in known], people) if known else []
    shown = [LookAlike(one, like) for one, like in zip(known, seen, strict=True) if like.is_shown]
    return sorted(shown, key=lambda each: (-each.seen.weight, each.registered.number))


def people_known(reading: Reading) -> int:
    """About how many people are registered, from the numbers given out: counting them would take longer than comparing."""
    given_out = sa.select(sa.func.coalesce(sa.func.sum(col(NumberSeries.last)), 0)).where(
        col(NumberSeries.operation_id) == reading.operation_id
    )
    return int(reading.session.connection().execute(given_out).scalar_one()) * _A_HOUSEHOLD


def sharing(reading: Reading, phone: str, *, leave_out: UUID | None = None) -> int:
    """How many other registered households use this phone: sharing is shown, not refused."""
    condition = sa.and_(col(Phone.operation_id) == reading.operation_id, col(Phone.digest) == reading.digest("phone", phone))
    statement = sa.select(sa.func.count(sa.distinct(col(Phone.household_id)))).where(
        condition, col(Phone.household_id) != (leave_out or UUID(int=0))
    )
    return int(reading.session.connection().execute(statement).scalar_one())


def remember(work: Work, household_id: UUID, answers: Mapping[UUID, Answer], reasons: Mapping[UUID, Sequence[likeness.Sign]]) -> None:
    """Keep what a person answered about a household and each one it looks like; a pair decided again is decided anew."""
    for other_id, answer in sorted(answers.items()):
        low, high = sorted((household_id, other_id))
        row = work.session.exec(select(LikenessDecision).where(LikenessDecision.low_id == low, LikenessDecision.high_id == high)).first()
        codes = tuple(sign.value for sign in reasons.get(other_id, ()))
        if row is None:
            row = work.add(_decision(work, low, high, answer))
        row.answer, row.reasons, row.decided_by, row.decided_at = answer, " ".join(codes)[:200], work.actor.id or UUID(int=0), work.now
        work.session.add(row)
        work.remember(facts.LikenessDecided(low_id=low, high_id=high, answer=answer, reasons=codes))


def decide(work: Work, household_id: UUID, other_id: UUID, answer: Answer) -> None:
    """Answer about two registered households that look alike.

    Two households: the pair is not shown again, and the review ends when nothing else waits.  The same: the entry under review
    is closed in favour of the other, unless a payment stands against it.  Cannot tell: it goes on waiting.  Raises NotThere, Refused.
    """
    household, other = work.session.get(Household, household_id), work.session.get(Household, other_id)
    if (
        household is None
        or other is None
        or household.id == other.id
        or {household.operation_id, other.operation_id} != {work.operation_id}
    ):
        raise NotThere
    if HouseholdStatus.MERGED in (household.status, other.status):
        raise Refused(_("go back to the list: one of the two was closed in the meantime"))
    opened = open_households(work, [household_id, other_id])
    seen = likeness.compare(opened[household_id].told, opened[other_id].told, people_known(work))
    remember(work, household_id, {other_id: answer}, {other_id: seen.reasons})
    if answer is Answer.SAME:
        merging.close(work, household, other)
    work.session.flush()
    if household.review is ReviewReason.DUPLICATE and (answer is Answer.SAME or not waiting_for(work, household_id)):
        _end_review(work, household)


def end_review(work: Work, household_id: UUID) -> None:
    """End a wait that nothing keeps open any more. Raises Refused while a household still looks alike."""
    household = work.session.get(Household, household_id)
    if household is None or household.operation_id != work.operation_id:
        raise NotThere
    if waiting_for(work, household_id):
        raise Refused(_("answer about each household that looks like this one first"))
    if household.review is ReviewReason.DUPLICATE:
        _end_review(work, household)


def waiting_for(reading: Reading, household_id: UUID) -> list[LookAlike]:
    """The households that one under review still has to be told apart from, most alike first."""
    told = open_households(reading, [household_id])
    if not told:
        raise NotThere
    answers = answers_about(reading, household_id)
    settled = {other_id for other_id, answer in answers.items() if answer is not Answer.CANNOT_TELL}
    found = look_alikes(reading, told[household_id].told, leave_out={household_id, *settled})
    listed = {each.registered.id for each in found}
    missing = open_households(reading, [other_id for other_id in answers if other_id not in settled | listed])
    undecided = (one for one in missing.values() if one.status is not HouseholdStatus.MERGED)
    return found + [LookAlike(one, likeness.compare(told[household_id].told, one.told, people_known(reading))) for one in undecided]


def answers_about(reading: Reading, household_id: UUID) -> dict[UUID, Answer]:
    """What people answered about this household, by the other one's id."""
    mine = sa.or_(col(LikenessDecision.low_id) == household_id, col(LikenessDecision.high_id) == household_id)
    rows = reading.session.exec(select(LikenessDecision).where(mine))
    return {row.high_id if row.low_id == household_id else row.low_id: row.answer for row in rows}


def _decision(work: Work, low: UUID, high: UUID, answer: Answer) -> LikenessDecision:
    by = work.actor.id or UUID(int=0)
    return LikenessDecision(
        id=work.new_id("people"),
        operation_id=work.operation_id,
        low_id=low,
        high_id=high,
        answer=answer,
        reasons="",
        decided_by=by,
        decided_at=work.now,
    )


def _end_review(work: Work, household: Household) -> None:
    household.review = None
    work.session.add(household)
    tell(work, household.id, EventKind.REVIEW_CLOSED, ReviewReason.DUPLICATE.value)
    work.remember(facts.ReviewClosed(household_id=household.id, reason=ReviewReason.DUPLICATE))


def _holding_the_same(reading: Reading, told: NewHousehold) -> Mapping[type[_Thing], list[UUID]]:
    """Households with the same document, account or phone."""
    digests: dict[type[_Thing], list[bytes]] = {
        Document: [reading.digest("document", document.number) for member in told.members for document in member.documents],
        Account: [reading.digest("account", told.account.number)] if told.account else [],
        Phone: [reading.digest("phone", phone) for phone in told.phones],
    }
    found: dict[type[_Thing], list[UUID]] = {table: [] for table in digests}
    asked = {table: wanted for table, wanted in digests.items() if wanted}
    if asked:
        values = {"operation": reading.operation_id, **{str(table.__tablename__): wanted for table, wanted in asked.items()}}
        named = {str(table.__tablename__): households for table, households in found.items()}
        for name, household_id in reading.session.connection().execute(_holding(tuple(asked)), values):
            named[name].append(household_id)
    return found


@cache  # a statement costs more to put together than its answer does to read
def _holding(tables: tuple[type[_Thing], ...]) -> sa.CompoundSelect[str, UUID]:
    """Which households hold one of these, table by table, in one statement."""
    parts = []
    for table in tables:
        name = str(table.__tablename__)
        asked = sa.and_(col(table.operation_id) == sa.bindparam("operation"), col(table.digest).in_(sa.bindparam(name, expanding=True)))
        held = sa.select(col(table.household_id)).where(asked).distinct().limit(_MOST).subquery()
        parts.append(sa.select(sa.literal(name, literal_execute=True), held.c.household_id))
    return sa.union_all(*parts)


def _by_names(reading: Reading, told: NewHousehold) -> list[UUID]:
    """Households with people whose names sound like these, of the same sex and born about then; where most of them meet comes first."""
    wanted: dict[bytes, set[int]] = defaultdict(set)
    for place, member in enumerate(told.members):
        for token in near_tokens(reading, member):
            wanted[token].add(place)
    met: dict[UUID, set[int]] = defaultdict(set)
    for part in in_parts(list(wanted)):
        asked = {"operation": reading.operation_id, "tokens": part}
        for token, household_id in reading.session.connection().execute(_HOLDERS, asked):
            met[household_id] |= wanted[token]
    return sorted(met, key=lambda each: (-len(met[each]), 0 not in met[each], each))[:_MOST]


_HOLDERS = (
    sa.select(col(SearchToken.token), col(SearchToken.household_id))
    .where(col(SearchToken.operation_id) == sa.bindparam("operation"), col(SearchToken.token).in_(sa.bindparam("tokens", expanding=True)))
    .limit(_CROWD)
)
