"""Non-interference: two worlds whose offices were asked the same, whatever was done in their rooms, tell everybody the same to the byte."""

from __future__ import annotations

import random
import re
import shutil
from collections import Counter
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp
from threading import Event, Thread
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlmodel import func, select

from cbi.errors import Refused
from cbi.protection.tables import Case, Contact, Decision
from cbi.transfers.tables import Arrangement, ListStatus, PaymentList, Publication
from cbi.web import paper
from reconciliation import sandbox, workbook
from tests.promises import office_steps, room_steps, telling
from tests.promises.conftest import Small
from tests.promises.telling import Address, Compared
from tests.promises.twins import Twins, a_long_day, addresses_in, one_of_each, some_of, twins
from tests.promises.worlds import World

EXAMPLES, STEPS = 12, 20
LONG_WORLDS, LONG_PAIRS = 200, 10_000
AT_EACH_STEP = 4
# In the short run each route is asked for after every fourth example, in the long one after each.
ROUTES_EACH = 4
NUMBERS = st.integers(0, 2**32 - 1)
PICKS = 10_000


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own files need no process of their own to be read in, and a paper of the same content is drawn once."""
    monkeypatch.setattr(sandbox, "messages", workbook.read_here)
    monkeypatch.setattr(paper, "draw", lru_cache(maxsize=512)(paper.draw))


def rows_in(world: World, *tables: type) -> int:
    """How many rows the room of a world keeps of these."""
    with world.room.locked.read() as reading:
        return sum(reading.session.exec(select(func.count()).select_from(table)).one() for table in tables)


def published(world: World) -> int:
    with world.records.read() as reading:
        return reading.session.exec(select(func.count()).select_from(Arrangement)).one()


def test_whatever_happened_in_the_rooms_every_route_tells_every_seat_the_same(small: Small, tmp_path: Path):
    with twins(small.folder, small.known, tmp_path) as pair:
        a_long_day(pair)

        pair.look_at_everything()

        pair.compared.holds()
        assert pair.compared.pairs > 1_500
        asked = {telling.endpoint_of(pair.left, url) for _, url in pair.compared.addresses}
        routes = {one.endpoint for one in pair.left.app.url_map.iter_rules() if "GET" in (one.methods or ())}
        assert routes - asked == {"static"}, "each of its files was asked for by name"
        assert any(url.startswith("/static/js/") for _, url in pair.compared.addresses)
        assert {seat for seat, _ in pair.compared.addresses} == {*small.known.seats, telling.NOBODY}
        assert len({url for _, url in pair.compared.addresses if re.search(r"\.(xlsx|csv|svg|pdf)(\?|$)|/card$|/file$", url)}) > 8
        # The day was one on which things happened: else nothing was compared.
        assert rows_in(pair.right, Contact, Decision) > rows_in(pair.left, Contact, Decision) + 3
        assert published(pair.left) >= 3
        with pair.left.records.read() as reading:
            assert len(reading.session.exec(select(PaymentList).where(PaymentList.status == ListStatus.RELEASED)).all()) == 2
            assert len(reading.session.exec(select(Publication)).all()) >= 2


def test_a_room_that_nobody_ever_opened_cannot_be_told_from_one_at_work(small: Small, tmp_path: Path):
    """The purge form: in one of the two worlds the room does nothing at all."""
    seats = ("interviewer", "help_desk", "manager", "auditor", "administrator")
    with twins(small.folder, small.known, tmp_path) as pair:
        for turn in range(12):
            pair.room(1, room_steps.STEPS[turn % len(room_steps.STEPS)], turn)
            pair.office(office_steps.STEPS[(3 * turn) % len(office_steps.STEPS)], turn)
            pair.letter(turn, turn, 100 + turn) if turn % 4 == 0 else None

        pair.look_at_everything(seats=seats)

        pair.compared.holds()
        assert rows_in(pair.left, Case) == 0
        assert rows_in(pair.right, Case, Contact) >= 3


def test_an_office_at_work_while_officers_are_tells_the_same_as_one_whose_room_is_dark(small: Small, tmp_path: Path):
    """Concurrent: the room of one world never rests while both offices go through their day and are read."""
    seats = ("registrar", "interviewer", "manager")
    with twins(small.folder, small.known, tmp_path) as pair:
        stop, turns, wrong = Event(), Counter[str](), list[str]()
        # Leaving and opening again needs a new code, of which a stopped clock gives one a minute.
        steps = [step for step in room_steps.STEPS if step is not room_steps.lock]

        def at_work() -> None:
            chance = random.Random(5)
            while not stop.is_set():
                step = chance.choice(steps)
                try:
                    step(pair.right, chance.randrange(1000))
                except Refused:
                    turns["a code that ran out while it was typed"] += 1
                    continue
                except Exception as problem:  # noqa: BLE001 -- told below: a thread's end is nobody's failure
                    wrong.append(repr(problem))
                    return
                turns[step.__name__] += 1

        officer = Thread(target=at_work)
        officer.start()
        try:
            for turn in range(10):
                pair.office(office_steps.STEPS[turn % len(office_steps.STEPS)], turn)
                pair.letter(turn, turn, turn + 1) if turn % 3 == 0 else None
            pair.look_at_everything(seats=seats)
        finally:
            stop.set()
            officer.join(timeout=60)

        assert wrong == [], wrong
        pair.compared.holds()
        assert sum(turns.values()) > 20


@pytest.fixture
def addresses(small: Small, tmp_path: Path) -> list[Address]:
    """Every address of the small office, with who asks for it."""
    with twins(small.folder, small.known, tmp_path / "addresses") as pair:
        return addresses_in(pair.left)


class Worlds(RuleBasedStateMachine):
    """Two worlds; one office, two rooms; anything in any order."""

    small: ClassVar[Small]
    addresses: ClassVar[list[Address]]
    told: ClassVar[Compared]
    done: ClassVar[Counter[str]]
    whole_each: ClassVar[int] = 0
    routes_each: ClassVar[int] = 1

    @initialize()
    def begin(self) -> None:
        self.folder = Path(mkdtemp())
        self.open = twins(self.small.folder, self.small.known, self.folder)
        self.pair: Twins = self.open.__enter__()
        self.chance, self.turn = random.Random(7), 0
        self.done["worlds"] += 2

    def teardown(self) -> None:
        if not hasattr(self, "pair"):
            return
        try:
            self._look_at_the_whole()
            self.told.pairs += self.pair.compared.pairs
            self.told.bytes_told += self.pair.compared.bytes_told
            self.told.bytes_masked += self.pair.compared.bytes_masked
            self.pair.compared.holds()
            if self.whole_each and self.done["worlds"] % 20 == 0:
                print(self.done["worlds"], "worlds,", self.told.pairs, "pairs", flush=True)  # noqa: T201 -- it takes long
        finally:
            self.open.__exit__(None, None, None)
            shutil.rmtree(self.folder)

    @rule(number=NUMBERS)
    def something_happens(self, number: int) -> None:
        """By its number and its turn: numbers are drawn unevenly, some again and again, and what happens must not be."""
        self.turn += 1
        chance = random.Random(f"{number} {self.turn}")
        happens = chance.choices((self._the_offices, self._a_visit, self._confided, self._a_room, self._a_wish), (8, 3, 1, 7, 3))[0]
        happens(chance.randrange(PICKS), chance)

    def _the_offices(self, pick: int, _: random.Random) -> None:
        step = office_steps.STEPS[pick % len(office_steps.STEPS)]
        self.pair.office(step, pick)
        self._look(step.__name__)

    def _a_visit(self, pick: int, _: random.Random) -> None:
        self.pair.letter(pick, pick, pick + 1)
        self._look("letter")

    def _confided(self, pick: int, _: random.Random) -> None:
        self.pair.confide(pick, pick, pick + 1)
        self._look("confide")

    def _a_room(self, pick: int, chance: random.Random) -> None:
        step = room_steps.STEPS[pick % len(room_steps.STEPS)]
        self.pair.room(chance.randrange(3), step, pick)
        self._look(f"room {step.__name__}")

    def _a_wish(self, pick: int, chance: random.Random) -> None:
        if self.pair.wish(pick, chance.randrange(2)):
            self._look("wish")

    def _look(self, after: str) -> None:
        self.done[after] += 1
        self.pair.look(some_of(self.addresses, self.chance, AT_EACH_STEP))
        assert self.pair.compared.differing == []

    def _look_at_the_whole(self) -> None:
        """Every row, and now and then every route as somebody; in the long run sometimes as everybody."""
        if self.whole_each and (self.done["worlds"] // 2) % self.whole_each == 0:
            self.pair.look_at_everything()
            return
        self.pair.look_at_what_is_kept()
        if (self.done["worlds"] // 2) % self.routes_each == 0:
            self.pair.look(one_of_each(self.pair.left, self.addresses, self.chance))


def run(small: Small, addresses: list[Address], *, examples: int, whole_each: int = 0, routes_each: int = 1) -> Compared:
    """So many pairs of worlds; what comparing them came to."""

    class These(Worlds):
        """Worlds with counts of their own."""

    These.small, These.addresses, These.told, These.done = small, addresses, Compared(), Counter()
    These.whole_each, These.routes_each = whole_each, routes_each
    run_state_machine_as_test(
        These,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=not whole_each,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )
    summary = f"{These.done['worlds']} worlds, {These.done.total() - These.done['worlds']} steps, {These.told.pairs} pairs: {These.done}"
    print(summary)  # noqa: T201 -- the figures in docs/promises.md
    assert These.done["worlds"] >= 2 * examples
    assert len(These.done) > 20 or examples < 10
    return These.told


def test_in_any_order_of_any_steps_no_byte_differs(small: Small, addresses: list[Address]):
    told = run(small, addresses, examples=EXAMPLES, routes_each=ROUTES_EACH)

    assert told.pairs > EXAMPLES * STEPS * AT_EACH_STEP / 2
    assert told.share_masked <= telling.MOST_MASKED


@pytest.mark.long
def test_two_hundred_worlds_and_ten_thousand_answers_show_no_difference(small: Small, addresses: list[Address]):
    told = run(small, addresses, examples=LONG_WORLDS // 2, whole_each=50)

    assert told.pairs >= LONG_PAIRS
    assert told.share_masked <= telling.MOST_MASKED
