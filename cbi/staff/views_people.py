"""Staff and rights, for administrators: seats first, then people, one person, and what every seat may do."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cbi.access import OFFICE_ROLES, Permission, Role
from cbi.errors import Refused, SomebodyWasFirst
from cbi.staff import seats
from cbi.staff.forms import CertificateForm, ConfirmForm, PersonForm, SeatsForm, seats_code
from cbi.staff.joining import LINK_LASTS
from cbi.staff.listing import FILTERS, SORTS, Sheet, one, people
from cbi.staff.matrix import matrices, never_with, seat_chosen
from cbi.staff.service import names_of, site_names
from cbi.staff.views import Answer, blueprint
from cbi.staff.words import RIGHT_WORDS, rule_words
from cbi.web.frame import ROLE_NAMES
from cbi.web.guard import needs
from cbi.web.house import actor, person, records
from cbi.web.listing import listing_args
from cbi.web.words import _

_HOURS = LINK_LASTS.total_seconds() / 3600


@blueprint.get("/staff")
@needs(Permission.STAFF_READ)
def everybody() -> str:
    """The seats of the office, then the people."""
    args = listing_args(request.args, sorts=SORTS, filters=FILTERS)
    with records().read() as reading:
        listing = people(reading, args)
        shown = {"seats": seats.seats(reading), "listing": listing, "sites": site_names(reading)}
    return render_template("staff/people.html", **shown, role_names=ROLE_NAMES, never_with=never_with)


@blueprint.get("/staff/rights")
@needs(Permission.STAFF_READ)
def rights() -> str:
    """What every seat may do, and what never meets in one person."""
    chosen = seat_chosen(request.args.get("seat", ""))
    office = [role for role in Role if role in OFFICE_ROLES]
    return render_template(
        "staff/rights.html", tables=matrices(chosen), chosen=chosen, office=office, role_names=ROLE_NAMES, never_with=never_with
    )


@blueprint.route("/staff/new", methods=["GET", "POST"])
@needs(Permission.STAFF_GRANT)
def new_person() -> Answer:
    """Somebody joins: who they are and where they sit; the effect is shown before it is saved, and a link comes out."""
    with records().read() as reading:
        form = PersonForm(sites=site_names(reading).items(), today=reading.today)
    if not form.validate_on_submit():
        return _person_page(form, None, 422 if form.is_submitted() else 200)
    if not form.effect_was_shown():
        return _person_page(form, _effect(form, frozenset()), 200)
    joining = seats.NewPerson(
        sign_in_name=form.sign_in_name.data,
        name=form.name.data,
        roles=form.chosen(),
        language=form.language.data,
        sex=form.sex.data,
        languages=form.languages.data or "",
        site_id=form.site_id(),
        certified_on=form.certified_on.data,
    )
    try:
        with records().work(actor()) as work:
            staff_id, link = seats.add_person(work, joining)
    except Refused as refusal:
        form.form_errors.append(refusal.fix)
        return _person_page(form, None, 422)
    return _link_page(staff_id, link)


@blueprint.get("/staff/<uuid:staff_id>")
@needs(Permission.STAFF_READ)
def one_person(staff_id: UUID) -> str:
    """One person: seats, link, certificate, and beginning again."""
    with records().read() as reading:
        sheet = one(reading, staff_id)
    return _sheet_page(sheet, _seats_form(sheet))


@blueprint.post("/staff/<uuid:staff_id>/seats")
@needs(Permission.STAFF_GRANT)
def give_seats(staff_id: UUID) -> Answer:
    """Give or end seats. The first time the effect is shown; the same choice sent again is saved."""
    with records().read() as reading:
        sheet = one(reading, staff_id)
    form = SeatsForm()
    if not form.validate():
        return _sheet_page(sheet, form), 422
    was_shown = form.effect_was_shown()
    shown = _effect(form, frozenset(sheet.row.roles))
    if shown.rules or not was_shown:
        return _sheet_page(sheet, form, shown), 422 if shown.rules else 200
    try:
        with records().work(actor()) as work:
            seats.change_seats(work, staff_id, form.chosen(), seen=form.seen_roles())
    except SomebodyWasFirst:
        raise
    except Refused as refusal:
        form.form_errors.append(refusal.fix)
        return _sheet_page(sheet, form), 422
    flash(_("The seats are changed. This person was signed out and signs in again with the new rights."), "ok")
    return _back_to(staff_id)


@blueprint.post("/staff/<uuid:staff_id>/certificate")
@needs(Permission.STAFF_GRANT)
def certificate(staff_id: UUID) -> Answer:
    """Note the day the interviewers' course was finished."""
    form = CertificateForm()
    with records().read() as reading:
        sheet = one(reading, staff_id)
    try:
        if not form.validate():
            return _sheet_page(sheet, _seats_form(sheet), certificate=form), 422
        with records().work(actor()) as work:
            seats.certify(work, staff_id, form.certified_on.data)
    except Refused as refusal:
        form.certified_on.errors = [refusal.fix]
        return _sheet_page(sheet, _seats_form(sheet), certificate=form), 422
    flash(_("The certificate is noted."), "ok")
    return _back_to(staff_id)


@blueprint.post("/staff/<uuid:staff_id>/link")
@needs(Permission.STAFF_GRANT)
def link_again(staff_id: UUID) -> Answer:
    """A new link for somebody who has not begun yet."""
    with records().work(actor()) as work:
        link = seats.link_again(work, staff_id)
    return _link_page(staff_id, link)


@blueprint.post("/staff/<uuid:staff_id>/reset")
@needs(Permission.STAFF_GRANT)
def ask_reset(staff_id: UUID) -> Response:
    """Ask that this person begins again."""
    with records().work(actor()) as work:
        seats.ask_reset(work, staff_id)
    flash(_("Asked. Nothing changes until another administrator agrees, within 72 hours."), "ok")
    return _back_to(staff_id)


@blueprint.post("/staff/<uuid:staff_id>/reset/withdraw")
@needs(Permission.STAFF_GRANT)
def withdraw_reset(staff_id: UUID) -> Response:
    """Take the wish back."""
    with records().work(actor()) as work:
        seats.withdraw_reset(work, staff_id)
    flash(_("Taken back. Nothing has changed for this person."), "ok")
    return _back_to(staff_id)


@blueprint.post("/staff/<uuid:staff_id>/reset/agree")
@needs(Permission.STAFF_GRANT)
def agree_reset(staff_id: UUID) -> Answer:
    """Agree as the second administrator; a new link comes out."""
    with records().work(actor()) as work:
        link = seats.agree_reset(work, staff_id)
    return _link_page(staff_id, link)


@blueprint.route("/staff/<uuid:staff_id>/leave", methods=["GET", "POST"])
@needs(Permission.STAFF_GRANT)
def person_leaves(staff_id: UUID) -> Answer:
    """The account ends. A page of its own, because it cannot be undone."""
    form = ConfirmForm()
    with records().read() as reading:
        sheet = one(reading, staff_id)
    if not form.validate_on_submit():
        return render_template("staff/leave.html", form=form, sheet=sheet, role_names=ROLE_NAMES)
    with records().work(actor()) as work:
        seats.leave(work, staff_id)
    flash(_("The account is ended."), "ok")
    return _back_to(staff_id)


def _effect(form: SeatsForm, before: frozenset[Role]) -> seats.Effect:
    shown = seats.effect(before, form.chosen())
    if shown.rules:
        form.roles.errors = [_("choose other seats: %(rule)s", rule=rule_words(rule)) for rule in shown.rules]
    form.shown.data = "" if shown.rules else seats_code(form.chosen())
    return shown


def _seats_form(sheet: Sheet) -> SeatsForm:
    return SeatsForm(formdata=None, roles=[role.value for role in sheet.row.roles], seen=seats_code(sheet.row.roles))


def _person_page(form: PersonForm, effect: seats.Effect | None, status: int) -> tuple[str, int]:
    if effect and effect.rules:
        status = 422
    return render_template("staff/new_person.html", form=form, effect=effect, words=_words), status


def _sheet_page(sheet: Sheet, form: SeatsForm, effect: seats.Effect | None = None, certificate: CertificateForm | None = None) -> str:
    with records().read() as reading:
        names = names_of(reading, {sheet.asked_by} if sheet.asked_by else set())
        place = site_names(reading).get(sheet.row.site_id, "") if sheet.row.site_id else ""
    return render_template(
        "staff/one_person.html",
        sheet=sheet,
        form=form,
        effect=effect,
        certificate=certificate or CertificateForm(formdata=None),
        words=_words,
        place=place,
        asked_by=names.get(sheet.asked_by) if sheet.asked_by else None,
        mine=sheet.row.id == person().id,
        role_names=ROLE_NAMES,
    )


def _words(rights: frozenset[Permission]) -> list[str]:
    return [str(RIGHT_WORDS[right]) for right in Permission if right in rights]


def _link_page(staff_id: UUID, link: str) -> str:
    return render_template("staff/link.html", staff_id=staff_id, link=url_for("staff.start", token=link, _external=True), hours=int(_HOURS))


def _back_to(staff_id: UUID) -> Response:
    return redirect(url_for("staff.one_person", staff_id=staff_id), 303)
