"""The lead's pages: the weekly notice, who may enter, and the room's log."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for

from cbi.access import Permission
from cbi.errors import NotThere
from cbi.protection import handovers, odd, officers, setup, wording
from cbi.protection import log as chain_log
from cbi.protection.forms import NoticeForm, OfficerForm, PlainPost, ResetForm
from cbi.protection.purge import LETTER_DAYS
from cbi.protection.tables import Officer
from cbi.protection.views import blueprint, room
from cbi.staff.credentials import totp_address
from cbi.web.again import Answer, form_page
from cbi.web.frame import ROLE_NAMES
from cbi.web.guard import needs
from cbi.web.house import house, person
from cbi.web.listing import listing_args
from cbi.web.words import _, listed

ISSUER = "CBI Manager, support"


@blueprint.route("/notice", methods=["GET", "POST"])
@needs(Permission.NOTICE_WRITE)
def notice() -> Answer:
    """Where private talks are possible next week, how many, and who is on call."""
    sites = room().office.sites
    form = NoticeForm(week=_next_monday())
    form.offer(list(sites))

    def act() -> Answer:
        setup.publish_notice(room(), person().id, form.read())
        flash(_("The notice is published. It counts from Sunday, 18:00."), "ok")
        return redirect(url_for("protection.notice"))

    def page(status: int) -> Answer:
        shown = render_template(
            "protection/notice.html",
            form=form,
            sites=sites,
            notices=room().office.notices,
            week_days=[(str(number), name) for number, name in enumerate(_monday_first())],
        )
        return shown, status

    return form_page(form, act, page)


@blueprint.get("/officers")
@needs(Permission.OFFICERS_KEEP)
def officers_page() -> str:
    """Who may enter."""
    with room().read() as reading:
        people = officers.present(reading)
    office = room().office
    rows = [
        (one, str(ROLE_NAMES[one.role]), listed(office.site(site) for site in sorted(officers.sites_of(one), key=office.site)))
        for one in people
    ]
    return render_template("protection/officers.html", people=rows, me=person().id)


@blueprint.route("/officers/new", methods=["GET", "POST"])
@needs(Permission.OFFICERS_KEEP)
def officer_new() -> Answer:
    """Let somebody in, with a second person standing by."""
    form = OfficerForm()
    form.offer(room().office)

    def act() -> Answer:
        handed = setup.add_officer(room(), person().id, room().keys, form.new(), form.second())
        return _handed(handed, form.sign_in_name.data or "")

    return form_page(form, act, lambda status: (render_template("protection/officer_new.html", form=form), status))


@blueprint.route("/officers/<uuid:officer_id>/reset", methods=["GET", "POST"])
@needs(Permission.OFFICERS_KEEP)
def officer_reset(officer_id: UUID) -> Answer:
    """Give somebody a new passphrase and second factor."""
    officer = _officer(officer_id)
    form = ResetForm()

    def act() -> Answer:
        handed = setup.reset_officer(room(), person().id, room().keys, officer_id, form.passphrase.data or "", form.second())
        house().shelf.revoke(officer_id)
        return _handed(handed, officer.sign_in_name)

    def page(status: int) -> Answer:
        opens_handovers = officer.role in handovers.FOCAL
        return render_template("protection/officer_reset.html", form=form, officer=officer, opens_handovers=opens_handovers), status

    return form_page(form, act, page)


@blueprint.route("/officers/<uuid:officer_id>/remove", methods=["GET", "POST"])
@needs(Permission.OFFICERS_KEEP)
def officer_remove(officer_id: UUID) -> Answer:
    """Take somebody's place away; the room gets new keys and everybody opens it again."""
    officer = _officer(officer_id)
    form = PlainPost()

    def act() -> Answer:
        setup.remove_officer(room(), person().id, room().keys, officer_id)
        house().shelf.revoke(officer_id)
        return redirect(url_for("protection.officers_page"))

    return form_page(form, act, lambda status: (render_template("protection/officer_remove.html", form=form, officer=officer), status))


@blueprint.get("/log")
@needs(Permission.ROOM_LOG_READ)
def log() -> str:
    """The room's own chain, and whether it is unbroken."""
    args = listing_args(request.args, sorts=("seq",), descending=True)
    with room().locked.read() as reading:
        listing = chain_log.entries(reading, args)
    return render_template("protection/log.html", listing=listing, events=wording.EVENTS, verdict=room().locked_verdict())


@blueprint.get("/log/mine")
@needs(Permission.ROOM_HOME)
def log_mine() -> str:
    """What the log holds of oneself: every seat may read that."""
    args = listing_args(request.args, sorts=("seq",), descending=True)
    with room().locked.read() as reading:
        listing = chain_log.entries(reading, args, only=person().id)
    return render_template("protection/log_mine.html", listing=listing, events=wording.EVENTS)


@blueprint.get("/unreadable")
@needs(Permission.NOTICE_WRITE)
def unreadable() -> str:
    """Letters that could not be read: when they came, by which number the office's box knew them, and why. They are never shown."""
    with room().read() as reading:
        kept = odd.listed(reading, room().keys)
    return render_template(
        "protection/unreadable.html",
        odd=[(one, one.day + timedelta(days=LETTER_DAYS)) for one in kept],
        some_do_not_open=any(not one.version for one in kept),
        some_not_known=any(one.version for one in kept),
    )


def _handed(handed: officers.Handed, sign_in_name: str) -> str:
    return render_template(
        "protection/handed.html",
        handed=handed,
        address=totp_address(handed.totp_secret, name=sign_in_name, issuer=ISSUER),
        groups=[handed.totp_secret[start : start + 4] for start in range(0, len(handed.totp_secret), 4)],
    )


def _officer(officer_id: UUID) -> Officer:
    with room().locked.read() as reading:
        officer = reading.session.get(Officer, officer_id)
    if officer is None or officer.left_on is not None:
        raise NotThere
    return officer


def _next_monday() -> date:
    day = house().clock.now().astimezone(ZoneInfo(house().operation.zone)).date()
    return day + timedelta(days=7 - day.weekday())


def _monday_first() -> list[object]:
    names = list(wording.DAYS.values())
    return [*names[1:], names[0]]
