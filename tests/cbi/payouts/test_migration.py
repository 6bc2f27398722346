from __future__ import annotations

import sqlalchemy as sa

from cbi.payouts import statements
from cbi.store.migrate import downgrade, upgrade
from cbi.store.records import Records
from tests import make_payouts
from tests.cbi.payouts.test_posting import _mixed
from tests.make_payouts import row

KEPT = {
    "payoutfilelist": "operation_id, file_id, list_id",
    "payoutfile": "id, provider_id, status, layout, summary, rows, posted_at",
    "payoutfinding": "id, file_id, position, list_id, difference_minor, kind, paid_minor",
    "payoutrow": "id, finding_id, row, row_key, counts",
    "findinggroup": "file_id, kind, list_id, currency, suspense_currency, findings, rows, instructed_minor, suspense_minor, paid_minor",
    "ledgersum": "posting_id, account, currency, list_id, cycle_id, grant_id, budget_line_id, provider_id, entries, minor",
}


def _content(records: Records) -> dict[str, list[str]]:
    with records.engine.connect() as connection:
        return {
            table: sorted(str(tuple(row)) for row in connection.execute(sa.text(f"SELECT {columns} FROM {table}")))
            for table, columns in KEPT.items()
        }


def test_an_office_goes_back_to_its_first_form_and_up_again_with_all_it_holds(records: Records):
    given = make_payouts.released(records)
    make_payouts.posted(records, given, _mixed(given))
    make_payouts.previewed(records, given, [row(given.lines[5], 7, status="FAILED")], "later.csv")
    before = _content(records)

    downgrade(records.engine, "office", "0001")
    with records.engine.connect() as connection:
        assert {one.hex for one in [given.list_id]} == set(connection.execute(sa.text("SELECT list_id FROM payoutfile")).scalars())
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    upgrade(records.engine, "office")

    assert _content(records) == before
    assert _grouped(records)
    with records.read() as look:
        assert statements.of_list(look, given.list_id).foots


def _grouped(records: Records) -> bool:
    """Whether every finding carries the number of a group of its own kind, list and reason."""
    alone = (
        "SELECT count(*) FROM payoutfinding AS f LEFT JOIN findinggroup AS g ON g.file_id = f.file_id AND g.number = f.group_number"
        " AND g.kind = f.kind AND g.list_id = f.list_id AND g.because = f.because WHERE g.id IS NULL"
    )
    with records.engine.connect() as connection:
        return connection.execute(sa.text(alone)).scalar_one() == 0


def test_a_layout_that_was_only_in_old_files_becomes_a_profile_of_its_provider(records: Records):
    given = make_payouts.released(records)
    make_payouts.posted(records, given, _mixed(given))
    downgrade(records.engine, "office", "0001")

    upgrade(records.engine, "office")

    with records.engine.connect() as connection:
        [kept] = connection.execute(sa.text("SELECT provider_id, name, version, layout, confirmed_by FROM providerprofile"))
        layout = connection.execute(sa.text("SELECT layout FROM payoutfile")).scalar_one()
    assert (kept.name, kept.version, kept.layout) == ("Layout 1", 1, layout)
    assert (kept.provider_id, kept.confirmed_by) == (given.made.provider_id.hex, given.finance.hex)
