"""Households that wait because they look like another: one pair at a time, side by side."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.people import aspects, duplicates
from cbi.people.forms_alike import AnswerForm
from cbi.people.registered import open_household
from cbi.people.tables import Likeness as Answer
from cbi.people.views import blueprint
from cbi.people.words import WORDS
from cbi.web.guard import needs
from cbi.web.house import actor, records
from cbi.web.words import _


@blueprint.get("/households/<uuid:household_id>/alike")
@needs(P.PERSON_REGISTER)
def alike(household_id: UUID) -> str:
    """The pair to look at now, or a word that nothing waits."""
    return _page(household_id, AnswerForm())


@blueprint.post("/households/<uuid:household_id>/alike")
@needs(P.PERSON_REGISTER)
def answer_alike(household_id: UUID) -> str | Response | tuple[str, int]:
    """Keep the answer, then the next pair or the household."""
    form = AnswerForm()
    other = request.form.get("about", type=UUID)
    if not form.validate() or other is None or form.answer.data not in set(Answer):
        form.answer.errors = form.answer.errors or [_("choose what is true after asking the person")]
        return _page(household_id, form), 422
    answer = Answer(form.answer.data)
    with records().work(actor()) as work:
        duplicates.decide(work, household_id, other, answer)
    if answer is Answer.SAME:
        flash(_("The entry was closed. This is the household that stays."), "ok")
        return redirect(url_for("people.household", household_id=other))
    with records().read() as reading:
        left = duplicates.waiting_for(reading, household_id)
    if answer is Answer.DIFFERENT and left:
        return redirect(url_for("people.alike", household_id=household_id))
    flash(_("Kept. It goes on waiting.") if left else _("Kept. The household waits no longer."), "ok")
    return redirect(url_for("people.household", household_id=household_id))


@blueprint.post("/households/<uuid:household_id>/alike/end")
@needs(P.PERSON_REGISTER)
def end_review(household_id: UUID) -> Response:
    """Let a household go on when nothing is left that it looks like."""
    with records().work(actor()) as work:
        duplicates.end_review(work, household_id)
    flash(_("Kept. The household waits no longer."), "ok")
    return redirect(url_for("people.household", household_id=household_id))


def _page(household_id: UUID, form: AnswerForm) -> str:
    with records().read() as reading:
        kept = open_household(reading, household_id)
        waiting = duplicates.waiting_for(reading, household_id)
    if not waiting:
        return render_template("people/nothing_alike.html", kept=kept)
    first = waiting[0]
    left = _("Waits: %(number)s", number=kept.number)
    view = aspects.side_by_side(kept.told, first.registered, first.seen, left=left, site_name=kept.site_name)
    return render_template(
        "people/alike.html",
        form=form,
        kept=kept,
        view=view,
        other=first.registered,
        count=len(waiting),
        reasons=aspects.why(first.seen),
        words=WORDS,
    )
