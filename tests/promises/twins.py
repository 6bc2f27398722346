"""Two worlds of one beginning: the office is asked the same in both, the rooms are not, and all that the offices tell is laid side by side."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from cbi.transfers.tables import ArrangementKind
from tests.promises import office_steps, room_steps
from tests.promises.room_steps import Changes
from tests.promises.small_office import Known
from tests.promises.telling import Address, Compared, endpoint_of, everything, files_of, kept_by, logged, some
from tests.promises.worlds import World, forked

A_MINUTE = timedelta(minutes=1)
WISHES: tuple[Changes, ...] = (
    {ArrangementKind.DAY: ("tue-midday", "thu-afternoon"), ArrangementKind.MESSAGES: "neutral"},
    {ArrangementKind.PARTS: 3},
    {ArrangementKind.KEEP: True, ArrangementKind.HELP: ("first",)},
    {ArrangementKind.PARTS: None, ArrangementKind.DAY: ("mon-morning",)},
)


@dataclass
class Twins:
    """Two worlds under one office clock, and what comparing them came to."""

    left: World
    right: World
    compared: Compared = field(default_factory=Compared)

    @property
    def both(self) -> tuple[World, World]:
        """The two."""
        return self.left, self.right

    def office(self, step: office_steps.Step, pick: int) -> None:
        """The same in both offices; what each answered and wrote into its log is compared."""
        self._pass(A_MINUTE)
        heard = []
        for world in self.both:
            with logged() as lines:
                told = office_steps.heard(step(world, pick))
            heard.append((told, lines))
        self.compared.pairs += len(heard[0][0])
        self.compared.same(f"{step.__name__}({pick})", *heard)

    def letter(self, pick: int, left_told: int, right_told: int) -> None:
        """One visit in both, in which different things are told in private."""
        told = {id(self.left): left_told, id(self.right): right_told}

        def letter(world: World, which: int) -> office_steps.Heard:
            return office_steps.letter(world, which, told[id(world)])

        self.office(letter, pick)

    def confide(self, pick: int, left_told: int, right_told: int) -> None:
        """Something said at the desk in both that must not stay there, and is not the same."""
        told = {id(self.left): left_told, id(self.right): right_told}

        def confide(world: World, which: int) -> office_steps.Heard:
            return office_steps.confide(world, which, told[id(world)])

        self.office(confide, pick)

    def room(self, side: int, step: room_steps.Step, pick: int) -> None:
        """Something in one of the two rooms, or in both. A minute passes: around one instant only three codes are good."""
        self._pass(A_MINUTE)
        for number, world in enumerate(self.both):
            if side in (number, 2):
                step(world, pick)

    def wish(self, pick: int, side: int) -> bool:
        """One wish that goes through the door in both: in one world by an officer, in the other at the help desk. False where no letter waits."""
        self._pass(A_MINUTE)
        officers, desk = self.both if side == 0 else (self.right, self.left)
        waiting = room_steps.households_waiting(officers)
        if not waiting:
            return False
        household, changes = waiting[pick % len(waiting)], WISHES[pick % len(WISHES)]
        through = office_steps.wish_at_the_desk(desk, household, changes)
        if through:
            assert room_steps.wish_through_the_room(officers, household, changes)
        return through

    def look(self, addresses: Sequence[Address]) -> None:
        """The same questions to both."""
        self.compared.add(*(some(world, addresses) for world in self.both))

    def look_at_everything(self, *, each: int = 1, seats: Sequence[str] = ()) -> None:
        """Every route as every seat, every row and every file."""
        self._pass(A_MINUTE)
        told, written = [], []
        for world in self.both:
            with logged() as lines:
                told.append(everything(world, each=each, seats=seats))
            written.append(lines)
        self.compared.add(*told)
        self.compared.same("log", *written)
        self.look_at_what_is_kept()

    def look_at_what_is_kept(self) -> None:
        """Rows and files of the two offices."""
        left, right = (kept_by(world) for world in self.both)
        for table in left:
            self.compared.same(f"rows of {table}", left[table], right[table])
        self.compared.same("files", files_of(self.left), files_of(self.right))

    def _pass(self, time: timedelta) -> None:
        for world in self.both:
            world.hands.move(time)


@contextmanager
def twins(template: Path, known: Known, into: Path) -> Iterator[Twins]:
    """Two worlds that begin with the same bytes."""
    with forked(template, known, into) as (left, right):
        yield Twins(left, right)


def addresses_in(world: World) -> list[Address]:
    """Every address that every seat was found to have an answer for."""
    return sorted(everything(world))


def some_of(addresses: Sequence[Address], chance: random.Random, count: int) -> list[Address]:
    """A few of them, by chance."""
    return chance.sample(addresses, min(count, len(addresses)))


def one_of_each(world: World, addresses: Sequence[Address], chance: random.Random) -> list[Address]:
    """Each route as one seat, and each seat's first page."""
    by_route: dict[str, list[Address]] = {}
    for seat, url in addresses:
        by_route.setdefault(endpoint_of(world, url), []).append((seat, url))
    chosen = [chance.choice(same) for route, same in sorted(by_route.items()) if route]
    return [*chosen, *((seat, "/") for seat in world.known.seats)]


def a_long_day(pair: Twins) -> None:
    """Everything that can happen, once: office and rooms in turn, each room on its own way, three wishes through the door."""
    right, both = 1, 2
    pair.room(right, room_steps.unlock, 0)
    pair.letter(1, 11, 12)
    pair.office(office_steps.register, 3)
    pair.room(right, room_steps.read, 0)
    pair.office(office_steps.choose, 4)
    pair.confide(1, 2, 3)
    pair.office(office_steps.hear, 2)
    pair.room(right, room_steps.focal, 1)
    pair.wish(0, right)
    pair.letter(2, 21, 22)
    pair.room(right, room_steps.contact, 1)
    pair.office(office_steps.check_site, 1)
    pair.office(office_steps.publish, 0)
    pair.room(right, room_steps.decide, 1)
    pair.office(office_steps.plan, 5)
    pair.room(both, room_steps.unlock, 1)
    pair.room(right, room_steps.people, 1)
    pair.office(office_steps.approve, 0)
    pair.room(right, room_steps.decide, 3)
    pair.letter(3, 31, 32)
    pair.office(office_steps.verify, 0)
    pair.room(right, room_steps.withdraw, 0)
    pair.office(office_steps.upload, 1)
    pair.wish(2, right)
    pair.office(office_steps.next_slot, 0)
    pair.office(office_steps.erase, 6)
    pair.room(right, room_steps.unlock, 1)
    pair.room(right, room_steps.close, 0)
    pair.room(right, room_steps.forget, 0)
    pair.room(0, room_steps.lock, 0)
