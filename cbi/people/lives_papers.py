"""A lost paper card, and somebody who comes without a document."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlmodel import col, select

from cbi.errors import Refused
from cbi.people import facts_lives as facts
from cbi.people import kept_rows
from cbi.people.kept_rows import members_of
from cbi.people.lives import Made, begin, chosen, finish, name_of
from cbi.people.numbers import read_token, token_of
from cbi.people.service import document_row
from cbi.people.tables import Document, DocumentKind
from cbi.people.tables_lives import ChangeKind, HouseholdChange, Means, RefusedCard
from cbi.people.values import NewDocument
from cbi.store.work import Reading, Work
from cbi.web.words import _

LONGEST = timedelta(days=30)


def replace_card(work: Work, household_id: UUID, *, seen_version: int) -> str:
    """Give a household another card; the old one is refused from now on. Returns the new card's code."""
    household = begin(work, household_id, seen_version)
    before = [kept_rows.keep(work, household_id)]
    cards = work.session.exec(select(Document).where(Document.household_id == household_id, Document.kind == DocumentKind.TOKEN)).all()
    digests = [card.digest for card in cards]
    for card in cards:
        work.session.delete(card)
    work.session.flush()
    code = token_of(work.new_id("token"))
    work.add(document_row(work, household_id, members_of(work, household_id)[0].id, NewDocument(DocumentKind.TOKEN, code)))
    fact = facts.CardReplaced(household_id=household_id)
    change = finish(work, household, Made(kind=ChangeKind.CARD, before=before, fact=fact))
    for digest in digests:
        work.add(_refused(work, household_id, change, digest))
    return code


def identify(work: Work, household_id: UUID, member_id: UUID, means: Means, until: date, *, seen_version: int) -> HouseholdChange:
    """Somebody without a document is known in another way, up to a day at most thirty days away."""
    household = begin(work, household_id, seen_version)
    member = chosen(members_of(work, household_id), member_id)
    if not work.today <= until <= work.today + LONGEST:
        raise Refused(_("choose a last day from today to %(day)s", day=(work.today + LONGEST).isoformat()))
    told = [("member", "", name_of(work, member))]
    fact = facts.IdentifiedOtherwise(household_id=household_id, means=means.value, until=until)
    made = Made(
        kind=ChangeKind.IDENTIFIED,
        before=[kept_rows.keep(work, household_id)],
        detail=f"{means.value} {member_id}",
        told=told,
        until=until,
        fact=fact,
    )
    return finish(work, household, made)


def identified(reading: Reading, household_id: UUID) -> HouseholdChange | None:
    """The newest identification without a document that was not taken back; it may have run out."""
    rows = select(HouseholdChange).where(
        HouseholdChange.household_id == household_id,
        HouseholdChange.kind == ChangeKind.IDENTIFIED,
        col(HouseholdChange.undone_at).is_(None),
    )
    return reading.session.exec(rows.order_by(col(HouseholdChange.at).desc()).limit(1)).first()


def is_refused(reading: Reading, typed: str) -> bool:
    """Whether what somebody brings is a card that was reported lost, or whose household was closed."""
    token = read_token(typed)
    if token is None:
        return False
    digest = reading.digest("token", token)
    found = select(RefusedCard.id).where(RefusedCard.operation_id == reading.operation_id, RefusedCard.digest == digest)
    return reading.session.exec(found.limit(1)).first() is not None


def _refused(work: Work, household_id: UUID, change: HouseholdChange, digest: bytes) -> RefusedCard:
    return RefusedCard(
        id=work.new_id("people"), operation_id=work.operation_id, household_id=household_id, change_id=change.id, digest=digest
    )
