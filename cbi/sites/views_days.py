"""The calendar of distribution days: plan one, and confirm it once the place is ready."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.errors import NotThere, Refused
from cbi.sites import days, service
from cbi.sites.forms import DayForm
from cbi.sites.tables import DayStatus
from cbi.sites.views import Answer, blueprint
from cbi.web.guard import needs
from cbi.web.house import actor, person, records
from cbi.web.listing import listing_args
from cbi.web.words import _, _l

STATUS_WORDS = {
    DayStatus.PLANNED: _l("Planned"),
    DayStatus.CONFIRMED: _l("Confirmed"),
    DayStatus.DONE: _l("Over"),
    DayStatus.CANCELLED: _l("Cancelled"),
}


@blueprint.get("/days")
@needs(P.SITE_READ)
def calendar() -> str:
    """Every distribution day from today on."""
    args = listing_args(request.args, sorts=("day", "site"), filters=("status", "when"))
    with records().read() as reading:
        listing = days.list_days(reading, args)
    return render_template(
        "sites/calendar.html",
        listing=listing,
        statuses=[(status.value, words) for status, words in STATUS_WORDS.items()],
        status_words=STATUS_WORDS,
        may_plan=person().may(P.DAY_PLAN),
    )


@blueprint.route("/days/new", methods=["GET", "POST"])
@needs(P.DAY_PLAN, carry=True)
def new_day() -> Answer:
    """Plan a distribution day."""
    with records().read() as reading:
        form = DayForm().offer(service.all_sites(reading), request.args.get("site", ""))
    if not form.validate_on_submit():
        return render_template("sites/new_day.html", form=form), 422 if form.is_submitted() else 200
    try:
        with records().work(actor()) as work:
            day_id = days.plan_day(work, site_id=UUID(form.site.data), day=form.day.data)
    except Refused as refusal:
        form.day.errors = [refusal.fix]
        return render_template("sites/new_day.html", form=form), 422
    return redirect(url_for("sites.day", day_id=day_id), 303)


@blueprint.get("/days/<uuid:day_id>")
@needs(P.SITE_READ)
def day(day_id: UUID) -> str:
    """One day, and what keeps it from being confirmed."""
    with records().read() as reading:
        found = days.day_of(reading, day_id)
        today = reading.today
    return render_template(
        "sites/day.html",
        day=found,
        today=today,
        status_words=STATUS_WORDS,
        may_plan=person().may(P.DAY_PLAN),
        may_print=person().may(P.ROLL_PRINT),
    )


@blueprint.post("/days/<uuid:day_id>/confirm")
@needs(P.DAY_PLAN)
def confirm_day(day_id: UUID) -> Response:
    """Say that people can come."""
    try:
        with records().work(actor()) as work:
            days.confirm_day(work, day_id)
        flash(_("The day is confirmed: people can be told to come."), "ok")
    except NotThere:
        raise
    except Refused as refusal:
        flash(_("You need to %(fix)s.", fix=refusal.fix), "stop")
    return redirect(url_for("sites.day", day_id=day_id), 303)


@blueprint.post("/days/<uuid:day_id>/cancel")
@needs(P.DAY_PLAN)
def cancel_day(day_id: UUID) -> Response:
    """Say that nobody needs to come."""
    with records().work(actor()) as work:
        days.cancel_day(work, day_id)
    flash(_("The day is cancelled. People need to be told."), "look")
    return redirect(url_for("sites.day", day_id=day_id), 303)
