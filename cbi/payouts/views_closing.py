"""The end of a list and of a cycle: what becomes of what is open, and the page from which nothing comes back."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, url_for
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.errors import NotThere
from cbi.payouts import closing as ending
from cbi.payouts import cycles_account
from cbi.payouts.forms_money import CloseForm, EndingForm
from cbi.payouts.tables_money import OpenLine
from cbi.payouts.views import blueprint
from cbi.payouts.words_money import ENDING_NOTES, ENDING_WORDS, OPEN_WORDS
from cbi.staff.service import names_of, step_up
from cbi.store.work import Work
from cbi.transfers.approvals import BARRED, seat_of
from cbi.transfers.cycles import cycle_by_id
from cbi.transfers.service import list_by_id
from cbi.web.again import once, or_again
from cbi.web.guard import needs
from cbi.web.house import person, records
from cbi.web.words import _

Answer = str | Response | tuple[str, int]


@blueprint.get("/statements/<uuid:list_id>/closing")
@needs(P.LIST_READ)
def closing(list_id: UUID) -> str:
    """Every open line with its decision, and what is still wanting before the list can be closed."""
    return _page(list_id, CloseForm())[0]


@blueprint.post("/statements/<uuid:list_id>/closing")
@needs(P.LIST_CLOSE)
def close_list(list_id: UUID) -> Answer:
    """Close a list for good."""
    form = CloseForm()
    shown = form.shown_minor()
    if not form.validate() or shown is None:
        return _page(list_id, form, 422)

    def act(work: Work) -> str:
        step_up(work, person().id, form.password.data, form.code.data)
        ending.close(work, list_id, shown_minor=shown)
        return url_for("payouts.statement", list_id=list_id)

    said = _("Closed. Its statement stays; results that still arrive are shown apart.")
    return or_again(form, lambda: _signed(once(form.key(), act, said)), lambda status: _page(list_id, form, status))


@blueprint.route("/statements/<uuid:list_id>/closing/<line>/<currency>", methods=["GET", "POST"])
@needs(P.LINE_DECIDE)
def decide_line(list_id: UUID, line: str, currency: str) -> Answer:
    """Say what becomes of one open line."""
    if line not in set(OpenLine):
        raise NotThere
    form = EndingForm()
    form.offer(OpenLine(line))
    if not form.validate_on_submit():
        return _decide_page(list_id, line, currency, form, 422 if form.is_submitted() else 200)

    def act(work: Work) -> str:
        ending.decide(work, list_id, OpenLine(line), currency, form.said(), form.reason.data or "")
        return url_for("payouts.closing", list_id=list_id)

    said = _("Decided. Until the list is closed you can decide otherwise.")
    return or_again(form, lambda: once(form.key(), act, said), lambda status: _decide_page(list_id, line, currency, form, status))


@blueprint.route("/statements/cycles/<uuid:cycle_id>/closing", methods=["GET", "POST"])
@needs(P.LIST_CLOSE)
def closing_cycle(cycle_id: UUID) -> Answer:
    """Close a cycle for good, when all its lists are closed."""
    form = CloseForm()
    shown = form.shown_minor()
    if not form.is_submitted() or not form.validate() or shown is None:
        return _cycle_page(cycle_id, form, 422 if form.is_submitted() else 200)

    def act(work: Work) -> str:
        step_up(work, person().id, form.password.data, form.code.data)
        cycles_account.close_cycle(work, cycle_id, shown_paid_minor=shown, reason=form.reason.data or "")
        return url_for("payouts.statement_of", cycle=cycle_id)

    return or_again(
        form, lambda: _signed(once(form.key(), act, _("The cycle is closed."))), lambda status: _cycle_page(cycle_id, form, status)
    )


def _signed(answer: Response) -> Response:
    """Afterwards and apart: the checkpoint signs the trail as it stands with the closing in it."""
    records().sign_checkpoint()
    return answer


def _page(list_id: UUID, form: CloseForm, status: int = 200) -> tuple[str, int]:
    with records().read() as look:
        found = ending.readiness(look, list_id)
        payment_list = list_by_id(look, list_id)
        seat = seat_of(look, payment_list, person().id)
        people = names_of(look, {item.decided.by for item in found.items if item.decided})
    decided_by_me = any(item.decided and not item.decided.final and item.decided.by == person().id for item in found.items)
    form.shown.data = str(found.statement.open_minor)
    return render_template(
        "payouts/closing.html",
        form=form,
        found=found,
        list=payment_list,
        people=people,
        given_up=found.minor_of(*ending.GIVES_UP),
        open_words=OPEN_WORDS,
        ending_words=ENDING_WORDS,
        seat=BARRED[seat] if seat else "",
        may_decide=person().may(P.LINE_DECIDE) and seat is None,
        may_close=person().may(P.LIST_CLOSE) and not decided_by_me and seat is None,
        has_right=person().may(P.LIST_CLOSE),
    ), status


def _decide_page(list_id: UUID, line: str, currency: str, form: EndingForm, status: int) -> tuple[str, int]:
    with records().read() as look:
        found = ending.readiness(look, list_id)
        payment_list = list_by_id(look, list_id)
    item = next((one for one in found.items if (one.line.value, one.currency) == (line, currency)), None)
    if item is None:
        raise NotThere
    if not form.is_submitted() and item.decided:
        form.ending.data, form.reason.data = item.decided.ending.value, item.decided.reason
    return render_template(
        "payouts/ending.html", form=form, item=item, list=payment_list, open_words=OPEN_WORDS, notes=ENDING_NOTES
    ), status


def _cycle_page(cycle_id: UUID, form: CloseForm, status: int) -> tuple[str, int]:
    with records().read() as look:
        cycle = cycle_by_id(look, cycle_id)
        account = cycles_account.of_cycle(look, cycle_id)
        lists = cycles_account.open_lists(look, cycle_id)
        ended = cycles_account.closing_of(look, cycle_id)
    form.shown.data = str(account.paid_minor)
    return render_template("payouts/closing_cycle.html", form=form, cycle=cycle, account=account, lists=lists, ended=ended), status
