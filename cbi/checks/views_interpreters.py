"""The register of interpreters, kept by whoever answers for places; interviewers find those who may be asked on their card."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from cbi.access import Permission
from cbi.checks import interpreters as register
from cbi.checks.forms import InterpreterForm
from cbi.checks.views import UNFIT, blueprint
from cbi.errors import Refused
from cbi.web.guard import needs
from cbi.web.house import actor, records
from cbi.web.words import _


@blueprint.route("/interpreters", methods=["GET", "POST"])
@needs(Permission.SITE_CHECK)
def interpreters() -> str | Response | tuple[str, int]:
    """Everybody who may interpret, and the form for one more."""
    form = InterpreterForm()
    if form.validate_on_submit():
        try:
            with records().work(actor()) as work:
                register.enter_interpreter(
                    work, name=form.name.data, languages=form.languages.data, sex=form.sex.data, vetted_on=form.vetted_on.data
                )
        except Refused as refusal:
            form.vetted_on.errors = [refusal.fix]
        else:
            flash(_("Entered. They stand on the visit card from now on."), "ok")
            return redirect(url_for("checks.interpreters"), 303)
    with records().read() as reading:
        page = render_template("checks/interpreters.html", form=form, people=register.interpreters(reading), today=reading.today)
    return page, UNFIT if form.errors else 200


@blueprint.post("/interpreters/<uuid:interpreter_id>/vetted")
@needs(Permission.SITE_CHECK)
def interpreter_vetted(interpreter_id: UUID) -> Response:
    """Somebody made sure of them today."""
    with records().work(actor()) as work:
        register.vet_again(work, interpreter_id)
    flash(_("Noted: vetted today."), "ok")
    return redirect(url_for("checks.interpreters"), 303)


@blueprint.post("/interpreters/<uuid:interpreter_id>/left")
@needs(Permission.SITE_CHECK)
def interpreter_left(interpreter_id: UUID) -> Response:
    """They are not asked any more."""
    with records().work(actor()) as work:
        register.leave(work, interpreter_id)
    flash(_("Taken out of the register."), "look")
    return redirect(url_for("checks.interpreters"), 303)
