"""From an uploaded file to a preview: how it is laid out, what it says, and what was found. Nothing here touches money."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from itertools import islice
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.payouts import corrections, facts, layouts, matches, samples, sheet_names, staging, strangers, turns
from cbi.payouts.about import about_of
from cbi.payouts.carried import carry_over
from cbi.payouts.counted import places_in_order, with_turns
from cbi.payouts.files import opened, size_of, unlock
from cbi.payouts.looked import Asked, Look, asked_by
from cbi.payouts.placing import placed
from cbi.payouts.queries import file_by_id
from cbi.payouts.source import Source
from cbi.payouts.tables import Answer, FileStatus, FindingDecision, LedgerPosting, PayoutFile, PayoutRow, PostedRow, PostingKind
from cbi.store.records import Records
from cbi.store.work import Actor, Reading
from cbi.transfers.service import known_references
from reconciliation import layout, match, profiles, statement, workbook
from reconciliation.bulk import without_collecting
from reconciliation.cells import is_blank
from reconciliation.identity import Earlier
from reconciliation.money import Money
from reconciliation.profile import Profile, read_payouts
from reconciliation.proposal import Proposal
from reconciliation.sheets import PasswordNeeded, Sheet, Sheets, UnreadableFile

LARGE_ROWS = 5_000
_CHANGES_WHAT_COUNTS = (PostingKind.PAYOUT, PostingKind.UNDO, PostingKind.DECISION)
_SURELY_QUICK = 1024 * 1024  # bytes that may be opened while a person waits, to see how many rows they hold


def start(records: Records, actor: Actor, file_id: UUID, *, chosen: Profile | None = None) -> FileStatus:
    """Read a file now when it is small; leave one of more than LARGE_ROWS rows to the office's long work, and answer READING."""
    if size_of(records, file_id) <= _SURELY_QUICK:
        return read(records, actor, file_id, chosen=chosen, at_most=LARGE_ROWS)
    return _leave(records, actor, file_id, chosen)


def read(
    records: Records,
    actor: Actor,
    file_id: UUID,
    *,
    password: str | None = None,
    chosen: Profile | None = None,
    turn: int | None = None,
    at_most: int | None = None,
) -> FileStatus:
    """Read a file and preview it when its layout is known, certain, or chosen by a person; else leave it asking.

    A file that cannot be read ends REFUSED with what to do.  turn: of the long work that was begun for it before.
    at_most: rows to read while a person waits; a longer file is left to the long work.
    Raises PasswordNeeded, which the caller turns into a question, and Overtaken when somebody began to read it anew.
    """
    turn = turn or turns.begin(records, actor, file_id)
    try:
        if password is not None:
            unlock(records, actor, file_id, password)
        known = chosen or confirmed(records, file_id)
        look = look_at(records, file_id) if known is None else None
        sheets = look.sheets if look else _sheets(records, file_id)
        if look:
            samples.keep(records, file_id, look)
    except PasswordNeeded as needed:
        _ask(records, actor, file_id, turn, needed.fix)
        raise
    except UnreadableFile as refusal:
        refuse(records, actor, file_id, turn, refusal.fix)
        return FileStatus.REFUSED
    if at_most is not None and sum(len(sheet.rows) for sheet in sheets.visible()) > at_most:
        return _leave(records, actor, file_id, chosen)
    if known is None and not any(_may_be_a_table(sheet) for sheet in sheets.visible()):
        refuse(
            records, actor, file_id, turn, "send the provider's list of payments: this file holds no table, only single words or numbers"
        )
        return FileStatus.REFUSED
    profile = look.proposal.profile if look and look.proposal.is_certain else known
    if profile is None:
        _ask(records, actor, file_id, turn)
        return FileStatus.ASKING
    try:
        _preview(records, actor, file_id, sheets, profile, turn=turn, asked=look.asked if look else None)
    except UnreadableFile as misfit:  # the layout is of another shape: a person has to look again
        _ask(records, actor, file_id, turn, misfit.fix)
        return FileStatus.ASKING
    return FileStatus.PREVIEWED


def _may_be_a_table(sheet: Sheet) -> bool:
    """Whether at least two rows hold something, and one of them more than one cell."""
    filled = (sum(not is_blank(value) for value in row) for row in sheet.rows)
    first = list(islice((count for count in filled if count), 2))
    return len(first) > 1 and (max(first) > 1 or any(count > 1 for count in filled))


def confirmed(records: Records, file_id: UUID) -> Profile | None:
    """The layout a person confirmed for a file that waits to be read."""
    with records.read() as reading:
        file = file_by_id(reading, file_id)
        waits = file.status is FileStatus.READING and file.layout
    return profiles.from_mapping(json.loads(file.layout)) if waits else None


def look_at(records: Records, file_id: UUID) -> Look:
    """Open a file in the sandbox and propose how to read it, by this provider's confirmed layouts first. Raises UnreadableFile."""
    sheets = _sheets(records, file_id)
    with records.read() as reading:
        file = reading.session.get_one(PayoutFile, file_id)
        asked = asked_by(reading, file_id)
        kept = layouts.profiles_of(reading, file.provider_id)
    if file.corrects_id is not None:
        return Look(sheets, _as_the_corrected(records, file.corrects_id, sheets), asked)
    shipped = profiles.shipped()
    proposal = layout.propose(
        sheets, currency=asked.about.currency, known=(*(one.profile for one in kept), *shipped), expected=asked.expected, check_rows=False
    )
    if proposal.profile is None and (again := layouts.found_again(kept, sheets)):
        proposal = replace(proposal, profile=again, known_as=again.name)
    return Look(sheets, proposal, asked)


def _sheets(records: Records, file_id: UUID) -> Sheets:
    with opened(records, file_id) as path:
        return workbook.open_rows(path)


def _as_the_corrected(records: Records, file_id: UUID, sheets: Sheets) -> Proposal:
    """Corrected rows are read as the file they correct was."""
    with records.read() as reading:
        kept = profiles.from_mapping(json.loads(file_by_id(reading, file_id).layout))
        kept = sheet_names.named_layout(reading.vault, kept, sheets)
    return Proposal((), corrections.fitting(kept, sheets), known_as=kept.name or "corrected")


@without_collecting()
def _preview(records: Records, actor: Actor, file_id: UUID, as_sent: Sheets, profile: Profile, *, turn: int, asked: Asked | None) -> None:
    """Compare and stage every row and every finding. Writes nothing to money; safe to run again from the beginning.

    asked: where it was looked up already; else it is once the rows are read, so that payees they name rightly need not be opened.
    """
    with records.read() as reading:
        sheets, profile = sheet_names.keyed(reading.vault, as_sent), sheet_names.keyed_layout(reading.vault, profile)
        currency = about_of(reading, file_id).currency
    said, corrects = read_payouts(sheets, profile, currency), dict[tuple[str, int], UUID]()
    with records.read() as reading:
        file = reading.session.get_one(PayoutFile, file_id)
        asked = asked or asked_by(reading, file_id, said.payouts)
        known = known_references(reading, besides=asked.about.ids) | asked.over
        earlier, decided = earlier_rows(reading, file.provider_id), decided_against(reading, file.provider_id)
        basis = basis_of(reading, file.provider_id)
        accepted = matches.accepted(reading, file_id)
    if file.corrects_id is not None:
        with records.read() as reading:
            said, corrects = corrections.sort_out(reading, file.corrects_id, said, sheets, profile)
    with records.read() as reading:
        earlier = strangers.named(reading.vault, earlier, said.payouts)
    findings = match.reconcile(asked.instructed, said.payouts, known=known, earlier=earlier, decided=decided, accepted=accepted)
    stated = statement.of(findings, said.payouts, asked.instructed)
    source = Source(sheets, profile)
    found = staging.Found(findings, said.payouts, asked.places, source.as_sent, corrects)
    staging.stage(records, actor, file_id, found, turn=turn)
    with records.work(actor) as work:
        turns.hold(work, file_id, turn)
        file = work.session.get_one(PayoutFile, file_id)
        file.status, file.rows, file.basis = FileStatus.PREVIEWED, said.rows, basis
        file.layout, file.profile_id = layouts.layout_of(profile), layouts.known_as(layouts.profiles_of(work, file.provider_id), profile)
        file.problems = json.dumps([{"sheet": one.sheet, "cell": one.cell, "fix": one.fix} for one in said.problems])
        file.summary = json.dumps({**summary_of(stated), "placed": placed(findings), "sheets": source.headings()}, sort_keys=True)
        sheet_names.keep(work, file, (sheet.name for sheet in as_sent.sheets))
        work.add(file)
        carry_over(work, file_id)
        work.remember(
            facts.FilePreviewed(file_id=file_id, rows=said.rows, findings=len(findings), problems=len(said.problems), foots=stated.foots)
        )


def summary_of(stated: statement.Statement) -> dict[str, object]:
    """A preview's statement as it is kept: sums per currency, counts per kind, and what keeps it from footing."""
    return {
        "currency": stated.currency,
        "foots": stated.foots,
        "counts": {kind.value: count for kind, count in stated.counts.items()},
        "amounts_minor": {kind.value: minor for kind, minor in stated.amounts_minor.items()},
        "paid_minor": {kind.value: minor for kind, minor in stated.paid_minor.items()},
        "by_currency": {
            currency: {
                "instructed": sums.instructed,
                "delivered": sums.delivered,
                "open": sums.open,
                "suspense": sums.suspense,
                "set_aside": sums.set_aside,
                "successes": sums.successes,
                "taken_back": sums.taken_back,
            }
            for currency, sums in stated.by_currency.items()
        },
        "gaps": [{"fix": gap.fix, "sheet": gap.sheet, "row": gap.row, "minor": gap.minor, "currency": gap.currency} for gap in stated.gaps],
    }


def earlier_rows(reading: Reading, provider_id: UUID) -> list[Earlier]:
    """What this provider's posted files count already."""
    query = sa.select(
        col(PostedRow.reference),
        col(PostedRow.outcome),
        col(PostedRow.amount_minor),
        col(PostedRow.currency),
        col(PostedRow.provider_ref),
        col(PostedRow.row_key),
        col(PostedRow.in_suspense),
    ).where(col(PostedRow.provider_id) == provider_id, col(PostedRow.live))
    rows = reading.session.connection().execute(with_turns(query)).all()
    turns = places_in_order(row.turn for row in rows)
    return [
        Earlier(
            row.reference,
            row.outcome,
            Money(row.amount_minor, row.currency),
            row.provider_ref,
            bytes(row.row_key),
            row.in_suspense,
            turns[row.turn],
        )
        for row in rows
    ]


def decided_against(reading: Reading, provider_id: UUID) -> list[Earlier]:
    """Rows of this provider's posted files that contradict what counts, and of which two people said that the earlier result is right."""
    rows: Iterable[Any] = reading.session.connection().execute(  # Any: a reference, an outcome, an amount and a key side by side
        sa.select(
            col(FindingDecision.reference),
            col(PayoutRow.outcome),
            col(PayoutRow.amount_minor),
            col(PayoutRow.currency),
            col(FindingDecision.currency).label("own"),
            col(PayoutRow.row_key),
        )
        .join(PayoutRow, col(PayoutRow.finding_id) == col(FindingDecision.finding_id))
        .join(PayoutFile, col(PayoutFile.id) == col(FindingDecision.file_id))
        .where(
            col(PayoutFile.provider_id) == provider_id,
            col(PayoutFile.status) == FileStatus.POSTED,
            col(FindingDecision.live),
            col(FindingDecision.answer) == Answer.EARLIER,
        )
    )
    return [
        Earlier(row.reference, row.outcome, Money(row.amount_minor or 0, row.currency or row.own), key=bytes(row.row_key)) for row in rows
    ]


def basis_of(reading: Reading, provider_id: UUID) -> bytes:
    """A mark of what was posted and undone for this provider: another one means that a preview is out of date."""
    made = reading.session.connection().execute(
        sa.select(col(LedgerPosting.id))
        .join(PayoutFile, col(PayoutFile.id) == col(LedgerPosting.file_id))
        .where(col(PayoutFile.provider_id) == provider_id, col(LedgerPosting.kind).in_(_CHANGES_WHAT_COUNTS))
        .order_by(col(LedgerPosting.id))
    )
    return sha256(b"".join(row.id.bytes for row in made)).digest()


def refuse(records: Records, actor: Actor, file_id: UUID, turn: int, fix: str) -> None:
    """The file cannot be read; fix finishes "You need to …". Raises Overtaken."""
    with records.work(actor) as work:
        turns.hold(work, file_id, turn)
        file = work.session.get_one(PayoutFile, file_id)
        file.status, file.fix = FileStatus.REFUSED, fix[:400]
        work.add(file)
        work.remember(facts.FileRefused(file_id=file_id))


def _ask(records: Records, actor: Actor, file_id: UUID, turn: int, fix: str = "") -> None:
    with records.work(actor) as work:
        turns.hold(work, file_id, turn)
        file = work.session.get_one(PayoutFile, file_id)
        file.status, file.fix = FileStatus.ASKING, fix[:400]
        work.add(file)
        work.remember(facts.LayoutAsked(file_id=file_id))


def _leave(records: Records, actor: Actor, file_id: UUID, chosen: Profile | None) -> FileStatus:
    with records.read() as reading:
        kept = layouts.layout_of(sheet_names.keyed_layout(reading.vault, chosen)) if chosen else ""
    turns.begin(records, actor, file_id, waits=True, layout=kept)
    return FileStatus.READING
