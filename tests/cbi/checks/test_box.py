"""Letters: one size, nothing readable, gone after thirty days whether read or not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from cbi.checks.letter import SIZE, seal_letter
from cbi.checks.service import purge
from cbi.checks.tables import Letter, OpenedPages
from cbi.clock import Clock
from cbi.store.records import Records
from cbi.store.work import Actor
from tests import make_checks, make_people


def later(records: Records, days: int) -> None:
    records.clock = Clock(records.clock.now() + timedelta(days=days))


def letter(records: Records) -> None:
    key = make_checks.KEY.public_key().public_bytes_raw()
    with records.work(Actor()) as work:
        work.add(Letter(id=work.new_id("checks.letter"), day=work.today, body=seal_letter({"kind": "private"}, key)))


def kept(records: Records, table: type[Letter | OpenedPages]) -> int:
    with records.read() as reading:
        return len(reading.session.exec(select(table.id)).all())


def facts(records: Records) -> list[tuple[str, str]]:
    with records.read() as reading:
        entries = reading.session.exec(select(reading.system.audit_entry)).all()
        return [(entry.kind, entry.body) for entry in entries if "Letters" in entry.kind]


@pytest.mark.parametrize(("days", "left"), [(30, 1), (31, 0)])
def test_a_letter_leaves_after_thirty_days(records: Records, days: int, left: int):
    letter(records)

    later(records, days)
    purge(records)

    assert kept(records, Letter) == left


def test_purging_says_the_day_and_never_how_many(records: Records):
    letter(records)
    letter(records)
    later(records, 31)

    purge(records)

    [(_, body)] = facts(records)
    assert "2026-11-24" in body
    assert '"2"' not in body
    assert "count" not in body


def test_purging_again_on_the_same_day_changes_nothing(records: Records):
    purge(records)
    before = facts(records)

    purge(records)

    assert facts(records) == before
    assert len(before) == 1


def test_counts_of_opened_pages_leave_too(records: Records):
    site = make_people.site(records)
    with records.work(Actor()) as work:
        work.add(
            OpenedPages(id=work.new_id(), operation_id=work.operation_id, site_id=site, day=work.today, staff_id=work.new_id(), opened=3)
        )

    later(records, 31)
    purge(records)

    assert kept(records, OpenedPages) == 0


@pytest.mark.parametrize("seed", range(20))
def test_every_letter_has_one_size_and_shows_nothing_of_what_it_says(seed: int):
    answers = make_checks.private_answers(seed)
    content = {"answers": {item: sorted(options) for item, options in answers.chosen.items()}, "household": "BH-20417-6"}

    body = seal_letter(content, make_checks.KEY.public_key().public_bytes_raw())

    assert len(body) == SIZE == 4144
    assert not any(word in body for word in (b'"H05"', b"BH-20417", b"answers", b"not_chosen"))


@pytest.mark.parametrize("seed", range(30))
def test_the_reader_of_a_letter_finds_the_answers_that_were_posted(seed: int):
    from uuid import UUID

    import screening
    from cbi.checks.box import _plain, readable
    from cbi.protection import letters

    instrument = screening.load()
    items = screening.items_for_page(instrument, "private", screening.PageFacts("mobile_money", reporting_text=True))
    posted = make_checks.private_fields(make_checks.private_answers(seed))
    told = readable(items, posted)
    content = {
        "household": str(UUID(int=1)),
        "instrument": instrument.name,
        "answers": {item: _plain(instrument, item, options) for item, options in told.chosen.items()},
    }

    letter = letters.read(UUID(int=2), make_checks.WEEK, content)

    assert letters.answers_of(instrument, letter).chosen == told.chosen
    assert told.chosen == screening.decode_page(items, posted).chosen
