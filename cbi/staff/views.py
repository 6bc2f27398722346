"""The door: sign in, the second step, sign out. The other pages of staff stand in the modules imported at the end."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, session, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from cbi.access import Permission
from cbi.errors import Refused
from cbi.staff.forms import CodeForm, SignInForm
from cbi.staff.service import first_step, second_step
from cbi.staff.tries import MustWait
from cbi.web.guard import anyone
from cbi.web.house import Section, house, person_or_none, records
from cbi.web.sessions import begin, end
from cbi.web.words import _, _l

blueprint = Blueprint("staff", __name__)
SECTIONS = (
    Section(Permission.STAFF_READ, _l("Staff"), "staff.everybody"),
    Section(Permission.STAFF_READ, _l("Rights"), "staff.rights"),
)
_BETWEEN_STEPS = 300  # seconds
Answer = str | Response | tuple[str, int]


@blueprint.route("/sign-in", methods=["GET", "POST"])
@anyone
def sign_in() -> Answer:
    """Who are you? The same answer, and the same time, whether or not there is such a person."""
    if person_or_none() is not None:
        return redirect(onward(), 303)
    form = SignInForm()
    if not form.is_submitted():
        return _door(form, 200)
    if not form.validate():
        return _door(form, 422)
    try:
        entry = first_step(records(), form.name.data, form.password.data, form.recovery.data or "")
    except Refused as refusal:
        form.form_errors.append(refusal.fix)
        return _door(form, 422, waiting=isinstance(refusal, MustWait))
    if entry.whole:
        return come_in(entry.staff_id)
    session["signing"] = {"id": str(entry.staff_id), "at": _now()}
    return redirect(url_for("staff.second"), 303)


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@anyone
def second() -> Answer:
    """The second step: only a code."""
    signing = session.get("signing")
    if not signing or _now() - signing["at"] > _BETWEEN_STEPS:
        session.pop("signing", None)
        flash(_("You need to type your name and password first."), "look")
        return redirect(url_for("staff.sign_in"), 303)
    form = CodeForm()
    if not form.validate_on_submit():
        return render_template("staff/second.html", form=form), 422 if form.is_submitted() else 200
    staff_id = UUID(signing["id"])
    try:
        second_step(records(), staff_id, form.code.data)
    except Refused as refusal:
        form.code.errors = [refusal.fix]
        return render_template("staff/second.html", form=form), 422
    return come_in(staff_id)


@blueprint.post("/sign-out")
@anyone
def sign_out() -> Response:
    """Leave: the session ends on the server."""
    end(house().shelf)
    return redirect(url_for("staff.sign_in"), 303)


def come_in(staff_id: UUID) -> Response:
    """Begin a session of its own for a person who gave both factors, and go to the page they wanted."""
    begin(staff_id, house().shelf)
    return redirect(onward(), 303)


def onward() -> str:
    """The page that was wanted before signing in, when it is one of ours that can be opened; else Today."""
    wanted = str(session.pop("next", ""))
    path = wanted.split("?", maxsplit=1)[0]
    if not path.startswith("/") or path.startswith(("//", "/sign-in", "/start")) or "\\" in wanted or not wanted.isprintable():
        return url_for("home.today")
    try:
        current_app.url_map.bind("").match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return url_for("home.today")
    return wanted


def _door(form: SignInForm, status: int, *, waiting: bool = False) -> tuple[str, int]:
    return render_template("staff/sign_in.html", form=form, waiting=waiting or bool(form.recovery.data)), status


def _now() -> float:
    return house().clock.now().timestamp()


from cbi.staff import views_account, views_people, views_start  # noqa: E402, F401 -- they add their pages to the blueprint
