from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciliation import layout, mt940, profiles, workbook
from reconciliation.money import Money
from reconciliation.payout import Outcome, Payout
from reconciliation.profile import read_payouts
from reconciliation.sheets import Sheets, UnreadableFile


def statement(*lines: str, opening: str = "C261129KES10000,00", closing: str | None = None, moved: Decimal = Decimal(0)) -> str:
    """A statement whose balances fit what its lines moved."""
    end = closing or f"C261130KES{Decimal('10000.00') + moved:.2f}".replace(".", ",")
    return "\r\n".join(
        [
            "{1:F01LANTKWKWAXXX0000000000}{2:I940LANTKWKWXXXXN}{4:",
            ":20:S1",
            ":25:0110000000011",
            ":28C:1/1",
            f":60F:{opening}",
            *lines,
            f":62F:{end}",
            "-}",
        ]
    )


def payouts(sheets: Sheets) -> list[Payout]:
    """What a statement says, by the layout that is proposed for it, which must be certain."""
    proposal = layout.propose(sheets, known=profiles.shipped())
    assert proposal.is_certain, list(proposal.questions)
    assert proposal.profile is not None
    read = read_payouts(sheets, proposal.profile)
    assert read.problems == []
    return read.payouts


def opened(folder: Path, text: str) -> Sheets:
    path = folder / "statement.sta"
    path.write_text(text, newline="")
    return workbook.open_rows(path)


def test_a_statement_says_what_went_out_and_what_came_back(tmp_path: Path):
    text = statement(
        ":61:2611301130D1250,50NTRFT7K4-0001//BK0001",
        ":86:Winter cash /NAME/Juniper Moonbeam/IBAN/KW81CBKU0000000000001234560101/",
        ":61:261130D75,NTRFNONREF//BK0002",
        ":86:?00TRANSFER?20EREF+T7K4-0002SVWZ+Winter cash?310110000000022?32Otis?33 Lantern",
        ":61:261201RD75,00NTRFT7K4-0002//BK0003",
        "returned, closed account",
        ":86:Returned",
        moved=Decimal("-1250.50"),
    )

    sheets = opened(tmp_path, text)
    one, two, three = payouts(sheets)

    assert (sheets.form, sheets.sheets[0].name) == ("mt940", "MT940")
    assert (one.reference, one.amount, one.outcome, one.provider_id) == ("T7K4-0001", Money(125_050, "KES"), Outcome.PAID, "BK0001")
    assert (one.name, one.account, one.date) == ("Juniper Moonbeam", "KW81CBKU0000000000001234560101", "2026-11-30")
    assert (two.reference, two.amount, two.name, two.account) == ("T7K4-0002", Money(7_500, "KES"), "Otis Lantern", "0110000000022")
    assert (three.reference, three.outcome, three.narrative) == ("T7K4-0002", Outcome.RETURNED, "Returned returned, closed account")


def test_a_reference_may_stand_in_the_text_alone(tmp_path: Path):
    [one] = payouts(opened(tmp_path, statement(":61:261130D10,00NTRFNONREF", ":86:Payment T7K4-0001 winter", moved=Decimal("-10.00"))))

    assert (one.reference, one.narrative) == ("", "Payment T7K4-0001 winter")


def test_several_statements_in_one_file_are_read_one_after_another(tmp_path: Path):
    first = statement(":61:261130D10,00NTRFT1//B1", moved=Decimal("-10.00"))
    second = statement(":61:261201D20,00NTRFT2//B2", opening="C261130KES9990,00", closing="C261201KES9970,00")

    assert [one.reference for one in payouts(opened(tmp_path, f"{first}\r\n{second}"))] == ["T1", "T2"]


def test_a_reversal_of_a_credit_is_money_that_went_out(tmp_path: Path):
    [one] = payouts(opened(tmp_path, statement(":61:261130RC10,00NTRFT1//B1", moved=Decimal("-10.00"))))

    assert one.outcome is Outcome.PAID


def test_lines_that_do_not_make_up_the_balances_are_refused(tmp_path: Path):
    with pytest.raises(UnreadableFile, match="do not make up the balances"):
        opened(tmp_path, statement(":61:261130D10,00NTRFT1//B1", moved=Decimal("-11.00")))


@pytest.mark.parametrize(
    "line",
    [
        ":61:261330D10,00NTRFT1//B1",  # a month that is none
        ":61:261130X10,00NTRFT1//B1",
        ":61:261130D10.00NTRFT1//B1",
        ":61:261130D,00NTRFT1//B1",
        ":61:rubbish",
    ],
)
def test_a_line_that_makes_no_sense_refuses_the_statement(tmp_path: Path, line: str):
    with pytest.raises(UnreadableFile):
        opened(tmp_path, statement(line, moved=Decimal("-10.00")))


def test_a_statement_that_was_cut_short_is_refused(tmp_path: Path):
    whole = statement(":61:261130D10,00NTRFT1//B1", ":86:text", moved=Decimal("-10.00"))

    with pytest.raises(UnreadableFile, match="damaged or was cut short"):
        opened(tmp_path, whole[: whole.index(":62F:")])


def test_a_statement_of_balances_alone_says_what_to_ask_for(tmp_path: Path):
    with pytest.raises(UnreadableFile, match="lines in it"):
        opened(tmp_path, statement())


@given(st.lists(st.tuples(st.sampled_from(["D", "C", "RC", "RD"]), st.integers(1, 10**10)), min_size=1, max_size=30))
def test_every_line_is_one_row_and_the_rows_make_up_the_balances(moves: list[tuple[str, int]]):
    lines = [f":61:261130{mark}{minor // 100},{minor % 100:02d}NTRFT{place}//B{place}" for place, (mark, minor) in enumerate(moves)]
    moved = sum((Decimal(minor) / 100 * (-1 if mark in {"D", "RC"} else 1) for mark, minor in moves), Decimal(0))
    end = Decimal("10000.00") + moved
    closing = f"{'D' if end < 0 else 'C'}261130KES{abs(end):.2f}".replace(".", ",")

    rows = mt940.read_statement(statement(*lines, closing=closing))[1:]

    assert [(row[0], row[1], Decimal(str(row[2])) * 100) for row in rows] == [
        (f"T{place}", "D" if mark in {"D", "RC"} else "C", minor) for place, (mark, minor) in enumerate(moves)
    ]
