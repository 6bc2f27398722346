"""What we asked a provider to pay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciliation.listed import Listed
from reconciliation.money import Money


@dataclass(frozen=True, slots=True)
class Instruction:
    """One line the provider received.

    reference: our transfer reference, unique within a reconciliation.
    name, phone, account, token: what was approved for the payee; empty where nothing was.
    """

    reference: str
    amount: Money
    name: str = ""
    phone: str = ""
    account: str = ""
    token: str = ""
    provider: str = ""
    site: str = ""


_TEXTS = ("name", "phone", "account", "token", "provider", "site")


class Instructions(Listed[Instruction]):
    """Instructions kept by column: a million in little room, an `Instruction` made of one when somebody looks at it, and kept.

    references, amounts: of every line.
    """

    def __init__(self) -> None:
        self.references: list[str] = []
        self.amounts: list[Money] = []
        self._texts: dict[str, list[str]] = {}
        self._made: dict[int, Instruction] = {}
        self._places: dict[str, int] = {}

    def texts(self, name: str) -> Sequence[str]:
        """The column of that name: "name", "phone", "account", "token", "provider" or "site"."""
        return self._texts.get(name) or [""] * len(self)

    def places(self) -> Mapping[str, int]:
        """The place of each reference; fewer than there are lines when one stands on two."""
        if len(self._places) != len(self):
            self._places = dict(zip(self.references, range(len(self)), strict=True))
        return self._places

    def extend(self, references: Sequence[str], amounts: Sequence[Money], texts: Mapping[str, Sequence[str]]) -> None:
        """Put lines at the end. texts: the columns that are not empty."""
        before, after = len(self), len(self) + len(references)
        self.references += references
        self.amounts += amounts
        for name, column in texts.items():
            kept = self._texts.setdefault(name, [])
            kept.extend([""] * (before - len(kept)))
            kept.extend(column)
        for short in self._texts.values():
            short.extend([""] * (after - len(short)))

    def join(self, others: Instructions) -> None:
        """Put others' lines at the end."""
        self.extend(others.references, others.amounts, {name: others.texts(name) for name in _TEXTS})

    def __len__(self) -> int:
        return len(self.references)

    def _at(self, place: int) -> Instruction:
        made = self._made.get(place)
        if made is None:
            made = self._made[place] = self._line(place)
        return made

    def _line(self, place: int) -> Instruction:
        return Instruction(self.references[place], self.amounts[place], **{name: column[place] for name, column in self._texts.items()})

    def __iter__(self) -> Iterator[Instruction]:
        return (self._made.get(place) or self._line(place) for place in range(len(self)))


class _Given(Instructions):
    """The columns of instructions that are at hand one by one."""

    def __init__(self, given: Sequence[Instruction]) -> None:
        super().__init__()
        self.references, self.amounts = [each.reference for each in given], [each.amount for each in given]
        self._given = given

    def texts(self, name: str) -> Sequence[str]:
        """The column of that name, made when it is first asked for."""
        if name not in self._texts:
            self._texts[name] = [getattr(each, name) for each in self._given]
        return self._texts[name]

    def _line(self, place: int) -> Instruction:
        return self._given[place]


def asked_of(instructed: Sequence[Instruction]) -> Instructions:
    """Instructions by column, however they are kept."""
    return instructed if isinstance(instructed, Instructions) else _Given(instructed)
