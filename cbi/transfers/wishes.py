"""How households asked to receive, as far as it changes what a payment list says. Read from published arrangements only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import col, select

from cbi.store.work import Reading
from cbi.transfers.arrangements import PAYEE_KINDS, current_for, current_rows
from cbi.transfers.receiving import Collector, Wanted, Way
from cbi.transfers.tables import Arrangement, ArrangementKind, Instruction, Mechanism

SETTLING_HOURS = 72


@dataclass(frozen=True, slots=True)
class Wish:
    """What one household arranged. Empty fields change nothing.

    account: where to send the money, when it was given with the mechanism.  recipient_id: the member who is paid instead of the
    registered recipient.  shares: adults who are each paid an equal share of the same sum; then parts, recipient and collector count for nothing.
    collector: a named adult who collects.  parts: into how many lines the same sum is split.
    kept: hold the transfer until the household asks for it.  fresh: who is paid, or how, changed less than three days ago,
    or the manager has not confirmed the change yet.
    """

    site_id: UUID | None = None
    mechanism: Mechanism | None = None
    account: str = ""
    recipient_id: UUID | None = None
    collector: str = ""
    shares: tuple[UUID, ...] = ()
    parts: int = 1
    kept: bool = False
    fresh: bool = False


def of(reading: Reading, household_ids: Sequence[UUID]) -> dict[UUID, Wish]:
    """The wishes of those among these households that arranged something, or took an arrangement of their payee back."""
    fresh = _fresh(reading, household_ids)
    found = {household_id: _wish(value, fresh=household_id in fresh) for household_id, value in current_for(reading, household_ids).items()}
    return {household_id: Wish(fresh=True) for household_id in fresh} | found


def wrote_a_payee(reading: Reading, list_id: UUID, person_id: UUID, *, since: date) -> bool:
    """Whether this person wrote down who is paid, or how, for a household of this list; nobody else's part is told.

    since: the day its lines were made.  What was replaced or taken back after it counts too: the lines may still pay by it.
    """
    newer = aliased(Arrangement)
    replaced_before = select(newer.id).where(col(newer.replaces_id) == col(Arrangement.id), col(newer.published_on) < since)
    rows = reading.session.exec(
        select(Arrangement)
        .join(Instruction, col(Instruction.household_id) == col(Arrangement.household_id))
        .where(col(Instruction.list_id) == list_id, col(Arrangement.kind).in_(PAYEE_KINDS), ~replaced_before.exists())
        .distinct()
    ).all()
    reading.vault.prefetch(reading.session, rows)
    return any(reading.open(row, "staff").strip() == str(person_id) for row in rows)


def _fresh(reading: Reading, household_ids: Sequence[UUID]) -> frozenset[UUID]:
    # An arrangement keeps its day and no time, so 72 hours are counted as whole days, never fewer.
    since = reading.today - timedelta(hours=SETTLING_HOURS)
    return frozenset(
        row.household_id
        for row in current_rows(reading, household_ids)
        if row.kind in PAYEE_KINDS and (row.published_on >= since or row.confirmed_by is None)
    )


def _wish(value: Mapping[ArrangementKind, Wanted], *, fresh: bool) -> Wish:
    site, way = value.get(ArrangementKind.SITE), value.get(ArrangementKind.MECHANISM)
    recipient, collector = value.get(ArrangementKind.RECIPIENT), value.get(ArrangementKind.COLLECTOR)
    parts, shares = value.get(ArrangementKind.PARTS), value.get(ArrangementKind.SHARES)
    return Wish(
        site_id=site if isinstance(site, UUID) else None,
        mechanism=way.mechanism if isinstance(way, Way) else None,
        account=way.account if isinstance(way, Way) else "",
        recipient_id=recipient if isinstance(recipient, UUID) else None,
        collector=collector.name if isinstance(collector, Collector) else "",
        shares=tuple(UUID(one) for one in shares) if isinstance(shares, tuple) else (),
        parts=parts if isinstance(parts, int) else 1,
        kept=value.get(ArrangementKind.KEEP) is True,
        fresh=fresh,
    )
