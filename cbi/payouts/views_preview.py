"""The preview of a payout file, its rows and exceptions one at a time, posting and undo."""

from __future__ import annotations

import json
from uuid import UUID

from flask import Response as FileResponse
from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.errors import NotThere, Refused
from cbi.payouts import answers, forms_layout, posting, queries, workbooks
from cbi.payouts.about import about_of, barred
from cbi.payouts.answers import Said
from cbi.payouts.forms import ANSWER_WORDS, AnswerForm, PostForm, UndoForm
from cbi.payouts.posting import UndoReason
from cbi.payouts.reading import basis_of
from cbi.payouts.tables import Answer, FileStatus
from cbi.payouts.views import blueprint
from cbi.payouts.words import footing_of, kind_why
from cbi.staff.service import names_of
from cbi.staff.signing import step_up
from cbi.transfers.service import replacement_of
from cbi.transfers.tables import Provider
from cbi.web.guard import needs
from cbi.web.house import actor, person, records
from cbi.web.listing import Listing, listing_args
from cbi.web.words import _
from reconciliation.findings import FindingKind
from reconciliation.sheets import UnreadableFile

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/payouts/<uuid:file_id>")
@needs(P.PAYOUT_READ)
def preview(file_id: UUID) -> str | Response | tuple[str, int]:
    """What the file says, what will change, and whether this person may post it."""
    with records().read() as look:
        file = queries.file_by_id(look, file_id)
        about = about_of(look, file_id)
        common = {
            "file": file,
            "name": look.open(file, "name"),
            "list": about,
            "provider": look.session.get_one(Provider, file.provider_id),
            "names": names_of(look, [one for one in (file.uploaded_by, file.posted_by, file.undone_by) if one]),
        }
        if file.status is FileStatus.REFUSED:
            return render_template("payouts/refused.html", **common)
        if file.status is FileStatus.READING:
            stuck = queries.is_stuck(look, file_id)
            return render_template("payouts/reading.html", progress=queries.reading_progress(look, file_id), stuck=stuck, **common)
        if file.status is FileStatus.ASKING:
            return redirect(url_for("payouts.layout", file_id=file_id))
        sums = queries.sums_by_kind(look, file_id, about.currency)
        return render_template(
            "payouts/preview.html",
            form=PostForm(),
            sums=sums,
            groups=_groups(sums),
            whys={kind: kind_why(kind, sums[kind], about.currency, queries.reasons_of_failure(look, file_id)) for kind in FindingKind},
            footing=footing_of(json.loads(file.summary), file, about.currency),
            gaps=json.loads(file.summary)["gaps"],
            problems=queries.problems_of(file),
            changes=queries.changes(look, about, sums, posted=file.status is FileStatus.POSTED),
            barred=barred(look, about, person().id),
            stale=file.status is FileStatus.PREVIEWED and file.basis != basis_of(look, file.provider_id),
            layout=forms_layout.words_of(file),
            **common,
        )


@blueprint.get("/payouts/<uuid:file_id>/rows")
@needs(P.PAYOUT_READ)
def rows(file_id: UUID) -> str:
    """The findings of one kind with their rows, 50 a page."""
    args = listing_args(request.args, sorts=("row",), filters=("kind",))
    kinds = [FindingKind(args.filter("kind"))] if args.filter("kind") in set(FindingKind) else list(FindingKind)
    with records().read() as look:
        file = queries.file_by_id(look, file_id)
        found, total = queries.findings_of(look, file_id, kinds, limit=args.size, offset=args.offset)
        sums = queries.sums_by_kind(look, file_id, about_of(look, file_id).currency)
        return render_template(
            "payouts/rows.html",
            file=file,
            list=about_of(look, file_id),
            listing=Listing(found, total, args),
            kind=kinds[0] if len(kinds) == 1 else None,
            chosen=[sums[kind] for kind in kinds],
            kinds=[(one.value, one.value.replace("_", " ").capitalize()) for one in FindingKind],
        )


@blueprint.route("/payouts/<uuid:file_id>/findings/<uuid:finding_id>", methods=["GET", "POST"])
@needs(P.PAYOUT_READ)
def finding(file_id: UUID, finding_id: UUID) -> str | Response | tuple[str, int]:
    """One exception: approved beside the file's own cells, what we see, and what a person says."""
    form = AnswerForm()
    with records().read() as look:
        file = queries.file_by_id(look, file_id)
        seen = queries.finding_by_id(look, file_id, finding_id)
        asked = answers.question(look, file_id, finding_id, person().id)
        before, after, place, total = queries.neighbours(look, seen.finding)
        names = names_of(look, [one.kept.answered_by for one in asked.given])
        form.offer([one for one in asked.choices if not (one.final or one.asks_amount)])
        about = about_of(look, file_id)
        newer = replacement_of(look, seen.finding.reference) if seen.finding.kind is FindingKind.NOT_INSTRUCTED else None
    if form.validate_on_submit():
        if not person().may(P.PAYOUT_UPLOAD):
            raise NotThere
        row = asked.places[0] if len(asked.places) == 1 else None
        answers.give(records(), actor(), file_id, finding_id, Said(Answer(form.answer.data), form.note.data or "", place=row), _key(form))
        flash(_("Answer kept."), "ok")
        return redirect(url_for("payouts.finding", file_id=file_id, finding_id=after or finding_id))
    page = render_template(
        "payouts/finding.html",
        form=form,
        file=file,
        list=about,
        seen=seen,
        asked=asked,
        before=before,
        after=after,
        place=place,
        total=total,
        names=names,
        answer_words=ANSWER_WORDS,
        newer=newer,
    )
    return page, 422 if request.method == "POST" else 200


@blueprint.post("/payouts/<uuid:file_id>/post")
@needs(P.PAYOUT_POST)
def post(file_id: UUID) -> Response:
    """Count the file, once."""
    form = PostForm()
    if not form.validate_on_submit():
        raise Refused(_("load the page again and press the button once more"))
    posting.post(records(), actor(), file_id, _key(form))
    flash(_("Posted. It counts once; the statement shows it."), "ok")
    return redirect(url_for("payouts.preview", file_id=file_id))


@blueprint.route("/payouts/<uuid:file_id>/undo", methods=["GET", "POST"])
@needs(P.PAYOUT_POST)
def undo(file_id: UUID) -> str | Response | tuple[str, int]:
    """Take a posted file back by reversing entries."""
    form = UndoForm()
    with records().read() as look:
        file = queries.file_by_id(look, file_id)
        about = about_of(look, file_id)
        sums = queries.sums_by_kind(look, file_id, about.currency)
        changes = queries.changes(look, about, sums, posted=True)
    if form.validate_on_submit():
        try:
            posting.undo(
                records(),
                actor(),
                file_id,
                UndoReason(form.reason.data),
                _key(form),
                proof=lambda work: step_up(work, person().id, form.password.data, form.code.data),
            )
        except Refused as refusal:
            form.code.errors = [refusal.fix]
        else:
            flash(_("Undone. History stays; the file may be read and posted again."), "ok")
            return redirect(url_for("payouts.preview", file_id=file_id))
    page = render_template("payouts/undo.html", form=form, file=file, list=about, changes=changes)
    return page, 422 if request.method == "POST" else 200


@blueprint.get("/payouts/<uuid:file_id>/exceptions.xlsx")
@needs(P.PAYOUT_READ)
def exceptions(file_id: UUID) -> FileResponse:
    """The findings that need somebody, as a workbook."""
    with records().read() as look:
        about = about_of(look, file_id)
    return _download(workbooks.exceptions(records(), file_id), f"{about.file_name}-exceptions.xlsx", _XLSX)


@blueprint.get("/payouts/<uuid:file_id>/corrections")
@needs(P.PAYOUT_READ)
def corrections(file_id: UUID) -> FileResponse:
    """The provider's own workbook with its wrong cells marked."""
    with records().read() as look:
        about = about_of(look, file_id)
    try:
        content, ending = workbooks.errors(records(), file_id)
    except UnreadableFile as problem:
        raise Refused(problem.fix) from problem
    return _download(content, f"{about.file_name}-corrections{ending}", _XLSX if ending == ".xlsx" else "text/csv")


def _groups(sums: dict[FindingKind, queries.KindSums]) -> list[tuple[str, list[queries.KindSums]]]:
    """Most urgent first; within a group what is empty comes last."""
    named = (
        (_("Look at these first: money in the wrong place"), queries.WRONG_PLACE),
        (_("Still open: to be paid or answered"), queries.STILL_OPEN),
    )
    groups = [(words, [sums[kind] for kind in kinds if sums[kind].count]) for words, kinds in named]
    rest = [sums[kind] for kind in queries.NOTHING_TO_DO]
    empty = [sums[kind] for kind in (*queries.WRONG_PLACE, *queries.STILL_OPEN) if not sums[kind].count]
    return [(words, found) for words, found in (*groups, (_("Nothing to do"), rest + empty)) if found]


def _download(content: bytes, name: str, mimetype: str) -> FileResponse:
    return FileResponse(content, mimetype=mimetype, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _key(form: PostForm | UndoForm | AnswerForm) -> UUID | None:
    try:
        return UUID(form.client_key.data)
    except (TypeError, ValueError):
        return None
