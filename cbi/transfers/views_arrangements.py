"""The help desk's pages, and the manager's: one writes wishes into the inbox, the other publishes and confirms. Neither can look into it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.errors import NotThere, Refused
from cbi.people.lives_papers import is_refused
from cbi.people.registered import Registered, open_household, open_households
from cbi.people.search import FoundBy, find
from cbi.sites.service import all_sites
from cbi.store.ids import id_of
from cbi.store.work import Reading
from cbi.transfers import published
from cbi.transfers.arrangement_words import KIND_WORDS, describe
from cbi.transfers.arrangements import ADULT, current_for, propose_arrangement
from cbi.transfers.forms_arrangements import ArrangementForm, filled, grid_days, grid_times
from cbi.transfers.inbox import last_publication, next_slot, publish_now
from cbi.transfers.kept import SOON, kept_now
from cbi.transfers.published import Changed
from cbi.transfers.receiving import Wanted
from cbi.transfers.tables import ArrangementKind
from cbi.transfers.views import blueprint
from cbi.web.guard import carried, needs
from cbi.web.house import actor, house, person, records
from cbi.web.listing import listing_args
from cbi.web.words import _, _n

Answer = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Card:
    """A household with what holds for it and the names that may stand in it."""

    household: Registered
    current: Mapping[ArrangementKind, Wanted]
    names: Mapping[UUID, str]
    sites: list[tuple[str, str]]
    members: list[tuple[str, str]]
    adults: list[tuple[str, str]]
    seen: str
    next_time: str


@blueprint.route("/help-desk", methods=["GET", "POST"])
@needs(P.ARRANGEMENT_CHANGE)
def desk() -> Answer:
    """Find a household by whatever the person brings; what was typed never stands in an address."""
    typed = request.form.get("q", "")
    args = listing_args(request.form, sorts=("likeness",))
    with records().read() as reading:
        listing = find(reading, typed, args, country=house().operation.country, near=person().site_id)
        only = listing.rows[0] if listing.total == 1 and listing.rows else None
        if only and only.by in {FoundBy.NUMBER, FoundBy.TOKEN}:
            return redirect(url_for("transfers.card", household_id=only.card.id), 303)
        shown = {"listing": listing, "asked": typed, "lost": is_refused(reading, typed), "next_time": next_slot(reading).name}
        return render_template("transfers/arrangements_desk.html", **shown)


@blueprint.get("/help-desk/sentences")
@needs(P.ARRANGEMENT_CHANGE)
def sentences() -> str:
    """What to say, the same to everybody."""
    return render_template("transfers/arrangements_sentences.html")


@blueprint.get("/help-desk/kept")
@needs(P.ARRANGEMENT_CHANGE)
def kept() -> str:
    """Whose money is kept until they ask, and when their cycle ends."""
    with records().read() as reading:
        found, today = kept_now(reading), reading.today
    return render_template(
        "transfers/arrangements_kept.html",
        kept=found,
        today=today,
        soon=today + SOON,
        say=lambda reach: describe(ArrangementKind.MESSAGES, reach, {}) if reach else "",
    )


@blueprint.route("/households/<uuid:household_id>/arrangement", methods=["GET", "POST"])
@needs(P.ARRANGEMENT_CHANGE, carry=True)
def card(household_id: UUID) -> Answer:
    """How a household receives, and the form that changes it."""
    with records().read() as reading:
        found = _card(reading, household_id)
    form = ArrangementForm(data={**filled(found.current, found.seen, records().ids.new("transfers.form")), **_again()})
    form.offer(sites=found.sites, adults=found.adults, members=found.members)
    if not form.validate_on_submit():
        return _card_page(form, found), 422 if form.is_submitted() else 200
    try:
        _propose(form, found, household_id)
    except NotThere:
        raise
    except Refused as refusal:
        form.form_errors.append(refusal.fix)
        form.seen.data = found.seen
        return _card_page(form, found), 422
    flash(_("Saved. It is read at the next publishing, %(time)s.", time=found.next_time), "ok")
    return redirect(url_for("transfers.card", household_id=household_id), 303)


@blueprint.get("/arrangements")
@needs(P.ARRANGEMENTS_PUBLISH)
def publishing() -> str:
    """What was published last, and payees to confirm together."""
    args = listing_args(request.args, sorts=("number",), size=200)
    with records().read() as reading:
        last = last_publication(reading)
        latest = published.changes_of(reading, last.id, listing_args({}, sorts=("kind",))) if last else None
        payees = published.payees_to_confirm(reading, args)
        names = _names(reading, [*(latest.rows if latest else ()), *payees.rows])
        return render_template(
            "transfers/arrangements.html",
            last=last,
            latest=latest,
            payees=payees,
            say=lambda change, value: describe(change.kind, value, names),
            kinds=KIND_WORDS,
            next_time=next_slot(reading).name,
        )


@blueprint.get("/arrangements/past")
@needs(P.ARRANGEMENTS_PUBLISH)
def publications() -> str:
    """Every publication, the empty ones too."""
    args = listing_args(request.args, sorts=("number",), descending=True)
    with records().read() as reading:
        return render_template("transfers/arrangements_past.html", listing=published.publications(reading, args))


@blueprint.get("/arrangements/<uuid:publication_id>")
@needs(P.ARRANGEMENTS_PUBLISH)
def publication(publication_id: UUID) -> str:
    """What one publication changed."""
    args = listing_args(request.args, sorts=("kind",), filters=("kind",))
    with records().read() as reading:
        found = published.publication_of(reading, publication_id)
        last = last_publication(reading)
        listing = published.changes_of(reading, publication_id, args)
        names = _names(reading, listing.rows)
        return render_template(
            "transfers/arrangements_one.html",
            publication=found,
            listing=listing,
            can_undo=last is not None and last.id == found.id,
            say=lambda change, value: describe(change.kind, value, names),
            kinds=KIND_WORDS,
        )


@blueprint.post("/arrangements/publish")
@needs(P.ARRANGEMENTS_PUBLISH)
def publish() -> Response:
    """Publish at once, before a list is made or handed in."""
    with records().work(actor()) as work:
        publication_id = publish_now(work)
    flash(_("Published. Lists that are made from now on know these changes."), "ok")
    return redirect(url_for("transfers.publication", publication_id=publication_id), 303)


@blueprint.post("/arrangements/<uuid:arrangement_id>/undo")
@needs(P.ARRANGEMENTS_PUBLISH)
def undo(arrangement_id: UUID) -> Response:
    """Take one change back; what was before holds again."""
    with records().work(actor()) as work:
        publication_id = published.undo(work, arrangement_id)
    flash(_("Taken back. What was before holds again."), "ok")
    return redirect(url_for("transfers.publication", publication_id=publication_id), 303)


@blueprint.post("/arrangements/confirm")
@needs(P.ARRANGEMENTS_PUBLISH)
def confirm_payees() -> Response:
    """Confirm changes of payees that were looked at together."""
    chosen = request.form.getlist("shown" if request.form.get("all") else "change")
    ticked = [given for text in chosen if (given := id_of(text)) is not None]
    try:
        with records().work(actor()) as work:
            count = published.confirm_payees(work, ticked)
        flash(_n("%(num)s change of payee is confirmed.", "%(num)s changes of payees are confirmed.", count), "ok")
    except Refused as refusal:
        flash(_("You need to %(fix)s.", fix=refusal.fix), "stop")
    return redirect(url_for("transfers.publishing") + "#payees", 303)


def _propose(form: ArrangementForm, found: _Card, household_id: UUID) -> None:
    if form.seen.data != found.seen:
        raise Refused(_("read the card again before you save: changes were published meanwhile"))
    changes = form.changes(found.current)
    with records().work(actor()) as work:
        propose_arrangement(
            work, household_id=household_id, changes=changes, agreed=bool(form.agreed.data), client_key=UUID(form.client_key.data)
        )


def _card(reading: Reading, household_id: UUID) -> _Card:
    household = open_household(reading, household_id)
    sites = all_sites(reading)
    people = list(zip(household.member_ids, household.told.members, strict=True))
    last = last_publication(reading)
    return _Card(
        household=household,
        current=current_for(reading, [household_id]).get(household_id, {}),
        names={**{site.id: site.name for site in sites}, **{one: member.name for one, member in people}},
        sites=[(str(site.id), site.name) for site in sites],
        members=[(str(one), member.name) for one, member in people],
        adults=[(str(one), member.name) for one, member in people if reading.today.year - member.born.year >= ADULT],
        seen=str(last.id) if last else "",
        next_time=next_slot(reading).name,
    )


def _card_page(form: ArrangementForm, found: _Card) -> str:
    facts = [(KIND_WORDS[kind], describe(kind, value, found.names)) for kind, value in found.current.items()]
    return render_template(
        "transfers/arrangements_card.html",
        form=form,
        card=found,
        facts=facts,
        days=grid_days(),
        times=grid_times(),
        next_time=found.next_time,
    )


def _names(reading: Reading, changes: Iterable[Changed]) -> dict[UUID, str]:
    """The places and members that may stand in these changes."""
    names = {site.id: site.name for site in all_sites(reading)}
    wanted = {one.household_id for one in changes if one.kind in {ArrangementKind.RECIPIENT, ArrangementKind.SHARES}}
    for household in open_households(reading, sorted(wanted)).values():
        names |= {one: member.name for one, member in zip(household.member_ids, household.told.members, strict=True)}
    return names


def _again() -> dict[str, object]:
    """What was typed before the session went idle."""
    many = {"day", "hours", "help", "shares"}
    return {name: values if name in many else values[0] for name, values in (carried() or {}).items() if values}
