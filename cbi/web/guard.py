"""Every page declares who may open it, or the program does not start."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from flask import Flask, abort, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from cbi.access import GRANTS, Permission, Role
from cbi.store.keys import WrongKey
from cbi.web.house import house, person_or_none, records

_P = ParamSpec("_P")
_View = Callable[_P, Any]  # Any: whatever Flask accepts as an answer
PUBLIC = "public"
_LONGEST_CARRY = 64_000


class UnguardedPage(RuntimeError):
    """A page declares no permission: put @needs(Permission.…) or @anyone under its route."""


def needs(permission: Permission, *, carry: bool = False, come_back: bool = True) -> Callable[[_View[_P]], _View[_P]]:
    """Only people with this right see the page; for others it does not exist.

    carry: a form posted after its session went idle comes back filled after signing in again.  Never on private pages.
    come_back: after signing in again the person stands on this page; without, its address is written down nowhere.
    """

    def guard(view: _View[_P]) -> _View[_P]:
        @wraps(view)
        def guarded(*args: _P.args, **kwargs: _P.kwargs) -> Any:  # Any: as the view answers
            person = person_or_none()
            if person is None:
                return sign_in_first(carry=carry) if come_back else redirect(url_for(house().sign_in_endpoint))
            if permission not in person.rights:
                abort(404)
            return view(*args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        guarded.carry = carry  # type: ignore[attr-defined]
        return guarded

    return guard


def anyone(view: _View[_P]) -> _View[_P]:
    """A page for everybody, signed in or not."""
    view.permission = PUBLIC  # type: ignore[attr-defined]
    return view


def carried() -> dict[str, list[str]] | None:
    """What was typed into this page's form before the session went idle; given once."""
    kept = session.get("carried")
    if not kept or kept["path"] != request.path:
        return None
    del session["carried"]
    try:
        return dict(json.loads(records().keyring.unwrap_file(bytes.fromhex(kept["sealed"]))))
    except WrongKey:
        return None


def declared(app: Flask) -> list[dict[str, object]]:
    """Every route with its methods, permission and roles, in order. Raises UnguardedPage."""
    table = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        view = app.view_functions[rule.endpoint]
        permission = PUBLIC if rule.endpoint == "static" else getattr(view, "permission", None)
        if permission is None:
            raise UnguardedPage(
                f"{rule.endpoint} ({rule.rule}) declares no permission: put @needs(Permission.…) or @anyone under its route"
            )
        roles = [role.value for role in Role if permission in GRANTS[role]] if permission != PUBLIC else [PUBLIC]
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        table.append(
            {"world": app.extensions["cbi"].world, "rule": rule.rule, "methods": methods, "permission": str(permission), "roles": roles}
        )
    return table


def sign_in_first(*, carry: bool) -> AnyResponse:
    """To the sign-in page, and back here afterwards. carry: what was typed waits, sealed, in the session."""
    session["next"] = request.full_path.rstrip("?") if request.method == "GET" else request.path
    if carry and request.method == "POST" and (request.content_length or 0) <= _LONGEST_CARRY:
        fields = {name: values for name, values in request.form.to_dict(flat=False).items() if name != "csrf_token"}
        session["carried"] = {"path": request.path, "sealed": records().keyring.wrap_file(json.dumps(fields).encode()).hex()}
    return redirect(url_for(house().sign_in_endpoint))
