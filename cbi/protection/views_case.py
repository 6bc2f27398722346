"""One letter: read it, reach the person, decide with them, ask a second officer, let go."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import flash, redirect, render_template, url_for

from cbi.access import Permission
from cbi.errors import Refused
from cbi.protection import cases, handovers, office, outbox, outgoing, practice, wording, wording_outgoing
from cbi.protection.closing import Again, Ending, endings
from cbi.protection.dossier import Stage
from cbi.protection.forms import SLOT_DAYS, SLOT_TIMES, ContactForm, DecideForm, PlainPost, SecondForm, WithdrawForm
from cbi.protection.history import Choice, Decided
from cbi.protection.outgoing import ReferralRecord
from cbi.protection.practice import Ruling
from cbi.protection.views import blueprint, my_sites, pass_on, room
from cbi.web.again import Answer, form_page
from cbi.web.guard import needs
from cbi.web.house import house, person
from cbi.web.words import _

_HANDED = frozenset({Stage.PSEA_HANDOVER, Stage.CP_HANDOVER})
_NO_WORK = frozenset({Stage.SECOND, Stage.CLOSED}) | _HANDED


@blueprint.get("/letters/<uuid:case_id>")
@needs(Permission.LETTER_OPEN)
def letter(case_id: UUID) -> str:
    """Read a letter. That it was read is written into the room's log."""
    with room().work(person().id) as work:
        cases.open_case(work, room().office, my_sites(), case_id)
    with room().read() as reading:
        known = cases.dossier(reading, room().office, cases.the_case(reading, my_sites(), case_id))
        around = _around([line.id for line in cases.waiting(reading, room().office, my_sites())], case_id)
        referrals = outgoing.referrals_of(reading, case_id)
        handed = handovers.passed_on(reading, case_id)
        may_close = known.state.stage is not Stage.CLOSED and bool(endings(reading, room().office, known))
    zone, now = house().operation.zone, house().clock.now()
    decision, stage = known.decision, known.state.stage
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
        ordinary=wording.ordinary(room().office, known.about.site_id),
        where=wording.stage_words(stage),
        ended=wording_outgoing.ENDINGS[Ending(known.state.ended)] if known.state.ended else "",
        reopened=wording_outgoing.AGAIN[Again(known.state.reopened)] if known.state.reopened else "",
        referrals=[(one, wording_outgoing.referral_where(one), wording_outgoing.answer_by(one, zone, now)) for one in referrals],
        to_write=_to_write(decision, referrals),
        handed=[(one, wording_outgoing.FOCAL[one.track]) for one in handed],
        mine=known.state.holder in (None, person().id),
        offered_to_me=known.state.offered_to == person().id,
        is_lead=person().may(Permission.OFFICERS_KEEP),
        closed=stage is Stage.CLOSED,
        handed_over=stage in _HANDED,
        may_sign=stage is Stage.SECOND and decision is not None and decision.by_id != person().id,
        may_decide=known.was_reached and stage not in _NO_WORK,
        may_contact=stage not in _NO_WORK,
        may_close=may_close,
        form=PlainPost(),
    )


@blueprint.route("/letters/<uuid:case_id>/contact", methods=["GET", "POST"])
@needs(Permission.CASE_WORK)
def contact(case_id: UUID) -> Answer:
    """Note that somebody tried: the time and a word, nothing else."""
    known = look(case_id)
    form = ContactForm().begin(known.state.revision)
    zone, now = house().operation.zone, house().clock.now()
    reach = wording.reach(known.reach, has_phone=bool(known.card and known.card.phones), now=now, zone=zone)

    def act() -> Answer:
        with room().work(person().id) as work:
            if work.answered(form.key) is None:
                practice.note_contact(work, room().office, my_sites(), case_id, form.came(), form.back(zone), revision=form.seen)
                work.answer(form.key, str(case_id))
        flash(_("Noted: the time and what happened, nothing else."), "ok")
        return redirect(url_for("protection.letter", case_id=case_id))

    return form_page(form, act, lambda status: (render_template("protection/contact.html", form=form, known=known, reach=reach), status))


@blueprint.route("/letters/<uuid:case_id>/decide", methods=["GET", "POST"])
@needs(Permission.CASE_WORK)
def decide(case_id: UUID) -> Answer:
    """Write down what was decided with the person."""
    known = look(case_id)
    form = DecideForm().begin(known.state.revision)
    form.offer(known, room().office)

    def act() -> Answer:
        pass_on(person().id, _said_after(_decide(case_id, known, form), form.choice.data))
        return redirect(_after(case_id, form))

    def page(status: int) -> Answer:
        shown = render_template(
            "protection/decide.html",
            form=form,
            known=known,
            slot_days=SLOT_DAYS,
            slot_times=SLOT_TIMES,
            ordinary=wording.ordinary(room().office, known.about.site_id),
        )
        return shown, status

    return form_page(form, act, page)


@blueprint.route("/letters/<uuid:case_id>/second", methods=["GET", "POST"])
@needs(Permission.CASE_WORK)
def second(case_id: UUID) -> Answer:
    """The second officer's answer to a change of who is paid."""
    known = look(case_id)
    form = SecondForm().begin(known.state.revision)

    def act() -> Answer:
        with room().work(person().id) as work:
            if work.answered(form.key) is None:
                stands_by = form.answer.data == "stand_by"
                practice.sign(work, room().office, my_sites(), case_id, stands_by=stands_by, revision=form.seen)
                work.answer(form.key, str(case_id))
        pass_on(person().id, _("Your answer is kept with the decision."))
        return redirect(url_for("protection.letter", case_id=case_id))

    def page(status: int) -> Answer:
        shown = render_template(
            "protection/second.html",
            form=form,
            known=known,
            changes=wording.changes_words(known.decision.changes, known.card, room().office) if known.decision else [],
            registered=wording.registered_recipient(known.card),
            ordinary=wording.ordinary(room().office, known.about.site_id),
        )
        return shown, status

    return form_page(form, act, page)


@blueprint.route("/letters/<uuid:case_id>/withdraw", methods=["GET", "POST"])
@needs(Permission.CASE_WORK)
def withdraw(case_id: UUID) -> Answer:
    """The person takes back what they said."""
    form = WithdrawForm().begin()

    def act() -> Answer:
        kept = form.plan.data == "keep"
        if kept and outbox.send(room(), person().id).left:
            raise Refused(_("try again in a while: what was arranged could not be sent yet, and would be lost"))
        with room().work(person().id) as work:
            practice.withdraw(work, my_sites(), case_id, room().keys, plan_kept=kept)
        room().settle()
        return redirect(url_for("protection.withdrawn"))

    return form_page(form, act, lambda status: (render_template("protection/withdraw.html", form=form, known=look(case_id)), status))


@blueprint.get("/withdrawn")
@needs(Permission.CASE_WORK)
def withdrawn() -> str:
    """What was said is gone."""
    return render_template("protection/withdrawn.html")


def look(case_id: UUID) -> cases.Dossier:
    """A case as it stands now. Raises NotThere for those of other sites."""
    with room().read() as reading:
        return cases.dossier(reading, room().office, cases.the_case(reading, my_sites(), case_id))


def _decide(case_id: UUID, known: cases.Dossier, form: DecideForm) -> Stage:
    ruling = form.ruling()
    _refuse_impossible(known, ruling)
    with room().work(person().id) as work:
        if work.answered(form.key) is not None:
            return cases.dossier(work, room().office, cases.the_case(work, my_sites(), case_id)).state.stage
        stage = practice.decide(work, room().office, my_sites(), case_id, ruling, revision=form.seen)
        work.answer(form.key, str(case_id))
    return stage


def _refuse_impossible(known: cases.Dossier, ruling: Ruling) -> None:
    # Asked before the decision is written down, so that what the office refuses can still be changed with the person.
    if ruling.changes and ruling.agreed:
        office.check_arrangement(room().settings, household_id=known.about.household_id, changes=ruling.changes)


def _to_write(decision: Decided | None, referrals: Sequence[ReferralRecord]) -> UUID | None:
    """The service that was decided and to which no referral was written since; None when there is none."""
    if decision is None or decision.choice is not Choice.REFER:
        return None
    written = any(one.service_id == decision.service_id and one.made_at >= decision.at for one in referrals)
    return None if written else decision.service_id


def _after(case_id: UUID, form: DecideForm) -> str:
    """Where a decision leads: to the referral when the person wishes to be brought to a service, else back to the letter."""
    if form.choice.data == Choice.REFER.value:
        return url_for("protection.referral_new", case_id=case_id, service=form.service.data)
    return url_for("protection.letter", case_id=case_id)


def _said_after(stage: Stage, choice: str) -> str:
    if stage is Stage.SECOND:
        return _("Written down. Another officer is asked to stand by the change of who is paid.")
    if choice != Choice.CHANGE.value:
        return _("Saved.")
    return _("Written down. A change is published like every other, at the next publishing.")


def _around(waiting: list[UUID], case_id: UUID) -> tuple[UUID | None, UUID | None]:
    """The letters before and after this one, by decide-by."""
    if case_id not in waiting:
        return None, None
    place = waiting.index(case_id)
    return (waiting[place - 1] if place else None), (waiting[place + 1] if place + 1 < len(waiting) else None)
