"""The acts that count: approve, take back, send back, release, hand the file out, and look at a drawn sample. Each is a step of its own."""

from __future__ import annotations

import io
from uuid import UUID

import segno
from flask import Response, render_template, url_for

from cbi.access import Permission
from cbi.errors import NotThere, Refused, SameHands, SomebodyWasFirst
from cbi.staff.service import step_up
from cbi.store.work import Work
from cbi.transfers import approvals, overview, release, sample
from cbi.transfers.forms import ApproveForm, ExportForm, KeyedForm, ReleaseForm, SendBackForm
from cbi.transfers.lists import list_by_id
from cbi.transfers.templates import template_of
from cbi.transfers.views import Answer, blueprint, fresh_key, new_key
from cbi.transfers.views_lists import Doing, list_page
from cbi.transfers.words import FORMS
from cbi.web.again import once, or_again
from cbi.web.downloads import XLSX, download
from cbi.web.guard import needs
from cbi.web.house import actor, person, records
from cbi.web.marks import mark_words
from cbi.web.words import _

MIMES = {"xlsx": XLSX, "csv": "text/csv", "xml": "application/xml"}
FIRST_LINES = 3


@blueprint.post("/lists/<uuid:list_id>/approve")
@needs(Permission.LIST_APPROVE)
def approve(list_id: UUID) -> Answer:
    """Let a list through, bound to the hash that was on the page."""
    form = ApproveForm()
    if not form.validate():
        return list_page(list_id, form, status=422)

    def act(work: Work) -> str:
        step_up(work, person().id, form.password.data, form.code.data)
        approvals.approve(work, list_id, approver_id=person().id, shown=form.shown_hash())
        return _at(list_id)

    try:
        return once(form.key(), act, _("Approved. Until it is released you can take your approval back."))
    except NotThere:
        raise
    except SomebodyWasFirst as first:
        form.form_errors.append(first.fix)
        return list_page(list_id, form, status=409, before=form.shown_hash())
    except Refused as refusal:
        form.form_errors.append(refusal.fix)
        return list_page(list_id, form, status=409 if isinstance(refusal, SameHands) else 422)


@blueprint.post("/lists/<uuid:list_id>/take-approval-back")
@needs(Permission.LIST_APPROVE)
def take_approval_back(list_id: UUID) -> Answer:
    """An approver takes their approval back."""

    def act(work: Work) -> str:
        approvals.take_approval_back(work, list_id, approver_id=person().id)
        return _at(list_id)

    return once(KeyedForm().key(), act, _("Your approval is taken back."))


@blueprint.route("/lists/<uuid:list_id>/send-back", methods=["GET", "POST"])
@needs(Permission.LIST_APPROVE)
def send_back(list_id: UUID) -> Answer:
    """An approver sends a list back to its maker, with the reason."""
    return _sending_back(list_id, url_for("transfers.send_back", list_id=list_id))


@blueprint.route("/lists/<uuid:list_id>/hand-back", methods=["GET", "POST"])
@needs(Permission.LIST_RELEASE)
def hand_back(list_id: UUID) -> Answer:
    """A releaser sends a list back to its maker, with the reason."""
    return _sending_back(list_id, url_for("transfers.hand_back", list_id=list_id))


@blueprint.route("/lists/<uuid:list_id>/release", methods=["GET", "POST"])
@needs(Permission.LIST_RELEASE)
def release_list(list_id: UUID) -> Answer:
    """Release a list: its own page, because it can never be undone."""
    form = ReleaseForm()
    new_key(form)
    if not form.is_submitted():
        return _release_page(list_id, form, 200)
    if not form.validate():
        return _release_page(list_id, form, 422)

    def act(work: Work) -> str:
        step_up(work, person().id, form.password.data, form.code.data)
        release.release(work, list_id, releaser_id=person().id, shown=form.shown_hash())
        return _at(list_id)

    def released() -> Answer:
        answer = once(form.key(), act, _("Released. The file for the provider is ready; the list never changes again."))
        # Afterwards and apart: the checkpoint signs the chain as it stands with the release in it.
        records().sign_checkpoint()
        return answer

    return or_again(form, released, lambda status: _release_page(list_id, form, status))


@blueprint.route("/lists/<uuid:list_id>/file", methods=["GET", "POST"])
@needs(Permission.LIST_EXPORT)
def export(list_id: UUID) -> Answer:
    """Hand the provider's file out, after password and code."""
    form = ExportForm()
    if not form.validate_on_submit():
        return _file_page(list_id, form, 422 if form.is_submitted() else 200)
    try:
        with records().work(actor()) as work:
            step_up(work, person().id, form.password.data, form.code.data)
            content = release.export(work, list_id, form.lock.data or None)
            name = release.file_name(list_by_id(work, list_id))
    except NotThere:
        raise
    except Refused as refusal:
        form.form_errors.append(refusal.fix)
        return _file_page(list_id, form, 422)
    return download(content, name, MIMES[name.rpartition(".")[2]])


@blueprint.post("/lists/<uuid:list_id>/sample")
@needs(Permission.LIST_APPROVE)
def draw_sample(list_id: UUID) -> str:
    """Ten drawn lines with the names of their payees, on an approver's request, entered in the audit."""
    with records().work(actor()) as work:
        drawn = sample.draw(work, list_id)
        sheet = overview.sheet(work, list_id, person().id)
    return render_template("transfers/sample.html", sheet=sheet, drawn=drawn, key=fresh_key())


@blueprint.get("/lists/<uuid:list_id>/checkpoint.svg")
@needs(Permission.LIST_READ)
def checkpoint(list_id: UUID) -> Response:
    """The audit checkpoint after a list's release as a code to scan: its entry number and hash, nothing else."""
    with records().read() as reading:
        mark = overview.sheet(reading, list_id, person().id).checkpoint
    if mark is None:
        raise NotThere
    drawn = io.BytesIO()
    segno.make(f"CBI {mark.seq} {mark.hash.hex()}", error="m").save(drawn, kind="svg", scale=3, xmldecl=False, svgns=True, nl=False)
    return Response(drawn.getvalue(), mimetype="image/svg+xml")


def _sending_back(list_id: UUID, url: str) -> Answer:
    form = SendBackForm()
    new_key(form)
    with records().read() as reading:
        sheet = overview.sheet(reading, list_id, person().id)
    if not form.is_submitted():
        form.shown.data = sheet.list.hash.hex() if sheet.list.hash else ""

    def page(status: int) -> Answer:
        return render_template(
            "transfers/send_back.html", sheet=sheet, form=form, url=url, can=bool(Doing.of(sheet, person()).send_back)
        ), status

    if not form.is_submitted():
        return page(200)
    if not form.validate():
        return page(422)

    def act(work: Work) -> str:
        approvals.send_back(work, list_id, reason=form.reason.data, shown=form.shown_hash())
        return _at(list_id)

    return or_again(form, lambda: once(form.key(), act, _("Sent back. Its maker sees why.")), page)


def _release_page(list_id: UUID, form: ReleaseForm, status: int) -> Answer:
    with records().read() as reading:
        sheet = overview.sheet(reading, list_id, person().id)
    form.shown.data = sheet.list.hash.hex() if sheet.list.hash else ""
    mark = mark_words(sheet.list.hash) if sheet.list.hash else []
    page = render_template("transfers/release.html", sheet=sheet, form=form, mark=mark, can=Doing.of(sheet, person()).release)
    return page, status


def _file_page(list_id: UUID, form: ExportForm, status: int) -> Answer:
    with records().read() as reading:
        sheet = overview.sheet(reading, list_id, person().id)
        first = release.veiled_lines(reading, sheet.list, FIRST_LINES)
    page = render_template(
        "transfers/file.html",
        sheet=sheet,
        form=form,
        can=Doing.of(sheet, person()).export,
        name=release.file_name(sheet.list),
        template=template_of(sheet.list.columns),
        first=first,
        forms=FORMS,
        least=release.SHORTEST_PASSWORD,
    )
    return page, status


def _at(list_id: UUID) -> str:
    return url_for("transfers.payment_list", list_id=list_id)
