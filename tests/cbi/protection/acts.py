"""What officers do, in one line each, for the tests of the room."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import select

from cbi.protection import cases, practice
from cbi.protection.dossier import Stage, state_of
from cbi.protection.history import Choice, Outcome
from cbi.protection.practice import Ruling
from cbi.protection.referrals import Wish, write
from cbi.protection.room import Room
from cbi.protection.snapshot import Round
from cbi.protection.tables import Case
from tests.make_room import Insider

EVERYWHERE: frozenset = frozenset()


def contact(room: Room, who: Insider, case_id: UUID, outcome: Outcome = Outcome.REACHED, **more) -> Stage:
    with room.work(who.id) as work:
        return practice.note_contact(work, room.office, EVERYWHERE, case_id, outcome, **more)


def decide(room: Room, who: Insider, case_id: UUID, choice: Choice = Choice.CONTINUE, **more) -> Stage:
    ruling = Ruling(choice, agreed=True, **more)
    with room.work(who.id) as work:
        return practice.decide(work, room.office, EVERYWHERE, case_id, ruling)


def refer(room: Room, who: Insider, case_id: UUID, wish: Wish) -> UUID:
    with room.work(who.id) as work:
        return write(work, room.office, EVERYWHERE, case_id, wish)


def look(room: Room, case_id: UUID) -> cases.Dossier:
    with room.read() as reading:
        return cases.dossier(reading, room.office, cases.the_case(reading, EVERYWHERE, case_id))


def stage(room: Room, case_id: UUID) -> Stage:
    with room.read() as reading:
        return state_of(reading, reading.session.get(Case, case_id)).stage


def count(room: Room, table) -> int:
    with room.locked.read() as reading:
        return reading.session.exec(select(sa.func.count()).select_from(table)).one()


def kinds(room: Room) -> list[str]:
    """What the room's chain holds, in order."""
    with room.locked.read() as reading:
        entry = reading.system.audit_entry
        return list(reading.session.exec(select(entry.kind).order_by(entry.seq)))


def office_says(room: Room, case_id: UUID, *, rounds: tuple[Round, ...] = (), published: tuple[date, ...] = ()) -> None:
    """As if the office had been read after these rounds of payments and these publications."""
    about = look(room, case_id).about
    card = replace(room.office.households[about.household_id], published=published)
    room.refresh(replace(room.office, rounds={about.site_id: rounds}, households={**room.office.households, about.household_id: card}))
