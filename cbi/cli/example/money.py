"""The money's way in the example: programme, cycle, list, release, the provider's report, statement."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.cli.example.people import Login
from cbi.cli.samples import write_report
from cbi.payouts import files, posting
from cbi.payouts import reading as payout_reading
from cbi.payouts.about import files_about
from cbi.payouts.tables import FileStatus, PayoutFile, PayoutFinding
from cbi.store.records import Records
from cbi.store.work import Actor, Reading
from cbi.transfers import approvals, cycles, lists, programmes, release
from cbi.transfers.cycles import NewCycle
from cbi.transfers.formula import Formula
from cbi.transfers.programmes import NewProgramme
from cbi.transfers.service import instructions_of
from cbi.transfers.tables import ListStatus, Mechanism
from reconciliation.findings import FindingKind
from reconciliation.money import Money


@dataclass(frozen=True)
class SetUp:
    """A programme ready to pay."""

    programme_id: UUID
    provider_id: UUID
    line_id: UUID


def set_up(records: Records, logins: dict[str, Login], sites: dict[str, UUID]) -> SetUp:
    """Grant, budget lines, two providers and a programme with a sector outcome and protection's signature."""
    today = records.clock.today(records.operation.zone)
    with records.work(Actor(logins["administrator"].id)) as work:
        approvals.set_two_from(work, Money(100_000_000, "KES"))
    with records.work(Actor(logins["manager"].id)) as work:
        grant_id = programmes.add_grant(work, code="G7", donor="Moon Fund", title="Kharwa lean season", currency="KES")
        line_id = programmes.add_budget_line(work, grant_id=grant_id, code="G7.2", title="Transfers", amount_minor=1_500_000_000)
        programmes.add_budget_line(work, grant_id=grant_id, code="G7.9", title="Provider fees", amount_minor=30_000_000)
        sparrow = programmes.add_provider(work, code="SMM", name="Sparrow Mobile Money", mechanism=Mechanism.MOBILE_MONEY)
        heron = programmes.add_provider(work, code="HCA", name="Heron Cash Agents", mechanism=Mechanism.CASH_AGENT)
        programme_id = programmes.add_programme(
            work,
            NewProgramme(
                code="FSL",
                name="Food through the lean season",
                sector="Food security",
                outcome="Households meet their food needs until the harvest",
                indicator="Share of households with an acceptable food consumption score",
                assistance="Nutrition talks with the health committee",
                grant_id=grant_id,
                currency="KES",
                sites={sites["BH"]: sparrow, sites["OM"]: sparrow, sites["HR"]: heron},
                protection_signed_on=today,
            ),
        )
    return SetUp(programme_id, sparrow, line_id)


def freeze_cycle(records: Records, manager_id: UUID, made: SetUp) -> UUID:
    """Base 4,500.00 and 1,250.00 for each member up to 8, at most 14,500.00, frozen with the sum that was shown."""
    today = records.clock.today(records.operation.zone)
    formula = Formula(450_000, 125_000, 8, 1_450_000, "KES", basket_minor=2_600_000)
    new = NewCycle(
        programme_id=made.programme_id,
        name=f"{today:%B %Y}",
        starts_on=today,
        ends_on=today + timedelta(days=30),
        submit_on=today + timedelta(days=20),
        formula=formula,
        budget_line_id=made.line_id,
    )
    with records.work(Actor(manager_id)) as work:
        cycle_id = cycles.draft(work, new)
        shown = cycles.effect(work, made.programme_id, formula, made.line_id).total_minor
        cycles.freeze(work, cycle_id, shown_total_minor=shown)
    return cycle_id


def release_list(records: Records, logins: dict[str, Login], cycle_id: UUID, provider_id: UUID) -> UUID:
    """Prepared by one, approved by as many as its sum needs, released by another: each sees the list's mark first."""
    with records.work(Actor(logins["manager"].id)) as work:
        list_id = lists.make_list(work, cycle_id, provider_id)
    with records.work(Actor(logins["manager"].id)) as work:
        lists.submit(work, list_id)
    for role in ("approver", "approver_2"):
        with records.work(Actor(logins[role].id)) as work:
            if lists.list_by_id(work, list_id).status is ListStatus.APPROVED:
                break  # a small example stays below the sum from which two are needed
            approvals.approve(work, list_id, approver_id=logins[role].id, shown=_mark(work, list_id))
    with records.work(Actor(logins["releaser"].id)) as work:
        release.release(work, list_id, releaser_id=logins["releaser"].id, shown=_mark(work, list_id))
    with records.work(Actor(logins["finance"].id)) as work:
        release.export(work, list_id)
    return list_id


def post_report(records: Records, finance_id: UUID, list_id: UUID) -> UUID:
    """The provider's report, as it really comes, read without a question, and posted."""
    actor = Actor(finance_id)
    with records.read() as reading, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        write_report(
            path,
            instructions_of(reading, list_id),
            day=records.clock.today(records.operation.zone),
            provider="Sparrow Mobile Money",
            currency="KES",
        )
        content = path.read_bytes()
    file_id = files.receive(records, actor, list_id, "sparrow_bulk_report.xlsx", content)
    status = payout_reading.read(records, actor, file_id)
    if status is not FileStatus.PREVIEWED:
        raise RuntimeError(f"the example's report was not read: {status}")
    posting.post(records, actor, file_id)
    return file_id


def findings(reading: Reading, list_id: UUID) -> dict[str, int]:
    """How many findings of each kind the list's files hold; every kind is there."""
    rows = reading.session.connection().execute(
        sa.select(col(PayoutFinding.kind), sa.func.count())
        .join(PayoutFile, col(PayoutFile.id) == col(PayoutFinding.file_id))
        .where(files_about(list_id))
        .group_by(col(PayoutFinding.kind))
    )
    counted = {kind: int(count) for kind, count in rows}
    return {kind.value: counted.get(kind, 0) for kind in FindingKind}


def _mark(reading: Reading, list_id: UUID) -> bytes:
    return lists.list_by_id(reading, list_id).hash or b""
