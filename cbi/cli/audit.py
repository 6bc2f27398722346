"""`cbi audit`: read the chain of facts again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cbi.cli.common import answer, data_option, json_option, opened, settings_of
from cbi.errors import Refused

if TYPE_CHECKING:
    from cbi.store.chain import Verdict


@click.group("audit")
def audit_command() -> None:
    """The audit trail."""


@audit_command.command("verify")
@data_option
@json_option
@click.option("--world", type=click.Choice(["office", "protection"]), default="office", show_default=True)
@click.option("--against", metavar="SEQ:HASH", help="A checkpoint kept elsewhere, as printed on a released list.")
def verify(data: Path | None, world: str, against: str | None, *, as_json: bool) -> None:
    """Find any edit, deletion, reordering, truncation or roll-back."""
    settings = settings_of(data)
    mark = _mark(against)
    if world == "protection":
        from cbi.protection.wiring import verify_chain

        verdict = verify_chain(settings, mark)
    else:
        with opened(settings) as records:
            verdict = records.verify_chain(mark)
    answer(_content(verdict), as_json=as_json, words=_words(verdict))
    sys.exit(0 if verdict.verified else 1)


def _mark(against: str | None) -> tuple[int, bytes] | None:
    if against is None:
        return None
    seq, _, digest = against.partition(":")
    try:
        return int(seq), bytes.fromhex(digest)
    except ValueError as problem:
        raise Refused("give the checkpoint as its number, a colon and its hash, for example 4812:9c41e7d0…") from problem


def _content(verdict: Verdict) -> dict[str, object]:
    return {
        "verified": verdict.verified,
        "entries": verdict.entries,
        "broken_at": verdict.broken_at,
        "reason": verdict.reason,
        "checkpoint": verdict.checkpoint,
        "head": verdict.head.hex(),
    }


def _words(verdict: Verdict) -> str:
    if verdict.verified:
        signed = f", checkpoint at {verdict.checkpoint} signed" if verdict.checkpoint else ""
        return f"{verdict.entries:,} entries, unbroken{signed}. Head: {verdict.entries}:{verdict.head.hex()}"
    return f"Broken at entry {verdict.broken_at}: {verdict.reason}. {verdict.entries:,} entries before it are unbroken. Keep this disk as it is and compare with a backup."
