"""Statements on screen and as files: of one list, or of everything of a provider, cycle, grant or budget line."""

from __future__ import annotations

from uuid import UUID

from flask import Response as FileResponse
from flask import redirect, render_template, request, url_for
from flask_babel import get_locale
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.errors import NotThere
from cbi.payouts import papers, reissue, sheets, summaries
from cbi.payouts import statements as sums
from cbi.payouts.closing import readiness
from cbi.payouts.cycles_account import CycleAccount, closing_of, of_cycle, open_lists
from cbi.payouts.entered import entered
from cbi.payouts.scope import Scope, from_query
from cbi.payouts.sheets import Statement
from cbi.payouts.standing import LineKind
from cbi.payouts.statements import ListStatement
from cbi.payouts.tables_money import CycleClosing, OpenLine
from cbi.payouts.views import blueprint
from cbi.payouts.words_money import ACCOUNT_WORDS, ENDING_WORDS, LINE_WORDS, OPEN_WORDS, POSTING_WORDS
from cbi.store.work import Reading
from cbi.transfers.service import list_by_id
from cbi.transfers.tables import ListStatus
from cbi.web.charts import Part, stacked_bars, svg_response
from cbi.web.downloads import download
from cbi.web.footing import Footing, Sum, Term
from cbi.web.guard import needs
from cbi.web.house import person, records
from cbi.web.listing import listing_args
from cbi.web.words import _
from reconciliation.ledger import Account

_WORDS = {
    "words": LINE_WORDS,
    "account_words": ACCOUNT_WORDS,
    "ending_words": ENDING_WORDS,
    "open_words": OPEN_WORDS,
    "posting_words": POSTING_WORDS,
}
_BARS = 25
_LISTS_SHOWN = 50
_OPEN = tuple(kind for kind in LineKind if kind.value in set(OpenLine))
_ALWAYS = frozenset({LineKind.FAILED, LineKind.RETURNED, LineKind.MISSING})  # told also where nothing of them is open


@blueprint.get("/statements")
@needs(P.STATEMENT_READ)
def statements() -> str:
    """Every released list, provider, cycle, grant or line with where its money stands, 50 at a time."""
    by = request.args.get("by", "list")
    with records().read() as look:
        scope = _scope(look.zone)
        args = listing_args(request.args, sorts=summaries.SORTS, filters=("by", *summaries.FILTERS), descending=True)
        found = summaries.page(look, by, scope, args)
        return render_template(
            "payouts/statements.html",
            by=found.by,
            listing=found.listing,
            totals=summaries.totals(look, scope),
            choices=summaries.choices(look),
            scope=scope,
            ledger_foots=sums.whole_ledger_foots(look),
        )


@blueprint.get("/statements/<uuid:list_id>")
@needs(P.STATEMENT_READ)
def statement(list_id: UUID) -> str:
    """One list: instructed = paid + failed + returned + missing, in count and in amount."""
    return _page(Scope(records().operation.zone, list_id=list_id))


@blueprint.get("/statements/of")
@needs(P.STATEMENT_READ)
def statement_of() -> str | Response:
    """Everything of a provider, cycle, grant or budget line, up to a day."""
    scope = _scope(records().operation.zone)
    if scope.list_id is not None and scope.query() == {"list": str(scope.list_id)}:
        return redirect(url_for("payouts.statement", list_id=scope.list_id))
    return _page(scope)


@blueprint.get("/statements/chart.svg")
@needs(P.STATEMENT_READ)
def chart() -> FileResponse:
    """The same as bars, one a list; their table stands beside them on the page."""
    with records().read() as look:
        scope = _scope(look.zone)
        currency = request.args.get("bars", "").upper() or scope.currency
        scope = scope.of_currency(currency) if scope.currency in {"", currency} else scope
        found = [one for _list, _provider, one in sheets.newest_lists(look, scope, _BARS)]
    currency = currency or next((one.currency for one in found[::-1]), "")
    bars = [one for one in found if one.currency == currency]
    parts = [
        Part(_("Delivered"), "delivered", tuple(max(one.delivered_minor, 0) for one in bars)),
        Part(_("Open"), "open", tuple(max(one.open_minor, 0) for one in bars)),
        Part(_("Given up"), "aside", tuple(max(one.cancelled_minor, 0) for one in bars)),
        Part(_("Suspense"), "held", tuple(max(one.suspense_minor, 0) for one in bars)),
    ]
    if not bars:
        raise NotThere
    answer = svg_response(stacked_bars([one.reference for one in bars], parts, currency))
    assert isinstance(answer, FileResponse)
    return answer


@blueprint.get("/statements/of.xlsx")
@blueprint.get("/statements/<uuid:list_id>.xlsx")
@needs(P.STATEMENT_READ)
def statement_workbook(list_id: UUID | None = None) -> FileResponse:
    """The statement as a workbook whose sums are formulas that finance can check."""
    with records().read() as look:
        made = _gathered(look, _scope(look.zone) if list_id is None else Scope(look.zone, list_id=list_id))
        content = papers.workbook(made, right_to_left=_right_to_left())
    return download(content, f"{made.name}-statement.xlsx")


@blueprint.get("/statements/of.pdf")
@needs(P.STATEMENT_READ)
def statement_paper() -> FileResponse:
    """The statement as a paper to sign, with the audit checkpoint that holds everything on it."""
    with records().read() as look:
        made = _gathered(look, _scope(look.zone))
    office, mark = records().operation, papers.marked(records(), made)
    content = papers.paper(made, mark, office=f"{office.name} ({office.code})", language=str(get_locale()), right_to_left=_right_to_left())
    return download(content, f"{made.name}-statement.pdf", "application/pdf")


def _page(scope: Scope) -> str:
    account: CycleAccount | None = None
    ended: CycleClosing | None = None
    with records().read() as look:
        made = _gathered(look, scope, with_lists=False)
        args = listing_args(request.args, sorts=("released",), filters=tuple(scope.query()), descending=True, size=_LISTS_SHOWN)
        lists = sheets.page_of_lists(look, scope, args) if scope.list_id is None else None
        if scope.cycle_id is not None and len(scope.query()) == 1:
            account, ended = of_cycle(look, scope.cycle_id), closing_of(look, scope.cycle_id)
        of_list = list_by_id(look, scope.list_id) if scope.list_id else None
        return render_template(
            "payouts/statement.html",
            made=made,
            lists=lists,
            apart=sums.suspense_apart(look, scope),
            blocks=[(one, _footing(one), sheets.open_rows(made, one)) for one in made.found],
            query=scope.query(),
            rate_words=papers.rate_words,
            list=of_list,
            is_open=of_list is not None and of_list.status is ListStatus.RELEASED,
            is_settled=of_list is not None and of_list.status is ListStatus.CLOSED and readiness(look, of_list.id).is_settled,
            still_open=open_lists(look, scope.cycle_id) if account and scope.cycle_id else 0,
            postings=entered(look, scope.list_id) if scope.list_id else [],
            again=_again(look, scope.list_id) if scope.list_id else 0,
            account=account,
            account_footing=_account_footing(account) if account else None,
            ended=ended,
            ended_reason=look.open(ended, "reason") if ended and person().may(P.LIST_READ) else "",
            may_close=person().may(P.LIST_CLOSE),
            may_decide=person().may(P.LINE_DECIDE),
            **_WORDS,
        )


def _gathered(look: Reading, scope: Scope, *, with_lists: bool = True) -> Statement:
    """Everything of a statement that this reader may see: donors and auditors not what people wrote about single lines."""
    return sheets.gathered(look, scope, with_lists=with_lists, with_reasons=person().may(P.LIST_READ))


def _scope(zone: str) -> Scope:
    return from_query(request.args, zone)


def _right_to_left() -> bool:
    locale = get_locale()
    return locale is not None and locale.text_direction == "rtl"


def _again(look: Reading, list_id: UUID) -> int:
    """How many transfers the reader may ask for again that are known not to have arrived."""
    if not person().may(P.LIST_PREPARE):
        return 0
    return sum(one.ground is not LineKind.MISSING for one in reissue.open_transfers(look, list_id))


def _footing(found: ListStatement) -> Footing:
    asked = Term(found.total_minor, _("instructed"))
    parts = [Term(found.delivered_minor, _("delivered"), "delivered")]
    opened = [(kind, _open_of(found, kind)) for kind in _OPEN]
    parts += [Term(minor, _within(OPEN_WORDS[OpenLine(kind.value)]), "open") for kind, minor in opened if minor or kind in _ALWAYS]
    if found.cancelled_minor:
        parts.append(Term(found.cancelled_minor, _within(LINE_WORDS[LineKind.GIVEN_UP]), "aside"))
    moved = Term(-found.of(Account.PROVIDER), _("moved or charged beyond promises"))
    beyond = (
        Term(found.suspense_minor, _("suspense"), "held"),
        Term(found.of(Account.EXTRA), _("accepted"), "delivered"),
        Term(found.of(Account.FEES), _("fees"), "aside"),
    )
    made = [Sum(_("What we asked for"), asked, tuple(parts))]
    if moved.minor or any(term.minor for term in beyond):
        made.append(Sum(_("What the provider moved besides"), moved, beyond))
    heading = _("This statement does not foot yet.") if found.gaps else ""
    return Footing(found.currency, tuple(made), heading, unplaced=len(found.gaps))


def _within(words: object) -> str:
    """The words of a line inside an equation, whose other words begin small."""
    said = str(words)
    return said[:1].lower() + said[1:]


def _open_of(found: ListStatement, kind: LineKind) -> int:
    return sum(line.open_minor for line in found.lines if line.kind is kind)


def _account_footing(account: CycleAccount) -> Footing:
    parts = (
        Term(account.paid_minor, _("paid"), "delivered"),
        Term(account.pending_minor, _("pending"), "open"),
        Term(account.failed_minor, _("failed"), "open"),
        Term(account.returned_minor, _("returned"), "open"),
        Term(account.held_minor, _("held"), "held"),
        Term(account.given_up_minor, _("given up"), "aside"),
    )
    due = Sum(_("What households are due"), Term(account.entitled_minor, _("entitled")), parts)
    return Footing(account.currency, (due,), _("Everything households are due has a place") if due.closes else "")
