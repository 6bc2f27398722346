"""Computes the few formulas our workbooks use, from the text of the cells, so that a test can prove the values written beside them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from openpyxl.worksheet.worksheet import Worksheet

_TOKEN = re.compile(r'\s*("(?:[^"]|"")*"|\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?|[A-Z]+(?=\()|\d+(?:\.\d+)?|[-+=(),])')
Value = Decimal | str | bool


@dataclass
class Sums:
    """One sheet computed. Raises ValueError for anything the formulas of ours never hold."""

    sheet: Worksheet
    _kept: dict[str, Value] = field(default_factory=dict)

    def of(self, cell: str) -> Value:
        """What a cell comes to."""
        if cell not in self._kept:
            content = self.sheet[cell].value
            is_formula = isinstance(content, str) and content.startswith("=") and self.sheet[cell].data_type == "f"
            self._kept[cell] = _Reader(self, content[1:]).whole() if is_formula else _plain(content)
        return self._kept[cell]

    def formulas(self) -> list[str]:
        """Every cell that computes."""
        return [cell.coordinate for row in self.sheet.iter_rows() for cell in row if cell.data_type == "f"]

    def range(self, named: str) -> list[Value]:
        """The cells of "B4:B9", row by row."""
        return [self.of(cell.coordinate) for row in self.sheet[named] for cell in row]


def _plain(content: object) -> Value:
    return content if isinstance(content, str) else Decimal(str(content or 0))


class _Reader:
    def __init__(self, sums: Sums, text: str) -> None:
        self.sums, self.tokens, self.at = sums, _TOKEN.findall(text), 0
        if "".join(self.tokens) != text.replace(" ", "") and '"' not in text:
            raise ValueError(text)

    def whole(self) -> Value:
        found = self.compared()
        if self.at != len(self.tokens):
            raise ValueError(self.tokens)
        return found

    def compared(self) -> Value:
        left = self.summed()
        if self.take("="):
            return left == self.summed()
        return left

    def summed(self) -> Value:
        found = self.one()
        while self.peek() in {"+", "-"}:
            sign = self.next()
            more = self.one()
            assert isinstance(found, Decimal)
            assert isinstance(more, Decimal)
            found = found + more if sign == "+" else found - more
        return found

    def one(self) -> Value:
        token = self.next()
        if token == "-":
            found = self.one()
            assert isinstance(found, Decimal)
            return -found
        if token.startswith('"'):
            return token[1:-1].replace('""', '"')
        if token.isalpha():
            return self.called(token)
        if token[0].isdigit():
            return Decimal(token)
        return self.sums.of(token.replace("$", ""))

    def called(self, name: str) -> Value:
        self.expect("(")
        if name in {"SUM", "SUMIF"}:
            return self.added(name)
        given = [self.compared()]
        while self.take(","):
            given.append(self.compared())
        self.expect(")")
        functions: dict[str, Callable[..., Value]] = {
            "IF": lambda asked, yes, no: yes if asked else no,
            "AND": lambda *all_of: all(all_of),
            "ROUND": lambda value, digits: value.quantize(Decimal(1).scaleb(-int(digits))),
        }
        return functions[name](*given)

    def added(self, name: str) -> Value:
        cells = self.sums.range(self.next().replace("$", ""))
        if name == "SUMIF":
            self.expect(",")
            wanted = self.one()
            self.expect(",")
            chosen = self.sums.range(self.next().replace("$", ""))
            cells = [value for value, key in zip(chosen, cells, strict=True) if key == wanted]
        self.expect(")")
        return sum((value for value in cells if isinstance(value, Decimal)), Decimal(0))

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def next(self) -> str:
        self.at += 1
        return str(self.tokens[self.at - 1])

    def take(self, token: str) -> bool:
        if self.peek() != token:
            return False
        self.at += 1
        return True

    def expect(self, token: str) -> None:
        if not self.take(token):
            raise ValueError(self.tokens)
