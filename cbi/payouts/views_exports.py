"""Workbooks with a file's rows: handed out after password and code, each time with an entry in the audit trail."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from flask import render_template, url_for
from flask_babel import LazyString
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.errors import NotThere, Refused
from cbi.payouts import facts, fixes, queries, workbooks
from cbi.payouts.about import about_of
from cbi.payouts.forms import ExportForm
from cbi.payouts.views import blueprint
from cbi.staff.signing import step_up
from cbi.store.scratch import scratch
from cbi.web.downloads import XLSX, from_folder
from cbi.web.guard import needs
from cbi.web.house import actor, person, records
from cbi.web.words import _l
from reconciliation.sheets import UnreadableFile


@dataclass(frozen=True, slots=True)
class Workbook:
    """One kind of workbook. what: its name in addresses, entries and file names; holds: what is in it."""

    what: str
    title: LazyString
    holds: LazyString


EXCEPTIONS = Workbook(
    "exceptions",
    _l("Workbook of exceptions"),
    _l("Every finding that needs somebody, with its rows: names, phones and accounts of people as the provider wrote them."),
)
CORRECTIONS = Workbook(
    "corrections",
    _l("The provider’s file with its errors marked"),
    _l("The provider’s own file, every row of it, with the wrong cells marked and a column that says what to correct."),
)


@blueprint.route("/payouts/<uuid:file_id>/exceptions", methods=["GET", "POST"])
@needs(P.PAYOUT_READ)
def exceptions(file_id: UUID) -> Response | tuple[str, int]:
    """The findings that need somebody, as a workbook."""
    return _hand_out(file_id, EXCEPTIONS)


@blueprint.route("/payouts/<uuid:file_id>/corrections", methods=["GET", "POST"])
@needs(P.PAYOUT_READ)
def corrections(file_id: UUID) -> Response | tuple[str, int]:
    """The provider's own workbook with its wrong cells marked."""
    return _hand_out(file_id, CORRECTIONS)


def _hand_out(file_id: UUID, which: Workbook) -> Response | tuple[str, int]:
    form = ExportForm()
    if not form.validate_on_submit():
        return _page(file_id, which, form, 422 if form.is_submitted() else 200)
    with ExitStack() as making:
        try:
            path = _made(file_id, which, making)
            name = _entered(file_id, which, form) + path.suffix
        except NotThere:
            raise
        except UnreadableFile as problem:
            form.form_errors.append(fixes.say(problem.fix))
        except Refused as refusal:
            form.form_errors.append(refusal.fix)
        else:
            return from_folder(path, name, XLSX if path.suffix == ".xlsx" else "text/csv", leaving=making.pop_all())
    return _page(file_id, which, form, 422)


def _made(file_id: UUID, which: Workbook, making: ExitStack) -> Path:
    """The workbook, in a private folder that is cleared away once it is sent, or where nobody may have it."""
    path = making.enter_context(scratch(records(), f"{which.what}.xlsx"))
    if which is CORRECTIONS:
        return workbooks.errors(records(), file_id, path)
    workbooks.exceptions(records(), file_id, path)
    return path


def _entered(file_id: UUID, which: Workbook, form: ExportForm) -> str:
    """Enter that a workbook, which is made by now, is handed to whoever proves once more who they are; returns what to call it."""
    with records().work(actor()) as work:
        step_up(work, person().id, form.password.data, form.code.data)
        work.remember(facts.RowsExported(file_id=file_id, what=which.what))
        return f"{about_of(work, file_id).file_name}-{which.what}"


def _page(file_id: UUID, which: Workbook, form: ExportForm, status: int) -> tuple[str, int]:
    with records().read() as look:
        file = queries.file_by_id(look, file_id)
        about = about_of(look, file_id)
        name = look.open(file, "name")
    here = url_for(f"payouts.{which.what}", file_id=file_id)
    return render_template("payouts/export.html", form=form, file=file, list=about, name=name, which=which, here=here), status
