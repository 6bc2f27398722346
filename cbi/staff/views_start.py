"""The first time: from a link to a password, an authenticator and recovery codes."""

from __future__ import annotations

import io

import segno
from flask import redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from cbi.errors import NotThere, Refused
from cbi.staff.credentials import totp_address
from cbi.staff.forms import CodeForm, NewPasswordForm
from cbi.staff.joining import Begun, begun, choose_password, digest_of, join
from cbi.staff.views import Answer, blueprint
from cbi.store.work import Actor
from cbi.web.guard import anyone
from cbi.web.house import house, records
from cbi.web.sessions import begin

_GROUP = 4


@blueprint.get("/start/<token>")
@anyone
def start(token: str) -> Response:
    """Take the link out of the address at once: from here on only its digest is remembered. Opening a link uses nothing up."""
    link = digest_of(token)
    with records().read() as reading:
        begun(reading, link)
    session["starting"] = link.hex()
    return redirect(url_for("staff.start_password"), 303)


@blueprint.route("/start/password", methods=["GET", "POST"])
@anyone
def start_password() -> Answer:
    """First step of three: a password."""
    someone, link = _starting()
    form = NewPasswordForm()
    if not form.validate_on_submit():
        return render_template("staff/start_password.html", form=form, someone=someone), 422 if form.is_submitted() else 200
    try:
        choose_password(records(), link, form.new.data)
    except Refused as refusal:
        form.new.errors = [refusal.fix]
        return render_template("staff/start_password.html", form=form, someone=someone), 422
    return redirect(url_for("staff.start_code"), 303)


@blueprint.route("/start/code", methods=["GET", "POST"])
@anyone
def start_code() -> Answer:
    """Second step: the authenticator, shown to work. Third: the recovery codes, shown this once; and the person is in."""
    someone, link = _starting()
    if not someone.secret:
        return redirect(url_for("staff.start_password"), 303)
    form = CodeForm()
    if not form.validate_on_submit():
        return _code_page(form, someone, 422 if form.is_submitted() else 200)
    try:
        with records().work(Actor()) as work:
            staff_id, codes = join(work, link, form.code.data)
    except Refused as refusal:
        form.code.errors = [refusal.fix]
        return _code_page(form, someone, 422)
    begin(staff_id, house().shelf)
    return render_template("staff/recovery_codes.html", codes=codes, go_on=url_for("home.today"))


@blueprint.get("/start/square.svg")
@anyone
def start_square() -> Response:
    """The square an authenticator's camera reads."""
    someone, _link = _starting()
    if not someone.secret:
        raise NotThere
    drawn = io.BytesIO()
    address = totp_address(someone.secret, name=someone.sign_in_name, issuer=f"CBI Manager {records().operation.name}")
    segno.make(address, error="m").save(drawn, kind="svg", scale=5, xmldecl=False, svgns=True, nl=False)
    return Response(drawn.getvalue(), mimetype="image/svg+xml")


def _code_page(form: CodeForm, someone: Begun, status: int) -> tuple[str, int]:
    groups = [someone.secret[place : place + _GROUP] for place in range(0, len(someone.secret), _GROUP)]
    return render_template("staff/start_code.html", form=form, someone=someone, groups=groups), status


def _starting() -> tuple[Begun, bytes]:
    link = bytes.fromhex(session.get("starting", ""))
    with records().read() as reading:
        return begun(reading, link), link
