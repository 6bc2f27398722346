"""Two households side by side, fact by fact, with what we see in words; documents stay masked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from markupsafe import Markup, escape

from cbi.people.contact import mask, show_phone
from cbi.people.likeness import Likeness, Sign, compare_names
from cbi.people.registered import Registered
from cbi.people.values import Born, NewHousehold, NewMember
from cbi.people.words import SIGNS, WORDS
from cbi.web.evidence import Compared, Comparison, Seen
from cbi.web.filters import day
from cbi.web.words import _, _n

_SAID = {
    Sign.SAME_NAME: Seen.SAME,
    Sign.NAME_ALIKE: Seen.ALIKE,
    Sign.SOUNDS_ALIKE: Seen.ALIKE,
    Sign.NAME_DIFFERS: Seen.DIFFERS,
    Sign.BORN_SAME_DAY: Seen.SAME,
    Sign.BORN_NEAR: Seen.ALIKE,
    Sign.BORN_SAME_YEAR: Seen.ALIKE,
    Sign.BORN_ONE_APART: Seen.ALIKE,
    Sign.BORN_TWO_APART: Seen.ALIKE,
    Sign.BORN_ROUNDED: Seen.ALIKE,
    Sign.BORN_DIFFERS: Seen.DIFFERS,
}
_NOTHING = "–"


def side_by_side(told: NewHousehold, other: Registered, seen: Likeness, *, left: str, site_name: str) -> Comparison:
    """Every fact of both, in the order a registrar asks. left: what the first one is ("New, not saved"); site_name: of its place."""
    mine, theirs = told.members[seen.pair[0]], other.told.members[seen.pair[1]]
    rows = (
        _person(mine, theirs, seen),
        _phone(told, other.told),
        _birth(mine.born, theirs.born, seen),
        _document(told, other.told),
        _place(told, other, site_name, seen),
        _people(told, other.told, seen),
    )
    return Comparison(left, _("Registered %(number)s", number=other.number), rows, short=("", other.number))


def both_registered(later: Registered, earlier: Registered, seen: Likeness) -> Comparison:
    """The same of two registered households, and since when and as what each of them is registered."""
    view = side_by_side(later.told, earlier, seen, left=_("Later: %(number)s", number=later.number), site_name=later.site_name)
    own = (
        Compared(_("Registered"), day(later.registered_on), day(earlier.registered_on), None),
        Compared(_("Now"), str(WORDS[later.status]), str(WORDS[earlier.status]), None),
    )
    right = _("Earlier: %(number)s", number=earlier.number)
    return replace(view, right=right, rows=view.rows + own, short=(later.number, earlier.number))


def why(seen: Likeness) -> str:
    """The reasons in one breath: "Same phone. Names sound alike. Born one year apart."."""
    return " ".join(f"{SIGNS[sign]}." for sign in seen.reasons)


def name_of(member: NewMember) -> Markup:
    """A name in its own direction, its Latin spelling under it."""
    latin = Markup('<span class="why">{}</span>').format(member.latin) if member.latin else ""
    return Markup("<bdi>{}</bdi>{}").format(member.name, latin)


def born_words(born: Born) -> str:
    """A birth as it is known: "1987, year only", "about 1955, from an age", "14 February 2014"."""
    if born.is_estimate:
        return _("about %(year)s, from an age", year=born.year)
    return _("%(year)s, year only", year=born.text) if born.text.isdigit() else _dated(born)


def _born_short(born: Born) -> str:
    """The same in a line of members: "1987", "about 1955", "14 February 2014"."""
    if born.is_estimate:
        return _("about") + f" {born.year}"
    return born.text if born.text.isdigit() else _dated(born)


def _dated(born: Born) -> str:
    """A whole date with its month in words; what is less than that, or gone with the household's key, as it stands."""
    try:
        return day(date.fromisoformat(born.text))
    except ValueError:
        return born.text


def _person(mine: NewMember, theirs: NewMember, seen: Likeness) -> Compared:
    fact = _("Head") if seen.pair == (0, 0) else _("The two people most alike")
    sign = next(sign for sign in seen.signs if sign in _SAID)
    return Compared(
        fact, name_of(mine), name_of(theirs), _SAID[sign], _name_words(sign), _("Different sex") if Sign.SEX_DIFFERS in seen.signs else ""
    )


def _name_words(sign: Sign) -> str:
    return {Sign.NAME_ALIKE: _("Almost alike"), Sign.SOUNDS_ALIKE: _("Sounds alike")}.get(sign, "")


def _phone(told: NewHousehold, other: NewHousehold) -> Compared:
    shared = set(told.phones) & set(other.phones)
    seen = Seen.SAME if shared else _unlike(told.phones, other.phones)
    return Compared(_("Phone"), _phones(told), _phones(other), seen, "", _("Families may share a phone") if shared else "")


def _phones(told: NewHousehold) -> str:
    shown = Markup("<br>").join(Markup('<bdi class="ref" dir="ltr">{}</bdi>').format(show_phone(phone)) for phone in told.phones)
    return shown or _("None given")


def _birth(mine: Born, theirs: Born, seen: Likeness) -> Compared:
    sign = next(sign for sign in seen.signs if sign.value.startswith("born_"))
    words = {
        Sign.BORN_SAME_DAY: _("The same"),
        Sign.BORN_NEAR: _("Nearly the same day"),
        Sign.BORN_ROUNDED: _("Perhaps rounded"),
        Sign.BORN_SAME_YEAR: _("The same year"),
        Sign.BORN_ONE_APART: _("One year apart"),
        Sign.BORN_TWO_APART: _("Two years apart"),
    }
    return Compared(_("Born"), born_words(mine), born_words(theirs), _SAID[sign], words.get(sign, ""))


def _document(told: NewHousehold, other: NewHousehold) -> Compared:
    mine, theirs = _documents(told), _documents(other)
    seen = Seen.SAME if set(mine) & set(theirs) else _unlike(mine, theirs)
    return Compared(_("Document"), _masked(mine), _masked(theirs), seen)


def _documents(told: NewHousehold) -> tuple[str, ...]:
    return tuple(document.number for member in told.members for document in member.documents)


def _masked(numbers: tuple[str, ...]) -> str:
    return Markup("<br>").join(Markup('<bdi class="ref">{}</bdi>').format(mask(number)) for number in numbers) or _("None given")


def _unlike(mine: tuple[str, ...], theirs: tuple[str, ...]) -> Seen:
    """Two different ones differ; where one side has none, nobody can tell."""
    return Seen.DIFFERS if mine and theirs else Seen.UNKNOWN


def _place(told: NewHousehold, other: Registered, site_name: str, seen: Likeness) -> Compared:
    same_site = told.site_id == other.told.site_id
    here, there = (_where(site_name, told.shelter), _where(other.site_name, other.told.shelter))
    if Sign.SAME_SHELTER in seen.signs:
        return Compared(_("Site, block"), here, there, Seen.SAME)
    unsure = same_site and not (told.shelter and other.told.shelter)
    return Compared(_("Site, block"), here, there, Seen.UNKNOWN if unsure else Seen.DIFFERS)


def _where(site_name: str, shelter: str) -> str:
    return ", ".join(part for part in (site_name, shelter) if part)


def _people(told: NewHousehold, other: NewHousehold, seen: Likeness) -> Compared:
    mine = [member for place, member in enumerate(told.members) if place != seen.pair[0]]
    theirs = [member for place, member in enumerate(other.members) if place != seen.pair[1]]
    fewest = max(len(mine), len(theirs))
    if not fewest:
        return Compared(_("Other members"), _("None"), _("None"), Seen.SAME)
    words = _n("%(shared)s of %(num)s the same", "%(shared)s of %(num)s the same", fewest, shared=seen.shared)
    state = Seen.SAME if seen.shared == fewest else Seen.ALIKE if seen.shared else Seen.DIFFERS
    return Compared(_("Other members"), _listed(mine, theirs), _listed(theirs, mine), state, words)


def _listed(people: list[NewMember], others: list[NewMember]) -> str:
    """Each person on a line; those who have nobody alike on the other side are marked."""
    lines = []
    for person in people:
        line = Markup("<bdi>{}</bdi>, {}").format(person.name, _born_short(person.born))
        known = any(compare_names(person, other) is not Sign.NAME_DIFFERS for other in others)
        lines.append(line if known else Markup("<mark>{}</mark>").format(line))
    return Markup("<br>").join(lines) or escape(_NOTHING)
