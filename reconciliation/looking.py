"""The command that shows how a file would be read."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from reconciliation import layout, profiles, workbook
from reconciliation.payout import RowProblem
from reconciliation.proposal import Proposal, SheetLook

DONE, NEEDS_A_PERSON = 0, 1


def look(path: Path, password: str | None, *, as_json: bool) -> int:
    """Show how a file would be read, and answer the command's exit code. Raises UnreadableFile."""
    proposal = layout.propose(workbook.open_rows(path, password), known=profiles.shipped())
    say(proposal, as_json=as_json)
    return DONE if proposal.is_certain else NEEDS_A_PERSON


def say(proposal: Proposal, *, as_json: bool) -> None:
    """Print how a file would be read."""
    sys.stdout.write((json.dumps(look_json(proposal), ensure_ascii=False) if as_json else _look_text(proposal)) + "\n")


def look_json(proposal: Proposal) -> dict[str, object]:
    """A look at a file as JSON: sheets, header row found, proposed columns with examples, problems."""
    asked = [question.as_problem() for question in proposal.questions]
    lacking = [RowProblem("", "", f"say which column holds the {name}") for name in proposal.missing()]
    return {
        "sheets": [_sheet_json(look) for look in proposal.sheets],
        "profile": proposal.known_as or None,
        "certain": proposal.is_certain,
        "map": profiles.to_map(proposal.profile) if proposal.profile else None,
        "problems": [problem.as_json() for problem in [*asked, *lacking, *proposal.problems]],
    }


def _sheet_json(look: SheetLook) -> dict[str, object]:
    columns = {
        guess.field.value: {"header": guess.header, "certainty": guess.certainty, "examples": list(guess.examples)}
        for guess in look.columns
    }
    header = {"header_row": look.header_row or None, "header_rows": look.header_rows}
    left_out = {"totals": list(look.totals), "skipped": list(look.skipped), "hidden_rows": list(look.hidden_rows)}
    return {"name": look.name, "hidden": look.hidden, "rows": look.rows, **header, "columns": columns, **left_out}


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
    return lacking + [problem.sentence() for problem in problems]
