"""The command that compares what was instructed with what a provider's file says was paid."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from reconciliation import match, profiles, report, statement, workbook
from reconciliation.ahead import read_arriving
from reconciliation.findings import Finding, FindingKind
from reconciliation.instructed import read_instructed
from reconciliation.instruction import Instruction, Instructions
from reconciliation.money import UnknownCurrency, minor_digits
from reconciliation.payout import RowProblem
from reconciliation.profile import PayoutRows, Profile, locate, read_payouts
from reconciliation.proposal import Proposal
from reconciliation.report_rows import load_writer
from reconciliation.sheets import Sheets, UnreadableFile
from reconciliation.statement import Statement

DONE, NEEDS_A_PERSON = 0, 1
_ANSWERED = frozenset({FindingKind.PAID, FindingKind.FAILED, FindingKind.RETURNED, FindingKind.PAID_BEFORE})


class How(NamedTuple):
    """What the command was told: two files, how the second is read, and what is written. A text is empty, or None, where nothing was said."""

    instructed: str
    payout: str
    profile: str | None
    map: str | None
    currency: str
    out: str | None
    errors: str | None
    findings: bool
    json: bool


class _NotCertain(Exception):
    """The layout was proposed, but a person must confirm it."""

    def __init__(self, proposal: Proposal) -> None:
        super().__init__()
        self.proposal = proposal


def compare(how: How, arriving: Iterator[workbook.Message], started: float) -> int:
    """Compare the list with the file whose reader's messages arrive, and answer the exit code. Raises UnreadableFile, OSError.

    started: when the reader began; the list is read beside it.
    """
    currency, profile = _currency(how.currency), _given_profile(how)
    instructed = read_instructed(how.instructed, currency)
    currency = currency or _only_currency(instructed)
    if how.out:
        load_writer()
    try:
        sheets, profile, read = _read(arriving, profile, currency, instructed)
    except _NotCertain as unsure:
        from reconciliation import looking

        looking.say(unsure.proposal, as_json=how.json)
        sys.stderr.write("You need to confirm how this file is read, and give it as a column map with --map.\n")
        return NEEDS_A_PERSON
    read_at = time.perf_counter()
    findings = match.reconcile(instructed, read.payouts)
    stated = statement.of(findings, read.payouts, instructed)
    matched_at = time.perf_counter()
    if how.out:
        report.write_exceptions(findings, stated, how.out)
    if how.errors:
        report.write_errors(how.payout, read.problems, how.errors, header_rows=_header_rows(sheets, profile), sheets=sheets)
    seconds = {"read": read_at - started, "match": matched_at - read_at, "write": time.perf_counter() - matched_at}
    answer = result_json(instructed, read, findings, stated, currency=currency or stated.currency, seconds=seconds, every=how.findings)
    sys.stdout.write((json.dumps(answer, ensure_ascii=False) if how.json else _result_text(answer)) + "\n")
    unanswered = any(count for kind, count in stated.counts.items() if kind not in _ANSWERED)
    return NEEDS_A_PERSON if read.problems or unanswered else DONE


def _read(
    arriving: Iterator[workbook.Message], profile: Profile | None, currency: str, instructed: Instructions
) -> tuple[Sheets, Profile, PayoutRows]:
    """The provider's file as a profile reads it; where none is given, as it is proposed. Raises _NotCertain, UnreadableFile."""
    if profile:
        sheets, read = read_arriving(arriving, profile, currency)
        return sheets, profile, read
    sheets = workbook.gathered(arriving)
    profile = _proposed_profile(sheets, currency, instructed)
    return sheets, profile, read_payouts(sheets, profile, currency)


def _header_rows(sheets: Sheets, profile: Profile) -> dict[str, int]:
    return {place.sheet.name: place.header_row for place in locate(sheets, profile)}


def _currency(code: str) -> str:
    if code:
        try:
            minor_digits(code.upper())
        except UnknownCurrency:
            raise UnreadableFile("name the currency by its three letters, for example KES") from None
    return code.upper()


def _only_currency(instructed: Instructions) -> str:
    codes = {amount.currency for amount in instructed.amounts}
    return codes.pop() if len(codes) == 1 else ""


def _given_profile(how: How) -> Profile | None:
    if how.map:
        return profiles.from_map(Path(how.map))
    if how.profile and how.profile.endswith(".toml"):
        return profiles.from_file(Path(how.profile))
    return profiles.named(how.profile) if how.profile else None


def _proposed_profile(sheets: Sheets, currency: str, instructed: Sequence[Instruction]) -> Profile:
    from reconciliation import layout  # with all words of headings it knows; not for a file whose layout is given

    expected = {each.reference.upper(): each for each in instructed}
    proposal = layout.propose(sheets, currency=currency, known=profiles.shipped(), expected=expected, check_rows=False)
    if not proposal.is_certain or proposal.profile is None:
        raise _NotCertain(proposal)
    return proposal.profile


def result_json(
    instructed: Sequence[Instruction],
    read: PayoutRows,
    findings: Sequence[Finding],
    stated: Statement,
    *,
    currency: str,
    seconds: dict[str, float],
    every: bool,
) -> dict[str, object]:
    """A comparison as JSON, every kind of finding counted even where there is none."""
    answer: dict[str, object] = {
        "rows": read.rows,
        "instructed": len(instructed),
        "counts": {kind.value: stated.counts.get(kind, 0) for kind in FindingKind},
        "amounts_minor": {kind.value: stated.amounts_minor.get(kind, 0) for kind in FindingKind},
        "paid_minor": {kind.value: stated.paid_minor.get(kind, 0) for kind in FindingKind},
        "suspense_minor": stated.suspense_minor,
        "open_minor": stated.open_minor,
        "currency": currency,
        "foots": stated.foots,
        "problems": [problem.as_json() for problem in read.problems],
        "seconds": {step: round(spent, 3) for step, spent in seconds.items()},
    }
    if every:
        answer["findings"] = [_finding_json(finding) for finding in findings]
    return answer


def _finding_json(finding: Finding) -> dict[str, object]:
    reference = (
        finding.instruction.reference
        if finding.instruction
        else next((payout.reference for payout in finding.payouts if payout.reference), None)
    )
    return {
        "kind": finding.kind.value,
        "also": [kind.value for kind in finding.also],
        "reference": reference,
        "rows": [{"sheet": payout.sheet, "row": payout.row} for payout in finding.payouts],
    }


def _result_text(answer: dict[str, object]) -> str:
    counts, problems = answer["counts"], answer["problems"]
    assert isinstance(counts, dict)
    assert isinstance(problems, list)
    lines = [f"{answer['rows']} rows read, {answer['instructed']} instructions."]
    lines += [f"  {kind:15} {count:8}" for kind, count in counts.items() if count]
    lines.append("The file foots." if answer["foots"] else "The file does not foot.")
    return "\n".join(lines + [RowProblem(**problem).sentence() for problem in problems])
