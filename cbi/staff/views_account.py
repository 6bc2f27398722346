"""One's own account: password, recovery codes, language."""

from __future__ import annotations

from flask import flash, redirect, render_template, session, url_for

from cbi.access import Permission
from cbi.errors import Refused
from cbi.staff.forms import ChangePasswordForm, LanguageForm, StepUpForm
from cbi.staff.joining import change_password, choose_language, renew_recovery
from cbi.staff.listing import one
from cbi.staff.views import Answer, blueprint
from cbi.web.frame import ROLE_NAMES
from cbi.web.guard import needs
from cbi.web.house import actor, person, records
from cbi.web.sessions import token
from cbi.web.words import _


@blueprint.route("/account", methods=["GET", "POST"])
@needs(Permission.HOME)
def account() -> Answer:
    """Who I am here, and what I may change about it."""
    form = LanguageForm(language=person().language)
    if form.validate_on_submit():
        with records().work(actor()) as work:
            choose_language(work, person().id, form.language.data)
        session["language"] = form.language.data
        flash(_("Your language is kept."), "ok")
        return redirect(url_for("staff.account"), 303)
    with records().read() as reading:
        sheet = one(reading, person().id)
    return render_template("staff/account.html", form=form, sheet=sheet, role_names=ROLE_NAMES), 422 if form.is_submitted() else 200


@blueprint.route("/account/password", methods=["GET", "POST"])
@needs(Permission.HOME)
def account_password() -> Answer:
    """A new password; every other place this person is signed in ends."""
    form = ChangePasswordForm()
    if not form.validate_on_submit():
        return render_template("staff/account_password.html", form=form), 422 if form.is_submitted() else 200
    proof = {"password": form.password.data, "code": form.code.data}
    try:
        with records().work(actor()) as work:
            change_password(work, person().id, **proof, new=form.new.data, sparing=token())
    except Refused as refusal:
        form.form_errors.append(refusal.fix)
        return render_template("staff/account_password.html", form=form), 422
    flash(_("Your password is changed. You were signed out everywhere else."), "ok")
    return redirect(url_for("staff.account"), 303)


@blueprint.route("/account/recovery", methods=["GET", "POST"])
@needs(Permission.HOME)
def account_recovery() -> Answer:
    """Ten new recovery codes, shown once."""
    form = StepUpForm()
    if not form.validate_on_submit():
        return render_template("staff/account_recovery.html", form=form), 422 if form.is_submitted() else 200
    proof = {"password": form.password.data, "code": form.code.data}
    try:
        with records().work(actor()) as work:
            codes = renew_recovery(work, person().id, **proof, sparing=token())
    except Refused as refusal:
        form.form_errors.append(refusal.fix)
        return render_template("staff/account_recovery.html", form=form), 422
    return render_template("staff/recovery_codes.html", codes=codes, go_on=url_for("staff.account"))
