"""Pages of a household's result: explained, asked against, and answered."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import UUID

from flask import render_template, request, url_for

from cbi.access import Permission
from cbi.errors import NotThere
from cbi.people.tables import Household
from cbi.sites.tables import Site
from cbi.staff.service import names_of
from cbi.store.work import Reading, Work
from cbi.transfers import appeals, enrolment, programmes
from cbi.transfers.enrolment_appealed import Standing, standing
from cbi.transfers.forms_rule import AnswerForm, AppealForm
from cbi.transfers.rules import Facts, Judgement, explain, facts_of
from cbi.transfers.tables_enrolment import Appeal, AppealStatus, EnrolmentRun, EnrolmentState
from cbi.transfers.views import Answer, blueprint, new_key
from cbi.transfers.words_enrolment import APPEALS, STATES, condition_words, found_words, found_words_alone
from cbi.web.again import form_page, once
from cbi.web.guard import needs
from cbi.web.house import person, records
from cbi.web.listing import listing_args
from cbi.web.words import _


@blueprint.get("/households/<uuid:household_id>/enrolment/<uuid:run_id>")
@needs(Permission.PERSON_READ)
def result_page(run_id: UUID, household_id: UUID) -> str:
    """Why a household is enrolled, or is not: what each way of the rule looked at, and what was found."""
    with records().read() as reading:
        run = enrolment.run_by_id(reading, run_id)
        shown = _result(reading, run, household_id)
        asked = appeals.appeals_of(reading, household_id)
        mine = [one for one in asked if one.programme_id == run.programme_id]
        now = enrolment.current(reading, run.programme_id)
        return render_template(
            "transfers/result.html",
            run=run,
            programme=programmes.programme_by_id(reading, run.programme_id),
            household=reading.session.get_one(Household, household_id),
            appeals=[(one, reading.open(one, "said"), reading.open(one, "answer")) for one in mine],
            names=names_of(reading, {one.asked_by for one in mine} | {one.decided_by for one in mine if one.decided_by}),
            may_ask=_may_ask(shown["result"], mine) and now is not None and now.id == run.id and person().may(Permission.APPEAL_ASK),
            appeal_words=APPEALS,
            **shown,
        )


@blueprint.route("/households/<uuid:household_id>/appeal/<uuid:programme_id>", methods=["GET", "POST"])
@needs(Permission.APPEAL_ASK)
def ask_appeal(programme_id: UUID, household_id: UUID) -> Answer:
    """Write down that a household asks to have its result looked at again."""
    with records().read() as reading:
        run, household = enrolment.current(reading, programme_id), reading.session.get(Household, household_id)
        if run is None or household is None:
            raise NotThere
        programme, shown = programmes.programme_by_id(reading, programme_id), _result(reading, run, household_id)
    form = AppealForm()
    new_key(form)

    def act(work: Work) -> str:
        appeals.ask(work, programme_id, household_id, form.said.data.strip())
        return url_for("transfers.result_page", run_id=run.id, household_id=household_id)

    def page(status: int) -> Answer:
        return render_template("transfers/appeal.html", form=form, programme=programme, household=household, run=run, **shown), status

    return form_page(form, lambda: once(form.key(), act, _("Written down. Somebody who did not write the rule answers.")), page)


@blueprint.get("/appeals")
@needs(Permission.APPEAL_DECIDE)
def appeals_page() -> str:
    """What was asked, open appeals first."""
    args = listing_args(request.args, sorts=("asked", "number"), filters=("status",))
    with records().read() as reading:
        return render_template("transfers/appeals.html", listing=appeals.appeals(reading, args), appeal_words=APPEALS)


@blueprint.route("/appeals/<uuid:appeal_id>", methods=["GET", "POST"])
@needs(Permission.APPEAL_DECIDE)
def answer_appeal(appeal_id: UUID) -> Answer:
    """An appeal beside the explained result it is about, and the answer with its reason."""
    form = AnswerForm()
    new_key(form)

    def act(work: Work) -> str:
        appeals.decide(work, appeal_id, allowed=form.answer.data == "yes", answer=form.reason.data.strip())
        return url_for("transfers.appeals_page")

    done = _("Answered. The household's page says how and why.")
    return form_page(form, lambda: once(form.key(), act, done), lambda status: (_appeal(appeal_id, form), status))


def _appeal(appeal_id: UUID, form: AnswerForm) -> str:
    with records().read() as reading:
        row = appeals.appeal_by_id(reading, appeal_id)
        run = enrolment.run_by_id(reading, row.run_id)
        household = reading.session.get_one(Household, row.household_id)
        return render_template(
            "transfers/answer.html",
            form=form,
            appeal=row,
            said=reading.open(row, "said"),
            answer=reading.open(row, "answer"),
            barred=appeals.barred(reading, row, person().id) if row.status is AppealStatus.OPEN else None,
            run=run,
            programme=programmes.programme_by_id(reading, row.programme_id),
            household=household,
            site=reading.session.get_one(Site, household.site_id),
            names=names_of(reading, {one for one in (row.asked_by, row.decided_by) if one}),
            appeal_words=APPEALS,
            **_result(reading, run, row.household_id),
        )


def _result(reading: Reading, run: EnrolmentRun, household_id: UUID) -> dict[str, object]:
    """A household's result with all that explains it, for a page. Raises NotThere, also for one that is hidden, or not named yet; an erased household has nothing to explain with."""
    if appeals.is_hidden(reading, household_id) or not enrolment.names_households(reading, run):
        raise NotThere
    result = appeals.result_of(reading, run, household_id)
    if result is None or not (kept := reading.open(result, "facts")):
        raise NotThere
    facts: Facts = facts_of(json.loads(kept))
    rule = enrolment.rule_of(reading, run.rule_id)
    told: Judgement = explain(rule, facts)
    found = found_words if person().may(Permission.PERSON_REGISTER) else found_words_alone
    words = {"states": STATES, "condition_words": condition_words, "found_words": found}
    return {"result": standing(reading, run, rule, result), "facts": facts, "told": told, **words}


def _may_ask(result: object, asked: Sequence[Appeal]) -> bool:
    left_out = isinstance(result, Standing) and result.state is EnrolmentState.NOT_ELIGIBLE
    return left_out and all(one.status is AppealStatus.REFUSED for one in asked)
