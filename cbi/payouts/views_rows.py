"""The findings of a payout file, narrowed and paged, each beside the cells it came from; and suggestions accepted together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.errors import Refused
from cbi.payouts import browse, matches, narrowing, queries, triage
from cbi.payouts.about import About, about_of, barred
from cbi.payouts.forms_answers import ANSWER_WORDS, BulkForm
from cbi.payouts.matches import Alike, Left, NotAll
from cbi.payouts.narrowing import Narrowed
from cbi.payouts.sheet_names import named_sheets
from cbi.payouts.views import blueprint
from cbi.payouts.words import KIND_WORDS, because_words
from cbi.store.work import Reading
from cbi.web.filters import number
from cbi.web.forms import key_of
from cbi.web.guard import needs
from cbi.web.house import actor, person, records
from cbi.web.listing import Listing, listing_args
from cbi.web.words import _, _n
from reconciliation.findings import FindingKind

Pairs = list[tuple[str, str]]


_FILTERS = ("kind", "list", "because", "answered", "reference", "sort")


@blueprint.post("/payouts/<uuid:file_id>/rows")
@needs(P.PAYOUT_READ)
def narrow(file_id: UUID) -> Response:
    """Narrow the findings to what was chosen and typed; what was typed never stands in an address."""
    chosen = narrowing.from_query({**request.form, "reference": ""}, request.form.getlist("kind"))
    with records().read() as look:
        queries.file_by_id(look, file_id)
        by = narrowing.searched(look, file_id, chosen, request.form.get("reference", ""))
    asked: dict[str, Any] = {**by.to_query(), "file_id": file_id}  # Any: texts, lists of texts and an id, as url_for takes them
    return redirect(url_for("payouts.rows", **asked), 303)


@blueprint.get("/payouts/<uuid:file_id>/rows")
@needs(P.PAYOUT_READ)
def rows(file_id: UUID) -> str:
    """The findings that the address asks for, 50 a page, with what they come to."""
    by = asked_for()
    with records().read() as look:
        file, about = queries.file_by_id(look, file_id), about_of(look, file_id)
        page, sums = narrowing.page_of(look, file_id, by), browse.sums(look, file_id, by)
        where = triage.stood(file)
        cells = {row.row.id: triage.cell_of(seen, row.row, where) for seen in page.findings for row in seen.rows}
        return render_template(
            "payouts/rows.html",
            file=file,
            list=about,
            listing=Listing(page.findings, sums.findings, listing_args(request.args, sorts=("row",), filters=_FILTERS)),
            page=page,
            sums=sums,
            by=by,
            kind=only(by),
            cells=cells,
            sheets=named_sheets(look, file),
            kinds=[(one.value, str(KIND_WORDS[one])) for one in FindingKind],
            lists=[] if about.only else [(str(one.id), one.reference) for one in about.lists],
            reasons=_reasons(look, file_id, by),
            bulk=_bulk(look, file_id, about, by),
            asked=by.at().to_query(),
            answer_words=ANSWER_WORDS,
            title=KIND_WORDS[by.kinds[0]] if only(by) else None,
        )


@blueprint.route("/payouts/<uuid:file_id>/accept", methods=["GET", "POST"])
@needs(P.PAYOUT_UPLOAD)
def accept(file_id: UUID) -> str | Response | tuple[str, int]:
    """Accept every suggestion of one reason, on a page of its own that says how many and why."""
    form, left = BulkForm(), tuple[Left, ...]()
    shown, status = form.shown(), 422 if form.is_submitted() else 200
    if form.validate_on_submit() and shown is not None:
        try:
            count = matches.accept_all(
                records(),
                actor(),
                file_id,
                form.reason.data or "",
                shown,
                key_of(form.client_key.data),
                without=form.without(),
                since=form.since(),
            )
        except NotAll as stale:
            form.form_errors, left, status = [stale.fix], stale.left, 409
        else:
            flash(_n("%(num)s match accepted.", "%(num)s matches accepted.", count), "ok")
            return redirect(url_for("payouts.rows", file_id=file_id, kind="SUGGESTED"))
    return _accept_page(form, file_id, left), status


def _accept_page(form: BulkForm, file_id: UUID, left: Sequence[Left]) -> str:
    """The suggestions that can be accepted now; left: those that cannot, each by name."""
    reason = form.reason.data or request.args.get("reason", "")
    without = form.without() | {one.finding_id for one in left}
    with records().read() as look:
        file, about = queries.file_by_id(look, file_id), about_of(look, file_id)
        chosen = next((one for one in matches.in_bulk(look, file_id, without=without) if one.because == reason), None)
        if chosen is None and not left:
            raise Refused(_("choose a reason for which suggestions wait"))
        chosen = chosen or Alike(reason, 0)
        form.show(chosen, without, look.now)
        return render_template(
            "payouts/accept.html",
            form=form,
            file=file,
            list=about,
            chosen=chosen,
            found=queries.seen(look, chosen.first),
            sheets=named_sheets(look, file),
            because=because_words(chosen.because),
            left=left,
        )


def asked_for() -> Narrowed:
    """What this address asks for."""
    return narrowing.from_query(request.args, request.args.getlist("kind"))


def only(by: Narrowed) -> FindingKind | None:
    """The kind, when one was asked for."""
    return by.kinds[0] if len(by.kinds) == 1 else None


def _bulk(look: Reading, file_id: UUID, about: About, by: Narrowed) -> Pairs:
    """Suggestions of one reason that may be accepted together: the words of the button and its address. Empty for whoever may not answer."""
    if only(by) is not FindingKind.SUGGESTED or not person().may(P.PAYOUT_UPLOAD) or barred(look, about, person().id):
        return []
    return [(_together(one), url_for("payouts.accept", file_id=file_id, reason=one.because)) for one in matches.in_bulk(look, file_id)]


def _together(one: Alike) -> str:
    words = because_words(one.because)
    return _n("Accept %(num)s match, alike in %(because)s", "Accept %(num)s matches, alike in %(because)s", one.count, because=words)


def _reasons(look: Reading, file_id: UUID, by: Narrowed) -> Pairs:
    """What the reason filter offers, with how many findings have each."""
    return [(one.value, f"{because_words(one.value)} ({number(one.count)})") for one in narrowing.reasons(look, file_id, by.kinds)]
