"""Pages of enrolment: the rule of a programme, what it would do, what was applied, and who is enrolled."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cbi.access import Permission
from cbi.errors import NotThere, Refused
from cbi.staff.service import names_of
from cbi.store.work import Work
from cbi.transfers import appeals, enrolment, enrolment_changes, enrolment_work, population, programmes, rules_read, rules_write
from cbi.transfers.forms_rule import ApplyForm, RuleForm, RuleTextForm
from cbi.transfers.rules import Rule
from cbi.transfers.rules_read import NotSound
from cbi.transfers.tables_work import EnrolmentStep, EnrolmentWork
from cbi.transfers.views import Answer, blueprint, fresh_key, new_key
from cbi.transfers.words_enrolment import BLOCKS, CHANGES, NEEDS, STATES, condition_words
from cbi.web.again import once
from cbi.web.guard import needs
from cbi.web.house import records
from cbi.web.listing import listing_args
from cbi.web.words import _, _l


@blueprint.get("/programmes/<uuid:programme_id>/enrolment")
@needs(Permission.PROGRAMME_PLAN)
def enrolment_page(programme_id: UUID) -> str:
    """The rule in force, who is enrolled by it, and what was applied before."""
    with records().read() as reading:
        programme = programmes.programme_by_id(reading, programme_id)
        run = enrolment.current(reading, programme_id)
        runs = enrolment.applied_runs(reading, programme_id)
        return render_template(
            "transfers/enrolment.html",
            programme=programme,
            run=run,
            rule=enrolment.rule_of(reading, run.rule_id) if run else None,
            side=enrolment_changes.side(reading, run) if run else None,
            cost=enrolment_changes.cost(reading, run) if run else None,
            runs=runs,
            names=names_of(reading, [one.applied_by for one, _version in runs if one.applied_by]),
            waiting=enrolment.simulation(reading, programme_id),
            mark=(mark := enrolment_work.mark_of(reading, programme_id)),
            fix=_fix(mark),
            open_appeals=appeals.open_count(reading),
            **_words(),
        )


@blueprint.route("/programmes/<uuid:programme_id>/enrolment/rule", methods=["GET", "POST"])
@needs(Permission.PROGRAMME_PLAN)
def rule_page(programme_id: UUID) -> Answer:
    """Write the next version of the rule, and try it out. The other buttons only add a line and come back."""
    with records().read() as reading:
        programme, places = programmes.programme_by_id(reading, programme_id), population.places(reading, programme_id)
        newest, mark = enrolment.newest(reading, programme_id), enrolment_work.mark_of(reading, programme_id)
    form = RuleForm(programme.currency)
    new_key(form)
    if request.method == "GET" and newest is not None:
        form.fill(newest.rule)
    pressed = request.form.get("add", "")
    status = 200
    if request.method == "POST" and not pressed and form.validate():
        try:
            return _try(form, programme_id, rules_read.read_table(form.table(), places))
        except NotSound as wrong:
            form.tell(wrong.mistakes)
            status = 422
        except Refused as refusal:
            form.form_errors.append(refusal.fix)
            status = 422
    elif form.errors:
        status = 422
    form.prepare(pressed)
    tried = _tried(newest, mark)
    page = render_template("transfers/rule.html", programme=programme, form=form, places=places, tried=tried, **_words())
    return page, status


@blueprint.route("/programmes/<uuid:programme_id>/enrolment/text", methods=["GET", "POST"])
@needs(Permission.PROGRAMME_PLAN)
def rule_text(programme_id: UUID) -> Answer:
    """The same as text, to keep beside others, hand on, or paste from another programme."""
    with records().read() as reading:
        programme, places = programmes.programme_by_id(reading, programme_id), population.places(reading, programme_id)
        newest, mark = enrolment.newest(reading, programme_id), enrolment_work.mark_of(reading, programme_id)
    form = RuleTextForm()
    new_key(form)
    if request.method == "GET" and newest is not None:
        form.body.data = rules_write.write(newest.rule)
    if form.validate_on_submit():
        try:
            return _try(form, programme_id, rules_read.read(form.body.data, places))
        except NotSound as wrong:
            form.form_errors += [_("%(where)s: %(fix)s", where=one.where, fix=one.fix) for one in wrong.mistakes]
        except Refused as refusal:
            form.form_errors.append(refusal.fix)
    page = render_template("transfers/rule_text.html", programme=programme, form=form, tried=_tried(newest, mark))
    return page, 422 if request.method == "POST" else 200


@blueprint.get("/programmes/<uuid:programme_id>/enrolment/work")
@needs(Permission.PROGRAMME_PLAN)
def enrolment_working(programme_id: UUID) -> str | Response:
    """How far the work on many households has come; once it is over, what it came to."""
    with records().read() as reading:
        programme, mark = programmes.programme_by_id(reading, programme_id), enrolment_work.mark_of(reading, programme_id)
        waiting = enrolment.simulation(reading, programme_id)
        if mark is not None and mark.running:
            progress = enrolment_work.progress(reading, mark)
            return render_template("transfers/enrolment_working.html", programme=programme, mark=mark, progress=progress)
    if mark is not None and mark.step is EnrolmentStep.TRY and not mark.fix and waiting is not None:
        return redirect(url_for("transfers.run_page", run_id=waiting.id))
    return redirect(url_for("transfers.enrolment_page", programme_id=programme_id))


@blueprint.get("/programmes/enrolment/<uuid:run_id>")
@needs(Permission.PROGRAMME_PLAN)
def run_page(run_id: UUID) -> str:
    """A simulation, or what was applied, beside what was so before; with everybody who differs."""
    args = listing_args(request.args, sorts=("number",), filters=("change",))
    with records().read() as reading:
        run = enrolment.run_by_id(reading, run_id)
        return render_template(
            "transfers/run.html",
            run=run,
            programme=programmes.programme_by_id(reading, run.programme_id),
            version=enrolment.version_of(reading, run.rule_id),
            rule=enrolment.rule_of(reading, run.rule_id),
            beside=enrolment_changes.beside(reading, run),
            listing=enrolment_changes.changed(reading, run, args) if enrolment.names_households(reading, run) else None,
            names=names_of(reading, [one for one in (run.made_by, run.applied_by) if one]),
            key=fresh_key(),
            **_words(),
        )


@blueprint.post("/programmes/enrolment/<uuid:run_id>/apply")
@needs(Permission.PROGRAMME_PLAN)
def apply_run(run_id: UUID) -> Answer:
    """Enrol exactly as the simulation on the page said."""
    form = ApplyForm()

    with records().read() as reading:
        programme_id = enrolment.run_by_id(reading, run_id).programme_id
        is_large = enrolment_work.is_large(reading, programme_id)

    def act(work: Work) -> str:
        if is_large:
            enrolment.as_shown(work, run_id, form.digest())
            enrolment_work.begin_applying(work, programme_id, run_id, shown=form.digest())
            return url_for("transfers.enrolment_working", programme_id=programme_id)
        enrolment.apply(work, run_id, shown=form.digest())
        return url_for("transfers.enrolment_page", programme_id=programme_id)

    try:
        return once(form.key(), act, "" if is_large else _("Applied. The next cycle counts those who are enrolled."))
    except NotThere:
        raise
    except Refused as refusal:
        flash(_("You need to %(fix)s.", fix=refusal.fix), "stop")
        return redirect(url_for("transfers.run_page", run_id=run_id), 303)


@blueprint.get("/programmes/enrolment/<uuid:run_id>/households")
@needs(Permission.PROGRAMME_PLAN)
def run_households(run_id: UUID) -> str:
    """Everybody a run looked at, by registration number."""
    args = listing_args(request.args, sorts=("number",), filters=("state",))
    with records().read() as reading:
        run = enrolment.run_by_id(reading, run_id)
        if not enrolment.names_households(reading, run):
            raise NotThere
        return render_template(
            "transfers/run_households.html",
            run=run,
            programme=programmes.programme_by_id(reading, run.programme_id),
            listing=enrolment_changes.households(reading, run, args),
            **_words(),
        )


def _try(form: RuleForm | RuleTextForm, programme_id: UUID, rule: Rule) -> Answer:
    """Keep the version and what it would do, and go there; with many households the office's long work looks at them. Raises Refused."""
    with records().read() as reading:
        is_large = enrolment_work.is_large(reading, programme_id)

    def act(work: Work) -> str:
        rule_id = enrolment.write_rule(work, programme_id, rule)
        if is_large:
            enrolment_work.begin_trying(work, programme_id, rule_id)
            return url_for("transfers.enrolment_working", programme_id=programme_id)
        return url_for("transfers.run_page", run_id=enrolment.try_out(work, programme_id, rule_id))

    return once(form.key(), act, "" if is_large else _("Simulated. Nobody is enrolled by it until it is applied."))


_l("simulate again: looking at the households stopped several times before its end")  # said by the long work


def _fix(mark: EnrolmentWork | None) -> str:
    """Why the last long work did not come to its end, in the reader's language."""
    return _(mark.fix) if mark is not None and mark.fix else ""


def _tried(newest: enrolment.Newest | None, mark: EnrolmentWork | None) -> dict[str, object] | None:
    """What a page says of a version that is not in force, with what stopped it; None when it is, and while it is being looked at."""
    if newest is None or newest.version == newest.in_force or (mark is not None and mark.running):
        return None
    stopped = _fix(mark) if mark is not None and mark.rule_id == newest.rule_id else ""
    return {"version": newest.version, "in_force": newest.in_force, "fix": stopped}


def _words() -> dict[str, object]:
    return {"blocks": BLOCKS, "changes": CHANGES, "needs_words": NEEDS, "states": STATES, "condition_words": condition_words}
