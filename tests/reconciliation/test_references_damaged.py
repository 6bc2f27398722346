"""A damaged reference is tied with evidence, suggested, or nobody's: never the wrong transfer's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from reconciliation import workbook
from reconciliation.findings import Finding, FindingKind
from reconciliation.instruction import Instruction
from reconciliation.match import reconcile
from reconciliation.payout import Outcome, Payout
from reconciliation.profile import Profile, read_payouts
from reconciliation.vocabulary import Field
from tests.reconciliation.slips import kes
from tests.workbooks import plain

# Neighbours that differ by one character, by a swap, by zeros and by letters that look like digits; all of one amount, so that only the reference tells.
OURS = [
    "TRB0042K",
    "TRB0043K",
    "TRB0024K",
    "TRBOO42X",
    "TRB1042K",
    "TRB0142K",
    "TR-77-0010",
    "TR-77-0100",
    "000123",
    "0000123",
    "20261E05",
    "JUN-2026-7",
]
ASKED = [Instruction(reference, kes(5000)) for reference in OURS]
TIED, OPEN = "tied", "open"

DAMAGES: dict[str, tuple[Callable[[str], str], str]] = {
    "spaces around and within": (lambda text: f"  {text[:3]} {text[3:]} ", TIED),
    "other case": (str.lower, TIED),
    "dashes between": (lambda text: "-".join([text[:2], text[2:]]), TIED),
    "dashes of another kind": (lambda text: text.replace("-", "–") + "", TIED),
    "full-width letters and digits": (lambda text: "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in text), TIED),
    "zero-width marks": ("\u200b".join, TIED),
    "marks of right-to-left": (lambda text: f"\u202b{text}\u202c\u200f", TIED),
    "a line break at its end": (lambda text: f"{text}\r\n", TIED),
    "a line break within": (lambda text: f"{text[:4]}\n{text[4:]}", TIED),
    "an apostrophe before": (lambda text: f"'{text}", TIED),
    "quotes around": (lambda text: f'"{text}"', TIED),
    "zeros lost": (lambda text: text.lstrip("0").replace("00", "0"), OPEN),
    "O for 0": (lambda text: text.replace("0", "O"), OPEN),
    "I for 1": (lambda text: text.replace("1", "I"), OPEN),
    "words before": (lambda text: f"Cash transfer {text}", OPEN),
    "words after": (lambda text: f"{text} paid", OPEN),
    "its end cut": (lambda text: text[:-1], OPEN),
    "its beginning cut": (lambda text: text[2:], OPEN),
    "a digit mistyped": (lambda text: text.replace("2", "9", 1), OPEN),
    "two characters swapped": (lambda text: text[:-3] + text[-2] + text[-3] + text[-1], OPEN),
    "as a power of ten": (lambda text: "2.0261E+09" if text == "20261E05" else text, OPEN),
    "two in one cell": (lambda text: f"{text} {OURS[-1]}", OPEN),
}


def _found(payout: Payout) -> Finding:
    [finding] = [each for each in reconcile(ASKED, [payout]) if payout in each.payouts]
    return finding


@pytest.mark.parametrize("reference", OURS)
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_reference_is_never_tied_to_another_transfer(damage, reference):
    change, _ = DAMAGES[damage]
    written = change(reference)

    finding = _found(_as_read(written))

    if finding.instruction is not None:
        meant = finding.instruction.reference
        assert meant in {reference, written}  # a slip can make it another one of ours, letter by letter: then nobody can see it
        assert finding.kind is FindingKind.PAID
        assert finding.evidence
    else:
        assert finding.kind in {FindingKind.NOT_OURS, FindingKind.UNREADABLE}
        assert finding.delivered_minor == 0


@pytest.mark.parametrize("damage", [name for name, (_, end) in DAMAGES.items() if end == TIED])
@pytest.mark.parametrize("reference", ["TRB0042K", "TR-77-0010"])
def test_what_only_looks_different_is_tied(damage, reference):
    written = DAMAGES[damage][0](reference)

    finding = _found(_as_read(written))

    assert finding.instruction is not None
    assert finding.instruction.reference == reference


@pytest.mark.parametrize("damage", ["its end cut", "a digit mistyped", "two characters swapped"])
def test_one_slip_is_suggested_where_it_points_at_one(damage):
    asked = [Instruction("TRB0042K", kes(5000)), Instruction("TRX7788M", kes(9900))]
    payout = _as_read(DAMAGES[damage][0]("TRB0042K"))

    [first, *_] = reconcile(asked, [payout])

    assert first.kind is FindingKind.SUGGESTED
    assert first.points_at == (payout,)
    assert first.delivered_minor == 0


def test_text_with_zeros_and_the_number_without_are_not_one_reference(tmp_path):
    path = plain.xlsx(tmp_path / "a.xlsx", [["Reference", "Amount"], [123, 50], ["000123", 50], ["0000123", 50]])

    read = read_payouts(workbook.open_rows(path), Profile("", {Field.REFERENCE: "Reference", Field.AMOUNT: "Amount"}), "KES")
    findings = reconcile(ASKED, read.payouts)

    assert [payout.reference for payout in read.payouts] == ["123", "000123", "0000123"]
    assert {finding.instruction.reference: finding.kind for finding in findings if finding.instruction and finding.payouts} == {
        "000123": FindingKind.PAID,
        "0000123": FindingKind.PAID,
    }
    assert [finding.kind for finding in findings if not finding.instruction] == [FindingKind.NOT_OURS]


@pytest.mark.parametrize("number", [2.0261e9, 4111111111111110.0, 1e22, 254708000000.0])
def test_a_number_whose_digits_may_be_lost_is_a_problem_and_no_reference(number, tmp_path):
    path: Path = plain.xlsx(tmp_path / "a.xlsx", [["Reference", "Amount"], [number, 50], ["TRB0042K", 50]])

    read = read_payouts(workbook.open_rows(path), Profile("", {Field.REFERENCE: "Reference", Field.AMOUNT: "Amount"}), "KES")

    assert [payout.reference for payout in read.payouts] == ["", "TRB0042K"]
    assert [problem.cell for problem in read.problems] == ["A2"]


def _as_read(written: str) -> Payout:
    """A row with the reference as reading folds it."""
    from reconciliation.sheets import Sheet, Sheets

    sheets = Sheets("csv", (Sheet("Sheet1", [["Reference", "Amount"], [written, "50"]]),))
    [payout] = read_payouts(sheets, Profile("", {Field.REFERENCE: "Reference", Field.AMOUNT: "Amount"}), "KES").payouts
    assert payout.outcome is Outcome.PAID
    return payout
