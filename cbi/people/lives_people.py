"""One household whose people change: somebody is born, dies, leaves or comes back, and somebody else becomes its head."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlmodel import select

from cbi.errors import Refused, SomebodyWasFirst
from cbi.people import above, kept_rows
from cbi.people import facts_lives as facts
from cbi.people.above import Planned
from cbi.people.correction import take_out
from cbi.people.history import change_of, changes_of, told_of
from cbi.people.kept_rows import Kept, members_of
from cbi.people.lives import Made, begin, chosen, finish, make_head, name_of, refuse
from cbi.people.service import LARGEST, add_in_order, document_row, member_row, token_rows
from cbi.people.tables import Document, Household, Member, Phone, Relation
from cbi.people.tables_lives import ChangeKind, HouseholdChange
from cbi.people.values import NewMember
from cbi.store.work import Reading, Work
from cbi.web.words import _

WENT = (ChangeKind.DIED, ChangeKind.LEFT)
STAYS = "stays"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHead:
    """Who leads a household from now on, as it chose. why: "died", "left" or "stays"; relations: of everybody else who stays, to the new head."""

    head_id: UUID
    why: str
    recipient_id: UUID
    alternate_id: UUID | None = None
    relations: Mapping[UUID, Relation] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gone:
    """Somebody who left and may come back. change_id: the change that says so."""

    change_id: UUID
    member_id: UUID
    name: str


def born(work: Work, household_id: UUID, member: NewMember, *, seen_version: int) -> UUID:
    """Somebody was born to a household; returns the new member's id."""
    household = begin(work, household_id, seen_version)
    before = [kept_rows.keep(work, household_id)]
    people = members_of(work, household_id)
    if len(people) >= LARGEST:
        raise Refused(_("split the household first: it has %(most)s people already", most=LARGEST))
    if member.relation is Relation.HEAD or not member.given.strip():
        raise Refused(_("enter a name, and who the child is to the head of the household"))
    row = member_row(work, household_id, max(one.position for one in people) + 1, member)
    documents = [document_row(work, household_id, row.id, one) for one in member.documents]
    add_in_order(work, [row, *documents, *token_rows(work, household, row.id, member)])
    household.size = len(people) + 1
    told = [("member", "", member.name)]
    made = Made(kind=ChangeKind.BORN, before=before, told=told, fact=facts.MemberCame(household_id=household_id, how="born"))
    finish(work, household, made)
    return row.id


def went(
    work: Work, household_id: UUID, member_id: UUID, why: ChangeKind, *, seen_version: int, recipient_id: UUID | None = None
) -> HouseholdChange:
    """Somebody died or left. recipient_id: who is paid now, when it was they.

    Raises Refused for the head, who is replaced instead, and while nobody says who receives now.
    """
    household = begin(work, household_id, seen_version)
    people = members_of(work, household_id)
    member = chosen(people, member_id)
    if why not in WENT:
        raise Refused(_("say whether this person died or left"))
    if member.position == 1:
        raise Refused(_("choose who is head of the household now: this person was it"))
    refuse(work, Planned(why, household_id, leaving=frozenset({member_id})))
    before, name = [kept_rows.keep(work, household_id)], name_of(work, member)
    registered = household.recipient_id == member_id
    payee = registered or above.paid_as_asked(work, household_id, {member_id})
    if registered:
        household.recipient_id = _receives(people, recipient_id, without=member_id)
    _leave(work, household, member_id)
    fact = facts.MemberWent(household_id=household_id, how=why.value, payee=payee)
    made = Made(kind=why, before=before, detail=f"{why.value} {member_id}", told=[("member", name, "")], payee=payee, fact=fact)
    return finish(work, household, made)


def returned(work: Work, household_id: UUID, change_id: UUID, relation: Relation, *, seen_version: int) -> UUID:
    """Somebody who had left lives here again, with everything that was known of them. Returns their id."""
    household = begin(work, household_id, seen_version)
    gone = next((one for one in gone_from(work, household_id) if one.change_id == change_id), None)
    if gone is None:
        raise SomebodyWasFirst(_("read the household again: this person is back already, or not known any more"))
    if relation is Relation.HEAD:
        raise Refused(_("say who this person is to the head of the household"))
    people = members_of(work, household_id)
    if len(people) >= LARGEST:
        raise Refused(_("split the household first: it has %(most)s people already", most=LARGEST))
    before = [kept_rows.keep(work, household_id)]
    was = kept_rows.from_text(work.open(change_of(work, change_id), "before"))
    _come_back(work, household, was, gone.member_id, relation, max(one.position for one in people) + 1)
    household.size = len(people) + 1
    fact = facts.MemberCame(household_id=household_id, how="returned")
    told, payee = [("member", "", gone.name)], above.paid_as_asked(work, household_id, {gone.member_id})
    made = Made(kind=ChangeKind.RETURNED, before=before, detail=str(gone.member_id), told=told, payee=payee, fact=fact)
    finish(work, household, made)
    return gone.member_id


def gone_from(reading: Reading, household_id: UUID) -> list[Gone]:
    """Who left a household and is not back, newest first; nobody who died."""
    here = set(reading.session.exec(select(Member.id).where(Member.household_id == household_id)))
    found: dict[UUID, Gone] = {}
    for change in changes_of(reading, household_id):
        member_id = _left_by(change) if change.undone_at is None and change.household_id == household_id else None
        if member_id is not None and member_id not in here:
            found.setdefault(member_id, Gone(change.id, member_id, told_of(reading, change)[0][1]))
    return list(found.values())


def new_head(work: Work, household_id: UUID, new: NewHead, *, seen_version: int) -> HouseholdChange:
    """Somebody else leads the household, and it says who receives. Who led it dies, leaves, or stays as a member.

    Raises Refused when there is nobody else, or nobody says who each person is to the new head.
    """
    household = begin(work, household_id, seen_version)
    people = members_of(work, household_id)
    old, head = people[0], chosen(people, new.head_id)
    if new.why not in (ChangeKind.DIED, ChangeKind.LEFT, STAYS):
        raise Refused(_("say what happened to who was head until now"))
    if len(people) == 1:
        raise Refused(_("open the household’s consent, and take it back: nobody else lives in it"))
    if head is old:
        raise Refused(_("choose somebody else: this person is head of the household already"))
    leaving = frozenset() if new.why == STAYS else frozenset({old.id})
    refuse(work, Planned(ChangeKind.HEAD, household_id, leaving=leaving))
    before, told = [kept_rows.keep(work, household_id)], [("head", name_of(work, old), name_of(work, head))]
    stay = [one for one in people if one.id not in leaving]
    payee = _choose_collectors(household, stay, new) or above.paid_as_asked(work, household_id, leaving)
    if leaving:
        _leave(work, household, old.id)
    make_head(work, stay, head, new.relations)
    fact = facts.HeadChanged(household_id=household_id, why=new.why, payee=payee)
    made = Made(kind=ChangeKind.HEAD, before=before, detail=f"{new.why} {old.id}", told=told, payee=payee, fact=fact)
    return finish(work, household, made)


def _choose_collectors(household: Household, stay: list[Member], new: NewHead) -> bool:
    """Write down who receives; returns whether that is somebody else than before."""
    before = household.recipient_id
    household.recipient_id = chosen(stay, new.recipient_id).id
    household.alternate_id = None if new.alternate_id is None else chosen(stay, new.alternate_id).id
    if household.alternate_id == household.recipient_id:
        raise Refused(_("choose somebody else as alternate collector, or nobody yet: the recipient already collects"))
    return before != household.recipient_id


def _receives(people: list[Member], recipient_id: UUID | None, *, without: UUID) -> UUID:
    if recipient_id is None or recipient_id == without:
        raise Refused(_("choose who receives now: it was this person"))
    return chosen(people, recipient_id).id


def _leave(work: Work, household: Household, member_id: UUID) -> None:
    """Take one person out, and all by which they are found. A card they carried stays the household's."""
    for card in work.session.exec(select(Document).where(Document.member_id == member_id)).all():
        if card.kind == "token":
            card.member_id = next(one.id for one in members_of(work, household.id) if one.id != member_id)
            work.session.add(card)
    work.session.flush()
    take_out(work, [member_id])
    household.size -= 1
    household.alternate_id = None if household.alternate_id == member_id else household.alternate_id
    work.session.add(household)


def _left_by(change: HouseholdChange) -> UUID | None:
    """Who left by this change and could come back; None for everything else, and when what was known of them is forgotten."""
    words = change.detail.split()
    if change.before is None or not words or words[0] != ChangeKind.LEFT:
        return None
    return UUID(words[1])


def _come_back(work: Work, household: Household, was: list[Kept], member_id: UUID, relation: Relation, position: int) -> None:
    row = kept_rows.member_row_of(was, member_id)
    assert row is not None  # gone_from names only those who are kept
    kept_rows.restore_row(work, Member, row, position=position, relation=relation)
    work.session.flush()
    for each in kept_rows.documents_of(was, member_id):
        table = Document if each.pop("") == "document" else Phone
        kept_rows.restore_row(work, table, each)
    work.session.flush()
    kept_rows.index_again(work, household)
