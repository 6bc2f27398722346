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


@pytest.mark.parametrize(
    "template",
    [
        "{{ ngettext('%(num)s household', '%(num)s households', count) }}",
        "{{ ngettext('%(all)s household of %(name)s', '%(all)s households', count, all=count, name='Kharwa') }}",
        "{% trans count=count %}{{ count }} household{% pluralize %}{{ count }} households{% endtrans %}",
        "{% trans num=count %}{{ num }} household{% pluralize %}{{ num }} households{% endtrans %}",
    ],
)
def test_templates_say_a_count_as_the_code_does(app: Flask, template: str):
    with app.test_request_context():
        assert app.jinja_env.from_string(template).render(count=12_345) == "12,345 households"


def test_other_figures_beside_a_count_stay_as_they_were_handed_over(app: Flask):
    template = "{{ ngettext('%(num)s row from row %(first)s', '%(num)s rows from row %(first)s', count, first=first) }}"

    with app.test_request_context():
        assert app.jinja_env.from_string(template).render(count=2_000, first=1_100) == "2,000 rows from row 1100"


def test_words_with_a_count_are_safe_and_made_safe_once(app: Flask):
    template = "{{ ngettext('%(num)s row of <b>%(name)s</b>', '%(num)s rows of <b>%(name)s</b>', 2_000, name=name) }}"

    with app.test_request_context():
        said = app.jinja_env.overlay(autoescape=True).from_string(template).render(name="Pen & Ink")

    assert said == "2,000 rows of <b>Pen &amp; Ink</b>"
