from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciliation import iso20022, layout, match, profiles, sandbox, workbook
from reconciliation.findings import FindingKind
from reconciliation.instruction import Instruction
from reconciliation.money import Money
from reconciliation.payout import Outcome, Payout
from reconciliation.profile import read_payouts
from reconciliation.reasons import Reason
from reconciliation.sheets import Sheets, UnreadableFile
from tests.reconciliation import bank_messages
from tests.reconciliation.bank_messages import Said, statement, status_report

REPORTS = ("pain.002.001.03", "pain.002.001.10")
STATEMENTS = ("camt.053.001.02", "camt.053.001.08", "camt.054.001.02", "camt.054.001.08")


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Opens a file of these bytes as the sandboxed reader does, in this process."""
    monkeypatch.setattr(sandbox, "messages", workbook.read_here)

    def open_(content: bytes, name: str = "answer.xml") -> Sheets:
        (tmp_path / name).write_bytes(content)
        return workbook.open_rows(tmp_path / name)

    return open_


def payouts(sheets: Sheets) -> list[Payout]:
    """What a file says, by the layout that is proposed for it, which must be certain."""
    proposal = layout.propose(sheets, known=profiles.shipped())
    assert proposal.is_certain, list(proposal.questions)
    assert proposal.profile is not None
    read = read_payouts(sheets, proposal.profile)
    assert read.problems == []
    return read.payouts


@pytest.mark.parametrize("kind", REPORTS)
def test_a_status_report_says_of_each_payment_what_happened_and_why(kind: str, opened):
    content = status_report(
        kind,
        Said("T7K4-0001"),
        Said("T7K4-0002", status="RJCT", reason="AC04", more="Closed since May"),
        Said("T7K4-0003", status="PDNG"),
        Said("T7K4-0004", amount="5", currency="UGX", iban="KW81CBKU0000000000001234560101", name="سلمى حكاية"),
    )

    one, two, three, four = payouts(opened(content))

    assert (one.reference, one.amount, one.outcome, one.provider_id) == ("T7K4-0001", Money(125_050, "KES"), Outcome.PAID, "")
    assert (one.name, one.account) == ("Juniper Moonbeam", "0110000000022")
    assert (two.outcome, two.reason, two.raw_reason) == (Outcome.FAILED, Reason.WALLET_CLOSED, "AC04 closed account Closed since May")
    assert (three.outcome, three.reason) == (Outcome.FAILED, Reason.PENDING)
    assert (four.amount, four.account, four.name) == (Money(5, "UGX"), "KW81CBKU0000000000001234560101", "سلمى حكاية")


@pytest.mark.parametrize("status", ["ACCP", "ACSP", "ACTC", "ACWC", "RCVD"])
def test_what_is_only_accepted_is_not_paid_yet(status: str, opened):
    [one] = payouts(opened(status_report(REPORTS[1], Said("T7K4-0001", status=status))))

    assert (one.outcome, one.reason) == (Outcome.FAILED, Reason.PENDING)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("AC01", Reason.WRONG_NUMBER),
        ("AC06", Reason.WALLET_CLOSED),
        ("AM04", Reason.INSUFFICIENT_FLOAT),
        ("AM14", Reason.LIMIT_REACHED),
        ("BE01", Reason.NAME_MISMATCH),
        ("BE06", Reason.NOT_REGISTERED),
        ("TM01", Reason.EXPIRED),
        ("AG01", Reason.REJECTED),
        ("NARR", Reason.REJECTED),  # the code says nothing of why, the status says that it was rejected
    ],
)
def test_the_codes_of_a_bank_lead_to_our_reasons(code: str, reason: Reason, opened):
    [one] = payouts(opened(status_report(REPORTS[1], Said("T7K4-0001", status="RJCT", reason=code))))

    assert one.reason == reason


@pytest.mark.parametrize("kind", STATEMENTS)
def test_a_statement_says_what_went_out_and_what_came_back(kind: str, opened):
    content = statement(
        kind,
        [Said("T7K4-0001", bank="BK1"), Said("T7K4-0002", amount="75.25", bank="BK2")],
        [Said("T7K4-0003", way="CRDT", returned="AC01", bank="BK3")],
        [Said("", amount="20.00", text="Salary T7K4-0004", bank="BK4")],
        batch_amount="",
    )

    one, two, three, four = payouts(opened(content))

    assert [(each.reference, each.amount, each.outcome) for each in (one, two)] == [
        ("T7K4-0001", Money(125_050, "KES"), Outcome.PAID),
        ("T7K4-0002", Money(7_525, "KES"), Outcome.PAID),
    ]
    assert (three.outcome, three.reason, three.provider_id) == (Outcome.RETURNED, Reason.WRONG_NUMBER, "BK3")
    assert (four.reference, four.narrative, four.date) == ("", "Salary T7K4-0004", "2026-11-30")


@pytest.mark.parametrize("kind", STATEMENTS)
def test_a_detail_without_an_amount_has_the_one_of_its_entry(kind: str, opened):
    [one] = payouts(opened(statement(kind, [Said("T7K4-0001", amount="")], batch_amount="333.00")))

    assert one.amount == Money(33_300, "KES")


@pytest.mark.parametrize("kind", STATEMENTS)
def test_an_entry_without_details_is_one_row_and_what_is_not_booked_is_pending(kind: str, opened):
    [one] = payouts(opened(statement(kind, [Said("", amount="12.00")], status="PDNG")))

    assert (one.outcome, one.reason, one.amount) == (Outcome.FAILED, Reason.PENDING, Money(1_200, "KES"))
    assert one.narrative == "As booked"


def test_a_bank_answer_is_matched_like_any_other_file(opened):
    asked = [Instruction(f"T7K4-000{number}", Money(125_050, "KES"), name="Juniper Moonbeam") for number in (1, 2, 3, 4)]
    content = status_report(
        REPORTS[1], Said("T7K4-0001"), Said("T7K4-0002", status="RJCT", reason="AM04"), Said("T7K4-0003", amount="1000.00")
    )

    found = match.reconcile(asked, payouts(opened(content)))

    assert [one.kind for one in found] == [FindingKind.PAID, FindingKind.FAILED, FindingKind.PAID_LESS, FindingKind.MISSING]


def test_a_prefix_before_every_tag_changes_nothing(opened):
    plain = status_report(REPORTS[1], Said("T7K4-0001")).decode()
    prefixed = plain.replace("</", "</b:").replace("<", "<b:").replace("<b:/b:", "</b:").replace("<b:?", "<?").replace("xmlns=", "xmlns:b=")

    assert payouts(opened(prefixed.encode())) == payouts(opened(plain.encode()))


@pytest.mark.parametrize(
    "trick",
    [
        '<!DOCTYPE Document [<!ENTITY e SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE Document SYSTEM "http://localhost/evil.dtd">',
    ],
)
def test_definitions_of_its_own_are_refused_before_anything_is_read(trick: str, opened):
    plain = status_report(REPORTS[1], Said("T7K4-0001")).decode()
    head, _, rest = plain.partition("?>")
    hostile = f"{head}?>{trick}{rest}"

    with pytest.raises(UnreadableFile, match="definitions of its own"):
        opened(hostile.encode())


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9, 0.999])
def test_a_message_that_was_cut_short_is_refused(cut: float, opened):
    content = status_report(REPORTS[1], *[Said(f"T7K4-{number:04d}") for number in range(200)])

    with pytest.raises(UnreadableFile):
        opened(content[: int(len(content) * cut)])


def test_transactions_hidden_from_the_reader_are_noticed(opened):
    content = status_report(REPORTS[1], Said("T7K4-0001")).decode()
    hidden = content.replace("<TxInfAndSts>", "<!-- <TxInfAndSts></TxInfAndSts> --><TxInfAndSts>")

    with pytest.raises(UnreadableFile, match="two ways of counting"):
        opened(hidden.encode())


def test_a_transaction_too_large_to_be_true_is_refused(opened):
    content = status_report(REPORTS[1], Said("T7K4-0001", reason="NARR", more="x")).decode()

    for bloated in (
        content.replace("<AddtlInf>x", "<AddtlInf>" + "x" * 200_000),
        content.replace("<AddtlInf>x</AddtlInf>", "<AddtlInf>x</AddtlInf>" * 30_000),
    ):
        with pytest.raises(UnreadableFile, match="too large to be true"):
            opened(bloated.encode())


def test_a_report_on_the_whole_file_alone_says_what_to_ask_for(opened):
    content = status_report(REPORTS[1], Said("T7K4-0001")).decode()
    start, end = content.index("<OrgnlPmtInfAndSts>"), content.index("</OrgnlPmtInfAndSts>") + len("</OrgnlPmtInfAndSts>")

    with pytest.raises(UnreadableFile, match="status of each payment"):
        opened((content[:start] + content[end:]).encode())


def test_another_message_is_refused_with_the_names_of_those_that_are_read(opened):
    other = f'<Document xmlns="{bank_messages.NAMESPACE}pain.001.001.09"><CstmrCdtTrfInitn/></Document>'

    with pytest.raises(UnreadableFile, match=r"pain\.002, camt\.053 or camt\.054"):
        opened(other.encode())


def test_a_message_is_read_in_the_child_process_too(tmp_path: Path):
    path = tmp_path / "answer.xlsx"  # a wrong ending changes nothing
    path.write_bytes(statement(STATEMENTS[1], [Said("T7K4-0001")]))

    sheets = workbook.open_rows(path)

    assert (sheets.form, sheets.sheets[0].name) == ("iso20022", "camt.053")
    assert [each.reference for each in payouts(sheets)] == ["T7K4-0001"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    groups=st.lists(st.lists(st.integers(1, 10**9), min_size=1, max_size=4), min_size=1, max_size=6),
    split=st.integers(1, 400),
    kind=st.sampled_from(STATEMENTS),
)
def test_every_transaction_is_one_row_wherever_the_bytes_are_split(tmp_path: Path, groups: list[list[int]], split: int, kind: str):
    entries = [
        [Said(f"T{place}-{number}", amount=f"{minor / 100:.2f}") for number, minor in enumerate(group)]
        for place, group in enumerate(groups)
    ]
    path = tmp_path / "split.xml"
    path.write_bytes(statement(kind, *entries))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(iso20022, "_CHUNK", split)
        rows = iso20022.read_message(path).rows[1:]

    assert [(row[0], row[3]) for row in rows] == [(one.reference, one.amount) for group in entries for one in group]


MESSAGE = status_report(REPORTS[1], Said("T7K4-0001"), Said("T7K4-0002", status="RJCT", reason="AC04", more="Closed"))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, len(MESSAGE) - 1), byte=st.integers(0, 255))
def test_a_flipped_byte_ends_in_both_rows_or_in_one_sentence(tmp_path: Path, place: int, byte: int):
    path = tmp_path / "flipped.xml"
    path.write_bytes(MESSAGE[:place] + bytes([byte]) + MESSAGE[place + 1 :])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox, "messages", workbook.read_here)
        try:
            sheets = workbook.open_rows(path)
        except UnreadableFile:
            return  # one sentence, and no row of half a message
    if sheets.form == "iso20022":  # without its first sign it is no longer a message, but a text
        assert len(sheets.sheets[0].rows) == 3
