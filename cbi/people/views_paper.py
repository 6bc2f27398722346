"""Papers of households: cards to cut, texts to read aloud, and what the office holds about one household."""

from __future__ import annotations

from uuid import UUID

from flask import Response, render_template, request
from werkzeug.datastructures import MultiDict

from cbi.access import P
from cbi.people import lists
from cbi.people.facts_paper import Told
from cbi.people.forms_paper import CardsForm, HeldPaperForm
from cbi.people.printed import (
    MOST_CARDS,
    card_holder,
    goes_without_step_up,
    held_paper,
    print_card,
    print_cards,
    tell,
    text_paper,
    words_of_rights,
)
from cbi.people.registered import open_household
from cbi.people.spoken import all_texts
from cbi.people.views import blueprint
from cbi.staff.service import step_up
from cbi.store.work import Reading
from cbi.web import paper as drawn
from cbi.web.again import Answer, or_again
from cbi.web.downloads import download
from cbi.web.forms import PlainForm
from cbi.web.guard import needs
from cbi.web.held import HeldPart
from cbi.web.house import actor, house, person, records
from cbi.web.locale import direction, language
from cbi.web.paper_cards import CardFace, draw_cards
from cbi.web.words import _

PDF = "application/pdf"


@blueprint.get("/households/cards")
@needs(P.PERSON_REGISTER)
def cards() -> Answer:
    """Print the cards of a place."""
    return _cards_page(CardsForm(), 200)


@blueprint.post("/households/cards.pdf")
@needs(P.PERSON_REGISTER)
def cards_paper() -> Answer:
    """The same as a file, after password and code: whoever holds a code collects with it."""
    form = CardsForm()
    with records().read() as reading:
        form.offer(lists.sites(reading), person().site_id)
    if not form.validate():
        return _cards_page(form, 422)

    def act() -> Answer:
        with records().work(actor()) as work:
            step_up(work, person().id, form.password.data, form.code.data)
            made = print_cards(work, UUID(form.site.data), first=form.first.data or "", last=form.last.data or "")
        return _drawn(made)

    return or_again(form, act, lambda status: _cards_page(form, status))


@blueprint.post("/households/<uuid:household_id>/card.pdf")
@needs(P.PERSON_REGISTER)
def card_paper(household_id: UUID) -> Answer:
    """The card of one household; of one that is neither new nor of the person's own site, and after many, only with password and code."""
    with records().work(actor()) as work:
        row = card_holder(work, household_id)
        made = print_card(work, household_id) if goes_without_step_up(work, row, person().site_id) else None
        which = {"site": str(row.site_id), "first": row.number, "last": row.number}
    return _drawn(made) if made is not None else _with_step_up(which)


@blueprint.get("/households/sheets")
@needs(P.PERSON_READ)
def sheets() -> str:
    """The texts that are read to people and that they take home, by language."""
    return render_template("people/sheets.html", texts=list(all_texts().values()))


@blueprint.get("/households/sheets/<kind>/<spoken>.pdf")
@needs(P.PERSON_READ)
def sheet(kind: str, spoken: str) -> Answer:
    """One of them, as a paper."""
    return download(drawn.draw(text_paper(kind, spoken, office=house().operation.name)), f"{kind}-{spoken}.pdf", PDF)


@blueprint.get("/households/<uuid:household_id>/held")
@needs(P.HELD_READ)
def held(household_id: UUID) -> Answer:
    """Before anything is told: who may hear it, and how."""
    return _held_page(household_id, HeldPaperForm(formdata=None), 200)


@blueprint.post("/households/<uuid:household_id>/held")
@needs(P.HELD_READ)
def held_aloud(household_id: UUID) -> Answer:
    """Everything the office holds about a household, to be read aloud from the screen."""
    with records().work(actor()) as work:
        number, parts = open_household(work, household_id).number, _parts(work, household_id)
        tell(work, household_id, Told.ALOUD)
    return render_template("people/held.html", number=number, household_id=household_id, parts=parts, rights=words_of_rights())


@blueprint.post("/households/<uuid:household_id>/held.pdf")
@needs(P.HELD_READ)
def held_as_paper(household_id: UUID) -> Answer:
    """The same as a paper, after password and code."""
    form = HeldPaperForm()
    if not form.validate():
        return _held_page(household_id, form, 422)

    def act() -> Answer:
        with records().work(actor()) as work:
            step_up(work, person().id, form.password.data, form.code.data)
            number, parts = open_household(work, household_id).number, _parts(work, household_id)
            tell(work, household_id, Told.WHOLE_PAPER if form.whole.data else Told.PAPER)
            today = work.now
        paper = held_paper(
            parts,
            number=number,
            whole=form.whole.data,
            today=today,
            office=house().operation.name,
            language=language(),
            right_to_left=direction() == "rtl",
        )
        return download(drawn.draw(paper), "held.pdf", PDF)

    return or_again(form, act, lambda status: _held_page(household_id, form, status))


def _parts(reading: Reading, household_id: UUID) -> list[HeldPart]:
    return [part for holder in house().held for part in holder(reading, household_id)]


def _held_page(household_id: UUID, form: HeldPaperForm, status: int) -> Answer:
    with records().read() as reading:
        kept = open_household(reading, household_id)
    return render_template("people/held_ask.html", kept=kept, form=form, aloud=PlainForm(formdata=None)), status


def _cards_page(form: CardsForm, status: int) -> Answer:
    with records().read() as reading:
        form.offer(lists.sites(reading), person().site_id)
    return render_template("people/cards.html", form=form, most=MOST_CARDS), status


def _with_step_up(which: dict[str, str]) -> Answer:
    """The page of many cards, filled in for one: what it still asks is password and code."""
    form = CardsForm(MultiDict(request.form.to_dict() | which))
    with records().read() as reading:
        form.offer(lists.sites(reading), person().site_id)
    form.validate()
    return _cards_page(form, 422)


def _drawn(made: list[CardFace]) -> Response:
    content = draw_cards(
        made,
        title=_("Paper cards"),
        page_words=_("page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
        made_at=house().clock.now(),
        language=language(),
        right_to_left=direction() == "rtl",
    )
    return download(content, "cards.pdf", PDF)
