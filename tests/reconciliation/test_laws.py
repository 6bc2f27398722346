"""Laws that hold for any file: nothing is lost, nothing counts twice, order does not matter.

A short run tries a few files for each law; `CBI_EXAMPLES=5000` tries as many as one has patience for.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reconciliation import statement
from reconciliation.findings import Finding, FindingKind
from reconciliation.identity import Earlier
from reconciliation.instruction import Instruction
from reconciliation.ledger import Account, balances, postings_for, release, reverse
from reconciliation.match import reconcile
from reconciliation.money import Money
from reconciliation.payout import Outcome, Payout, RowProblem
from tests.reconciliation.slips import kes, posted

FEW = settings(max_examples=int(os.environ.get("CBI_EXAMPLES", "12")), deadline=None)
ASKED = [Instruction(f"T-{n}", kes(minor), phone=f"071100000{n}", name="Juniper Moonbeam") for n, minor in enumerate((100, 100, 200, 300))]
K = FindingKind
ROW_PROBLEM = RowProblem("S", "C2", "enter the amount as a number, for example 75.50")


@st.composite
def rows(draw: st.DrawFn, ids: str = "any") -> list[Payout]:
    """A file of up to nine rows: payments, failures and reversals of our transfers and of strangers, some under one id, some unreadable."""
    made = []
    for number in range(draw(st.integers(0, 9))):
        which = draw(st.integers(0, 5))
        phone = f"071100000{which}" if ids == "own" else draw(st.sampled_from(["", f"071100000{which}", "0722000000"]))
        provider_id = f"P{number}" if ids == "own" else draw(st.sampled_from(["", "P1", "P2", f"Q{number}"]))
        made.append(
            Payout(
                reference=f"T-{which}" if ids == "own" else draw(st.sampled_from([f"T-{which}", f"T-{which}", "", "X-1", f"t{which}"])),
                amount=Money(
                    draw(st.sampled_from([100, 100, 200, 60, 40])), "KES" if ids == "own" else draw(st.sampled_from(["KES"] * 5 + ["USD"]))
                ),
                outcome=draw(st.sampled_from([Outcome.PAID, Outcome.PAID, Outcome.FAILED, Outcome.RETURNED])),
                sheet="S",
                row=number + 2,
                provider_id=provider_id,
                phone=phone,
            )
        )
        if ids != "own" and draw(st.integers(0, 15)) == 0:
            made[-1] = replace(made[-1], amount=None, problems=(ROW_PROBLEM,))
    return made


def money(findings: list[Finding]) -> Counter[tuple[str, str]]:
    """Delivered, suspense, open and set aside, per currency."""
    sums: Counter[tuple[str, str]] = Counter()
    for finding in findings:
        sums["delivered", finding.currency] += finding.delivered_minor
        sums["open", finding.currency] += finding.open_minor
        sums["suspense", finding.paid_currency] += finding.suspense_minor
        sums["set aside", finding.paid_currency] += finding.set_aside_minor
    return Counter({key: value for key, value in sums.items() if value})


@FEW
@given(rows())
def test_every_row_and_every_instruction_lands_in_exactly_one_finding(paid):
    found = reconcile(ASKED, paid, known={"T-4"})

    assert sorted(row.row for finding in found for row in finding.payouts) == [row.row for row in paid]
    assert [finding.instruction for finding in found if finding.instruction] == ASKED


@FEW
@given(rows())
def test_every_file_foots_unless_a_row_is_unreadable(paid):
    stated = statement.of(reconcile(ASKED, paid, known={"T-4"}), paid, ASKED)

    unreadable = any(row.problems for row in paid)
    assert stated.foots is not unreadable
    assert {gap.kind for gap in stated.gaps} == ({statement.GapKind.UNREADABLE} if unreadable else set())


@FEW
@given(rows())
def test_every_kind_counts_as_the_table_of_kinds_says(paid):
    for finding in reconcile(ASKED, paid, known={"T-4"}):
        asked = finding.instruction.amount.minor if finding.instruction else 0
        paid_minor = finding.paid_minor
        expected = {
            K.PAID: (asked, asked, 0, 0),
            K.PAID_LESS: (asked, paid_minor, 0, asked - paid_minor),
            K.PAID_MORE: (asked, asked, paid_minor - asked, 0),
            K.PAID_TWICE: (asked, asked, paid_minor - asked, 0),
            K.WRONG_PAYEE: (asked, 0, paid_minor, asked),
            K.WRONG_CURRENCY: (asked, 0, paid_minor, asked),
            K.NOT_INSTRUCTED: (0, 0, paid_minor, 0),
            K.NOT_OURS: (0, 0, paid_minor, 0),
            K.UNREADABLE: (0, 0, 0, 0),
        }.get(finding.kind, (asked, 0, 0, asked))
        assert (finding.instructed_minor, finding.delivered_minor, finding.suspense_minor, finding.open_minor) == expected
        assert min(finding.delivered_minor, finding.suspense_minor, finding.open_minor) >= 0


@FEW
@given(rows(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing_in_money(paid, random):
    shuffled = random.sample(paid, len(paid))

    one, other = reconcile(ASKED, paid), reconcile(ASKED, shuffled)

    assert money(one) == money(other)
    assert Counter(finding.kind for finding in one) == Counter(finding.kind for finding in other)


@FEW
@given(rows())
def test_the_same_file_again_moves_nothing(paid):
    first = reconcile(ASKED, paid)

    again = reconcile(ASKED, paid, earlier=posted(first, paid))

    assert postings_for(again) == []
    assert [gap for gap in statement.of(again, paid, ASKED).gaps if gap.kind is not statement.GapKind.UNREADABLE] == []


@FEW
@given(rows(), rows())
def test_a_second_file_foots_whatever_the_first_said(first, second):
    earlier = posted(reconcile(ASKED, first), first)

    found = reconcile(ASKED, second, earlier=earlier)

    assert [gap for gap in statement.of(found, second, ASKED).gaps if gap.kind is not statement.GapKind.UNREADABLE] == []


@FEW
@given(rows(ids="own"), st.integers(0, 9))
def test_a_file_in_two_parts_comes_to_the_same(paid, cut):
    part, rest = paid[:cut], paid[cut:]
    opened = release((asked.reference, asked.amount) for asked in ASKED)
    before = reconcile(ASKED, part)
    later = reconcile(ASKED, rest, earlier=posted(before, part))
    # A part that contradicts the other waits for two people: then the whole is not settled by the parts.
    contradicting = [finding for finding in later if K.CONTRADICTS in {finding.kind, *finding.also}]
    assume(not any(row.outcome is Outcome.PAID for finding in contradicting for row in finding.payouts))

    whole = balances([opened, *postings_for(reconcile(ASKED, paid))])
    parts = balances([opened, *postings_for(before), *postings_for(later)])

    assert parts == whole


def _books(files: list[list[Payout]]) -> dict[str, dict[Account, int]]:
    """What the ledger comes to when these files are posted one after the other; a payout row of an earlier file weighs on the later ones."""
    made, earlier = [release((asked.reference, asked.amount) for asked in ASKED)], []
    for turn, file in enumerate(files, 1):
        found = reconcile(ASKED, file, earlier=earlier)
        assert sorted(row.row for finding in found for row in finding.payouts) == sorted(row.row for row in file)
        assert [finding.instruction for finding in found if finding.instruction] == ASKED
        made += postings_for(found)
        earlier = [*earlier, *posted(found, file, turn)]
    return balances(made)


def _contradicts(files: list[list[Payout]]) -> bool:
    """Whether a later file takes back what an earlier one said: that waits for two people, so its order matters."""
    earlier: list[Earlier] = []
    for turn, file in enumerate(files, 1):
        found = reconcile(ASKED, file, earlier=earlier)
        if any(K.CONTRADICTS in {finding.kind, *finding.also} for finding in found):
            return True
        earlier = [*earlier, *posted(found, file, turn)]
    return False


@FEW
@given(rows(ids="own"), st.lists(st.integers(0, 3), min_size=9, max_size=9))
def test_a_file_in_any_number_of_parts_comes_to_the_same(paid, where):
    parts = [[row for row, part in zip(paid, where, strict=False) if part == number] for number in range(4)]
    assume(not _contradicts(parts))

    assert _books(parts) == _books([paid])


@FEW
@given(rows(ids="own"), st.integers(0, 9), st.integers(0, 9), st.randoms(use_true_random=False))
def test_files_that_overlap_or_come_again_in_another_order_count_every_row_once(paid, first, second, random):
    files = [paid[:first], paid[min(first, second) :], random.sample(paid, len(paid)), paid]
    assume(not _contradicts(files))

    assert _books(files) == _books([paid])


@FEW
@given(rows(ids="own"), st.integers(1, 3))
def test_a_row_written_several_times_under_one_id_is_one_row(paid, times):
    copies = [replace(row, row=row.row + 100 * copy) for copy in range(times) for row in paid]

    found = reconcile(ASKED, copies)

    assert money(found) == money(reconcile(ASKED, paid))
    assert sorted(row.row for finding in found for row in finding.payouts) == sorted(row.row for row in copies)


@FEW
@given(rows(), rows())
def test_the_ledger_sums_to_zero_and_agrees_with_the_findings(first, second):
    found = reconcile(ASKED, first)
    later = reconcile(ASKED, second, earlier=posted(found, first))
    made = [release((asked.reference, asked.amount) for asked in ASKED), *postings_for(found), *postings_for(later)]

    books = balances(made)

    assert {sum(each.values()) for each in books.values()} == {0}
    assert 0 <= books["KES"][Account.DELIVERED] <= 700
    assert books["KES"][Account.DELIVERED] + books["KES"][Account.OPEN] == 700
    assert {minor for each in balances([*made, *map(reverse, made)]).values() for minor in each.values()} == {0}


@given(st.integers(-(10**12), 10**12), st.integers(1, 50))
def test_a_split_sums_to_the_whole_and_is_even(minor, parts):
    split = kes(minor).split(parts)

    assert sum(part.minor for part in split) == minor
    assert max(split).minor - min(split).minor <= 1
