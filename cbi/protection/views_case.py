"""One letter: read it, reach the person, decide with them, ask a second officer, let go."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID, uuid4

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from cbi.access import Permission
from cbi.errors import Refused
from cbi.protection import cases, office, outbox, practice, wording
from cbi.protection.dossier import Stage
from cbi.protection.forms import SLOT_DAYS, SLOT_TIMES, ContactForm, DecideForm, KeyedForm, PlainPost, SecondForm, WithdrawForm
from cbi.protection.practice import Ruling
from cbi.protection.views import blueprint, my_sites, pass_on, room
from cbi.web.guard import needs
from cbi.web.house import house, person
from cbi.web.words import _

_F = TypeVar("_F", bound=KeyedForm)


@blueprint.get("/letters/<uuid:case_id>")
@needs(Permission.LETTER_OPEN)
def letter(case_id: UUID) -> str:
    """Read a letter. That it was read is written into the room's log."""
    with room().work(person().id) as work:
        known = cases.open_case(work, room().office, my_sites(), case_id)
    with room().read() as reading:
        around = _around([line.id for line in cases.waiting(reading, room().office, my_sites())], case_id)
    zone, now = house().operation.zone, house().clock.now()
    decision = known.decision
    return render_template(
        "protection/letter.html",
        known=known,
        due=wording.due(known.due.decide, zone, exact=True),
        contact_by=wording.due(known.due.contact, zone, exact=True),
        reach=wording.reach(known.reach, has_phone=bool(known.card and known.card.phones), now=now, zone=zone),
        hours=wording.hours_words(known.hours),
        language=wording.language_name(known.card.language) if known.card else "",
        private=wording.said(known, known.private),
        wish=wording.said(known, known.choices),
        wishes=wording.changes_words(known.choices.wishes, known.card, room().office) if known.choices else [],
        around=around,
        untouched=[*wording.untouched(known, known.private), *wording.untouched(known, known.choices)],
        measures=wording.suggested(known),
        outcomes=wording.OUTCOMES,
        decided=wording.decided_words(decision) if decision else "",
        changes=wording.changes_words(decision.changes, known.card, room().office) if decision else [],
        may_sign=known.state.stage is Stage.SECOND and decision is not None and decision.by_id != person().id,
        may_decide=known.was_reached and known.state.stage not in {Stage.SECOND, Stage.CLOSED},
        may_contact=known.state.stage not in {Stage.SECOND, Stage.CLOSED},
        may_close=known.state.stage in {Stage.DECIDED, Stage.UNREACHABLE},
        form=PlainPost(),
    )


@blueprint.route("/letters/<uuid:case_id>/contact", methods=["GET", "POST"])
@needs(Permission.CASE_WORK)
def contact(case_id: UUID) -> str | Response | tuple[str, int]:
    """Note that somebody tried: the time and a word, nothing else."""
    form = _keyed(ContactForm())
    if form.validate_on_submit():
        try:
            with room().work(person().id) as work:
                if work.answered(form.key) is None:
                    practice.note_contact(work, room().office, my_sites(), case_id, form.came(), form.back(house().operation.zone))
                    work.answer(form.key, str(case_id))
        except Refused as problem:
            form.form_errors = [*form.form_errors, problem.fix]
        else:
            flash(_("Noted: the time and what happened, nothing else."), "ok")
            return redirect(url_for("protection.letter", case_id=case_id))
    known = _look(case_id)
    zone, now = house().operation.zone, house().clock.now()
    reach = wording.reach(known.reach, has_phone=bool(known.card and known.card.phones), now=now, zone=zone)
    shown = render_template("protection/contact.html", form=form, known=known, reach=reach)
    return shown, 422 if form.is_submitted() else 200


@blueprint.route("/letters/<uuid:case_id>/decide", methods=["GET", "POST"])
@needs(Permission.CASE_WORK)
def decide(case_id: UUID) -> str | Response | tuple[str, int]:
    """Write down what was decided with the person."""
    known = _look(case_id)
    form = _keyed(DecideForm())
    form.offer(known, room().office)
    if form.validate_on_submit():
        try:
            stage = _decide(case_id, known, form)
        except Refused as problem:
            form.form_errors = [*form.form_errors, problem.fix]
        else:
            pass_on(person().id, _said_after(stage))
            return redirect(url_for("protection.letter", case_id=case_id))
    shown = render_template("protection/decide.html", form=form, known=known, slot_days=SLOT_DAYS, slot_times=SLOT_TIMES)
    return shown, 422 if form.is_submitted() else 200


@blueprint.route("/letters/<uuid:case_id>/second", methods=["GET", "POST"])
@needs(Permission.CASE_WORK)
def second(case_id: UUID) -> str | Response | tuple[str, int]:
    """The second officer's answer to a change of recipient."""
    form = _keyed(SecondForm())
    if form.validate_on_submit():
        try:
            with room().work(person().id) as work:
                if work.answered(form.key) is None:
                    stands_by = form.answer.data == "stand_by"
                    practice.sign(work, room().office, my_sites(), case_id, stands_by=stands_by)
                    work.answer(form.key, str(case_id))
        except Refused as problem:
            form.form_errors = [*form.form_errors, problem.fix]
        else:
            pass_on(person().id, _("Your answer is kept with the decision."))
            return redirect(url_for("protection.letter", case_id=case_id))
    known = _look(case_id)
    changes = wording.changes_words(known.decision.changes, known.card, room().office) if known.decision else []
    shown = render_template("protection/second.html", form=form, known=known, changes=changes)
    return shown, 422 if form.is_submitted() else 200


@blueprint.route("/letters/<uuid:case_id>/withdraw", methods=["GET", "POST"])
@needs(Permission.CASE_WORK)
def withdraw(case_id: UUID) -> str | Response | tuple[str, int]:
    """The person takes back what they said."""
    form = _keyed(WithdrawForm())
    if form.validate_on_submit():
        kept = form.plan.data == "keep"
        if kept and outbox.send(room(), person().id).left:
            form.form_errors = [*form.form_errors, _("try again in a while: what was arranged could not be sent yet, and would be lost")]
        else:
            with room().work(person().id) as work:
                practice.withdraw(work, my_sites(), case_id, plan_kept=kept)
            room().settle()
            return redirect(url_for("protection.withdrawn"))
    shown = render_template("protection/withdraw.html", form=form, known=_look(case_id))
    return shown, 422 if form.is_submitted() else 200


@blueprint.get("/withdrawn")
@needs(Permission.CASE_WORK)
def withdrawn() -> str:
    """What was said is gone."""
    return render_template("protection/withdrawn.html")


@blueprint.post("/letters/<uuid:case_id>/close")
@needs(Permission.CASE_WORK)
def close(case_id: UUID) -> Response:
    """End a case."""
    with room().work(person().id) as work:
        practice.close(work, my_sites(), case_id)
    flash(_("Closed."), "ok")
    return redirect(url_for("protection.today"))


def _decide(case_id: UUID, known: cases.Dossier, form: DecideForm) -> Stage:
    ruling = form.ruling()
    _refuse_impossible(known, ruling)
    with room().work(person().id) as work:
        if work.answered(form.key) is not None:
            return cases.dossier(work, room().office, cases.the_case(work, my_sites(), case_id)).state.stage
        stage = practice.decide(work, room().office, my_sites(), case_id, ruling)
        work.answer(form.key, str(case_id))
    return stage


def _refuse_impossible(known: cases.Dossier, ruling: Ruling) -> None:
    # Asked before the decision is written down, so that what the office refuses can still be changed with the person.
    if ruling.changes and ruling.agreed:
        office.check_arrangement(room().settings, household_id=known.about.household_id, changes=ruling.changes)


def _said_after(stage: Stage) -> str:
    if stage is Stage.SECOND:
        return _("Written down. Another officer is asked to stand by the change of recipient.")
    return _("Written down. A change is published like every other, at the next publishing.")


def _look(case_id: UUID) -> cases.Dossier:
    with room().read() as reading:
        return cases.dossier(reading, room().office, cases.the_case(reading, my_sites(), case_id))


def _around(waiting: list[UUID], case_id: UUID) -> tuple[UUID | None, UUID | None]:
    """The letters before and after this one, by decide-by."""
    if case_id not in waiting:
        return None, None
    place = waiting.index(case_id)
    return (waiting[place - 1] if place else None), (waiting[place + 1] if place + 1 < len(waiting) else None)


def _keyed(form: _F) -> _F:
    if not form.client_key.data:
        form.client_key.data = str(uuid4())
    return form
