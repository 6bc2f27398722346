"""What must hold for whatever anybody answers."""

from dataclasses import replace
from urllib.parse import urlencode

from hypothesis import given, settings
from hypothesis import strategies as st

from screening import Context, assess_household, assess_site, decode_page, encode_page, load
from screening.answers import Answers
from screening.assess import most_points
from screening.kinds import Band, DomainKind, ItemType

INSTRUMENT = load()
REFUSALS = INSTRUMENT.implicit_ids()
QUICK = settings(max_examples=20, deadline=None, derandomize=True)


@st.composite
def answer_sets(draw, items=INSTRUMENT.items):
    """Any way to answer these items, refusals and untouched items included."""
    chosen = {}
    for item in items:
        own = [option.id for option in item.options if not option.exclusive]
        one = st.sampled_from([option.id for option in item.options] + list(REFUSALS)).map(lambda option: frozenset([option]))
        ways = (
            st.one_of(st.none(), one, st.frozensets(st.sampled_from(own), min_size=1))
            if item.type is ItemType.MULTIPLE
            else st.one_of(st.none(), one)
        )
        options = draw(ways)
        if options:
            chosen[item.id] = options
    return Answers(chosen)


contexts = st.builds(
    Context,
    mechanism=st.sampled_from([None, *INSTRUMENT.mechanisms]),
    available=st.one_of(st.none(), st.frozensets(st.sampled_from([measure.id for measure in INSTRUMENT.measures]))),
)
site_answers = st.dictionaries(
    st.sampled_from([item.id for item in INSTRUMENT.site_items]),
    st.sampled_from([answer for answer, _ in INSTRUMENT.site_points]).map(lambda answer: frozenset([answer])),
).map(Answers)


def test_no_single_answer_except_a_named_concern_reaches_high():
    reached = {}
    for item in INSTRUMENT.items:
        for option in item.options:
            assessment = assess_household(INSTRUMENT, Answers({item.id: frozenset([option.id])}))
            if assessment.band.needs_a_person:
                reached[item.id, option.id] = [concern.id for concern in assessment.concerns]

    assert reached == {
        ("H05", "no"): ["R2"],
        ("H09", "not_chosen"): ["R3"],
        ("H16", "harder"): ["R1"],
        ("H22", "later"): ["R5"],
        ("H22", "now"): ["C1"],
    }


@QUICK
@given(answers=answer_sets(), context=contexts)
def test_refusing_scores_nothing(answers, context):
    given_only = Answers({item: options for item, options in answers.chosen.items() if not options & set(REFUSALS)})

    assert assess_household(INSTRUMENT, answers, context) == assess_household(INSTRUMENT, given_only, context)


@QUICK
@given(
    answers=answer_sets(
        [item for item in INSTRUMENT.items if INSTRUMENT.domain(item.domain).kind is DomainKind.ACCESS and item.id != "H22"]
    )
)
def test_access_needs_alone_never_exceed_medium(answers):
    assessment = assess_household(INSTRUMENT, answers)

    assert assessment.band in (Band.LOW, Band.MEDIUM)
    assert assessment.risk_total == 0


@QUICK
@given(answers=answer_sets(), context=contexts)
def test_e31_every_band_of_a_household_explains_itself(answers, context):
    assessment = assess_household(INSTRUMENT, answers, context)

    assert any(f"add up to {assessment.total} of 22" in reason for reason in assessment.reasons)
    assert all(any(concern.reason in reason for reason in assessment.reasons) for concern in assessment.concerns)
    assert sum(score.counted for score in assessment.scores) == assessment.total
    by_sum = Band.HIGH if assessment.risk_total >= 7 else Band.MEDIUM if assessment.total >= 5 else Band.LOW
    by_concern = [concern.band for concern in assessment.concerns]
    assert assessment.band.rank == max(band.rank for band in [by_sum, *by_concern])


@QUICK
@given(answers=site_answers)
def test_e31_every_band_of_a_place_explains_itself(answers):
    assessment = assess_site(INSTRUMENT, answers)

    assert any(f"add up to {assessment.total} of 26" in reason for reason in assessment.reasons)
    assert all(any(concern.reason in reason for reason in assessment.reasons) for concern in assessment.concerns)
    gaps = {item for item, options in answers.chosen.items() if options != {"yes"}}
    assert all(set(INSTRUMENT.site_item(item).fixes) <= set(assessment.fixes) for item in gaps)


@QUICK
@given(answers=answer_sets(), context=contexts, data=st.data())
def test_the_order_of_the_answers_changes_nothing(answers, context, data):
    shuffled = Answers(dict(data.draw(st.permutations(list(answers.chosen.items())))))

    assert assess_household(INSTRUMENT, shuffled, context) == assess_household(INSTRUMENT, answers, context)


@QUICK
@given(answers=answer_sets(), measure=st.sampled_from(INSTRUMENT.measures), rule=st.sampled_from(INSTRUMENT.rules))
def test_blocking_a_measure_by_one_more_concern_never_adds_a_measure(answers, measure, rule):
    stricter_measure = replace(measure, blocked_by=(*measure.blocked_by, rule.id))
    stricter = replace(INSTRUMENT, measures=tuple(stricter_measure if one == measure else one for one in INSTRUMENT.measures))

    before, after = assess_household(INSTRUMENT, answers), assess_household(stricter, answers)

    assert set(after.measures) <= set(before.measures)
    assert set(before.measures) - set(after.measures) <= {measure.id}


@QUICK
@given(answers=answer_sets(), context=contexts)
def test_what_the_site_cannot_offer_is_never_suggested_and_never_lost(answers, context):
    assessment = assess_household(INSTRUMENT, answers, context)
    with_all = assess_household(INSTRUMENT, answers, Context(mechanism=context.mechanism))

    assert context.available is None or set(assessment.measures) <= context.available
    assert set(assessment.measures) | set(assessment.unavailable) == set(with_all.measures)


@QUICK
@given(answers=answer_sets(), context=contexts)
def test_recipient_changes_come_last_and_free_ones_first(answers, context):
    effects = [INSTRUMENT.measure(one).effect.value for one in assess_household(INSTRUMENT, answers, context).measures]
    steps = [
        0 if effect in ("none", "messaging") else 2 if effect == "change_collector" else 3 if effect == "change_recipient" else 1
        for effect in effects
    ]

    assert steps == sorted(steps)


@QUICK
@given(answers=answer_sets())
def test_more_never_makes_a_household_less_urgent(answers):
    more = Answers({**answers.chosen, "H22": frozenset(["now"])})

    assert assess_household(INSTRUMENT, more).band is Band.CRITICAL


@QUICK
@given(answers=answer_sets())
def test_a_posted_page_has_one_length_and_is_read_back_whole(answers):
    posted = encode_page(INSTRUMENT.items, answers)

    assert decode_page(INSTRUMENT.items, posted) == answers
    assert len(urlencode(posted)) == len(urlencode(encode_page(INSTRUMENT.items, Answers({}))))


def test_the_sums_reach_what_the_design_says():
    assert most_points(INSTRUMENT) == 22
    assert most_points(INSTRUMENT, frozenset({DomainKind.RISK})) == 14
