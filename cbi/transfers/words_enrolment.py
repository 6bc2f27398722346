"""Rules and results in the reader's words: every condition as a short sentence, beside what was found."""

from __future__ import annotations

from cbi.people.tables import PopulationGroup, Sex
from cbi.people.words import WORDS
from cbi.transfers.enrolment_changes import Change
from cbi.transfers.rules import NAMED, Block, Condition, Facts, Needs, What
from cbi.transfers.tables_enrolment import AppealStatus, EnrolmentState
from cbi.web.words import _, _l, listed

WHATS = {
    What.GROUP: _l("Population group"),
    What.SITE: _l("Site"),
    What.AREA: _l("Area by its P-code"),
    What.SIZE: _l("People in the household"),
    What.CHILDREN_UNDER_5: _l("Children under 5"),
    What.CHILDREN_UNDER_18: _l("Children under 18"),
    What.PEOPLE_FROM_60: _l("People of 60 and more"),
    What.HEAD_AGE: _l("Age of the head"),
    What.HEAD_SEX: _l("Sex of the head"),
    What.DIFFICULTY: _l("People with difficulty (six questions)"),
}
NEEDS = {Needs.ALL: _l("All of these"), Needs.ANY: _l("Any of these"), Needs.POINTS: _l("Points that add up")}
BLOCKS = {
    Block.UNVERIFIED: _l("A verification visit that found the household as registered"),
    Block.NOT_FOUND: _l("Households that a visit did not find"),
    Block.REVIEW: _l("Households on review"),
}
STATES = {
    EnrolmentState.ENROLLED: _l("Enrolled"),
    EnrolmentState.EXCEPTION: _l("Enrolled by appeal"),
    EnrolmentState.NOT_ELIGIBLE: _l("Not eligible"),
    EnrolmentState.REVIEW: _l("Eligible, waits: on review"),
    EnrolmentState.UNVERIFIED: _l("Eligible, waits: not verified"),
    EnrolmentState.NOT_FOUND: _l("Eligible, waits: a visit did not find it"),
    EnrolmentState.CONSENT: _l("Not enrolled: consent not given"),
    EnrolmentState.LEFT: _l("Not enrolled: withdrawn or closed"),
}
CHANGES = {Change.ENTERED: _l("Would enter"), Change.LEFT: _l("Would leave"), Change.AMOUNT: _l("Amount would change")}
APPEALS = {AppealStatus.OPEN: _l("Waits for an answer"), AppealStatus.ALLOWED: _l("Allowed"), AppealStatus.REFUSED: _l("Not allowed")}
_NAMES = {one.value: WORDS[one] for one in (*PopulationGroup, *Sex)}


def condition_words(one: Condition) -> str:
    """A condition: "Children under 5: at least 1"."""
    what = str(WHATS[one.what])
    if one.what in NAMED:
        return _("%(what)s: %(words)s", what=what, words=listed(word_of(each) for each in one.among))
    if one.at_least is not None and one.at_most is not None:
        return _("%(what)s: from %(low)s to %(high)s", what=what, low=one.at_least, high=one.at_most)
    if one.at_least is not None:
        return _("%(what)s: at least %(low)s", what=what, low=one.at_least)
    return _("%(what)s: at most %(high)s", what=what, high=one.at_most)


def found_words(one: Condition, facts: Facts) -> str:
    """What was found where a condition looks."""
    if one.what in NAMED:
        return word_of(facts.word(one.what)) or _("not known")
    if one.what is What.DIFFICULTY and facts.difficulty is None:
        return _("nobody was asked")
    return str(facts.count(one.what))


def found_words_alone(one: Condition, facts: Facts) -> str:
    """The same for a reader who is not shown the six answers: of these nothing but whether the condition is met."""
    return "" if one.what is What.DIFFICULTY else found_words(one, facts)


def word_of(code: str) -> str:
    """A group or a sex in the reader's words; a code of a site or an area as it stands."""
    return str(_NAMES.get(code, code))


def code_of(typed: str) -> str:
    """The code behind what was typed, which may be the word as pages show it."""
    plain = typed.strip()
    return next((code for code, word in _NAMES.items() if plain.casefold() in {code, str(word).casefold()}), plain)
