"""A reader begins before anybody listens, waits when too much waits for it, and is ended when nobody wants it."""

from __future__ import annotations

import threading

import pytest

from reconciliation import sandbox
from reconciliation.sandbox import Waiting
from reconciliation.sheets import UnreadableFile
from reconciliation.workbook import gathered, open_rows
from tests.workbooks.shapes import write_xlsx


@pytest.fixture
def path(tmp_path):
    return write_xlsx(tmp_path / "a.xlsx", {"A": [["Reference", "Amount"], *([f"TR-{number}", number] for number in range(5000))]})


@pytest.fixture
def children(monkeypatch):
    """Every child that is started."""
    started, start = [], sandbox._start
    monkeypatch.setattr(sandbox, "_start", lambda *asked: started.append(start(*asked)) or started[-1])
    return started


def test_what_waited_is_what_is_read(path):
    with sandbox.begun(path, None) as arriving:
        assert gathered(arriving) == open_rows(path)


def test_a_reader_that_is_not_listened_to_is_ended(path, children, monkeypatch):
    monkeypatch.setattr(sandbox, "_MOST_WAITING", 1)
    before = threading.active_count()

    with pytest.raises(KeyError), sandbox.begun(path, None):
        raise KeyError

    assert [child.poll() is not None for child in children] in ([], [True])
    assert threading.active_count() == before


def test_how_a_reader_ends_badly_is_told_to_whoever_listens(tmp_path):
    broken = tmp_path / "a.xlsx"
    broken.write_bytes(b"PK\x03\x04 and no more")

    with sandbox.begun(broken, None) as arriving, pytest.raises(UnreadableFile):
        list(arriving)


def test_no_more_waits_than_there_is_room_for():
    waiting, brought = Waiting(10), []

    def messages():
        for _ in range(5):
            brought.append(len(waiting._messages))
            yield b"12345"

    bringing = threading.Thread(target=waiting.fill, args=(messages(),))
    bringing.start()

    assert list(waiting) == [b"12345"] * 5
    bringing.join()
    assert max(brought) <= 2


def test_a_message_larger_than_the_room_still_comes():
    waiting = Waiting(1)
    bringing = threading.Thread(target=waiting.fill, args=(iter([b"12345", {"end": True}, b"12345"]),))
    bringing.start()

    assert list(waiting) == [b"12345", {"end": True}, b"12345"]
    bringing.join()
