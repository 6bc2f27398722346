"""How a birth is said: never as figures two people read differently."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask, render_template_string

from cbi.people.aspects import born_words, side_by_side
from cbi.people.born import read_born
from cbi.people.likeness import compare
from cbi.people.registered import open_household
from cbi.people.values import Born
from cbi.store.records import Records
from tests import make_people

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


def test_the_year_after_a_name_stands_in_the_direction_of_the_page_and_only_the_name_in_its_own(app: Flask, records: Records):
    household = make_people.household(records, people=2, family="الخيالي")
    with records.read() as reading:
        one = open_household(reading, household)
    seen = compare(one.told, one.told)
    with app.test_request_context():
        view = side_by_side(one.told, one, seen, left="New", site_name=one.site_name)
        drawn = render_template_string('{% import "pieces/ui.html" as ui with context %}{{ ui.compare(view) }}', view=view)

    assert '<td role="cell" data-label="New"><span><bdi>Tumble 1 الخيالي</bdi>, 2011</span></td>' in drawn
