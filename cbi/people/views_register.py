"""Registering a household: the form, the look at who may already be registered, and what is shown when it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.errors import NotThere, Refused
from cbi.people import aspects, duplicates, lists
from cbi.people.forms import BLANK_LINES, HouseholdForm, Read
from cbi.people.forms_alike import AnswerForm
from cbi.people.forms_people import say
from cbi.people.forms_sketch import sketch as sketch_of
from cbi.people.registered import open_household
from cbi.people.service import KnownSite, register_at, registered_before, site_of
from cbi.people.spoken import consent_texts, six_questions
from cbi.people.tables import Likeness as Answer
from cbi.people.tables import ReviewReason
from cbi.people.views import blueprint
from cbi.people.words import WORDS
from cbi.web.forms import key_of, new_key
from cbi.web.guard import carried, needs
from cbi.web.house import actor, house, person, records
from cbi.web.words import _


@dataclass(frozen=True, slots=True)
class _Asked:
    """A registered household nobody has answered about yet. number: the first of `of` that wait."""

    alike: duplicates.LookAlike
    number: int
    of: int
    changed: bool


@blueprint.get("/households/new")
@needs(P.PERSON_REGISTER)
def register_form() -> str:
    """An empty form, the place kept from the household before; or the one typed before the session went idle."""
    typed = carried()
    form = HouseholdForm(formdata=MultiDict([(name, value) for name, values in typed.items() for value in values]) if typed else None)
    if not typed:
        form.client_key.data = new_key()
        _keep_place(form)
        form.add_lines(BLANK_LINES)
    return _form_page(form)


@blueprint.post("/households/new")
@needs(P.PERSON_REGISTER, carry=True)
def register_household() -> str | Response | tuple[str, int]:
    """Save the household, once however often it is sent; first ask about those it looks like."""
    form = HouseholdForm()
    if "add_line" in request.form:
        form.add_lines(1)
        return _form_page(form)
    if "back" in request.form:
        return _form_page(form)
    valid = form.validate()
    read = form.read(_today(), house().operation.country)
    key = key_of(form.client_key.data)
    if key is None:
        form.client_key.data = new_key()
        form.form_errors = [_("send it once more: the page was not whole")]
    if not valid or read is None or key is None:
        return _form_page(form), 422
    try:
        return _save(read, key)
    except NotThere:  # the one thing that is looked up for the form itself
        say(form.site, _("choose a site"))
    except Refused as problem:
        form.form_errors = [problem.fix]
    return _form_page(form), 422


@blueprint.post("/households/new/looks")
@needs(P.PERSON_REGISTER)
def looks() -> str:
    """What we see while somebody types: who it looks like, how a phone or birth was read. A piece of a page."""
    form = HouseholdForm()
    with records().read() as reading:
        sketch = sketch_of(form, reading.today, house().operation.country)
        found = duplicates.look_alikes(reading, sketch.told, most=3) if sketch.told else []
        shared = duplicates.sharing(reading, sketch.phone) if sketch.phone else 0
    return render_template("people/looks.html", sketch=sketch, found=found, why=aspects.why, shared=shared)


@blueprint.get("/households/<uuid:household_id>/saved")
@needs(P.PERSON_REGISTER)
def saved(household_id: UUID) -> str:
    """The number, large, to write on the card; and the next form."""
    with records().read() as reading:
        kept = open_household(reading, household_id)
        panels = [panel for source in house().beside for panel in source(reading, person(), household_id)]
    return render_template("people/saved.html", kept=kept, panels=panels)


def _save(read: Read, key: UUID) -> str | Response | tuple[str, int]:
    answers, problem = _answers()
    with records().work(actor()) as work:
        before = registered_before(work, key)
        if before is not None:
            return _saved(before)
        site = site_of(work, read.told.site_id)
        found = duplicates.look_alikes(work, read.told)
        same = next((each for each in found if answers.get(each.registered.id) is Answer.SAME), None)
        if same is not None:
            flash(_("Nothing was registered twice. Bring over what is new with “Correct”."), "ok")
            return redirect(url_for("people.household", household_id=same.registered.id))
        asked = _next_asked(found, answers)
        if asked is not None:
            return _ask(read, site, asked, answers, problem)
        waits = any(answers[each.registered.id] is Answer.CANNOT_TELL for each in found)
        household_id = register_at(work, site, replace(read.told, review=ReviewReason.DUPLICATE if waits else None), key)
        given = {each.registered.id: answers[each.registered.id] for each in found}
        duplicates.remember(work, household_id, given, {each.registered.id: each.seen.reasons for each in found})
    return _saved(household_id)


def _saved(household_id: UUID) -> Response:
    if request.form.get("then") == "next":
        return redirect(url_for("people.register_form", after=household_id))
    return redirect(url_for("people.saved", household_id=household_id))


def _answers() -> tuple[dict[UUID, Answer], str]:
    """What was answered so far, and the problem of the answer just given, "" when there is none.

    An answer counts only for the state of the registered household that was shown.
    """
    given: dict[UUID, Answer] = {}
    for name, value in request.form.items():
        if name.startswith("like-") and value in set(Answer):
            other_id = key_of(name.removeprefix("like-"))
            given |= {other_id: Answer(value)} if other_id else {}
    about = key_of(request.form.get("about"))
    if about is None:
        return given, ""
    form = AnswerForm()
    if form.answer.data in set(Answer):
        return given | {about: Answer(form.answer.data)}, ""
    return given, _("choose what is true after asking the person")


def _next_asked(found: list[duplicates.LookAlike], answers: Mapping[UUID, Answer]) -> _Asked | None:
    open_ones = [each for each in found if each.registered.id not in answers or _changed(each)]
    if not open_ones:
        return None
    return _Asked(open_ones[0], len(found) - len(open_ones) + 1, len(found), changed=_changed(open_ones[0]))


def _changed(each: duplicates.LookAlike) -> bool:
    """Whether the registered household was corrected after it was shown."""
    seen = request.form.get(f"seen-{each.registered.id}")
    return seen is not None and seen != str(each.registered.version)


def _ask(read: Read, site: KnownSite, asked: _Asked, answers: Mapping[UUID, Answer], problem: str) -> tuple[str, int]:
    form = AnswerForm(formdata=None)
    if problem and not asked.changed:
        form.answer.errors = [problem]
    view = aspects.side_by_side(read.told, asked.alike.registered, asked.alike.seen, left=_("New, not saved"), site_name=site.name)
    typed = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if not name.startswith(("csrf", "about", "answer", "like-", "seen-"))
    ]
    kept = [(f"like-{other_id}", answer.value) for other_id, answer in answers.items() if other_id != asked.alike.registered.id]
    page = render_template(
        "people/compare.html", form=form, view=view, asked=asked, typed=[*typed, *kept], reasons=aspects.why(asked.alike.seen), words=WORDS
    )
    return page, 422 if problem else 200


def _form_page(form: HouseholdForm) -> str:
    _offer(form)
    after = key_of(request.args.get("after"))
    with records().read() as reading:
        before = open_household(reading, after) if after else None
        blank = HouseholdForm(formdata=None)
        blank.members.append_entry()
    return render_template(
        "people/household_form.html",
        form=form,
        blank=blank.members[0],
        before=before,
        six=six_questions(),
        texts=consent_texts(),
    )


def _offer(form: HouseholdForm) -> None:
    with records().read() as reading:
        form.prepare(lists.site_choices(reading))


def _keep_place(form: HouseholdForm) -> None:
    """Site, block and group of the household this person registered before; else their own site."""
    with records().read() as reading:
        last = lists.last_of(reading, person().id)
    if last is None:
        form.site.data = str(person().site_id or "")
        return
    form.site.data, form.shelter.data, form.group.data = str(last.site_id), last.shelter, last.group.value
    form.consent_language.data = last.consent_language
    form.place_is_kept = True


def _today() -> date:
    return house().clock.today(house().operation.zone)
