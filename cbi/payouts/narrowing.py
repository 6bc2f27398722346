"""Which findings of a file a page shows: narrowed by kind, list, reason, answer, reference and difference, sorted, and a page at a time.

However large the file, a page reads only what it shows: counts come from the groups that were summed when the file was staged, and a page
begins after the last key of the one before, so that nothing is counted or skipped over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.payouts import strangers
from cbi.payouts.queries import SeenFinding, seen
from cbi.payouts.tables import FindingGroup, PayoutFinding
from cbi.payouts.tied import answered_in
from cbi.store.ids import id_of
from cbi.store.parts import in_parts
from cbi.store.work import Reading
from cbi.transfers.references import beginning_of
from reconciliation.findings import FindingKind

PAGE = 50
MOST_COUNTED = 1_000
_MOST_BRANCHES = 200  # SQLite takes at most 500 selects in one union
_LONGEST = 80
_DIGEST = re.compile(r"[0-9a-f]{16,128}")
_Key = tuple[Any, ...]  # Any: a reference or an amount, then whole numbers


class Sort(StrEnum):
    """The order of findings: as the file goes, by reference, or by paid less instructed."""

    ROW = "row"
    REFERENCE = "reference"
    DIFFERENCE = "difference"


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a page's address asks for. Empty means all.

    because: a reason of failure, or one of the keys in which something is alike or differs.  reference: how one of ours begins.
    stranger: what stands in the place of a whole reference that is none of ours; nobody's words are in an address (see `searched`).
    differs_minor: paid differs from instructed by at least so much.  after, before: the finding the page stands beside.
    """

    kinds: tuple[FindingKind, ...] = ()
    list_id: UUID | None = None
    because: str = ""
    answered: bool | None = None
    reference: str = ""
    differs_minor: int = 0
    sort: Sort = Sort.ROW
    descending: bool = False
    after: UUID | None = None
    before: UUID | None = None
    stranger: str = ""

    @property
    def order(self) -> Sort:
        """How they are sorted: what is searched by reference comes by reference, as a page of a million would else be sorted first."""
        return Sort.REFERENCE if self.is_searched and self.sort is Sort.ROW and not self.differs_minor else self.sort

    @property
    def is_searched(self) -> bool:
        """Whether a reference is asked for."""
        return bool(self.reference or self.stranger)

    def to_query(self) -> dict[str, str | list[str]]:
        """The parameters of an address that asks for the same."""
        answered = {True: "yes", False: "no", None: ""}[self.answered]
        asked: dict[str, str | list[str]] = {
            "kind": [kind.value for kind in self.kinds],
            "list": str(self.list_id or ""),
            "because": self.because,
            "answered": answered,
            "reference": self.reference,
            "stranger": self.stranger.removeprefix(strangers.MARK),
            "differs": str(self.differs_minor or ""),
            "sort": "" if self.sort is Sort.ROW else self.sort.value,
            "down": "1" if self.descending else "",
            "after": str(self.after or ""),
            "before": str(self.before or ""),
        }
        return {name: value for name, value in asked.items() if value}

    def at(self, *, after: UUID | None = None, before: UUID | None = None) -> Narrowed:
        """The same, beside another finding."""
        return replace(self, after=after, before=before)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of findings. total: how many there are in all; None when they are more than is counted for a search (MOST_COUNTED).

    previous, following: the finding before or after which the next page on that side stands; None at the ends.
    """

    findings: tuple[SeenFinding, ...]
    total: int | None
    previous: UUID | None = None
    following: UUID | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Something a file can be narrowed to, and how many findings that leaves."""

    value: str
    count: int


def from_query(asked: Mapping[str, str], kinds: Sequence[str] = ()) -> Narrowed:
    """Read an address's parameters; what cannot be read is passed over. kinds: every value of "kind"."""
    differs, answered = asked.get("differs", ""), asked.get("answered", "")
    sort = asked.get("sort", "")
    return Narrowed(
        kinds=tuple(FindingKind(kind) for kind in dict.fromkeys(kinds) if kind in set(FindingKind)),
        list_id=id_of(asked.get("list", "")),
        because=asked.get("because", "").strip()[:80],
        answered={"yes": True, "no": False}.get(answered),
        reference=beginning_of(asked.get("reference", "")),
        differs_minor=int(differs) if differs.isascii() and differs.isdigit() and len(differs) < 16 else 0,  # noqa: PLR2004 -- whole minor units fit 64 bits
        sort=Sort(sort) if sort in set(Sort) else Sort.ROW,
        descending=asked.get("down", "") == "1",
        after=id_of(asked.get("after", "")),
        before=id_of(asked.get("before", "")),
        stranger=strangers.MARK + digest if _DIGEST.fullmatch(digest := asked.get("stranger", "")) else "",
    )


def searched(reading: Reading, file_id: UUID, asked: Narrowed, typed: str) -> Narrowed:
    """The same, narrowed to what somebody typed: how a reference of ours begins, else the whole reference of somebody who is none of ours.

    A provider may write a name or a phone there, so that only its keyed digest goes on from here.
    """
    typed = typed.strip()[:_LONGEST]
    if not typed:
        return asked
    if begins := beginning_of(typed):
        return replace(asked, reference=begins, stranger="")
    kept = [strangers.kept(reading.vault, text) for text in (typed, typed.upper())]
    there = select(PayoutFinding.reference).where(PayoutFinding.file_id == file_id, col(PayoutFinding.reference).in_(kept))
    return replace(asked, reference="", stranger=reading.session.exec(there).first() or kept[0])


def page_of(reading: Reading, file_id: UUID, asked: Narrowed, *, size: int = PAGE) -> Page:
    """One page of what is asked for."""
    groups = groups_of(reading, file_id, asked)
    stands_at = reading.session.get(PayoutFinding, asked.before or asked.after) if asked.before or asked.after else None
    start = _key(asked.order, stands_at) if stands_at and stands_at.file_id == file_id else None
    backwards = bool(asked.before and start)
    found = _keys(reading, _branches(file_id, asked, groups, start, backwards=backwards), asked, backwards=backwards, limit=size + 1)
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    shown = seen(reading, [finding_id for _, finding_id in found])
    first, last = (found[0][1], found[-1][1]) if found else (None, None)
    has_previous, has_following = (more, True) if backwards else (start is not None, more)
    return Page(tuple(shown), _total(reading, file_id, asked, groups), first if has_previous else None, last if has_following else None)


def beside(reading: Reading, file_id: UUID, asked: Narrowed, finding: PayoutFinding) -> tuple[UUID | None, UUID | None]:
    """The finding before and the one after this one, in what is asked for."""
    found = []
    groups, here = groups_of(reading, file_id, asked), _key(asked.order, finding)
    for backwards in (True, False):
        branches = _branches(file_id, asked, groups, here, backwards=backwards)
        found.append(next((one for _, one in _keys(reading, branches, asked, backwards=backwards, limit=1)), None))
    return found[0], found[1]


def ids_of(reading: Reading, file_id: UUID, asked: Narrowed, *, most: int) -> list[UUID]:
    """What is asked for, as ids from the first on, at most so many: for an answer to all of them at once."""
    groups = groups_of(reading, file_id, asked)
    branches = _branches(file_id, asked, groups, None, backwards=False)
    return [one for _, one in _keys(reading, branches, asked, backwards=False, limit=most)]


def reasons(reading: Reading, file_id: UUID, kinds: Sequence[FindingKind] = ()) -> list[Choice]:
    """What findings of these kinds can be narrowed to by reason: codes and keys, the most frequent first."""
    counts: dict[str, int] = {}
    for group in groups_of(reading, file_id, Narrowed(kinds=tuple(kinds))):
        for word in group.because.split(",") if group.because else ():
            counts[word] = counts.get(word, 0) + group.findings
    return [Choice(word, count) for word, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]


def lists(reading: Reading, file_id: UUID) -> dict[UUID | None, int]:
    """How many findings each list of the file has; under None the provider's strangers."""
    counts: dict[UUID | None, int] = {}
    for group in groups_of(reading, file_id, Narrowed()):
        counts[group.list_id] = counts.get(group.list_id, 0) + group.findings
    return counts


def groups_of(reading: Reading, file_id: UUID, asked: Narrowed) -> list[FindingGroup]:
    """The groups that hold what is asked for, before answer, reference and difference narrow it further."""
    query = select(FindingGroup).where(FindingGroup.file_id == file_id)
    if asked.kinds:
        query = query.where(col(FindingGroup.kind).in_(asked.kinds))
    if asked.list_id:
        query = query.where(FindingGroup.list_id == asked.list_id)
    found = reading.session.exec(query.order_by(col(FindingGroup.number))).all()
    return [one for one in found if not asked.because or asked.because in one.because.split(",")]


def conditions(file_id: UUID, asked: Narrowed, groups: Sequence[FindingGroup]) -> list[sa.ColumnElement[bool]]:
    """What is asked for as conditions on findings, for sums over all of it. groups: those that hold it."""
    numbers = [group.number for group in groups]
    where: list[sa.ColumnElement[bool]] = [col(PayoutFinding.file_id) == file_id, col(PayoutFinding.group_number).in_(numbers)]
    if asked.answered is not None:
        given = answered_in(file_id, _strangers(groups))
        where.append(col(PayoutFinding.id).in_(given) if asked.answered else col(PayoutFinding.id).not_in(given))
    if asked.is_searched:
        where.extend(_begins(asked, walked=True))
    if asked.differs_minor:
        where.append(sa.or_(*(sa.and_(*one) for one in _differs(asked))))
    return where


def _branches(
    file_id: UUID, asked: Narrowed, groups: Sequence[FindingGroup], start: _Key | None, *, backwards: bool
) -> list[sa.Select[Any]]:
    """Selects that together hold what is asked for, each walking one index from `start` on."""
    if not groups:
        return []
    if asked.answered or asked.differs_minor or asked.is_searched or asked.sort is not Sort.ROW:
        conditions = _searched(asked, groups)
    else:
        conditions = [[col(PayoutFinding.group_number) == group.number] for group in groups]
    unanswered = _unanswered(file_id, asked, groups)
    return [_branch(file_id, asked, [*condition, *unanswered], start, backwards=backwards) for condition in conditions]


def _searched(asked: Narrowed, groups: Sequence[FindingGroup]) -> list[list[sa.ColumnElement[bool]]]:
    # "+ 0" and "|| ''" keep SQLite from walking the index of the narrower-looking condition: the one left bare is the one to walk.
    shared: list[sa.ColumnElement[bool]] = [(col(PayoutFinding.group_number) + 0).in_([group.number for group in groups])]
    if asked.answered:
        shared.append(col(PayoutFinding.id).in_(answered_in(groups[0].file_id, _strangers(groups))))
    begins = _begins(asked, walked=not asked.differs_minor and not asked.answered) if asked.is_searched else []
    return [[*shared, *begins, *other] for other in _differs(asked) or [[]]]


def _begins(asked: Narrowed, *, walked: bool) -> list[sa.ColumnElement[bool]]:
    text = asked.reference or asked.stranger
    reference: Any = col(PayoutFinding.reference) if walked else col(PayoutFinding.reference) + ""
    return [reference >= text, reference < text + "\U0010ffff"]


def _differs(asked: Narrowed) -> list[list[sa.ColumnElement[bool]]]:
    difference, least = col(PayoutFinding.difference_minor), asked.differs_minor
    not_zero = difference != sa.literal_column("0")  # as the partial index has it: a bound 0 would not be known to be one
    if least:
        return [[not_zero, difference <= -least], [not_zero, difference >= least]]
    return [[not_zero]] if asked.sort is Sort.DIFFERENCE else []


def _unanswered(file_id: UUID, asked: Narrowed, groups: Sequence[FindingGroup]) -> list[sa.ColumnElement[bool]]:
    if asked.answered is not False:
        return []
    return [col(PayoutFinding.id).not_in(answered_in(file_id, _strangers(groups)))]


def _strangers(groups: Sequence[FindingGroup]) -> list[int]:
    return [group.number for group in groups if group.kind is FindingKind.NOT_OURS]


def _branch(
    file_id: UUID, asked: Narrowed, conditions: Sequence[sa.ColumnElement[bool]], start: _Key | None, *, backwards: bool
) -> sa.Select[Any]:
    keys, downwards = _columns(asked.order), asked.descending != backwards
    query = sa.select(*keys, col(PayoutFinding.id)).where(*conditions)
    if not asked.answered:  # else the answers, which are the file's own, lead to the few findings there are
        query = query.where(col(PayoutFinding.file_id) == file_id)
    if start is not None:
        here: Any = sa.tuple_(*keys)
        beyond = sa.tuple_(*(sa.literal(value) for value in start))
        query = query.where(here < beyond if downwards else here > beyond)
    return query.order_by(*(key.desc() if downwards else key.asc() for key in keys))


def _keys(reading: Reading, branches: Sequence[sa.Select[Any]], asked: Narrowed, *, backwards: bool, limit: int) -> list[tuple[_Key, UUID]]:
    """The first keys of all branches together, with their findings."""
    found: list[tuple[_Key, UUID]] = []
    connection = reading.session.connection()
    for some in in_parts(branches, _MOST_BRANCHES):
        parts = [sa.select(one.limit(limit).subquery()) for one in some]
        together: Any = parts[0] if len(parts) == 1 else sa.union_all(*parts)
        found.extend((tuple(row[:-1]), row[-1]) for row in connection.execute(together))
    found.sort(key=lambda pair: pair[0], reverse=asked.descending != backwards)
    return found[:limit]


def _total(reading: Reading, file_id: UUID, asked: Narrowed, groups: Sequence[FindingGroup]) -> int | None:
    if asked.answered is None and not (asked.is_searched or asked.differs_minor or asked.sort is Sort.DIFFERENCE):
        return sum(group.findings for group in groups)
    counted = len(ids_of(reading, file_id, asked.at(), most=MOST_COUNTED + 1))
    return counted if counted <= MOST_COUNTED else None


def _columns(sort: Sort) -> list[Any]:  # Any: columns of text and of whole numbers
    places = [col(PayoutFinding.group_number), col(PayoutFinding.position)]
    first: dict[Sort, list[Any]] = {Sort.REFERENCE: [col(PayoutFinding.reference)], Sort.DIFFERENCE: [col(PayoutFinding.difference_minor)]}
    return first[sort] + places if sort in first else places[1:]


def _key(sort: Sort, finding: PayoutFinding) -> _Key:
    return tuple(getattr(finding, column.key) for column in _columns(sort))
