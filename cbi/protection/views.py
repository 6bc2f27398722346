"""Sign in, lock, and the start page: letters by decide-by, without a name and without a reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from cbi.access import Permission
from cbi.errors import Refused
from cbi.protection import cases, outbox, wording
from cbi.protection.forms import PlainPost, SignInForm
from cbi.protection.keys import fingerprint
from cbi.protection.log import openings
from cbi.protection.officers import sites_of
from cbi.protection.room import Room
from cbi.protection.services import check_service, seen_services
from cbi.protection.snapshot import Office, ServiceCard
from cbi.protection.tables import Officer
from cbi.protection.unlock import RedStop
from cbi.protection.unlock import sign_in as unlock
from cbi.web.guard import anyone, needs
from cbi.web.house import house, person, person_or_none
from cbi.web.listing import Listing, listing_args
from cbi.web.marks import mark_words
from cbi.web.sessions import begin, end
from cbi.web.words import _
from screening import Band

blueprint = Blueprint("protection", __name__, url_prefix="/support")

# When the officer on call opens the room besides the morning: "Talk, today" cannot be known before a letter is opened.
_SERVICES_SHOWN = 4
_AGAIN_AT = (time(12, 30), time(16, 30))


def room() -> Room:
    """The room of this process."""
    kept = current_app.extensions["cbi.room"]
    assert isinstance(kept, Room)
    return kept


def my_sites() -> cases.Sites:
    """Where the signed-in officer works; empty for everywhere."""
    if "sites" not in g:
        with room().locked.read() as reading:
            officer = reading.session.get(Officer, person().id)
        assert officer is not None
        g.sites = sites_of(officer)
    found: cases.Sites = g.sites
    return found


def pass_on(officer_id: UUID, otherwise: str = "") -> None:
    """Send what was decided on its way, and say so when it did not go: nobody may believe in a change that never left the room.

    otherwise: what is said when everything went.  A page has room for one message.
    """
    posted = outbox.send(room(), officer_id)
    if posted.fix:
        flash(
            _("A change that was decided is not passed on. You need to %(fix)s, then decide again with the person.", fix=posted.fix), "look"
        )
    elif posted.left:
        flash(_("A change that was decided is not passed on yet. It goes when somebody opens the room again."), "look")
    elif otherwise:
        flash(otherwise, "ok")


@blueprint.route("/sign-in", methods=["GET", "POST"])
@anyone
def sign_in() -> str | Response | tuple[str, int]:
    """Passphrase and code, in neutral words."""
    if person_or_none() is not None:
        return redirect(url_for("protection.today"))
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("protection/sign_in.html", form=form), 422 if form.is_submitted() else 200
    try:
        answer = unlock(room(), form.name.data or "", form.passphrase.data or "", form.code.data or "")
    except Refused as problem:
        form.form_errors = [*form.form_errors, problem.fix]
        return render_template("protection/sign_in.html", form=form), 422
    except RedStop:
        return render_template("protection/red_stop.html"), 409
    begin(answer.officer_id, house().shelf)
    if not answer.fingerprint:
        return redirect(url_for("protection.today"))
    pass_on(answer.officer_id)
    return redirect(url_for("protection.key"))


@blueprint.post("/lock")
@anyone
def sign_out() -> Response:
    """Lock now."""
    someone = person_or_none()
    if someone is not None:
        room().leave(someone.id)
    end(house().shelf)
    return redirect(url_for("protection.sign_in"))


@blueprint.get("/key")
@needs(Permission.LETTER_OPEN)
def key() -> str:
    """The published key matches; its words are those on the interviewers' card."""
    next_url = session.pop("next", "")
    inside = next_url if isinstance(next_url, str) and next_url.startswith("/support/") else url_for("protection.today")
    return render_template("protection/key.html", words=mark_words(fingerprint(room().keys.intake_public)), next_url=inside)


@blueprint.get("/")
@needs(Permission.ROOM_HOME)
def today() -> str:
    """What waits, by decide-by; for those who open nothing, only the links of their seat."""
    if not person().may(Permission.LETTER_OPEN):
        return render_template("protection/today_without.html", day=_local_now().date())
    zone, now = house().operation.zone, house().clock.now()
    with room().read() as reading:
        lines = cases.waiting(reading, room().office, my_sites())
        opened = openings(reading, person().id, _local_now().date())
        seen = seen_services(reading)
    office = room().office
    groups = [
        (band, wording.band_words(band), [_row(line, zone, now) for line in lines if line.band is band])
        for band in (Band.CRITICAL, Band.HIGH)
    ]
    return render_template(
        "protection/today.html",
        groups=[group for group in groups if group[2]],
        day=_local_now().date(),
        places=[name for site_id, name in office.sites.items() if not my_sites() or site_id in my_sites()],
        on_call=_on_call(),
        opened=[(f"{at.astimezone(ZoneInfo(zone)):%H:%M}", wording.new_letters(count)) for at, count in opened],
        again=_again(),
        services=_longest_unchecked(office, seen),
        services_in_all=sum(_mine(one.site_id) for one in office.services),
        changes=[
            (name, wording.few(office.changes.get(site_id, 0)), office.changes.get(site_id, 0) < wording.FEW)
            for site_id, name in office.sites.items()
            if _mine(site_id)
        ],
        form=PlainPost(),
        asked=[line for line in lines if line.asked_by not in (None, person().id)],
        overdue=cases.overdue(lines, now) if person().may(Permission.NOTICE_WRITE) else 0,
        notice_due=_notice_due() if person().may(Permission.NOTICE_WRITE) else None,
    )


@blueprint.get("/letters")
@needs(Permission.LETTER_OPEN)
def letters() -> str:
    """Every letter that is or was before an officer. Filed ones are a number."""
    zone, now = house().operation.zone, house().clock.now()
    with room().read() as reading:
        lines = cases.read_ones(reading, room().office, my_sites())
        filed = cases.filed(reading, my_sites())
    args = listing_args(request.args, sorts=("due",), descending=True).within(len(lines))
    page = [_row(line, zone, now) for line in lines[args.offset : args.offset + args.size]]
    return render_template("protection/letters.html", listing=Listing(page, len(lines), args), filed=filed)


def _longest_unchecked(office: Office, seen: Mapping[UUID, date]) -> list[tuple[ServiceCard, str, date | None]]:
    """The few services that nobody rang for the longest time."""
    mine = [(one, office.site(one.site_id), seen.get(one.id) or one.verified_on) for one in office.services if _mine(one.site_id)]
    return sorted(mine, key=lambda line: (line[2] or date.min, line[0].name, line[1]))[:_SERVICES_SHOWN]


@blueprint.get("/services")
@needs(Permission.LETTER_OPEN)
def services() -> str:
    """The directory, with who was rung when."""
    with room().read() as reading:
        seen = seen_services(reading)
    office = room().office
    listed = [(one, office.site(one.site_id), seen.get(one.id) or one.verified_on) for one in office.services if _mine(one.site_id)]
    return render_template("protection/services.html", services=listed, day=_local_now().date(), form=PlainPost())


@blueprint.post("/services/<uuid:service_id>/checked")
@needs(Permission.LETTER_OPEN)
def service_checked(service_id: UUID) -> Response:
    """Somebody rang, and somebody answered."""
    known = {one.id for one in room().office.services if _mine(one.site_id)}
    with room().work(person().id) as work:
        check_service(work, service_id, known)
    flash(_("Checked today. The officers of this room see the date."), "ok")
    back = request.form.get("back")
    return redirect(url_for("protection.today" if back == "today" else "protection.services"))


def _row(line: cases.CaseLine, zone: str, now: datetime) -> dict[str, object]:
    tone, words = wording.reach(line.reach, has_phone=line.has_phone, now=now, zone=zone)
    return {
        "line": line,
        "due": wording.due(line.due.decide, zone, exact=line.band is Band.CRITICAL),
        "why": wording.first_contact(line, zone, now),
        "reach": (tone, words),
        "where": wording.where(line, zone),
        "language": wording.language_name(line.language),
    }


def _mine(site_id: UUID) -> bool:
    return not my_sites() or site_id in my_sites()


def _local_now() -> datetime:
    return house().clock.now().astimezone(ZoneInfo(house().operation.zone))


def _again() -> list[str]:
    now = _local_now().time()
    return [f"{at:%H:%M}" for at in _AGAIN_AT if at > now]


def _on_call() -> str:
    day = _local_now().date()
    counting = [
        one for one in room().office.notices if one.effective_at <= house().clock.now() and one.week <= day < one.week + timedelta(days=7)
    ]
    return counting[0].on_call if counting else ""


def _notice_due() -> datetime | None:
    """The Sunday 18:00 before which next week's notice is still to be written; None when it is there."""
    day = _local_now().date()
    week = day + timedelta(days=7 - day.weekday())
    if any(one.week == week for one in room().office.notices):
        return None
    return datetime.combine(week - timedelta(days=1), time(18), ZoneInfo(house().operation.zone))


from cbi.protection import views_case, views_lead  # noqa: E402, F401 -- more pages of the same blueprint
