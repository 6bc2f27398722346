"""One household: its story, and the pages that change it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.errors import NotThere, Refused, SomebodyWasFirst
from cbi.people import aspects, correction, lists, merging, undoing
from cbi.people.contact import mask, show_phone
from cbi.people.forms import HouseholdForm
from cbi.people.forms_changes import AccountForm, ConsentForm
from cbi.people.lives_homes import closed_into
from cbi.people.lives_papers import identified
from cbi.people.registered import Registered, open_household
from cbi.people.spoken import consent_texts, consent_version, six_questions
from cbi.people.story_words import field_words
from cbi.people.tables import Household, HouseholdStatus, ReviewReason
from cbi.people.tables_lives import ChangeKind, Means
from cbi.people.told import story
from cbi.people.views import blueprint
from cbi.people.words import REVIEWS, WORDS
from cbi.people.words_lives import MEANS, OTHER_SIDE
from cbi.staff.service import names_of
from cbi.web.guard import carried, needs
from cbi.web.house import actor, house, person, records
from cbi.web.listing import listing_args
from cbi.web.words import _

STORY_LINES = 25


@blueprint.get("/households/<uuid:household_id>")
@needs(P.PERSON_READ)
def household(household_id: UUID) -> str:
    """Who they are, who collects, what was agreed, and what happened since."""
    with records().read() as reading:
        kept = open_household(reading, household_id)
        told = story(reading, kept, person().rights, listing_args(request.args, sorts=("when",), size=STORY_LINES))
        names = names_of(reading, {one.by for one in told.rows if one.by})
        known = identified(reading, household_id)
        joined = closed_into(reading, household_id)
        closing = merging.closing_of(reading, household_id)
        waits = undoing.unconfirmed(reading, household_id)
        panels = [panel for source in house().beside for panel in source(reading, person(), household_id)]
        into = reading.session.get(Household, joined.household_id) if joined else None
    return render_template(
        "people/household.html",
        kept=kept,
        story=told,
        names=names,
        known=known,
        known_counts=known is not None and known.until is not None and known.until >= house().clock.today(house().operation.zone),
        known_means=MEANS[Means(known.detail.split()[0])] if known else "",
        into=into,
        joined_words=OTHER_SIDE[ChangeKind.JOINED],
        closing=closing,
        payee_waits=waits,
        words=WORDS,
        reviews=REVIEWS,
        born_words=aspects.born_words,
        mask=mask,
        show_phone=show_phone,
        version=consent_version(),
        texts=consent_texts(),
        duplicate=ReviewReason.DUPLICATE,
        panels=panels,
    )


@blueprint.get("/households/<uuid:household_id>/correct")
@needs(P.PERSON_REGISTER)
def correct_form(household_id: UUID) -> str:
    """The form as registered, for putting right."""
    with records().read() as reading:
        kept = open_household(reading, household_id)
    if kept.status is HouseholdStatus.MERGED:
        raise NotThere
    typed = carried()
    if typed:
        return _form_page(HouseholdForm(formdata=MultiDict([(name, value) for name, values in typed.items() for value in values])), kept)
    form = HouseholdForm(formdata=None)
    form.fill(kept.told, kept.member_ids, kept.version)
    return _form_page(form, kept)


@blueprint.post("/households/<uuid:household_id>/correct")
@needs(P.PERSON_REGISTER, carry=True)
def correct_household(household_id: UUID) -> str | Response | tuple[str, int]:
    """Save what changed; what somebody else changed meanwhile is never overwritten."""
    with records().read() as reading:
        kept = open_household(reading, household_id)
    if kept.status is HouseholdStatus.MERGED:
        raise NotThere
    form = HouseholdForm()
    if "add_line" in request.form:
        form.add_lines(1)
        return _form_page(form, kept)
    _offer(form)
    form.consent.data, form.consent_language.data = kept.told.consent.value, kept.told.consent_language
    valid = form.validate()
    people = dict(zip(kept.member_ids, kept.told.members, strict=True))
    read = form.read(house().clock.today(house().operation.zone), house().operation.country, kept=people, head_id=kept.member_ids[0])
    if not valid or read is None:
        return _form_page(form, kept), 422
    told = replace(read.told, phones=_phones(read.told.phones, kept.told.phones), language=kept.told.language)
    try:
        with records().work(actor()) as work:
            changed = correction.correct(work, household_id, told, read.lines, seen_version=form.seen_version)
            waits = bool(changed) and undoing.unconfirmed(work, household_id)
    except Refused as problem:
        if isinstance(problem, NotThere):
            raise
        form.form_errors = [problem.fix]
        return _form_page(form, kept), 409 if isinstance(problem, SomebodyWasFirst) else 422
    flash(
        _("Corrected: %(fields)s.", fields=", ".join(field_words(code) for code in changed)) if changed else _("Nothing was different."),
        "ok",
    )
    if waits:
        flash(_("Written down. Who receives is confirmed by a second person, and counts three days after."), "ok")
    return redirect(url_for("people.household", household_id=household_id))


@blueprint.route("/households/<uuid:household_id>/account", methods=["GET", "POST"])
@needs(P.PERSON_REGISTER)
def account(household_id: UUID) -> str | Response | tuple[str, int]:
    """Where the household is paid when not in cash."""
    with records().read() as reading:
        kept = open_household(reading, household_id)
    form = AccountForm()
    if request.method == "POST":
        valid = form.validate()
        wanted = form.read(house().operation.country)
        if not valid or form.errors:
            return render_template("people/account.html", form=form, kept=kept, mask=mask, words=WORDS), 422
        with records().work(actor()) as work:
            correction.change_account(work, household_id, wanted)
        flash(_("Kept. It is used from the next payment list on, 72 hours from now at the earliest."), "ok")
        return redirect(url_for("people.household", household_id=household_id))
    return render_template("people/account.html", form=form, kept=kept, mask=mask, words=WORDS)


@blueprint.route("/households/<uuid:household_id>/consent", methods=["GET", "POST"])
@needs(P.PERSON_REGISTER)
def consent(household_id: UUID) -> str | Response | tuple[str, int]:
    """Read the text again and keep the answer, or take the consent back."""
    with records().read() as reading:
        kept = open_household(reading, household_id)
    form = ConsentForm(language=kept.told.consent_language)
    if request.method == "POST":
        if not form.validate():
            return _consent_page(form, kept), 422
        with records().work(actor()) as work:
            if form.withdraws:
                correction.withdraw_consent(work, household_id)
            else:
                version = consent_texts()[form.language.data].version
                correction.take_consent(work, household_id, form.consent, version=version, language=form.language.data)
        flash(_("Kept, with today’s date."), "ok")
        return redirect(url_for("people.household", household_id=household_id))
    return _consent_page(form, kept)


def _consent_page(form: ConsentForm, kept: Registered) -> str:
    text = consent_texts().get(form.language.data or "", consent_texts()["en"])
    return render_template("people/consent.html", form=form, kept=kept, text=text, words=WORDS, texts=consent_texts())


def _form_page(form: HouseholdForm, kept: Registered) -> str:
    _offer(form)
    blank = HouseholdForm(formdata=None)
    blank.members.append_entry()
    return render_template("people/correct.html", form=form, kept=kept, blank=blank.members[0], six=six_questions())


def _offer(form: HouseholdForm) -> None:
    with records().read() as reading:
        form.prepare(lists.site_choices(reading))


def _phones(typed: tuple[str, ...], kept: tuple[str, ...]) -> tuple[str, ...]:
    """The phone of the form, then those it does not show."""
    return tuple(dict.fromkeys((*typed, *kept[1:])))
