"""One finding fact by fact: approved, in the file with its cell, and what we see; letters that differ are marked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from markupsafe import Markup, escape
from rapidfuzz.distance import OSA

from cbi.payouts.queries import SeenRow
from cbi.payouts.source import Stood
from cbi.store.work import Reading
from cbi.transfers.tables import Instruction
from cbi.web.evidence import Compared, Seen
from cbi.web.filters import money, reference
from cbi.web.words import _, _l
from reconciliation import names
from reconciliation.cells import plain
from reconciliation.ladder import plain_reference
from reconciliation.payee import NATIONAL_DIGITS, same_account, same_phone
from reconciliation.vocabulary import Field

_ALIKE = 60  # of 100; below it two names are shown whole, because marks on every letter say nothing
_NEAR = 2  # characters by which two references still look like one
FACT_WORDS = {
    Field.REFERENCE: _l("Reference"),
    Field.NAME: _l("Name"),
    Field.PHONE: _l("Phone"),
    Field.ACCOUNT: _l("Account or card"),
    Field.TOKEN: _l("Token"),
    Field.AMOUNT: _l("Amount"),
}


@dataclass(frozen=True, slots=True)
class Approved:
    """What was approved for one transfer; place: its line in the list, from 1."""

    reference: str
    name: str
    phone: str
    account: str
    token: str
    amount_minor: int
    currency: str
    place: int


def approved(reading: Reading, instruction: Instruction) -> Approved:
    """A transfer's own payee, opened from its seal."""
    name, phone, account = (reading.open(instruction, column) or "" for column in ("payee_name", "payee_phone", "payee_account"))
    return Approved(
        instruction.reference,
        name,
        phone,
        account,
        instruction.token,
        instruction.amount_minor,
        instruction.currency,
        instruction.position + 1,
    )


def facts(asked: Approved, row: SeenRow, stood: Stood) -> list[tuple[Field, Compared]]:
    """Every fact that either side states, in the order people check them."""
    said = row.detail
    pairs = (
        (Field.REFERENCE, asked.reference, row.reference, _reference),
        (Field.NAME, asked.name, said.get("name", ""), _name),
        (Field.PHONE, asked.phone, said.get("phone", ""), _phone),
        (Field.ACCOUNT, asked.account, said.get("account", ""), _account),
        (Field.TOKEN, asked.token, said.get("token", ""), _account),
    )
    found = [
        (field, _fact(field, ours, theirs, compare, stood.cell(row.row.sheet, row.row.row, field)))
        for field, ours, theirs, compare in pairs
        if theirs or (ours and stood.cell(row.row.sheet, row.row.row, field))
    ]
    return [*found, (Field.AMOUNT, _amount(asked, row, stood.cell(row.row.sheet, row.row.row, Field.AMOUNT)))]


def differing(compared: Iterable[tuple[Field, Compared]]) -> tuple[list[str], list[str]]:
    """The words of the facts that agree, and of those that do not."""
    agree, differ = list[str](), list[str]()
    for field, one in compared:
        if one.seen is not Seen.UNKNOWN:
            (agree if one.seen is Seen.SAME else differ).append(str(FACT_WORDS[field]).lower())
    return agree, differ


def _fact(field: Field, ours: str, theirs: str, compare: Callable[[str, str], tuple[Seen, str]], cell: str) -> Compared:
    seen, words = compare(ours, theirs) if ours and theirs else (Seen.UNKNOWN, "")
    show = marked_digits if field is Field.PHONE else marked
    left, right = show(ours, theirs) if seen in {Seen.ALIKE, Seen.WRONG} else (escape(ours), escape(theirs))
    if field is not Field.NAME:
        left, right = (reference(text) if text else Markup("–") for text in (left, right))
    return Compared(str(FACT_WORDS[field]), left or "–", _in(right or Markup("–"), cell), seen, words)


def _in(text: Markup, cell: str) -> Markup:
    """What the file says, with the cell it says it in."""
    return Markup('<bdi>{}</bdi> <bdi class="meta">{}</bdi>').format(text, cell) if cell else text


def _reference(ours: str, theirs: str) -> tuple[Seen, str]:
    if plain_reference(ours) == plain_reference(theirs):
        return Seen.SAME, ""
    away = OSA.distance(plain_reference(ours), plain_reference(theirs))
    return (Seen.ALIKE, _("One character differs") if away == 1 else _("Nearly the same")) if away <= _NEAR else (Seen.WRONG, "")


def _name(ours: str, theirs: str) -> tuple[Seen, str]:
    if ours.casefold().split() == theirs.casefold().split():
        return Seen.SAME, ""
    if sorted(names.words(ours)) == sorted(names.words(theirs)):
        return Seen.SAME, _("The same, in another order")
    if not names.clearly_different(ours, theirs, alone=True):
        return Seen.ALIKE, _("Sounds alike")
    return Seen.WRONG, ""


def _phone(ours: str, theirs: str) -> tuple[Seen, str]:
    if same_phone(ours, theirs):
        return Seen.SAME, ""
    return Seen.WRONG, _digits(ours, theirs)


def _account(ours: str, theirs: str) -> tuple[Seen, str]:
    return (Seen.SAME, "") if same_account(ours, theirs) else (Seen.WRONG, _digits(ours, theirs))


def _digits(ours: str, theirs: str) -> str:
    """How two numbers differ, in words; "" where it needs none."""
    one, other = ("".join(c for c in plain(text) if c.isdigit()) for text in (ours, theirs))
    length = min(len(one), len(other), NATIONAL_DIGITS)
    one, other = one[-length:], other[-length:]
    wrong = [place for place, (mine, its) in enumerate(zip(one, other, strict=True)) if mine != its]
    if wrong == [length - 1]:
        return _("Last digit differs")
    return _("One digit differs") if len(wrong) == 1 else ""


def _amount(asked: Approved, row: SeenRow, cell: str) -> Compared:
    words = str(FACT_WORDS[Field.AMOUNT])
    left = escape(money(asked.amount_minor, asked.currency))
    if row.row.amount_minor is None:
        return Compared(words, left, _in(Markup("–"), cell), Seen.UNKNOWN)
    right = _in(escape(money(row.row.amount_minor, row.row.currency or asked.currency)), cell)
    if row.row.currency and row.row.currency != asked.currency:
        return Compared(words, left, right, Seen.WRONG, _("Another currency"))
    gap = row.row.amount_minor - asked.amount_minor
    if not gap:
        return Compared(words, left, right, Seen.SAME)
    size = money(abs(gap), asked.currency)
    return Compared(words, left, right, Seen.WRONG, _("%(sum)s more", sum=size) if gap > 0 else _("%(sum)s less", sum=size))


def marked(one: str, other: str) -> tuple[Markup, Markup]:
    """Both texts with the letters that differ marked; neither where they have little in common."""
    spread = SequenceMatcher(None, one.casefold(), other.casefold(), autojunk=False)
    if len(one.casefold()) != len(one) or len(other.casefold()) != len(other) or 100 * spread.ratio() < _ALIKE:
        return escape(one), escape(other)
    left, right = Markup(""), Markup("")
    for kind, a, b, c, d in spread.get_opcodes():
        left += _piece(one[a:b], same=kind == "equal")
        right += _piece(other[c:d], same=kind == "equal")
    return left, right


def marked_digits(one: str, other: str) -> tuple[Markup, Markup]:
    """Both numbers with the digits that differ marked, compared from their ends: a country's code or a zero before one of them is no difference."""
    places = [[place for place, mark in enumerate(text) if mark.isdecimal()] for text in (one, other)]
    length = min(
        NATIONAL_DIGITS, *(len("".join(text[place] for place in at).lstrip("0")) for text, at in zip((one, other), places, strict=True))
    )
    pairs = [(mine, its) for mine, its in zip(*(at[len(at) - length :] for at in places), strict=True)]
    wrong = [(mine, its) for mine, its in pairs if int(one[mine]) != int(other[its])]
    if 2 * len(wrong) > length:
        return escape(one), escape(other)
    return _at_places(one, {mine for mine, _its in wrong}), _at_places(other, {its for _mine, its in wrong})


def _at_places(text: str, places: set[int]) -> Markup:
    return Markup("").join(_piece(mark, same=place not in places) for place, mark in enumerate(text))


def _piece(text: str, *, same: bool) -> Markup:
    return escape(text) if same or not text.strip() else Markup("<mark>{}</mark>").format(text)
