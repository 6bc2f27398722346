"""The invariants of money, read from the database by other means than the program's own."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import groupby

import sqlalchemy as sa

from cbi.store.records import Records


def check(records: Records) -> None:
    """Fail unless I1 to I5 hold, and the ledger says for every transfer what its live rows say together."""
    with records.engine.connect() as connection:
        _nobody_is_promised_twice(connection)
        _every_posting_sums_to_zero(connection)
        _what_counts_is_entered_once(connection)
        _rows_and_ledger_agree(connection)


def _rows(connection: sa.Connection, query: str) -> list[sa.Row]:
    return list(connection.execute(sa.text(query)))


def _nobody_is_promised_twice(connection: sa.Connection) -> None:
    over = _rows(
        connection,
        "SELECT e.id FROM entitlement e JOIN instruction i ON i.entitlement_id = e.id WHERE i.live"
        " GROUP BY e.id, e.amount_minor HAVING sum(i.amount_minor) > e.amount_minor",
    )
    assert over == [], "I1: more is promised than is due"


def _every_posting_sums_to_zero(connection: sa.Connection) -> None:
    uneven = _rows(connection, "SELECT posting_id FROM ledgerentry GROUP BY posting_id, currency HAVING sum(minor) <> 0")
    assert uneven == [], "I4: a posting does not sum to zero"
    entered = _rows(connection, "SELECT account, currency, sum(minor) FROM ledgerentry GROUP BY account, currency ORDER BY 1, 2")
    summed = _rows(connection, "SELECT account, currency, sum(minor) FROM ledgersum GROUP BY account, currency ORDER BY 1, 2")
    assert [tuple(row) for row in entered] == [tuple(row) for row in summed], "the sums kept beside postings are not those of the entries"


def _what_counts_is_entered_once(connection: sa.Connection) -> None:
    reversed_ids = {row[0] for row in _rows(connection, "SELECT reverses_id FROM ledgerposting WHERE reverses_id IS NOT NULL")}
    standing = Counter(
        row.file_id
        for row in _rows(connection, "SELECT id, file_id FROM ledgerposting WHERE kind = 'payout'")
        if row.id not in reversed_ids
    )
    posted = {row.id for row in _rows(connection, "SELECT id FROM payoutfile WHERE status = 'posted'")}
    assert standing == Counter(posted), "I5: a file is entered other than once"
    for row in _rows(connection, "SELECT posting_id, live, first_by, second_by FROM findingdecision"):
        assert row.posting_id is None or bool(row.live) == (row.posting_id not in reversed_ids), "a decision and its entries differ"
        assert row.first_by != row.second_by, "I3: two answers of one person"
    for row in _rows(connection, "SELECT DISTINCT file_id FROM postedrow WHERE live"):
        assert row.file_id in posted, "I5: a row of a file that is not posted counts"


def _rows_and_ledger_agree(connection: sa.Connection) -> None:
    asked = {
        row.reference: row
        for row in _rows(
            connection,
            "SELECT i.id, i.reference, i.currency, CASE WHEN NOT i.live AND EXISTS (SELECT 1 FROM instruction o WHERE o.live"
            " AND o.entitlement_id = i.entitlement_id AND o.part = i.part) THEN i.settled_minor ELSE i.amount_minor END AS amount_minor"
            " FROM instruction i",
        )
    }
    stands: dict[tuple[str, str], list[sa.Row]] = defaultdict(list)
    in_order = (
        "SELECT r.*, CASE WHEN d.answer IN ('recovered', 'charged') THEN d.decided_at ELSE f.posted_at END AS turn"
        " FROM postedrow r JOIN payoutfile f ON f.id = r.file_id LEFT JOIN findingdecision d ON d.id = r.decision_id WHERE r.live ORDER BY turn"
    )
    for row in _rows(connection, in_order):
        stands[row.reference or row.provider_ref or str(row.row_key), row.currency].append(row)
    delivered, suspense = dict[str, int](), Counter[str]()
    for (whose, currency), rows in stands.items():
        has = astray = 0
        for _turn, told in groupby(rows, key=lambda row: row.turn):
            now = list(told)
            right = sum(row.amount_minor for row in now if row.outcome == "paid" and not row.in_suspense)
            away = astray + sum(row.amount_minor for row in now if row.outcome == "paid" and row.in_suspense)
            back = sum(abs(row.amount_minor) for row in now if row.outcome == "returned")
            has, astray = has + right - max(back - away, 0), max(away - back, 0)
        promised = asked[whose].amount_minor if whose in asked and asked[whose].currency == currency else 0
        kept = min(max(has, 0), promised)
        if whose in asked:
            delivered[asked[whose].id] = kept if asked[whose].currency == currency else delivered.get(asked[whose].id, 0)
        suspense[currency] += max(has, 0) - kept + astray
    entered = {
        row.instruction_id: int(row.minor)
        for row in _rows(
            connection,
            "SELECT instruction_id, sum(minor) AS minor FROM ledgerentry WHERE account = 'delivered' GROUP BY instruction_id",
        )
    }
    assert {one: minor for one, minor in entered.items() if minor} == {one: minor for one, minor in delivered.items() if minor}
    held = _rows(
        connection, "SELECT currency, sum(minor) AS minor FROM ledgerentry WHERE account IN ('suspense', 'extra') GROUP BY currency"
    )
    assert {row.currency: int(row.minor) for row in held if row.minor} == {one: minor for one, minor in suspense.items() if minor}
    for row in _rows(
        connection, "SELECT instruction_id, sum(minor) AS minor FROM ledgerentry WHERE account = 'open' GROUP BY instruction_id"
    ):
        assert row.minor >= 0, "I3: more was delivered than was promised"
