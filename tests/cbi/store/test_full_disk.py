"""A full disk takes the whole transaction away: nobody goes on in what is no longer there, and what is told is the disk's own word."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError, PendingRollbackError

from cbi.store.records import Records
from cbi.store.work import Actor, Work, read_setting, write_setting
from tests.cbi.payouts import faults

FAR_TOO_MUCH = "x" * 1_000_000


def _more_than_fits(work: Work) -> None:
    write_setting(work.session, work.system, "much", FAR_TOO_MUCH)
    work.session.flush()


def _in_an_attempt(work: Work) -> None:
    with work.attempt():
        _more_than_fits(work)


def _in_an_attempt_of_an_attempt(work: Work) -> None:
    with work.attempt():
        write_setting(work.session, work.system, "outer", 1)
        _in_an_attempt(work)


def _given_up_inside_an_attempt(work: Work) -> None:
    """The inner part is tried and let go; what the outer one then does must not count."""
    with work.attempt():
        with suppress(OperationalError):
            _in_an_attempt(work)
        write_setting(work.session, work.system, "outer", 1)


def _left_for_the_end_of_an_attempt(work: Work) -> None:
    with work.attempt():
        write_setting(work.session, work.system, "much", FAR_TOO_MUCH)


WAYS = (_more_than_fits, _in_an_attempt, _in_an_attempt_of_an_attempt, _left_for_the_end_of_an_attempt)


@pytest.mark.parametrize("fill", WAYS, ids=lambda one: one.__name__.strip("_"))
def test_a_full_disk_is_told_as_what_it_is(fill: Callable[[Work], None], records: Records):
    with faults.small_disk(records, 0), pytest.raises(OperationalError) as told, records.work(Actor()) as work:
        fill(work)

    assert str(told.value.orig) == "database or disk is full"


@pytest.mark.parametrize("fill", [*WAYS, _given_up_inside_an_attempt], ids=lambda one: one.__name__.strip("_"))
def test_whoever_goes_on_after_a_full_disk_leaves_no_half(fill: Callable[[Work], None], records: Records):
    before = faults.content(records)

    with faults.small_disk(records, 0), pytest.raises(PendingRollbackError), records.work(Actor()) as work:
        write_setting(work.session, work.system, "first half", 1)
        with suppress(OperationalError):
            fill(work)
        write_setting(work.session, work.system, "second half", 2)

    assert faults.content(records) == before


def test_room_on_the_disk_lets_the_next_work_count(records: Records):
    with faults.small_disk(records, 0), suppress(OperationalError), records.work(Actor()) as work:
        _in_an_attempt(work)

    with records.work(Actor()) as work:
        write_setting(work.session, work.system, "small", 1)

    with records.read() as look:
        assert read_setting(look.session, look.system, "small") == 1


def test_a_value_that_is_there_already_ends_an_attempt_and_not_the_work(records: Records):
    with records.work(Actor()) as work:
        write_setting(work.session, work.system, "kept", 1)
        with suppress(IntegrityError), work.attempt():
            write_setting(work.session, work.system, "attempted", 1)
            work.session.flush()
            work.session.connection().execute(sa.insert(work.system.setting).values(name="kept", value="2"))
        write_setting(work.session, work.system, "afterwards", 1)

    with records.read() as look:
        assert [read_setting(look.session, look.system, name) for name in ("kept", "attempted", "afterwards")] == [1, None, 1]
