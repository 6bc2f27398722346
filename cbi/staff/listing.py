"""People for the pages of staff: one page of the list, and one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from cbi.access import Role
from cbi.errors import NotThere
from cbi.staff.joining import recovery_left
from cbi.staff.seats import CERTIFICATE_LASTS, reset_asked_by, roles_of
from cbi.staff.service import roles_of_many
from cbi.staff.tables import Staff, StaffRole
from cbi.store.work import Reading
from cbi.web.listing import Listing, ListingArgs

SORTS = ("name", "sign_in_name", "since")
FILTERS = ("q", "role", "state")
STATES = ("here", "beginning", "left")
_ENDS_WITHIN_DAYS = 30


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One line of the list. beginning: their link has not been used yet."""

    id: UUID
    name: str
    sign_in_name: str
    roles: tuple[Role, ...]
    site_id: UUID | None
    since: datetime
    beginning: bool
    left_on: date | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One person as administrators see them. certified_until: None without a certificate. asked_by: who wants them to begin again."""

    row: StaffRow
    language: str
    sex: str
    languages: str
    certified_until: date | None
    recovery_left: int
    link_until: datetime | None
    asked_by: UUID | None
    asked_at: datetime | None


def people(reading: Reading, args: ListingArgs) -> Listing[StaffRow]:
    """One page of staff, narrowed and ordered; those who left are last unless asked for."""
    wanted = _narrowed(reading, args)
    total = reading.session.connection().execute(sa.select(sa.func.count()).select_from(wanted.subquery())).scalar_one()
    args = args.within(total)
    keys = {"name": col(Staff.name), "sign_in_name": col(Staff.sign_in_name), "since": col(Staff.made_at)}
    key = keys[args.sort].desc() if args.descending else keys[args.sort].asc()
    order = (col(Staff.left_on).is_not(None), key, col(Staff.id))
    found = reading.session.exec(wanted.order_by(*order).limit(args.size).offset(args.offset)).all()
    roles = roles_of_many(reading, [row.id for row in found])
    return Listing([_row(row, roles.get(row.id, ())) for row in found], total, args)


def one(reading: Reading, staff_id: UUID) -> Sheet:
    """One person. Raises NotThere."""
    staff = reading.session.get(Staff, staff_id)
    if staff is None:
        raise NotThere
    asked_by = reset_asked_by(staff, reading)
    return Sheet(
        _row(staff, tuple(role for role in Role if role in roles_of(reading, staff_id))),
        language=staff.language,
        sex=staff.sex,
        languages=staff.languages,
        certified_until=staff.certified_on + CERTIFICATE_LASTS if staff.certified_on else None,
        recovery_left=recovery_left(staff),
        link_until=staff.invite_until,
        asked_by=asked_by,
        asked_at=staff.reset_asked_at if asked_by else None,
    )


def certificates_ending(reading: Reading) -> int:
    """Interviewers here whose certificate ends within 30 days, ended already, or was never noted."""
    soon = sa.or_(col(Staff.certified_on).is_(None), col(Staff.certified_on) < _certified_before(reading))
    sits = sa.select(col(StaffRole.staff_id)).where(col(StaffRole.role) == Role.INTERVIEWER)
    wanted = sa.select(sa.func.count()).where(col(Staff.id).in_(sits), col(Staff.left_on).is_(None), soon)
    return reading.session.connection().execute(wanted).scalar_one()


def resets_waiting(reading: Reading, person_id: UUID) -> int:
    """People for whom another administrator asked for a new beginning, so that this one may agree."""
    asked = sa.and_(col(Staff.reset_asked_by).is_not(None), col(Staff.reset_asked_by) != person_id, col(Staff.id) != person_id)
    found = reading.session.exec(select(Staff).where(asked))
    return sum(reset_asked_by(staff, reading) is not None for staff in found)


def _certified_before(reading: Reading) -> date:
    return reading.today - CERTIFICATE_LASTS + timedelta(days=_ENDS_WITHIN_DAYS)


def _narrowed(reading: Reading, args: ListingArgs) -> SelectOfScalar[Staff]:
    wanted = select(Staff).where(Staff.operation_id == reading.operation_id)
    if text := args.filter("q"):
        wanted = wanted.where(
            sa.or_(col(Staff.name).icontains(text, autoescape=True), col(Staff.sign_in_name).icontains(text, autoescape=True))
        )
    if args.filter("role") in set(Role):
        sits = sa.select(col(StaffRole.staff_id)).where(col(StaffRole.role) == Role(args.filter("role")))
        wanted = wanted.where(col(Staff.id).in_(sits))
    match args.filter("state"):
        case "here":
            wanted = wanted.where(col(Staff.left_on).is_(None), col(Staff.invite_digest).is_(None))
        case "beginning":
            wanted = wanted.where(col(Staff.left_on).is_(None), col(Staff.invite_digest).is_not(None))
        case "left":
            wanted = wanted.where(col(Staff.left_on).is_not(None))
    return wanted


def _row(staff: Staff, roles: tuple[Role, ...]) -> StaffRow:
    beginning = staff.left_on is None and staff.invite_digest is not None
    return StaffRow(staff.id, staff.name, staff.sign_in_name, roles, staff.site_id, staff.made_at, beginning, staff.left_on)
