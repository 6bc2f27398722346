"""Leave to confirm days although something is open: one person asks, another agrees, either takes it back."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.errors import NotThere, Refused
from cbi.sites import overrides, service
from cbi.sites.forms import REASON_WORDS, OverrideForm
from cbi.sites.views import Answer, blueprint, words
from cbi.staff.service import names_of
from cbi.web.guard import needs
from cbi.web.house import actor, records
from cbi.web.words import _


@blueprint.route("/sites/<uuid:site_id>/leave", methods=["GET", "POST"])
@needs(P.SITE_CHECK, carry=True)
def ask_leave(site_id: UUID) -> Answer:
    """Ask for it, about everything the last site check holds up."""
    with records().read() as reading:
        site = service.site_of(reading, site_id)
        measures = overrides.liftable(service.latest(reading, site_id), reading.today)
        last = reading.today + overrides.LONGEST
    form = OverrideForm()
    if form.validate_on_submit():
        try:
            with records().work(actor()) as work:
                overrides.propose_override(work, site_id, form.asked())
        except NotThere:
            raise
        except Refused as refusal:
            form.form_errors.append(refusal.fix)
        else:
            flash(_("Asked for. It counts once somebody else has agreed."), "ok")
            return redirect(url_for("sites.site", site_id=site_id), 303)
    titles = [words().fix(measure).title for measure in measures]
    page = render_template("sites/ask_leave.html", form=form, site=site, titles=titles, last=last)
    return page, 422 if form.errors or form.form_errors else 200


@blueprint.route("/leave/<uuid:override_id>", methods=["GET", "POST"])
@needs(P.SITE_AGREE)
def agree_leave(override_id: UUID) -> Answer:
    """What is asked for, and the button that gives it."""
    problem = ""
    if request.method == "POST":
        try:
            with records().work(actor()) as work:
                site_id = overrides.agree(work, override_id)
        except NotThere:
            raise
        except Refused as refusal:
            problem = refusal.fix
        else:
            flash(_("Agreed. Days up to then can be confirmed."), "ok")
            return redirect(url_for("sites.site", site_id=site_id), 303)
    with records().read() as reading:
        leave = overrides.open_override(reading, override_id)
        site = service.site_of(reading, leave.site_id)
        names = names_of(reading, {leave.proposed_by})
        wording = overrides.wordings(reading, [leave])[leave.id]
    titles = [words().fix(measure).title for measure in leave.measures.split()]
    page = render_template(
        "sites/agree_leave.html",
        leave=leave,
        wording=wording,
        site=site,
        titles=titles,
        names=names,
        reason_words=REASON_WORDS,
        problem=problem,
    )
    return page, 422 if problem else 200


@blueprint.post("/leave/<uuid:override_id>/withdraw")
@needs(P.SITE_CHECK)
def withdraw_leave(override_id: UUID) -> Response:
    """Whoever answers for places takes it back."""
    return _taken_back(override_id)


@blueprint.post("/leave/<uuid:override_id>/refuse")
@needs(P.SITE_AGREE)
def refuse_leave(override_id: UUID) -> Response:
    """Whoever agrees takes it back, or does not agree."""
    return _taken_back(override_id)


def _taken_back(override_id: UUID) -> Response:
    with records().work(actor()) as work:
        site_id = overrides.take_back(work, override_id)
    flash(_("Taken back. Days that rested on it wait again."), "look")
    return redirect(url_for("sites.site", site_id=site_id), 303)
