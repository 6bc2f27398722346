"""What is drawn, what is posted, and what of it counts."""

import pytest

from screening import (
    Answers,
    Context,
    PageFacts,
    UnreadableAnswers,
    assess_household,
    available_at,
    codes,
    decode_page,
    encode_page,
    fixed_form,
    items_for_page,
    load,
    parse_household,
    parse_site,
)

INSTRUMENT = load()
READY = PageFacts(mechanism="mobile_money", reporting_text=True)


def _ids(page, facts):
    return [item.id for item in items_for_page(INSTRUMENT, page, facts)]


def test_the_private_page_asks_about_the_account_only_when_the_plan_uses_one():
    assert "H09" in _ids("private", READY)
    assert "H09" not in _ids("private", PageFacts(mechanism="cash_agent", reporting_text=True))


def test_strain_at_home_is_asked_of_nobody_until_the_limits_of_confidentiality_are_written():
    assert not {"H16", "H17"} & set(_ids("private", PageFacts(mechanism="mobile_money")))


def test_the_wish_under_strain_is_always_drawn_with_the_question_it_follows():
    assert {"H16", "H17"} <= set(_ids("private", READY))


def test_the_choices_are_the_same_for_every_plan():
    assert {tuple(_ids("choices", PageFacts(mechanism=one))) for one in INSTRUMENT.mechanisms} == {
        ("H01", "H02", "H03", "H10", "H11", "H12", "H20", "H21")
    }


@pytest.mark.parametrize(("answer", "counts"), [("harder", True), ("unsure", True), ("same", False), ("pnta", False), (None, False)])
def test_a_wish_counts_only_after_strain_is_expected(answer, counts):
    answers = parse_household(INSTRUMENT, {"H16": answer, "H17": ["quiet"]})

    assessment = assess_household(INSTRUMENT, answers)

    assert ("M_DISCREET" in assessment.measures) is counts
    assert ("H17" not in assessment.ignored) is counts


def test_an_irrelevant_answer_counts_nothing_and_is_listed():
    answers = parse_household(INSTRUMENT, {"H09": "not_chosen"})

    assessment = assess_household(INSTRUMENT, answers, Context(mechanism="cash_agent"))

    assert (assessment.total, assessment.concerns) == (0, ())
    assert "H09" in assessment.ignored


def test_an_unknown_plan_makes_nothing_irrelevant():
    answers = parse_household(INSTRUMENT, {"H09": "not_chosen"})

    assert [one.id for one in assess_household(INSTRUMENT, answers).concerns] == ["R3"]


def test_every_option_has_a_letter_of_its_own_and_untouched_is_a_dash():
    for item in INSTRUMENT.items:
        letters = codes(item)
        assert letters[""] == "-"
        assert set(letters) == {"", "pnta", "dk"} | {option.id for option in item.options}
        assert len(set(letters.values())) == len(letters)
        assert {len(letter) for letter in letters.values()} == {1}


def test_every_control_has_a_first_choice_so_that_it_is_always_posted():
    controls = [control for item in INSTRUMENT.items for control in fixed_form(item)]

    assert all(control.first in control.values and control.meanings[control.values.index(control.first)] == "" for control in controls)
    assert len({control.name for control in controls}) == len(controls)


def test_an_untouched_page_says_nothing():
    items = items_for_page(INSTRUMENT, "private", READY)

    assert decode_page(items, encode_page(items, Answers({}))) == Answers({})


def test_nothing_needed_beside_a_need_gives_way_to_the_need():
    items = [INSTRUMENT.item("H01")]
    posted = encode_page(items, Answers({"H01": frozenset(["none", "daytime"])})) | {"H01": "x"}

    assert decode_page(items, posted).of("H01") == {"daytime"}


@pytest.mark.parametrize("change", [{"H05": "q"}, {"H05": ""}, {"H17.quiet": "maybe"}, {"H05": "aa"}])
def test_a_post_that_is_not_of_this_page_is_refused(change):
    items = items_for_page(INSTRUMENT, "private", READY)

    with pytest.raises(UnreadableAnswers, match="send the page again"):
        decode_page(items, encode_page(items, Answers({})) | change)


def test_a_missing_control_is_refused():
    items = items_for_page(INSTRUMENT, "private", READY)
    posted = encode_page(items, Answers({}))
    del posted["H22"]

    with pytest.raises(UnreadableAnswers, match="H22"):
        decode_page(items, posted)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ({"H99": "yes"}, 'remove or correct item "H99"'),
        ({"H13": "me"}, 'remove or correct item "H13"'),
        ({"H05": "maybe"}, 'correct option "maybe" of H05; choose from: yes, partly, unsure, no'),
        ({"H05": ["no"]}, "answer H05 with one option as text"),
        ({"H05": True}, "answer H05 with one option as text"),
        ({"H01": ["daytime", "boat"]}, 'correct option "boat" of H01'),
        ({"H01": [1]}, "answer H01 with a list of options"),
        ({"H01": {"daytime": True}}, "answer H01 with a list of options"),
        ({"H01": ["none", "daytime"]}, 'choose in H01 either "none" alone or the other options'),
        ({"H01": ["pnta", "daytime"]}, 'choose in H01 either "pnta" alone or the other options'),
    ],
)
def test_an_answer_that_does_not_belong_is_named(raw, problem):
    with pytest.raises(UnreadableAnswers) as caught:
        parse_household(INSTRUMENT, raw)

    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith(problem)


def test_every_problem_is_told_at_once():
    with pytest.raises(UnreadableAnswers) as caught:
        parse_household(INSTRUMENT, {"H99": "yes", "H05": "maybe", "H08": 3})

    assert len(caught.value.problems) == 3


def test_what_does_not_look_like_an_id_is_not_repeated():
    with pytest.raises(UnreadableAnswers) as caught:
        parse_household(INSTRUMENT, {"Juniper Moonbeam": "yes", "H05": "she said so"})

    assert "Juniper" not in str(caught.value)
    assert "she said" not in str(caught.value)


@pytest.mark.parametrize("raw", [{"S01": "pnta"}, {"S01": ["yes"]}, {"H05": "no"}, {"S14": "yes"}])
def test_a_site_check_takes_site_answers_only(raw):
    with pytest.raises(UnreadableAnswers):
        parse_site(INSTRUMENT, raw)


@pytest.mark.parametrize("untouched", [None, "-", []])
def test_untouched_is_the_same_as_absent(untouched):
    assert parse_household(INSTRUMENT, {"H01": untouched, "H05": "no"}) == parse_household(INSTRUMENT, {"H05": "no"})


def test_a_talk_is_to_be_had_at_every_place():
    answers = parse_household(INSTRUMENT, {"H05": "no"})

    assessment = assess_household(INSTRUMENT, answers, Context(available=available_at(INSTRUMENT, ["M_MECH"])))

    assert assessment.measures == ("M_PRIVATE", "M_MECH")
    assert assessment.unavailable == ("M_SPLIT",)


def test_words_are_found_by_item_and_option():
    assert INSTRUMENT.wording("H05", "no") == "No"
    assert INSTRUMENT.wording("H05", "pnta") == "Prefers not to answer"
    assert INSTRUMENT.wording("S01", "dk") == "Not known"
    assert INSTRUMENT.item("H20").words("mobile money").startswith("We plan to pay by mobile money.")
