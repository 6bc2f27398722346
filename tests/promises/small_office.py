"""A small office with everything in it: places, people, a list that was paid, letters in the box, and a room with two officers.

Small, because it is copied and read to the last page hundreds of times.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

from sqlmodel import select

from cbi.access import Role
from cbi.feedback.tables import Category
from cbi.feedback.values import Confided
from cbi.payouts import money
from cbi.payouts.money import NewMoney
from cbi.payouts.tables_money import MoneyKind
from cbi.people.tables import Import
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers.service import instructions_of
from reconciliation import sandbox, workbook
from reconciliation.money import Money
from tests import make, make_checks, make_feedback, make_imports, make_payouts, make_room, make_sites, make_transfers
from tests.make_payouts import Released

BEGIN = make.NOW + timedelta(minutes=10)
SIZES = (4, 3, 1, 2, 1, 2)
# What the office's people are asked to be; the programme's own were made with it.
_MORE = {
    "lead": Role.LEAD,
    "help_desk": Role.HELP_DESK,
    "feedback": Role.FEEDBACK,
    "monitoring": Role.MONITORING,
    "auditor": Role.AUDITOR,
    "donor": Role.DONOR,
    "administrator": Role.ADMINISTRATOR,
}


@dataclass(frozen=True)
class Insider:
    """Somebody of the room with what they sign in with."""

    id: UUID
    name: str
    passphrase: str
    totp_secret: str

    @classmethod
    def of(cls, one: make_room.Insider) -> Insider:
        """The same, as it can be written down."""
        return cls(one.id, one.name, one.passphrase, one.handed.totp_secret)


@dataclass(frozen=True)
class Known:
    """What was made, by id. seats: who sits where in the office.  insiders: by seat in the room.  sheet: its recovery sheet."""

    seats: dict[str, UUID]
    households: tuple[UUID, ...]
    sites: tuple[UUID, ...]
    programme_id: UUID
    line_id: UUID
    provider_id: UUID
    list_id: UUID
    insiders: dict[str, Insider]
    sheet: str

    def keep(self, path: Path) -> None:
        """Write it down, beside the data and not in it."""
        path.write_text(json.dumps(asdict(self), default=str), "utf-8")

    @classmethod
    def kept(cls, path: Path) -> Known:
        """Read it again."""
        told: dict[str, Any] = json.loads(path.read_text("utf-8"))  # Any: as JSON has it
        insiders = {seat: Insider(**{**one, "id": UUID(one["id"])}) for seat, one in told["insiders"].items()}
        seats = {seat: UUID(one) for seat, one in told["seats"].items()}
        several = {name: tuple(UUID(one) for one in told[name]) for name in ("households", "sites")}
        single = {name: UUID(told[name]) for name in ("programme_id", "line_id", "provider_id", "list_id")}
        return cls(seats=seats, insiders=insiders, sheet=told["sheet"], **several, **single)


def build(folder: Path) -> Known:
    """Make it in this empty folder."""
    records = make.office(folder)
    # These files are our own: they need no process of their own to be read in, nor its patience on a busy machine.
    with patch.object(sandbox, "messages", workbook.read_here):
        return _built(records, folder)


def _built(records: Records, folder: Path) -> Known:
    try:
        made, place, seats = _office(records)
        _brought(records, seats["registrar"], folder.parent)
        with _roomed(records) as (insiders, sheet):
            _letters(records, made)
            _said_at_the_desk(records, made.site_id)
        return Known(
            seats=seats,
            households=made.households,
            sites=(made.site_id, place),
            programme_id=made.programme_id,
            line_id=made.line_id,
            provider_id=made.provider_id,
            list_id=_paid(records, made, seats["finance"]),
            insiders=insiders,
            sheet=sheet,
        )
    finally:
        records.close()


def _office(records: Records) -> tuple[make_transfers.Setting, UUID, dict[str, UUID]]:
    made = make_transfers.setting(records, SIZES)
    place = make_sites.site(records, "OM", "Old Mill")
    make_transfers.household(records, place, 2, len(SIZES) + 1)
    make_sites.check(records, made.site_id, S08="no")
    make_sites.day(records, made.site_id, date(2026, 11, 27))
    make_sites.contact(records, made.site_id)
    make_checks.limits(records)
    make_checks.notice(records, {made.site_id: [date(2026, 11, 23) + timedelta(days=day) for day in range(5)]})
    seats = {
        "registrar": made.registrar,
        "interviewer": make.staff(records, Role.INTERVIEWER, name="Sable Thistledown", site_id=made.site_id),
        "manager": made.manager,
        "finance": make.staff(records, Role.FINANCE, name="Rana Inkwell"),
        "approver": made.approver,
        "approver_2": made.second_approver,
        "releaser": made.releaser,
        **{seat: make.staff(records, role, name=f"Ember {seat.title()}") for seat, role in _MORE.items()},
    }
    return made, place, seats


def _paid(records: Records, made: make_transfers.Setting, finance: UUID) -> UUID:
    """A released list; the provider's answer, posted; a second one, looked at, that contradicts it; and a fee one person entered."""
    list_id = make_transfers.released_list(records, made)
    with records.read() as look:
        lines = tuple(instructions_of(look, list_id))
    given = Released(made, list_id, lines, finance)
    rows = [make_payouts.row(line, number) for number, line in enumerate(lines[:3])]
    rows += [
        make_payouts.row(lines[3], 4, status="FAILED"),
        make_payouts.row(lines[0], 9, reference="ZZ-99", name="Nobody Nowhere", phone=""),
    ]
    make_payouts.posted(records, given, rows)
    make_payouts.previewed(records, given, [make_payouts.row(lines[0], 1, status="FAILED"), make_payouts.row(lines[4], 5)], "again.csv")
    with records.work(Actor(finance)) as work:
        fee = Money(25_000, "KES")
        money.enter(work, NewMoney(MoneyKind.FEE, made.provider_id, None, made.line_id, fee, date(2026, 11, 20), "BANK-0042"))
    return list_id


def _brought(records: Records, registrar: UUID, folder: Path) -> None:
    """A registration file of which one row came back, and a household that looks like another."""
    make_transfers.household(records, make_sites.site(records, "HR", "Hill Road"), 2, 1, by=registrar)
    file = make_imports.kobo(
        folder / "brought.xlsx",
        [{}, {"_uuid": "u-2", "_index": 2, "contact/phone": "+999 55"}],
        [{}, {"_parent_index": 2, "members/given_name": "Oswin", "members/family_name": "Paperkite", "members/sex": "male"}],
    )
    person = make.Visitor(make.app_of(records), records, registrar)
    person.send("/households/imports", {"file": (io.BytesIO(file.read_bytes()), "households.xlsx")})
    with records.read() as reading:
        url = f"/households/imports/{reading.session.exec(select(Import.id)).one()}"
    person.send(f"{url}/save", {}, page=url)
    file.unlink()


@contextmanager
def _roomed(records: Records) -> Iterator[tuple[dict[str, Insider], str]]:
    founded = make_room.founded(records)
    room = founded.open()
    try:
        make_room.inside(room, founded.lead)
        officer = make_room.officer(room, founded.lead, founded.sheet)
        focal = make_room.officer(room, founded.lead, founded.sheet, "p.quill", Role.PSEA)
        insiders = {"lead": founded.lead, "officer": officer, "focal": focal}
        yield {seat: Insider.of(one) for seat, one in insiders.items()}, founded.sheet
    finally:
        room.close()


def _letters(records: Records, made: make_transfers.Setting) -> None:
    """Two letters an officer must read, and one that is filed."""
    told = (make_room.TALK_TODAY, make_room.HARDER, make_room.NOTHING)
    for household, answers in zip(made.households, told, strict=False):
        make_room.letter(records, household, answers, site_id=made.site_id)


def _said_at_the_desk(records: Records, site_id: UUID) -> None:
    """Feedback the desk answers, and some that went past it."""
    for number, subject in enumerate((Category.MONEY, Confided.CONDUCT, Category.IDEA), start=1):
        make_feedback.taken(records, subject, site_id, key=UUID(int=number))
