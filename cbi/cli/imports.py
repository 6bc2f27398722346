"""Households by the file, from a shell: the same import as on the pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cbi.errors import Refused
from cbi.people.imports import import_file, rows_needing
from cbi.people.imports_kept import write_back
from cbi.store.records import Records
from cbi.store.work import Actor


def run_import(
    records: Records, actor: Actor, file: Path, *, mapping: Path | None, dry_run: bool, errors: Path | None
) -> tuple[dict[str, Any], str]:  # Any: JSON for programs
    """Take a file in, or look at it; returns the figures for programs and a sentence for people."""
    chosen = _map(mapping) if mapping else None
    if errors is not None:
        write_back(errors, rows_needing(records, file, chosen))
    result = import_file(records, actor, file, chosen, dry_run=dry_run)
    content = {
        "rows": result.rows,
        "saved": result.saved,
        "members": result.members,
        "alike": result.alike,
        "again": result.again,
        "needs_you": result.back,
        "dry_run": dry_run,
        "problems": [{"sheet": one.sheet, "cell": one.cell, "fix": one.fix} for one in result.problems],
    }
    verb = "can be saved" if dry_run else "saved"
    words = f"{result.rows} rows: {result.saved} {verb}, {result.alike} of them look like somebody, {result.again} taken before, {result.back} need you."
    lines = [f"You need to {one.fix} ({one.sheet} {one.cell})." for one in result.problems[:50]]
    return content, "\n".join([words, *lines])


def _map(path: Path) -> dict[str, Any]:
    try:
        chosen = json.loads(path.read_text("utf-8"))
    except (ValueError, OSError) as problem:
        raise Refused("write the column map as JSON, as the import page shows it") from problem
    if not isinstance(chosen, dict):
        raise Refused("write the column map as a JSON object")
    return chosen
