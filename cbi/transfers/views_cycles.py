"""Pages of cycles: the rule as sentences with fields, what it comes to before it is frozen, and what was frozen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for

from cbi.access import Permission
from cbi.errors import NotThere, Refused, SomebodyWasFirst
from cbi.staff.service import names_of
from cbi.store.work import Reading, Work
from cbi.transfers import cycles as kept
from cbi.transfers import drawing, enrolment, lists, programmes
from cbi.transfers.cycles import Effect
from cbi.transfers.forms import CycleForm, KeyedForm
from cbi.transfers.overview import lists_of_cycle
from cbi.transfers.tables import Cycle, CycleStatus, Programme
from cbi.transfers.views import Answer, blueprint, new_key
from cbi.transfers.words import CYCLES, LEFT_OUT
from cbi.web.again import once
from cbi.web.guard import needs
from cbi.web.house import records
from cbi.web.listing import listing_args
from cbi.web.words import _

_LONGEST_FIGURE = 18


@dataclass(frozen=True, slots=True)
class _Desk:
    """A cycle being planned. cycle: None while it is new."""

    programme: Programme
    cycle: Cycle | None
    form: CycleForm

    @property
    def url(self) -> str:
        """Where its form is sent."""
        if self.cycle is None:
            return url_for("transfers.new_cycle", programme_id=self.programme.id)
        return url_for("transfers.cycle", cycle_id=self.cycle.id)


@blueprint.get("/cycles")
@needs(Permission.PROGRAMME_PLAN)
def cycles() -> str:
    """Every cycle, newest first, and the programmes a new one can be planned for."""
    with records().read() as reading:
        shown = {"cycles": kept.cycles(reading), "programmes": [one for one, _grant, _sites in programmes.programmes(reading)]}
    return render_template("transfers/cycles.html", **shown, cycle_words=CYCLES)


@blueprint.route("/programmes/<uuid:programme_id>/cycles/new", methods=["GET", "POST"])
@needs(Permission.PROGRAMME_PLAN)
def new_cycle(programme_id: UUID) -> Answer:
    """Plan a cycle; the rule of the one before is kept as a beginning."""
    with records().read() as reading:
        view = programmes.programme_view(reading, programme_id)
        form = _form(reading, view.programme)
    if request.method == "GET" and view.cycles:
        form.fill(view.cycles[0], days=False)
    return _plan(_Desk(view.programme, None, form), saved=bool(view.cycles))


@blueprint.route("/cycles/<uuid:cycle_id>", methods=["GET", "POST"])
@needs(Permission.PROGRAMME_PLAN)
def cycle(cycle_id: UUID) -> Answer:
    """A cycle: its rule while it is open, what it came to once it is frozen."""
    with records().read() as reading:
        one = kept.cycle_by_id(reading, cycle_id)
        programme = programmes.programme_by_id(reading, one.programme_id)
        if one.status is not CycleStatus.DRAFT:
            return _frozen_page(reading, one, programme)
        form = _form(reading, programme)
    if request.method == "GET":
        form.fill(one)
    return _plan(_Desk(programme, one, form), saved=True)


@blueprint.post("/cycles/<uuid:cycle_id>/late")
@needs(Permission.PROGRAMME_PLAN)
def add_late(cycle_id: UUID) -> Answer:
    """Look again at everyone a frozen cycle left out."""

    def act(work: Work) -> str:
        kept.add_late(work, cycle_id)
        return url_for("transfers.cycle", cycle_id=cycle_id)

    return _or_back(cycle_id, act, _("Those who can be counted now are counted."))


@blueprint.get("/cycles/<uuid:cycle_id>/left-out")
@needs(Permission.PROGRAMME_PLAN)
def left_out(cycle_id: UUID) -> str:
    """Who is due nothing in a frozen cycle, each with the reason."""
    args = listing_args(request.args, sorts=("number", "reason"), filters=("reason",))
    with records().read() as reading:
        one = kept.cycle_by_id(reading, cycle_id)
        listing = kept.left_out(reading, cycle_id, args)
    return render_template("transfers/left_out.html", cycle=one, listing=listing, reasons=LEFT_OUT)


@blueprint.post("/cycles/<uuid:cycle_id>/lists/<uuid:provider_id>")
@needs(Permission.LIST_PREPARE)
def make_list(cycle_id: UUID, provider_id: UUID) -> Answer:
    """Draft the payment list of one provider."""

    def act(work: Work) -> str:
        return url_for("transfers.payment_list", list_id=lists.make_list(work, cycle_id, provider_id))

    return _or_back(cycle_id, act, _("The list is drafted. Read what it says, then hand it in."))


def _or_back(cycle_id: UUID, act: Callable[[Work], str], said: str) -> Answer:
    """Carry a button of a frozen cycle's page out, or come back to the page with what to do."""
    try:
        return once(KeyedForm().key(), act, said)
    except NotThere:
        raise
    except Refused as refusal:
        flash(_("You need to %(fix)s.", fix=refusal.fix), "stop")
        return redirect(_kept_at(cycle_id), 303)


def _form(reading: Reading, programme: Programme) -> CycleForm:
    states = programmes.line_states(reading, programme.grant_id)
    lines = [(state.line.id, f"{state.line.code} · {state.line.title}") for state in states]
    return CycleForm(programme.currency, lines=lines, ruled=kept.ruled_formula(reading, programme.id))


def _plan(desk: _Desk, *, saved: bool) -> Answer:
    """The planning page: show the effect, keep the rule, or freeze it."""
    new_key(desk.form)
    if request.method == "GET":
        return _planning(desk, _saved_effect(desk) if saved else None)
    if not desk.form.validate():
        return _planning(desk, None, 422)
    match request.form.get("act"):
        case "keep":
            return once(
                desk.form.key("keep"),
                lambda work: _kept_at(_keep(work, desk)),
                _("The rule is kept. It can be changed until it is frozen."),
            )
        case "freeze" if desk.form.shown_total.data:
            return _freeze(desk)
    return _planning(desk, _typed_effect(desk))


def _freeze(desk: _Desk) -> Answer:
    shown = desk.form.shown_total.data or ""

    def act(work: Work) -> str:
        cycle_id = _keep(work, desk)
        kept.freeze(work, cycle_id, shown_total_minor=_whole(shown))
        return _kept_at(cycle_id)

    try:
        return once(desk.form.key("freeze"), act, _("The rule is frozen, and what everyone is due is computed."))
    except NotThere:
        raise
    except SomebodyWasFirst as first:
        desk.form.form_errors.append(first.fix)
        return _planning(desk, _typed_effect(desk), 409)
    except Refused as refusal:
        desk.form.form_errors.append(refusal.fix)
        return _planning(desk, _typed_effect(desk), 422)


def _whole(text: str) -> int:
    """A figure that an earlier page of ours put into a hidden field; -1 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_FIGURE else -1


def _keep(work: Work, desk: _Desk) -> UUID:
    if desk.cycle is None:
        return kept.draft(work, desk.form.new(desk.programme.id))
    kept.change(work, desk.cycle.id, desk.form.new(desk.programme.id))
    return desk.cycle.id


def _kept_at(cycle_id: UUID) -> str:
    return url_for("transfers.cycle", cycle_id=cycle_id)


def _typed_effect(desk: _Desk) -> Effect:
    with records().read() as reading:
        return kept.effect(reading, desk.programme.id, desk.form.formula(), UUID(desk.form.budget_line.data))


def _saved_effect(desk: _Desk) -> Effect | None:
    """The effect of the rule the page begins with: the cycle's own, or the one before."""
    with records().read() as reading:
        before = desk.cycle or next(iter(programmes.programme_view(reading, desk.programme.id).cycles), None)
        if before is None:
            return None
        return kept.effect(reading, desk.programme.id, desk.form.ruled or kept.formula_of(before), before.budget_line_id)


def _planning(desk: _Desk, effect: Effect | None, status: int = 200) -> Answer:
    form = desk.form
    was = {"total": form.shown_total.data or "", "households": form.shown_households.data or ""}
    if effect is not None:
        form.shown_total.data, form.shown_households.data = str(effect.total_minor), str(effect.households)
    page = render_template(
        "transfers/plan_cycle.html",
        programme=desk.programme,
        cycle=desk.cycle,
        form=form,
        url=desk.url,
        effect=effect,
        was={name: _whole(text) for name, text in was.items() if _whole(text) >= 0},
        reasons=LEFT_OUT,
    )
    return page, status


def _frozen_page(reading: Reading, one: Cycle, programme: Programme) -> str:
    by_provider = drawing.open_by_provider(reading, one)
    providers = [provider for provider in programmes.providers(reading) if provider.id in by_provider]
    return render_template(
        "transfers/cycle.html",
        cycle=one,
        programme=programme,
        effect=kept.frozen_effect(reading, one),
        formula=kept.formula_of(one),
        rule_version=enrolment.version_of(reading, one.rule_id) if one.rule_id else None,
        frozen_by=names_of(reading, [one.frozen_by] if one.frozen_by else []).get(one.frozen_by) if one.frozen_by else None,
        lists=lists_of_cycle(reading, one.id),
        to_list=[(provider, *by_provider[provider.id], records().ids.new("forms")) for provider in providers],
        late_key=records().ids.new("forms"),
        reasons=LEFT_OUT,
    )
