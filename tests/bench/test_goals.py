"""The goals as tests; `pytest -m bench -n 0`, on a machine that does nothing else."""

from __future__ import annotations

import pytest

from tests.bench import files, goals, measure


def test_the_invented_report_says_what_was_put_into_it(tmp_path):
    made = files.make(tmp_path, 300)

    compared = measure.engine(made, tmp_path / "out.xlsx")

    assert measure.outcomes(compared.said) == made.outcomes
    assert sum(made.outcomes.values()) - made.outcomes["NOT_OURS"] == 300
    assert 0.04 < 1 - made.outcomes["PAID"] / 300 < 0.13


def test_the_same_report_with_shared_texts_says_the_same(tmp_path):
    made = files.make(tmp_path, 300, shared=True)

    assert measure.outcomes(measure.engine(made, tmp_path / "out.xlsx").said) == made.outcomes == files.make(tmp_path, 300).outcomes


def test_the_analysts_script_counts_the_same_outcomes(tmp_path):
    made = files.make(tmp_path, 300)

    assert measure.outcomes(measure.analyst(made, tmp_path / "out.xlsx").said) == made.outcomes


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("bench")


@pytest.mark.bench
def test_a_million_rows_take_twice_as_long_as_iterating_over_them_and_a_gigabyte_and_a_half(folder):
    lines = list(goals.against_calamine(goals.measure_size(folder, 1_000_000)))

    assert all(line.held for line in lines), lines


@pytest.mark.bench
def test_a_million_rows_with_shared_texts_take_twice_as_long_as_iterating_over_them(folder):
    lines = list(goals.against_calamine(goals.measure_size(folder, 1_000_000, shared=True)))

    assert all(line.held for line in lines), lines


@pytest.mark.bench
def test_a_hundred_thousand_rows_are_done_ten_times_as_fast_as_by_the_analysts_script(folder):
    line = goals.against_the_analyst(folder, 100_000)

    assert line.held, line


@pytest.mark.bench
def test_the_time_grows_as_the_rows_do(folder):
    line = goals.growth([goals.measure_size(folder, rows) for rows in (10_000, 100_000, 1_000_000)])

    assert line.held, line
