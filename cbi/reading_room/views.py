"""Pages for whoever checks the office: the audit trail, and counts that are safe to publish."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from cbi.access import Permission
from cbi.errors import Refused
from cbi.reading_room import trail
from cbi.reading_room.counts import GROUPS, grant_sums, people_counts
from cbi.reading_room.forms import VerifyForm
from cbi.reading_room.words import GROUP_WORDS, SUBJECT_WORDS
from cbi.web.frame import ROLE_NAMES
from cbi.web.guard import needs
from cbi.web.house import Section, actor, records
from cbi.web.listing import listing_args
from cbi.web.marks import mark_words
from cbi.web.words import _l

blueprint = Blueprint("reading_room", __name__)
SECTIONS = (
    Section(Permission.AUDIT_READ, _l("Audit"), "reading_room.audit"),
    Section(Permission.AUDIT_READ, _l("Entries"), "reading_room.entries"),
    Section(Permission.COUNTS_READ, _l("Counts"), "reading_room.counts"),
)


@blueprint.route("/audit", methods=["GET", "POST"])
@needs(Permission.AUDIT_READ)
def audit() -> tuple[str, int]:
    """Is the trail whole? One button, one sentence."""
    form, report, status = VerifyForm(), None, 200
    if form.is_submitted():
        try:
            report = trail.verify(records(), actor(), trail.given(form.checkpoint.data or "")) if form.validate() else None
        except Refused as refusal:
            form.checkpoint.errors = [refusal.fix]
        status = 200 if report else 422
    with records().read() as reading:
        standing = trail.standing(reading)
    words = mark_words(standing.mark[1]) if standing.mark else []
    return render_template("reading_room/audit.html", form=form, report=report, standing=standing, words=words), status


@blueprint.get("/audit/entries")
@needs(Permission.AUDIT_READ)
def entries() -> str:
    """Every entry, newest first: when, what kind, by which seat. No person is named."""
    args = listing_args(request.args, sorts=("seq",), filters=trail.FILTERS, descending=True)
    with records().read() as reading:
        listing = trail.entries(reading, args)
    return render_template("reading_room/entries.html", listing=listing, subjects=SUBJECT_WORDS, role_names=ROLE_NAMES)


@blueprint.get("/audit/entries/<int:seq>")
@needs(Permission.AUDIT_READ)
def entry(seq: int) -> str:
    """One entry with all it says, and its hash."""
    with records().read() as reading:
        line = trail.entry_of(reading, seq)
    return render_template("reading_room/entry.html", line=line, role_names=ROLE_NAMES)


@blueprint.get("/counts")
@needs(Permission.COUNTS_READ)
def counts() -> str:
    """How many people, and how much money, without any small group."""
    with records().read() as reading:
        shown = {"people": people_counts(reading), "grants": grant_sums(reading)}
    return render_template("reading_room/counts.html", **shown, groups=[GROUP_WORDS[group] for group in GROUPS])
