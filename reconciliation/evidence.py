"""What the values of a table say of its columns beyond their headings: who is a person, what only failures hold, what we instructed, which amounts run on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

from reconciliation.amounts import AmountProblem, Marks, read_amount
from reconciliation.cells import Moment, Value, plain, says_nothing, text_of
from reconciliation.instruction import Instruction
from reconciliation.looks import BARE, looks_like_amount, looks_like_text, only_yes_and_no
from reconciliation.payout import Outcome
from reconciliation.profile import outcome_with_reason

_FEWEST = 3
_ENOUGH = 8
_FEW_DIFFERENT = 4
_PHONE_DIGITS = range(9, 14)
_SAME_START = 3
_LOCAL_DIGITS = 7
_WRITTEN = (Marks(".", ","), Marks(",", "."))
_LONGEST_NAME = range(2, 7)


def nearly_all(count: int, every: int) -> bool:
    """Nine in ten: a total below, or a wrong cell, does not make it another column."""
    return every >= _FEWEST and count * 10 >= every * 9


def are_persons(filled: Sequence[Value]) -> bool:
    """Whether a column holds the names of many people: words without a figure, hardly two alike."""
    texts = [plain(value) for value in filled if isinstance(value, str)]
    named = [text for text in texts if not any(sign.isdigit() for sign in text) and len(text.split()) in _LONGEST_NAME]
    return nearly_all(len(named), len(filled)) and len(set(named)) * 2 >= len(filled) and not any(map(_tells_outcome, set(named)))


def are_phones(filled: Sequence[Value]) -> bool:
    """Whether a column holds the phones of many people: as many digits in each, all with one start, as in one country."""
    texts = ["".join(plain(text_of(value)).split()) for value in filled if not isinstance(value, Moment)]
    digits = [text.lstrip("+").replace("-", "") for text in texts]
    dialled = [each for each in digits if each.isdigit() and len(each) in _PHONE_DIGITS]
    usual = max(set(map(len, dialled)), key=[len(each) for each in dialled].count, default=0)
    alike = [each for each in dialled if len(each) == usual]
    starts = {each[:_SAME_START] for each in alike}
    return nearly_all(len(alike), len(filled)) and len(starts) == 1 and len(set(alike)) * 2 > len(filled) and not starts & {"000"}


def are_told_of_failures(values: Sequence[Value], statuses: Sequence[Value]) -> bool:
    """Whether a column holds words beside the payments that failed or came back, and nothing beside the paid ones."""
    told = [
        outcome_with_reason(BARE, text_of(status))[0] for value, status in zip(values, statuses, strict=True) if not says_nothing(value)
    ]
    texts = [value for value in values if not says_nothing(value)]
    failed = sum(outcome_with_reason(BARE, text_of(status))[0] is not Outcome.PAID for status in statuses)
    if not nearly_all(sum(outcome not in {None, Outcome.PAID} for outcome in told), len(told)) or only_yes_and_no(texts):
        return False
    return all(map(looks_like_text, texts)) and len(texts) * 2 >= failed


def _tells_outcome(text: str) -> bool:
    return outcome_with_reason(BARE, text)[0] is not None


def is_one_and_the_same(filled: Sequence[Value]) -> bool:
    """Whether the same few values stand all the way down: an agent, a branch, the payer's own account."""
    return len(filled) >= _ENOUGH and len({text_of(value) for value in filled}) * _FEW_DIFFERENT <= len(filled)


def runs_on(values: Sequence[Value], amounts: Sequence[Value]) -> bool:
    """Whether a column is the balance that the amounts beside it run through: each figure differs from the last by one of them."""
    figures = [_figure(value) for value in values]
    steps = [
        (round(after - before, 4), round(amount, 4))
        for (before, after), amount in zip(pairwise(figures), map(_figure, amounts[1:]), strict=False)
        if before is not None and after is not None and amount
    ]
    return nearly_all(sum(abs(step) == abs(amount) for step, amount in steps), len(steps))


def is_other_side(values: Sequence[Value], amounts: Sequence[Value]) -> bool:
    """Whether a column holds a figure in just those rows in which the amounts hold none: the credits beside the debits of a statement."""
    sides = [(_has_money(value), _has_money(amount)) for value, amount in zip(values, amounts, strict=True)]
    filled = [value for value in values if not says_nothing(value)]
    return nearly_all(sum(one is not other for one, other in sides), len(sides)) and bool(filled) and all(map(looks_like_amount, filled))


def _has_money(value: Value) -> bool:
    return not says_nothing(value) and plain(text_of(value)).strip("0.,") != ""


def _figure(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def equal_amounts(values: Sequence[Value], references: Sequence[Value], expected: Mapping[str, Instruction]) -> bool:
    """Whether most cells beside one of our references are the amount we instructed under it."""
    beside = [(value, ours.amount) for value, ours in _instructed(values, references, expected)]
    return _mostly(
        sum(any(_reads_as(value, marks, amount.currency) == amount for marks in _WRITTEN) for value, amount in beside), len(beside)
    )


def equal_phones(values: Sequence[Value], references: Sequence[Value], expected: Mapping[str, Instruction]) -> bool:
    """Whether most cells beside one of our references end as the phone we approved for it."""
    beside = [(_digits(text_of(value)), _digits(ours.phone)) for value, ours in _instructed(values, references, expected) if ours.phone]
    return _mostly(sum(len(ours) >= _LOCAL_DIGITS and said[-_LOCAL_DIGITS:] == ours[-_LOCAL_DIGITS:] for said, ours in beside), len(beside))


def _instructed(
    values: Sequence[Value], references: Sequence[Value], expected: Mapping[str, Instruction]
) -> list[tuple[Value, Instruction]]:
    ours = [expected.get(plain(text_of(reference)).upper()) for reference in references]
    return [(value, each) for value, each in zip(values, ours, strict=True) if each and not says_nothing(value)]


def _mostly(hits: int, every: int) -> bool:
    return every >= _FEWEST and hits * 2 > every


def _digits(text: str) -> str:
    return "".join(sign for sign in plain(text) if sign.isdigit())


def _reads_as(value: Value, marks: Marks, currency: str) -> object:
    try:
        return read_amount(value, marks, currency)
    except AmountProblem:
        return None


def are_in(texts: Sequence[Value], keys: Collection[str]) -> bool:
    """Whether most texts hold one of the keys beside other words, as a narrative holds the reference of its line."""
    return bool(texts) and sum(any(word in keys for word in plain(text_of(text)).split()) for text in texts) * 2 > len(texts)
