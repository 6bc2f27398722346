"""Taking in a file of households, on one rail: map, dry run, problems, done."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from flask import Response as FileResponse
from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.errors import NotThere, Refused
from cbi.people import imports as steps
from cbi.people import imports_files, imports_kept, imports_work, lists
from cbi.people.forms_imports import FileForm, MapView, NothingForm
from cbi.people.imports_form import form_of, write_form
from cbi.people.imports_list import rows_back, saved_files
from cbi.people.imports_map import NotSure
from cbi.people.imports_undo import refuse_built_upon
from cbi.people.tables import Import, ImportStatus
from cbi.people.views import blueprint
from cbi.staff.service import names_of
from cbi.store.scratch import scratch
from cbi.web.downloads import download
from cbi.web.guard import needs
from cbi.web.house import actor, records
from cbi.web.listing import listing_args
from cbi.web.words import _, _l, _n

_l("upload the file again, or split it: working on it stopped several times before its end")  # said by the long work
_MOST_SHOWN = 200
_MOST_KINDS = 8  # of what to do, counted above the cells


@blueprint.route("/households/imports", methods=["GET", "POST"])
@needs(P.PERSON_IMPORT)
def imports() -> str | Response | tuple[str, int]:
    """Upload a file, and the files taken in before."""
    form = FileForm()
    if form.validate_on_submit():
        try:
            return _onwards(imports_files.receive(records(), actor(), form.file.data.stream.read()))
        except Refused as problem:
            form.file.errors = [problem.fix]
    with records().read() as reading:
        listing = saved_files(reading, listing_args(request.args, sorts=("made",), descending=True))
        page = render_template(
            "people/imports.html",
            form=form,
            listing=listing,
            waiting=rows_back(reading),
            names=names_of(reading, [row.made_by for row in listing.rows]),
        )
    return (page, 422) if request.method == "POST" else page


@blueprint.get("/households/imports/form.xlsx")
@needs(P.PERSON_IMPORT)
def import_form() -> FileResponse:
    """Our registration form for Kobo and ODK, with the sites of the operation."""
    with records().read() as reading:
        form = form_of(lists.sites(reading))
    with scratch(records(), "form.xlsx") as path:
        write_form(path, form)
        content = path.read_bytes()
    return download(content, "household_registration.xlsx")


@blueprint.route("/households/imports/<uuid:import_id>/map", methods=["GET", "POST"])
@needs(P.PERSON_IMPORT)
def import_map(import_id: UUID) -> str | Response | tuple[str, int]:
    """Say once what each column holds, beside the file's own first rows."""
    with records().read() as reading:
        mark = imports_work.mark_of(reading, import_id)
    if _row(import_id).status is not ImportStatus.RECEIVED or (mark is not None and mark.running):
        return redirect(url_for("people.import_look", import_id=import_id))
    sheets = imports_files.first_rows(records(), import_id)
    with records().read() as reading:
        places = lists.site_choices(reading)
    view = MapView(sheets, imports_files.proposed(records(), import_id, sheets), places)
    sent = request.method == "POST"
    if sent and view.form.validate_on_submit() and (chosen := view.chosen()) is not None:
        try:
            imports_files.confirm(records(), actor(), import_id, sheets, chosen)
        except Refused as problem:  # somebody began to save it while this page was filled in
            flash(_("You need to %(fix)s.", fix=problem.fix), "look")
        else:
            steps.look(records(), actor(), import_id)
        return redirect(url_for("people.import_look", import_id=import_id))
    return render_template("people/import_map.html", view=view, import_id=import_id), 422 if sent else 200


@blueprint.get("/households/imports/<uuid:import_id>")
@needs(P.PERSON_IMPORT)
def import_look(import_id: UUID) -> str | Response:
    """How far the work on a file has come; then its dry run, and once it is saved, what became of it."""
    row = _row(import_id)
    with records().read() as reading:
        mark = imports_work.mark_of(reading, import_id)
    if mark is not None and mark.running:
        return render_template("people/import_running.html", row=row, mark=mark)
    if row.status is not ImportStatus.RECEIVED:
        return render_template("people/import_done.html", row=row, mark=mark, form=NothingForm())
    if mark is None or mark.fix == imports_work.ASKS:
        return redirect(url_for("people.import_map", import_id=import_id))
    return render_template("people/import_dry.html", row=row, fix=_(mark.fix) if mark.fix else "", form=NothingForm())


@blueprint.post("/households/imports/<uuid:import_id>/save")
@needs(P.PERSON_IMPORT)
def import_save(import_id: UUID) -> Response:
    """Register what the dry run showed; sent twice, it happens once."""
    _row(import_id)
    try:
        steps.save(records(), actor(), import_id)
    except NotSure:
        return redirect(url_for("people.import_map", import_id=import_id))
    row = _row(import_id)
    if row.status is ImportStatus.SAVED:
        flash(_n("%(num)s household was saved.", "%(num)s households were saved.", row.saved), "ok")
    return redirect(url_for("people.import_look", import_id=import_id))


@blueprint.route("/households/imports/<uuid:import_id>/undo", methods=["GET", "POST"])
@needs(P.PERSON_IMPORT)
def import_undo(import_id: UUID) -> str | Response | tuple[str, int]:
    """Take a file back while nothing was built upon its households; sent twice, it happens once."""
    row, form = _row(import_id), NothingForm()
    if row.status is not ImportStatus.SAVED:
        return redirect(url_for("people.import_look", import_id=import_id))
    try:
        with records().read() as reading:
            refuse_built_upon(reading, import_id)
        if form.validate_on_submit():
            steps.undo(records(), actor(), import_id)
            return redirect(url_for("people.import_look", import_id=import_id))
    except steps.BuiltUpon as problem:
        page = render_template("people/import_undo.html", row=row, form=form, fix=problem.fix)
        return (page, 422) if request.method == "POST" else page
    return render_template("people/import_undo.html", row=row, form=form, fix="")


@blueprint.route("/households/imports/<uuid:import_id>/problems", methods=["GET", "POST"])
@needs(P.PERSON_IMPORT)
def import_problems(import_id: UUID) -> str | Response | tuple[str, int]:
    """What needs somebody, cell by cell; the corrected rows come back here."""
    row, form = _row(import_id), FileForm()
    if form.validate_on_submit():
        try:
            return _onwards(imports_files.receive(records(), actor(), form.file.data.stream.read()))
        except Refused as problem:
            form.file.errors = [problem.fix]
    back = _back(row)
    kinds = Counter(each.fix for each in back.needed).most_common(_MOST_KINDS)
    page = render_template(
        "people/import_problems.html", row=row, back=back, kinds=kinds, shown=back.needed[:_MOST_SHOWN], form=form, aside=NothingForm()
    )
    return (page, 422) if request.method == "POST" else page


@blueprint.get("/households/imports/<uuid:import_id>/rows.xlsx")
@needs(P.PERSON_IMPORT)
def import_rows(import_id: UUID) -> FileResponse:
    """A workbook of only the rows that need somebody."""
    back = _back(_row(import_id))
    if not back.keys:
        raise NotThere
    with scratch(records(), "rows.xlsx") as path:
        imports_kept.write_back(path, back)
        content = path.read_bytes()
    return download(content, "rows_to_correct.xlsx")


@blueprint.post("/households/imports/<uuid:import_id>/set-aside")
@needs(P.PERSON_IMPORT)
def import_set_aside(import_id: UUID) -> Response:
    """The rows that still need somebody are not wanted any more."""
    with records().work(actor()) as work:
        count = imports_kept.set_aside(work, import_id)
    flash(_n("%(num)s row was set aside and forgotten.", "%(num)s rows were set aside and forgotten.", count), "ok")
    return redirect(url_for("people.import_look", import_id=import_id))


def _row(import_id: UUID) -> Import:
    with records().read() as reading:
        return imports_files.by_id(reading, import_id)


def _back(row: Import) -> imports_kept.Back:
    with records().read() as reading:
        return imports_kept.kept_of(reading, imports_files.by_id(reading, row.id))


def _onwards(import_id: UUID) -> Response:
    """To the page of a file that was just sent; it is looked through unless it was saved before."""
    if _row(import_id).status is ImportStatus.SAVED:
        flash(_("This very file was taken in before. Nothing was changed."), "look")
    else:
        steps.look(records(), actor(), import_id)
    return redirect(url_for("people.import_look", import_id=import_id))
