"""What the headings of a sheet say its columns hold: in one row or two, with paths of groups before them, or as HXL tags below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cbi.people.imports_targets import KNOWN, ROW_KEY, Target, codes
from reconciliation.cells import Row, is_blank, plain, text_of, words
from reconciliation.sheets import Sheet

WITHIN = 15
_LEAST_TAGS, _LEAST_NAMES = 2, 3
_PATH = re.compile(r"[/.:\-]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Questions of one answer that some forms ask as several boxes, by the kind of word that names a box.
_ASKED_AS_BOXES = {
    Target.SEX: "sex", Target.RELATION: "relation", Target.GROUP: "group", Target.CONSENT: "consent", Target.ACCOUNT_KIND: "account_kind",
    Target.DOCUMENT_KIND: "document_kind", Target.COLLECTS: "collects",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of the columns of a sheet. columns: by place, from 0.  boxes: the columns of a question whose answers have one each, with the answer."""

    columns: Mapping[Target, int]
    boxes: Mapping[Target, Mapping[int, str]]

    def __len__(self) -> int:
        return len(self.columns) + len(self.boxes)


def headings(sheet: Sheet, number: int) -> list[str]:
    """The text of every heading of a row; where a cell is empty, that of the row above, whose heading then stands over both."""
    own, above = sheet.rows[number - 1], sheet.rows[number - 2] if number > 1 else ()
    shown = [*own, *[None] * (len(above) - len(own))]
    return [
        plain(text_of(value if not is_blank(value) else above[place] if place < len(above) else "")) for place, value in enumerate(shown)
    ]


def find(sheet: Sheet, number: int) -> Found:
    """What the headings of a row say, then for columns they leave open what the tags below them say."""
    names = headings(sheet, number)
    columns: dict[Target, int] = {}
    for read in (_whole, _by_path):
        _take(columns, [read(name) for name in names])
    below_it = sheet.rows[number] if number < len(sheet.rows) else ()
    if is_tags(below_it):
        _take(columns, [_tag(text_of(value)) for value in below_it])
    return Found(columns, _boxes(names, columns))


def _take(columns: dict[Target, int], read: Sequence[Target | None]) -> None:
    for place, target in enumerate(read):
        if target is not None and target not in columns and place not in columns.values():
            columns[target] = place


def _whole(name: str) -> Target | None:
    if name == ROW_KEY:
        return Target.SOURCE
    return _tag(name) if name.startswith("#") else _headings().get(_folded(name))


def _by_path(name: str) -> Target | None:
    """By the end of a path of groups ("members/given_name", "members-given_name"), the longest that is known."""
    parts = _PATH.split(name)
    ends = (_folded(" ".join(parts[start:])) for start in range(1, len(parts)))
    return next((_headings()[end] for end in ends if end in _headings()), None)


def _folded(name: str) -> str:
    known = words(name.replace("_", " "))
    spaced = words(_HUMP.sub(" ", name).replace("_", " "))
    return spaced if spaced in _headings() else known


def _boxes(names: Sequence[str], columns: Mapping[Target, int]) -> dict[Target, dict[int, str]]:
    """Columns "question/answer" of a question that no column of its own answers."""
    found: dict[Target, dict[int, str]] = {}
    for place, name in enumerate(names):
        question, separator, answer = name.rpartition("/")
        target = (_whole(question) or _by_path(question)) if separator else None
        code = codes(_ASKED_AS_BOXES[target]).get(_folded(answer)) if target in _ASKED_AS_BOXES else None
        if target is not None and code is not None and target not in columns and place not in columns.values():
            found.setdefault(target, {})[place] = code
    return {target: boxes for target, boxes in found.items() if len(boxes) > 1}


@lru_cache(maxsize=1)
def _headings() -> dict[str, Target]:
    return {words(heading): Target(target) for target, known in KNOWN["columns"].items() for heading in known}


def _tag(text: str) -> Target | None:
    """What an HXL tag says a column holds; the order of its attributes does not count."""
    tag, *attributes = re.split(r"\s*\+", plain(text).casefold())
    return _tags().get((tag, frozenset(attributes)))


@lru_cache(maxsize=1)
def _tags() -> dict[tuple[str, frozenset[str]], Target]:
    split = ((target, *tag.split("+")) for target, known in KNOWN["tags"].items() for tag in known)
    return {(tag, frozenset(attributes)): Target(target) for target, tag, *attributes in split}


def is_tags(row: Row) -> bool:
    """Whether a row holds HXL tags."""
    filled = [plain(text_of(value)) for value in row if not is_blank(value)]
    return len(filled) >= _LEAST_TAGS and sum(text.startswith("#") for text in filled) * 2 >= len(filled)


def _is_heading(row: Row) -> bool:
    """Whether a row below the headings is one more of them: names beside labels, or tags."""
    if is_tags(row):
        return True
    filled = [plain(text_of(value)) for value in row if not is_blank(value)]
    known = {target for text in filled if (target := _whole(text) or _by_path(text)) is not None}
    return len(known) >= _LEAST_NAMES and 2 * len(known) >= len(filled)


def is_of_the_tool(name: str) -> bool:
    """Whether a heading is one that the collecting tool adds and nobody needs."""
    return not name or words(name.replace("_", " ")) in _left_out()


@lru_cache(maxsize=1)
def _left_out() -> frozenset[str]:
    return frozenset(words(name) for name in KNOWN["columns_left_out"]["names"])


def below(sheet: Sheet, header_row: int) -> Iterator[tuple[int, Row]]:
    """The filled rows under a heading, with their numbers in the file, one after the other; further rows of headings are passed over."""
    among_headings = True
    for number, row in enumerate(sheet.rows, start=1):
        if number <= header_row or all(is_blank(value) for value in row):
            continue
        among_headings = among_headings and number <= header_row + 2 and _is_heading(row)
        if not among_headings:
            yield number, row
