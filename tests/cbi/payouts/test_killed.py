"""Posting under real kills: whatever moment the process dies at, everything counts or nothing does, and a retry completes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from cbi.access import Role
from cbi.errors import SomebodyWasFirst
from cbi.payouts import answers, posting, queries, statements
from cbi.payouts.answers import Said, State
from cbi.payouts.posting import UndoReason
from cbi.payouts.tables import Answer, FileStatus, LedgerEntry, PostedRow
from cbi.store.records import Records
from cbi.store.work import Actor
from reconciliation.findings import FindingKind
from tests import make, make_payouts
from tests.cbi.payouts import faults, laws
from tests.cbi.payouts.test_decisions import finding_of
from tests.cbi.payouts.test_posting import _balances, _mixed

POSTER = Path(__file__).with_name("poster.py")
BEFORE_IT_COUNTS = (
    "UPDATE payoutfile",
    "INSERT INTO ledgerposting",
    "INSERT INTO ledgerentry:1",
    "INSERT INTO ledgersum",
    "INSERT INTO postedrow",
    "UPDATE instruction",
    "INSERT INTO audit_entry",
    "COMMIT",
)


@pytest.mark.parametrize("moment", [*BEFORE_IT_COUNTS, ""], ids=[*BEFORE_IT_COUNTS, "after the commit"])
def test_a_post_killed_at_any_moment_counts_whole_or_not_at_all_and_a_retry_completes(records: Records, moment: str):
    given = make_payouts.released(records)
    file_id = make_payouts.previewed(records, given, _mixed(given))
    before = _balances(records)

    _kill(records, file_id, given.finance, moment, "post")

    counted = _balances(records)
    assert sum(counted.values()) == 0
    if moment:
        assert counted == before
        assert _counts(records) == (FileStatus.PREVIEWED, 0)
        posting.post(records, Actor(given.finance), file_id)
    else:
        with pytest.raises(SomebodyWasFirst):
            posting.post(records, Actor(given.finance), file_id)
    status, rows = _counts(records)
    assert (status, rows) == (FileStatus.POSTED, 7)
    assert sum(_balances(records).values()) == 0
    with records.read() as look:
        assert statements.of_list(look, given.list_id).foots
        assert queries.file_by_id(look, file_id).posted_at
    assert records.verify_chain().verified


@pytest.mark.parametrize("moment", ["INSERT INTO findingdecision", "INSERT INTO postedrow", "INSERT INTO ledgerentry", "COMMIT"])
def test_a_decision_killed_at_any_moment_moves_nothing_and_a_retry_completes(records: Records, moment: str):
    given = make_payouts.released(records)
    second = make.staff(records, Role.FINANCE, name="Bettina Drizzle")
    file_id = make_payouts.posted(records, given, _mixed(given))
    finding_id, said = finding_of(records, file_id, FindingKind.WRONG_PAYEE), Said(Answer.SAME_PERSON)
    answers.give(records, Actor(given.finance), file_id, finding_id, said)
    before = faults.content(records)

    _kill(records, file_id, second, moment, str(finding_id))

    assert faults.content(records) == before
    assert answers.give(records, Actor(second), file_id, finding_id, said) is State.DECIDED
    laws.check(records)


@pytest.mark.parametrize("moment", ["UPDATE payoutfile", "INSERT INTO ledgerentry", "UPDATE postedrow", "COMMIT"])
def test_an_undo_killed_at_any_moment_reverses_nothing_and_a_retry_completes(records: Records, moment: str):
    given = make_payouts.released(records)
    start = _balances(records)
    file_id = make_payouts.posted(records, given, _mixed(given))
    before = faults.content(records)

    _kill(records, file_id, given.finance, moment, "undo")

    assert faults.content(records) == before
    posting.undo(records, Actor(given.finance), file_id, UndoReason.WRONG_FILE)
    assert {account: minor for account, minor in _balances(records).items() if minor} == start
    laws.check(records)


def _kill(records: Records, file_id: UUID, person_id: UUID, moment: str, act: str) -> None:
    killed = subprocess.run(
        [sys.executable, POSTER, records.folder.parent, str(file_id), str(person_id), moment, act],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        check=False,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL


def _counts(records: Records) -> tuple[FileStatus, int]:
    with records.engine.connect() as connection:
        status = connection.execute(sa.text("SELECT status FROM payoutfile")).scalar_one()
        entries = connection.execute(sa.select(sa.func.count()).select_from(LedgerEntry).where(LedgerEntry.finding_id.is_not(None)))
        rows = connection.execute(sa.select(sa.func.count()).select_from(PostedRow)).scalar_one()
        assert bool(entries.scalar_one()) == bool(rows)
        return FileStatus(status), rows
