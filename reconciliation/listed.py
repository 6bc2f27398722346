"""What the engine's columns share: they are looked at like lists of objects, each of which is made when somebody asks for it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TypeVar, overload

_T_co = TypeVar("_T_co", covariant=True)


class Listed(Sequence[_T_co]):
    """A sequence that makes its items, and is compared by what they are, like a list."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # compared by content, like a list

    @abstractmethod
    def _at(self, place: int) -> _T_co:
        """The item at a place there is, counted from 0."""

    @overload
    def __getitem__(self, place: int) -> _T_co: ...
    @overload
    def __getitem__(self, place: slice) -> list[_T_co]: ...
    def __getitem__(self, place: int | slice) -> _T_co | list[_T_co]:
        if isinstance(place, slice):
            return [self._at(each) for each in range(*place.indices(len(self)))]
        return self._at(range(len(self))[place])

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Sequence)
            and len(self) == len(other)
            and all(mine == theirs for mine, theirs in zip(self, other, strict=True))
        )
