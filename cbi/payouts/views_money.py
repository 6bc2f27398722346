"""Fees, advances and refunds, what providers hold, exchange rates, the journal and its account codes."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import sqlalchemy as sa
from flask import Response as FileResponse
from flask import render_template, request, stream_with_context, url_for
from sqlmodel import col
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.payouts import journal as journal_file
from cbi.payouts import money, statements, summaries
from cbi.payouts.forms_money import ButtonForm, CodesForm, ConfirmForm, MoneyForm, RateForm, codes_form
from cbi.payouts.scope import day_of, from_query
from cbi.payouts.tables_money import MoneyEntry
from cbi.payouts.views import blueprint
from cbi.payouts.words_money import CODE_WORDS, MONEY_WORDS
from cbi.staff.service import names_of, step_up
from cbi.store.work import Reading, Work
from cbi.transfers import rates as kept_rates
from cbi.transfers.programmes import grants, providers
from cbi.transfers.service import released_lists
from cbi.transfers.tables import BudgetLine, Grant, PaymentList, Provider
from cbi.transfers.views import fresh_key
from cbi.web.again import once, or_again
from cbi.web.guard import needs
from cbi.web.house import person, records
from cbi.web.listing import Listing, listing_args
from cbi.web.words import _

Answer = str | Response | tuple[str, int]
_STATES = ("waiting", "entered", "dropped")


@blueprint.get("/money")
@needs(P.MONEY_READ)
def money_index() -> str:
    """What each provider holds of our money, and every fee, advance and refund."""
    args = listing_args(request.args, sorts=("entered",), filters=("kind", "state"), descending=True)
    with records().read() as look:
        rows, total = money.rows(look, limit=args.size, offset=args.offset, kind=args.filter("kind"), state=args.filter("state"))
        shown = {one.id: one for one in providers(look)}
        people = names_of(look, {row.entry.entered_by for row in rows} | {row.entry.confirmed_by for row in rows if row.entry.confirmed_by})
        return render_template(
            "payouts/money.html",
            listing=Listing(rows, total, args),
            held=[(shown[key], sums) for key, sums in money.holdings(look).items() if key in shown],
            people=people,
            kinds=MONEY_WORDS,
            states=_STATES,
            me=person(),
            may_enter=person().may(P.MONEY_ENTER),
            may_confirm=person().may(P.MONEY_CONFIRM),
            keys={row.entry.id: fresh_key() for row in rows},
        )


@blueprint.route("/money/new", methods=["GET", "POST"])
@needs(P.MONEY_ENTER)
def money_new() -> Answer:
    """Enter money that moved beside the payments."""
    form = MoneyForm()
    with records().read() as look:
        _offer(look, form)
        if request.method == "GET":
            form.begin(records().operation.currency, look.today, request.args.get("kind", ""), request.args.get("list", ""))
    if not form.validate_on_submit():
        return render_template("payouts/money_new.html", form=form), 422 if request.method == "POST" else 200

    def act(work: Work) -> str:
        money.enter(work, form.new())
        return url_for("payouts.money_index", state="waiting")

    said = _("Entered. It counts once somebody else confirms it.")
    return or_again(
        form, lambda: once(form.key(), act, said), lambda status: (render_template("payouts/money_new.html", form=form), status)
    )


@blueprint.route("/money/<uuid:entry_id>/confirm", methods=["GET", "POST"])
@needs(P.MONEY_CONFIRM)
def money_confirm(entry_id: UUID) -> Answer:
    """A second person puts an entry into the ledger: its own page, with password and code."""
    form = ConfirmForm()
    if not form.validate_on_submit():
        return _confirm_page(entry_id, form, 422 if form.is_submitted() else 200)

    def act(work: Work) -> str:
        step_up(work, person().id, form.password.data, form.code.data)
        money.confirm(work, entry_id)
        return url_for("payouts.money_index")

    said = _("Confirmed. It is in the ledger.")
    return or_again(form, lambda: once(form.key(), act, said), lambda status: _confirm_page(entry_id, form, status))


@blueprint.post("/money/<uuid:entry_id>/drop")
@needs(P.MONEY_ENTER)
def money_drop(entry_id: UUID) -> Response:
    """Take an entry away that nobody confirmed."""

    def act(work: Work) -> str:
        money.drop(work, entry_id)
        return url_for("payouts.money_index")

    return once(ButtonForm().key(), act, _("Dropped. It never counted."))


@blueprint.post("/money/<uuid:entry_id>/reverse")
@needs(P.MONEY_ENTER)
def money_reverse(entry_id: UUID) -> Response:
    """Ask for an entry to be taken back by reversing entries."""

    def act(work: Work) -> str:
        money.reverse(work, entry_id)
        return url_for("payouts.money_index", state="waiting")

    return once(ButtonForm().key(), act, _("Asked for. It is taken back once somebody else confirms it."))


@blueprint.get("/rates")
@needs(P.MONEY_READ)
def rates() -> str:
    """Every exchange rate, the newest first, and the next one to enter."""
    return _rates_page(RateForm())[0]


@blueprint.post("/rates")
@needs(P.MONEY_ENTER)
def rates_enter() -> Answer:
    """Enter a rate with where it was read."""
    form = RateForm()
    with records().read() as look:
        form.grant.choices = _grant_choices(look)
    if not form.validate():
        return _rates_page(form, 422)

    def act(work: Work) -> str:
        kept_rates.add_rate(
            work,
            UUID(form.grant.data),
            currency=form.currency.data.strip().upper(),
            day=form.day.data,
            rate=form.rate.data,
            source=form.source.data,
        )
        return url_for("payouts.rates")

    return or_again(form, lambda: once(form.key(), act, _("The rate is entered.")), lambda status: _rates_page(form, status))


@blueprint.get("/journal")
@needs(P.JOURNAL_EXPORT)
def journal() -> str:
    """Sums per grant and budget line, and the journal to download."""
    with records().read() as look:
        return render_template(
            "payouts/journal.html",
            lines=summaries.per_budget_line(look),
            foots=statements.whole_ledger_foots(look),
            choices=summaries.choices(look),
        )


@blueprint.get("/journal.csv")
@needs(P.JOURNAL_EXPORT)
def journal_csv() -> FileResponse:
    """The journal, entry by entry, for the finance system."""
    since, until = (day_of(request.args.get(name, "")) for name in ("from", "to"))

    def lines() -> Iterator[str]:
        with records().read() as look:
            yield from journal_file.lines(look, since, until, from_query({**request.args, "to": ""}, look.zone))

    return FileResponse(
        stream_with_context(lines()), mimetype="text/csv", headers={"Content-Disposition": 'attachment; filename="journal.csv"'}
    )


@blueprint.route("/journal/codes", methods=["GET", "POST"])
@needs(P.JOURNAL_EXPORT)
def journal_codes() -> Answer:
    """Which code of the finance system each account has."""
    form: CodesForm = codes_form()()
    if request.method == "GET":
        with records().read() as look:
            for name, code in journal_file.codes(look).items():
                form[name].data = code
    if not form.validate_on_submit():
        return render_template("payouts/codes.html", form=form, names=list(CODE_WORDS)), 422 if request.method == "POST" else 200

    def act(work: Work) -> str:
        journal_file.set_codes(work, {name: form[name].data for name in CODE_WORDS})
        return url_for("payouts.journal")

    return once(form.key(), act, _("The codes are set. They are in the journal from now on."))


def _confirm_page(entry_id: UUID, form: ConfirmForm, status: int) -> tuple[str, int]:
    with records().read() as look:
        entry = money.entry_by_id(look, entry_id)
        return render_template("payouts/money_confirm.html", form=form, entry=entry, kinds=MONEY_WORDS, **_around(look, entry)), status


def _around(look: Reading, entry: MoneyEntry) -> dict[str, object]:
    line = look.session.get_one(BudgetLine, entry.budget_line_id)
    return {
        "line": line,
        "grant": look.session.get_one(Grant, line.grant_id),
        "provider": look.session.get(Provider, entry.provider_id) if entry.provider_id else None,
        "list": look.session.get(PaymentList, entry.list_id) if entry.list_id else None,
        "who": names_of(look, {entry.entered_by}).get(entry.entered_by, ""),
        "same": entry.entered_by == person().id,
        "waits": entry.posting_id is None and entry.dropped_at is None,
    }


def _rates_page(form: RateForm, status: int = 200) -> tuple[str, int]:
    with records().read() as look:
        form.grant.choices = _grant_choices(look)
        if not form.is_submitted():
            form.day.data, form.currency.data = look.today, records().operation.currency
        known = {one.id: one for one in grants(look)}
        rows = kept_rates.rows(look, list(known))
        people = names_of(look, {row.entered_by for row in rows})
        sources = {row.id: look.open(row, "source") for row in rows}
    return render_template(
        "payouts/rates.html", form=form, rows=rows, sources=sources, grants=known, people=people, may_enter=person().may(P.MONEY_ENTER)
    ), status


def _grant_choices(look: Reading) -> list[tuple[str, str]]:
    return [(str(one.id), f"{one.code} · {one.title} ({one.currency})") for one in grants(look)]


def _offer(look: Reading, form: MoneyForm) -> None:
    lines = look.session.execute(
        sa.select(col(BudgetLine.id), col(Grant.code), col(BudgetLine.code), col(BudgetLine.title))
        .join(Grant, col(Grant.id) == col(BudgetLine.grant_id))
        .order_by(col(Grant.code), col(BudgetLine.code))
    )
    form.offer(
        [(str(one.id), one.name) for one in providers(look)],
        [(str(one.id), one.reference) for one in reversed(released_lists(look))],
        [(str(key), f"{grant} · {code} · {title}") for key, grant, code, title in lines],
    )
