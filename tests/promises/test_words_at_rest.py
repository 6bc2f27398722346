"""What people write in their own words, and what providers write where a reference belongs, lies on no disk in the clear."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from cbi.access import Role
from cbi.payouts import answers, closing, cycles_account, narrowing, queries, statements
from cbi.payouts.answers import Said
from cbi.payouts.narrowing import Narrowed
from cbi.payouts.tables import Answer
from cbi.payouts.tables_money import Ending, OpenLine
from cbi.sites import checking, history
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers import approvals, rates
from cbi.transfers.tables import PaymentList
from reconciliation.findings import FindingKind
from tests import make, make_payouts, make_sites, make_transfers
from tests.make_payouts import Released, row
from tests.promises.test_seized_disk import files_of, hits, spellings

STRANGER = "Marigold Umbrella 0799123456"
NOTE, ENDING, CYCLE, SOURCE, BACK = (f"canary of Marigold Umbrella {place}" for place in ("note", "ending", "cycle", "source", "sent back"))


def _lies_open(records: Records, *texts: str) -> dict[str, set[bytes]]:
    """Where one of these lies on the disk, in any spelling, once everything is written out."""
    records.close()
    needles = {spelt for text in (*texts, "Marigold Umbrella", "0799123456") for spelt in spellings(text)}
    return {name: found for name, content in files_of(records.folder).items() if (found := hits(needles, content))}


def _posted_with_a_stranger(records: Records) -> tuple[Released, UUID]:
    given = make_payouts.released(records)
    rows = [row(line, number) for number, line in enumerate(given.lines[:-1], start=1)]
    stranger = row(given.lines[0], 90, reference=STRANGER, name="Marigold Umbrella", phone="0799123456", minor=12_300)
    return given, make_payouts.posted(records, given, [*rows, stranger])


def test_a_strangers_reference_is_shown_and_found_and_lies_nowhere_in_the_clear(records: Records):
    given, file_id = _posted_with_a_stranger(records)
    make_payouts.previewed(records, given, [row(given.lines[0], 91, reference=STRANGER, txn="SP000090", minor=12_300)], "again.csv")

    with records.read() as look:
        [finding] = queries.findings_of(look, file_id, FindingKind.NOT_OURS, limit=2)
        page = narrowing.page_of(look, file_id, narrowing.searched(look, file_id, Narrowed(), STRANGER))

    assert (finding.reference, finding.rows[0].reference) == (STRANGER, STRANGER)
    assert [one.finding.id for one in page.findings] == [finding.finding.id]
    assert _lies_open(records, STRANGER) == {}


def test_what_an_earlier_file_says_of_a_stranger_is_known_though_its_reference_is_sealed(records: Records):
    given, _ = _posted_with_a_stranger(records)

    again = make_payouts.previewed(
        records, given, [row(given.lines[0], 95, reference=STRANGER, txn="SP000095", minor=12_300, status="FAILED")], "again.csv"
    )

    with records.read() as look:
        [known] = queries.findings_of(look, again, FindingKind.NOT_OURS, limit=2)
        assert FindingKind.CONTRADICTS.value in known.finding.also.split(",")
        assert known.reference == STRANGER


def test_what_people_wrote_while_they_decided_lies_nowhere_in_the_clear(records: Records):
    given, file_id = _posted_with_a_stranger(records)
    closer = Actor(make.staff(records, Role.APPROVER, name="Bo Closer"))
    with records.read() as look:
        [finding] = queries.findings_of(look, file_id, FindingKind.NOT_OURS, limit=2)
        cycle_id = look.session.get_one(PaymentList, given.list_id).cycle_id
    answers.give(records, Actor(given.finance), file_id, finding.finding.id, Said(Answer.TO_RECOVER, NOTE))
    with records.work(Actor(given.finance)) as work:
        closing.decide(work, given.list_id, OpenLine.MISSING, "KES", Ending.CANCEL, ENDING)
        closing.decide(work, given.list_id, OpenLine.SUSPENSE, "KES", Ending.ASK_BACK)
    with records.read() as look:
        shown = statements.of_list(look, given.list_id).open_minor
    with records.work(closer) as work:
        closing.close(work, given.list_id, shown_minor=shown)
    with records.read() as look:
        paid = cycles_account.of_cycle(look, cycle_id).paid_minor
    with records.work(closer) as work:
        cycles_account.close_cycle(work, cycle_id, shown_paid_minor=paid, reason=CYCLE)

    with records.read() as look:
        [told] = {one.reason for one in statements.of_list(look, given.list_id).decided if one.reason}
        ended = cycles_account.closing_of(look, cycle_id)
        assert ended is not None
        assert (told, look.open(ended, "reason")) == (ENDING, CYCLE)
    assert _lies_open(records, NOTE, ENDING, CYCLE) == {}


def test_where_a_rate_was_read_and_why_a_list_came_back_lie_nowhere_in_the_clear_nor_in_the_trail(records: Records):
    made = make_transfers.setting(records, grant_currency="EUR", rate=("0.0071", date(2026, 11, 1)))
    with records.work(Actor(made.manager)) as work:
        rates.add_rate(work, made.grant_id, currency="KES", day=date(2026, 11, 2), rate="0.0072", source=SOURCE)
    submitted = make_transfers.submitted_list(records, made)
    with records.work(Actor(made.releaser)) as work:
        approvals.send_back(work, submitted, reason=BACK, shown=make_transfers.mark_of(records, submitted))

    with records.read() as look:
        newest = rates.rows(look, [made.grant_id])[0]
        sent_back = look.session.get_one(PaymentList, submitted)
        assert (look.open(newest, "source"), look.open(sent_back, "sent_back_reason")) == (SOURCE, BACK)
        bodies = " ".join(look.session.scalars(look.system.audit_entry.__table__.select().with_only_columns(look.system.audit_entry.body)))  # type: ignore[attr-defined]
    assert "canary" not in bodies
    assert _lies_open(records, SOURCE, BACK) == {}


def test_who_answered_a_site_check_is_shown_and_lies_nowhere_in_the_clear(records: Records):
    site = make_sites.site(records)
    names = ("Marigold Umbrella of the team", "Umbrella Marigold of the plan")
    with records.work(Actor()) as work:
        checking.confirm_check(work, site, checking.NewCheck(make_sites.answers(), work.today, *names))

    with records.read() as look:
        answered = history.who_answered(look, site)
        assert answered is not None
        assert (answered.with_protection, answered.with_programme) == names
    assert _lies_open(records, *names) == {}
