"""Is the payee of a row the approved one? Phones, accounts and tokens are compared as what they are, names only when clearly different."""

from __future__ import annotations

import re

from reconciliation import names
from reconciliation.findings import Evidence
from reconciliation.instruction import Instruction
from reconciliation.payout import Payout

NATIONAL_DIGITS = 9  # of a phone, without the code of its country
_FEWEST_DIGITS = 6
_MOST_DIGITS = 15
_COUNTRY_CODE = 3
_MASK = re.compile(r"[*•●#…]+|[xX]{2,}|\.{3,}|(?<=\d)[xX](?=\d)")
_NOT_DIGIT = re.compile(r"\D+", re.ASCII)
_SPACING = re.compile(r"[\s\-–./_]+")
_MARKS = dict.fromkeys(map(ord, " \t\u00a0+-()./"))
_SCIENTIFIC = re.compile(r"(\d)[.,]?(\d*)[eE]\+?\d{2}", re.ASCII)
_SEVERAL = re.compile(r"[/,;|]")


def differences(asked: Instruction, payout: Payout) -> tuple[Evidence, ...]:
    """What of the payee differs from what was approved; a field empty on either side is not compared."""
    found: list[Evidence] = []
    held = False
    for key, approved, said, same in (
        ("phone", asked.phone, payout.phone, same_phone),
        ("account", asked.account, payout.account, same_account),
        ("token", asked.token, payout.token, same_account),
    ):
        if approved and said:
            if approved == said or same(approved, said):
                held = True
            else:
                found.append(Evidence(key, approved, said))
    approved, said = asked.name, payout.name
    if approved != said and approved and said and names.clearly_different(approved, said, alone=not held):
        found.append(Evidence("name", approved, said))
    return tuple(found)


def same_phone(one: str, other: str) -> bool:
    """Whether two phones are one number written locally or internationally; of a masked one only the digits shown are compared."""
    mine, theirs = one.translate(_MARKS), other.translate(_MARKS)
    if not (mine.isdigit() and theirs.isdigit()):
        one, other = _cut_short(one), _cut_short(other)
        if _MASK.search(one) or _MASK.search(other):
            masked, full = (one, other) if _MASK.search(one) else (other, one)
            return _shows(masked, full, phone=True)
        mine, theirs = _NOT_DIGIT.sub("", one), _NOT_DIGIT.sub("", other)
    if len(mine) > _MOST_DIGITS or len(theirs) > _MOST_DIGITS:
        return any(_same_digits(_NOT_DIGIT.sub("", a), _NOT_DIGIT.sub("", b)) for a in _SEVERAL.split(one) for b in _SEVERAL.split(other))
    return _same_digits(mine, theirs)


def same_account(one: str, other: str) -> bool:
    """Whether two accounts or card numbers are one, spaces, dashes and case aside; leading zeros matter, masked characters do not."""
    if _MASK.search(one) or _MASK.search(other):
        if plain_account(one) == plain_account(other):
            return True
        masked, full = (one, other) if _MASK.search(one) else (other, one)
        return _shows(masked, full, phone=False)
    return plain_account(one) == plain_account(other)


def plain_account(account: str) -> str:
    """An account or card number as its letters and digits alone."""
    return _SPACING.sub("", account).upper()


def phone_tail(phone: str) -> str:
    """The last seven digits of a phone: the same however it is written; "" when it has fewer or is masked."""
    digits = phone if phone.isdigit() else phone.translate(_MARKS)
    if not digits.isdigit():
        digits = "" if _MASK.search(_cut_short(phone)) else _NOT_DIGIT.sub("", phone)
    return digits[-7:] if 7 <= len(digits) <= _MOST_DIGITS else ""  # noqa: PLR2004 - the shortest national number in use


def _cut_short(phone: str) -> str:
    """A phone that a spreadsheet turned into 2.54708E+11 shows its first digits only: it is read as masked behind them."""
    return _SCIENTIFIC.sub(r"\1\2*", phone)


def _same_digits(one: str, other: str) -> bool:
    mine, theirs = one.lstrip("0"), other.lstrip("0")
    length = min(len(mine), len(theirs), NATIONAL_DIGITS)
    if length < _FEWEST_DIGITS:
        return mine == theirs
    return mine[-length:] == theirs[-length:]


def _shows(masked: str, full: str, *, phone: bool) -> bool:
    """Whether the ends that a masked number shows are those of the full one; what is masked on both sides is not compared."""
    shown = _MASK.split(masked)
    head, tail = _clean(shown[0], phone=phone), _clean(shown[-1], phone=phone)
    if _MASK.search(full):
        others = _MASK.split(full)
        other_head, other_tail = _clean(others[0], phone=phone), _clean(others[-1], phone=phone)
        length = min(len(tail), len(other_tail))
        return tail[len(tail) - length :] == other_tail[len(other_tail) - length :] and (
            phone or head.startswith(other_head) or other_head.startswith(head)
        )
    whole = _clean(full, phone=phone)
    if not whole.endswith(tail):
        return False
    return _begins_phone(head, whole) if phone else whole.startswith(head)


def _clean(text: str, *, phone: bool) -> str:
    return _NOT_DIGIT.sub("", text) if phone else plain_account(text)


def _begins_phone(head: str, whole: str) -> bool:
    """Whether a phone may begin like this: as written, as national number, or behind a country code that only one of them shows."""
    head, whole = head.lstrip("0"), whole.lstrip("0")
    if not head or whole.startswith(head):
        return True
    if any(whole[code:].startswith(head) for code in range(1, _COUNTRY_CODE + 1)):
        return len(whole) > NATIONAL_DIGITS
    return len(whole) <= NATIONAL_DIGITS and any(whole.startswith(head[code:]) for code in range(1, _COUNTRY_CODE + 1))
