"""`cbi households` and `cbi erase`: people, from a shell."""

from __future__ import annotations

import sys
from pathlib import Path
from uuid import UUID

import click
import sqlalchemy as sa
from sqlmodel import col, select

from cbi.access import P
from cbi.cli.common import answer, data_option, json_option, say, settings_of
from cbi.cli.login import acting
from cbi.errors import Refused
from cbi.payouts.tables import LedgerEntry
from cbi.people import erasure
from cbi.people.tables import Household
from cbi.store.engines import checkpoint_wal
from cbi.store.work import Reading
from cbi.transfers.release import FINAL
from cbi.transfers.tables import Instruction, PaymentList
from reconciliation.ledger import Account


@click.group("households")
def households_command() -> None:
    """Households."""


@households_command.command("import")
@data_option
@json_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--map", "mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A column map, as JSON.")
@click.option("--dry-run", is_flag=True, help="Save nothing; say what would be saved.")
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write the rows that need you to this workbook.")
def households_import(data: Path | None, file: Path, mapping: Path | None, errors: Path | None, *, dry_run: bool, as_json: bool) -> None:
    """Take households in from a spreadsheet or a Kobo export. Exit 1 when rows need a person."""
    from cbi.cli.imports import run_import

    with acting(settings_of(data), P.PERSON_IMPORT) as (records, actor):
        content, words = run_import(records, actor, file, mapping=mapping, dry_run=dry_run, errors=errors)
    answer(content, as_json=as_json, words=words)
    sys.exit(1 if content["problems"] else 0)


@click.command("erase")
@data_option
@click.argument("number", metavar="HOUSEHOLD")
@click.confirmation_option(prompt="Nothing about this household can ever be read again. Erase it?")
def erase_command(data: Path | None, number: str) -> None:
    """Destroy a household's key. Refused while a transfer of theirs is open. Needs `cbi login` as a programme manager."""
    with acting(settings_of(data), P.PROGRAMME_PLAN) as (records, actor):
        with records.work(actor) as work:
            household_id = _known(work, number)
            _refuse_open(work, household_id)
            erasure.erase(work, household_id)
        if not checkpoint_wal(records.engine):
            raise Refused("run the same command again in a minute: somebody was reading while the last trace was to be overwritten")
        with records.work(actor) as work:
            erased = erasure.is_erased(work, household_id)
    if not erased:
        raise Refused("call the administrator: something of this household can still be found")
    say("Erased. Its key is destroyed and nothing finds it any more; backups made before keep it until they are replaced.")


def _known(reading: Reading, number: str) -> UUID:
    found = reading.session.exec(select(Household.id).where(Household.number == number.strip().upper())).first()
    if found is None:
        raise Refused("check the registration number, for example BH-20417-6: no household has it")
    return found


def _refuse_open(reading: Reading, household_id: UUID) -> None:
    """A line is open before its list is released, and afterwards while the ledger still holds it open; a paid one is settled."""
    still_open = (
        sa.select(sa.func.coalesce(sa.func.sum(col(LedgerEntry.minor)), 0))
        .where(col(LedgerEntry.instruction_id) == col(Instruction.id), col(LedgerEntry.account) == Account.OPEN)
        .scalar_subquery()
    )
    under_way = (
        sa.select(sa.func.count())
        .select_from(Instruction)
        .join(PaymentList, col(PaymentList.id) == col(Instruction.list_id))
        .where(col(Instruction.household_id) == household_id, col(Instruction.live))
        .where(sa.or_(col(PaymentList.status).not_in(FINAL), still_open != 0))
    )
    if reading.session.connection().execute(under_way).scalar_one():
        raise Refused("wait until every transfer of this household is settled: one is still under way, and its payee must stay readable")
