"""The directory of services: every entry with the day somebody reached it, and the page that corrects one or takes it out."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.sites import directory, service
from cbi.sites.forms import SERVICE_WORDS, ServiceForm
from cbi.sites.views import Answer, blueprint
from cbi.web.guard import needs
from cbi.web.house import actor, person, records
from cbi.web.words import _


@blueprint.get("/services")
@needs(P.SITE_READ)
def services() -> str:
    """Every service of every place; those nobody reached for 30 days say so."""
    with records().read() as reading:
        places = [(site, directory.services_at(reading, site.id)) for site in service.all_sites(reading)]
        stale = {one.id for _site, found in places for one in found if directory.is_stale(one, reading.today)}
        today = reading.today
    return render_template(
        "sites/services.html", places=places, stale=stale, today=today, service_words=SERVICE_WORDS, may_check=person().may(P.SITE_CHECK)
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
    entry = form.entry()
    with records().work(actor()) as work:
        directory.add_service(work, site_id, kind=entry.kind, name=entry.name, contact=entry.contact, hours=entry.hours)
    flash(_("The service is entered. It counts once somebody reached it."), "ok")
    return redirect(url_for("sites.site", site_id=site_id) + "#services", 303)


@blueprint.route("/services/<uuid:service_id>", methods=["GET", "POST"])
@needs(P.SITE_CHECK, carry=True)
def one_service(service_id: UUID) -> Answer:
    """One entry: note that it was reached, correct it, or take it out."""
    with records().read() as reading:
        found = directory.service_of(reading, service_id)
        site, today = service.site_of(reading, found.site_id), reading.today
    form = ServiceForm(data={"kind": found.kind.value, "name": found.name, "contact": found.contact, "hours": found.hours}).offer()
    if not form.validate_on_submit():
        page = render_template(
            "sites/service.html",
            form=form,
            service=found,
            site=site,
            today=today,
            stale=directory.is_stale(found, today),
            words=SERVICE_WORDS,
        )
        return page, 422 if form.is_submitted() else 200
    with records().work(actor()) as work:
        directory.correct_service(work, service_id, form.entry())
    flash(_("Saved. A new name or contact counts once somebody reached it."), "ok")
    return redirect(url_for("sites.site", site_id=site.id) + "#services", 303)


@blueprint.post("/services/<uuid:service_id>/verified")
@needs(P.SITE_CHECK)
def verified(service_id: UUID) -> Response:
    """Somebody reached this service's contact today."""
    with records().work(actor()) as work:
        site_id = directory.verify_service(work, service_id)
    flash(_("Noted: this service was reached today."), "ok")
    return redirect(url_for("sites.site", site_id=site_id) + "#services", 303)


@blueprint.post("/services/<uuid:service_id>/retired")
@needs(P.SITE_CHECK)
def retired(service_id: UUID) -> Response:
    """Nobody is told about this service any more."""
    with records().work(actor()) as work:
        site_id = directory.retire_service(work, service_id)
    flash(_("Taken out: people are not told about it any more."), "look")
    return redirect(url_for("sites.site", site_id=site_id) + "#services", 303)
