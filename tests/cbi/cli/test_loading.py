from __future__ import annotations

import gc

import pytest

from cbi.cli.loading import loading, serve_pages


def test_what_is_loaded_is_kept_out_of_the_collectors_way():
    before = gc.get_freeze_count()

    with loading():
        collecting = gc.isenabled()
        loaded = [[] for _ in range(1000)]

    assert not collecting
    assert gc.get_freeze_count() - before >= len(loaded)
    assert gc.isenabled()


def test_a_load_that_fails_leaves_the_collector_at_work():
    with pytest.raises(ImportError), loading():
        import cbi.no_such_module  # noqa: F401

    assert gc.isenabled()


def test_a_process_that_draws_pages_looks_for_garbage_less_often_than_once_a_page():
    usual = gc.get_threshold()
    try:
        serve_pages()
        assert gc.isenabled()
        assert gc.get_threshold()[0] > 10_000
    finally:
        gc.set_threshold(*usual)
