"""Pages of verification visits: draw them, make them from a list that tells nobody anything, and enter what was found."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.people import lists, verification, verification_lists
from cbi.people.aspects import born_words
from cbi.people.forms_verification import DrawForm, FoundForm
from cbi.people.registered import open_household
from cbi.people.tables_verification import Found, VisitReason
from cbi.people.views import blueprint, own_site_first
from cbi.people.words import FOUND_AT_VISIT, VISIT_REASONS, WORDS
from cbi.staff.service import names_of
from cbi.store.work import Work
from cbi.web.again import Answer, form_page, once
from cbi.web.forms import new_key
from cbi.web.guard import needs
from cbi.web.house import person, records
from cbi.web.listing import listing_args
from cbi.web.words import _, listed


@blueprint.route("/verification", methods=["GET", "POST"])
@needs(P.VERIFICATION_DRAW)
def verification_draws() -> Answer:
    """Draw households to visit, and the draws before."""
    with records().read() as reading:
        places = lists.site_choices(reading)
    form = DrawForm(places)
    form.client_key.data = form.client_key.data or new_key()
    return form_page(form, lambda: _draw(form), lambda status: (_draws_page(form, dict(places)), status))


def _draws_page(form: DrawForm, places: Mapping[UUID, str]) -> str:
    with records().read() as reading:
        listing = verification_lists.draws(reading, listing_args(request.args, sorts=("number",), descending=True))
        names = names_of(reading, [one.draw.drawn_by for one in listing.rows])
    return render_template("people/verification.html", form=form, listing=listing, names=names, places=places, found=FOUND_AT_VISIT)


@blueprint.get("/verification/draws/<uuid:draw_id>")
@needs(P.VERIFICATION_DRAW)
def verification_draw(draw_id: UUID) -> str:
    """How households were drawn, so that anyone can do it again, and what the visits found."""
    args = listing_args(request.args, sorts=("number",), filters=("found",))
    with records().read() as reading:
        one = verification_lists.progress(reading, draw_id)
        listing = verification_lists.drawn(reading, draw_id, args)
        site = next((name for site_id, name in lists.site_choices(reading) if site_id == one.draw.site_id), "")
        names = names_of(reading, [one.draw.drawn_by])
    return render_template(
        "people/verification_draw.html",
        one=one,
        listing=listing,
        site=site,
        names=names,
        found=FOUND_AT_VISIT,
        reasons=VISIT_REASONS,
        why=lambda row: listed(str(VISIT_REASONS[VisitReason(code)]) for code in row.reasons),
    )


@blueprint.get("/verification/visits")
@needs(P.VERIFICATION_ENTER)
def verification_visits() -> str:
    """The work list: where to go, in the order of registration numbers."""
    with records().read() as reading:
        listing = verification_lists.to_visit(reading, listing_args(own_site_first(), sorts=("number",), filters=("site",)))
        places = lists.site_choices(reading)
    return render_template("people/verification_visits.html", listing=listing, sites=places)


@blueprint.route("/verification/visits/<uuid:visit_id>", methods=["GET", "POST"])
@needs(P.VERIFICATION_ENTER)
def verification_visit(visit_id: UUID) -> Answer:
    """One visit: the household as registered, to compare at the door, and what was found."""
    form = FoundForm()
    form.client_key.data = form.client_key.data or new_key()
    return form_page(form, lambda: _enter(form, visit_id), lambda status: (_visit_page(form, visit_id), status))


def _visit_page(form: FoundForm, visit_id: UUID) -> str:
    with records().read() as reading:
        visit = verification.visit_by_id(reading, visit_id)
        kept = open_household(reading, visit.household_id)
    return render_template(
        "people/verification_visit.html",
        form=form,
        visit=visit,
        kept=kept,
        barred=verification.barred(kept.registered_by, person().id),
        reasons=[VISIT_REASONS[one] for one in VISIT_REASONS if one.value in visit.reasons.split(",")],
        words=WORDS,
        found=FOUND_AT_VISIT,
        born_words=born_words,
    )


def _draw(form: DrawForm) -> Response:
    """Draw once, however often the form is sent. Raises Refused."""

    def act(work: Work) -> str:
        return url_for("people.verification_draw", draw_id=verification.draw(work, form.wanted()))

    return once(form.key(), act, _("Drawn. The visits stand on the work list."))


def _enter(form: FoundForm, visit_id: UUID) -> Response:
    """Enter once, however often the form is sent, and go where it leads: to put right what differs, else to the next visit. Raises Refused."""
    found = Found(form.found.data)

    def act(work: Work) -> str:
        household_id = verification.enter(work, visit_id, found)
        differs = url_for("people.correct_form", household_id=household_id)
        return differs if found is Found.DIFFERS else url_for("people.verification_visits")

    said = _("Entered. Put right what differs; then enter the visit again.") if found is Found.DIFFERS else _("Entered.")
    return once(form.key(), act, said)
