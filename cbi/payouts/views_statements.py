"""Statements on screen and as files, and the journal for the finance system."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from flask import Response as FileResponse
from flask import render_template, request, stream_with_context

from cbi.access import P
from cbi.payouts import journal as journal_file
from cbi.payouts import reissue
from cbi.payouts import statements as sums
from cbi.payouts.files import scratch
from cbi.payouts.standing import LineKind
from cbi.payouts.statements import ListStatement
from cbi.payouts.views import blueprint
from cbi.store.work import Reading
from cbi.transfers.cycles import cycle_by_id
from cbi.transfers.service import list_by_id, released_lists
from cbi.transfers.tables import Provider
from cbi.web.charts import Part, stacked_bars, svg_response
from cbi.web.filters import money
from cbi.web.footing import Footing, Sum, Term
from cbi.web.guard import needs
from cbi.web.house import person, records
from cbi.web.words import _, _l
from reconciliation import report_statement

LINE_WORDS = {
    LineKind.PAID: _l("Paid"),
    LineKind.PAID_IN_PART: _l("Paid in part"),
    LineKind.FAILED: _l("Failed"),
    LineKind.RETURNED: _l("Returned"),
    LineKind.WITH_THE_WRONG_HAND: _l("With the wrong hand"),
    LineKind.WAITING_FOR_AN_ANSWER: _l("Waiting for an answer"),
    LineKind.MISSING: _l("Not reported yet"),
    LineKind.GIVEN_UP: _l("Given up at closing"),
}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/statements")
@needs(P.STATEMENT_READ)
def statements() -> str:
    """Every released list with where its money stands."""
    with records().read() as look:
        found = [sums.of_list(look, one.id) for one in released_lists(look)]
        providers = {one.id: look.session.get_one(Provider, one.provider_id).name for one in released_lists(look)}
        return render_template(
            "payouts/statements.html", found=found, providers=providers, totals=_totals(found), ledger_foots=sums.whole_ledger_foots(look)
        )


@blueprint.get("/statements/<uuid:list_id>")
@needs(P.STATEMENT_READ)
def statement(list_id: UUID) -> str:
    """One list: instructed = paid + failed + returned + missing, in count and in amount."""
    with records().read() as look:
        found = sums.of_list(look, list_id)
        payment_list = list_by_id(look, list_id)
        return render_template(
            "payouts/statement.html",
            found=found,
            list=payment_list,
            cycle=cycle_by_id(look, payment_list.cycle_id),
            provider=look.session.get_one(Provider, payment_list.provider_id),
            footing=_footing(found),
            words=LINE_WORDS,
            postings=sums.postings(look, list_id),
            again=_again(look, list_id),
            suspense=[
                (_("Suspense: paid, but to no open promise"), money(minor, code))
                for code, minor in (found.suspense or {found.currency: 0}).items()
            ],
        )


@blueprint.get("/statements/<uuid:list_id>/chart.svg")
@needs(P.STATEMENT_READ)
def chart(list_id: UUID) -> FileResponse:
    """The list as one bar; its table stands beside it on the page."""
    with records().read() as look:
        found = sums.of_list(look, list_id)
    parts = [
        Part(_("Delivered"), "delivered", (max(found.delivered_minor, 0),)),
        Part(_("Open"), "open", (max(found.open_minor, 0),)),
        Part(_("Suspense"), "held", (max(found.suspense_minor, 0),)),
    ]
    answer = svg_response(stacked_bars([found.reference], parts, found.currency))
    assert isinstance(answer, FileResponse)
    return answer


@blueprint.get("/statements/<uuid:list_id>.xlsx")
@needs(P.STATEMENT_READ)
def statement_workbook(list_id: UUID) -> FileResponse:
    """The statement as a workbook whose sums are formulas that finance can check."""
    with records().read() as look:
        found = sums.of_list(look, list_id)
    with scratch(records(), "statement.xlsx") as path:
        lines = [(str(LINE_WORDS[line.kind]), line.count, line.instructed_minor, line.delivered_minor) for line in found.lines]
        report_statement.write_statement(path, found.reference, found.currency, lines, suspense_minor=found.suspense_minor)
        content = path.read_bytes()
    return FileResponse(
        content, mimetype=_XLSX, headers={"Content-Disposition": f'attachment; filename="{found.reference}-statement.xlsx"'}
    )


@blueprint.get("/journal")
@needs(P.JOURNAL_EXPORT)
def journal() -> str:
    """Sums per grant and budget line, and the journal to download."""
    with records().read() as look:
        return render_template("payouts/journal.html", lines=sums.per_budget_line(look), foots=sums.whole_ledger_foots(look))


@blueprint.get("/journal.csv")
@needs(P.JOURNAL_EXPORT)
def journal_csv() -> FileResponse:
    """The journal, entry by entry, for the finance system."""
    since, until = (_day(request.args.get(name, "")) for name in ("from", "to"))

    def lines() -> Iterator[str]:
        with records().read() as look:
            yield from journal_file.lines(look, since, until)

    return FileResponse(
        stream_with_context(lines()), mimetype="text/csv", headers={"Content-Disposition": 'attachment; filename="journal.csv"'}
    )


def _again(look: Reading, list_id: UUID) -> int:
    """How many transfers the reader may ask for again that are known not to have arrived."""
    if not person().may(P.LIST_PREPARE):
        return 0
    return sum(one.ground is not LineKind.MISSING for one in reissue.open_transfers(look, list_id))


def _footing(found: ListStatement) -> Footing:
    asked = Term(found.total_minor, _("instructed"))
    parts = (Term(found.delivered_minor, _("delivered"), "delivered"), Term(found.open_minor, _("open"), "open"))
    return Footing(found.currency, (Sum(_("What we asked for"), asked, parts),))


def _totals(found: list[ListStatement]) -> list[tuple[str, int, int, int]]:
    currencies = sorted({one.currency for one in found})
    return [
        (
            code,
            sum(one.total_minor for one in found if one.currency == code),
            sum(one.delivered_minor for one in found if one.currency == code),
            sum(one.open_minor for one in found if one.currency == code),
        )
        for code in currencies
    ]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
