from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cbi.errors import Refused
from cbi.people.born import Told, age_on, read_born
from cbi.people.values import Born

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("14/02/2014", "2014-02-14"),
        ("02/14/2014", "2014-02-14"),
        ("05/05/1990", "1990-05-05"),
        ("2014-02-14", "2014-02-14"),
        ("3 April 2016", "2016-04-03"),
        ("02/2014", "2014-02"),
        ("1987", "1987"),
        ("١٩٨٧", "1987"),
        ("১৪/০২/২০১৪", "2014-02-14"),
        ("about 1955", "~1955"),
        ("age 71", "~1955"),
        ("71", "~1955"),
        ("8 months", "~2026"),
    ],
)
def test_a_birth_is_read_as_people_say_it(typed: str, text: str):
    assert read_born(typed, TODAY).text == text


@pytest.mark.parametrize(
    "typed", ["", "03/04/2016", "30/02/2014", "2027", "24/11/2026", "999", "121", "-3", "1e3", "1700", "soon", "14/13/2014", "0000"]
)
def test_what_can_be_read_two_ways_or_not_at_all_is_refused(typed: str):
    with pytest.raises(Refused):
        read_born(typed, TODAY)


def test_bare_digits_mean_what_the_form_asked_for():
    assert read_born("71", TODAY, Told.AGE) == Born("~1955", 1955)
    with pytest.raises(Refused):
        read_born("71", TODAY, Told.YEAR)


def test_a_date_is_a_date_under_any_question():
    assert read_born("14/02/2014", TODAY, Told.YEAR).text == "2014-02-14"


@given(st.dates(date(1910, 1, 1), TODAY))
def test_every_date_is_read_back_and_its_age_is_exact(born: date):
    read = read_born(born.isoformat(), TODAY)

    assert read.text == born.isoformat()
    assert age_on(read, TODAY)[0] == age_on(read, TODAY)[1]


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str):
    try:
        read = read_born(text, TODAY)
    except Refused:
        return
    assert 1900 <= read.year <= 2026
