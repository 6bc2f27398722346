"""The three pages of a visit. The first keeps nothing, the second seals and forgets, the third is an ordinary request."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

import screening
from cbi.access import Permission
from cbi.checks import box, choices, gate
from cbi.checks.consent import Consent, consent_text, languages
from cbi.checks.forms import FACE, BeforeForm, ChoicesForm, before_form, choices_form, page_order, question_fields
from cbi.checks.limits import reporting_text
from cbi.checks.passing import pass_word, passes
from cbi.checks.views import blueprint
from cbi.checks.visits import Visit, visit
from cbi.checks.words import DAY_WORDS, SEX_ON_FILE, TIME_WORDS, WAYS, person_words, planned_words
from cbi.errors import NotThere, Refused
from cbi.people.registered import open_household
from cbi.sites.instrument import current, version_of
from cbi.sites.service import all_sites
from cbi.staff.tables import Staff
from cbi.store.work import Reading
from cbi.transfers.inbox import next_slot
from cbi.web.forms import key_of
from cbi.web.guard import needs
from cbi.web.house import actor, person, records
from cbi.web.locale import language
from cbi.web.words import _
from screening.instrument import Item

Answer = str | Response | tuple[str, int]
CONFLICT, UNFIT = 409, 422


@blueprint.route("/visits/<uuid:household_id>/before", methods=["GET", "POST"])
@needs(Permission.CHECK_ASK, come_back=False)
def before(household_id: UUID) -> Answer:
    """Six lines read aloud or answered. Whatever is said, the same button goes on; a stop leads to the delivery choices."""
    with records().read() as reading:
        here = visit(reading, household_id)
        opening = gate.look(reading, here.site_id, person().id)
        consent = _read_aloud(here)
        limits, sex, instrument = reporting_text(reading, consent.language), _sex_on_file(reading), current(reading, language())
    if not opening.open:
        return _closed(here, opening.reasons)
    form = before_form(instrument.session_gates, [(one.position, person_words(one)) for one in here.adults])
    if not here.adults or (request.method == "POST" and _stops(instrument, form, sex)):
        return redirect(url_for("checks.delivery_choices", household_id=household_id), 303)
    if form.validate_on_submit() and form.who.data:
        return redirect(_private_url(here, int(form.who.data)), 303)
    if request.method == "POST":
        form.who.errors = [_("choose who answers")]
    page = render_template("checks/before.html", form=form, visit=here, consent=consent, spoken=languages(), limits=limits)
    return page, UNFIT if request.method == "POST" else 200


@blueprint.get("/visits/<uuid:household_id>/page/<int:position>/<word>")
@needs(Permission.CHECK_ASK, come_back=False)
def private_page(household_id: UUID, position: int, word: str) -> Answer:
    """The private questions, all on one page. Drawing it counts one opened page; that is all that is kept."""
    with records().work(actor()) as work:
        here = visit(work, household_id)
        if not _may_answer(work, here, position, word):
            return _closed(here, (_("begin with the page “Before we start”"),))
        opening = gate.open_page(work, here.site_id, person().id)
        key, instrument = work.new_id("checks.form"), current(work, language())
    if not opening.open:
        return _closed(here, opening.reasons)
    items = screening.items_for_page(instrument, "private", here.facts)
    again = next(one.wording for one in instrument.session_gates if one.id == "G01")
    return render_template(
        "checks/private.html",
        visit=here,
        questions=[(item, screening.fixed_form(item)) for item in items],
        again=again,
        key=key,
        version=instrument.version,
    )


@blueprint.post("/visits/<uuid:household_id>/page/<int:position>/<word>")
@needs(Permission.CHECK_ASK, come_back=False)
def send_private_page(household_id: UUID, position: int, word: str) -> Answer:
    """Seal what was told, forget it, and go on: the same answer whatever it was."""
    with records().work(actor()) as work:
        here = visit(work, household_id)
        told_by = here.adult(position)
        if told_by is None or not _may_answer(work, here, position, word):
            return _closed(here, (_("begin with the page “Before we start”"),))
        opening = gate.still_open(work, here.site_id, person().id)
        if not opening.open:
            return _closed(here, opening.reasons)
        instrument = version_of(work, request.form.get("version", ""))
        items = screening.items_for_page(instrument, "private", here.facts)
        box.put_private(
            work,
            here,
            member_id=told_by.id,
            answers=box.readable(items, request.form),
            consent=_read_aloud(here),
            key=key_of(request.form.get("client_key", "")),
            instrument=instrument,
        )
    return redirect(url_for("checks.delivery_choices", household_id=household_id), 303)


@blueprint.route("/visits/<uuid:household_id>/choices", methods=["GET", "POST"])
@needs(Permission.CHOICES_ASK)
def delivery_choices(household_id: UUID) -> Answer:
    """What every household is asked. What is ticked becomes an ordinary request."""
    with records().read() as reading:
        here = visit(reading, household_id)
        items = page_order(screening.items_for_page(current(reading, language()), "choices", here.facts))
        form = _choices_form(reading, here, items)
    if form.validate_on_submit():
        try:
            _save(form, items, household_id)
        except NotThere:
            raise
        except Refused as refusal:
            form.form_errors.append(refusal.fix)
        else:
            return redirect(url_for("checks.choices_saved", household_id=household_id), 303)
    page = render_template(
        "checks/choices.html",
        visit=here,
        form=form,
        questions=question_fields(form, items),
        alone={option.id for item in items for option in item.options if option.exclusive},
        days=DAY_WORDS,
        times=TIME_WORDS,
    )
    return page, UNFIT if form.errors else 200


@blueprint.get("/visits/<uuid:household_id>/saved")
@needs(Permission.CHOICES_ASK)
def choices_saved(household_id: UUID) -> str:
    """The same words after every visit."""
    with records().read() as reading:
        here, slot = visit(reading, household_id), next_slot(reading)
    return render_template("checks/saved.html", visit=here, slot=slot)


def _save(form: ChoicesForm, items: Sequence[Item], household_id: UUID) -> None:
    chosen, key, agreed = form.chosen(items), form.key(), form.agreed.data == "yes"
    with records().work(actor()) as work:
        here = visit(work, household_id)
        changes = choices.changes_of(chosen, here.arranged, offered=here.offered, planned=here.mechanism)
        if changes and not form.agreed.data:
            raise Refused(_("answer the last question: nothing changes without the recipient's agreement"))
        if agreed:
            choices.propose(work, here, changes, key=key)
        answers, wishes = choices.answers_of(chosen), choices.wishes_of(changes)
        box.put_choices(work, here, answers=answers, hours=chosen.hours, wishes=wishes, agreed=agreed, key=key)


def _choices_form(reading: Reading, here: Visit, items: Sequence[Item]) -> ChoicesForm:
    told = open_household(reading, here.household_id)
    names = dict(zip(told.member_ids, (member.name for member in told.told.members), strict=True))
    ways = [(way.value, str(WAYS[way])) for way in here.offered if way.value != here.mechanism]
    places = [(str(site.id), site.name) for site in all_sites(reading) if site.id != here.site_id]
    return choices_form(
        items,
        words={item.id: item.words(planned_words(here.mechanism)) for item in items},
        ways=ways,
        places=[(choices.AS_PLANNED, _("%(place)s, as planned", place=here.site_name)), *places],
        members=[(str(one.id), names[one.id]) for one in here.adults if one.id != here.recipient_id],
        key=records().ids.new("checks.form"),
    )


def _stops(instrument: screening.Instrument, form: BeforeForm, sex: str | None) -> bool:
    """Whether a line stops the talk; one without an answer does. By phone only the delivery choices are asked."""
    return form.where.data != FACE or bool(screening.session_stops(instrument, form.answers(), sex))


def _sex_on_file(reading: Reading) -> str | None:
    staff = reading.session.get(Staff, person().id)
    return SEX_ON_FILE.get(staff.sex) if staff else None


def _may_answer(reading: Reading, here: Visit, position: int, word: str) -> bool:
    given = passes(word, _secret(), household_id=here.household_id, position=position, staff_id=person().id, day=reading.today)
    return given and here.adult(position) is not None


def _private_url(here: Visit, position: int) -> str:
    with records().read() as reading:
        word = pass_word(_secret(), household_id=here.household_id, position=position, staff_id=person().id, day=reading.today)
    url = url_for("checks.private_page", household_id=here.household_id, position=position, word=word)
    read = request.args.get("read", "")
    return f"{url}?read={read}" if read in dict(languages()) else url


def _read_aloud(here: Visit) -> Consent:
    """The text that is read to this household: in the language chosen on the first page, else in its own, else in the reader's."""
    there = dict(languages())
    wanted = (request.args.get("read", ""), here.language, language())
    return consent_text(next((one for one in wanted if one in there), "en"))


def _secret() -> bytes:
    secret = current_app.secret_key
    return secret.encode() if isinstance(secret, str) else secret or b""


def _closed(here: Visit, reasons: Sequence[str]) -> tuple[str, int]:
    return render_template("checks/closed.html", visit=here, reasons=reasons), CONFLICT
