"""How a birth is said: never as figures two people read differently."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from cbi.people.aspects import born_words
from cbi.people.born import read_born
from cbi.people.values import Born

_TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("typed", "said"), [("14/02/2014", "14 February 2014"), ("1987", "1987, year only"), ("about 1955", "about 1955, from an age")]
)
def test_a_birth_is_said_as_it_is_known(app: Flask, typed: str, said: str):
    with app.test_request_context():
        assert born_words(read_born(typed, _TODAY)) == said


def test_a_birth_that_went_with_its_key_is_said_as_it_stands(app: Flask):
    with app.test_request_context():
        assert born_words(Born("–", 1)) == "–"
