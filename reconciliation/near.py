"""Near matches between transfers without a row and rows without a transfer: suggestions for a person, never applied by themselves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

from rapidfuzz.distance import OSA

from reconciliation import names
from reconciliation.findings import Evidence, Nearness, Suggestion
from reconciliation.instruction import Instruction
from reconciliation.ladder import Tied, plain_reference
from reconciliation.payee import phone_tail, plain_account, same_phone
from reconciliation.payout import Payout

_NAMES_ALIKE = 85
_MOST_POINTED_AT = 5
_MOST_COMPARED = 5
_CROWD = 30
_SHORTEST_REFERENCE = 4


# How much each reason alone says; a further one adds a little, another amount takes some away.
_LIKENESS = {
    Nearness.REFERENCE_ZEROS: 92,
    Nearness.REFERENCE_SLIP: 88,
    Nearness.SAME_TOKEN: 86,
    Nearness.SAME_ACCOUNT: 84,
    Nearness.SAME_PHONE: 80,
    Nearness.SAME_NAME_AND_AMOUNT: 64,
    Nearness.ONE_OF_SEVERAL: 50,
}
_BY_KEY = {
    "token": Nearness.SAME_TOKEN,
    "account": Nearness.SAME_ACCOUNT,
    "phone": Nearness.SAME_PHONE,
    "name": Nearness.SAME_NAME_AND_AMOUNT,
    "ambiguous": Nearness.ONE_OF_SEVERAL,
}
_MORE, _OTHER_AMOUNT, _MOST = 4, 15, 99


def suggest(
    instructed: Sequence[Instruction], paid: Sequence[Payout], waiting: Sequence[int], tied: Tied
) -> dict[int, tuple[Suggestion, ...]]:
    """What may belong to the instructions that wait (by place), among the strangers of the file, the likeliest first.

    A pair comes up when a key points at several; when the references differ by one character or by leading zeros; when phone, account or token is the
    same with another amount; when names are alike, in any of several scripts, and the amount is the same.  A pair whose names are clearly different
    is dropped.  Linear: pairs are found through shared keys, and a key shared by a crowd (more than 30 rows) suggests nothing.
    """
    strays = [place for group in (*tied.strangers, *(rows for rows, _, _ in tied.ambiguous)) for place in group]
    if not strays or not waiting:
        return {}
    pairs: dict[int, dict[int, list[Evidence]]] = defaultdict(lambda: defaultdict(list))
    for rows, evidence, targets in tied.ambiguous:
        for target in set(targets).intersection(waiting):
            for row in rows[:_MOST_POINTED_AT]:
                pairs[target][row].append(evidence)
    for target, row in _sharing_a_key(instructed, paid, waiting, strays):
        found = _likeness(instructed[target], paid[row])
        if found:
            pairs[target][row].extend(found)
    return {target: _best(instructed[target], paid, rows) for target, rows in pairs.items()}


def _best(asked: Instruction, paid: Sequence[Payout], rows: Mapping[int, list[Evidence]]) -> tuple[Suggestion, ...]:
    suggested = {row: _suggestion(asked, paid[row], tuple(dict.fromkeys(evidence))) for row, evidence in rows.items()}
    ranked = sorted(suggested, key=lambda row: (-suggested[row].likeness, row))
    return tuple(suggested[row] for row in ranked[:_MOST_POINTED_AT])


def _suggestion(asked: Instruction, payout: Payout, evidence: tuple[Evidence, ...]) -> Suggestion:
    reasons = [_nearness(each) for each in evidence if each.key != "amount"]
    nearness = max(reasons, key=lambda reason: _LIKENESS[reason])
    likeness = _LIKENESS[nearness] + _MORE * (len(evidence) - 1) - (0 if asked.amount == payout.amount else _OTHER_AMOUNT)
    return Suggestion(payout, nearness, min(likeness, _MOST), evidence)


def _nearness(evidence: Evidence) -> Nearness:
    if evidence.key == "reference":
        one, other = plain_reference(evidence.approved), plain_reference(evidence.found)
        return Nearness.REFERENCE_ZEROS if one.lstrip("0") == other.lstrip("0") else Nearness.REFERENCE_SLIP
    return _BY_KEY[evidence.key]


def _sharing_a_key(
    instructed: Sequence[Instruction], paid: Sequence[Payout], waiting: Iterable[int], strays: Iterable[int]
) -> Iterator[tuple[int, int]]:
    """Each pair once that shares a key by which near things meet; of many for one transfer, those that share most."""
    index: dict[Hashable, list[int]] = defaultdict(list)
    for row in strays:
        for key in set(_keys(paid[row])):
            index[key].append(row)
    for target in waiting:
        met: Counter[int] = Counter()
        for rows in filter(None, map(index.get, set(_keys(instructed[target])))):
            if len(rows) <= _CROWD:
                met.update(rows)
        if not met:
            continue
        closest = sorted(met, key=lambda row: (-met[row], row))[:_MOST_COMPARED]
        yield from ((target, row) for row in sorted(closest))


def _keys(side: Instruction | Payout) -> Iterator[Hashable]:
    """Keys under which near things meet. References meet in what is left when one character is taken out."""
    reference = plain_reference(side.reference)
    amount = (side.amount.minor, side.amount.currency) if side.amount else None
    if reference.lstrip("0"):
        yield reference.lstrip("0")
    if len(reference) >= _SHORTEST_REFERENCE:
        for place in range(len(reference)):
            yield reference[:place] + reference[place + 1 :]
    if side.token:
        yield "account", plain_account(side.token)
    if side.account:
        yield "account", plain_account(side.account)
    for phone in (side.phone, side.account):
        if phone and (tail := phone_tail(phone)):
            yield "phone", tail
    for word in names.words(side.name):
        yield "name", names.skeleton(word) or word, amount
    if side.name:
        yield "whole name", names.sound_of_all(side.name), amount


def _likeness(asked: Instruction, payout: Payout) -> list[Evidence]:
    """Why the two are near; empty when nothing speaks for it, or the names speak clearly against it."""
    found = []
    alike = names.likeness(asked.name, payout.name) if asked.name and payout.name else 0
    if asked.name and payout.name and names.clearly_different(asked.name, payout.name, alone=True):
        return []
    if _one_slip(plain_reference(asked.reference), plain_reference(payout.reference)):
        found.append(Evidence("reference", asked.reference, payout.reference))
    theirs = (payout.phone, payout.account) if asked.phone else ()
    phones = [phone for phone in theirs if phone and phone_tail(phone) and same_phone(asked.phone, phone)]
    found.extend(Evidence("phone", asked.phone, phone) for phone in phones[:1])
    for key, approved, said in (("account", asked.account, payout.account), ("token", asked.token, payout.token)):
        if approved and said and plain_account(approved) == plain_account(said):
            found.append(Evidence(key, approved, said))
    if alike >= _NAMES_ALIKE and (found or asked.amount == payout.amount):
        found.append(Evidence("name", asked.name, payout.name))
    if found and asked.amount == payout.amount:
        found.append(Evidence("amount", str(asked.amount), str(payout.amount)))
    return found


def _one_slip(one: str, other: str) -> bool:
    """Whether two references differ by one character added, lost, changed or swapped with its neighbour, or by leading zeros alone."""
    bare = one.lstrip("0")
    if bare and bare == other.lstrip("0"):
        return True
    return min(len(one), len(other)) >= _SHORTEST_REFERENCE and OSA.distance(one, other, score_cutoff=1) <= 1
