"""One finding at a time: the evidence beside its source, a person's answer, and the next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.errors import NotThere, Refused
from cbi.payouts import answers, browse, decisions, queries, triage
from cbi.payouts.about import about_of
from cbi.payouts.answers import Question, Said, State
from cbi.payouts.browse import Around
from cbi.payouts.choices import Choice
from cbi.payouts.forms_answers import ANSWER_NOTES, ANSWER_WORDS, TWO_WORDS, AnswerForm, FinalForm, TakeBackForm
from cbi.payouts.narrowing import Narrowed
from cbi.payouts.queries import SeenFinding
from cbi.payouts.sheet_names import named_sheets
from cbi.payouts.tables import Answer, FindingDecision
from cbi.payouts.views import blueprint
from cbi.payouts.views_rows import asked_for, only
from cbi.payouts.words import KIND_WORDS, THEN, because_words
from cbi.staff.service import names_of
from cbi.staff.signing import step_up
from cbi.transfers.service import replacement_of
from cbi.web.forms import key_of
from cbi.web.guard import needs
from cbi.web.house import actor, person, records
from cbi.web.words import _, _l
from reconciliation.findings import FindingKind

_QUEUE = 7
_KEPT = {
    State.WAITS: _l("Answer kept. It waits for a second person."),
    State.DISAGREES: _l("Answer kept. Somebody else says otherwise."),
    State.READY: _l("Answer kept. It counts when the file is posted."),
    State.DECIDED: _l("Decided. It counts."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One finding in the queue. why: in words; answer: the newest one given."""

    seen: SeenFinding
    why: str
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class Queue:
    """The findings beside the one that is shown; more: how many others there are."""

    lines: tuple[Line, ...]
    more: int


@blueprint.route("/payouts/<uuid:file_id>/findings/<uuid:finding_id>", methods=["GET", "POST"])
@needs(P.PAYOUT_READ)
def finding(file_id: UUID, finding_id: UUID) -> str | Response | tuple[str, int]:
    """One exception: approved beside the file's own cells, what we see, and what a person says."""
    form = AnswerForm()
    with records().read() as look:
        seen = queries.finding_by_id(look, file_id, finding_id)
        asked = answers.question(look, file_id, finding_id, person().id)
        sheets = named_sheets(look, queries.file_by_id(look, file_id))
    if form.is_submitted() and (state := _answered_before(form, finding_id)):
        return _onwards(seen, state)
    form.offer(_may_choose(asked), asked.places, sheets)
    if form.validate_on_submit():
        said = _said(form, asked)
        if said is not None and _choice(asked, said.answer).final:
            return redirect(_at("payouts.final", file_id, _by(seen), finding_id))
        if said is not None and (onwards := _keep(form, seen, said)):
            return onwards
    elif request.method == "GET" and asked.mine:
        form.answer.data, form.note.data = asked.mine.kept.answer.value, asked.mine.note
    return _page(form, file_id, finding_id), 422 if request.method == "POST" else 200


@blueprint.post("/payouts/<uuid:file_id>/findings/<uuid:finding_id>/withdraw")
@needs(P.PAYOUT_UPLOAD)
def withdraw(file_id: UUID, finding_id: UUID) -> Response:
    """Take one's own answer back while it does not count."""
    answers.withdraw(records(), actor(), file_id, finding_id)
    flash(_("Your answer is taken back."), "ok")
    return redirect(_at("payouts.finding", file_id, asked_for(), finding_id))


@blueprint.route("/payouts/<uuid:file_id>/findings/<uuid:finding_id>/final", methods=["GET", "POST"])
@needs(P.PAYOUT_UPLOAD)
def final(file_id: UUID, finding_id: UUID) -> str | Response | tuple[str, int]:
    """Accept money beyond what was promised: a page of its own, because it can never be undone."""
    form = FinalForm()
    if form.validate_on_submit():
        said = Said(Answer.EXTRA, form.note.data or "")
        try:
            state = answers.give(
                records(),
                actor(),
                file_id,
                finding_id,
                said,
                key_of(form.client_key.data),
                proof=lambda work: step_up(work, person().id, form.password.data, form.code.data),
            )
        except Refused as refusal:
            form.code.errors = [refusal.fix]
        else:
            flash(str(_KEPT.get(state, _("Answer kept."))), "ok")
            return redirect(url_for("payouts.finding", file_id=file_id, finding_id=finding_id))
    with records().read() as look:
        seen = queries.finding_by_id(look, file_id, finding_id)
        asked = answers.question(look, file_id, finding_id, person().id)
    if Answer.EXTRA not in {one.answer for one in asked.choices}:
        raise Refused(_("look at the finding again: this can no longer be chosen"))
    page = render_template("payouts/final.html", form=form, file_id=file_id, seen=seen, asked=asked)
    return page, 422 if request.method == "POST" else 200


@blueprint.route("/payouts/<uuid:file_id>/decisions/<uuid:decision_id>/undo", methods=["GET", "POST"])
@needs(P.PAYOUT_POST)
def take_back(file_id: UUID, decision_id: UUID) -> str | Response | tuple[str, int]:
    """Take a decision back by reversing entries; the finding waits for answers again."""
    form = TakeBackForm()
    with records().read() as look:
        decision = look.session.get(FindingDecision, decision_id)
        if decision is None or decision.file_id != file_id:
            raise NotThere
        seen = queries.finding_by_id(look, file_id, decision.finding_id)
    if form.validate_on_submit():
        try:
            decisions.take_back(
                records(),
                actor(),
                decision_id,
                key_of(form.client_key.data),
                proof=lambda work: step_up(work, person().id, form.password.data, form.code.data),
            )
        except Refused as refusal:
            form.code.errors = [refusal.fix]
        else:
            flash(_("Taken back. The finding waits for answers again."), "ok")
            return redirect(url_for("payouts.finding", file_id=file_id, finding_id=decision.finding_id))
    page = render_template(
        "payouts/take_back.html", form=form, file_id=file_id, decision=decision, seen=seen, words=ANSWER_WORDS[decision.answer]
    )
    return page, 422 if request.method == "POST" else 200


@blueprint.get("/payouts/<uuid:file_id>/answered")
@needs(P.PAYOUT_READ)
def answered(file_id: UUID) -> str:
    """The end of the queue: how many are answered, and what changed."""
    by = replace(asked_for(), answered=None)
    with records().read() as look:
        file, about = queries.file_by_id(look, file_id), about_of(look, file_id)
        return render_template(
            "payouts/answered.html",
            file=file,
            list=about,
            sums=browse.sums(look, file_id, by),
            count=browse.sums(look, file_id, replace(by, answered=True)).findings,
            done=triage.done(look, file_id, by),
            words=ANSWER_WORDS,
            kind=only(by),
            asked=by.at().to_query(),
        )


def _by(seen: SeenFinding) -> Narrowed:
    """Among which findings this one is looked at: those the address asks for, else all of its kind."""
    by = asked_for().at()
    return by if by.to_query() and (not by.kinds or seen.finding.kind in by.kinds) else Narrowed((seen.finding.kind,))


def _may_choose(asked: Question) -> list[Choice]:
    return list(asked.choices) if person().may(P.PAYOUT_UPLOAD) else []


def _choice(asked: Question, answer: Answer) -> Choice:
    return next(one for one in asked.choices if one.answer is answer)


def _said(form: AnswerForm, asked: Question) -> Said | None:
    return form.said(_choice(asked, Answer(form.answer.data)), asked.currency, asked.places)


def _keep(form: AnswerForm, seen: SeenFinding, said: Said) -> Response | None:
    """Keep the answer and go on; None when it was refused."""
    one = seen.finding
    try:
        state = answers.give(records(), actor(), one.file_id, one.id, said, key_of(form.client_key.data))
    except Refused as refusal:
        form.form_errors = [refusal.fix]
        return None
    return _onwards(seen, state)


def _answered_before(form: AnswerForm, finding_id: UUID) -> State | None:
    """Where the finding stood after this very form was sent before: a button pressed twice, or a page sent again, answers the same."""
    with records().work(actor()) as work:
        return answers.answered_before(work, finding_id, key_of(form.client_key.data))


def _onwards(seen: SeenFinding, state: State) -> Response:
    """Say that the answer is kept, and go on to the next finding that nobody answered."""
    one, by = seen.finding, _by(seen)
    flash(str(_KEPT.get(state, _("Answer kept."))), "ok")
    with records().read() as look:
        after = browse.next_unanswered(look, one, by)
    if after is None:
        return redirect(_at("payouts.answered", one.file_id, by))
    return redirect(_at("payouts.finding", one.file_id, by, after))


def _at(endpoint: str, file_id: UUID, by: Narrowed, finding_id: UUID | None = None) -> str:
    """An address that goes on asking for the same."""
    asked: dict[str, Any] = {**by.at().to_query(), "file_id": file_id}  # Any: texts, lists of texts and ids, as url_for takes them
    if finding_id is not None:
        asked["finding_id"] = finding_id
    return url_for(endpoint, **asked)


def _page(form: AnswerForm, file_id: UUID, finding_id: UUID) -> str:
    with records().read() as look:
        file, about = queries.file_by_id(look, file_id), about_of(look, file_id)
        seen = queries.finding_by_id(look, file_id, finding_id)
        by = _by(seen)
        asked = answers.question(look, file_id, finding_id, person().id)
        around = browse.around(look, seen.finding, by, shown=_QUEUE)
        return render_template(
            "payouts/finding.html",
            form=form,
            file=file,
            name=look.open(file, "name"),
            sheets=named_sheets(look, file),
            list=about,
            item=triage.item(look, file, seen, asked.places),
            asked=asked,
            choices=_may_choose(asked),
            around=around,
            sums=browse.sums(look, file_id, by),
            queue=_queue(around),
            by=by,
            passed=by.to_query(),
            kind_words=KIND_WORDS,
            then=THEN[seen.finding.kind],
            because_words=because_words,
            names=names_of(look, [one.kept.answered_by for one in asked.given] + _deciders(asked)),
            answer_words=ANSWER_WORDS,
            notes=_notes(asked),
            newer=replacement_of(look, seen.finding.reference) if seen.finding.kind is FindingKind.NOT_INSTRUCTED else None,
        )


def _deciders(asked: Question) -> list[UUID]:
    return [who for one in asked.decided for who in (one.first_by, one.second_by) if who]


def _queue(around: Around) -> Queue:
    """The findings beside this one, each with its row and why; and how many more there are."""
    lines = tuple(
        Line(one, because_words(one.finding.because) if one.finding.because else "", one.answers[-1].answer if one.answers else None)
        for one in around.beside
    )
    return Queue(lines, max(0, around.total - len(lines)))


def _notes(asked: Question) -> dict[str, str]:
    """The small words under each answer."""
    return {
        one.answer.value: " ".join(str(words) for words in (ANSWER_NOTES[one.answer], *([TWO_WORDS] if one.people > 1 else [])))
        for one in asked.choices
    }
