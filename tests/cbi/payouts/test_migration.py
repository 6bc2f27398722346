from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa

from cbi.errors import UnsafeSettings
from cbi.payouts import queries, sheet_names, statements
from cbi.store.bases import Sealed
from cbi.store.migrate import differences, downgrade, is_current, upgrade
from cbi.store.records import Records
from cbi.transfers import rates
from reconciliation.findings import FindingKind
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

    downgrade(records.engine, "office", "0001", keyring=records.keyring)
    with records.engine.connect() as connection:
        assert {one.hex for one in [given.list_id]} == set(connection.execute(sa.text("SELECT list_id FROM payoutfile")).scalars())
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    upgrade(records.engine, "office", keyring=records.keyring)

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
    downgrade(records.engine, "office", "0001", keyring=records.keyring)

    upgrade(records.engine, "office", keyring=records.keyring)

    with records.engine.connect() as connection:
        [kept] = connection.execute(sa.text("SELECT provider_id, name, version, layout, confirmed_by FROM providerprofile"))
        layout = connection.execute(sa.text("SELECT layout FROM payoutfile")).scalar_one()
    assert (kept.name, kept.version, kept.layout) == ("Layout 1", 1, layout)
    assert (kept.provider_id, kept.confirmed_by) == (given.made.provider_id.hex, given.finance.hex)


def test_words_that_stood_in_clear_go_under_seal_and_come_out_again_on_the_way_back(records: Records):
    given = make_payouts.released_abroad(records, rate="0.0071")
    downgrade(records.engine, "office", "0010", keyring=records.keyring)
    told = _one(records, "SELECT source FROM exchangerate")

    upgrade(records.engine, "office", keyring=records.keyring)

    with records.read() as look:
        [row] = rates.rows(look, [given.made.grant_id])
        assert (told, look.open(row, "source")) == ("Bank advice", "Bank advice")
    assert bytes(_one(records, "SELECT source FROM exchangerate")).startswith(Sealed.MARK)
    assert differences(records.engine, "office") == []
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), records.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM exchangerate"))


def test_without_the_key_words_stay_under_seal_and_nothing_is_changed(records: Records):
    make_payouts.released_abroad(records, rate="0.0071")

    with pytest.raises(UnsafeSettings, match="give the office's key"):
        downgrade(records.engine, "office", "0010")

    assert is_current(records.engine, "office")
    assert differences(records.engine, "office") == []


def test_an_older_program_is_refused_once_rates_were_entered_or_people_decided(records: Records):
    given = make_payouts.released_abroad(records, rate="0.0071")

    with pytest.raises(UnsafeSettings, match="stay with this version: exchangerate holds what an older one cannot keep"):
        downgrade(records.engine, "office", "0001", keyring=records.keyring)

    assert is_current(records.engine, "office")
    with records.read() as look:
        [row] = rates.rows(look, [given.made.grant_id])
        assert look.open(row, "source") == "Bank advice"


def test_an_older_program_is_refused_while_the_ledger_holds_a_word_it_does_not_know(records: Records):
    given = make_payouts.released(records)
    make_payouts.posted(records, given, _mixed(given))
    with records.engine.execution_options(writing=True).begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO ledgerposting (id, operation_id, kind, made_by, made_at) SELECT 'f', operation_id, 'decision', made_by, made_at FROM ledgerposting LIMIT 1"
            )
        )

    with pytest.raises(UnsafeSettings, match="ledgerposting holds “decision”"):
        downgrade(records.engine, "office", "0001", keyring=records.keyring)

    assert is_current(records.engine, "office")


def _one(records: Records, query: str):
    with records.engine.connect() as connection:
        return connection.execute(sa.text(query)).scalar_one()


def test_references_of_strangers_go_under_seal_and_come_back_as_they_were(records: Records):
    given = make_payouts.released(records)
    rows = [
        row(given.lines[0], 1),
        row(given.lines[1], 2, reference="Juniper Teapot 0712345678", name="Nobody Known", phone="254799999999"),
    ]
    make_payouts.posted(records, given, rows)
    sealed = _references(records)

    downgrade(records.engine, "office", "0007", keyring=records.keyring)
    clear = _references(records)
    upgrade(records.engine, "office", keyring=records.keyring)

    assert {"Juniper Teapot 0712345678"} == {text for texts in clear.values() for text in texts if "Juniper" in text}
    assert not any("Juniper" in text for texts in sealed.values() for text in texts)
    assert _references(records) == sealed
    with records.read() as look:
        [finding] = queries.findings_of(look, _file_id(records), FindingKind.NOT_OURS, limit=2)
        assert finding.reference == "Juniper Teapot 0712345678"


def _references(records: Records) -> dict[str, list[str]]:
    with records.engine.connect() as connection:
        return {
            f"{table}.{column}": sorted(connection.execute(sa.text(f"SELECT {column} FROM {table}")).scalars())
            for table, column in (
                ("payoutrow", "reference"),
                ("payoutrow", "counted_for"),
                ("payoutfinding", "reference"),
                ("postedrow", "reference"),
            )
        }


def _file_id(records: Records) -> UUID:
    return UUID(_one(records, "SELECT id FROM payoutfile"))


def test_names_of_sheets_go_under_seal_and_come_out_again_on_the_way_back(records: Records):
    given = make_payouts.released(records)
    unclear = row(given.lines[5], 9)
    unclear[2] = "about forty"
    file_id = make_payouts.previewed(records, given, [*_mixed(given), unclear])
    downgrade(records.engine, "office", "0013", keyring=records.keyring)
    clear = _one(records, "SELECT DISTINCT sheet FROM payoutrow")
    before = _content(records)
    assert clear in _one(records, "SELECT summary FROM payoutfile")

    upgrade(records.engine, "office", keyring=records.keyring)

    with records.read() as look:
        assert (
            sheet_names.named_sheets(look, queries.file_by_id(look, file_id)).told(_one(records, "SELECT DISTINCT sheet FROM payoutrow"))
            == clear
        )
    assert not [text for table in _content(records).values() for text in table if f'"{clear}"' in text or f"'{clear}'" in text]
    assert f'"{clear}"' not in _one(records, "SELECT problems FROM payoutfile")
    downgrade(records.engine, "office", "0013", keyring=records.keyring)
    assert _content(records) == before
    assert _one(records, "SELECT DISTINCT sheet FROM payoutrow") == clear
    upgrade(records.engine, "office", keyring=records.keyring)
    assert differences(records.engine, "office") == []
