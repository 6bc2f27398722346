"""Counts in sentences are written as figures on pages are."""

from __future__ import annotations

import pytest
from flask import Flask

from cbi.web.words import _n


@pytest.mark.parametrize(("num", "said"), [(1, "1 household"), (999, "999 households"), (12_345, "12,345 households")])
def test_a_count_in_a_sentence_has_its_thousands_apart(app: Flask, num: int, said: str):
    with app.test_request_context():
        assert _n("%(num)s household", "%(num)s households", num) == said


def test_a_count_may_also_be_asked_for_as_bare_digits(app: Flask):
    with app.test_request_context():
        assert _n("%(num)d letter", "%(num)d letters", 12_345) == "12345 letters"
