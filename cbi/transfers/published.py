"""What was published: shown to the manager without a trace of who asked, taken back until the next publishing, payees confirmed together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere, Refused, SomebodyWasFirst
from cbi.people.tables import Household
from cbi.store.parts import in_parts
from cbi.store.work import Reading, Work
from cbi.transfers.arrangements import HOUSEHOLDS_PER_COLLECTOR, PAYEE_KINDS, collector_mark, collects_for, value_of
from cbi.transfers.facts_arrangements import ArrangementUndone, PayeesConfirmed
from cbi.transfers.inbox import last_publication
from cbi.transfers.receiving import Collector, Wanted
from cbi.transfers.tables import Arrangement, ArrangementKind, Instruction, ListStatus, PaymentList, Publication
from cbi.web.listing import Listing, ListingArgs
from cbi.web.words import _

ON_A_LIST = (ListStatus.SUBMITTED, ListStatus.APPROVED, ListStatus.RELEASED)


@dataclass(frozen=True, slots=True)
class Changed:
    """One published change, old and new.

    next_list: the household stands on a list that was handed in, so this applies to the next one.
    holds: it is what holds now; else it was undone, or something newer replaced it.
    others: for how many other households the same named adult collects.
    """

    id: UUID
    household_id: UUID
    number: str
    kind: ArrangementKind
    before: Wanted
    after: Wanted
    published_on: date
    next_list: bool
    holds: bool
    confirmed: bool
    others: int = 0


def publications(reading: Reading, args: ListingArgs) -> Listing[Publication]:
    """One page of publications, the newest first."""
    mine = select(Publication).where(col(Publication.operation_id) == reading.operation_id)
    total = reading.session.exec(select(sa.func.count()).select_from(mine.subquery())).one()
    paged = args.within(total)
    order = col(Publication.number).asc() if args.sort == "number" and not args.descending else col(Publication.number).desc()
    return Listing(reading.session.exec(mine.order_by(order).limit(paged.size).offset(paged.offset)).all(), total, paged)


def publication_of(reading: Reading, publication_id: UUID) -> Publication:
    """The publication with this id. Raises NotThere."""
    found = reading.session.get(Publication, publication_id)
    if found is None or found.operation_id != reading.operation_id:
        raise NotThere
    return found


def changes_of(reading: Reading, publication_id: UUID, args: ListingArgs) -> Listing[Changed]:
    """One page of what a publication changed, by kind and registration number."""
    mine = (
        select(Arrangement, col(Household.number))
        .join(Household, col(Household.id) == col(Arrangement.household_id))
        .where(col(Arrangement.publication_id) == publication_id)
    )
    if args.filter("kind") in set(ArrangementKind):
        mine = mine.where(col(Arrangement.kind) == ArrangementKind(args.filter("kind")))
    total = reading.session.exec(select(sa.func.count()).select_from(mine.subquery())).one()
    paged = args.within(total)
    ordered = mine.order_by(_kind_order(), col(Household.number), col(Arrangement.id)).limit(paged.size).offset(paged.offset)
    return Listing(_changed(reading, reading.session.exec(ordered).all()), total, paged)


def payees_to_confirm(reading: Reading, args: ListingArgs) -> Listing[Changed]:
    """One page of changes of who is paid, or where, that nobody confirmed yet; whoever asked."""
    mine = (
        select(Arrangement, col(Household.number))
        .join(Household, col(Household.id) == col(Arrangement.household_id))
        .where(*_unconfirmed(reading))
    )
    total = reading.session.exec(select(sa.func.count()).select_from(mine.subquery())).one()
    paged = args.within(total)
    ordered = mine.order_by(col(Household.number), _kind_order(), col(Arrangement.id)).limit(paged.size).offset(paged.offset)
    return Listing(_changed(reading, reading.session.exec(ordered).all()), total, paged)


def count_to_confirm(reading: Reading) -> int:
    """How many changes of payees wait for the manager's look."""
    return reading.session.exec(select(sa.func.count()).select_from(Arrangement).where(*_unconfirmed(reading))).one()


def unconfirmed(reading: Reading, household_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those of these households whose payee changed and was not confirmed yet: they wait for the next list."""
    wanted, found = sorted(set(household_ids)), set()
    for chunk in in_parts(wanted):
        found |= set(
            reading.session.exec(
                select(col(Arrangement.household_id)).where(*_unconfirmed(reading), col(Arrangement.household_id).in_(chunk))
            )
        )
    return frozenset(found)


def confirm_payees(work: Work, arrangement_ids: Sequence[UUID]) -> int:
    """Confirm changes of payees that were looked at together; returns how many.

    Raises Refused when nothing was ticked or a named adult now collects for more than three households, SomebodyWasFirst when one was changed meanwhile.
    """
    wanted = sorted(set(arrangement_ids))
    if not wanted:
        raise Refused(_("tick at least one change"))
    rows = [work.session.get(Arrangement, arrangement_id) for arrangement_id in wanted]
    confirmed = [row for row in rows if row is not None and row.kind in PAYEE_KINDS]
    if len(confirmed) < len(wanted) or not all(row.current for row in confirmed):
        raise SomebodyWasFirst(_("read the changes again: one of them was changed meanwhile"))
    for row in confirmed:
        if row.digest is not None and collects_for(work, row.digest, besides=row.household_id) >= HOUSEHOLDS_PER_COLLECTOR:
            raise Refused(_("ask the household for another collector: this one would collect for more than 3 households"))
        row.confirmed_by = work.actor.id
        work.add(row)
    work.remember(PayeesConfirmed(arrangement_ids=tuple(wanted), count=len(wanted)))
    return len(wanted)


def undo(work: Work, arrangement_id: UUID) -> UUID:
    """Take one published change back: what was before holds again. Returns its publication.

    Raises Refused once something newer was published: from then on a change is asked for like any other.
    """
    row = work.session.get(Arrangement, arrangement_id)
    if row is None or row.operation_id != work.operation_id:
        raise NotThere
    newest = last_publication(work)
    if newest is None or row.publication_id != newest.id or not row.current:
        raise Refused(_("ask the help desk for a new change: this one can no longer be taken back"))
    row.current = False
    work.add(row)
    work.session.flush()  # one per kind: the new one steps back before the old one stands again
    before = work.session.get(Arrangement, row.replaces_id) if row.replaces_id else None
    if before is not None:
        before.current = True
        work.add(before)
    work.remember(ArrangementUndone(arrangement_id=row.id, household_id=row.household_id, what=row.kind.value))
    return row.publication_id


def _unconfirmed(reading: Reading) -> list[sa.ColumnElement[bool]]:
    return [
        col(Arrangement.operation_id) == reading.operation_id,
        col(Arrangement.current).is_(True),
        col(Arrangement.kind).in_(PAYEE_KINDS),
        col(Arrangement.confirmed_by).is_(None),
    ]


def _kind_order() -> sa.ColumnElement[int]:
    return sa.case({kind: place for place, kind in enumerate(ArrangementKind)}, value=col(Arrangement.kind))


def _changed(reading: Reading, found: Sequence[tuple[Arrangement, str]]) -> list[Changed]:
    rows = [row for row, _number in found]
    before = {row.id: row for row in _rows(reading, [row.replaces_id for row in rows if row.replaces_id])}
    reading.vault.prefetch(reading.session, rows)
    listed = _on_a_list(reading, {row.household_id for row in rows})
    return [_one(reading, row, number, before, listed) for row, number in found]


def _one(reading: Reading, row: Arrangement, number: str, before: dict[UUID, Arrangement], listed: frozenset[UUID]) -> Changed:
    old = before.get(row.replaces_id) if row.replaces_id else None
    after = value_of(reading, row)
    mark = collector_mark(reading, after) if isinstance(after, Collector) else None
    return Changed(
        id=row.id,
        household_id=row.household_id,
        number=number,
        kind=row.kind,
        before=value_of(reading, old) if old else None,
        after=after,
        published_on=row.published_on,
        next_list=row.household_id in listed,
        holds=row.current,
        confirmed=row.confirmed_by is not None,
        others=collects_for(reading, mark, besides=row.household_id) if mark else 0,
    )


def _rows(reading: Reading, ids: Sequence[UUID]) -> Sequence[Arrangement]:
    return reading.session.exec(select(Arrangement).where(col(Arrangement.id).in_(ids))).all() if ids else ()


def _on_a_list(reading: Reading, household_ids: set[UUID]) -> frozenset[UUID]:
    """Households on a list that was handed in and not closed: for them a change applies to the next list."""
    return frozenset(
        reading.session.exec(
            select(col(Instruction.household_id))
            .join(PaymentList, col(PaymentList.id) == col(Instruction.list_id))
            .where(col(Instruction.household_id).in_(sorted(household_ids)), col(PaymentList.status).in_(ON_A_LIST))
        )
    )
