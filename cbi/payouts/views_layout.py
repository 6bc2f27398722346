"""How a file is read: a person confirms it beside the file's own first rows, and sees what would come of it."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.errors import Refused
from cbi.payouts import facts, fixes, layouts, queries, reading, samples
from cbi.payouts.forms_layout_page import LayoutPage, happened
from cbi.payouts.tables import FileStatus, PayoutFile
from cbi.payouts.views import blueprint, onwards
from cbi.transfers.tables import Provider
from cbi.web.guard import needs
from cbi.web.house import actor, records
from reconciliation.profile import locate
from reconciliation.sheets import PasswordNeeded, UnreadableFile

_READABLE = {FileStatus.ASKING, FileStatus.PREVIEWED, FileStatus.UNDONE}


@blueprint.route("/payouts/<uuid:file_id>/layout", methods=["GET", "POST"])
@needs(P.PAYOUT_UPLOAD)
def layout(file_id: UUID) -> str | Response | tuple[str, int]:
    """Confirm how the columns are read, beside the file's own first rows. Shows personal data: never kept by the browser."""
    with records().read() as look:
        file = queries.file_by_id(look, file_id)
        if file.status not in _READABLE:
            return redirect(url_for("payouts.preview", file_id=file_id))
        name, provider = look.open(file, "name"), look.session.get_one(Provider, file.provider_id)
    try:
        page = _page(file)
    except PasswordNeeded:
        return redirect(url_for("payouts.password", file_id=file_id))
    except UnreadableFile as problem:
        raise Refused(problem.fix) from problem
    if request.method == "GET":
        with records().work(actor()) as work:
            work.remember(facts.LayoutShown(file_id=file_id))
    wanted = request.method == "POST" and "show" not in request.form and not page.draft.moved
    if wanted and page.form.validate() and (answer := _keep(page, file_id)):
        return answer
    shown = render_template("payouts/layout.html", page=page, form=page.form, file=file, name=name, provider=provider, happened=happened)
    return shown, 422 if page.form.errors or page.form.form_errors else 200


def _page(file: PayoutFile) -> LayoutPage:
    seen = samples.look_of(records(), file.id)
    if seen is None:  # of a file that was never proposed
        samples.keep(records(), file.id, reading.look_at(records(), file.id))
        seen = samples.look_of(records(), file.id)
    assert seen is not None
    return LayoutPage(seen, request.form, tuple(request.form.getlist("sheets")), file.fix)


def _keep(page: LayoutPage, file_id: UUID) -> Response | None:
    """Read the file as confirmed; None when the page has to be shown again with what is missing."""
    chosen = page.keep()
    if chosen is None:
        return None
    try:
        locate(page.look.sheets, chosen)
    except UnreadableFile as problem:
        page.form.heading.errors = [fixes.say(problem.fix)]
        return None
    with records().work(actor()) as work:
        layouts.keep_profile(work, queries.file_by_id(work, file_id).provider_id, chosen)
    return onwards(file_id, reading.start(records(), actor(), file_id, chosen=chosen))
