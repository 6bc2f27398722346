"""The list of places and one place. Checks, leave, services and days stand in the modules imported at the end."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from werkzeug.wrappers import Response

import screening
from cbi.access import P
from cbi.errors import Refused
from cbi.sites import days, directory, history, overrides, service, standing
from cbi.sites.forms import REASON_WORDS, SERVICE_WORDS, SiteForm, answer_words
from cbi.sites.instrument import current
from cbi.staff.service import names_of
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
        services = directory.services_at(reading, site_id)
        leave = overrides.override_at(reading, site_id)
        return render_template(
            "sites/site.html",
            site=found,
            standing=known,
            answered=history.who_answered(reading, site_id),
            panels=standing.ELEMENT_WORDS,
            lines=standing.ELEMENTS,
            instrument=instrument,
            answer_words=answer_words(instrument),
            found=standing.found_by(known, instrument),
            blocks=standing.blocks_of(known, reading.today),
            leave=leave,
            wording=overrides.wordings(reading, [leave])[leave.id] if leave else None,
            leave_names=names_of(reading, {one for one in (leave.proposed_by, leave.agreed_by) if one}) if leave else {},
            reason_words=REASON_WORDS,
            may_ask_leave=person().may(P.SITE_CHECK) and leave is None and bool(overrides.liftable(known, reading.today)),
            may_agree=person().may(P.SITE_AGREE),
            open_fixes=service.open_fixes(reading, [site_id]),
            days=days.days_at(reading, site_id),
            services=services,
            stale={one.id for one in services if directory.is_stale(one, reading.today)},
            service_words=SERVICE_WORDS,
            today=reading.today,
            may_check=person().may(P.SITE_CHECK),
            may_plan=person().may(P.DAY_PLAN),
        )


@blueprint.get("/sites/<uuid:site_id>/history")
@needs(P.SITE_READ)
def site_history(site_id: UUID) -> str:
    """All that was ever found at a place, what was planned for it, and when it was put right; by the four elements."""
    instrument = words()
    with records().read() as reading:
        found = service.site_of(reading, site_id)
        leaves = overrides.overrides_at(reading, site_id)
        return render_template(
            "sites/history.html",
            site=found,
            panels=standing.ELEMENT_WORDS,
            trail=history.trail(reading, site_id),
            checks=history.checks_at(reading, site_id),
            leaves=leaves,
            wordings=overrides.wordings(reading, leaves),
            names=names_of(reading, {one for leave in leaves for one in (leave.proposed_by, leave.agreed_by) if one}),
            reason_words=REASON_WORDS,
            instrument=instrument,
            today=reading.today,
        )


def words() -> screening.Instrument:
    """The check's words in the reader's language."""
    with records().read() as reading:
        return current(reading, str(get_locale() or "en"))


from cbi.sites import views_check, views_days, views_leave, views_services  # noqa: E402, F401 -- they put their pages on the same blueprint
