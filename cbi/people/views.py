"""Households: the list, finding one, and the texts read aloud. The other pages of this subject are beside this module."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.people import lists
from cbi.people.lines import found_lines, listed_lines
from cbi.people.lives_papers import is_refused
from cbi.people.search import find as find_households
from cbi.people.spoken import consent_texts, consent_version, six_questions
from cbi.people.tables import HouseholdStatus, ReviewReason
from cbi.people.words import REVIEWS, WORDS
from cbi.web.guard import needs
from cbi.web.house import Section, house, person, person_or_none, records
from cbi.web.listing import listing_args
from cbi.web.words import _, _l

blueprint = Blueprint("people", __name__)


@blueprint.context_processor
def _rights() -> dict[str, bool]:
    """Whether the reader may register and correct: pages offer only what they may do."""
    someone = person_or_none()
    return {
        "may_register": bool(someone and someone.may(P.PERSON_REGISTER)),
        "may_tell": bool(someone and someone.may(P.HELD_READ)),
        "may_withdraw": bool(someone and someone.may(P.PERSON_WITHDRAW)),
    }


SECTIONS = (
    Section(P.PERSON_READ, _l("Households"), "people.households"),
    Section(P.PERSON_IMPORT, _l("Import"), "people.imports"),
    Section(P.VERIFICATION_ENTER, _l("Verification"), "people.verification_visits"),
    Section(P.VERIFICATION_DRAW, _l("Verification"), "people.verification_draws"),
)


def own_site_first() -> dict[str, str]:
    """What a list is asked for: the reader's own site, until the address names one or all."""
    own = person().site_id
    return ({"site": str(own)} if own else {}) | request.args.to_dict()


@blueprint.get("/households")
@needs(P.PERSON_READ)
def households() -> str:
    """Every household by number, narrowed by site, state or what waits."""
    args = listing_args(own_site_first(), sorts=lists.SORTS, filters=lists.FILTERS)
    with records().read() as reading:
        listing, together = lists.households(reading, args, consent_version=consent_version())
        places = lists.site_choices(reading)
    waits = [
        ("duplicate", REVIEWS[ReviewReason.DUPLICATE]),
        *((one.value, REVIEWS[one]) for one in ReviewReason if one is not ReviewReason.DUPLICATE),
    ]
    answering = person().may(P.PERSON_REGISTER) and bool(args.filter("review"))
    return render_template(
        "people/households.html",
        listing=listing,
        together=together,
        lines=listed_lines(listing.rows, answering=answering),
        sites=places,
        states=[(one.value, WORDS[one]) for one in HouseholdStatus],
        waits=waits,
        own=person().site_id,
    )


@blueprint.post("/households/find")
@needs(P.PERSON_READ)
def find() -> str | Response:
    """Find a household; what was typed never stands in an address. A number or paper card that is exactly one opens it."""
    typed = request.form.get("q", "")
    args = listing_args(request.form, sorts=("likeness",))
    with records().read() as reading:
        listing = find_households(reading, typed, args, country=house().operation.country, near=person().site_id)
        lost = is_refused(reading, typed)
    only = listing.rows[0] if listing.total == 1 and listing.rows else None
    if only and only.by in {"number", "token"}:
        return redirect(url_for("people.household", household_id=only.card.id))
    return render_template("people/find.html", typed=typed, listing=listing, lines=found_lines(listing.rows), lost=lost)


@blueprint.get("/households/find")
@needs(P.PERSON_READ)
def find_page() -> str:
    """The find field alone."""
    return render_template("people/find.html", typed="", listing=None)


@blueprint.get("/households/consent-text/<language>")
@needs(P.PERSON_READ)
def consent_text(language: str) -> str:
    """The consent text of one language, to be read aloud."""
    text = consent_texts().get(language)
    if text is None:
        abort(404)
    return render_template("people/consent_text.html", text=text, texts=list(consent_texts().values()), title=_("Consent text"))


@blueprint.get("/households/six-questions")
@needs(P.PERSON_READ)
def six() -> str:
    """The six questions in their own words, to be read aloud."""
    return render_template("people/six_questions.html", six=six_questions())


from cbi.people import (  # noqa: E402 -- they hang their pages on the blueprint
    views_alike,  # noqa: F401
    views_duplicates,  # noqa: F401
    views_household,  # noqa: F401
    views_imports,  # noqa: F401
    views_leaving,  # noqa: F401
    views_lives,  # noqa: F401
    views_paper,  # noqa: F401
    views_register,  # noqa: F401
    views_verification,  # noqa: F401
)
