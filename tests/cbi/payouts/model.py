"""A ledger written once more, small and slow, from the rules alone: what happened is a list, and every look at it begins at the beginning."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeGuard

LATEST = 1_000_000_000


@dataclass(frozen=True)
class Said:
    """One row. whose: place of the transfer, or the name of a stranger; txn: the provider's id, "" for what people entered in the turn-th event."""

    txn: str
    whose: int | str
    outcome: str
    minor: int
    elsewhere: bool = False
    turn: int = 0


@dataclass(frozen=True)
class Event:
    """A posted file, or a decision about one: what, of which file, and the rows or the amount it is about."""

    what: str
    file: int
    rows: tuple[Said, ...] = ()
    whose: int | str = 0
    minor: int = 0
    number: int = 0


@dataclass
class Ledger:
    """Where everything stands. rows: what counts, by transfer or stranger, each with its file and whether it is astray.

    decided: results of which people said that the earlier one is right.
    """

    amounts: list[int]
    rows: dict[int | str, list[tuple[int, Said, bool]]] = field(default_factory=lambda: defaultdict(list))
    extra: Counter[int] = field(default_factory=Counter)
    again: set[int | str] = field(default_factory=set)
    aside: dict[tuple[int, int | str], tuple[tuple[Said, ...], bool]] = field(default_factory=dict)
    decided: set[tuple[int | str, str, str, int]] = field(default_factory=set)

    def stand(self, whose: int | str, more: Iterable[tuple[int, Said, bool]] = ()) -> tuple[int, int, bool]:
        """What the payee has (negative when more came back than was seen), what is astray, and whether a row says failed or returned."""
        has = astray = 0
        told = [(said.turn or file or LATEST, said, lost) for file, said, lost in (*self.rows[whose], *more)]
        for turn in sorted({turn for turn, _, _ in told}):
            now = [(said, lost) for when, said, lost in told if when == turn]
            back = sum(said.minor for said, _ in now if said.outcome == "REVERSED")
            wrong = astray + sum(said.minor for said, lost in now if lost and said.outcome == "SUCCESS")
            right = sum(said.minor for said, lost in now if not lost and said.outcome == "SUCCESS")
            has, astray = has + right - max(back - wrong, 0), max(wrong - back, 0)
        return has, astray, any(said.outcome != "SUCCESS" for _, said, _ in told)

    def kept(self, whose: int | str) -> tuple[int, int]:
        """Delivered and suspense."""
        has, astray, _ = self.stand(whose)
        delivered = min(max(has, 0), self.amounts[whose]) if self._is_asked(whose) else 0
        return delivered, max(has, 0) - delivered + astray

    def _is_asked(self, whose: int | str) -> TypeGuard[int]:
        """Whether it is a transfer, and no other has taken its place."""
        return isinstance(whose, int) and whose not in self.again

    def is_dead(self, whose: int) -> bool:
        """Whether it may be instructed again: it failed or came back, and nothing is out."""
        has, astray, told = self.stand(whose)
        return told and max(has, 0) + astray == 0

    def take(self, event: Event) -> None:
        """Let one event happen."""
        getattr(self, f"_{event.what}")(event)
        for whose in self.extra:
            self.extra[whose] = min(self.extra[whose], self.kept(whose)[1])

    def _post(self, event: Event) -> None:
        groups: dict[int | str, list[Said]] = defaultdict(list)
        for said in event.rows:
            groups[self._owner(said)].append(said)
        for whose, said in groups.items():
            self._story(event.file, whose, said)

    def _owner(self, said: Said) -> int | str:
        known = {whose for whose, _, one in self._all() if one.txn == said.txn}
        return next(iter(known)) if isinstance(said.whose, str) and len(known) == 1 else said.whose

    def _all(self) -> Iterator[tuple[int | str, int, Said]]:
        return ((whose, file, said) for whose, rows in self.rows.items() for file, said, _ in rows)

    def _story(self, file: int, whose: int | str, said: list[Said]) -> None:
        counted = {(one.txn, one.outcome): (owner, one.minor) for owner, _, one in self._all() if one.txn}
        loose = Counter(one.minor for _, one, _ in self.rows[whose] if not one.txn and one.outcome == "REVERSED")
        fresh, again, clashes = list[Said](), list[Said](), False
        for one in said:
            known = counted.get((one.txn, one.outcome))
            by_hand = known is None and one.outcome == "REVERSED" and loose[one.minor] > 0
            loose[one.minor] -= by_hand
            same = known is not None and (one.outcome == "FAILED" or known == (whose, one.minor))
            settled = _result(whose, one) in self.decided
            (again if settled or same or by_hand else fresh).append(one)
            clashes |= known is not None and not same and not settled
        paid, money = [one for one in fresh if one.outcome == "SUCCESS"], [one for one in fresh if one.outcome != "FAILED"]
        has, astray, _ = self.stand(whose)
        out = max(has, 0) + astray
        wrong = not self._is_asked(whose) or any(one.elsewhere for one in (paid or fresh))
        if not money and (any(one.outcome != "FAILED" for one in again) or (not fresh and out > 0)):
            return
        if clashes or (not money and out > 0) or (paid and has < 0):
            self.aside[file, whose] = tuple(said), wrong
            return
        back = max(sum(one.minor for one in money if one not in paid) - astray, 0)
        lost = wrong and sum(one.minor for one in paid) > back and not self._twice(whose, money)
        self.rows[whose] += [(file, one, (lost or not self._is_asked(whose)) and one.outcome == "SUCCESS") for one in fresh]

    def _twice(self, whose: int | str, money: list[Said]) -> bool:
        if not self._is_asked(whose):
            return False
        more = [(0, one, False) for one in money]
        (has, astray, _), (had, was, _) = self.stand(whose, more), self.stand(whose)
        back = any(one.outcome == "REVERSED" for one in money) and (max(has, 0) + astray < max(had, 0) + was or has <= 0)
        right = [one.minor for _, one, lost in (*self.rows[whose], *more) if one.outcome == "SUCCESS" and not lost]
        asked = self.amounts[whose]
        return not back and has > asked and has % asked == 0 and set(right) == {asked}

    def _same_person(self, event: Event) -> None:
        self.rows[event.whose] = [(file, said, astray and file != event.file) for file, said, astray in self.rows[event.whose]]

    def _match(self, event: Event) -> None:
        [said] = event.rows
        self.rows[said.whose] = [one for one in self.rows[said.whose] if one[1].txn != said.txn]
        self.rows[event.whose].append((event.file, replace(said, whose=event.whose), False))

    def _back(self, event: Event) -> None:
        self.rows[event.whose].append((event.file, Said("", event.whose, "REVERSED", event.minor, turn=event.number), False))

    def _extra(self, event: Event) -> None:
        assert isinstance(event.whose, int)
        self.extra[event.whose] += event.minor

    def _newer(self, event: Event) -> None:
        assert isinstance(event.whose, int)
        said, wrong = self.aside[event.file, event.whose]
        keys = {(one.txn, one.outcome): one.minor for one in said}
        clash = any(
            (one.txn, one.outcome) in keys and (owner, one.minor) != (event.whose, keys[one.txn, one.outcome])
            for owner, _, one in self._all()
        )
        for whose, rows in self.rows.items():
            self.rows[whose] = [
                one
                for one in rows
                if (one[1].txn, one[1].outcome) not in keys and (clash or whose != event.whose or not self._before(one[0], event.file))
            ]
        self.rows[event.whose] += [(event.file, one, wrong and one.outcome == "SUCCESS") for one in said]

    def _before(self, file: int, other: int) -> bool:
        return file < other

    def _again(self, event: Event) -> None:
        self.again.add(event.whose)

    def _earlier(self, event: Event) -> None:
        """No money moves; these rows say nothing new about this transfer any more."""
        said, _ = self.aside[event.file, event.whose]
        self.decided |= {_result(event.whose, one) for one in said}


def _result(whose: int | str, said: Said) -> tuple[int | str, str, str, int]:
    """What a row says of a transfer; a failure says nothing of money."""
    return whose, said.txn, said.outcome, 0 if said.outcome == "FAILED" else said.minor


def replayed(amounts: list[int], events: Iterable[Event]) -> Ledger:
    """Everything from the beginning."""
    ledger = Ledger(amounts)
    for event in events:
        ledger.take(event)
    return ledger
