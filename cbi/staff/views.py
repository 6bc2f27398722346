"""Sign-in, sign-out and one's own account."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from cbi.access import Permission
from cbi.web.guard import anyone, needs
from cbi.web.house import house
from cbi.web.sessions import end

blueprint = Blueprint("staff", __name__)


@blueprint.get("/sign-in")
@anyone
def sign_in() -> str:
    """Who are you?"""
    return ""


@blueprint.post("/sign-out")
@anyone
def sign_out() -> Response:
    """Leave."""
    end(house().shelf)
    return redirect(url_for("staff.sign_in"))


@blueprint.get("/account")
@needs(Permission.HOME)
def account() -> str:
    """One's own account."""
    return ""
