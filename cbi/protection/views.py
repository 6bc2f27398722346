"""Sign in, lock, and the start page: letters by decide-by, without a name and without a reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from cbi.access import Permission
from cbi.errors import Refused
from cbi.protection import cases, handovers, instruments, outbox, promises, referrals, wording, wording_outgoing
from cbi.protection.forms import PlainPost, SignInForm
from cbi.protection.keys import fingerprint
from cbi.protection.log import openings
from cbi.protection.officers import sites_of
from cbi.protection.policy import may_open
from cbi.protection.room import Room
from cbi.protection.services import check_service, seen_services
from cbi.protection.snapshot import NoticeCard, Office, ServiceCard
from cbi.protection.tables import Officer
from cbi.protection.unlock import RedStop
from cbi.protection.unlock import sign_in as unlock
from cbi.web.guard import anyone, needs
from cbi.web.house import house, person, person_or_none
from cbi.web.listing import Listing, listing_args
from cbi.web.marks import mark_words
from cbi.web.sessions import begin, end
from cbi.web.words import _, listed
from screening import Band

blueprint = Blueprint("protection", __name__, url_prefix="/support")

# When the officer on call opens the room besides the morning: "Talk, today" cannot be known before a letter is opened.
_SERVICES_SHOWN = 4
_AGAIN_AT = (time(12, 30), time(16, 30))


# Pages that open before anybody is known; all others have their row of the matrix.
_BEFORE = frozenset({"sign_in", "sign_out"})


@blueprint.before_request
def keep_to_the_matrix() -> None:
    """Default deny: besides its own right every page asks the matrix, so a new page without a row of it opens for nobody."""
    page, someone = (request.endpoint or "").split(".")[-1], person_or_none()
    if someone is not None and page not in _BEFORE and not may_open(page, someone.roles):
        abort(404)


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
    except RedStop:
        return render_template("protection/red_stop.html"), 409
    except Refused as problem:
        form.form_errors = [*form.form_errors, problem.fix]
        return render_template("protection/sign_in.html", form=form), 422
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
    """What waits, by decide-by; for those who open no letters, what their seat has."""
    if person().may(Permission.HANDOVER_READ):
        return views_focal.focal_today()
    if not person().may(Permission.LETTER_OPEN):
        return render_template("protection/today_without.html", day=local_now().date())
    zone, now = house().operation.zone, house().clock.now()
    with room().read() as reading:
        lines = cases.every_line(reading, room().office, my_sites())
        opened = openings(reading, person().id, local_now().date())
        seen = seen_services(reading)
        due = promises.due(reading, my_sites(), lines, person().id)
        lead = promises.for_lead(reading, lines) if person().may(Permission.NOTICE_WRITE) else None
    waiting = cases.by_due(line for line in lines if line.is_waiting)
    office = room().office
    groups = [
        (band, wording.band_words(band), [row_of(line, zone, now) for line in waiting if line.band is band])
        for band in (Band.CRITICAL, Band.HIGH)
    ]
    return render_template(
        "protection/today.html",
        groups=[group for group in groups if group[2]],
        day=local_now().date(),
        places=listed(name for site_id, name in office.sites.items() if not my_sites() or site_id in my_sites()),
        on_call=_on_call(),
        opened=[(f"{at.astimezone(ZoneInfo(zone)):%H:%M}", wording.new_letters(count)) for at, count in opened],
        again=_again(),
        services=_longest_unchecked(office, seen),
        services_in_all=sum(_mine(one.site_id) for one in office.services),
        changes=[found for site_id in office.sites if _mine(site_id) and (found := wording.ordinary(office, site_id))],
        form=PlainPost(),
        asked=[line for line in lines if line.asked_by not in (None, person().id)],
        promises=due,
        ring=[wording_outgoing.answer_by(one, zone, now) for one in due.to_ring[:1]],
        lead=lead,
        questions_unknown=questions_unknown(),
        late=[(line, wording.late_words(line, zone, now)) for line in lead.late] if lead else [],
        notice_due=_notice_due() if lead else None,
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
    page = [row_of(line, zone, now) for line in lines[args.offset : args.offset + args.size]]
    return render_template("protection/letters.html", listing=Listing(page, len(lines), args), filed=filed)


@blueprint.get("/cases")
@needs(Permission.LETTER_OPEN)
def cases_page() -> str:
    """Cases that go on after the first talk, whose they are, and the referrals that have not ended."""
    zone, now = house().operation.zone, house().clock.now()
    with room().read() as reading:
        lines = [line for line in cases.every_line(reading, room().office, my_sites()) if line.stage in cases.GOING_ON]
        open_ones = referrals.open_referrals(reading, my_sites())
        passed = [one for one in handovers.passed_on(reading, sites=my_sites()) if one.may_come_back]
        counted = referrals.counts(reading) if person().may(Permission.NOTICE_WRITE) else []
    office = room().office
    mine = [line for line in lines if line.holder_id == person().id]
    others = [line for line in lines if line.holder_id != person().id and (line.holder or not line.is_waiting)]
    return render_template(
        "protection/cases.html",
        groups=[
            (name, [(line, wording.where(line, zone)) for line in cases.by_due(found)])
            for name, found in ((_("Yours"), mine), (_("Of others, or of nobody"), others))
            if found
        ],
        referrals=[
            (one, wording_outgoing.referral_where(one), wording_outgoing.answer_by(one, zone, now), one.answer_by and one.answer_by < now)
            for one in open_ones
        ],
        passed=[(one, office.site(one.site_id) if one.site_id else "", one.is_late(now)) for one in passed],
        counted=[
            (month, office.site(site_id) if site_id else "", wording_outgoing.kind_words(kind), wording.few(number))
            for month, site_id, kind, number in counted
        ],
    )


def _longest_unchecked(office: Office, seen: Mapping[UUID, date]) -> list[tuple[ServiceCard, str, date | None]]:
    """The few services that nobody rang for the longest time."""
    mine = [(one, office.site(one.site_id), seen.get(one.id) or one.verified_on) for one in office.services if _mine(one.site_id)]
    return sorted(mine, key=lambda line: (line[2] or date.min, line[0].name, line[1]))[:_SERVICES_SHOWN]


@blueprint.get("/services")
@needs(Permission.ROOM_HOME)
def services() -> str:
    """The directory, with who was rung when, and this week's notice: for every seat of the room."""
    with room().locked.read() as reading:
        seen = seen_services(reading)
    office, notice = room().office_for(person().id), _this_week()
    listed = [(one, office.site(one.site_id), seen.get(one.id) or one.verified_on) for one in office.services if _mine(one.site_id)]
    return render_template(
        "protection/services.html",
        services=listed,
        day=local_now().date(),
        form=PlainPost(),
        may_check=person().may(Permission.LETTER_OPEN),
        notice=notice,
        week_places=[office.site(site_id) for site_id in notice.days] if notice else [],
    )


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


def questions_unknown() -> str:
    """What to do when the office asks with words that this room never approved; "" when it does not."""
    office = room().office
    with room().read() as reading:
        if not instruments.unknown_in_use(reading, office.asked, office.asks_with):
            return ""
    return _(
        "The office asks with version %(version)s, and its words are none that this room approved: nothing that is told is read. You need to let"
        " nobody ask anything, and have the office's administrator put an approved version in use.",
        version=office.asks_with,
    )


def row_of(line: cases.CaseLine, zone: str, now: datetime) -> dict[str, object]:
    """A line of letters as the tables draw it."""
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


def local_now() -> datetime:
    """Now, in the office's own zone."""
    return house().clock.now().astimezone(ZoneInfo(house().operation.zone))


def _again() -> list[str]:
    now = local_now().time()
    return [f"{at:%H:%M}" for at in _AGAIN_AT if at > now]


def _on_call() -> str:
    notice = _this_week()
    return notice.on_call if notice else ""


def _this_week() -> NoticeCard | None:
    """The notice that counts today."""
    day, notices = local_now().date(), room().office_for(person().id).notices
    counting = [one for one in notices if one.effective_at <= house().clock.now() and one.week <= day < one.week + timedelta(days=7)]
    return counting[0] if counting else None


def _notice_due() -> datetime | None:
    """The Sunday 18:00 before which next week's notice is still to be written; None when it is there."""
    day = local_now().date()
    week = day + timedelta(days=7 - day.weekday())
    if any(one.week == week for one in room().office.notices):
        return None
    return datetime.combine(week - timedelta(days=1), time(18), ZoneInfo(house().operation.zone))


# More pages of the same blueprint.
from cbi.protection import views_case, views_feedback, views_focal, views_holding, views_instrument, views_lead  # noqa: E402, F401, I001
from cbi.protection import views_passphrase, views_referral  # noqa: E402, F401
