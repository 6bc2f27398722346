"""Today: what waits for the person who signed in. And two plain links every page has: leave, and another language."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from cbi.web.guard import anyone
from cbi.web.house import Panel, TodayLine, house, person, person_or_none
from cbi.web.locale import LANGUAGES

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@anyone
def today() -> str | Response:
    """What to do today, oldest promise first; a line that is zero is not there."""
    if person_or_none() is None:
        return redirect(url_for(house().sign_in_endpoint))
    if house().home_endpoint:
        return redirect(url_for(house().home_endpoint))
    lines, panels = _waiting()
    day = house().clock.today(house().operation.zone)
    return render_template("home/today.html", items=[_item(line) for line in lines if line.count], panels=panels, day=day)


@blueprint.get("/calendar")
@anyone
def leave() -> str:
    """Where quick exit goes: an ordinary, neutral page that says nothing of what was left."""
    return render_template("home/calendar.html", day=house().clock.today(house().operation.zone))


@blueprint.get("/language/<code>")
@anyone
def speak(code: str) -> Response:
    """Read on in another language, on the same page."""
    if code in LANGUAGES:
        session["language"] = code
    back = request.args.get("back", "/")
    # Browsers drop tabs and line ends from an address and read a backslash as a slash: either makes "/" begin another host's.
    safe = back.startswith("/") and not back.startswith("//") and "\\" not in back and back.isprintable()
    return redirect(back if safe else "/")


def _waiting() -> tuple[list[TodayLine], list[Panel]]:
    kept = house().records
    if kept is None:
        return [], []
    with kept.read() as reading:
        lines = [line for source in house().today for line in source(reading, person())]
        panels = [panel for source in house().panels for panel in source(reading, person())]
    return lines, panels


def _item(line: TodayLine) -> tuple[int, str, str, str, str]:
    return (line.count, line.title, line.why, url_for(line.endpoint, **line.values), line.link)  # type: ignore[arg-type]
