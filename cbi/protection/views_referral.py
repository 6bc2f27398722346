"""Referrals: written with the person's word, followed until the service answers, and the only paper that leaves."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cbi.access import Permission
from cbi.errors import NotThere
from cbi.protection import packet as packets
from cbi.protection import referrals, wording_outgoing
from cbi.protection.forms import SLOT_DAYS, SLOT_TIMES, SecondForm
from cbi.protection.forms_outgoing import LockedPaperForm, ReferralAnswerForm, ReferralForm, WithoutConsentForm
from cbi.protection.history import officer_name
from cbi.protection.outgoing import ANSWER_IN, ANSWER_IN_URGENT, Consent, ReferralRecord, Urgency
from cbi.protection.packet import Packet
from cbi.protection.views import blueprint, my_sites, room
from cbi.protection.views_case import look
from cbi.web.again import Answer, form_page
from cbi.web.filters import day as day_words
from cbi.web.guard import needs
from cbi.web.house import house, person
from cbi.web.locale import direction, language
from cbi.web.paper import Note, Paper
from cbi.web.words import _


@blueprint.route("/letters/<uuid:case_id>/referral", methods=["GET", "POST"])
@needs(Permission.CASE_WORK)
def referral_new(case_id: UUID) -> Answer:
    """Bring the person to a service, or note that they took the information only."""
    return _write(case_id, ReferralForm(), "protection/referral_new.html")


@blueprint.route("/letters/<uuid:case_id>/without-consent", methods=["GET", "POST"])
@needs(Permission.CASE_WORK)
def referral_without(case_id: UUID) -> Answer:
    """The exception: danger to life, a child's best interests, or the law. Another officer stands by it first."""
    return _write(case_id, WithoutConsentForm(), "protection/referral_without.html")


@blueprint.route("/cases/referrals/<uuid:referral_id>", methods=["GET", "POST"])
@needs(Permission.CASE_WORK)
def referral(referral_id: UUID) -> Answer:
    """One referral, and what became of it."""
    with room().work(person().id) as work:
        record = referrals.open_referral(work, my_sites(), referral_id)
        by = officer_name(work, record.by_id)
    form = ReferralAnswerForm().begin()
    form.offer()

    def act() -> Answer:
        with room().work(person().id) as work:
            if work.answered(form.key) is None:
                referrals.answered(work, my_sites(), referral_id, form.came(), rejected=form.why(), satisfied=form.content())
                work.answer(form.key, str(referral_id))
        flash(_said_after(form), "ok")
        return redirect(url_for("protection.referral", referral_id=referral_id))

    return form_page(form, act, lambda status: (render_template("protection/referral.html", form=form, **_facts_of(record), by=by), status))


@blueprint.route("/cases/referrals/<uuid:referral_id>/second", methods=["GET", "POST"])
@needs(Permission.CASE_WORK)
def referral_second(referral_id: UUID) -> Answer:
    """The second officer's answer to a referral without consent."""
    with room().read() as reading:
        _row, record = referrals.the_referral(reading, my_sites(), referral_id)
        by = officer_name(reading, record.by_id)
    if not record.waits_for_second:
        raise NotThere
    form = SecondForm().begin()

    def act() -> Answer:
        with room().work(person().id) as work:
            referrals.sign(work, my_sites(), referral_id, stands_by=form.answer.data == "stand_by")
        flash(_("Your answer is kept with the referral."), "ok")
        return redirect(url_for("protection.referral", referral_id=referral_id))

    return form_page(
        form, act, lambda status: (render_template("protection/referral_second.html", form=form, **_facts_of(record), by=by), status)
    )


@blueprint.get("/cases/referrals/<uuid:referral_id>/paper")
@needs(Permission.CASE_WORK)
def referral_paper(referral_id: UUID) -> str:
    """The page to print for the service: what the person agreed to, and nothing else."""
    made = _packet(referral_id)
    lines = wording_outgoing.packet_words(made, day_words(made.made_on))
    return render_template("protection/referral_paper.html", lines=lines, sentences=_sentences(made), referral_id=referral_id)


@blueprint.route("/cases/referrals/<uuid:referral_id>/locked", methods=["GET", "POST"])
@needs(Permission.CASE_WORK)
def referral_locked(referral_id: UUID) -> Answer:
    """The same paper as a file that opens with a key only; the key is said by telephone and kept nowhere."""
    form = LockedPaperForm()
    with room().read() as reading:
        _row, record = referrals.the_referral(reading, my_sites(), referral_id)
    if not record.may_leave:
        raise NotThere
    if form.validate_on_submit() and form.shown():
        made = _packet(referral_id)
        answer = Response(packets.locked_paper(_paper(made), form.shown()), mimetype="application/pdf")
        answer.headers["Content-Disposition"] = f'attachment; filename="paper-{made.ref_no}.pdf"'
        return answer
    if form.is_submitted():
        form.form_errors = [*form.form_errors, _("use the key as the page shows it now")]
    form.paper_key.data = packets.new_key()
    shown = render_template("protection/referral_locked.html", form=form, record=record)
    return shown, 422 if form.is_submitted() else 200


def _write(case_id: UUID, form: ReferralForm, template: str) -> Answer:
    known = look(case_id)
    form.begin(known.state.revision)
    form.offer(known, room().office)
    if not form.is_submitted() and request.args.get("service"):
        form.service.data = request.args["service"]

    def act() -> Answer:
        return redirect(url_for("protection.referral", referral_id=_written(case_id, form)))

    def page(status: int) -> Answer:
        return render_template(template, form=form, known=known, slot_days=SLOT_DAYS, slot_times=SLOT_TIMES), status

    return form_page(form, act, page)


def _written(case_id: UUID, form: ReferralForm) -> UUID:
    with room().work(person().id) as work:
        before = work.answered(form.key)
        if before is not None:
            return UUID(before)
        made = referrals.write(work, room().office, my_sites(), case_id, form.wish(), form.seen)
        work.answer(form.key, str(made))
    return made


def _packet(referral_id: UUID) -> Packet:
    with room().work(person().id) as work:
        return referrals.take_packet(work, room().office, my_sites(), referral_id)


def _paper(made: Packet) -> Paper:
    return Paper(
        title=_("Referral %(number)s", number=made.ref_no),
        office=house().operation.name,
        facts=tuple(wording_outgoing.packet_words(made, day_words(made.made_on))),
        parts=(Note(_sentences(made)),),
        sign=(),
        sign_words=(),
        mark=None,
        page_words=_("page {page} of {pages}"),
        made_at=house().clock.now(),
        language=language(),
        right_to_left=direction() == "rtl",
    )


def _sentences(made: Packet) -> tuple[str, ...]:
    hours = (ANSWER_IN_URGENT if made.urgency is Urgency.URGENT else ANSWER_IN) // timedelta(hours=1)
    return (
        _("This is all we were asked to tell. Please ask the person only for what you need."),
        _("Please tell us within %(hours)s hours whether you take them, by this number and without a name.", hours=hours),
        _("Leave no message with anybody else. Keep this paper locked, and destroy it when you no longer need it."),
    )


def _facts_of(record: ReferralRecord) -> dict[str, object]:
    zone, now = house().operation.zone, house().clock.now()
    service = next((one for one in room().office.directory if one.id == record.service_id), None)
    return {
        "record": record,
        "where": wording_outgoing.referral_where(record),
        "answer_by": wording_outgoing.answer_by(record, zone, now),
        "service": service,
        "made_on": record.made_at.astimezone(ZoneInfo(zone)).date(),
        "kind": wording_outgoing.kind_words(record.kind),
        "urgency": wording_outgoing.URGENCIES[record.urgency],
        "way": wording_outgoing.WAYS[record.way],
        "consent": wording_outgoing.CONSENTS[record.consent],
        "consent_by": wording_outgoing.CONSENT_BY[record.consent_by],
        "given": record.consent is Consent.GIVEN,
        "scope": wording_outgoing.scope_words(record),
        "ground": wording_outgoing.GROUNDS[record.ground] if record.ground else "",
        "was_told": wording_outgoing.WAS_TOLD[record.told] if record.told else "",
        "rejected": wording_outgoing.REJECTIONS[record.rejected] if record.rejected else "",
        "satisfied": wording_outgoing.SATISFIED[record.satisfied] if record.satisfied else "",
        "may_sign": record.waits_for_second and record.by_id != person().id,
    }


def _said_after(form: ReferralAnswerForm) -> str:
    if form.status.data == "revoked":
        return _("Taken back. Ring the service and ask it to destroy the paper; nothing more can be printed here.")
    return _("Noted.")
