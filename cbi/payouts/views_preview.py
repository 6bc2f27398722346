"""The preview of a payout file, posting and undo."""

from __future__ import annotations

import json
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.errors import Refused
from cbi.payouts import figures, fixes, posting, queries
from cbi.payouts.about import About, about_of, barred
from cbi.payouts.awaited import ready
from cbi.payouts.corrections import Unread, unread
from cbi.payouts.files import AwayReason
from cbi.payouts.forms import AWAY_WORDS, PostForm, UndoForm
from cbi.payouts.placing import KINDS, Place
from cbi.payouts.posting import UndoReason
from cbi.payouts.reading import basis_of
from cbi.payouts.sheet_names import named_sheets
from cbi.payouts.tables import FileStatus, PayoutFile
from cbi.payouts.views import blueprint
from cbi.payouts.words import footing_of, kind_why
from cbi.staff.service import names_of
from cbi.staff.signing import step_up
from cbi.store.work import Reading
from cbi.transfers.tables import Provider
from cbi.web.forms import key_of
from cbi.web.guard import needs
from cbi.web.house import actor, person, records
from cbi.web.words import _, _n
from reconciliation.findings import FindingKind

_ROWS_A_SECOND = 100_000  # that posting counts, while nobody else can write


@blueprint.get("/payouts/<uuid:file_id>")
@needs(P.PAYOUT_READ)
def preview(file_id: UUID) -> str | Response | tuple[str, int]:
    """What the file says, what will change, and whether this person may post it."""
    with records().read() as look:
        file = queries.file_by_id(look, file_id)
        about = about_of(look, file_id)
        common = {
            "file": file,
            "fix": fixes.say(file.fix),
            "away": AWAY_WORDS[AwayReason(file.undo_reason)] if file.status is FileStatus.REFUSED and file.undo_reason else "",
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
        return render_template("payouts/preview.html", form=PostForm(), **_shown(look, file, about), **common)


def _shown(look: Reading, file: PayoutFile, about: About) -> dict[str, object]:
    """What the preview of a file that was read shows."""
    sums = queries.sums_by_kind(look, file.id, about.currency)
    failures = queries.reasons_of_failure(look, file.id)
    summary = json.loads(file.summary)
    problems = queries.problems_of(file)
    waits = unread(look, file.id) if summary["gaps"] or problems or sums[FindingKind.UNREADABLE].count else Unread()
    gaps, named = waits.gaps_left(summary["gaps"]), named_sheets(look, file)
    return {
        "sums": sums,
        "groups": _groups(sums),
        "whys": {kind: kind_why(kind, sums, about.currency, failures) for kind in FindingKind},
        "footing": footing_of(
            summary,
            file,
            about.currency,
            lambda place: url_for("payouts.rows", file_id=file.id, kind=[kind.value for kind in KINDS[Place(place)]] if place else None),
            unplaced=len(gaps),
        ),
        "gaps": fixes.together(gaps, named),
        "problems": fixes.say_each(waits.problems_left(problems), named),
        "changes": queries.changes(look, about, sums, posted=file.id if file.status is FileStatus.POSTED else None),
        "by_list": figures.sums_by_list(look, file.id, about) if about.only is None else [],
        "ready": ready(look, file.id) if file.status is FileStatus.PREVIEWED else 0,
        "barred": barred(look, about, person().id),
        "stale": file.status is FileStatus.PREVIEWED and file.basis != basis_of(look, file.provider_id),
        "layout": figures.read_with(look, file),
        "corrected_url": url_for("payouts.corrected", file_id=file.id) if file.status is FileStatus.POSTED and waits.left else "",
        "seconds": file.rows // _ROWS_A_SECOND,
    }


@blueprint.post("/payouts/<uuid:file_id>/post")
@needs(P.PAYOUT_POST)
def post(file_id: UUID) -> Response:
    """Count the file, once."""
    form = PostForm()
    if not form.validate_on_submit():
        raise Refused(_("load the page again and press the button once more"))
    posting.post(records(), actor(), file_id, key_of(form.client_key.data))
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
        page = {
            "file": file,
            "name": look.open(file, "name"),
            "list": about,
            "changes": queries.changes(look, about, sums, posted=file_id),
            "barred": barred(look, about, person().id),
            "newer": [(one, look.open(one, "name")) for one in posting.newer_than(look, file)] if file.posted_at else [],
        }
    if form.validate_on_submit():
        try:
            posting.undo(
                records(),
                actor(),
                file_id,
                UndoReason(form.reason.data),
                key_of(form.client_key.data),
                proof=lambda work: step_up(work, person().id, form.password.data, form.code.data),
            )
        except Refused as refusal:
            form.code.errors = [refusal.fix]
        else:
            flash(_("Undone. History stays; the file may be read and posted again."), "ok")
            return redirect(url_for("payouts.preview", file_id=file_id))
    shown = render_template("payouts/undo.html", form=form, **page)
    return shown, 422 if request.method == "POST" else 200


def _groups(sums: dict[FindingKind, queries.KindSums]) -> list[tuple[str, list[queries.KindSums]]]:
    """Most urgent first; within a group what is empty comes last."""
    wrong = [sums[kind] for kind in queries.WRONG_PLACE if sums[kind].count]
    still_open = [sums[kind] for kind in queries.STILL_OPEN if sums[kind].count]
    rest = [sums[kind] for kind in queries.NOTHING_TO_DO]
    empty = [sums[kind] for kind in (*queries.WRONG_PLACE, *queries.STILL_OPEN) if not sums[kind].count]
    count, waiting = sum(one.count for one in wrong), sum(one.count for one in still_open)
    first = _n(
        "Look at this first: money in the wrong place, %(num)s finding",
        "Look at these first: money in the wrong place, %(num)s findings",
        count,
    )
    then = _n("Still open: to be paid or answered, %(num)s transfer", "Still open: to be paid or answered, %(num)s transfers", waiting)
    groups = ((first, wrong), (then, still_open), (_("Nothing to do"), rest + empty))
    return [(words, found) for words, found in groups if found]
