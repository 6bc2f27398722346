"""Who may come in, and with which rights. The front of this subject: other subjects import from here."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.access import NEVER_TOGETHER, Permission, Role, rights_of
from cbi.staff.seats import Seat, seats
from cbi.staff.shell import issue_cli_token, person_of_cli_token
from cbi.staff.signing import first_step, second_step, step_up
from cbi.staff.tables import Staff, StaffRole
from cbi.store.records import Records
from cbi.store.work import Reading
from cbi.web.house import Person

__all__ = [
    "Seat",
    "find_person",
    "first_step",
    "issue_cli_token",
    "names_of",
    "person_of_cli_token",
    "rights_in_use",
    "roles_of_many",
    "seats",
    "second_step",
    "site_names",
    "step_up",
]


def find_person(records: Records, person_id: UUID) -> Person | None:
    """The person behind a session, with today's rights; None when they left."""
    with records.engine.connect() as connection:
        found = connection.execute(_PERSON, {"person_id": person_id}).all()
    if not found or found[0].left_on is not None:
        return None
    someone = found[0]
    roles = frozenset(row.role for row in found if row.role is not None)
    return Person(someone.id, someone.name, roles, rights_in_use(roles), someone.language, someone.site_id, someone.place or "")


# Sites stand a floor above staff, so their table is known here by name only.
_SITE = sa.table("site", sa.column("id", sa.Uuid()), sa.column("name", sa.String()))
# One row for each seat, one with none for who has none.  Asked at every request: it stands ready.
_PERSON = (
    sa.select(col(Staff.id), col(Staff.name), col(Staff.language), col(Staff.site_id), col(Staff.left_on), col(StaffRole.role))
    .add_columns(_SITE.c.name.label("place"))
    .outerjoin(StaffRole, col(StaffRole.staff_id) == col(Staff.id))
    .outerjoin(_SITE, _SITE.c.id == col(Staff.site_id))
    .where(col(Staff.id) == sa.bindparam("person_id"))
)


def rights_in_use(roles: Iterable[Role]) -> frozenset[Permission]:
    """What a person with these seats may really do: of rights that never meet in one person, neither side is given.

    Such seats are refused when they are given; this holds also when they came another way.
    """
    rights = rights_of(roles)
    broken = [one | other for one, other, _rule in NEVER_TOGETHER if rights & one and rights & other]
    return rights.difference(*broken)


def names_of(reading: Reading, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of staff, for pages that say who did something; ids of nobody are left out."""
    wanted = set(ids)
    found = reading.session.connection().execute(sa.select(col(Staff.id), col(Staff.name)).where(col(Staff.id).in_(wanted)))
    return {row.id: row.name for row in found}


def roles_of_many(reading: Reading, ids: Iterable[UUID]) -> dict[UUID, tuple[Role, ...]]:
    """The seats that people hold today, for pages that say from which seat something was done; people without a seat are left out."""
    wanted = sa.select(col(StaffRole.staff_id), col(StaffRole.role)).where(col(StaffRole.staff_id).in_(set(ids)))
    held: dict[UUID, set[Role]] = {}
    for row in reading.session.connection().execute(wanted):
        held.setdefault(row.staff_id, set()).add(row.role)
    return {staff_id: tuple(role for role in Role if role in roles) for staff_id, roles in held.items()}


def site_names(reading: Reading) -> dict[UUID, str]:
    """Sites by id, in order of name."""
    named = sa.select(_SITE.c.id, _SITE.c.name).order_by(_SITE.c.name, _SITE.c.id)
    return {row.id: row.name for row in reading.session.connection().execute(named)}
