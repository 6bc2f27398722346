"""A list that leaves as a bank's message, and comes back as one."""

from __future__ import annotations

import re

from cbi.access import Role
from cbi.payouts import files, posting, reading
from cbi.payouts.tables import FileStatus
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers import release
from cbi.transfers.service import instructions_of
from cbi.transfers.tables import Mechanism
from reconciliation.findings import FindingKind
from tests import make, make_transfers
from tests.cbi.payouts.test_posting import _balances as balances
from tests.cbi.payouts.test_reissue import kinds
from tests.cbi.transfers.test_file_templates import PAIN, save
from tests.reconciliation.bank_messages import Said, statement, status_report


def test_a_list_leaves_as_a_message_and_the_banks_answers_settle_it_without_a_question(records: Records):
    made = make_transfers.setting(records, (4, 3, 1), mechanism=Mechanism.BANK)
    save(records, made, PAIN)
    list_id = make_transfers.released_list(records, made)
    finance = Actor(make.staff(records, Role.FINANCE, name="Rana Inkwell"))
    with records.work(finance) as work:
        message = release.export(work, list_id).decode()
    with records.read() as look:
        one, two, three = instructions_of(look, list_id)
    assert re.findall("<EndToEndId>(.*?)<", message) == [one.reference, two.reference, three.reference]

    report = status_report(
        "pain.002.001.10",
        Said(one.reference, str(one.amount.decimal()), name=one.name, account=one.account, bank="B1"),
        Said(two.reference, str(two.amount.decimal()), status="RJCT", reason="AC04", name=two.name, account=two.account, bank="B2"),
        Said(three.reference, str(three.amount.decimal()), status="PDNG", name=three.name, account=three.account, bank="B3"),
    )
    first = files.receive(records, finance, list_id, "answer.xml", report)
    assert reading.read(records, finance, first) is FileStatus.PREVIEWED
    assert kinds(records, first) == {FindingKind.PAID: 1, FindingKind.FAILED: 2}
    posting.post(records, finance, first)

    later = statement(
        "camt.053.001.08",
        [Said(three.reference, str(three.amount.decimal()), name=three.name, account=three.account, bank="B4")],
        [Said(one.reference, str(one.amount.decimal()), way="CRDT", returned="AC07", name=one.name, account=one.account, bank="B5")],
    )
    second = files.receive(records, finance, list_id, "statement.xml", later)
    assert reading.read(records, finance, second) is FileStatus.PREVIEWED
    posting.post(records, finance, second)

    assert kinds(records, second)[FindingKind.RETURNED] == 1
    assert balances(records)["delivered"] == three.amount.minor
    assert balances(records).get("suspense", 0) == 0


def test_a_payment_that_is_settled_then_credited_then_booked_counts_once(records: Records):
    made = make_transfers.setting(records, (4,), mechanism=Mechanism.BANK)
    list_id = make_transfers.released_list(records, made)
    finance = Actor(make.staff(records, Role.FINANCE, name="Rana Inkwell"))
    with records.read() as look:
        [one] = instructions_of(look, list_id)
    told = {"reference": one.reference, "amount": str(one.amount.decimal()), "name": one.name, "account": one.account}
    answers = (
        status_report("pain.002.001.10", Said(**told, bank="B1")),
        status_report("pain.002.001.10", Said(**told, status="ACCC", bank="B2")),
        statement("camt.054.001.08", [Said(**told, bank="B3")]),
        statement("camt.053.001.08", [Said(**told, bank="B3")]),
    )

    for number, content in enumerate(answers):
        file_id = files.receive(records, finance, list_id, f"{number}.xml", content)
        assert reading.read(records, finance, file_id) is FileStatus.PREVIEWED
        posting.post(records, finance, file_id)
        assert kinds(records, file_id) == {FindingKind.PAID_BEFORE if number else FindingKind.PAID: 1}

    assert (balances(records)["delivered"], balances(records).get("suspense", 0)) == (one.amount.minor, 0)
