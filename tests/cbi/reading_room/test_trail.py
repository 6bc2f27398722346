from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from cbi.access import Role
from cbi.errors import Refused
from cbi.reading_room.today import today
from cbi.reading_room.trail import Given, given, standing, verify
from cbi.staff.service import find_person
from cbi.store import triggers
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.web.marks import mark_words
from tests import make
from tests.make_staff import stop_clock


@pytest.fixture
def mark(records: Records) -> tuple[int, bytes]:
    make.staff(records, Role.MANAGER)
    make.staff(records, Role.REGISTRAR)
    signed = records.sign_checkpoint()
    make.staff(records, Role.LEAD)
    return signed


def tamper(records: Records, statement: str, **values: object) -> None:
    """What somebody with the disk in their hands could do."""
    with records.engine.execution_options(writing=True).begin() as connection:
        triggers.remove(connection, "audit_entry")
        connection.execute(sa.text(statement), values)
        triggers.install(connection, "audit_entry")


def test_an_untouched_trail_is_whole_up_to_its_checkpoint(records: Records, mark: tuple[int, bytes]):
    report = verify(records, Actor())

    assert (report.verified, report.entries, report.checkpoint) == (True, 3, mark[0])
    assert report.since is not None
    assert report.checkpoint_at is not None
    assert report.since <= report.checkpoint_at


@pytest.mark.parametrize(
    ("statement", "at", "reason"),
    [
        ("UPDATE audit_entry SET body = replace(body, 'registrar', 'finance') WHERE seq = 2", 2, "its content was changed"),
        ("DELETE FROM audit_entry WHERE seq = 1", 2, "an entry before it is gone"),
        ("DELETE FROM audit_entry WHERE seq >= 2", 2, "entries after this one are gone"),
    ],
)
def test_a_broken_trail_names_the_first_entry_that_does_not_fit(
    records: Records, mark: tuple[int, bytes], statement: str, at: int, reason: str
):
    tamper(records, statement)

    report = verify(records, Actor())

    assert (report.verified, report.broken_at, report.reason) == (False, at, reason)


def test_a_checkpoint_on_paper_is_found_by_its_words_and_by_its_hash(records: Records, mark: tuple[int, bytes]):
    seq, digest = mark
    typed = [f"{seq}:{digest.hex()}", f"{seq} {' '.join(mark_words(digest))}", f"{seq} · {digest.hex()[:30]}…"]

    assert all(verify(records, Actor(), given(text)).verified for text in typed)


def test_another_checkpoint_on_paper_breaks_the_trail(records: Records, mark: tuple[int, bytes]):
    rolled_back = verify(records, Actor(), Given(mark[0] + 50, mark[1][:11]))
    rewritten = verify(records, Actor(), Given(mark[0], bytes(11)))

    assert (rolled_back.verified, rolled_back.reason) == (False, "entries after this one are gone")
    assert (rewritten.verified, rewritten.broken_at, rewritten.reason) == (False, mark[0], "it differs from the checkpoint you gave")


@pytest.mark.parametrize("text", ["abc", "12", "12:xyz", "12 lantern orbit", "12:9c41", "one two three four five six seven eight"])
def test_what_is_no_checkpoint_is_answered_with_an_example(text: str):
    with pytest.raises(Refused, match="for example 4812:9c41e7d0"):
        given(text)


def test_nothing_typed_is_no_checkpoint():
    assert given("  ") is None


def test_an_auditor_is_told_to_verify_until_it_was_done_this_week(app: Flask, records: Records, mark: tuple[int, bytes]):
    clock = stop_clock(records)
    auditor = find_person(records, make.staff(records, Role.AUDITOR))
    assert auditor is not None

    def waiting() -> list[str]:
        with app.test_request_context(), records.read() as reading:
            return [line.title for line in today(reading, auditor) if line.count]

    assert waiting() == ["Verify the audit trail"]
    verify(records, Actor(auditor.id))
    assert waiting() == []
    clock.move(days=8)
    assert waiting() == ["Verify the audit trail"]
    tamper(records, "UPDATE audit_entry SET actor = 'nobody' WHERE seq = 1")
    verify(records, Actor(auditor.id))
    assert waiting() == ["The audit trail is broken"]


def test_an_empty_office_has_an_empty_trail(records: Records):
    with records.read() as reading:
        found = standing(reading)

    assert (found.entries, found.mark, found.last_at) == (0, None, None)
    assert verify(records, Actor()).verified
