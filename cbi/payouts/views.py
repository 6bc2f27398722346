"""Pages of payout files: the list, upload, password and layout. Previews, posting and statements stand in modules of their own."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlmodel import col, select
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.errors import Refused
from cbi.payouts import corrections, files, fixes, forms_layout, layouts, queries, reading
from cbi.payouts.about import Offer, about_of, offers
from cbi.payouts.files import AwayReason
from cbi.payouts.forms import AwayForm, CorrectedForm, FilePasswordForm, UploadForm
from cbi.payouts.forms_layout import FIELD_WORDS
from cbi.payouts.tables import FileStatus
from cbi.staff.service import names_of
from cbi.store.work import Reading
from cbi.transfers.service import released_lists
from cbi.transfers.tables import PaymentList, Provider
from cbi.web.filters import money
from cbi.web.guard import needs
from cbi.web.house import Section, actor, records
from cbi.web.listing import Listing, listing_args
from cbi.web.words import _, _l, _n
from reconciliation.profile import Profile
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
        look.vault.prefetch(look.session, [file for file, _about, _provider in rows])
        return render_template(
            "payouts/index.html",
            names={file.id: look.open(file, "name") for file, _about, _provider in rows},
            listing=Listing(rows, total, args),
            waiting=queries.waiting_lists(look),
            statuses=FileStatus,
        )


@blueprint.route("/payouts/new", methods=["GET", "POST"])
@needs(P.PAYOUT_UPLOAD)
def new() -> str | Response | tuple[str, int]:
    """Upload a provider's file for a released list, or for every open one of its provider."""
    form = UploadForm()
    with records().read() as look:
        together = {f"{one.provider.id}:{one.currency}": one for one in offers(look)}
        form.offer(_single_lists(look), [(value, _all_lists(one)) for value, one in together.items()])
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
    return read_on(file_id)


def _single_lists(look: Reading) -> list[tuple[str, str]]:
    """Released lists, those that wait for a file first and the oldest of them first, then those that have one."""
    waiting = {one.payment_list.id: one.days for one in queries.waiting_lists(look)}
    lists = {one.id: one for one in released_lists(look)}
    return [
        (str(one), _one_list(lists[one], waiting.get(one))) for one in (*waiting, *(one for one in reversed(lists) if one not in waiting))
    ]


def _one_list(one: PaymentList, days: int | None) -> str:
    waits = _("has a file") if days is None else _n("waits %(num)s day", "waits %(num)s days", days)
    transfers = _n("%(num)s transfer", "%(num)s transfers", one.count)
    return f"{one.reference} · {transfers} · {money(one.total_minor, one.currency)} · {waits}"


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
    return read_on(corrected_id)


@blueprint.get("/payouts/layouts")
@needs(P.PAYOUT_READ)
def kept_layouts() -> str:
    """Every layout a person confirmed, version by version, provider by provider."""
    with records().read() as look:
        providers = look.session.exec(select(Provider).order_by(col(Provider.name), col(Provider.id))).all()
        found = [(one, layouts.versions_of(look, one.id)) for one in providers]
        names = names_of(look, {each.confirmed_by for _provider, kept in found for each in kept})
    return render_template("payouts/layouts.html", found=[pair for pair in found if pair[1]], names=names, words=FIELD_WORDS)


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
        form.password.errors = [fixes.say(problem.fix)]
        return render_template("payouts/password.html", form=form, file_id=file_id), 422
    return onwards(file_id, status)


@blueprint.route("/payouts/<uuid:file_id>/away", methods=["GET", "POST"])
@needs(P.PAYOUT_UPLOAD)
def away(file_id: UUID) -> str | Response | tuple[str, int]:
    """Put a file away that waits for somebody to say how it is read."""
    form = AwayForm()
    with records().read() as look:
        file = queries.file_by_id(look, file_id)
        page = {"file": file, "about": about_of(look, file_id), "name": look.open(file, "name")}
    if not form.validate_on_submit():
        return render_template("payouts/away.html", form=form, **page), 422 if request.method == "POST" else 200
    files.put_away(records(), actor(), file_id, AwayReason(form.reason.data))
    flash(_("Put away. Nothing of it was counted."), "ok")
    return redirect(url_for("payouts.index"))


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
    return read_on(file_id, chosen)


def read_on(file_id: UUID, chosen: Profile | None = None) -> Response:
    """Read a file, and go where it leads: to its preview, to a question, or to its password."""
    try:
        return onwards(file_id, reading.start(records(), actor(), file_id, chosen=chosen))
    except PasswordNeeded:
        return redirect(url_for("payouts.password", file_id=file_id))


def onwards(file_id: UUID, status: FileStatus) -> Response:
    """The page that shows what became of a file that was read."""
    if status is FileStatus.ASKING:
        return redirect(url_for("payouts.layout", file_id=file_id))
    if status is FileStatus.PREVIEWED:
        flash(_("Read. Nothing is posted yet."), "ok")
    return redirect(url_for("payouts.preview", file_id=file_id))


from cbi.payouts import (  # noqa: E402 -- they add their pages to the blueprint above
    views_closing,  # noqa: F401
    views_exports,  # noqa: F401
    views_finding,  # noqa: F401
    views_layout,  # noqa: F401
    views_money,  # noqa: F401
    views_preview,  # noqa: F401
    views_reissue,  # noqa: F401
    views_rows,  # noqa: F401
    views_statements,  # noqa: F401
)
