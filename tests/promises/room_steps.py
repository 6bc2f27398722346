"""What the room does. Each world does its own; only what goes through a door must be said in all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID

from cbi.access import Role
from cbi.errors import NotThere, Refused
from cbi.protection import cases, closing, feedback, officers, outbox, practice, setup
from cbi.protection.cases import CaseLine
from cbi.protection.history import Choice, Outcome
from cbi.protection.officers import NewOfficer
from cbi.protection.practice import Ruling
from cbi.protection.tables import Officer
from cbi.store.work import Actor
from cbi.transfers.tables import ArrangementKind
from tests.promises.worlds import World

EVERYWHERE: frozenset[UUID] = frozenset()
Changes = Mapping[ArrangementKind, object]
Step = Callable[[World, int], None]

_QUIET = (Choice.CONTINUE, Choice.NO_ACTION, Choice.NOT_APPLICABLE, Choice.REFER)


def unlock(world: World, pick: int) -> None:
    """Somebody opens the room; new letters are taken in."""
    world.inside(("officer", "lead")[pick % 2])


def lock(world: World, _pick: int) -> None:
    """Everybody leaves."""
    world.room.lock_all()


def look(world: World, _pick: int) -> None:
    """The start page, and the letters of before."""
    _waiting(world)
    with world.room.read() as reading:
        cases.read_ones(reading, world.room.office, EVERYWHERE)
        cases.filed(reading, EVERYWHERE)


def read(world: World, pick: int) -> None:
    """A letter is opened."""
    for line in _one(_waiting(world), pick):
        with world.room.work(world.inside()) as work:
            cases.open_case(work, world.room.office, EVERYWHERE, line.id)


def contact(world: World, pick: int) -> None:
    """Somebody tries to reach the person."""
    for line in _one(_waiting(world), pick):
        outcome = tuple(Outcome)[pick % len(Outcome)]
        back = world.hands.at + timedelta(hours=3) if outcome is Outcome.COME_BACK else None
        _as(world, practice.note_contact, world.room.office, EVERYWHERE, line.id, outcome, back)


def decide(world: World, pick: int) -> None:
    """Something is decided that changes no arrangement; or one that does, and is not sent yet."""
    for line in _one(_waiting(world), pick):
        choice = _QUIET[pick % len(_QUIET)]
        services = world.room.office.services
        service = services[0].id if choice is Choice.REFER and services else None
        ruling = Ruling(choice, agreed=True, service_id=service)
        _as(world, practice.note_contact, world.room.office, EVERYWHERE, line.id, Outcome.REACHED)
        _as(world, practice.decide, world.room.office, EVERYWHERE, line.id, ruling)


def withdraw(world: World, pick: int) -> None:
    """The person takes back what she said: everything of it is gone."""
    for line in _one(_waiting(world), pick):
        _as(world, practice.withdraw, EVERYWHERE, line.id, world.room.keys, plan_kept=bool(pick % 2))


def close(world: World, pick: int) -> None:
    """A case that was decided ends."""
    world.inside()
    with world.room.read() as reading:
        lines = cases.read_ones(reading, world.room.office, EVERYWHERE)
    for line in _one(lines, pick):
        _as(world, closing.close, world.room.office, EVERYWHERE, line.id, tuple(closing.Ending)[pick % len(closing.Ending)])


def people(world: World, pick: int) -> None:
    """Somebody who opens no letters is let in, or the last such person leaves."""
    lead = world.inside("lead")
    with world.room.locked.read() as reading:
        auditors = [one.id for one in officers.present(reading) if one.role is Role.ROOM_AUDITOR]
    if auditors:
        setup.remove_officer(world.room, lead, world.room.keys, auditors[0])
        return
    new = NewOfficer(f"r.{pick}", "Roman Verity", Role.ROOM_AUDITOR, "walnut comet harbour pillow")
    setup.add_officer(world.room, lead, world.room.keys, new, setup.SecondPerson(sheet=world.known.sheet))


def focal(world: World, pick: int) -> None:
    """A focal point opens the room, reads what went past the desk, takes it up or lets it go."""
    who = world.inside("focal")
    guest = world.room.guest(who)
    with world.room.locked.read() as reading:
        officer = reading.session.get_one(Officer, who)
        mine = feedback.heard_by(reading, officer, guest.private, guest.office)
    for one in mine[:2]:
        for act in (feedback.read_one, (feedback.take_up, feedback.let_go)[pick % 2]):
            with world.room.locked.work(Actor(who)) as work:
                act(work, officer, guest.private, guest.office, one.id)


def forget(world: World, _pick: int) -> None:
    """The room's own clock: whoever was idle is locked out, what is old is forgotten."""
    from cbi.protection.purge import purge

    world.room.lock_idle()
    purge(world.room)


STEPS: tuple[Step, ...] = (unlock, lock, look, read, contact, decide, withdraw, close, people, focal, forget)


def wish_through_the_room(world: World, household_id: UUID, changes: Changes) -> bool:
    """An officer agrees a change with a person of this household and sends it through the door; False where no letter of hers waits."""
    mine = [line for line in _waiting(world) if _household_of(world, line) == household_id]
    for line in mine[:1]:
        officer = world.inside()
        with world.room.work(officer) as work:
            practice.note_contact(work, world.room.office, EVERYWHERE, line.id, Outcome.REACHED)
        with world.room.work(officer) as work:
            practice.decide(work, world.room.office, EVERYWHERE, line.id, Ruling(Choice.CHANGE, agreed=True, changes=changes))
        world.told_the_time()
        posted = outbox.send(world.room, officer)
        assert (posted.sent, posted.left) == (1, 0), posted
    return bool(mine)


def households_waiting(world: World) -> list[UUID]:
    """Whose letters wait for an officer."""
    return [_household_of(world, line) for line in _waiting(world)]


def _household_of(world: World, line: CaseLine) -> UUID:
    with world.room.read() as reading:
        return cases.dossier(reading, world.room.office, cases.the_case(reading, EVERYWHERE, line.id)).about.household_id


def _waiting(world: World) -> list[CaseLine]:
    world.inside()
    with world.room.read() as reading:
        return cases.waiting(reading, world.room.office, EVERYWHERE)


def _one(lines: list[CaseLine], pick: int) -> list[CaseLine]:
    return [lines[pick % len(lines)]] if lines else []


def _as(world: World, change: Callable[..., object], *given: object, **named: object) -> None:
    """What the officer does; she is told no where something stands against it."""
    try:
        with world.room.work(world.inside()) as work:
            change(work, *given, **named)
    except (Refused, NotThere):
        return
