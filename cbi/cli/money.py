"""`cbi list`, `cbi payouts`, `cbi statement` and `cbi journal`: the money side from a shell, under the same rights as the pages."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import click
from sqlmodel import col, select

from cbi.access import P
from cbi.cli.common import answer, data_option, json_option, say, settings_of
from cbi.cli.login import acting
from cbi.errors import Refused
from cbi.payouts import files, papers, posting, reading, sheets, statements, summaries
from cbi.payouts import journal as journal_file
from cbi.payouts.forms import UNDO_WORDS
from cbi.payouts.posting import UndoReason
from cbi.payouts.scope import Scope
from cbi.payouts.sheet_names import named_sheets
from cbi.payouts.statement_json import to_json
from cbi.payouts.tables import FileStatus, PayoutFile
from cbi.store.records import Records
from cbi.store.work import Actor, Reading
from cbi.transfers.release import export, file_name
from cbi.transfers.service import list_by_reference
from cbi.transfers.tables import PaymentList
from cbi.web.filters import in_zone
from reconciliation import profiles
from reconciliation.findings import FindingKind
from reconciliation.sheets import PasswordNeeded


@click.group("list")
def list_command() -> None:
    """Payment lists."""


@list_command.command("export")
@data_option
@click.argument("reference", metavar="REF")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--password-stdin", is_flag=True, help="Put the workbook behind the password on standard input; it is kept nowhere.")
def list_export(data: Path | None, reference: str, out: Path | None, *, password_stdin: bool) -> None:
    """Write the provider's file of a released list, in the form its template says."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    with acting(settings_of(data), P.LIST_EXPORT) as (records, actor), records.work(actor) as work:
        payment_list = _list(work, reference)
        content = export(work, payment_list.id, password)
    path = out or Path(file_name(payment_list))
    path.write_bytes(content)
    say(f"Wrote {path} ({payment_list.count} transfers).")


@click.group("payouts")
def payouts_command() -> None:
    """Payout files."""


@payouts_command.command("preview")
@data_option
@json_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--list", "reference", required=True, metavar="REF")
@click.option("--profile", metavar="NAME", help="A shipped profile, when the layout is not certain.")
@click.option("--password-stdin", is_flag=True)
def preview(data: Path | None, file: Path, reference: str, profile: str | None, *, password_stdin: bool, as_json: bool) -> None:
    """Read and compare a file; nothing is counted. Prints the id to post."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    with acting(settings_of(data), P.PAYOUT_UPLOAD) as (records, actor):
        with records.read() as look:
            list_id = _list(look, reference).id
        file_id = files.receive(records, actor, list_id, file.name, file.read_bytes())
        status = _read(records, actor, file_id, password, profile)
        content = preview_of(records, file_id)
    if status is FileStatus.ASKING:
        raise Refused(f"confirm how this file is read, on its page or with --profile; its id is {file_id}")
    if status is FileStatus.REFUSED:
        raise Refused(str(content["fix"]))
    answer(content, as_json=as_json, words=_preview_words(content))


@payouts_command.command("post")
@data_option
@click.argument("file_id", metavar="ID", type=click.UUID)
def post(data: Path | None, file_id: UUID) -> None:
    """Count a previewed file, once."""
    with acting(settings_of(data), P.PAYOUT_POST) as (records, actor):
        posting.post(records, actor, file_id)
    say("Posted. It counts once.")


@payouts_command.command("undo")
@data_option
@click.argument("file_id", metavar="ID", type=click.UUID)
@click.option("--reason", type=click.Choice([reason.value for reason in UNDO_WORDS]), required=True)
def undo(data: Path | None, file_id: UUID, reason: str) -> None:
    """Take a posted file back by reversing entries."""
    with acting(settings_of(data), P.PAYOUT_POST) as (records, actor):
        posting.undo(records, actor, file_id, UndoReason(reason))
    say("Undone. History stays.")


@click.command("statement")
@data_option
@json_option
@click.argument("reference", metavar="REF")
@click.option(
    "--by", type=click.Choice(["list", "provider", "cycle", "grant", "line"]), default="list", help="What REF names; a list when not said."
)
@click.option("--to", "until", type=click.DateTime(["%Y-%m-%d"]), help="Up to and with this day of the office.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it here: .xlsx with formulas, or .pdf to sign.")
def statement_command(data: Path | None, reference: str, by: str, until: datetime | None, out: Path | None, *, as_json: bool) -> None:
    """Print a statement: of a list, or with --by of a provider, cycle (FSL-1), grant or budget line. Exit 1 when it does not foot."""
    with acting(settings_of(data), P.STATEMENT_READ) as (records, _):
        with records.read() as look:
            scope = _named(look, by, reference, until.date() if until else None)
            content, foots = _statement_json(look, scope, reference)
        if out is not None:
            _write_statement(records, scope, out)
    answer(content, as_json=as_json, words=json.dumps(content, indent=1, ensure_ascii=False))
    sys.exit(0 if foots else 1)


def _statement_json(look: Reading, scope: Scope, reference: str) -> tuple[dict[str, object], bool]:
    """A list's statement, or for anything else one for each currency."""
    if scope.list_id is not None and scope.until is None:
        found = statements.of_list(look, scope.list_id)
        return to_json(found), found.foots
    each = statements.of_scope(look, scope, reference)
    return {"of": reference, "statements": [to_json(one) for one in each]}, all(one.foots for one in each)


def _write_statement(records: Records, scope: Scope, out: Path) -> None:
    """In English, as everything a shell writes, and in the office's own time."""
    with in_zone(records.operation.zone):
        out.write_bytes(_statement_file(records, scope, paper=out.suffix == ".pdf"))
    say(f"Wrote {out}.")


def _statement_file(records: Records, scope: Scope, *, paper: bool) -> bytes:
    with records.read() as look:
        made = sheets.gathered(look, scope, with_lists=True)
    if not paper:
        return papers.workbook(made, right_to_left=False)
    office = f"{records.operation.name} ({records.operation.code})"
    return papers.paper(made, papers.marked(records, made), office=office, language="en", right_to_left=False)


@click.command("journal")
@data_option
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="First day, for example 2026-11-01.")
@click.option("--to", "until", type=click.DateTime(["%Y-%m-%d"]), help="Last day.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def journal_command(data: Path | None, since: datetime | None, until: datetime | None, out: Path) -> None:
    """Write the journal as csv for the finance system; days are those of the office."""
    with (
        acting(settings_of(data), P.JOURNAL_EXPORT) as (records, _),
        records.read() as look,
        out.open("w", encoding="utf-8", newline="") as file,
    ):
        file.writelines(journal_file.lines(look, since.date() if since else None, until.date() if until else None))
    say(f"Wrote {out}.")


def preview_of(records: Records, file_id: UUID) -> dict[str, object]:
    """A preview for programs: the same keys as the engine's own JSON, with the file's id and state."""
    with records.read() as look:
        file = look.session.exec(select(PayoutFile).where(col(PayoutFile.id) == file_id)).one()
        summary = json.loads(file.summary or "{}")
        own = summary.get("by_currency", {}).get(summary.get("currency"), {})
        return {
            "id": str(file.id),
            "status": file.status.value,
            "fix": file.fix,
            "rows": file.rows,
            "currency": summary.get("currency", ""),
            "counts": summary.get("counts", {kind.value: 0 for kind in FindingKind}),
            "amounts_minor": summary.get("amounts_minor", {}),
            "paid_minor": summary.get("paid_minor", {}),
            "suspense_minor": own.get("suspense", 0),
            "open_minor": own.get("open", 0),
            "foots": summary.get("foots", False),
            "problems": [{**one, "sheet": named_sheets(look, file).told(one["sheet"])} for one in json.loads(file.problems)],
        }


def _preview_words(content: dict[str, object]) -> str:
    counts = content["counts"]
    assert isinstance(counts, dict)
    lines = [f"{kind:15} {count:7}" for kind, count in counts.items() if count]
    return "\n".join([*lines, "Foots." if content["foots"] else "Does not foot.", f"Post it with: cbi payouts post {content['id']}"])


def _read(records: Records, actor: Actor, file_id: UUID, password: str | None, profile: str | None) -> FileStatus:
    try:
        return reading.read(records, actor, file_id, password=password, chosen=profiles.named(profile) if profile else None)
    except PasswordNeeded as problem:
        raise Refused(problem.fix) from problem


def _list(look: Reading, reference: str) -> PaymentList:
    found = list_by_reference(look, reference)
    if found is None:
        raise Refused("check the list's reference, for example L-2026-031: there is no such list")
    return found


def _named(look: Reading, by: str, reference: str, until: date | None) -> Scope:
    """What a person calls by a reference or a code. Raises Refused."""
    if by == "list":
        return Scope(look.zone, list_id=_list(look, reference).id, until=until)
    found = summaries.by_code(look, by, reference.strip())
    if found is None:
        raise Refused(f"check the code of the {by}: there is none called {reference}")
    return Scope(look.zone, **{summaries.BY[by]: found}, until=until)  # type: ignore[arg-type]  # one of the ids, chosen by name
