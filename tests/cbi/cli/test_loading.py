from __future__ import annotations

import gc

import pytest

from cbi.cli.loading import loading


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
