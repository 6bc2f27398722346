"""The pages on which the life of a household changes: each one question, each can be taken back while nothing was built upon it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.errors import NotThere, Refused, SomebodyWasFirst
from cbi.people import forms_lives as forms
from cbi.people import lists, lives_homes, lives_papers, lives_people, undoing
from cbi.people.history import change_of, changes_of, told_of
from cbi.people.numbers import read_number
from cbi.people.registered import Registered, open_household
from cbi.people.search import FoundBy, find
from cbi.people.spoken import consent_texts
from cbi.people.story_words import field_words
from cbi.people.tables import HouseholdStatus, Relation
from cbi.people.tables_lives import ChangeKind
from cbi.people.told import change_words
from cbi.people.values import NewMember
from cbi.people.views import blueprint
from cbi.people.words import WORDS
from cbi.people.words_lives import MEANS
from cbi.staff.service import names_of
from cbi.store.ids import id_of
from cbi.store.work import Work
from cbi.web.guard import needs
from cbi.web.house import actor, house, person, records
from cbi.web.listing import Listing, listing_args
from cbi.web.words import _

Answer = str | Response | tuple[str, int]
_F = TypeVar("_F", bound=forms.SeenForm)
_USUAL = timedelta(days=14)
_CHANGES = 20  # on one page


@blueprint.get("/households/<uuid:household_id>/lives")
@needs(P.PERSON_READ)
def lives(household_id: UUID) -> str:
    """What may change, and what did: from what to what for those who may correct, and what can be taken back."""
    args = listing_args(request.args, sorts=("when",), size=_CHANGES)
    mine = person()
    with records().read() as reading:
        kept = open_household(reading, household_id)
        every = changes_of(reading, household_id)
        paged = args.within(len(every))
        shown = every[paged.offset : paged.offset + paged.size]
        why_not = undoing.reasons(reading, shown)
        rows = [
            {
                "change": one,
                "words": change_words(one, household_id, numbers=True),
                "told": told_of(reading, one) if mine.may(P.PERSON_REGISTER) and one.household_id == household_id else [],
                "why_not": why_not[one.id],
                "mine": one.household_id == household_id,
                "beside": None if why_not[one.id] or one.household_id == household_id else undoing.beside(reading, one),
            }
            for one in shown
        ]
        names = names_of(reading, {who for one in shown for who in (one.made_by, one.undone_by, one.confirmed_by) if who})
        gone = lives_people.gone_from(reading, household_id)
    return render_template(
        "people/lives.html",
        kept=kept,
        listing=Listing(rows, len(every), paged),
        names=names,
        gone=gone,
        field_words=field_words,
        value_words=value_words,
        may_confirm=mine.may(P.ARRANGEMENTS_PUBLISH),
        me=mine.id,
        closed=kept.status in (HouseholdStatus.MERGED, HouseholdStatus.WITHDRAWN),
        page_of=_page_of,
    )


def _page_of(beside: undoing.Beside, change_id: UUID) -> str:
    """Where the other household's history has a change."""
    page = beside.newer // _CHANGES + 1 if beside.newer >= _CHANGES else None
    return url_for("people.lives", household_id=beside.household_id, page=page, _anchor=f"change-{change_id}")


@blueprint.route("/households/<uuid:household_id>/split", methods=["GET", "POST"])
@needs(P.PERSON_REGISTER, carry=True)
def split(household_id: UUID) -> Answer:
    """Some of them live on their own now."""
    kept = _kept(household_id)
    form = _seen(forms.SplitForm(), kept)
    form.offer(kept)
    if form.language.data is None:
        form.language.data = kept.told.consent_language if kept.told.consent_language in consent_texts() else "en"
    text = consent_texts().get(form.language.data or "", consent_texts()["en"])

    def act(work: Work) -> UUID | None:
        new = form.read(house().operation.country)
        return None if new is None else lives_homes.split(work, household_id, new, seen_version=form.version)

    return _page_or_done(
        "people/life_split.html", form, kept, act, _("They are a household of their own now. Write its number on its card."), text=text
    )


@blueprint.route("/households/<uuid:household_id>/join", methods=["GET", "POST"])
@needs(P.PERSON_REGISTER)
def join(household_id: UUID) -> Answer:
    """Which household lives with this one now?"""
    kept = _kept(household_id)
    form = _seen(forms.OtherForm(), kept)
    if form.validate_on_submit():
        with records().read() as reading:
            number = read_number(form.number.data) or ""
            rows = find(reading, number, listing_args({}, sorts=("likeness",)), country=house().operation.country).rows if number else ()
            other = forms.read_other(form, {one.card.number: one.card.id for one in rows if one.by is FoundBy.NUMBER})
        if other is not None:
            return redirect(url_for("people.join_other", household_id=household_id, other_id=other), 303)
    return render_template("people/life_join.html", form=form, kept=kept), 422 if form.is_submitted() else 200


@blueprint.route("/households/<uuid:household_id>/join/<uuid:other_id>", methods=["GET", "POST"])
@needs(P.PERSON_REGISTER, carry=True)
def join_other(household_id: UUID, other_id: UUID) -> Answer:
    """Who each of those who come is to the head of this household."""
    kept, other = _kept(household_id), _kept(other_id)
    form = _seen(forms.JoinForm(), kept)
    form.fill_people((member_id, "") for member_id in other.member_ids)

    def act(work: Work) -> UUID | None:
        lives_homes.join(work, household_id, other_id, form.relations(), seen_version=form.version)
        return household_id

    return _page_or_done(
        "people/life_join_other.html",
        form,
        kept,
        act,
        _("They are one household now. The card of the other one is refused."),
        other=other,
        coming_people=_by_id(other),
    )


@blueprint.route("/households/<uuid:household_id>/move", methods=["GET", "POST"])
@needs(P.PERSON_REGISTER)
def move(household_id: UUID) -> Answer:
    """Where it lives now."""
    kept = _kept(household_id)
    form = _seen(forms.MoveForm(), kept)
    with records().read() as reading:
        form.offer(lists.site_choices(reading), kept.told.site_id)

    def act(work: Work) -> UUID | None:
        lives_homes.move(work, household_id, UUID(form.site.data), form.shelter.data or "", seen_version=form.version)
        return household_id

    return _page_or_done("people/life_move.html", form, kept, act, _("Moved. Lists that were not sent yet follow."))


@blueprint.route("/households/<uuid:household_id>/head", methods=["GET", "POST"])
@needs(P.PERSON_REGISTER, carry=True)
def head(household_id: UUID) -> Answer:
    """Who leads the household, and who receives."""
    kept = _kept(household_id)
    form = _seen(forms.HeadForm(), kept)
    form.offer(kept)

    def act(work: Work) -> UUID | None:
        lives_people.new_head(work, household_id, form.read(), seen_version=form.version)
        return household_id

    return _page_or_done("people/life_head.html", form, kept, act, _confirmed_next())


@blueprint.route("/households/<uuid:household_id>/gone", methods=["GET", "POST"])
@needs(P.PERSON_REGISTER)
def gone(household_id: UUID) -> Answer:
    """Who died or left."""
    kept = _kept(household_id)
    form = _seen(forms.GoneForm(), kept)
    form.offer(kept)

    def act(work: Work) -> UUID | None:
        member_id, receives, why = UUID(form.member.data), id_of(form.recipient.data), ChangeKind(form.why.data)
        lives_people.went(work, household_id, member_id, why, seen_version=form.version, recipient_id=receives)
        return household_id

    return _page_or_done(
        "people/life_gone.html", form, kept, act, _("Written down. From the next cycle on the household is counted without this person.")
    )


@blueprint.route("/households/<uuid:household_id>/born", methods=["GET", "POST"])
@needs(P.PERSON_REGISTER)
def born(household_id: UUID) -> Answer:
    """Who was born."""
    kept = _kept(household_id)
    form = _seen(forms.BornForm(), kept)

    def act(work: Work) -> UUID | None:
        member = form.read(house().clock.today(house().operation.zone))
        if member is None:
            return None
        lives_people.born(work, household_id, member, seen_version=form.version)
        return household_id

    return _page_or_done(
        "people/life_born.html", form, kept, act, _("Written down. From the next cycle on the household is counted with this child.")
    )


@blueprint.route("/households/<uuid:household_id>/returned", methods=["GET", "POST"])
@needs(P.PERSON_REGISTER)
def returned(household_id: UUID) -> Answer:
    """Who is back."""
    kept = _kept(household_id)
    with records().read() as reading:
        left = lives_people.gone_from(reading, household_id)
    form = _seen(forms.ReturnedForm(), kept)
    form.offer(left)

    def act(work: Work) -> UUID | None:
        relation = Relation(form.relation.data)
        lives_people.returned(work, household_id, UUID(form.who.data), relation, seen_version=form.version)
        return household_id

    return _page_or_done(
        "people/life_returned.html",
        form,
        kept,
        act,
        _("Written down. From the next cycle on the household is counted with this person."),
        left=left,
    )


@blueprint.route("/households/<uuid:household_id>/card", methods=["GET", "POST"])
@needs(P.PERSON_REGISTER)
def card(household_id: UUID) -> Answer:
    """Another paper card; the lost one is refused."""
    kept = _kept(household_id)
    form = _seen(forms.SureForm(), kept)

    def act(work: Work) -> UUID | None:
        lives_papers.replace_card(work, household_id, seen_version=form.version)
        return household_id

    return _page_or_done(
        "people/life_card.html", form, kept, act, _("The household has another card. The lost one is refused from now on.")
    )


@blueprint.route("/households/<uuid:household_id>/identified", methods=["GET", "POST"])
@needs(P.PERSON_REGISTER)
def identified(household_id: UUID) -> Answer:
    """Somebody came without a document: how were they known?"""
    kept = _kept(household_id)
    form = _seen(forms.IdentifiedForm(), kept)
    form.offer(kept)
    today = house().clock.today(house().operation.zone)
    if not form.is_submitted():
        form.until.data = today + _USUAL

    def act(work: Work) -> UUID | None:
        lives_papers.identify(work, household_id, UUID(form.member.data), form.how, form.until.data, seen_version=form.version)
        return household_id

    last = today + lives_papers.LONGEST
    return _page_or_done("people/life_identified.html", form, kept, act, _("Written down. It counts until the day you chose."), last=last)


@blueprint.post("/changes/<uuid:change_id>/undo")
@needs(P.PERSON_REGISTER)
def undo_change(change_id: UUID) -> Response:
    """Make everything as it was before a change."""
    return _about_change(change_id, undoing.undo, _("Taken back. Everything is as it was before."))


@blueprint.post("/changes/<uuid:change_id>/confirm")
@needs(P.ARRANGEMENTS_PUBLISH)
def confirm_change(change_id: UUID) -> Response:
    """A second person says that who receives is right."""
    return _about_change(change_id, undoing.confirm_payee, _("Confirmed. The household is on lists again three days after the change."))


@blueprint.get("/households/payees")
@needs(P.ARRANGEMENTS_PUBLISH)
def payees() -> str:
    """Households for whom somebody else receives since their life changed, and nobody has confirmed it yet."""
    args = listing_args(request.args, sorts=("when",))
    with records().read() as reading:
        every = undoing.to_confirm(reading)
        paged = args.within(len(every))
        shown = every[paged.offset : paged.offset + paged.size]
        names = names_of(reading, {one.change.made_by for one in shown})
        words = {one.change.id: change_words(one.change, one.change.household_id, numbers=True) for one in shown}
    return render_template("people/payees.html", listing=Listing(shown, len(every), paged), names=names, words=words, me=person().id)


def value_words(value: str) -> str:
    """A value of the history: codes of closed lists in words, everything else as it was written."""
    return next((str(words) for word, words in WORDS.items() if word.value == value), value)


def _about_change(change_id: UUID, act: Callable[[Work, UUID], object], done: str) -> Response:
    with records().read() as reading:
        household_id = change_of(reading, change_id).household_id
    try:
        with records().work(actor()) as work:
            act(work, change_id)
        flash(done, "ok")
    except NotThere:
        raise
    except Refused as refusal:
        flash(_("You need to %(fix)s.", fix=refusal.fix), "stop")
    return redirect(url_for("people.lives", household_id=household_id), 303)


def _page_or_done(
    template: str, form: forms.SeenForm, kept: Registered, act: Callable[[Work], UUID | None], done: str, **more: object
) -> Answer:
    """Draw the page; or do what was sent, and show the household it is about afterwards. What was typed stays when it is refused."""
    status = 200
    if form.is_submitted():
        status = 422
        if form.version != kept.version:
            forms.refused(form, SomebodyWasFirst(_("read the household again: somebody changed it in the meantime")))
            status = 409
        elif form.validate():
            try:
                with records().work(actor()) as work:
                    shown = act(work)
                if shown is not None:
                    flash(done, "ok")
                    return redirect(url_for("people.household", household_id=shown), 303)
            except NotThere:
                raise
            except Refused as refusal:
                forms.refused(form, refusal)
                status = 409 if isinstance(refusal, SomebodyWasFirst) else 422
    return render_template(template, form=form, kept=kept, people=_by_id(kept), words=WORDS, means=MEANS, **more), status


def _by_id(kept: Registered) -> dict[str, NewMember]:
    return dict(zip(map(str, kept.member_ids), kept.told.members, strict=True))


def _kept(household_id: UUID) -> Registered:
    """The household, open. Raises NotThere for one that is closed: nothing changes in it any more."""
    with records().read() as reading:
        kept = open_household(reading, household_id)
    if kept.status is HouseholdStatus.MERGED:
        raise NotThere
    return kept


def _seen(form: _F, kept: Registered) -> _F:
    if not form.is_submitted():
        form.seen.data = str(kept.version)
    return form


def _confirmed_next() -> str:
    return _("Written down. Who receives is confirmed by a second person, and counts three days after.")
