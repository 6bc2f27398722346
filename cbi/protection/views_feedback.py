"""What went past the office's desk, on a focal point's pages. Nothing here goes back to the office."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from cbi.access import Permission
from cbi.protection import feedback as heard
from cbi.protection.forms import PlainPost
from cbi.protection.handovers import KEPT_DAYS
from cbi.protection.views import blueprint, room
from cbi.protection.views_focal import this_officer
from cbi.protection.wording_feedback import CHANNELS, WANTS, subject_words
from cbi.store.work import Actor
from cbi.web.guard import needs
from cbi.web.house import house, person
from cbi.web.words import _


@blueprint.get("/feedback/<uuid:feedback_id>")
@needs(Permission.HANDOVER_READ)
def feedback(feedback_id: UUID) -> str:
    """What was said; that it was read is written into the room's log."""
    guest, officer = room().guest(person().id), this_officer()
    with room().locked.work(Actor(person().id)) as work:
        one = heard.read_one(work, officer, guest.private, guest.office, feedback_id)
    return render_template(
        "protection/feedback.html",
        one=one,
        site=guest.office.site(one.site_id) if one.site_id else "",
        about=subject_words(one.subject),
        channels=CHANNELS,
        wants=WANTS,
        late=one.is_late(house().clock.now()),
        kept_days=KEPT_DAYS[officer.role],
        form=PlainPost(),
    )


@blueprint.post("/feedback/<uuid:feedback_id>/take")
@needs(Permission.HANDOVER_READ)
def feedback_take(feedback_id: UUID) -> Response:
    """The focal point looks into it."""
    guest, officer = room().guest(person().id), this_officer()
    with room().locked.work(Actor(person().id)) as work:
        heard.take_up(work, officer, guest.private, guest.office, feedback_id)
    flash(_("You look into it. Nobody in the office sees that."), "ok")
    return redirect(url_for("protection.feedback", feedback_id=feedback_id), 303)


@blueprint.post("/feedback/<uuid:feedback_id>/gone")
@needs(Permission.HANDOVER_READ)
def feedback_gone(feedback_id: UUID) -> Response:
    """It is in other hands, or was taken back: nothing of it stays."""
    guest, officer = room().guest(person().id), this_officer()
    with room().locked.work(Actor(person().id)) as work:
        heard.let_go(work, officer, guest.private, guest.office, feedback_id)
    room().settle()
    flash(_("Let go. Nothing of it is here any more."), "ok")
    return redirect(url_for("protection.today"), 303)
