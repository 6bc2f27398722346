"""The fixed form of a page: every item always posts, untouched ones too, so that a request's length tells nothing (without JavaScript)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import ascii_lowercase

from screening.answers import UNTOUCHED, Answers, UnreadableAnswers, settled
from screening.instrument import Item
from screening.kinds import ItemType

YES, NO = "y", "n"
IMPLICIT_LETTERS = {"pnta": "x", "dk": "z"}
_OPTION_LETTERS = ascii_lowercase[:23]


@dataclass(frozen=True, slots=True)
class Control:
    """One field of the page: a group of radio buttons of which exactly one is always sent.

    name: "H05", or "H17.way" for one option of an item with several. values: the letters it may send;
    meanings: the option id of each ("" for untouched and for not chosen). first: the letter checked before anybody touches it.
    """

    name: str
    item: str
    values: tuple[str, ...]
    meanings: tuple[str, ...]
    first: str


def codes(item: Item) -> dict[str, str]:
    """The letter of every option, implicit ones included; "" is untouched and reads "-"."""
    own = dict(zip((option.id for option in item.options), _OPTION_LETTERS, strict=False))
    return {"": UNTOUCHED, **own, **IMPLICIT_LETTERS}


def fixed_form(item: Item) -> tuple[Control, ...]:
    """The controls of an item, in the order they stand on the page."""
    letters = codes(item)
    if item.type is ItemType.ONE:
        return (Control(item.id, item.id, tuple(letters.values()), tuple(letters), first=UNTOUCHED),)
    refusal = Control(item.id, item.id, (UNTOUCHED, *IMPLICIT_LETTERS.values()), ("", *IMPLICIT_LETTERS), first=UNTOUCHED)
    ticks = (Control(f"{item.id}.{option.id}", item.id, (YES, NO), (option.id, ""), first=NO) for option in item.options)
    return (*ticks, refusal)


def encode_page(items: Iterable[Item], answers: Answers) -> dict[str, str]:
    """What a page posts for these answers: the same names and lengths whatever was answered."""
    return {control.name: _letter(control, answers.of(control.item)) for item in items for control in fixed_form(item)}


def decode_page(items: Iterable[Item], posted: Mapping[str, str]) -> Answers:
    """The answers in a posted page.

    "Nothing needed" or a refusal beside other options gives way to them, because a slip must not lose an answer.
    Raises UnreadableAnswers when a control is missing or its letter means nothing: the post is not from this page.
    """
    problems: list[str] = []
    chosen: dict[str, frozenset[str]] = {}
    for item in items:
        options = {_meaning(control, posted, problems) for control in fixed_form(item)} - {""}
        if options:
            chosen[item.id] = settled(item, frozenset(options - set(IMPLICIT_LETTERS)) or frozenset(options))
    if problems:
        raise UnreadableAnswers(problems)
    return Answers(chosen)


def _letter(control: Control, chosen: frozenset[str]) -> str:
    return next((value for value, meaning in zip(control.values, control.meanings, strict=True) if meaning in chosen), control.first)


def _meaning(control: Control, posted: Mapping[str, str], problems: list[str]) -> str:
    letter = posted.get(control.name, "")
    if letter in control.values:
        return control.meanings[control.values.index(letter)]
    problems.append(f"send the page again as it was drawn: {control.name} is missing or has a letter it does not know")
    return ""
