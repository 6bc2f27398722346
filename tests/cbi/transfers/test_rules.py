from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cbi.people.tables import PopulationGroup, Sex
from cbi.transfers.rules import NAMED, Block, Condition, Due, Facts, Needs, Part, Rule, Way, What, explain
from cbi.transfers.rules_check import check
from cbi.transfers.rules_read import NotSound, kept, read, read_table
from cbi.transfers.rules_write import table_of, write
from tests.make_enrolment import DIFFICULTY, MANY, SMALL_CHILDREN, facts, rule, text

PLACES = {"BH": "KE0101", "OM": "KE0203"}


def wrong(body: str, places: dict[str, str] | None = None) -> list[tuple[str, str]]:
    with pytest.raises(NotSound) as refused:
        read(body, places or {})
    return [(one.where, one.fix) for one in refused.value.mistakes]


@pytest.mark.parametrize("body", ["points = " + "9" * 5000, '{"points": ' + "9" * 5000 + "}"])
def test_a_number_longer_than_anybody_means_is_told_in_a_sentence(body: str):
    [(where, fix)] = wrong(body)

    assert where == "the text"
    assert "write it so that it can be read" in fix
    assert "sys." not in fix


@pytest.mark.parametrize("place", ["currency", "base"])
def test_a_number_written_in_sixteens_is_told_in_a_sentence(place: str):
    long = "0x" + "f" * 5000
    body = (
        f"reason = 'r'\ncurrency = {long if place == 'currency' else chr(34) + 'KES' + chr(34)}\n[due]\nbase = {long}\nat_most = '1.00'\n"
    )

    assert wrong(body)


def way(what: str, more: str, *, reason: str = "Because", needs: str = "all") -> str:
    return f'[[way]]\nreason = "{reason}"\nneeds = "{needs}"\n[[way.when]]\nwhat = "{what}"\n{more}\n'


def must(what: str, more: str) -> str:
    return f'[must]\nreason = "Everyone"\n[[must.when]]\nwhat = "{what}"\n{more}\n'


counts = st.integers(0, 12)
households = st.builds(
    Facts,
    group=st.sampled_from([one.value for one in PopulationGroup]),
    site=st.sampled_from(["BH", "OM"]),
    pcode=st.sampled_from(["KE0101", "KE0203"]),
    size=st.integers(1, 12),
    under_5=counts,
    under_18=counts,
    from_60=counts,
    head_years=st.integers(12, 95),
    head_sex=st.sampled_from(["female", "male"]),
    difficulty=st.none() | counts,
)
words = {
    What.GROUP: [one.value for one in PopulationGroup],
    What.HEAD_SEX: [one.value for one in Sex],
    What.SITE: ["BH", "OM"],
    What.AREA: ["KE01", "KE0203"],
}


@st.composite
def conditions(draw: st.DrawFn, *, points: bool = False) -> Condition:
    what = draw(st.sampled_from(What))
    worth = draw(st.integers(1, 5)) if points else 0
    if what in NAMED:
        return Condition(what, among=tuple(draw(st.lists(st.sampled_from(words[what]), min_size=1, unique=True))), points=worth)
    low = draw(st.integers(1, 6))
    high = None if what is What.DIFFICULTY else draw(st.none() | st.integers(low, 12))
    return Condition(what, low, high, points=worth)


@st.composite
def ways(draw: st.DrawFn) -> Way:
    needs = draw(st.sampled_from(Needs))
    when = tuple(draw(st.lists(conditions(points=needs is Needs.POINTS), min_size=1, max_size=4)))
    reason = draw(st.text(min_size=1, max_size=20).map(lambda words: f"x {words} x"))
    return Way(
        " ".join("".join(one if one.isprintable() else " " for one in reason).split()),
        needs,
        when,
        draw(st.integers(1, 8)) if needs is Needs.POINTS else 0,
    )


rules = st.builds(
    Rule,
    reason=st.just("Lean season"),
    currency=st.just("KES"),
    ways=st.lists(ways(), min_size=1, max_size=4).map(tuple),
    due=st.builds(
        Due,
        base=st.builds(Part, minor=st.integers(1, 10**6)),
        per_member=st.builds(Part, minor=st.integers(0, 10**5)),
        member_limit=st.integers(0, 12),
        ceiling_minor=st.just(10**7),
    ),
    blocks=st.frozensets(st.sampled_from(Block)),
    host_percent=st.none() | st.integers(0, 100),
)


def test_a_household_comes_in_by_any_way_and_needs_all_of_it():
    both = rule(SMALL_CHILDREN, MANY)

    assert both.lets_in(facts(under_5=1, size=2))
    assert both.lets_in(facts(size=4))
    assert not both.lets_in(facts(size=3))


def test_what_everyone_must_meet_comes_before_every_way():
    displaced = rule(MANY, must=must("group", 'among = ["displaced", "refugee"]'))

    assert displaced.lets_in(facts(size=5))
    assert not displaced.lets_in(facts(size=5, group="host"))


def test_points_add_up_to_what_is_needed():
    points = rule(
        '[[way]]\nreason = "Points"\nneeds = "points"\npoints = 3\n[[way.when]]\nwhat = "size"\nat_least = 5\npoints = 2\n[[way.when]]\nwhat = "from_60"\nat_least = 1\npoints = 1\n'
    )

    assert points.lets_in(facts(size=5, from_60=1))
    assert not points.lets_in(facts(size=5))


def test_a_head_counts_as_old_in_the_year_of_the_birthday_and_as_young_until_it():
    old, young = rule(way("head_age", "at_least = 60")), rule(way("head_age", "at_most = 17"), MANY)

    assert old.lets_in(facts(head_years=60))
    assert not old.lets_in(facts(head_years=59))
    assert young.lets_in(facts(head_years=18, size=1))
    assert not young.lets_in(facts(head_years=19, size=1))


def test_an_area_is_its_p_code_or_how_that_begins():
    area = rule(way("area", 'among = ["KE01"]'))

    assert area.lets_in(facts())
    assert not area.lets_in(facts(pcode="KE0203"))


def test_what_nobody_asked_lets_nobody_in_and_keeps_nobody_out():
    either = rule(DIFFICULTY, MANY)

    assert not either.lets_in(facts(size=1, difficulty=None))
    assert either.lets_in(facts(size=4, difficulty=None))
    assert either.lets_in(facts(size=1, difficulty=1))


def test_a_result_says_which_way_and_what_was_found():
    told = explain(rule(SMALL_CHILDREN, MANY), facts(size=6))

    assert told.eligible
    assert [(one.way.reason, one.holds) for one in told.ways] == [
        ("Families with small children eat less in the lean season", False),
        ("Large families run out first", True),
    ]
    assert [one.holds for one in told.ways[0].conditions] == [False]


def test_the_amount_is_exact_and_may_be_a_share_of_the_basket():
    share = rule(due='base_percent = 40\nper_member = "1250.00"\nmembers_at_most = 8\nat_most = "14500.00"\nbasket = "12000.00"')

    assert share.due.formula("KES").amount(3) == 480_000 + 3 * 125_000


def test_a_share_that_is_not_whole_is_refused_because_nothing_is_rounded():
    said = wrong(
        text(SMALL_CHILDREN, due='base_percent = 33\nper_member = "0"\nmembers_at_most = 0\nat_most = "14500.00"\nbasket = "100.01"')
    )

    assert any("nothing is rounded" in fix for _, fix in said)


def test_every_mistake_is_told_at_once_with_its_place():
    body = text(
        way("size", "at_least = 5\nat_most = 3", reason=""),
        way("moon", "at_least = 1"),
        way("group", 'among = ["martian"]'),
        terms='waits_for = ["weather"]',
    )

    assert {where for where, _ in wrong(body)} == {"the terms", "way 1", "way 1, condition 1", "way 2, condition 1", "way 3, condition 1"}


@pytest.mark.parametrize(
    ("ways_", "more", "where", "said"),
    [
        ([way("difficulty", "at_least = 1")], {}, "the ways", "never keep out"),
        ([way("head_sex", 'among = ["female"]')], {}, "the ways", "never keep out"),
        ([way("head_sex", 'among = ["female"]'), way("head_sex", 'among = ["male"]')], {}, "the ways", "never keep out"),
        ([way("head_sex", 'among = ["male"]'), way("size", "at_least = 61")], {}, "the ways", "never keep out"),
        ([way("head_sex", 'among = ["male"]'), way("head_age", "at_least = 149")], {}, "the ways", "never keep out"),
        ([way("difficulty", "at_least = 1"), way("under_5", "at_least = 61")], {}, "way 2", "can ever come this way"),
        ([MANY], {"must": must("head_sex", 'among = ["female"]')}, "what everyone must meet, condition 1", "never keep anybody out"),
        ([MANY], {"must": must("difficulty", "at_least = 1")}, "what everyone must meet, condition 1", "never keep anybody out"),
        ([MANY, way("difficulty", "at_most = 0")], {}, "way 2, condition 1", "never keep anybody out"),
        ([MANY], {"must": must("size", "at_most = 3")}, "way 1", "can ever come this way"),
        ([MANY, MANY], {}, "way 2", "the same as way 1"),
        ([way("under_5", "at_least = 3"), MANY], {"must": must("size", "at_most = 2")}, "way 1", "can ever come this way"),
        ([way("site", 'among = ["ZZ"]')], {}, "way 1, condition 1", "this programme works at: BH, OM"),
        ([way("area", 'among = ["UG"]')], {}, "way 1, condition 1", "this programme works at: KE0101, KE0203"),
        (
            [way("group", 'among = ["host"]', needs="any")],
            {"must": must("group", 'among = ["displaced"]')},
            "way 1",
            "can ever come this way",
        ),
    ],
)
def test_a_rule_that_keeps_out_or_cannot_be_met_is_refused(ways_: list[str], more: dict[str, str], where: str, said: str):
    mistakes = wrong(text(*ways_, **more), PLACES)

    assert any(place == where and said in fix for place, fix in mistakes), mistakes


def test_a_rule_kept_before_sizes_had_a_bound_is_still_shown():
    assert kept(text(way("size", "at_least = 61"))).ways[0].when == (Condition(What.SIZE, 61),)


def test_old_people_and_children_are_not_more_than_the_household():
    body = '[[way]]\nreason = "Because"\n[[way.when]]\nwhat = "under_18"\nat_least = 2\n[[way.when]]\nwhat = "from_60"\nat_least = 2\n[[way.when]]\nwhat = "size"\nat_most = 3\n'

    assert [where for where, _ in wrong(text(body))] == ["way 1"]


def test_a_head_of_seventeen_is_both_under_eighteen_and_reachable():
    assert read(text(way("head_age", "at_most = 17")), {}).lets_in(facts(head_years=17))


def test_points_that_cannot_be_reached_together_are_refused():
    body = '[[way]]\nreason = "Points"\nneeds = "points"\npoints = 4\n[[way.when]]\nwhat = "size"\nat_most = 2\npoints = 2\n[[way.when]]\nwhat = "size"\nat_least = 6\npoints = 2\n'

    assert wrong(text(body, MANY)) == [("way 1", "change the conditions: no household can ever come this way")]


def test_json_is_read_as_toml_is():
    import json

    one = rule(SMALL_CHILDREN, MANY, terms='waits_for = ["review"]\nhost_percent = 30')

    assert read(json.dumps(table_of(one)), {}) == one


@pytest.mark.parametrize(
    "body",
    [
        "",
        "x",
        "{",
        "{" * 5000,
        "[" * 2000,
        '{"reason": 1, "way": 7, "due": [], "must": 3, "terms": "x"}',
        "way = [1]\n",
        "[[way]]\nwhen = 4\n",
    ],
)
def test_any_text_is_answered_with_mistakes_and_never_with_a_traceback(body: str):
    assert wrong(body)


@given(rules)
def test_a_rule_written_and_read_is_the_same_rule(one: Rule):
    if said := check(one, {}):
        assert {fix for _, fix in wrong(write(one))} >= {each.fix for each in said}
    else:
        assert read(write(one), {}) == read_table(table_of(one), {}) == one


@given(rules, households, st.integers(0, 6))
def test_a_person_with_difficulty_more_never_keeps_a_household_out(one: Rule, before: Facts, more: int):
    after = replace(before, difficulty=(before.difficulty or 0) + more)

    assert one.lets_in(after) or not one.lets_in(before)


@given(rules, st.lists(households, max_size=8))
def test_a_rule_judges_many_households_as_it_judges_each(one: Rule, many: list[Facts]):
    judge = one.judge()

    assert [judge(each) for each in many] == [one.lets_in(each) for each in many]


@given(rules, st.sampled_from([Condition(What.DIFFICULTY, 1), Condition(What.HEAD_SEX, among=("female",))]))
def test_no_rule_that_asks_everybody_for_sex_or_difficulty_is_sound(one: Rule, asked: Condition):
    narrowed = replace(one, ways=tuple(replace(each, needs=Needs.ALL, points=0, when=(asked, *each.when)) for each in one.ways))

    assert any("never keep out" in each.fix for each in check(narrowed, {}))
