"""Makes households for tests: invented people, obviously so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID, uuid4

from sqlmodel import select

from cbi.people.service import register
from cbi.people.tables import AccountKind, Consent, Relation, Sex
from cbi.people.values import Born, NewAccount, NewHousehold, NewMember
from cbi.sites.tables import Site
from cbi.store.facts import Fact
from cbi.store.records import Records
from cbi.store.work import Actor


@dataclass(frozen=True, kw_only=True)
class SiteMade(Fact):
    """A site for a test."""

    explains: ClassVar[tuple[type, ...]] = (Site,)
    site_id: UUID


def site(records: Records, code: str = "BH", name: str = "Bahari Field") -> UUID:
    """The site with this code, made when it is not there."""
    with records.work(Actor()) as work:
        found = work.session.exec(select(Site.id).where(Site.code == code)).first()
        if found is not None:
            return found
        row = work.add(Site(id=uuid4(), operation_id=work.operation_id, code=code, name=name))
        work.remember(SiteMade(site_id=row.id))
        return row.id


def member(given: str = "Juniper", family: str = "Moonbeam", year: int = 1987, **more) -> NewMember:
    """One person; a woman born in 1987 and head, unless said otherwise."""
    fields = {"sex": Sex.FEMALE, "born": Born(str(year), year), "relation": Relation.HEAD, **more}
    return NewMember(given=given, family=family, **fields)


def new(site_id: UUID, *members: NewMember, **more) -> NewHousehold:
    """What a desk would send: one person who agrees, unless said otherwise."""
    return NewHousehold(**{"site_id": site_id, "members": members or (member(),), "consent": Consent.AGREES, **more})


def household(
    records: Records,
    site_id: UUID | None = None,
    *,
    people: int = 1,
    given: str = "Juniper",
    family: str = "Moonbeam",
    year: int = 1987,
    by: UUID | None = None,
    account: str = "",
    **more,
) -> UUID:
    """Register a household of so many people; returns its id. account: a mobile money number, "+254712123456"."""
    others = [member(f"Tumble {place}", family, 2010 + place % 10, relation=Relation.CHILD) for place in range(1, people)]
    if account:
        more["account"] = NewAccount(AccountKind.MOBILE_MONEY, account)
    with records.work(Actor(by)) as work:
        return register(work, new(site_id or site(records), member(given, family, year), *others, **more))
