"""Years of families in orders nobody thought of: whatever happens to them, nobody is lost, found wrongly, or due twice; undoing restores exactly."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import ClassVar
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import col, select

import cbi.payouts.lives  # noqa: F401 -- the ledger has a say
from cbi.errors import Refused
from cbi.people import erasure, kept_rows, lives_homes, lives_papers, lives_people, undoing
from cbi.people.correction import change_account
from cbi.people.history import changes_of
from cbi.people.lives_homes import Split
from cbi.people.lives_people import NewHead
from cbi.people.registered import Registered, open_household
from cbi.people.service import token_rows
from cbi.people.tables import AccountKind, Consent, Household, HouseholdStatus, Member, Relation, SearchToken
from cbi.people.tables_lives import ChangeKind
from cbi.people.values import NewAccount
from cbi.settings import Settings
from cbi.sites.tables import Site
from cbi.store.records import Records, open_office
from cbi.store.work import Actor, Reading, Work
from cbi.transfers import cycles, lists
from cbi.transfers.tables import Cycle, CycleStatus, Entitlement, Instruction
from tests import make, make_people, make_transfers
from tests.make_people import member

CLERK = UUID(int=71)
BY_EXAMPLE, EXAMPLES, LONG_EXAMPLES = 25, 6, 120
PLACES = st.integers(0, 7)


@pytest.fixture(scope="module")
def ready(office_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, make_transfers.Setting]:
    """An office with a programme at one site and two families, and another site without any."""
    folder = tmp_path_factory.mktemp("families")
    records = make.office(folder, office_template)
    made = make_transfers.setting(records, (4, 3))
    make_people.site(records, "OM", "Old Mill")
    records.close()
    return folder, made


class Families(RuleBasedStateMachine):
    """What may happen to families, and what is counted beside them.

    before: by change, the rows of everybody as they were.  counted: by cycle, the people of each entitlement when it was made.
    """

    ready: ClassVar[tuple[Path, make_transfers.Setting]]
    taken: ClassVar[Counter[str]] = Counter()

    @initialize()
    def begin(self) -> None:
        self.folder = Path(mkdtemp())
        shutil.copytree(self.ready[0], self.folder, dirs_exist_ok=True)
        self.records: Records = open_office(Settings(data=self.folder, clock=make.NOW, seed=7))
        self.made = self.ready[1]
        self.before: dict[UUID, str] = {}
        self.counted: dict[UUID, dict[UUID, frozenset[UUID]]] = {}
        self.number = 0

    def teardown(self) -> None:
        if hasattr(self, "records"):
            assert self.records.verify_chain().broken_at is None
            self.records.close()
            shutil.rmtree(self.folder)

    # What may happen

    @rule(size=st.integers(1, 4))
    def a_family_comes(self, size: int) -> None:
        self.number += 1
        make_transfers.household(self.records, self.made.site_id, size, 100 + self.number)
        self.taken["register"] += 1

    @rule(place=PLACES, who=PLACES, together=st.booleans())
    def it_splits(self, place: int, who: int, together: bool) -> None:
        with self.changing("split", place) as (work, one):
            others = one.member_ids[1:]
            if not others:
                raise Refused("nobody")
            goes = [others[who % len(others)], *(others[(who + 1) % len(others) :][:1] if together else [])]
            goes = list(dict.fromkeys(goes))
            new = Split(
                leaving=goes,
                head_id=goes[0],
                recipient_id=goes[-1],
                relations=dict.fromkeys(goes[1:], Relation.SIBLING),
                stays_recipient_id=one.member_ids[0],
                consent=Consent.AGREES,
                consent_version=1,
                consent_language="en",
                phone="+9995550199",
            )
            made = lives_homes.split(work, one.id, new, seen_version=one.version)
            change_id = changes_of(work, one.id)[0].id
        if self.said:
            with self.records.work(Actor(CLERK)) as work:
                assert work.session.get_one(Household, made).size == len(goes)
            assert change_id in self.before

    @rule(place=PLACES, other=PLACES)
    def two_join(self, place: int, other: int) -> None:
        with self.changing("join", place) as (work, one):
            second = self.at(other)
            coming = open_household(work, second) if second else None
            if coming is None:
                raise Refused("nobody")
            lives_homes.join(work, one.id, coming.id, dict.fromkeys(coming.member_ids, Relation.OTHER_FAMILY), seen_version=one.version)

    @rule(place=PLACES)
    def it_moves(self, place: int) -> None:
        with self.changing("move", place) as (work, one):
            mill = work.session.exec(select(Site.id).where(Site.code == "OM")).one()
            there = mill if one.told.site_id == self.made.site_id else self.made.site_id
            lives_homes.move(work, one.id, there, "M-9", seen_version=one.version)

    @rule(place=PLACES, who=PLACES, why=st.sampled_from(["died", "left", "stays"]))
    def it_loses_its_head(self, place: int, who: int, why: str) -> None:
        with self.changing("head", place) as (work, one):
            others = one.member_ids[1:] or one.member_ids
            head = others[who % len(others)]
            new = NewHead(head_id=head, why=why, recipient_id=head, relations=dict.fromkeys(one.member_ids, Relation.SIBLING))
            lives_people.new_head(work, one.id, new, seen_version=one.version)

    @rule(place=PLACES, who=PLACES, why=st.sampled_from([ChangeKind.DIED, ChangeKind.LEFT]))
    def somebody_goes(self, place: int, who: int, why: ChangeKind) -> None:
        with self.changing("gone", place) as (work, one):
            goes = one.member_ids[who % len(one.member_ids)]
            lives_people.went(work, one.id, goes, why, seen_version=one.version, recipient_id=one.member_ids[0])

    @rule(place=PLACES)
    def somebody_is_back(self, place: int) -> None:
        with self.changing("returned", place) as (work, one):
            gone = lives_people.gone_from(work, one.id)
            if not gone:
                raise Refused("nobody")
            lives_people.returned(work, one.id, gone[0].change_id, Relation.CHILD, seen_version=one.version)

    @rule(place=PLACES)
    def somebody_leaves_for_a_while(self, place: int) -> None:
        with self.changing("gone", place) as (work, one):
            lives_people.went(work, one.id, one.member_ids[-1], ChangeKind.LEFT, seen_version=one.version, recipient_id=one.member_ids[0])
        if self.said:
            self.somebody_is_back(place)

    @rule(place=PLACES)
    def a_child_is_born(self, place: int) -> None:
        with self.changing("born", place) as (work, one):
            lives_people.born(work, one.id, member("Pip", "Moonbeam", 2026, relation=Relation.CHILD), seen_version=one.version)

    @rule(place=PLACES)
    def the_card_is_lost(self, place: int) -> None:
        with self.changing("card", place) as (work, one):
            old = one.token
            lives_papers.replace_card(work, one.id, seen_version=one.version)
        if self.said:
            with self.records.read() as reading:
                assert lives_papers.is_refused(reading, old)

    @rule(place=PLACES)
    def an_account_is_given(self, place: int) -> None:
        household_id = self.at(place)
        if household_id is not None:
            self.number += 1
            with self.records.work(Actor(CLERK)) as work:
                change_account(work, household_id, NewAccount(AccountKind.MOBILE_MONEY, f"+254712{500_000 + self.number:06d}"))

    @rule(place=PLACES)
    def the_newest_change_is_taken_back(self, place: int) -> None:
        household_id = self.at(place)
        with self.records.read() as reading:
            every = changes_of(reading, household_id) if household_id else []
            mine = [one for one in every if one.undone_at is None and one.kind is not ChangeKind.CORRECTED]
            can = bool(mine) and undoing.why_not(reading, mine[0]) is None
        if not can:
            return
        change = mine[0]
        with self.records.work(Actor(CLERK)) as work:
            undoing.undo(work, change.id)
        self.taken["undo"] += 1
        households = [one for one in (change.household_id, change.other_id) if one]
        assert self.rows(households) == self.before[change.id], change.kind

    @rule(place=PLACES)
    def it_is_forgotten(self, place: int) -> None:
        household_id = self.at(place)
        if household_id is None or self.number < 3:
            return
        with self.records.work(Actor(CLERK)) as work:
            erased = erasure.erase(work, household_id)
        with self.records.work(Actor(CLERK)) as work:
            assert all(erasure.is_erased(work, one) for one in erased)
        self.taken["erase"] += 1

    @rule()
    def a_cycle_is_frozen(self) -> None:
        if len(self.counted) >= 3:
            return
        try:
            cycle_id = make_transfers.frozen_cycle(self.records, self.made)
        except Refused:
            return
        self.count(cycle_id)
        self.taken["freeze"] += 1

    @rule(place=PLACES)
    def late_ones_are_counted(self, place: int) -> None:
        open_ones = sorted(self.counted)
        if not open_ones:
            return
        cycle_id = open_ones[place % len(open_ones)]
        try:
            with self.records.work(Actor(self.made.manager)) as work:
                cycles.add_late(work, cycle_id)
        except Refused:
            return
        self.count(cycle_id)
        self.taken["late"] += 1

    @rule(place=PLACES, hand_in=st.booleans())
    def a_list_is_made(self, place: int, hand_in: bool) -> None:
        open_ones = sorted(self.counted)
        if not open_ones:
            return
        try:
            with self.records.work(Actor(self.made.manager)) as work:
                list_id = lists.make_list(work, open_ones[place % len(open_ones)], self.made.provider_id)
                if hand_in:
                    lists.submit(work, list_id)
        except Refused:
            return
        self.taken["list"] += 1

    # What holds after each

    @invariant()
    def everybody_lives_in_one_household_with_one_head(self) -> None:
        if not hasattr(self, "records"):
            return
        with self.records.read() as reading:
            people = Counter(reading.session.exec(select(Member.household_id)))
            for household in reading.session.exec(select(Household)):
                mine = kept_rows.members_of(reading, household.id)
                if household.status is HouseholdStatus.MERGED:
                    assert mine == []
                elif not reading.was_erased(household.id):
                    assert household.size == people[household.id] == len(mine)
                    assert [one.relation is Relation.HEAD for one in mine] == [True] + [False] * (len(mine) - 1)
                    assert household.recipient_id in {None, *(one.id for one in mine)}
                    assert all(reading.open(one, "given") for one in mine)

    @invariant()
    def everybody_is_found_by_what_is_written_and_by_nothing_else(self) -> None:
        if not hasattr(self, "records"):
            return
        work = self.records.work(Actor(CLERK))
        try:
            kept = {(row.household_id, row.member_id, row.token) for row in work.session.exec(select(SearchToken))}
            assert kept == set(_indexed_anew(work))
        finally:
            work.session.rollback()
            work.session.close()

    @invariant()
    def nobody_is_due_twice_in_a_cycle(self) -> None:
        if not hasattr(self, "records"):
            return
        for cycle_id, entitled in self.counted.items():
            twice = [person for person, times in Counter(one for people in entitled.values() for one in people).items() if times > 1]
            assert not twice, cycle_id

    @invariant()
    def every_entitlement_is_on_live_lines_or_waits_to_the_minor_unit(self) -> None:
        if not hasattr(self, "records"):
            return
        live = sa.select(sa.func.coalesce(sa.func.sum(col(Instruction.amount_minor)), 0)).where(
            col(Instruction.entitlement_id) == col(Entitlement.id), col(Instruction.live)
        )
        with self.records.read() as reading:
            rows = reading.session.execute(sa.select(col(Entitlement.amount_minor), live.scalar_subquery())).all()
            parts = select(Instruction.entitlement_id, Instruction.part).where(col(Instruction.live))
            assert all(on_lines in (0, amount) for amount, on_lines in rows)
            assert max(Counter(reading.session.exec(parts).all()).values(), default=1) == 1

    # What is counted beside it

    @contextmanager
    def changing(self, name: str, place: int) -> Iterator[tuple[Work, Registered]]:
        """One change in a work of its own; what was before is kept by it. A refusal leaves everything as it was."""
        self.said = False
        household_id = self.at(place) or make_transfers.household(self.records, self.made.site_id, 2, 99)
        everybody = {one: self.rows([one]) for one in self.all_open()}
        try:
            with self.records.work(Actor(CLERK)) as work:
                yield work, open_household(work, household_id)
                change = changes_of(work, household_id)[0]
                households = [one for one in (change.household_id, change.other_id) if one]
                self.before[change.id] = "".join(everybody.get(one, "gone") for one in households)
            self.said = True
            self.taken[name] += 1
        except Refused:
            assert {one: self.rows([one]) for one in self.all_open()} == everybody

    def at(self, place: int) -> UUID | None:
        """One of the households that stand open."""
        found = self.all_open()
        return found[place % len(found)] if found else None

    def all_open(self) -> list[UUID]:
        with self.records.read() as reading:
            gone = (HouseholdStatus.MERGED, HouseholdStatus.WITHDRAWN)
            asked = select(Household.id).where(col(Household.status).not_in(gone)).order_by(col(Household.number))
            return list(reading.session.exec(asked))

    def rows(self, households: list[UUID]) -> str:
        """Everything of these households as text; "gone" for one that is not there."""
        with self.records.read() as reading:
            return "".join(_rows(reading, one) for one in households)

    def count(self, cycle_id: UUID) -> None:
        """Note who is in each entitlement that was not noted before."""
        known = self.counted.setdefault(cycle_id, {})
        with self.records.read() as reading:
            assert reading.session.get_one(Cycle, cycle_id).status is CycleStatus.FROZEN
            for household_id in reading.session.exec(select(Entitlement.household_id).where(Entitlement.cycle_id == cycle_id)):
                known.setdefault(household_id, frozenset(one.id for one in kept_rows.members_of(reading, household_id)))


def _rows(reading: Reading, household_id: UUID) -> str:
    if reading.session.get(Household, household_id) is None:
        return "gone"
    return kept_rows.as_text([kept_rows.keep(reading, household_id)])


def _indexed_anew(work: Work) -> Iterator[tuple[UUID, UUID, bytes]]:
    """The tokens that indexing everybody from what is written would give."""
    for household in work.session.exec(select(Household)).all():
        if work.was_erased(household.id) or household.status is HouseholdStatus.MERGED:
            continue
        told = open_household(work, household.id)
        for member_id, one in zip(told.member_ids, told.told.members, strict=True):
            yield from ((row.household_id, row.member_id, row.token) for row in token_rows(work, household, member_id, one))


def _run(ready: tuple[Path, make_transfers.Setting], examples: int) -> set[str]:
    Families.ready, Families.taken = ready, Counter()
    run_state_machine_as_test(
        Families,
        settings=settings(
            max_examples=examples,
            stateful_step_count=BY_EXAMPLE,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    return set(Families.taken)


def test_whatever_happens_to_families_nobody_is_lost_or_due_twice_and_undoing_restores_exactly(
    ready: tuple[Path, make_transfers.Setting],
):
    taken = _run(ready, EXAMPLES)

    assert not {"register", "split", "move", "head", "gone", "born", "card", "undo", "freeze"} - taken


@pytest.mark.long
def test_three_thousand_steps_of_families_keep_the_same_laws(ready: tuple[Path, make_transfers.Setting]):
    taken = _run(ready, LONG_EXAMPLES)

    everything = {
        "register",
        "split",
        "join",
        "move",
        "head",
        "gone",
        "returned",
        "born",
        "card",
        "undo",
        "erase",
        "freeze",
        "late",
        "list",
    }
    assert not everything - taken
