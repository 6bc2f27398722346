"""The focal points' pages: what was handed over to them, and for children the office's households without an adult at their head."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from cbi.access import Permission, Role
from cbi.errors import NotThere
from cbi.protection import feedback as heard
from cbi.protection import handovers, wording, wording_outgoing
from cbi.protection.facts import YoungHouseholdRead
from cbi.protection.feedback import Heard
from cbi.protection.forms import PlainPost
from cbi.protection.handovers import Given
from cbi.protection.snapshot import HouseholdCard
from cbi.protection.tables import Officer
from cbi.protection.views import blueprint, local_now, room
from cbi.protection.wording_feedback import subject_words
from cbi.store.work import Actor
from cbi.web.guard import needs
from cbi.web.house import house, person
from cbi.web.words import _


@blueprint.get("/handovers/<uuid:handover_id>")
@needs(Permission.HANDOVER_READ)
def handover(handover_id: UUID) -> str:
    """What was handed over; that it was read is written into the room's log."""
    guest, officer = room().guest(person().id), this_officer()
    with room().locked.work(Actor(person().id)) as work:
        given = handovers.read_given(work, officer, guest.private, guest.office, handover_id)
    return render_template(
        "protection/handover.html",
        given=given,
        lines=wording_outgoing.told_words(given.told),
        kept_days=handovers.KEPT_DAYS[officer.role],
        form=PlainPost(),
    )


@blueprint.post("/handovers/<uuid:handover_id>/take")
@needs(Permission.HANDOVER_READ)
def handover_take(handover_id: UUID) -> Response:
    """The focal point takes it."""
    guest, officer = room().guest(person().id), this_officer()
    with room().locked.work(Actor(person().id)) as work:
        handovers.acknowledge(work, officer, guest.private, guest.office, handover_id)
    flash(_("Taken. The officer sees that you have it."), "ok")
    return redirect(url_for("protection.handover", handover_id=handover_id))


@blueprint.get("/households/<uuid:household_id>")
@needs(Permission.HANDOVER_READ)
def young(household_id: UUID) -> str:
    """One household whose head is a child, from the office's own records; nobody asked it anything private."""
    office = room().guest(person().id).office
    card = office.households.get(household_id)
    if card is None or household_id not in office.young:
        raise NotThere
    with room().locked.work(Actor(person().id)) as work:
        work.remember(YoungHouseholdRead())
    return render_template(
        "protection/young.html",
        card=card,
        site=office.site(card.site_id),
        language=wording.language_name(card.language),
        hours=wording.hours_words(card.hours),
        services=[one for one in office.services if one.site_id == card.site_id],
    )


def focal_today() -> str:
    """A focal point's start page: hand-overs, and the households of the children's focal point."""
    guest, officer = room().guest(person().id), this_officer()
    with room().locked.read() as reading:
        given = handovers.given_to(reading, officer, guest.private, guest.office)
        said = heard.heard_by(reading, officer, guest.private, guest.office)
    now = house().clock.now()
    cards = [guest.office.households[one] for one in guest.office.young]
    return render_template(
        "protection/today_focal.html",
        day=local_now().date(),
        given=[(one, _where(one)) for one in given],
        said=[(one, subject_words(one.subject), guest.office.site(one.site_id) if one.site_id else "", _how(one, now)) for one in said],
        for_children=officer.role is Role.CHILD,
        young=[(card, guest.office.site(card.site_id), wording.language_name(card.language), _reach(card)) for card in cards],
    )


def this_officer() -> Officer:
    """The row of whoever is signed in. Raises NotThere."""
    with room().locked.read() as reading:
        officer = reading.session.get(Officer, person().id)
    if officer is None:
        raise NotThere
    return officer


def _how(one: Heard, now: datetime) -> tuple[str, str, str]:
    if one.taken_at is not None:
        return "ok", "done", _("Taken up")
    return ("look", "clock", _("Late")) if one.is_late(now) else ("wait", "ring", _("To take up"))


def _where(given: Given) -> tuple[str, str, str]:
    if given.acknowledged_at is None:
        return "look", "dashed", _("To take")
    return "ok", "done", _("Taken")


def _reach(card: HouseholdCard) -> tuple[str, str]:
    zone, now = house().operation.zone, house().clock.now()
    return wording.reach_of(card, now=now, zone=zone)
