"""Makes payment reports as providers lay them out, each with the truth about it: its heading, its columns and every row that counts."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from reconciliation.cells import Value
from reconciliation.payout import Outcome
from reconciliation.proposal import About
from reconciliation.sheets import Sheet, Sheets
from reconciliation.vocabulary import Field
from tests.reconciliation.layouts import furniture, words
from tests.reconciliation.layouts.words import LANGUAGES, PEOPLE, PLACES, REFERENCE_FORMS, TOWNS, Place, held_back

PER_LANGUAGE = 26
# Columns in the order a provider might have them; those in brackets stand in some files only, "!" marks what is no field of ours.
SHAPES = {
    "mobile money": "(!serial) reference provider_id name phone amount (!fee) (!balance) (currency) status reason date (!phone2)",
    "bank statement": "date (provider_id) narrative debit credit !balance",
    "cash agent": "!serial reference (!national_id) name (!sex) phone (!size) (!requested) amount status (reason) (!place) (!agent) date",
    "card programme": "reference token name amount (currency) status reason date (provider_id) (!balance)",
    "list returned": "(!serial) reference name (!national_id) phone account !requested amount status reason",
    "plain export": "(!batch) reference provider_id amount currency status date (!date2)",
    "ledger": "date provider_id reference account debit credit !balance (narrative)",
    "paid list": "!serial reference name phone amount date (!place)",
    "voucher": "token reference name (!size) amount status date (!agent)",
    "wallet": "!serial phone name amount (!fee) provider_id status reason (!phone2) date",
}
# Shapes that no earlier list was made in.
LATER_SHAPES = {
    "field office": "date !place (!agent) provider_id reference name phone !requested amount (!fee) status reason",
    "wallet statement": "provider_id date narrative debit credit !fee !balance",
    "voucher shops": "(!serial) token reference name !place !agent amount (currency) date status",
    "core banking": "!batch (!serial) provider_id account name amount currency reference status reason !date2 date",
    "site return": "!place !serial !national_id name !sex !size !phone2 phone reference !requested amount date status reason",
    "interface": "provider_id reference (!batch) !date2 date amount !fee currency phone name status (reason)",
    "post office": "!serial !date2 reference provider_id name !national_id amount date (!agent) status",
    "cheque run": "reference name (account) provider_id date amount (!batch)",
    "card loads": "token (!batch) name phone reference !balance amount !fee date status reason",
}
GROUPS = {
    "Recipient": {"name", "phone", "account", "token", "!national_id", "!sex", "!size", "!phone2"},
    "Result": {"status", "reason", "date"},
}
_FIELD = {"debit": Field.AMOUNT, "credit": Field.RETURNED_AMOUNT}
_CUES = {"NARRATIVE": "TRF {0} {1}"}


@dataclass(frozen=True)
class Truth:
    """What one row says: where it stands, whose it is, how much and what happened."""

    sheet: str
    row: int
    key: str
    minor: int
    outcome: Outcome


@dataclass(frozen=True)
class Layout:
    """One report. columns: what each field's column is, from 0.  asks: what nobody could know from the file alone."""

    language: str
    shape: str
    number: int
    sheets: Sheets
    header_row: int
    header_rows: int
    columns: dict[Field, int]
    rows: tuple[Truth, ...]
    headings: tuple[str, ...]
    asks: frozenset[About] = frozenset()
    traits: frozenset[str] = frozenset()

    @property
    def currency(self) -> str:
        """Of rows that do not name one."""
        return PLACES[self.language].currency


def layouts(per_language: int = PER_LANGUAGE, series: str = "", source: Path = words.HELD_BACK) -> Iterator[Layout]:
    """Every layout, the same at every run. series: another name makes others.  source: the list of words they are made of."""
    shapes = list(LATER_SHAPES if source in words.OF_LATER_SHAPES else SHAPES)
    for language in LANGUAGES:
        for number in range(per_language):
            shape = shapes[number % len(shapes)]
            yield _Maker(language, shape, number, random.Random(f"{language} {number} {series}"), held_back(source)[language]).layout()


@dataclass
class _Maker:
    """One report while it is made."""

    language: str
    shape: str
    number: int
    chooser: random.Random
    said: Mapping[str, Sequence[str]]
    traits: set[str] = field(default_factory=set)

    def layout(self) -> Layout:
        """The report with its truth."""
        pick = self.chooser
        self.place: Place = PLACES[self.language]
        self._draw_traits()
        self.cues = self._cues()
        heads = {cue: self._heading(cue) for cue in self.cues}
        above = furniture.letterhead(self.said, pick, sums="status" in self._laid_out or "debit" in self._laid_out)
        self._lines = self._make_lines(pick.randrange(14, 40))
        halves = [self._lines]
        if "two sheets" in self.traits:
            cut = len(self._lines) // 2
            halves = [self._lines[:cut], self._lines[cut:]]
        names = [f"{pick.choice(self.said['sheet'])} {place + 1}"[:31] for place in range(len(halves))]
        sheets, truths = [], []
        for name, half in zip(names, halves, strict=True):
            sheet, truth = self._sheet(name, above, heads, half)
            sheets.append(sheet)
            truths.extend(truth)
        if "cover" in self.traits:
            sheets.insert(0, Sheet(pick.choice(self.said["cover"]), furniture.cover(self.said, pick)))
        form = "csv" if "text" in self.traits else "xlsx"
        columns = {_FIELD.get(cue, cue): place for place, cue in enumerate(self.cues) if not cue.startswith("!")}
        return Layout(
            self.language,
            self.shape,
            self.number,
            Sheets(form, tuple(sheets)),
            len(above) + 1,
            2 if "two rows" in self.traits else 1,
            {Field(name): place + self.left for name, place in columns.items()},
            tuple(truths),
            (*[""] * self.left, *heads.values()),
            self._asks(),
            frozenset(self.traits),
        )

    @property
    def _laid_out(self) -> str:
        return (SHAPES | LATER_SHAPES)[self.shape]

    def _draw_traits(self) -> None:
        pick = self.chooser
        chances = {
            "two rows": 0.2, "tags": 0.1, "units": 0.1, "numbered": 0.1, "bands": 0.25, "again": 0.15, "total": 0.5, "footer": 0.5,
            "cover": 0.2, "two sheets": 0.15, "local digits": 0.35, "text": 0.3, "shuffled": 0.3, "currency beside": 0.1, "day open": 0.03,
            "bilingual": 0.12, "broken": 0.1, "offset": 0.12, "number phones": 0.15, "currency before": 0.1, "named months": 0.1,
        }  # fmt: skip
        self.traits.update(name for name, chance in chances.items() if pick.random() < chance)
        if self.place.zero == "0":
            self.traits.discard("local digits")
        if "text" in self.traits:
            self.traits -= {"two sheets", "cover"}
        if "two rows" in self.traits:
            self.traits -= {"shuffled", "tags", "bilingual"}
        if self.language == "en":
            self.traits.discard("bilingual")
        self.left = pick.choice([1, 2]) if "offset" in self.traits else 0
        if self.place.currency == "XOF":
            self.traits -= {"currency beside", "currency before"}
        self._style: Callable[[str], str] = pick.choice(
            [str, str, str, str.upper, words.without_accents, str.lower, lambda text: "_".join(text.replace(".", " ").split())]
        )

    def _heading(self, cue: str) -> str:
        heading = self._styled(self.chooser.choice(self.said[cue.lstrip("!")]))
        if "bilingual" in self.traits:
            english = self.chooser.choice(held_back()["en"][cue.lstrip("!")]).replace(PLACES["en"].currency, self.place.currency)
            heading = self.chooser.choice(["{0} / {1}", "{0}\n{1}", "{0} ({1})", "{1} - {0}"]).format(heading, english)
        return heading.replace(" ", "\n", 1) if "broken" in self.traits else heading

    def _styled(self, heading: str) -> str:
        return self._style(heading) if heading.isascii() or heading[0] < "\u0500" else heading

    def _cues(self) -> list[str]:
        cues = []
        for cue in self._laid_out.split():
            if not cue.startswith("(") or self.chooser.random() < 0.5:
                cues.append(cue.strip("()"))
        if "shuffled" in self.traits:
            self.chooser.shuffle(cues)
        if "two rows" in self.traits:
            cues.sort(key=lambda cue: (cue != "!serial", cue in GROUPS["Result"], cue not in GROUPS["Recipient"]))
        return cues

    def _asks(self) -> frozenset[About]:
        return frozenset({About.DATE_ORDER} if "day open" in self.traits and "date" in self.cues and self._dated == "text" else ())

    # Lines

    def _make_lines(self, count: int) -> list[dict[str, object]]:
        pick, said = self.chooser, self.said
        reference, provider_id = pick.choice(REFERENCE_FORMS), pick.choice(words.ID_FORMS)
        paid = pick.sample(said["paid"], pick.choice([1, 1, 2]))
        failed = pick.sample(said["failed"], pick.choice([1, 2]))
        returned = pick.sample(said["returned"], pick.choice([0, 0, 1]))
        self._dated = pick.choice(["text", "text", "iso", "real"]) if "text" not in self.traits else pick.choice(["text", "iso"])
        self._day_first = pick.random() < 0.8
        self._figures = (
            pick.choice(["number", "number", "text", "text whole"]) if "text" not in self.traits else pick.choice(["text", "plain"])
        )
        same = pick.choice([7000, 12500, 250000])
        lines = []
        for number in range(count):
            outcome = pick.choices([Outcome.PAID, Outcome.FAILED, Outcome.RETURNED], [8, 2, 1 if returned else 0])[0]
            minor = (same + pick.choice([0, 0, 250, 1500, 4000])) * 10**self.place.minor_digits
            minor += pick.choice([0, 0, 50, 25]) if self.place.minor_digits else 0
            if number == 0:
                outcome, minor = Outcome.PAID, 1_250_000 * 10**self.place.minor_digits + (50 if self.place.minor_digits else 0)
            if "status" not in self._laid_out and "debit" not in self._laid_out:
                outcome = Outcome.PAID
            if "debit" in self._laid_out:
                outcome = pick.choices([Outcome.PAID, Outcome.RETURNED], [9, 1])[0]
            words_of = {Outcome.PAID: paid, Outcome.FAILED: failed, Outcome.RETURNED: returned}
            lines.append(
                {
                    "number": number,
                    "outcome": outcome,
                    "minor": minor,
                    "status": pick.choice(words_of[outcome] or paid),
                    "reason": pick.choice(said["reasons"]) if outcome is Outcome.FAILED else "",
                    "reference": words.code(reference, 1000 + number * 7 + pick.randrange(6), pick),
                    "provider_id": words.code(provider_id, 40_000 + number * 13 + pick.randrange(12), pick),
                    "name": words.person(self.language, pick),
                    "phone": f"99955{pick.randrange(10_000):04}{number % 10}",
                }
            )
        return lines

    def _cell(self, cue: str, line: dict[str, object]) -> Value:
        pick, number = self.chooser, int(str(line["number"]))
        minor, outcome = int(str(line["minor"])), line["outcome"]
        if cue == "narrative":
            return (
                f"{pick.choice(['TRF', 'CASH OUT', 'PMT'])} {line['reference']} {line['name']}"
                if "reference" not in self.cues
                else f"PMT {line['name']}"
            )
        if cue in {"amount", "debit", "credit"}:
            wanted = {"debit": Outcome.PAID, "credit": Outcome.RETURNED}.get(cue, outcome)
            return self._money(minor) if wanted is outcome else None
        plain: dict[str, Callable[[], Value]] = {
            "currency": lambda: self.place.currency,
            "date": lambda: self._date(number),
            "account": lambda: f"00{pick.randrange(10**9):09}1",
            "token": lambda: (
                f"5061{pick.randrange(10**11):011}{number % 10}"
                if self.shape in {"card programme", "card loads"}
                else f"V{pick.randrange(10**7):07}"
            ),
            "!serial": lambda: str(number + 1) if "text" in self.traits else float(number + 1),
            "!fee": lambda: self._money(pick.choice([3500, 5000]) if self.place.minor_digits else 50, small=True),
            "!balance": lambda: self._money(90_000_000 * 10**self.place.minor_digits // 10 - minor - number * 1000),
            "!batch": lambda: "B-2291",
            "!requested": lambda: self._money(minor),
            "!phone2": lambda: f"99911{pick.randrange(3):04}7",
            "!date2": lambda: self._date(number + 3),
            "!size": lambda: str(pick.randrange(1, 10)) if "text" in self.traits else float(pick.randrange(1, 10)),
            "!place": lambda: pick.choice(TOWNS),
            "!agent": lambda: pick.choice(PEOPLE["en"][:3]),
            "!national_id": lambda: f"1{pick.randrange(10**9):09}",
            "!sex": lambda: pick.choice("FM"),
        }
        value = plain[cue]() if cue in plain else str(line[cue])
        if cue == "phone" and "number phones" in self.traits and "text" not in self.traits:
            return float(str(value))
        if "local digits" in self.traits and isinstance(value, str) and cue in {"phone", "date", "!serial", "!size", "!phone2"}:
            return words.in_local_digits(value, self.place.zero)
        return value

    def _money(self, minor: int, *, small: bool = False) -> Value:
        if self._figures == "number":
            return minor / 10**self.place.minor_digits
        if self._figures == "plain":
            return words.written(minor, self.place, grouped=False)
        text = words.written(minor, self.place, decimals=self._figures == "text" or minor % 100 != 0)
        if "local digits" in self.traits:
            text = words.in_local_digits(text, self.place.zero)
        if "currency before" in self.traits and not small:
            return f"{self.place.currency} {text}"
        return f"{text} {self.place.currency}" if "currency beside" in self.traits and not small else text

    def _date(self, number: int) -> Value:
        if "day open" in self.traits and self._dated == "text":
            return f"{1 + number % 9:02}/{11 if number % 2 else 10}/2026"
        way = "named" if "named months" in self.traits and self._dated == "text" else self._dated
        return furniture.dated(way, number, day_first=self._day_first)

    # The sheet

    def _sheet(
        self, name: str, above: Sequence[list[Value]], heads: dict[str, str], lines: Sequence[dict[str, object]]
    ) -> tuple[Sheet, list[Truth]]:
        rows: list[list[Value]] = [list(row) for row in above]
        top, merges = len(rows) + 1, []
        if "two rows" in self.traits:
            upper, lower, merges = furniture.two_rows(self.cues, heads, self.said["groups"], GROUPS, top)
            rows += [upper, lower]
        else:
            rows.append([heads[cue] for cue in self.cues])
        rows += furniture.under_the_heading(self.traits, self.cues, self.place.currency)
        truths = []
        for place, line in enumerate(lines):
            if place == len(lines) // 2:
                rows += furniture.between(self.traits, rows[top - 1], self.chooser)
            rows.append([self._cell(cue, line) for cue in self.cues])
            truths.append(self._truth(name, len(rows), line))
        if "total" in self.traits:
            rows.append(self._total(lines))
        if "footer" in self.traits:
            rows += [[], [], [self.chooser.choice(self.said["footer"])]]
        table = [[*[None] * self.left, *row] if row and number >= top else row for number, row in enumerate(rows, start=1)]
        shifted = [replace(merge, left=merge.left + self.left, right=merge.right + self.left) for merge in merges]
        return Sheet(name, table, merges=tuple(shifted)), truths

    def _truth(self, sheet: str, row: int, line: dict[str, object]) -> Truth:
        key = str(line["phone" if self.shape == "wallet" else "reference"])
        assert isinstance(line["outcome"], Outcome)
        return Truth(sheet, row, key, int(str(line["minor"])), line["outcome"])

    def _total(self, lines: Sequence[dict[str, object]]) -> list[Value]:
        row: list[Value] = [None] * len(self.cues)
        for cue, wanted in (("amount", None), ("debit", Outcome.PAID), ("credit", Outcome.RETURNED)):
            if cue in self.cues:
                row[self.cues.index(cue)] = self._money(sum(int(str(line["minor"])) for line in lines if wanted in {None, line["outcome"]}))
        free = [place for place, cue in enumerate(self.cues) if row[place] is None and cue not in {"amount", "debit", "credit"}]
        row[free[0]] = self.chooser.choice(self.said["total"])
        return row
