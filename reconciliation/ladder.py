"""The ladder of keys that ties each payout row to the transfer it is about, with its evidence. No key is applied that points at two."""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat

from reconciliation.findings import Evidence
from reconciliation.identity import Past, shared_ids
from reconciliation.instruction import Instructions
from reconciliation.money import Money
from reconciliation.payee import phone_tail, plain_account, same_phone
from reconciliation.payout import Outcome, Payout
from reconciliation.payout_columns import Facts, facts_of, places_with_id

_WORD = re.compile(r"[^\W_]+")
_SEPARATORS = dict.fromkeys(map(ord, " \t\r\n\u00a0-_./\\:#'\"`‘’“”\u2010\u2011\u2012\u2013\u2014\u2212"))


class RepeatedReference(ValueError):
    """Two instructions carry one reference, so that no row could be told apart by it."""


class Places:
    """Which rows, by their place in the file, belong to which instruction, by its place in the list. Nearly every one has one row or none."""

    __slots__ = ("_first", "_more", "targets")

    def __init__(self, instructions: int, rows: int) -> None:
        self._first = array("l", [-1]) * instructions
        self._more: dict[int, list[int]] = {}
        self.targets = array("l", [-1]) * rows

    def add(self, target: int, place: int) -> None:
        """Give an instruction one more row."""
        self.targets[place] = target
        if self._first[target] < 0:
            self._first[target] = place
        else:
            self._more.setdefault(target, [self._first[target]]).append(place)

    def take(self, targets: array[int]) -> None:
        """Take the instruction of every row at once, below 0 for a row without one."""
        self.targets, first = targets, self._first
        for place, target in enumerate(targets):
            if target < 0:
                continue
            if first[target] < 0:
                first[target] = place
            else:
                self.add(target, place)

    def get(self, target: int) -> list[int] | None:
        """The rows of an instruction; None where it has none."""
        first = self._first[target]
        return None if first < 0 else self._more.get(target) or [first]

    def without(self) -> list[int]:
        """The instructions that have no row."""
        return [target for target, first in enumerate(self._first) if first < 0]

    def shared(self) -> Collection[int]:
        """The instructions that have several rows."""
        return self._more

    def __contains__(self, target: int) -> bool:
        return self._first[target] >= 0


@dataclass(slots=True)
class Tied:
    """Which rows, by their place in the file, belong to which transfer.

    evidence: how they were tied, where not all by exact reference.
    known: places by a reference that is ours but not on this list.  strangers: places of rows that belong to none, grouped by what they share.
    ambiguous: strangers that share a key pointing at several, with that key and the instructions it may mean.
    unreadable: places of rows that could not be read.
    """

    rows: Places
    evidence: dict[int, list[Evidence]] = field(default_factory=dict)
    known: dict[str, list[int]] = field(default_factory=dict)
    strangers: list[list[int]] = field(default_factory=list)
    ambiguous: list[tuple[list[int], Evidence, tuple[int, ...]]] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)


def tie(
    instructed: Instructions,
    paid: Sequence[Payout],
    *,
    known: Collection[str],
    past: Past,
    accepted: Mapping[tuple[str, int], str],
) -> Tied:
    """Tie rows to instructions: by reference, in the narrative, by provider id, by token, by account or phone with amount.

    Raises RepeatedReference when two instructions carry the same one.
    """
    places = instructed.places()
    if len(places) != len(instructed):
        raise RepeatedReference("two instructions carry one reference")
    tied = Tied(Places(len(instructed), len(paid)))
    left = _by_exact_reference(paid, places, tied, accepted)
    if left:
        _Rungs(instructed, paid, places, known=known, past=past, tied=tied).climb(left)
    return tied


def _by_exact_reference(
    paid: Sequence[Payout], places: Mapping[str, int], tied: Tied, accepted: Mapping[tuple[str, int], str]
) -> list[int]:
    facts = facts_of(paid)
    targets = array("l", map(places.get, facts.references, repeat(-1)))
    tied.unreadable = _unreadable(facts)
    unread = set(tied.unreadable)
    for place in unread:
        targets[place] = -1
    for place in range(len(targets)) if accepted else ():
        told = accepted.get(facts.stands(place))
        if told is not None and told in places and place not in unread:
            targets[place] = target = places[told]
            tied.evidence.setdefault(target, []).append(Evidence("accepted", told, facts.references[place]))
    tied.rows.take(targets)
    return [place for place, target in enumerate(targets) if target < 0 and place not in unread]


def _unreadable(facts: Facts) -> list[int]:
    without = () if all(facts.amounts) else (place for place, amount in enumerate(facts.amounts) if amount is None)
    return sorted({*facts.problems, *(place for place in without if facts.outcomes[place] is not Outcome.FAILED)})


class _Rungs:
    """The rungs below the exact reference, each tried on the rows that are left, its indexes made only when first needed."""

    def __init__(
        self,
        instructed: Instructions,
        paid: Sequence[Payout],
        places: Mapping[str, int],
        *,
        known: Collection[str],
        past: Past,
        tied: Tied,
    ) -> None:
        self.instructed, self.paid, self.places, self.past, self.tied = instructed, paid, places, past, tied
        self.known = known if isinstance(known, set | frozenset | dict) else frozenset(known)

    def climb(self, left: list[int]) -> None:
        """Try every rung in order; what is left at the end are strangers."""
        for rung in (self._by_written_reference, self._by_narrative, self._by_provider_id, self._by_token, self._by_payee_and_amount):
            if left:
                left = rung(left)
        groups: dict[tuple[str, str], list[int]] = {}
        for place in left:
            payout = self.paid[place]
            key = (
                ("reference", payout.reference)
                if payout.reference
                else ("id", payout.provider_id)
                if payout.provider_id
                else ("row", str(place))
            )
            groups.setdefault(key, []).append(place)
        self.tied.strangers.extend(groups.values())

    def _apply(self, place: int, target: int, evidence: Evidence) -> None:
        self.tied.rows.add(target, place)
        seen = self.tied.evidence.setdefault(target, [])
        if evidence not in seen:
            seen.append(evidence)

    def _keep_known(self, place: int, reference: str) -> None:
        self.tied.known.setdefault(reference, []).append(place)

    def _by_written_reference(self, left: list[int]) -> list[int]:
        """The same reference in other case or spacing, where that still means one; and references of ours that are on no list here."""
        wanted = {plain_reference(self.paid[place].reference) for place in left}
        sides = [side for side in (self.places, self.known) if _any_folded(side, wanted)] if self._any_reference(left) else []
        ours = _unique(pair for side in sides for pair in zip(_folded(side), side, strict=True) if pair[0] in wanted)
        rest = []
        for place in left:
            written = self.paid[place].reference
            meant = written if written in self.known else ours.get(plain_reference(written)) if written else None
            if meant is None:
                rest.append(place)
            elif meant in self.places:
                self._apply(place, self.places[meant], Evidence("reference", meant, written))
            else:
                self._keep_known(place, meant)
        return rest

    def _any_reference(self, left: list[int]) -> bool:
        return any(self.paid[place].reference and self.paid[place].reference not in self.known for place in left)

    def _by_narrative(self, left: list[int]) -> list[int]:
        """A reference standing whole in the narrative; of two different ones neither is taken."""
        if not any(self.paid[place].narrative for place in left):
            return left
        lengths = sorted({len(_WORD.findall(reference)) for reference in (*self.places, *self.known)} - {0}, reverse=True)
        ours = _unique((reference.upper(), reference) for reference in (*self.places, *self.known))
        rest = []
        for place in left:
            meant = _in_text(self.paid[place].narrative.upper(), lengths, ours)
            if len(meant) != 1:
                rest.append(place)
                continue
            [reference] = meant
            if reference in self.places:
                self._apply(place, self.places[reference], Evidence("narrative", reference))
            else:
                self._keep_known(place, reference)
        return rest

    def _by_provider_id(self, left: list[int]) -> list[int]:
        """A provider id that an earlier file, or another row here, ties to one transfer; a batch number ties nothing."""
        wanted = {self.paid[place].provider_id for place in left} - {""}
        if not wanted:
            return left
        carriers = places_with_id(self.paid, wanted)
        wanted -= shared_ids(self.paid[place] for place in carriers)
        meant: dict[str, set[int]] = {}
        for name in wanted:
            references = {one.reference for one in self.past.of_id(name)}
            if len(references) <= 1:
                meant[name] = {self.places[reference] for reference in references if reference in self.places}
        for place in carriers:
            target, name = self.tied.rows.targets[place], self.paid[place].provider_id
            if target >= 0 and name in meant:
                meant[name].add(target)
        return self._where_unique(left, lambda payout: meant.get(payout.provider_id, set()), "provider_id")

    def _by_token(self, left: list[int]) -> list[int]:
        """A token, card or voucher number."""
        if not any(self.paid[place].token for place in left):
            return left
        meant: dict[str, set[int]] = defaultdict(set)
        for target, token in enumerate(self.instructed.texts("token")):
            if token:
                meant[plain_account(token)].add(target)
        return self._where_unique(left, lambda payout: meant.get(plain_account(payout.token), set()) if payout.token else set(), "token")

    def _where_unique(self, left: list[int], targets: Callable[[Payout], set[int]], key: str) -> list[int]:
        """Apply a key that points at one transfer; rows whose key points at several become one ambiguous group."""
        rest, several = [], defaultdict(list)
        for place in left:
            found = targets(self.paid[place])
            if len(found) == 1:
                self._apply(place, next(iter(found)), Evidence(key))
            elif found:
                several[tuple(sorted(found))].append(place)
            else:
                rest.append(place)
        self.tied.ambiguous.extend((rows, Evidence("ambiguous", key), found) for found, rows in several.items())
        return rest

    def _by_payee_and_amount(self, left: list[int]) -> list[int]:
        """Account or phone with the exact amount, where it means one transfer of the plan and one row.

        A row that found its transfer by a stronger key does not count against uniqueness; a transfer that has rows takes no more by this one.
        """
        if not any(self.paid[place].account or self.paid[place].phone for place in left):
            return left
        index = self._payees([self.paid[place] for place in left])
        meant = {place: self._payee_targets(self.paid[place], index) for place in left}
        pointing: dict[int, list[int]] = defaultdict(list)
        for place, (_, found) in meant.items():
            for target in found:
                pointing[target].append(place)
        rest, several = [], defaultdict(list)
        for place, (key, found) in meant.items():
            rows = {row for target in found for row in pointing[target]}
            target = next(iter(found), -1)
            if not found:
                rest.append(place)
            elif len(found) == 1 and len(rows) == 1 and target not in self.tied.rows:
                self._apply(place, target, Evidence(key))
            else:
                several[key, tuple(sorted(found))].append(place)
        self.tied.ambiguous.extend((rows, Evidence("ambiguous", key), found) for (key, found), rows in several.items())
        return rest

    def _payees(self, rows: Iterable[Payout]) -> dict[tuple[str, str, Money], list[int]]:
        """Instructions by the accounts and phones, with amounts, that the rows ask for."""
        index: dict[tuple[str, str, Money], list[int]] = {}
        for row in rows:
            if row.amount is not None:
                for key, value in (
                    ("account", plain_account(row.account)),
                    ("phone", phone_tail(row.phone)),
                    ("phone", phone_tail(row.account)),
                ):
                    if value:
                        index[key, value, row.amount] = []
        accounts, tails = ({value for key, value, _ in index if key == which} for which in ("account", "phone"))
        amounts = self.instructed.amounts
        for target, account in enumerate(self.instructed.texts("account")) if accounts else ():
            if account and (bare := plain_account(account)) in accounts and ("account", bare, amounts[target]) in index:
                index["account", bare, amounts[target]].append(target)
        for target, tail in _with_tails(self.instructed.texts("phone"), tails) if tails else ():
            if ("phone", tail, amounts[target]) in index:
                index["phone", tail, amounts[target]].append(target)
        return index

    def _payee_targets(self, payout: Payout, index: Mapping[tuple[str, str, Money], list[int]]) -> tuple[str, set[int]]:
        if payout.amount is None:
            return "", set()
        if payout.account:
            found = set(index.get(("account", plain_account(payout.account), payout.amount), ()))
            if found:
                return "account_and_amount", found
        # A wallet's "account" is often the phone itself.
        for phone in (payout.phone, payout.account):
            tail = phone_tail(phone)
            found = (
                {place for place in index.get(("phone", tail, payout.amount), ()) if same_phone(self.instructed[place].phone, phone)}
                if tail
                else set()
            )
            if found:
                return "phone_and_amount", found
        return "", set()


def _with_tails(phones: Sequence[str], tails: Collection[str]) -> Iterator[tuple[int, str]]:
    """The places of phones that end so, with how they do; of figures alone it is the last seven."""
    if "".join(phones).isdigit():
        maybe = [place for place, phone in enumerate(phones) if phone[-7:] in tails]
    else:
        maybe = [place for place, phone in enumerate(phones) if phone and (phone[-7:] in tails or not phone.isdigit())]
    for place in maybe:
        if (tail := phone_tail(phones[place])) in tails:
            yield place, tail


def plain_reference(reference: str) -> str:
    """A reference as its letters and digits alone, upper case: how it reads aloud. Zeros count."""
    return (reference if reference.isalnum() else reference.translate(_SEPARATORS)).upper()


def _folded(references: Collection[str]) -> Iterable[str]:
    """Each as `plain_reference` says it; at once where none has a separator."""
    return map(str.upper, references) if "".join(references).isalnum() else map(plain_reference, references)


def _any_folded(references: Collection[str], wanted: Collection[str]) -> bool:
    return next(filter(wanted.__contains__, _folded(references)), None) is not None


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What each folded form means, without the forms that mean two things."""
    found: dict[str, str] = {}
    double = set()
    for folded, whole in pairs:
        if found.setdefault(folded, whole) != whole:
            double.add(folded)
    for folded in double:
        del found[folded]
    return found


def _in_text(text: str, lengths: Sequence[int], ours: Mapping[str, str]) -> set[str]:
    """References of ours that stand in a text between word boundaries, the longest first: what it covers is not read again."""
    spans = [found.span() for found in _WORD.finditer(text)]
    taken: set[int] = set()
    meant = set()
    for length in lengths:
        for first in range(len(spans) - length + 1):
            words = range(first, first + length)
            reference = ours.get(text[spans[first][0] : spans[first + length - 1][1]])
            if reference is not None and taken.isdisjoint(words):
                taken.update(words)
                meant.add(reference)
    return meant
