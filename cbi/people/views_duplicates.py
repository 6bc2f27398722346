"""People who may be registered twice: the queue, each pair side by side with what speaks for and against, and the way back."""

from __future__ import annotations

from uuid import UUID

from flask import Response as FileResponse
from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.errors import NotThere, Refused
from cbi.people import alike_queue, aspects, duplicates, likeness, merging, sweep
from cbi.people.forms_alike import PairForm, Said
from cbi.people.registered import Registered, open_household
from cbi.people.tables import HouseholdStatus
from cbi.people.tables import Likeness as Answer
from cbi.people.views import blueprint
from cbi.people.words import SIGNS
from cbi.people.words_alike import ASPECTS, CERTAINTIES, says, seen_words
from cbi.store.work import Reading
from cbi.web.charts import svg_response
from cbi.web.charts_balance import Bar, balance
from cbi.web.guard import needs
from cbi.web.house import actor, records
from cbi.web.listing import listing_args
from cbi.web.words import _


@blueprint.get("/households/duplicates")
@needs(P.PERSON_REGISTER)
def pairs() -> str:
    """The pairs that wait, the most certain first, and when everybody was last compared."""
    args = listing_args(request.args, sorts=alike_queue.SORTS, filters=alike_queue.FILTERS)
    with records().read() as reading:
        listing, counts = alike_queue.queue(reading, args)
        search = sweep.last_search(reading)
    return render_template("people/duplicates.html", listing=listing, counts=counts, search=search, certainties=CERTAINTIES, signs=SIGNS)


@blueprint.post("/households/duplicates/search")
@needs(P.PERSON_REGISTER)
def search_everybody() -> Response:
    """Ask for everybody to be compared with everybody; the office's long work does it."""
    with records().work(actor()) as work:
        sweep.ask(work)
    return redirect(url_for("people.pairs"))


@blueprint.get("/households/duplicates/<uuid:household_id>/<uuid:other_id>")
@needs(P.PERSON_REGISTER)
def pair(household_id: UUID, other_id: UUID) -> str:
    """Two households side by side, and each piece of evidence with what it says."""
    return _page(household_id, other_id, PairForm())


@blueprint.get("/households/duplicates/<uuid:household_id>/<uuid:other_id>/evidence.svg")
@needs(P.PERSON_REGISTER)
def pair_evidence(household_id: UUID, other_id: UUID) -> FileResponse:
    """The same evidence as bars."""
    with records().read() as reading:
        _later, _earlier, seen = _compared(reading, household_id, other_id)
    bars = [Bar(str(ASPECTS[piece.aspect]), piece.weight, _figure(piece.weight)) for piece in seen.pieces]
    return svg_response(balance(bars, _("Against"), _("For one household")))


@blueprint.post("/households/duplicates/<uuid:household_id>/<uuid:other_id>")
@needs(P.PERSON_REGISTER)
def decide_pair(household_id: UUID, other_id: UUID) -> str | Response | tuple[str, int]:
    """Keep the answer, then the next pair."""
    form = PairForm()
    if not form.validate() or form.answer.data not in set(Said):
        form.answer.errors = form.answer.errors or [_("choose what is true after asking the people")]
        return _page(household_id, other_id, form), 422
    said = Said(form.answer.data)
    with records().read() as reading:
        later, earlier, _seen = _compared(reading, household_id, other_id)
    closed, stays = (earlier, later) if said is Said.KEEP_LATER else (later, earlier)
    answer = {Said.DIFFERENT: Answer.DIFFERENT, Said.CANNOT_TELL: Answer.CANNOT_TELL}.get(said, Answer.SAME)
    try:
        with records().work(actor()) as work:
            duplicates.decide(work, closed.id, stays.id, answer)
    except Refused as problem:
        if isinstance(problem, NotThere):
            raise
        form.answer.errors = [problem.fix]
        return _page(household_id, other_id, form), 422
    return _onwards(answer)


@blueprint.post("/households/<uuid:household_id>/open-again")
@needs(P.PERSON_REGISTER)
def open_entry_again(household_id: UUID) -> Response:
    """Undo the closing of an entry; the pair is asked about again."""
    with records().work(actor()) as work:
        merging.open_again(work, household_id)
    flash(_("Open again, as it was. The pair waits among the duplicates."), "ok")
    return redirect(url_for("people.household", household_id=household_id))


def _onwards(answer: Answer) -> Response:
    words = {
        Answer.SAME: _("Kept: one entry was closed. Its page opens it again."),
        Answer.DIFFERENT: _("Kept: the pair is not shown again."),
        Answer.CANNOT_TELL: _("Kept: the pair is asked about again, after the others."),
    }
    flash(words[answer], "ok")
    with records().read() as reading:
        following = alike_queue.next_pair(reading)
    if following is None:
        return redirect(url_for("people.pairs"))
    return redirect(url_for("people.pair", household_id=following[0], other_id=following[1]))


def _page(household_id: UUID, other_id: UUID, form: PairForm) -> str:
    with records().read() as reading:
        later, earlier, seen = _compared(reading, household_id, other_id)
    view = aspects.both_registered(later, earlier, seen)
    evidence = [(ASPECTS[piece.aspect], seen_words(piece), says(piece.weight), _figure(piece.weight)) for piece in seen.pieces]
    return render_template(
        "people/pair.html",
        form=form,
        later=later,
        earlier=earlier,
        view=view,
        evidence=evidence,
        total=_figure(seen.weight),
        certainty=CERTAINTIES[seen.certainty],
        reasons=aspects.why(seen),
        closed=HouseholdStatus.MERGED in (later.status, earlier.status),
    )


def _compared(reading: Reading, household_id: UUID, other_id: UUID) -> tuple[Registered, Registered, likeness.Likeness]:
    """The two, the one registered later first, and what is seen between them. Raises NotThere."""
    if household_id == other_id:
        raise NotThere
    both = (open_household(reading, household_id), open_household(reading, other_id))
    earlier, later = sorted(both, key=lambda one: (one.registered_at, one.number))
    return later, earlier, likeness.compare(later.told, earlier.told, duplicates.people_known(reading))


def _figure(weight: float) -> str:
    """A weight with its sign and one decimal."""
    return f"{'−' if weight < 0 else '+'}{abs(weight):.1f}"
