"""Who is paid for a household, through whom, and why some wait: read from the records once, when a list's lines are made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel, col, select

from cbi.people.tables import Account, AccountKind, Consent, Household, HouseholdStatus, Member, Phone
from cbi.store.parts import in_parts
from cbi.store.work import Reading
from cbi.transfers import marking, wishes
from cbi.transfers.programmes import ProgrammePlace
from cbi.transfers.receiving import NEEDED_ACCOUNT
from cbi.transfers.settling import unsettled_payees
from cbi.transfers.tables import Entitlement, Instruction, Mechanism
from cbi.transfers.wishes import SETTLING_HOURS, Wish
from reconciliation.money import Money

GONE = (HouseholdStatus.WITHDRAWN, HouseholdStatus.MERGED)
_Table = TypeVar("_Table", bound=SQLModel)


class Wait(StrEnum):
    """Why an entitlement is not on a list yet. Nothing is lost: it waits for the next list."""

    PAYEE_CHANGED = "payee_changed"
    REVIEW = "review"
    CONSENT = "consent"
    LEFT = "left"
    ACCOUNT = "account"
    PROVIDER = "provider"
    KEPT = "kept"
    RECIPIENT = "recipient"
    SHARES = "shares"


@dataclass(frozen=True, slots=True)
class Payee:
    """Whom a line pays, in clear: never kept outside sealed columns.

    editor_id: who last entered the account that is paid; None where no account is.  share_of: the mark of the adult whose share it is, else None.
    """

    name: str
    phone: str = ""
    account: str = ""
    editor_id: UUID | None = None
    share_of: bytes | None = None


@dataclass(frozen=True, slots=True)
class Routed:
    """One entitlement and the way it is paid. wait: why it cannot be on a list yet; then payee is None.

    shares: those who are paid an equal share each, in place of the payee; none where one person is paid.  named: the household asked for this one
    payee by name, which also says who is paid what was once somebody's share.
    """

    entitlement: Entitlement
    site_id: UUID
    provider_id: UUID | None
    parts: int = 1
    wait: Wait | None = None
    payee: Payee | None = None
    shares: tuple[Payee, ...] = ()
    named: bool = False

    def equal_shares(self) -> list[tuple[Payee, int]]:
        """Each of those who share, and their part of the whole entitlement in minor units."""
        amounts = Money(self.entitlement.amount_minor, self.entitlement.currency).split(len(self.shares))
        return [(payee, amount.minor) for payee, amount in zip(self.shares, amounts, strict=True)]

    def payee_of(self, drawn: Instruction) -> Payee | None:
        """Who is paid today what this line was drawn for; None where the records do not say it, and nobody may guess."""
        if not self.shares:
            return self.payee if drawn.share_of is None or self.named else None
        own = (payee for payee, minor in self.equal_shares() if payee.share_of == drawn.share_of and drawn.amount_minor <= minor)
        return next(own, None)


@dataclass(frozen=True, slots=True)
class _Papers:
    """What the records hold about some households, by household."""

    accounts: Mapping[UUID, Account]
    members: Mapping[UUID, Mapping[UUID, Member]]
    phones: Mapping[UUID, Sequence[Phone]]
    wishes: Mapping[UUID, Wish]
    unsettled: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Places:
    """Where a programme pays, by site, and through whom for each mechanism."""

    by_site: Mapping[UUID, ProgrammePlace]
    by_mechanism: Mapping[Mechanism, UUID] = field(default_factory=dict)

    @classmethod
    def of(cls, places: Sequence[ProgrammePlace]) -> Places:
        """The same places, ready to be asked. Where several providers work one way, the first by site code is taken."""
        mechanisms: dict[Mechanism, UUID] = {}
        for place in places:
            mechanisms.setdefault(place.provider.mechanism, place.provider.id)
        return cls({place.site.id: place for place in places}, mechanisms)

    def route(self, site_id: UUID, wish: Wish) -> tuple[UUID, UUID | None, Mechanism | None]:
        """Site, provider and mechanism for a household of `site_id` with this wish; no provider when none pays that way."""
        place = self.by_site.get(wish.site_id or site_id) or self.by_site.get(site_id)
        if place is None:
            return site_id, None, None
        mechanism = wish.mechanism or place.provider.mechanism
        provider_id = place.provider.id if mechanism is place.provider.mechanism else self.by_mechanism.get(mechanism)
        return place.site.id, provider_id, mechanism


def routed(reading: Reading, entitlements: Sequence[tuple[Entitlement, Household]], places: Places, provider_id: UUID) -> Iterator[Routed]:
    """How each entitlement is paid through this provider, in the given order; those paid through others are left away.

    Opens names, phones and accounts of the lines that can be paid, a few hundred households at a time.
    """
    for chunk in in_parts(entitlements):
        papers = _papers(reading, [household for _, household in chunk])
        for entitlement, household in chunk:
            one = _route(reading, entitlement, household, papers, places)
            if one.provider_id == provider_id or (one.provider_id is None and _usual(places, household) == provider_id):
                yield one


def _usual(places: Places, household: Household) -> UUID | None:
    place = places.by_site.get(household.site_id)
    return place.provider.id if place else None


def _papers(reading: Reading, households: Sequence[Household]) -> _Papers:
    household_ids = [household.id for household in households]
    arranged = wishes.of(reading, household_ids)
    named = [one for household in households if (one := household.recipient_id)] + [
        one for wish in arranged.values() for one in (wish.recipient_id, *wish.shares) if one
    ]
    members: dict[UUID, dict[UUID, Member]] = defaultdict(dict)
    # The head and the recipients only: the other members of large households are never named on a list.
    query = select(Member).where(col(Member.household_id).in_(household_ids), sa.or_(col(Member.position) <= 1, col(Member.id).in_(named)))
    for member in reading.session.exec(query.order_by(col(Member.position))):
        members[member.household_id][member.id] = member
    phones: dict[UUID, list[Phone]] = defaultdict(list)
    for phone in _rows(reading, Phone, household_ids):
        phones[phone.household_id].append(phone)
    reading.vault.prefetch(reading.session, households)
    accounts = {row.household_id: row for row in _rows(reading, Account, household_ids)}
    return _Papers(accounts, members, phones, arranged, unsettled_payees(reading, household_ids))


def _rows(reading: Reading, table: type[_Table], household_ids: Sequence[UUID]) -> Sequence[_Table]:
    column = table.__table__.c.household_id  # type: ignore[attr-defined]
    order = table.__table__.c.id  # type: ignore[attr-defined]
    return reading.session.exec(select(table).where(column.in_(household_ids)).order_by(order)).all()


def _route(reading: Reading, entitlement: Entitlement, household: Household, papers: _Papers, places: Places) -> Routed:
    wish = papers.wishes.get(household.id, Wish())
    site_id, provider_id, mechanism = places.route(household.site_id, wish)
    account = papers.accounts.get(household.id)
    wait = _wait(reading, household, wish, account, mechanism if provider_id else None)
    if wait is None and household.id in papers.unsettled:
        wait = Wait.PAYEE_CHANGED
    if wait is not None:
        return Routed(entitlement, site_id, provider_id, wait=wait)
    payee = _payee(reading, household, wish, papers, mechanism)
    if not payee.name:
        return Routed(entitlement, site_id, provider_id, wait=Wait.RECIPIENT)
    members = papers.members.get(household.id, {})
    shares = _shares(reading, wish, members, payee)
    return Routed(entitlement, site_id, provider_id, wish.parts, payee=payee, shares=shares, named=wish.recipient_id in members)


def _shares(reading: Reading, wish: Wish, members: Mapping[UUID, Member], payee: Payee) -> tuple[Payee, ...]:
    """Each adult who is paid a share, under their own name; one who is gone from the household leaves the others' shares larger."""
    there = [members[one] for one in wish.shares if one in members]
    return tuple(Payee(full_name(reading, one), payee.phone, share_of=marking.share_mark(reading, one.id)) for one in there)


def _wait(reading: Reading, household: Household, wish: Wish, account: Account | None, mechanism: Mechanism | None) -> Wait | None:
    """The first reason why this household's transfer waits; None when it can be paid."""
    reasons = (
        (household.status in GONE, Wait.LEFT),
        (household.consent is not Consent.AGREES, Wait.CONSENT),
        (household.review is not None, Wait.REVIEW),
        (wish.kept, Wait.KEPT),
        (mechanism is None, Wait.PROVIDER),
        (bool(wish.shares) and mechanism in NEEDED_ACCOUNT, Wait.ACCOUNT),
    )
    first = next((wait for holds, wait in reasons if holds), None)
    return first or _unsettled(reading, household, wish, account, NEEDED_ACCOUNT.get(mechanism) if mechanism else None)


def _unsettled(reading: Reading, household: Household, wish: Wish, account: Account | None, needed: AccountKind | None) -> Wait | None:
    on_file = account if account is not None and account.kind is needed else None
    if needed is not None and on_file is None and not wish.account:
        return Wait.ACCOUNT
    if wish.fresh or (on_file is not None and not wish.account and _settling(reading, household, on_file)):
        return Wait.PAYEE_CHANGED
    return None


def _settling(reading: Reading, household: Household, account: Account) -> bool:
    """Whether the account was changed, not merely registered, in the last 72 hours."""
    changed = account.changed_at > household.registered_at
    return changed and account.changed_at > reading.now - timedelta(hours=SETTLING_HOURS)


def _payee(reading: Reading, household: Household, wish: Wish, papers: _Papers, mechanism: Mechanism | None) -> Payee:
    """Whom the line names. A collector stands in for the recipient only where a person hands something over."""
    member = _recipient(household, wish, papers.members.get(household.id, {}))
    name = full_name(reading, member) if member else ""
    phone = next(iter(papers.phones.get(household.id, ())), None)
    number = reading.open(phone, "number") if phone else ""
    if mechanism not in NEEDED_ACCOUNT:
        return Payee(name if wish.shares else wish.collector or name, number)
    on_file = None if wish.account else papers.accounts[household.id]
    account = reading.open(on_file, "number") if on_file else wish.account
    # Mobile money goes to the phone that is the account, whatever other phone the household has.
    return Payee(name, account if mechanism is Mechanism.MOBILE_MONEY else number, account, on_file.changed_by if on_file else None)


def _recipient(household: Household, wish: Wish, members: Mapping[UUID, Member]) -> Member | None:
    """The member who is paid: as arranged, else as registered, else the head."""
    chosen = (members.get(wanted) for wanted in (wish.recipient_id, household.recipient_id) if wanted)
    return next((member for member in chosen if member), None) or next(iter(members.values()), None)


def full_name(reading: Reading, member: Member) -> str:
    """Given and family name, as registered."""
    return " ".join(part for part in (reading.open(member, "given"), reading.open(member, "family")) if part)
