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
    try:
        with records().work(actor()) as work:
            queries.file_by_id(work, file_id)
            step_up(work, person().id, form.password.data, form.code.data)
            work.remember(facts.RowsExported(file_id=file_id, what=which.what))
            name = f"{about_of(work, file_id).file_name}-{which.what}"
        return _sent(file_id, which, name)
    except NotThere:
        raise
    except UnreadableFile as problem:
        form.form_errors.append(fixes.say(problem.fix))
    except Refused as refusal:
        form.form_errors.append(refusal.fix)
    return _page(file_id, which, form, 422)


def _sent(file_id: UUID, which: Workbook, name: str) -> Response:
    """The workbook, made in a private folder that is cleared away once it is sent."""
    with ExitStack() as making:
        path = making.enter_context(scratch(records(), f"{which.what}.xlsx"))
        if which is EXCEPTIONS:
            workbooks.exceptions(records(), file_id, path)
        else:
            path = workbooks.errors(records(), file_id, path)
        return _named(path, name, leaving=making.pop_all())


def _named(path: Path, name: str, *, leaving: ExitStack) -> Response:
    return from_folder(path, name + path.suffix, XLSX if path.suffix == ".xlsx" else "text/csv", leaving=leaving)


def _page(file_id: UUID, which: Workbook, form: ExportForm, status: int) -> tuple[str, int]:
    with records().read() as look:
        file = queries.file_by_id(look, file_id)
        about = about_of(look, file_id)
        name = look.open(file, "name")
    here = url_for(f"payouts.{which.what}", file_id=file_id)
    return render_template("payouts/export.html", form=form, file=file, list=about, name=name, which=which, here=here), status
