"""The worked examples of the questionnaire, household A to G and four places, each with its T, R, concerns and band."""

from dataclasses import replace

import pytest

from screening import Context, assess_household, assess_site, load, parse_household, parse_site
from screening.kinds import Band

INSTRUMENT = load()
NOTHING_NEEDED = {
    "H01": ["none"], "H02": "no", "H03": "all_cash", "H04": "joint", "H05": "yes", "H06": "any", "H07": "keep", "H08": "own", "H10": "any",
    "H11": "no", "H12": ["none"], "H14": "no", "H16": "same", "H18": "same", "H19": "me", "H20": "fine", "H21": "yes", "H22": "no",
}  # fmt: skip
OLDER_CARER = {
    "H01": ["closer", "transport"], "H02": "only_with", "H07": "none", "H08": "none", "H10": "hours", "H11": "manage", "H12": ["home"],
}  # fmt: skip
PARTNER_DECIDES = {
    "H01": ["daytime", "women_line"], "H02": "some", "H03": "account", "H04": "partner", "H05": "unsure", "H06": "only_me", "H08": "not_private",
    "H10": "neutral", "H16": "unsure",
}  # fmt: skip
PAPERS_PHONE_AND_SIM = {"H04": "outside", "H07": "other_keeps", "H08": "not_private", "H09": "not_chosen"}

HOUSEHOLDS = {
    "A": (NOTHING_NEEDED, "cash_agent", 0, 0, [], Band.LOW, {"M_ALTCOL"}),
    "B": (OLDER_CARER, "cash_agent", 8, 2, [], Band.MEDIUM, {"M_TRANSPORT", "M_SITE", "M_HOME", "M_ALTID", "M_MSG"}),
    "C": (PARTNER_DECIDES, "cash_agent", 10, 6, [], Band.MEDIUM, {"M_MECH", "M_MSG", "M_DISCREET"}),
    "D": (
        {**NOTHING_NEEDED, "H16": "harder", "H17": ["parts", "explain"]},
        "cash_agent",
        3,
        3,
        ["R1"],
        Band.HIGH,
        {"M_PRIVATE", "M_SPLIT"},
    ),
    "F": (PAPERS_PHONE_AND_SIM, "mobile_money", 7, 7, ["R3", "R4"], Band.HIGH, {"M_PRIVATE", "M_ALTID", "M_MECH"}),
    "G": ({"H22": "later"}, "cash_agent", 0, 0, ["R5"], Band.HIGH, {"M_PRIVATE"}),
}


@pytest.mark.parametrize("case", HOUSEHOLDS)
def test_a_worked_household_example_comes_out_as_computed(case):
    raw, mechanism, total, risk_total, flags, band, expected = HOUSEHOLDS[case]

    assessment = assess_household(INSTRUMENT, parse_household(INSTRUMENT, raw), Context(mechanism=mechanism))

    assert (assessment.total, assessment.risk_total) == (total, risk_total)
    assert [concern.id for concern in assessment.concerns] == flags
    assert assessment.band is band
    assert expected <= set(assessment.measures)


def test_somebody_who_skips_all_and_wants_to_talk_is_offered_the_talk_only():
    assessment = assess_household(INSTRUMENT, parse_household(INSTRUMENT, {"H22": "later", "H05": "pnta", "H16": "dk"}))

    assert assessment.measures == ("M_PRIVATE",)


def test_the_family_briefing_waits_when_more_difficulty_at_home_is_expected():
    assessment = assess_household(INSTRUMENT, parse_household(INSTRUMENT, HOUSEHOLDS["D"][0]))

    assert "M_JOINT" not in assessment.measures
    assert [(one.measure, one.by) for one in assessment.blocked] == [("M_JOINT", "R1")]


def test_asking_to_talk_today_is_critical_and_nothing_else_is():
    critical = {rule.id for rule in INSTRUMENT.rules if rule.band is Band.CRITICAL}

    assessment = assess_household(INSTRUMENT, parse_household(INSTRUMENT, {"H22": "now"}))

    assert assessment.band is Band.CRITICAL
    assert critical == {"C1"}


ALL_YES = {item.id: "yes" for item in INSTRUMENT.site_items}
FIVE_PARTLY = ALL_YES | dict.fromkeys(["S04", "S05", "S06", "S07", "S09"], "partly")
SITES = {
    "all yes": (ALL_YES, 0, [], Band.LOW, ()),
    "five partly": (FIVE_PARTLY, 5, [], Band.MEDIUM, ("SM_CONSULT", "SM_ROUTE", "SM_MOBILE", "SM_SLOTS", "SM_LAYOUT", "SM_FSP")),
    "lists posted": (ALL_YES | {"S08": "no"}, 2, ["SC2"], Band.CRITICAL, ("SM_PRIVACY",)),
    "pathway unknown": (ALL_YES | {"S01": "dk"}, 2, ["SH1"], Band.HIGH, ("SM_PATHWAY",)),
}


@pytest.mark.parametrize("case", SITES)
def test_a_worked_site_example_comes_out_as_computed(case):
    raw, total, flags, band, fixes = SITES[case]

    assessment = assess_site(INSTRUMENT, parse_site(INSTRUMENT, raw))

    assert assessment.total == total
    assert [concern.id for concern in assessment.concerns] == flags
    assert assessment.band is band
    assert assessment.fixes == fixes


@pytest.mark.parametrize(
    ("raw", "blocks"), [(ALL_YES, False), (FIVE_PARTLY, False), (ALL_YES | {"S08": "no"}, True), ({"S01": "yes"}, True)]
)
def test_a_distribution_is_held_up_by_a_whole_gap_or_an_unfinished_check(raw, blocks):
    assert assess_site(INSTRUMENT, parse_site(INSTRUMENT, raw)).blocks_confirmation is blocks


def test_an_unanswered_site_line_is_listed_and_said():
    assessment = assess_site(INSTRUMENT, parse_site(INSTRUMENT, {item: answer for item, answer in ALL_YES.items() if item != "S13"}))

    assert assessment.unanswered == ("S13",)
    assert "1 of the place's 13 lines are not answered yet." in assessment.reasons


def test_not_knowing_counts_at_a_place_and_never_at_a_household():
    site = assess_site(INSTRUMENT, parse_site(INSTRUMENT, dict.fromkeys(ALL_YES, "dk")))
    household = assess_household(INSTRUMENT, parse_household(INSTRUMENT, {item.id: "dk" for item in INSTRUMENT.items}))

    assert site.total == 26
    assert household.total == 0


STRAIN_IN_THREE_TOPICS = {"H04": "outside", "H08": "not_private", "H14": "usual", "H18": "harder"}


def test_seven_risk_points_read_high_without_any_concern_and_six_do_not():
    seven = assess_household(INSTRUMENT, parse_household(INSTRUMENT, STRAIN_IN_THREE_TOPICS))
    six = assess_household(INSTRUMENT, parse_household(INSTRUMENT, STRAIN_IN_THREE_TOPICS | {"H18": "unsure"}))

    assert (seven.risk_total, seven.concerns, seven.band) == (7, (), Band.HIGH)
    assert (six.risk_total, six.concerns, six.band) == (6, (), Band.MEDIUM)


def test_an_item_with_a_cap_gives_no_more_than_its_cap():
    assessment = assess_household(INSTRUMENT, parse_household(INSTRUMENT, {"H01": ["daytime", "closer", "transport", "no_travel"]}))

    assert assessment.total == 3


def test_the_gravest_concern_is_told_first():
    assessment = assess_household(INSTRUMENT, parse_household(INSTRUMENT, {"H16": "harder", "H22": "now", "H05": "no"}))
    site = assess_site(INSTRUMENT, parse_site(INSTRUMENT, dict.fromkeys(ALL_YES, "no")))

    assert [concern.id for concern in assessment.concerns] == ["C1", "R1", "R2"]
    assert [concern.id for concern in site.concerns] == ["SC1", "SC2", "SC3", "SH1", "SH2", "SH3", "SM1", "SM2"]
    assert site.fixes[:3] == ("SM_CHANNELS", "SM_PRIVACY", "SM_GATEKEEP")


def test_a_concern_is_told_by_its_gravity_whatever_its_place_in_the_file():
    turned = replace(INSTRUMENT, rules=tuple(reversed(INSTRUMENT.rules)))

    assessment = assess_household(turned, parse_household(turned, {"H22": "now", "H05": "no"}))

    assert [concern.id for concern in assessment.concerns] == ["C1", "R2"]


def test_ten_gap_points_at_a_place_read_high_and_nine_do_not():
    without_concerns = replace(INSTRUMENT, site_rules=())
    ten = dict.fromkeys(list(ALL_YES)[:10], "partly")
    nine = dict.fromkeys(list(ALL_YES)[:9], "partly")

    assert assess_site(without_concerns, parse_site(INSTRUMENT, ALL_YES | ten)).band is Band.HIGH
    assert assess_site(without_concerns, parse_site(INSTRUMENT, ALL_YES | nine)).band is Band.MEDIUM
