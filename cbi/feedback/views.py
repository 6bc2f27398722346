"""The desk's pages: taking feedback down, the list of what it answers, one entry, and what became of a code."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.feedback import entries as kept
from cbi.feedback import service
from cbi.feedback.codes import code_of
from cbi.feedback.forms import CATEGORY_CHOICES, AnswerForm, FeedbackForm
from cbi.feedback.words import CATEGORIES, CHANNELS, CONFIDED, WANTS
from cbi.sites.service import all_sites
from cbi.web.again import Answer, or_again
from cbi.web.guard import needs
from cbi.web.house import Section, actor, person, records
from cbi.web.listing import listing_args
from cbi.web.words import _, _l

blueprint = Blueprint("feedback", __name__)
SECTIONS = (
    Section(P.FEEDBACK_ANSWER, _l("Feedback"), "feedback.entries"),
    Section(P.FEEDBACK_TAKE, _l("Take feedback"), "feedback.take"),
)
UNFIT = 422
_STATES = ((kept.OPEN, _l("To answer")), (kept.LATE, _l("Late")), (kept.ANSWERED, _l("Answered")))


@blueprint.get("/feedback")
@needs(P.FEEDBACK_ANSWER)
def entries() -> str:
    """What the desk answers, what waits first."""
    with records().read() as reading:
        listing = kept.page_of(reading, listing_args(request.args, sorts=kept.SORTS, filters=kept.FILTERS))
        sites = {site.id: site.name for site in all_sites(reading)}
        today = reading.today
    return render_template(
        "feedback/entries.html",
        listing=listing,
        sites=sites,
        site_choices=[(str(site), name) for site, name in sites.items()],
        category_choices=CATEGORY_CHOICES,
        states=_STATES,
        categories=CATEGORIES,
        wants=WANTS,
        today=today,
    )


@blueprint.route("/feedback/new", methods=["GET", "POST"])
@needs(P.FEEDBACK_TAKE, come_back=False)
def take() -> Answer:
    """Take feedback down. The same answer whatever it was about; what was typed is on no page afterwards."""
    with records().read() as reading:
        sites = [(site.id, site.name) for site in all_sites(reading)]
        confides = service.confides(reading)
    form = FeedbackForm(data={"site": str(person().site_id or "")}).offer(sites, confides=confides)
    passed = {one.value for one in CONFIDED}
    code = code_of(form.key)

    def page(status: int) -> tuple[str, int]:
        return render_template("feedback/take.html", form=form, passed=passed, confides=confides, code=code), status

    if not form.validate_on_submit():
        return page(UNFIT if form.is_submitted() else 200)
    return or_again(form, lambda: _taken(form), page)


@blueprint.get("/feedback/taken")
@needs(P.FEEDBACK_TAKE)
def taken() -> str:
    """The same words after whatever was taken down."""
    return render_template("feedback/taken.html", may_answer=person().may(P.FEEDBACK_ANSWER))


@blueprint.route("/feedback/code", methods=["GET", "POST"])
@needs(P.FEEDBACK_TAKE)
def by_code() -> str:
    """The answer, for whoever brings the code; without one the same words, whatever the code stands for. It stands in no address."""
    typed = request.form.get("code", "")
    with records().read() as reading:
        found = kept.answered_with(reading, typed) if typed else None
    return render_template("feedback/by_code.html", typed=typed, entry=found, categories=CATEGORIES)


@blueprint.route("/feedback/<uuid:feedback_id>", methods=["GET", "POST"])
@needs(P.FEEDBACK_ANSWER)
def entry(feedback_id: UUID) -> Answer:
    """One entry, and its answer."""
    form = AnswerForm()
    with records().read() as reading:
        found = kept.entry_of(reading, feedback_id)
        sites = {site.id: site.name for site in all_sites(reading)}
        today = reading.today

    def page(status: int) -> tuple[str, int]:
        words = {"categories": CATEGORIES, "channels": CHANNELS, "wants": WANTS}
        return render_template("feedback/entry.html", entry=found, form=form, sites=sites, today=today, **words), status

    if not form.validate_on_submit():
        return page(UNFIT if form.is_submitted() else 200)
    return or_again(form, lambda: _answered(feedback_id, form), page)


def _taken(form: FeedbackForm) -> Response:
    with records().work(actor()) as work:
        service.take(work, form.said())
    return redirect(url_for("feedback.taken"), 303)


def _answered(feedback_id: UUID, form: AnswerForm) -> Response:
    with records().work(actor()) as work:
        kept.answer(work, feedback_id, (form.answer.data or "").strip())
    flash(_("Noted. Whoever brings the code reads it from now on."), "ok")
    return redirect(url_for("feedback.entry", feedback_id=feedback_id), 303)
