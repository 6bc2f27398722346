"""Pages of payout files: the list, upload, password and layout. Previews, posting and statements stand in modules of their own."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.errors import Refused
from cbi.payouts import corrections, files, forms_layout, layouts, queries, reading
from cbi.payouts.about import Offer, about_of, offers
from cbi.payouts.forms import CorrectedForm, FilePasswordForm, UploadForm
from cbi.payouts.tables import FileStatus
from cbi.transfers.service import released_lists
from cbi.web.guard import needs
from cbi.web.house import Section, actor, records
from cbi.web.listing import Listing, listing_args
from cbi.web.words import _, _l, _n
from reconciliation.profile import Profile, locate
from reconciliation.sheets import PasswordNeeded, UnreadableFile

blueprint = Blueprint("payouts", __name__)
SECTIONS = (
    Section(P.PAYOUT_READ, _l("Payout files"), "payouts.index"),
    Section(P.STATEMENT_READ, _l("Statements"), "payouts.statements"),
    Section(P.MONEY_READ, _l("Fees and advances"), "payouts.money_index"),
    Section(P.JOURNAL_EXPORT, _l("Journal"), "payouts.journal"),
)


@blueprint.get("/payouts")
@needs(P.PAYOUT_READ)
def index() -> str:
    """Released lists that wait for a file, and the files received."""
    args = listing_args(request.args, sorts=("uploaded",), filters=("status",), descending=True)
    with records().read() as look:
        rows, total = queries.recent_files(look, limit=args.size, offset=args.offset, status=args.filter("status"))
        return render_template(
            "payouts/index.html", listing=Listing(rows, total, args), waiting=queries.waiting_lists(look), statuses=FileStatus
        )


@blueprint.route("/payouts/new", methods=["GET", "POST"])
@needs(P.PAYOUT_UPLOAD)
def new() -> str | Response | tuple[str, int]:
    """Upload a provider's file for a released list, or for every open one of its provider."""
    form = UploadForm()
    with records().read() as look:
        together = {f"{one.provider.id}:{one.currency}": one for one in offers(look)}
        single = [(str(one.id), f"{one.reference} · {one.count} · {one.currency}") for one in reversed(released_lists(look))]
    form.offer([*single, *((value, _all_lists(one)) for value, one in together.items())])
    if request.method == "GET":
        form.list.data = request.args.get("list") or None
    if not form.validate_on_submit():
        return render_template("payouts/new.html", form=form), 422 if request.method == "POST" else 200
    given = form.file.data
    try:
        file_id = files.receive(records(), actor(), _chosen(form.list.data, together), given.filename or "", given.stream.read())
    except Refused as refusal:
        form.file.errors = [refusal.fix]
        return render_template("payouts/new.html", form=form), 422
    return _read(file_id)


def _all_lists(offer: Offer) -> str:
    lists = _n("%(num)s released list", "%(num)s released lists", len(offer.lists))
    return _("All of %(provider)s: %(lists)s", provider=offer.provider.name, lists=f"{lists} · {offer.currency}")


def _chosen(value: str, together: Mapping[str, Offer]) -> tuple[UUID, ...]:
    return tuple(one.id for one in together[value].lists) if value in together else (UUID(value),)


@blueprint.route("/payouts/<uuid:file_id>/corrected", methods=["GET", "POST"])
@needs(P.PAYOUT_UPLOAD)
def corrected(file_id: UUID) -> str | Response | tuple[str, int]:
    """Upload the corrected rows of a posted file, alone or in the whole file."""
    form = CorrectedForm()
    with records().read() as look:
        file = queries.file_by_id(look, file_id)
        page = {"file": file, "about": about_of(look, file_id), "unread": corrections.unread(look, file_id)}
    if not form.validate_on_submit():
        return render_template("payouts/corrected.html", form=form, **page), 422 if request.method == "POST" else 200
    given = form.file.data
    try:
        corrected_id = files.receive_corrections(records(), actor(), file_id, given.filename or "", given.stream.read())
    except Refused as refusal:
        form.file.errors = [refusal.fix]
        return render_template("payouts/corrected.html", form=form, **page), 422
    return _read(corrected_id)


@blueprint.route("/payouts/<uuid:file_id>/password", methods=["GET", "POST"])
@needs(P.PAYOUT_UPLOAD)
def password(file_id: UUID) -> str | Response | tuple[str, int]:
    """The password of a protected file; used once and kept nowhere."""
    form = FilePasswordForm()
    with records().read() as look:
        queries.file_by_id(look, file_id)
    if not form.validate_on_submit():
        return render_template("payouts/password.html", form=form, file_id=file_id), 422 if request.method == "POST" else 200
    try:
        files.unlock(records(), actor(), file_id, form.password.data or "")
        status = reading.start(records(), actor(), file_id)
    except UnreadableFile as problem:  # also PasswordNeeded: it does not open the file
        form.password.errors = [problem.fix]
        return render_template("payouts/password.html", form=form, file_id=file_id), 422
    return _onwards(file_id, status)


@blueprint.route("/payouts/<uuid:file_id>/layout", methods=["GET", "POST"])
@needs(P.PAYOUT_UPLOAD)
def layout(file_id: UUID) -> str | Response | tuple[str, int]:
    """Confirm how the columns are read, beside the file's own first rows. Shows personal data: never kept by the browser."""
    with records().read() as look:
        file = queries.file_by_id(look, file_id)
        if file.status not in {FileStatus.ASKING, FileStatus.PREVIEWED, FileStatus.UNDONE}:
            return redirect(url_for("payouts.preview", file_id=file_id))
    try:
        seen = reading.look_at(records(), file_id)
        view = forms_layout.LayoutView(seen, file.fix)
    except PasswordNeeded:
        return redirect(url_for("payouts.password", file_id=file_id))
    except UnreadableFile as problem:
        raise Refused(problem.fix) from problem
    if request.method == "POST" and view.form.validate_on_submit():
        try:
            chosen = view.chosen()
            locate(seen.sheets, chosen)
        except UnreadableFile as problem:
            view.form.header_row.errors = [problem.fix]
        else:
            with records().work(actor()) as work:
                layouts.keep_profile(work, queries.file_by_id(work, file_id).provider_id, chosen)
            return _onwards(file_id, reading.start(records(), actor(), file_id, chosen=chosen))
    return render_template("payouts/layout.html", view=view, file_id=file_id), 422 if request.method == "POST" else 200


@blueprint.post("/payouts/<uuid:file_id>/read")
@needs(P.PAYOUT_UPLOAD)
def read_again(file_id: UUID) -> Response:
    """Read the file again, after another of this provider was posted or undone."""
    with records().read() as look:
        file = queries.file_by_id(look, file_id)
        chosen = forms_layout.kept(file)
        stuck = file.status is FileStatus.READING and queries.is_stuck(look, file_id)
    if file.status not in {FileStatus.PREVIEWED, FileStatus.UNDONE, FileStatus.ASKING} and not stuck:
        raise Refused(_("look at the file again: it cannot be read now"))
    return _read(file_id, chosen)


def _read(file_id: UUID, chosen: Profile | None = None) -> Response:
    try:
        return _onwards(file_id, reading.start(records(), actor(), file_id, chosen=chosen))
    except PasswordNeeded:
        return redirect(url_for("payouts.password", file_id=file_id))


def _onwards(file_id: UUID, status: FileStatus) -> Response:
    if status is FileStatus.ASKING:
        return redirect(url_for("payouts.layout", file_id=file_id))
    if status is FileStatus.PREVIEWED:
        flash(_("Read. Nothing is posted yet."), "ok")
    return redirect(url_for("payouts.preview", file_id=file_id))


from cbi.payouts import views_closing, views_money, views_preview, views_reissue, views_statements  # noqa: E402, F401 -- they add their pages to the blueprint above
