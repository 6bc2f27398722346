"""Headers, cross-site refusals and the pages for what goes wrong."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Flask, Request, Response, abort, current_app, g, render_template, request
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from cbi.errors import NotThere, Refused, SameHands, SomebodyWasFirst
from cbi.web import bodies
from cbi.web.guard import sign_in_first
from cbi.web.house import person_or_none

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ALWAYS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_SAFE = {"GET", "HEAD", "OPTIONS"}


def protect(app: Flask, *, secure: bool) -> None:
    """Put headers on every answer, and refuse what another site sends."""
    app.request_class = bodies.InMemory
    app.before_request(bodies.limit)  # before anything reads the form
    CSRFProtect(app)
    app.before_request(_refuse_other_sites)
    app.after_request(lambda response: _headers(response, secure=secure))
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _fault)


def _refuse_other_sites() -> None:
    if request.method not in _SAFE and _is_from_elsewhere():
        abort(403)


def _is_from_elsewhere() -> bool:
    """Whether another site sent this. A browser that says nothing of its origin is believed only when it calls the request its own."""
    origin = request.headers.get("Origin")
    if origin is not None:
        return not _same_site(origin, request)
    return request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}


def _same_site(origin: str, asked: Request) -> bool:
    try:
        return urlsplit(origin).netloc == asked.host
    except ValueError:  # "http://[" is nobody's origin
        return False


def _headers(response: Response, *, secure: bool) -> Response:
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
    if request.endpoint == "static" and response.status_code < HTTPStatus.BAD_REQUEST:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        response.headers["Cache-Control"] = "no-store"
    if secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def _refused(problem: Refused) -> tuple[str, int]:
    if isinstance(problem, NotThere):
        return nothing_here()
    if isinstance(problem, SomebodyWasFirst):
        return render_template("errors/409.html", words=None, back_url=request.path), 409
    return render_template("errors/refused.html", fix=problem.fix, back_url=request.path), 409 if isinstance(problem, SameHands) else 422


def _stale_form(_problem: CSRFError) -> tuple[str, int] | AnyResponse:
    """A form without its token: when its sender's session went idle, they sign in and find it filled in again."""
    view = current_app.view_functions.get(request.endpoint or "")
    if person_or_none() is None and getattr(view, "carry", False) and not _is_from_elsewhere():
        return sign_in_first(carry=True)
    return render_template("errors/400.html"), 400


def nothing_here() -> tuple[str, int]:
    """The one page for what is unknown, forbidden or of another world."""
    g.nowhere = True
    return render_template("errors/404.html"), 404


def _http(problem: HTTPException) -> tuple[str, int] | HTTPException:
    code = problem.code or 500
    if code < HTTPStatus.BAD_REQUEST:
        return problem
    if code in {400, 409, 413, 415, 429}:
        return render_template(f"errors/{code}.html"), code
    return nothing_here() if code < HTTPStatus.INTERNAL_SERVER_ERROR else _fault(problem)


def _fault(problem: Exception) -> tuple[str, int]:
    import structlog

    code = secrets.token_hex(4)
    # The class and the code only: messages may hold what was typed.
    structlog.get_logger().error("fault", code=code, problem=type(problem).__name__, endpoint=request.endpoint)
    if current_app.testing:
        raise problem
    return render_template("errors/500.html", code=code), 500
