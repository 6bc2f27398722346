"""The list of places, one place, and its services. Checks and days stand in the modules imported at the end."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from werkzeug.wrappers import Response

import screening
from cbi.access import P
from cbi.errors import Refused
from cbi.sites import days, service, standing
from cbi.sites.forms import SERVICE_WORDS, ServiceForm, SiteForm, answer_words, stale
from cbi.sites.tables import ServiceKind
from cbi.web.guard import needs
from cbi.web.house import Section, actor, person, records
from cbi.web.listing import listing_args
from cbi.web.words import _, _l

blueprint = Blueprint("sites", __name__)
SECTIONS = (Section(P.SITE_READ, _l("Sites"), "sites.sites"), Section(P.DAY_PLAN, _l("Distribution days"), "sites.calendar"))
Answer = str | Response | tuple[str, int]


@blueprint.get("/sites")
@needs(P.SITE_READ)
def sites() -> str:
    """Every place and how it stands."""
    args = listing_args(request.args, sorts=("name", "code"), filters=("q",))
    with records().read() as reading:
        listing = service.list_sites(reading, args)
        return render_template("sites/sites.html", listing=listing, today=reading.today, may_add=person().may(P.SITE_CHECK))


@blueprint.route("/sites/new", methods=["GET", "POST"])
@needs(P.SITE_CHECK, carry=True)
def new_site() -> Answer:
    """Enter a place."""
    form = SiteForm()
    if not form.validate_on_submit():
        return render_template("sites/new_site.html", form=form), 422 if form.is_submitted() else 200
    try:
        with records().work(actor()) as work:
            site_id = service.add_site(work, code=form.code.data, name=form.name.data, area=form.area.data, pcode=form.pcode.data)
    except Refused as refusal:
        form.code.errors = [refusal.fix]
        return render_template("sites/new_site.html", form=form), 422
    flash(_("The place is entered. Next is its site check."), "ok")
    return redirect(url_for("sites.site", site_id=site_id), 303)


@blueprint.get("/sites/<uuid:site_id>")
@needs(P.SITE_READ)
def site(site_id: UUID) -> str:
    """One place: the four elements, what is still to be put right, its days and services."""
    instrument = words()
    with records().read() as reading:
        found = service.site_of(reading, site_id)
        known = service.latest(reading, site_id)
        services = service.services_at(reading, site_id)
        return render_template(
            "sites/site.html",
            site=found,
            standing=known,
            panels=standing.ELEMENT_WORDS,
            lines=standing.ELEMENTS,
            instrument=instrument,
            answer_words=answer_words(instrument),
            blocks=standing.blocks_of(known, reading.today),
            open_fixes=service.open_fixes(reading, [site_id]),
            closed_fixes=service.closed_fixes(reading, site_id),
            days=days.days_at(reading, site_id),
            services=services,
            stale={one.id for one in services if stale(one, reading.today)},
            service_words=SERVICE_WORDS,
            today=reading.today,
            may_check=person().may(P.SITE_CHECK),
            may_plan=person().may(P.DAY_PLAN),
        )


@blueprint.route("/sites/<uuid:site_id>/services/new", methods=["GET", "POST"])
@needs(P.SITE_CHECK, carry=True)
def new_service(site_id: UUID) -> Answer:
    """Enter a service people can be told about."""
    with records().read() as reading:
        found = service.site_of(reading, site_id)
    form = ServiceForm().offer()
    if not form.validate_on_submit():
        return render_template("sites/new_service.html", form=form, site=found), 422 if form.is_submitted() else 200
    with records().work(actor()) as work:
        service.add_service(
            work, site_id, kind=ServiceKind(form.kind.data), name=form.name.data, contact=form.contact.data, hours=form.hours.data
        )
    flash(_("The service is entered. It counts once somebody reached it."), "ok")
    return redirect(url_for("sites.site", site_id=site_id) + "#services", 303)


@blueprint.post("/services/<uuid:service_id>/verified")
@needs(P.SITE_CHECK)
def verified(service_id: UUID) -> Response:
    """Somebody reached this service's contact today."""
    with records().work(actor()) as work:
        site_id = service.verify_service(work, service_id)
    flash(_("Noted: this service was reached today."), "ok")
    return redirect(url_for("sites.site", site_id=site_id) + "#services", 303)


def words() -> screening.Instrument:
    """The check's words in the reader's language."""
    return standing.check_language(str(get_locale() or "en"))


from cbi.sites import views_check, views_days  # noqa: E402, F401 -- they put their pages on the same blueprint
