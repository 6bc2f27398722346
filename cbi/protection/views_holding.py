"""Whose case it is, and its end: taken, offered, given by the lead, handed to a focal point, closed, opened again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from cbi.access import Permission
from cbi.errors import NotThere, Refused
from cbi.protection import closing, handovers, holding, unlock, wording_outgoing
from cbi.protection.closing import Ending
from cbi.protection.forms import SLOT_DAYS, SLOT_TIMES
from cbi.protection.forms_outgoing import CloseForm, FocalForm, OfferForm, ReopenForm
from cbi.protection.views import blueprint, my_sites, room
from cbi.protection.views_case import look
from cbi.web.again import Answer, form_page
from cbi.web.guard import needs
from cbi.web.house import person
from cbi.web.words import _


@blueprint.post("/letters/<uuid:case_id>/take")
@needs(Permission.CASE_WORK)
def take(case_id: UUID) -> Response:
    """Take a case that nobody has."""

    def act() -> str:
        with room().work(person().id) as work:
            holding.take(work, my_sites(), case_id)
        return _("The case is yours.")

    return _said_on_the_letter(case_id, act)


@blueprint.route("/letters/<uuid:case_id>/offer", methods=["GET", "POST"])
@needs(Permission.CASE_WORK)
def offer(case_id: UUID) -> Answer:
    """Offer a case to another officer."""
    known = look(case_id)
    form = OfferForm().begin(known.state.revision)
    with room().read() as reading:
        form.offer([one for one in holding.colleagues(reading, known.about.site_id) if one.id != person().id])

    def act() -> Answer:
        with room().work(person().id) as work:
            holding.offer(work, my_sites(), case_id, UUID(form.to.data), form.seen)
        flash(_("Offered. The case stays with you until they take it."), "ok")
        return redirect(url_for("protection.letter", case_id=case_id))

    return form_page(form, act, lambda status: (render_template("protection/offer.html", form=form, known=known), status))


@blueprint.post("/letters/<uuid:case_id>/offered")
@needs(Permission.CASE_WORK)
def offered(case_id: UUID) -> Response:
    """Take what was offered, or hand it back."""
    accepted = request.form.get("answer") == "take"

    def act() -> str:
        with room().work(person().id) as work:
            holding.answer(work, my_sites(), case_id, accepted=accepted)
        return _("The case is yours.") if accepted else _("Handed back.")

    return _said_on_the_letter(case_id, act)


@blueprint.route("/letters/<uuid:case_id>/give", methods=["GET", "POST"])
@needs(Permission.OFFICERS_KEEP)
def give(case_id: UUID) -> Answer:
    """The lead gives a case to an officer."""
    known = look(case_id)
    form = OfferForm().begin(known.state.revision)
    with room().read() as reading:
        form.offer(holding.colleagues(reading, known.about.site_id))

    def act() -> Answer:
        with room().work(person().id) as work:
            holding.give(work, case_id, UUID(form.to.data), form.seen)
        flash(_("Given. They see it on their start page."), "ok")
        return redirect(url_for("protection.letter", case_id=case_id))

    return form_page(form, act, lambda status: (render_template("protection/give.html", form=form, known=known), status))


@blueprint.route("/letters/<uuid:case_id>/focal", methods=["GET", "POST"])
@needs(Permission.CASE_WORK)
def focal(case_id: UUID) -> Answer:
    """Hand a case to a focal point, with no more than the person agreed to."""
    known = look(case_id)
    form = FocalForm().begin(known.state.revision)
    with room().read() as reading:
        points = handovers.focal_points(reading, room().office, known.about.site_id)
    form.offer(known, points)

    def page(status: int) -> Answer:
        shown = render_template("protection/focal.html", form=form, known=known, points=points, slot_days=SLOT_DAYS, slot_times=SLOT_TIMES)
        return shown, status

    return form_page(form, lambda: _handed(case_id, form), page)


def _handed(case_id: UUID, form: FocalForm) -> Answer:
    with room().work(person().id) as work:
        handovers.hand_over(
            work,
            room().office,
            my_sites(),
            case_id,
            UUID(form.to.data),
            scope=form.scoped(),
            contact=form.contact(),
            agreed=bool(form.agreed.data),
            revision=form.seen,
        )
    flash(_("Handed over. Only they open what you told them."), "ok")
    return redirect(url_for("protection.letter", case_id=case_id))


@blueprint.post("/letters/<uuid:case_id>/focal/back")
@needs(Permission.CASE_WORK)
def focal_back(case_id: UUID) -> Response:
    """Take back a case that no focal point has taken, or can open any more; in the second case it is handed over anew."""

    def act() -> str:
        with room().work(person().id) as work:
            handovers.take_back(work, my_sites(), case_id)
        room().settle()
        return _("Taken back. What you told them is gone.")

    return _said_on_the_letter(case_id, act, then="focal" if request.form.get("then") == "anew" else "letter")


@blueprint.route("/letters/<uuid:case_id>/close", methods=["GET", "POST"])
@needs(Permission.CASE_WORK)
def close(case_id: UUID) -> Answer:
    """End a case for a reason of the list."""
    known = look(case_id)
    form = CloseForm().begin(known.state.revision)
    with room().read() as reading:
        offered_endings = closing.endings(reading, room().office, known)
        again_on = closing.reassess_on(room().office, known.about.site_id, reading.today)
    form.offer(offered_endings)
    notes = {one.value: _("Not yet. You need to %(fix)s.", fix=fix) for one, fix in offered_endings.items() if fix}

    def act() -> Answer:
        with room().work(person().id) as work:
            closing.close(work, room().office, my_sites(), case_id, Ending(form.ending.data), form.seen)
        flash(_("Closed."), "ok")
        return redirect(url_for("protection.today"))

    def page(status: int) -> Answer:
        return render_template("protection/close.html", form=form, known=known, notes=notes, again_on=again_on), status

    return form_page(form, act, page)


@blueprint.route("/letters/<uuid:case_id>/reopen", methods=["GET", "POST"])
@needs(Permission.CASE_WORK)
def reopen(case_id: UUID) -> Answer:
    """Open a closed case again, for a reason of the list."""
    known = look(case_id)
    form = ReopenForm().begin(known.state.revision)

    def act() -> Answer:
        with room().work(person().id) as work:
            closing.reopen(work, my_sites(), case_id, form.why(), form.seen)
        _read_again()
        flash(_("Open again, and yours. Its clocks begin now."), "ok")
        return redirect(url_for("protection.letter", case_id=case_id))

    def page(status: int) -> Answer:
        return render_template("protection/reopen.html", form=form, known=known, ended=_ended(known.state.ended)), status

    return form_page(form, act, page)


def _said_on_the_letter(case_id: UUID, act: Callable[[], str], *, then: str = "letter") -> Response:
    """Do what a button of the letter asks for, and say what came of it. act: returns that.  then: the page to go on to when it went well."""
    try:
        flash(act(), "ok")
    except NotThere:
        raise
    except Refused as problem:
        flash(_("You need to %(fix)s.", fix=problem.fix), "look")
        then = "letter"
    return redirect(url_for(f"protection.{then}", case_id=case_id))


def _read_again() -> None:
    """The office was read without this household, whose case was closed then; should it not answer now, the next unlock reads it."""
    with suppress(SQLAlchemyError):
        unlock.open_with(room(), person().id, room().keys)


def _ended(ending: str) -> str:
    return str(wording_outgoing.ENDINGS[Ending(ending)]) if ending else ""
