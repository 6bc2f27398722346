"""The pages on which a household leaves: it takes its consent back, or asks to be forgotten, which two people let happen."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.errors import NotThere
from cbi.people import erasing
from cbi.people.correction import withdraw_consent
from cbi.people.forms_lives import SureForm
from cbi.people.registered import open_household
from cbi.people.retention import WITHDRAWN_DAYS
from cbi.people.views import blueprint
from cbi.staff.forms import StepUpForm
from cbi.staff.service import names_of, step_up
from cbi.store.engines import checkpoint_wal
from cbi.web.again import Answer, form_page
from cbi.web.guard import needs
from cbi.web.house import actor, person, records
from cbi.web.listing import listing_args
from cbi.web.words import _


@blueprint.route("/households/<uuid:household_id>/withdraw", methods=["GET", "POST"])
@needs(P.PERSON_WITHDRAW)
def withdraw(household_id: UUID) -> Answer:
    """What is deleted at once, what stays and until when; then it is done."""
    with records().read() as reading:
        kept = open_household(reading, household_id)
        hindrances = erasing.what_stands_in_the_way(reading, household_id)
    days = [one.until for one in hindrances if one.until]
    until = max(days) if days and len(days) == len(hindrances) else None
    form = SureForm()

    def act() -> Answer:
        with records().work(actor()) as work:
            withdraw_consent(work, household_id)
        flash(_("The consent is taken back. What is not needed any more is deleted."), "ok")
        return redirect(url_for("people.household", household_id=household_id), 303)

    def page(status: int) -> Answer:
        shown = render_template("people/withdraw.html", form=form, kept=kept, hindrances=hindrances, until=until, days=WITHDRAWN_DAYS)
        return shown, status

    return form_page(form, act, page)


@blueprint.route("/households/<uuid:household_id>/forget", methods=["GET", "POST"])
@needs(P.PERSON_WITHDRAW)
def forget(household_id: UUID) -> Answer:
    """Write down that a household asks to be forgotten."""
    with records().read() as reading:
        kept = open_household(reading, household_id)
        hindrances = erasing.what_stands_in_the_way(reading, household_id)
        request_open = erasing.open_request(reading, household_id)
    form = SureForm()
    if form.validate_on_submit():
        with records().work(actor()) as work:
            erasing.ask(work, household_id)
        flash(_("Written down. A second person agrees to it."), "ok")
        return redirect(url_for("people.household", household_id=household_id), 303)
    page = render_template("people/forget.html", form=form, kept=kept, hindrances=hindrances, request_open=request_open)
    return page, 422 if form.is_submitted() else 200


@blueprint.get("/households/forget")
@needs(P.PERSON_ERASE)
def forget_list() -> str:
    """Every request that is not settled."""
    with records().read() as reading:
        listing = erasing.requests(reading, listing_args(request.args, sorts=("asked",)))
        names = names_of(reading, {one.request.asked_by for one in listing.rows})
    return render_template("people/forget_list.html", listing=listing, names=names)


@blueprint.route("/households/forget/<uuid:request_id>", methods=["GET", "POST"])
@needs(P.PERSON_ERASE)
def forget_request(request_id: UUID) -> Answer:
    """What it means, and the second person's password and code. Shows no name of the household."""
    form = StepUpForm()
    return form_page(form, lambda: _agreed(request_id, form), lambda status: (_request_page(request_id, form), status))


def _request_page(request_id: UUID, form: StepUpForm) -> str:
    with records().read() as reading:
        row = erasing.request_of(reading, request_id)
        if row.ended_at is not None or row.done_at is not None:
            raise NotThere
        one = erasing.asked(reading, row)
        names = names_of(reading, {who for who in (row.asked_by, row.agreed_by) if who})
    return render_template("people/forget_agree.html", form=form, one=one, names=names, mine=row.asked_by == person().id)


@blueprint.post("/households/forget/<uuid:request_id>/end")
@needs(P.PERSON_ERASE)
def forget_end(request_id: UUID) -> Response:
    """Do not agree."""
    with records().work(actor()) as work:
        erasing.end(work, request_id)
    flash(_("Not agreed. The household stays as it is."), "look")
    return redirect(url_for("people.forget_list"), 303)


def _agreed(request_id: UUID, form: StepUpForm) -> Response:
    with records().work(actor()) as work:
        step_up(work, person().id, form.password.data, form.code.data)
        erased = erasing.agree(work, request_id)
    if erased and not checkpoint_wal(records().engine):
        flash(_("Forgotten. The last trace is overwritten within the hour: somebody was reading just now."), "ok")
    elif erased:
        flash(_("Forgotten. Its key is destroyed, and nothing finds it any more."), "ok")
    else:
        flash(_("Hidden from every page. It is forgotten by itself once nothing stands in the way."), "ok")
    return redirect(url_for("people.forget_list"), 303)
