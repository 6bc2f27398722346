from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cbi.people import match_blocks, match_pairs
from cbi.people.match_apart import find_alike
from cbi.people.match_columns import Told, columns_of
from cbi.people.match_model import STEPS, Aspect, Step, shipped
from cbi.people.names import parts_of
from tests.bench import febrl, invented

names = st.sampled_from(
    ("Juniper", "Junipar", "Moonbeam", "Zahra", "زهرة", "الخيالية", "নীলা", "কাল্পনিক", "Abdul Karim", "কৰিম", "ဦးမောင်", "O’Quill", "X", "")
)
people = st.builds(
    Told,
    household=st.just(0),
    given=names,
    family=names,
    latin=names,
    born=st.sampled_from(("1987", "~1955", "1987-04-05", "1987-05-04", "1990-01-01", "")),
    sex=st.sampled_from(("female", "male", "")),
    phones=st.lists(st.sampled_from(("+1", "+2", "+3")), max_size=3),
    documents=st.lists(st.sampled_from(("KH118271", "KH118272", "AB1")), max_size=2),
    site=st.sampled_from(("a", "b", "")),
    shelter=st.sampled_from(("Block A1", "12 Longish Lantern Lane", "12 Longish Lantrn Lane", "")),
)


def seen(one: Told, other: Told, *others: Told) -> match_pairs.Compared:
    columns = columns_of([one._replace(household=0), other._replace(household=1), *others])
    return match_pairs.compare(columns, np.array([0], np.int32), np.array([1], np.int32), shipped())


def steps(one: Told, other: Told, *others: Told) -> dict[Aspect, Step | None]:
    found = zip(STEPS, seen(one, other, *others).steps[0].tolist(), strict=True)
    return {aspect: None if step < 0 else STEPS[aspect][step] for aspect, step in found}


@given(people, people)
def test_two_people_are_as_alike_one_way_round_as_the_other(one: Told, other: Told):
    there, back = seen(one, other), seen(other, one)

    assert (there.steps.tolist(), there.weight.tolist()) == (back.steps.tolist(), back.weight.tolist())


@given(people)
def test_nothing_speaks_against_two_entries_that_say_the_same(one: Told):
    assert (match_pairs.weigh(seen(one, one).steps, shipped()) >= 0).all()


@given(people, people)
def test_the_order_of_the_parts_of_a_name_does_not_count(one: Told, other: Told):
    bare, swapped = one._replace(latin=""), one._replace(latin="", given=one.family, family=one.given)
    whole = len(parts_of(one.given)) == len(parts_of(one.family)) == 1

    if whole and len(parts_of(other.given)) == len(parts_of(other.family)) == 1:
        other = other._replace(latin="")
        there, back = seen(bare, other), seen(swapped, other)
        assert sorted(there.steps[0, :2].tolist()) == sorted(back.steps[0, :2].tolist())


@pytest.mark.parametrize(
    ("one", "other", "born"),
    [
        ("1987-04-05", "1987-04-05", Step.SAME),
        ("1987-04-05", "1987-05-04", Step.NEAR),
        ("1987-04-05", "1987", Step.SAME_YEAR),
        ("1987", "~1988", Step.ONE_APART),
        ("1985", "1987", Step.TWO_APART),
        ("~1985", "1989", Step.ROUNDED),
        ("1985", "1989", Step.DIFFERS),
        ("", "1989", None),
    ],
)
def test_births_are_as_near_as_they_were_told(one: str, other: str, born: Step | None):
    assert steps(Told(0, "Juniper", born=one), Told(1, "Juniper", born=other))[Aspect.BORN] is born


@pytest.mark.parametrize(
    ("one", "other", "given", "family"),
    [
        (("Juniper", "Moonbeam"), ("Moonbeam", "Juniper"), Step.SAME, Step.SAME),
        (("Juniper", "Moonbeam"), ("Junipar", "Moonbeam"), Step.NEAR, Step.SAME),
        (("Zahra", "Khayaliya"), ("زهرة", "الخيالية"), Step.SAME, Step.SAME),
        (("Abdul Karim", "Moonbeam"), ("Karim", "Moonbeam"), Step.SAME, Step.SAME),
        (("Juniper Tumble", "Moonbeam"), ("Juniper", "Moonbeam"), Step.SAME, Step.SAME),
        (("Juniper", ""), ("Juniper", "Moonbeam"), Step.SAME, None),
        (("Juniper", "Moonbeam"), ("Oswin", "Paperkite"), Step.DIFFERS, Step.DIFFERS),
    ],
)
def test_names_are_compared_across_scripts_and_orders(one: tuple[str, str], other: tuple[str, str], given: Step, family: Step | None):
    told = steps(Told(0, *one), Told(1, *other))

    assert (told[Aspect.GIVEN], told[Aspect.FAMILY]) == (given, family)


def test_others_count_when_they_are_called_the_same_and_about_as_old():
    mine = [Told(0, "Tumble", "Moonbeam", born="2010", sex="male"), Told(0, "Pip", "Moonbeam", born="2014", sex="female")]
    theirs = [Told(1, "Tumbel", "Moonbeam", born="2012", sex="male"), Told(1, "Pip", "Moonbeam", born="1990", sex="female")]

    assert steps(Told(0, "Juniper"), Told(1, "Juniper"), *mine, *theirs)[Aspect.OTHERS] is Step.ONE_SHARED


def test_the_desk_sees_of_a_pair_what_the_search_through_everybody_sees(monkeypatch):
    columns = columns_of(invented.make(invented.MEASURING, 600).people)
    left, right = match_blocks.candidates(columns)
    monkeypatch.setattr(match_pairs, "_AT_ONCE", 7)
    together = match_pairs.compare(columns, left, right, shipped())

    alone = [match_pairs.compare(columns, left[place : place + 1], right[place : place + 1], shipped()) for place in range(len(left))]

    assert len(left) > 100
    assert together.steps.tolist() == [one.steps[0].tolist() for one in alone]
    assert together.weight.tolist() == [one.weight[0] for one in alone]


def test_every_doubling_of_the_people_raises_the_bound_by_one():
    assert shipped().found_from(400_000) == pytest.approx(shipped().found_from(200_000) + 1)


def test_what_is_nearer_never_says_less_of_a_name():
    for aspect in (Aspect.GIVEN, Aspect.FAMILY):
        weights = [shipped().weight(aspect, step) for step in STEPS[aspect]]
        assert weights == sorted(weights, reverse=True)
        assert math.isfinite(weights[-1])


def test_most_who_were_registered_twice_are_found_and_few_others():
    made = invented.make(invented.MEASURING, 5_000)

    outcome = find_alike(made.people)

    true = sum(made.who[pair.left] == made.who[pair.right] for pair in outcome.pairs)
    twice = len(made.who) - len(set(made.who))
    assert outcome.people == len(made.people)
    assert true / twice > 0.95
    assert true / len(outcome.pairs) > 0.9


def test_the_keys_for_another_engine_bring_the_same_pairs():
    columns = columns_of(invented.make(invented.MEASURING, 2_000).people)
    keys = [set(one) for one in match_blocks.keys_of(columns)]

    left, right = match_blocks.candidates(columns)

    assert all(keys[one] & keys[other] for one, other in zip(left.tolist(), right.tolist(), strict=True))


def test_a_crowd_of_one_name_does_not_make_everybody_worth_comparing():
    crowd = columns_of(Told(number, "Juniper", "Moonbeam", born=str(1950 + number % 60), site="a") for number in range(4_000))

    left, _right = match_blocks.candidates(crowd)

    assert len(left) < 20 * crowd.count


@pytest.mark.skipif(febrl.folder() is None, reason=febrl.HOW)
@pytest.mark.parametrize("number", list(febrl.FILES))
def test_the_public_sets_are_told_apart(number: int):
    from tests.bench.people import of_febrl

    [line] = of_febrl([number])

    assert line.held, line
