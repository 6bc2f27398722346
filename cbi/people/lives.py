"""What every change of a household's life has in common: it begins at what a person saw, keeps what was, and is told to whatever sits above."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from cbi.errors import Refused, SomebodyWasFirst
from cbi.people import above, kept_rows
from cbi.people.above import Planned
from cbi.people.correction import find_household
from cbi.people.history import Line
from cbi.people.kept_rows import Kept
from cbi.people.tables import Household, HouseholdStatus, Member, Relation
from cbi.people.tables_lives import ChangeKind, HouseholdChange
from cbi.store.facts import Fact
from cbi.store.work import Reading, Work
from cbi.web.words import _


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What is kept of a change beside the rows as they were.

    other: the household made by it or closed by it, with its version before.  payee, other_payee: who is paid changed.
    """

    kind: ChangeKind
    fact: Fact
    before: Sequence[Kept] = ()
    detail: str = ""
    told: Sequence[Line] = ()
    other: Household | None = None
    other_before: int = 0
    payee: bool = False
    other_payee: bool = False
    until: date | None = None


def begin(work: Work, household_id: UUID, seen_version: int) -> Household:
    """The household a person decided about, as they saw it. Raises SomebodyWasFirst, NotThere, Refused."""
    row = find_household(work, household_id)
    if row.version != seen_version:
        raise SomebodyWasFirst(_("read the household again: somebody changed it in the meantime"))
    if row.status is HouseholdStatus.WITHDRAWN:
        raise Refused(_("take the household’s consent again first: it was taken back"))
    return row


def refuse(reading: Reading, planned: Planned) -> None:
    """Ask every floor above. Raises Refused with what to do first."""
    for floor in above.everyone():
        floor.refuse(reading, planned)


def finish(work: Work, household: Household, made: Made) -> HouseholdChange:
    """Keep the change, remember its fact, and let everything above follow."""
    before, household.version = household.version, household.version + 1
    work.session.add(household)
    if made.other is not None:
        made.other.version += 1 if made.other_before else 0
        work.session.add(made.other)
    change = HouseholdChange(
        id=work.new_id("people"),
        operation_id=work.operation_id,
        household_id=household.id,
        other_id=made.other.id if made.other else None,
        kind=made.kind,
        detail=made.detail,
        version=household.version,
        version_before=before,
        other_version=made.other.version if made.other else 0,
        other_before=made.other_before,
        payee=made.payee,
        other_payee=made.other_payee,
        until=made.until,
        made_by=work.actor.id or UUID(int=0),
        at=work.now,
    )
    work.seal(change, "before", kept_rows.as_text(made.before) if made.before else None)
    work.seal(change, "told", json.dumps(made.told, ensure_ascii=False) if made.told else None)
    work.add(change)
    work.remember(made.fact)
    work.session.flush()
    for floor in above.stands_above:
        floor.made(work, change)
    above.follow(work, household.id, *([made.other.id] if made.other else []))
    return change


def chosen(members: Iterable[Member], member_id: UUID) -> Member:
    """One of these people. Raises SomebodyWasFirst when they are not among them any more."""
    found = next((member for member in members if member.id == member_id), None)
    if found is None:
        raise SomebodyWasFirst(_("read the household again: its members are not those of your form"))
    return found


def name_of(reading: Reading, member: Member) -> str:
    """A person's whole name."""
    return f"{reading.open(member, 'given')} {reading.open(member, 'family')}".strip()


def make_head(work: Work, members: Sequence[Member], head: Member, relations: Mapping[UUID, Relation]) -> None:
    """Put one of these people first, and say who each other is to them. Raises Refused while somebody is nothing to the new head."""
    others = [member for member in members if member is not head]
    missing = [member for member in others if relations.get(member.id, Relation.HEAD) is Relation.HEAD]
    if missing:
        raise Refused(_("say of everybody else who they are to the new head of the household"))
    first = max(member.position for member in members) + 1
    for place, member in enumerate((head, *others)):
        member.position = first + place
        work.session.add(member)
    work.session.flush()  # no two at one position, also not halfway
    for place, member in enumerate((head, *others), start=1):
        member.position = place
        member.relation = Relation.HEAD if member is head else relations[member.id]
        work.session.add(member)
    work.session.flush()
