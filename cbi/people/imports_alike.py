"""Which households of a file look like another: of the same file, or registered. The weights are those of the desk; only the search is for many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from uuid import UUID

import sqlalchemy as sa
from rapidfuzz import fuzz
from sqlmodel import col, select

from cbi.people import likeness
from cbi.people.names import key_of, sounds
from cbi.people.registered import open_households
from cbi.people.tables import Account, Document, HouseholdStatus, Phone, SearchToken
from cbi.people.tokens import near_tokens
from cbi.people.values import NewHousehold, NewMember
from cbi.store.parts import in_parts
from cbi.store.work import Reading

_CROWD = 500  # a sound and a year that so many share tell nobody apart
_MOST = 10
_ENOUGH = 2


def alike(reading: Reading, told: Sequence[NewHousehold]) -> set[int]:
    """The places of those that look like a registered household, or like an earlier one of the same file."""
    return _within(told) | _registered(reading, told)


def _within(told: Sequence[NewHousehold]) -> set[int]:
    found: set[int] = set()
    for first, second in sorted(_pairs(told)):
        if second not in found and likeness.compare(told[first], told[second]).is_shown:
            found.add(second)
    return found


def _pairs(told: Sequence[NewHousehold]) -> set[tuple[int, int]]:
    """Pairs worth comparing, the earlier first: they share a thing, or two of their people have names that could be one."""
    pairs = _sharing_a_thing(told)
    heard: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for place, household in enumerate(told):
        for position, member in enumerate(household.members):
            for code in near_codes_of(member):
                heard[code].append((place, position))
    tried: set[tuple[int, int, int, int]] = set()
    for people in heard.values():
        for (one, mine), (other, theirs) in combinations(people, 2) if len(people) < _CROWD else ():
            # One of the two must be a head: the comparison is of a head with everybody.
            if one == other or (one, other) in pairs or (mine and theirs) or (one, mine, other, theirs) in tried:
                continue
            tried.add((one, mine, other, theirs))
            if _could_be_one(told[one].members[mine], told[other].members[theirs]):
                pairs.add((one, other))
    return pairs


def _sharing_a_thing(told: Sequence[NewHousehold]) -> set[tuple[int, int]]:
    things: dict[str, list[int]] = defaultdict(list)
    for place, household in enumerate(told):
        for thing in _things(household):
            things[thing].append(place)
    return {pair for places in things.values() if len(places) < _CROWD for pair in combinations(places, 2)}


def near_codes_of(member: NewMember) -> frozenset[str]:
    """How a person's name sounds, with two overlapping bands of years, so that births at most two years apart share one."""
    year = member.born.year
    heard = set(sounds(member.name)) | set(sounds(member.latin))
    return frozenset(f"{code}:{band}" for code in heard for band in (year // 4 * 2, (year + 2) // 4 * 2 + 1))


def _could_be_one(one: NewMember, other: NewMember) -> bool:
    """Names that sound alike in two parts, or are spelled alike: what the comparison itself asks for, without its cost."""
    mine, theirs = _spellings(one), _spellings(other)
    if any(len(set(sounds(a)) & set(sounds(b))) >= min(_ENOUGH, len(a.split()), len(b.split())) for a in mine for b in theirs):
        return True
    return any(fuzz.ratio(key_of(a), key_of(b)) >= likeness.ALIKE_FROM for a in mine for b in theirs)


def _spellings(member: NewMember) -> tuple[str, ...]:
    return tuple(name for name in (member.name, member.latin) if name)


def _things(told: NewHousehold) -> set[str]:
    documents = {f"d:{document.number}" for member in told.members for document in member.documents}
    account = {f"a:{told.account.number}"} if told.account else set()
    return documents | account | {f"p:{phone}" for phone in told.phones}


def _registered(reading: Reading, told: Sequence[NewHousehold]) -> set[int]:
    """Those that look like somebody registered: candidates by keyed digests and tokens, then opened and compared."""
    candidates: dict[int, set[UUID]] = defaultdict(set)
    for place, household_id in (*_by_things(reading, told), *_by_names(reading, told)):
        candidates[place].add(household_id)
    found: set[int] = set()
    for places in in_parts(sorted(candidates), 50):
        known = open_households(reading, sorted({household_id for place in places for household_id in candidates[place]}))
        for place in places:
            others = (known[household_id] for household_id in candidates[place])
            open_ones = (other for other in others if other.status is not HouseholdStatus.MERGED)
            if any(likeness.compare(told[place], other.told).is_shown for other in open_ones):
                found.add(place)
    return found


def _by_things(reading: Reading, told: Sequence[NewHousehold]) -> Iterator[tuple[int, UUID]]:
    wanted: dict[type[Document | Phone | Account], dict[bytes, list[int]]] = {
        table: defaultdict(list) for table in (Document, Phone, Account)
    }
    for place, one in enumerate(told):
        for member in one.members:
            for document in member.documents:
                wanted[Document][reading.digest("document", document.number)].append(place)
        for phone in one.phones:
            wanted[Phone][reading.digest("phone", phone)].append(place)
        if one.account:
            wanted[Account][reading.digest("account", one.account.number)].append(place)
    for table, digests in wanted.items():
        for chunk in in_parts(list(digests)):
            asked = sa.select(col(table.digest), col(table.household_id)).where(
                col(table.operation_id) == reading.operation_id, col(table.digest).in_(chunk)
            )
            for digest, household_id in reading.session.connection().execute(asked):
                yield from ((place, household_id) for place in digests[digest])


def _by_names(reading: Reading, told: Sequence[NewHousehold]) -> Iterator[tuple[int, UUID]]:
    """Households with somebody whose name sounds like one of these people's and who was born about then, those that share most first."""
    if reading.session.exec(select(SearchToken.id).where(col(SearchToken.operation_id) == reading.operation_id).limit(1)).first() is None:
        return
    wanted = _tokens(reading, told)
    met: dict[tuple[int, int], dict[UUID, int]] = defaultdict(lambda: defaultdict(int))
    for chunk in in_parts(list(wanted)):
        asked = sa.select(col(SearchToken.token), col(SearchToken.household_id)).where(
            col(SearchToken.operation_id) == reading.operation_id, col(SearchToken.token).in_(chunk)
        )
        for token, household_id in reading.session.connection().execute(asked):
            for person in wanted[token]:
                met[person][household_id] += 1
    for (place, _position), households in met.items():
        best = sorted(households, key=lambda each: (-households[each], each))
        yield from ((place, household_id) for household_id in best[:_MOST])


def _tokens(reading: Reading, told: Sequence[NewHousehold]) -> Mapping[bytes, list[tuple[int, int]]]:
    """Whose name each keyed token could find, by household and place in it."""
    found: dict[bytes, list[tuple[int, int]]] = defaultdict(list)
    for place, one in enumerate(told):
        for position, member in enumerate(one.members):
            for token in near_tokens(reading, member):
                found[token].append((place, position))
    return found
