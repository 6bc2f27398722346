"""The site check, answered by programme and protection together, and the fixes it asks for."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for

from cbi.access import P
from cbi.errors import NotThere, Refused
from cbi.sites import checking, service, standing
from cbi.sites.forms import FixForm, SiteCheckForm, check_form
from cbi.sites.tables import Site, SiteFix
from cbi.sites.views import Answer, blueprint, words
from cbi.web.guard import carried, needs
from cbi.web.house import actor, records
from cbi.web.words import _


@blueprint.route("/sites/<uuid:site_id>/check", methods=["GET", "POST"])
@needs(P.SITE_CHECK, carry=True)
def check(site_id: UUID) -> Answer:
    """Answer the 13 lines."""
    with records().read() as reading:
        site = service.site_of(reading, site_id)
        before = service.latest(reading, site_id)
        today = reading.today
    form = check_form(words(), data={"answered_on": today, **_again()})
    if not form.validate_on_submit():
        return _page(form, site, before), 422 if form.is_submitted() else 200
    try:
        with records().work(actor()) as work:
            checking.confirm_check(work, site_id, form.new_check())
    except Refused as refusal:
        form.form_errors.append(refusal.fix)
        return _page(form, site, before), 422
    flash(_("The site check is confirmed."), "ok")
    return redirect(url_for("sites.site", site_id=site_id), 303)


@blueprint.route("/fixes/<uuid:fix_id>", methods=["GET", "POST"])
@needs(P.SITE_CHECK, carry=True)
def fix(fix_id: UUID) -> Answer:
    """Who puts something right, by when, and whether it is done."""
    with records().read() as reading:
        found = reading.session.get(SiteFix, fix_id)
        if found is None or found.operation_id != reading.operation_id or found.closed_on is not None:
            raise NotThere
        site = service.site_of(reading, found.site_id)
    form = FixForm(obj=found)
    if not form.validate_on_submit():
        return _fix_page(form, found, site), 422 if form.is_submitted() else 200
    try:
        with records().work(actor()) as work:
            checking.plan_fix(work, fix_id, owner=form.owner.data, due_on=form.due_on.data)
            if request.form.get("done"):
                checking.close_fix(work, fix_id)
    except Refused as refusal:
        form.form_errors.append(refusal.fix)
        return _fix_page(form, found, site), 422
    flash(_("Closed: this is put right.") if request.form.get("done") else _("Saved who puts it right, and by when."), "ok")
    return redirect(url_for("sites.site", site_id=site.id) + "#fixes", 303)


def _again() -> dict[str, str]:
    """What was typed before the session went idle."""
    return {name: values[0] for name, values in (carried() or {}).items() if values and name != "answered_on"}


def _page(form: SiteCheckForm, site: Site, before: standing.SiteStanding | None) -> str:
    return render_template("sites/check.html", form=form, site=site, before=before, elements=standing.ELEMENT_WORDS)


def _fix_page(form: FixForm, found: SiteFix, site: Site) -> str:
    instrument = words()
    return render_template(
        "sites/fix.html",
        form=form,
        fix=found,
        site=site,
        title=instrument.fix(found.measure).title,
        line=instrument.site_item(found.item).wording,
    )
