"""Households that become two, two that become one, and one that lives somewhere else now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere, Refused
from cbi.people import above, kept_rows
from cbi.people import facts_lives as facts
from cbi.people.above import Planned
from cbi.people.kept_rows import members_of
from cbi.people.lives import Made, begin, chosen, finish, make_head, name_of, refuse
from cbi.people.numbers import token_of
from cbi.people.registered import open_household
from cbi.people.series import take_numbers
from cbi.people.service import LARGEST, document_row, household_row, phone_row, site_of
from cbi.people.tables import (
    Account,
    Consent,
    Document,
    DocumentKind,
    Household,
    HouseholdStatus,
    Member,
    Phone,
    Relation,
    SearchToken,
)
from cbi.people.tables_lives import ChangeKind, HouseholdChange, RefusedCard
from cbi.people.values import NewDocument, NewHousehold
from cbi.store.work import Reading, Work
from cbi.web.words import _


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Who goes, who leads and receives for them, and what they said when the consent text was read to them.

    relations: of the others who go, to their head.  stays_recipient_id: who receives for those who stay, when who received goes.
    """

    leaving: Sequence[UUID]
    head_id: UUID
    recipient_id: UUID
    consent: Consent
    consent_version: int
    consent_language: str
    relations: Mapping[UUID, Relation] = field(default_factory=dict)
    stays_recipient_id: UUID | None = None
    shelter: str = ""
    phone: str = ""


def split(work: Work, household_id: UUID, new: Split, *, seen_version: int) -> UUID:
    """Some of a household live on their own from now on; returns the new household's id.

    What the household is due stays with it, in every cycle in which those who go were counted.  Raises Refused with what to do.
    """
    household = begin(work, household_id, seen_version)
    people = members_of(work, household_id)
    leaving = [chosen(people, member_id) for member_id in dict.fromkeys(new.leaving)]
    _check_split(household, people, leaving, new)
    refuse(work, Planned(ChangeKind.SPLIT, household_id, leaving=frozenset(one.id for one in leaving)))
    before = [kept_rows.keep(work, household_id)]
    told = [("member", name_of(work, one), "") for one in leaving]
    payee = _stay(household, people, leaving, new) or above.paid_as_asked(work, household_id, new.leaving)
    other = _new_household(work, household, new)
    work.add(other)
    work.session.flush()
    _carry(work, leaving, other.id)
    make_head(work, leaving, chosen(leaving, new.head_id), new.relations)
    _furnish(work, household, other, leaving, new)
    household.size, other.size = len(people) - len(leaving), len(leaving)
    made = Made(
        kind=ChangeKind.SPLIT,
        before=before,
        detail=other.number,
        told=told,
        other=other,
        payee=payee,
        other_payee=True,
        fact=facts.HouseholdSplit(household_id=household_id, new_id=other.id, number=other.number, people=other.size),
    )
    finish(work, household, made)
    return other.id


def join(work: Work, household_id: UUID, other_id: UUID, relations: Mapping[UUID, Relation], *, seen_version: int) -> HouseholdChange:
    """Another household lives with this one now: its people belong here, and its own entry is closed.

    relations: of everybody who comes, to the head of this one.  Raises Refused with what to do.
    """
    if household_id == other_id:
        raise Refused(_("choose another household: this is the same one"))
    household = begin(work, household_id, seen_version)
    other = work.session.get(Household, other_id, with_for_update=True)
    if other is None or other.operation_id != work.operation_id or work.was_erased(other_id):
        raise NotThere
    people, coming = members_of(work, household_id), members_of(work, other_id)
    _check_join(household, other, people, coming, relations)
    refuse(work, Planned(ChangeKind.JOINED, household_id, other_id=other_id))
    before, status = [kept_rows.keep(work, household_id), kept_rows.keep(work, other_id)], other.status
    told = [("member", "", name_of(work, one)) for one in coming]
    _take_in(work, household, people, coming, relations)
    _bring_papers(work, household, other)
    household.size = len(people) + len(coming)
    version = other.version
    other.status, other.recipient_id, other.alternate_id = HouseholdStatus.MERGED, None, None
    fact = facts.HouseholdsJoined(household_id=household_id, joined_id=other_id, people=len(coming))
    made = Made(
        kind=ChangeKind.JOINED,
        before=before,
        detail=f"{other.number} {status.value}",
        told=told,
        other=other,
        other_before=version,
        payee=above.paid_as_asked(work, household_id, [one.id for one in coming]),
        fact=fact,
    )
    change = finish(work, household, made)
    _refuse_cards(work, before[1]["document"], other_id, change)
    return change


def move(work: Work, household_id: UUID, site_id: UUID, shelter: str, *, seen_version: int) -> HouseholdChange:
    """A household lives at another site: it is found there from now on. Its number and its card stay."""
    household = begin(work, household_id, seen_version)
    site = site_of(work, site_id)
    if site.id == household.site_id:
        raise Refused(_("choose another site, or correct the shelter when only that changed"))
    refuse(work, Planned(ChangeKind.MOVED, household_id))
    before, was = [kept_rows.keep(work, household_id)], site_of(work, household.site_id)
    told = [("site", was.name, site.name), ("shelter", work.open(household, "shelter"), shelter.strip())]
    household.site_id = site.id
    work.seal(household, "shelter", shelter.strip() or None)
    work.session.add(household)
    work.session.flush()
    kept_rows.index_again(work, household)
    fact = facts.HouseholdMoved(household_id=household_id, from_id=was.id, site_id=site.id)
    made = Made(kind=ChangeKind.MOVED, before=before, detail=f"{was.code} {site.code}", told=told, fact=fact)
    return finish(work, household, made)


def closed_into(reading: Reading, household_id: UUID) -> HouseholdChange | None:
    """The joining by which a household was closed, None when it was not."""
    found = select(HouseholdChange).where(
        HouseholdChange.other_id == household_id, HouseholdChange.kind == ChangeKind.JOINED, col(HouseholdChange.undone_at).is_(None)
    )
    return reading.session.exec(found).first()


def _check_split(household: Household, people: Sequence[Member], leaving: Sequence[Member], new: Split) -> None:
    if not leaving:
        raise Refused(_("choose who lives on their own from now on"))
    if household.review is not None:  # else half of it would be paid while the whole waits
        raise Refused(_("settle what the households wait for first: one of them is on review"))
    if any(member.position == 1 for member in leaving):
        raise Refused(_("choose another head of the household first: who is head of it cannot leave with the others"))
    if new.head_id not in {member.id for member in leaving} or new.recipient_id not in {member.id for member in leaving}:
        raise Refused(_("choose the head and the recipient of the new household among those who go"))
    assert len(leaving) < len(people)  # the head stays


def _stay(household: Household, people: Sequence[Member], leaving: Sequence[Member], new: Split) -> bool:
    """Who receives for those who stay; returns whether that is somebody else now."""
    gone = {member.id for member in leaving}
    if household.alternate_id in gone:
        household.alternate_id = None
    if household.recipient_id not in gone:
        return False
    stay = [member for member in people if member.id not in gone]
    if new.stays_recipient_id is None:
        raise Refused(_("choose who receives for those who stay: it was somebody who goes"))
    household.recipient_id = chosen(stay, new.stays_recipient_id).id
    household.alternate_id = None if household.alternate_id == household.recipient_id else household.alternate_id
    return True


def _new_household(work: Work, household: Household, new: Split) -> Household:
    """The row of a household that a split makes: what it does not say anew is as in the old one."""
    [number] = take_numbers(work, household.site_id, site_of(work, household.site_id).code, 1)
    told = NewHousehold(
        site_id=household.site_id,
        members=(open_household(work, household.id).told.members[0],),
        consent=new.consent,
        group=household.group,
        language=household.language,
        shelter=new.shelter,
        consent_version=new.consent_version,
        consent_language=new.consent_language,
    )
    return household_row(work, told, number, work.new_id("people"))


def _carry(work: Work, people: Sequence[Member], household_id: UUID) -> None:
    """Let people belong to another household: they, their documents and their own phones, sealed under its key from now on."""
    ids = [member.id for member in people]
    for token in work.session.exec(select(SearchToken).where(col(SearchToken.member_id).in_(ids))).all():
        work.session.delete(token)
    papers = select(Document).where(col(Document.member_id).in_(ids), col(Document.kind) != DocumentKind.TOKEN)
    for document in work.session.exec(papers).all():
        kept_rows.reseal(work, document, household_id)
    for phone in work.session.exec(select(Phone).where(col(Phone.member_id).in_(ids))).all():
        kept_rows.reseal(work, phone, household_id)
    first = work.session.exec(select(sa.func.coalesce(sa.func.max(Member.position), 0)).where(Member.household_id == household_id)).one()
    for place, member in enumerate(people, start=int(first) + 1):
        member.position = place
        kept_rows.reseal(work, member, household_id)
        work.session.flush()


def _furnish(work: Work, household: Household, other: Household, leaving: Sequence[Member], new: Split) -> None:
    """A card of its own for the new household, its recipient and phone; the old card stays with those who stay."""
    gone = {member.id for member in leaving}
    stays = next(member.id for member in members_of(work, household.id) if member.id not in gone)
    for card in work.session.exec(select(Document).where(Document.household_id == household.id, Document.kind == DocumentKind.TOKEN)).all():
        card.member_id = stays if card.member_id in gone else card.member_id
        work.session.add(card)
    other.recipient_id = new.recipient_id
    work.session.add(other)
    work.add(document_row(work, other.id, new.head_id, NewDocument(DocumentKind.TOKEN, token_of(work.new_id("token")))))
    if new.phone:
        work.add(phone_row(work, other.id, new.phone))
    work.session.flush()
    for each in (household, other):
        kept_rows.index_again(work, each)


def _check_join(
    household: Household, other: Household, people: Sequence[Member], coming: Sequence[Member], relations: Mapping[UUID, Relation]
) -> None:
    if other.status in (HouseholdStatus.MERGED, HouseholdStatus.WITHDRAWN) or other.restricted_on or not coming:
        raise Refused(_("choose a household that is registered: that entry is closed, or its consent was taken back"))
    if other.site_id != household.site_id:
        raise Refused(_("let the other household move to this site first"))
    if other.review is not None or household.review is not None:
        raise Refused(_("settle what the households wait for first: one of them is on review"))
    if len(people) + len(coming) > LARGEST:
        raise Refused(_("keep them apart: a household has at most %(most)s people", most=LARGEST))
    if any(relations.get(member.id, Relation.HEAD) is Relation.HEAD for member in coming):
        raise Refused(_("say of everybody who comes who they are to the head of this household"))


def _take_in(
    work: Work, household: Household, people: Sequence[Member], coming: Sequence[Member], relations: Mapping[UUID, Relation]
) -> None:
    for card in work.session.exec(
        select(Document).where(Document.household_id == coming[0].household_id, Document.kind == DocumentKind.TOKEN)
    ).all():
        work.session.delete(card)
    work.session.flush()
    _carry(work, coming, household.id)
    for member in coming:
        member.relation = relations[member.id]
        work.session.add(member)
    work.session.flush()
    kept_rows.index_again(work, household)
    assert people  # a household that takes others in has somebody


def _bring_papers(work: Work, household: Household, other: Household) -> None:
    """Phones come along, but none twice; the account of the household that closes goes, and so does whatever else it was found by."""
    mine = {phone.digest for phone in work.session.exec(select(Phone).where(Phone.household_id == household.id))}
    for phone in work.session.exec(select(Phone).where(Phone.household_id == other.id)).all():
        if phone.digest in mine:
            work.session.delete(phone)
        else:
            kept_rows.reseal(work, phone, household.id)
    for account in work.session.exec(select(Account).where(Account.household_id == other.id)).all():
        work.session.delete(account)
    work.session.flush()


def _refuse_cards(work: Work, documents: Sequence[Mapping[str, str]], household_id: UUID, change: HouseholdChange) -> None:
    for row in documents:
        if row["kind"] == DocumentKind.TOKEN:
            refused = RefusedCard(
                id=work.new_id("people"),
                operation_id=work.operation_id,
                household_id=household_id,
                change_id=change.id,
                digest=bytes.fromhex(row["digest"]),
            )
            work.add(refused)
