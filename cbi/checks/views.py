"""The visit list, and the card for when somebody tells something. The three pages of a visit stand in `views_visit`."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cbi.access import Permission
from cbi.checks import visits
from cbi.checks.card import card_of, key_sentence, on_call, paper_of
from cbi.checks.consent import languages
from cbi.checks.forms import limits_form
from cbi.checks.limits import set_reporting_text, written_texts
from cbi.checks.service import notice_now
from cbi.checks.words import SERVICES, call_steps, slot_words, told_steps
from cbi.errors import Refused
from cbi.sites.directory import services_at
from cbi.sites.service import all_sites, site_of
from cbi.web.downloads import download
from cbi.web.filters import language_name
from cbi.web.guard import needs
from cbi.web.house import Section, actor, house, person, records
from cbi.web.listing import listing_args
from cbi.web.locale import direction, language
from cbi.web.paper import draw
from cbi.web.words import _, _l

blueprint = Blueprint("checks", __name__)
UNFIT = 422
SECTIONS = (
    Section(Permission.VISIT_READ, _l("Visits"), "checks.visits_home"),
    Section(Permission.SITE_CHECK, _l("Interpreters"), "checks.interpreters"),
)


@blueprint.get("/visits")
@needs(Permission.VISIT_READ)
def visits_home() -> str | Response:
    """The own place's visit list; somebody who works everywhere chooses a place."""
    _only_pages(())
    own = person().site_id
    if own is not None:
        return redirect(url_for("checks.visit_list", site_id=own))
    with records().read() as reading:
        places = [(site, visits.how_many(reading, site.id)) for site in all_sites(reading)]
    return render_template("checks/places.html", places=places)


@blueprint.get("/visits/at/<uuid:site_id>")
@needs(Permission.VISIT_READ)
def visit_list(site_id: UUID) -> str:
    """Every household of a place in registration order, before and after any visit the same."""
    _only_pages(("page",))
    with records().read() as reading:
        site = site_of(reading, site_id)
        listing = visits.visit_list(reading, site_id, listing_args(request.args, sorts=("number",)))
    return render_template(
        "checks/visits.html",
        site=site,
        listing=listing,
        may_ask=person().may(Permission.CHECK_ASK),
        hours=slot_words,
        spoken=language_name,
    )


@blueprint.get("/visits/at/<uuid:site_id>/card")
@needs(Permission.VISIT_READ)
def card(site_id: UUID) -> str:
    """What to do when somebody tells something. Keeps nothing."""
    with records().read() as reading:
        site = site_of(reading, site_id)
        services, notice, today = services_at(reading, site_id), notice_now(reading), reading.today
    return render_template("checks/card.html", site=site, services=services, notice=notice, day=today, kinds=SERVICES, steps=told_steps())


@blueprint.get("/visits/at/<uuid:site_id>/own-card")
@needs(Permission.CHECK_ASK)
def own_card(site_id: UUID) -> str:
    """What an interviewer carries to a place, to read and to print."""
    with records().read() as reading:
        shown = card_of(reading, site_id, language())
    return render_template(
        "checks/own_card.html",
        card=shown,
        steps=told_steps(),
        calls=call_steps(),
        kinds=SERVICES,
        on_call=on_call(shown),
        key_sentence=key_sentence(),
    )


@blueprint.get("/visits/at/<uuid:site_id>/own-card.pdf")
@needs(Permission.CHECK_ASK)
def own_card_paper(site_id: UUID) -> Response:
    """The same on paper."""
    spoken = language()
    with records().read() as reading:
        shown = card_of(reading, site_id, spoken)
    paper = paper_of(shown, office=house().operation.name, language=spoken, right_to_left=direction() == "rtl")
    return download(draw(paper), "visit-card.pdf", "application/pdf")


@blueprint.route("/visits/limits", methods=["GET", "POST"])
@needs(Permission.PROGRAMME_PLAN)
def limits() -> str | Response | tuple[str, int]:
    """What the programme cannot keep confidential, written down once for every place."""
    others = [(code, own) for code, own in languages() if code != "en"]
    with records().read() as reading:
        written = written_texts(reading, [code for code, _own in others])
    form = limits_form(others, written)
    if form.validate_on_submit():
        with records().work(actor()) as work:
            for spoken, words in form.texts().items():
                if words != written[spoken]:
                    set_reporting_text(work, words, spoken)
        flash(_("Saved. It is read aloud from the next visit on."), "ok")
        return redirect(url_for("checks.limits"), 303)
    return render_template("checks/limits.html", form=form), UNFIT if form.errors else 200


def _only_pages(known: tuple[str, ...]) -> None:
    """Refuse to narrow the list: whom to visit is nobody's choice. The same words whatever was asked for."""
    # The pager names the order there is; any other is a choice.
    if set(request.args) - {*known, "sort"} or request.args.get("sort", "number") != "number":
        raise Refused(_("open the visit list without a choice: it shows every household of the place, in registration order"))


from cbi.checks import views_interpreters, views_visit  # noqa: E402, F401 -- their pages stand on this blueprint
