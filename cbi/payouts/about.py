"""What a payout file is about: one released list, or several of one provider, and whose hands those have been in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere, Refused
from cbi.payouts.tables import PayoutFile, PayoutFileList
from cbi.store.work import Reading, Work
from cbi.transfers.approvals import Seat, seat_of
from cbi.transfers.service import list_by_id, released_lists
from cbi.transfers.tables import ListStatus, PaymentList, Provider
from cbi.web.words import _, listed

_FINAL = frozenset({ListStatus.RELEASED, ListStatus.CLOSED})


@dataclass(frozen=True, slots=True)
class About:
    """The lists of a file, in the order of their references; all of one provider and one currency."""

    lists: tuple[PaymentList, ...]

    @property
    def only(self) -> PaymentList | None:
        """The list, when it is one."""
        return self.lists[0] if len(self.lists) == 1 else None

    @property
    def id(self) -> UUID:
        """Of the first list."""
        return self.lists[0].id

    @property
    def ids(self) -> tuple[UUID, ...]:
        """Of every list."""
        return tuple(one.id for one in self.lists)

    @property
    def reference(self) -> str:
        """Every list's reference, as people read them."""
        return listed(one.reference for one in self.lists)

    @property
    def file_name(self) -> str:
        """What files made of it are called: "L-2026-031", or "L-2026-031-and-2-more"."""
        first, more = self.lists[0].reference, len(self.lists) - 1
        return f"{first}-and-{more}-more" if more else first

    @property
    def currency(self) -> str:
        """Of every list."""
        return self.lists[0].currency

    @property
    def provider_id(self) -> UUID:
        """Whose lists they are."""
        return self.lists[0].provider_id


@dataclass(frozen=True, slots=True)
class Offer:
    """Every open released list of one provider in one currency, which one file may cover together."""

    provider: Provider
    currency: str
    lists: tuple[PaymentList, ...]


def about_of(reading: Reading, file_id: UUID) -> About:
    """The lists a file is about. Raises NotThere for an unknown file."""
    lists = reading.session.exec(
        select(PaymentList)
        .join(PayoutFileList, col(PayoutFileList.list_id) == col(PaymentList.id))
        .where(PayoutFileList.file_id == file_id)
        .order_by(col(PaymentList.reference), col(PaymentList.id))
    ).all()
    if not lists:
        raise NotThere
    return About(tuple(lists))


def about_lists(reading: Reading, list_ids: Sequence[UUID]) -> About:
    """What a new file is about. Raises Refused unless every list is released, and all have one provider and one currency."""
    lists = sorted((list_by_id(reading, one) for one in dict.fromkeys(list_ids)), key=lambda one: (one.reference, one.id))
    if not lists:
        raise Refused(_("choose the list this file is about"))
    if any(one.status not in _FINAL for one in lists):
        raise Refused(_("release the list first: only a released list can be paid"))
    if len({(one.provider_id, one.currency) for one in lists}) > 1:
        raise Refused(_("choose lists of one provider and one currency: a file is one provider’s"))
    return About(tuple(lists))


def about_many(reading: Reading, file_ids: Sequence[UUID]) -> dict[UUID, About]:
    """The same for many files, in one query."""
    rows = reading.session.exec(
        select(PayoutFileList.file_id, PaymentList)
        .join(PaymentList, col(PaymentList.id) == col(PayoutFileList.list_id))
        .where(col(PayoutFileList.file_id).in_(file_ids))
        .order_by(col(PaymentList.reference), col(PaymentList.id))
    ).all()
    found: dict[UUID, list[PaymentList]] = {}
    for file_id, payment_list in rows:
        found.setdefault(file_id, []).append(payment_list)
    return {file_id: About(tuple(lists)) for file_id, lists in found.items()}


def add_lists(work: Work, file_id: UUID, about: About) -> None:
    """Keep what a new file is about; the fact that it was received explains it."""
    for one in about.lists:
        work.add(PayoutFileList(id=work.new_id("payouts"), operation_id=work.operation_id, file_id=file_id, list_id=one.id))


def files_about(*list_ids: UUID) -> sa.ColumnElement[bool]:
    """The condition on PayoutFile that it is about one of these lists."""
    chosen: Any = sa.select(col(PayoutFileList.file_id)).where(col(PayoutFileList.list_id).in_(list_ids))
    return col(PayoutFile.id).in_(chosen)


def offers(reading: Reading) -> list[Offer]:
    """Providers with several open released lists in one currency, by the provider's code."""
    providers = {one.id: one for one in reading.session.exec(select(Provider))}
    together: dict[tuple[UUID, str], list[PaymentList]] = {}
    for one in released_lists(reading):
        if one.status is ListStatus.RELEASED:
            together.setdefault((one.provider_id, one.currency), []).append(one)
    found = [Offer(providers[provider_id], currency, tuple(lists)) for (provider_id, currency), lists in together.items() if len(lists) > 1]
    return sorted(found, key=lambda one: (one.provider.code, one.currency))


def barred(reading: Reading, about: About, person_id: UUID) -> Seat | None:
    """The seat in any of these lists that keeps a person from posting a file about them; None when nothing does."""
    seats = (seat_of(reading, one, person_id) for one in about.lists)
    return next((seat for seat in seats if seat is not None), None)
