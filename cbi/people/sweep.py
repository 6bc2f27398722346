"""Searching everybody for people registered twice. What was decided before stays decided; only what is still open is put before somebody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.people import facts_alike as facts
from cbi.people import likeness
from cbi.people.everybody import everybody, households_to_compare
from cbi.people.match_apart import Outcome, Pair, find_alike
from cbi.people.match_columns import Told
from cbi.people.match_model import shipped
from cbi.people.tables_alike import LikenessPair, LikenessSearch
from cbi.store.parts import in_parts
from cbi.store.records import Records
from cbi.store.work import Actor, Reading, Work


def ask(work: Work) -> UUID:
    """Ask for a search; one that is still to be done is not asked for twice. Returns its id."""
    waiting = last_search(work)
    if waiting is not None and waiting.done_at is None:
        return waiting.id
    row = work.add(
        LikenessSearch(id=work.new_id("people"), operation_id=work.operation_id, asked_by=work.actor.id or UUID(int=0), asked_at=work.now)
    )
    work.remember(facts.DuplicatesAsked(search_id=row.id))
    return row.id


def last_search(reading: Reading) -> LikenessSearch | None:
    """The newest search, done or under way."""
    rows = select(LikenessSearch).where(LikenessSearch.operation_id == reading.operation_id)
    return reading.session.exec(rows.order_by(col(LikenessSearch.asked_at).desc(), col(LikenessSearch.id)).limit(1)).first()


def due(records: Records) -> list[str]:
    """The searches that wait to be made."""
    with records.read() as reading:
        asked = select(LikenessSearch.id).where(LikenessSearch.operation_id == reading.operation_id, col(LikenessSearch.done_at).is_(None))
        return [str(search_id) for search_id in reading.session.exec(asked)]


def run(records: Records, key: str) -> None:
    """Make one search: open everybody, compare them in a process of their own, keep the pairs. Safe to begin again."""
    with records.read() as reading:
        households = households_to_compare(reading)
        homes: list[UUID] = []
        outcome = find_alike(_noting(everybody(reading, households), households, homes))
    pairs = _best(outcome, homes)
    with records.work(Actor()) as work:
        row = work.session.get(LikenessSearch, UUID(key), with_for_update=True)
        if row is None or row.done_at is not None:
            return
        _keep(work, row, outcome, pairs)


def give_up(records: Records, key: str) -> None:
    """End a search that failed several times; the pairs of the one before stay."""
    with records.work(Actor()) as work:
        row = work.session.get(LikenessSearch, UUID(key))
        if row is not None and row.done_at is None:
            row.done_at, row.failed = work.now, True
            work.session.add(row)
            work.remember(facts.DuplicatesSought(search_id=row.id, people=0, compared=0, pairs=0, failed=True))


def _noting(people: Iterable[Told], households: Sequence[UUID], homes: list[UUID]) -> Iterator[Told]:
    """The same people; the household of each is noted as they pass."""
    for person in people:
        homes.append(households[person.household])
        yield person


def _best(outcome: Outcome, homes: Sequence[UUID]) -> dict[tuple[UUID, UUID], Pair]:
    """For each two households the two people most alike."""
    best: dict[tuple[UUID, UUID], Pair] = {}
    for pair in outcome.pairs:
        low, high = sorted((homes[pair.left], homes[pair.right]))
        if (low, high) not in best or best[low, high].weight < pair.weight:
            best[low, high] = pair
    return best


def _keep(work: Work, row: LikenessSearch, outcome: Outcome, pairs: dict[tuple[UUID, UUID], Pair]) -> None:
    row.people, row.compared, row.pairs, row.done_at = outcome.people, outcome.compared, len(pairs), work.now
    work.session.add(row)
    work.bulk(LikenessPair, sa.delete(LikenessPair).where(col(LikenessPair.operation_id) == work.operation_id))
    for part in in_parts(sorted(pairs)):
        work.bulk(LikenessPair, sa.insert(LikenessPair), [_columns(work, row, ids, pairs[ids], outcome.people) for ids in part])
    work.remember(facts.DuplicatesSought(search_id=row.id, people=row.people, compared=row.compared, pairs=row.pairs))


def _columns(work: Work, row: LikenessSearch, ids: tuple[UUID, UUID], pair: Pair, people: int) -> dict[str, object]:
    return {
        "id": work.new_id("people"),
        "operation_id": work.operation_id,
        "search_id": row.id,
        "low_id": ids[0],
        "high_id": ids[1],
        "weight_tenths": round(pair.weight * 10),
        "certainty": shipped().certainty(pair.weight, people),
        "reasons": " ".join(sign.value for sign in likeness.signs_of(dict(pair.steps)) if sign in likeness.FOR),
    }
