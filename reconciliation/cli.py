"""The command line of the counting engine: compare two files, or look at one."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from reconciliation import match, profiles, report, statement, workbook
from reconciliation.ahead import open_payouts
from reconciliation.findings import Finding, FindingKind
from reconciliation.instructed import read_instructed
from reconciliation.instruction import Instruction
from reconciliation.money import UnknownCurrency, minor_digits
from reconciliation.payout import RowProblem
from reconciliation.profile import PayoutRows, Profile, locate, read_payouts
from reconciliation.proposal import Proposal, SheetLook
from reconciliation.sheets import Sheets, UnreadableFile
from reconciliation.statement import Statement

DONE, NEEDS_A_PERSON, WRONG_USE = 0, 1, 2
_ANSWERED = frozenset({FindingKind.PAID, FindingKind.FAILED, FindingKind.RETURNED, FindingKind.PAID_BEFORE})


class _NotCertain(Exception):
    """The layout was proposed, but a person must confirm it."""

    def __init__(self, proposal: Proposal) -> None:
        super().__init__()
        self.proposal = proposal


class _Parser(argparse.ArgumentParser):
    """Refuses wrong use in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Refuse wrong use in one sentence."""
        raise UnreadableFile(f"check the command ({message}); --help shows how it is used")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and answer its exit code: 0 done, 1 needs a person, 2 wrong use or unreadable."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if arguments[:1] == ["look"]:
            return _look(_look_parser().parse_args(arguments[1:]))
        return _reconcile(_reconcile_parser().parse_args(arguments))
    except UnreadableFile as refusal:
        _complain(str(refusal))
        return WRONG_USE
    except OSError:
        _complain("You need to choose a place for the result that can be written to.")
        return WRONG_USE


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _complain(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


def _reconcile_parser() -> _Parser:
    parser = _Parser(prog="python -m reconciliation", description="Compare what was instructed with what a provider's file says was paid.")
    parser.add_argument("instructed", metavar="INSTRUCTED", help="csv or xlsx with the headings reference, amount, currency")
    parser.add_argument("payout", metavar="PAYOUT", help="the provider's file")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--profile", metavar="NAME", help="a shipped profile, or a profile's TOML file")
    how.add_argument("--map", metavar="MAP.json", help="a column map")
    parser.add_argument("--currency", default="", help="of amounts whose rows do not name one")
    parser.add_argument("--out", metavar="OUT.xlsx", help="write the exceptions here")
    parser.add_argument("--errors", metavar="ERR.xlsx", help="write the provider's file back with its wrong cells marked")
    parser.add_argument("--findings", action="store_true", help="with --json: every finding with its rows")
    _shared(parser)
    return parser


def _look_parser() -> _Parser:
    parser = _Parser(prog="python -m reconciliation look", description="Show how a file would be read.")
    parser.add_argument("file", metavar="FILE")
    _shared(parser)
    return parser


def _shared(parser: _Parser) -> None:
    parser.add_argument("--password-stdin", action="store_true", help="read the file's password from standard input")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _password(options: argparse.Namespace) -> str | None:
    return sys.stdin.readline().rstrip("\r\n") if options.password_stdin else None


def _look(options: argparse.Namespace) -> int:
    from reconciliation import layout  # with all words of headings it knows; not for a file whose layout is given

    sheets = workbook.open_rows(options.file, _password(options))
    proposal = layout.propose(sheets, known=profiles.shipped())
    answer = look_json(proposal)
    _say(json.dumps(answer, ensure_ascii=False) if options.json else _look_text(proposal))
    return DONE if proposal.is_certain else NEEDS_A_PERSON


def look_json(proposal: Proposal) -> dict[str, object]:
    """A look at a file as JSON: sheets, header row found, proposed columns with examples, problems."""
    asked = [question.as_problem() for question in proposal.questions]
    lacking = [RowProblem("", "", f"say which column holds the {name}") for name in proposal.missing()]
    return {
        "sheets": [_sheet_json(look) for look in proposal.sheets],
        "profile": proposal.known_as or None,
        "certain": proposal.is_certain,
        "map": profiles.to_map(proposal.profile) if proposal.profile else None,
        "problems": [_problem_json(problem) for problem in [*asked, *lacking, *proposal.problems]],
    }


def _sheet_json(look: SheetLook) -> dict[str, object]:
    columns = {
        guess.field.value: {"header": guess.header, "certainty": guess.certainty, "examples": list(guess.examples)}
        for guess in look.columns
    }
    header = {"header_row": look.header_row or None, "header_rows": look.header_rows}
    left_out = {"totals": list(look.totals), "skipped": list(look.skipped), "hidden_rows": list(look.hidden_rows)}
    return {"name": look.name, "hidden": look.hidden, "rows": look.rows, **header, "columns": columns, **left_out}


def _problem_json(problem: RowProblem) -> dict[str, str]:
    return {"sheet": problem.sheet, "cell": problem.cell, "fix": problem.fix}


def _look_text(proposal: Proposal) -> str:
    lines = []
    for look in proposal.sheets:
        state = (
            "hidden, not read"
            if look.hidden
            else f"{look.rows} rows" + (f" after the heading in row {look.header_row}" if look.header_row else "")
        )
        lines.append(f"{look.name}: {state}")
        lines += [
            f"  {guess.field.value:16} {guess.certainty:4.0%}  {guess.header}  ({', '.join(guess.examples)})" for guess in look.columns
        ]
    lines.append(f"Known layout: {proposal.known_as}" if proposal.known_as else "")
    return "\n".join([*lines, *_sentences(proposal)]).strip()


def _sentences(proposal: Proposal) -> list[str]:
    problems = [question.as_problem() for question in proposal.questions] + list(proposal.problems)
    lacking = [f"You need to say which column holds the {name}." for name in proposal.missing()]
    return lacking + [_sentence(problem) for problem in problems]


def _sentence(problem: RowProblem) -> str:
    place = " ".join(part for part in (problem.sheet, problem.cell) if part)
    return f"You need to {problem.fix}" + (f" ({place})." if place else ".")


def _reconcile(options: argparse.Namespace) -> int:
    currency = _currency(options.currency)
    instructed = read_instructed(options.instructed, currency)
    currency = currency or _only_currency(instructed)
    started = time.perf_counter()
    password, profile = _password(options), _given_profile(options)
    if profile:
        sheets, read = open_payouts(options.payout, profile, currency, password)
    else:
        sheets = workbook.open_rows(options.payout, password)
        try:
            profile = _proposed_profile(sheets, currency, instructed)
        except _NotCertain as unsure:
            _say(json.dumps(look_json(unsure.proposal), ensure_ascii=False) if options.json else _look_text(unsure.proposal))
            _complain("You need to confirm how this file is read, and give it as a column map with --map.")
            return NEEDS_A_PERSON
        read = read_payouts(sheets, profile, currency)
    read_at = time.perf_counter()
    findings = match.reconcile(instructed, read.payouts)
    stated = statement.of(findings, read.payouts, instructed)
    matched_at = time.perf_counter()
    if options.out:
        report.write_exceptions(findings, stated, options.out)
    if options.errors:
        report.write_errors(options.payout, read.problems, options.errors, header_rows=_header_rows(sheets, profile), sheets=sheets)
    seconds = {"read": read_at - started, "match": matched_at - read_at, "write": time.perf_counter() - matched_at}
    answer = result_json(instructed, read, findings, stated, currency=currency or stated.currency, seconds=seconds, every=options.findings)
    _say(json.dumps(answer, ensure_ascii=False) if options.json else _result_text(answer))
    unanswered = any(count for kind, count in stated.counts.items() if kind not in _ANSWERED)
    return NEEDS_A_PERSON if read.problems or unanswered else DONE


def _header_rows(sheets: Sheets, profile: Profile) -> dict[str, int]:
    return {place.sheet.name: place.header_row for place in locate(sheets, profile)}


def _currency(code: str) -> str:
    if code:
        try:
            minor_digits(code.upper())
        except UnknownCurrency:
            raise UnreadableFile("name the currency by its three letters, for example KES") from None
    return code.upper()


def _only_currency(instructed: Sequence[Instruction]) -> str:
    codes = {each.amount.currency for each in instructed}
    return codes.pop() if len(codes) == 1 else ""


def _given_profile(options: argparse.Namespace) -> Profile | None:
    if options.map:
        return profiles.from_map(Path(options.map))
    if options.profile and options.profile.endswith(".toml"):
        return profiles.from_file(Path(options.profile))
    return profiles.named(options.profile) if options.profile else None


def _proposed_profile(sheets: Sheets, currency: str, instructed: Sequence[Instruction]) -> Profile:
    from reconciliation import layout

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
        "problems": [_problem_json(problem) for problem in read.problems],
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
    return "\n".join(lines + [_sentence(RowProblem(**problem)) for problem in problems])
