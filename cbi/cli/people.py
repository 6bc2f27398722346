"""`cbi households` and `cbi erase`: people, from a shell."""

from __future__ import annotations

import sys
from pathlib import Path
from uuid import UUID

import click
from sqlmodel import select

from cbi.access import P
from cbi.cli.common import answer, ask_every_floor, data_option, json_option, say, settings_of
from cbi.cli.login import acting
from cbi.errors import Refused
from cbi.people import erasure
from cbi.people.erasing import what_stands_in_the_way
from cbi.people.proof import Proof
from cbi.people.tables import Household
from cbi.store.engines import checkpoint_wal
from cbi.store.work import Reading


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
@json_option
@click.argument("number", metavar="HOUSEHOLD")
@click.confirmation_option(prompt="Nothing about this household can ever be read again. Erase it?")
def erase_command(data: Path | None, number: str, *, as_json: bool) -> None:
    """Destroy a household's key, and prove it. Refused while a transfer of theirs is open or a grant's records must be kept.

    Needs `cbi login` as a programme manager.  Entries that were closed in favour of this one go with it.
    """
    from cbi.people.proof import prove

    ask_every_floor()
    with acting(settings_of(data), P.PERSON_ERASE) as (records, actor):
        with records.work(actor) as work:
            household_id = _known(work, number)
            _refuse_hindered(work, household_id)
            there = _what_is_there(work, household_id)
            gone = erasure.erase(work, household_id)
        if not checkpoint_wal(records.engine):
            raise Refused("run the same command again in a minute: somebody was reading while the last trace was to be overwritten")
        proof = prove(records, gone)
    content = {
        "household": proof.numbers[0],
        "also": list(proof.numbers[1:]),
        "erased": proof.holds,
        "destroyed": there,
        "key_destroyed_at": [at.isoformat() for at in proof.destroyed_at],
        "sealed_values_left": proof.sealed,
        "opened": proof.opened,
        "findable_by": proof.findable,
        "digests_left": proof.digests,
        "chain_verified": proof.chain_whole,
    }
    answer(content, as_json=as_json, words=_told(proof, there))
    if not proof.holds:
        raise Refused("call the administrator: something of this household can still be read or found")
    say("Erased. Backups made before keep it until they are replaced.")


def _known(reading: Reading, number: str) -> UUID:
    found = reading.session.exec(select(Household.id).where(Household.number == number.strip().upper())).first()
    if found is None:
        raise Refused("check the registration number, for example BH-20417-6: no household has it")
    return found


def _refuse_hindered(reading: Reading, household_id: UUID) -> None:
    """The first thing that stands in the way, with its last day where there is one."""
    for one in what_stands_in_the_way(reading, household_id):
        until = f" (until {one.until.isoformat()})" if one.until else ""
        raise Refused(f"{one.fix}{until}; until then ask for it on the household's page: it is hidden meanwhile")


def _what_is_there(reading: Reading, household_id: UUID) -> dict[str, int]:
    """How many rows of each kind the household is found by, before they go."""
    return {"keys": 0 if reading.was_erased(household_id) else 1, **erasure.left_to_find(reading, household_id)}


def _told(proof: Proof, there: dict[str, int]) -> str:
    """The proof in words, a line each."""
    closed = [f"with it went {', '.join(proof.numbers[1:])}, closed in its favour"] if proof.numbers[1:] else []
    return "\n".join(
        [
            f"household {proof.numbers[0]}",
            *closed,
            "destroyed: " + ", ".join(f"{count} {kind}" for kind, count in there.items()),
            *(f"key destroyed at {at.isoformat()}" for at in proof.destroyed_at),
            f"sealed values left: {proof.sealed}; tried to open each: {proof.opened} opened",
            f"rows that still find it: {proof.findable}; keyed digests left: {proof.digests}",
            f"audit trail: {'verified' if proof.chain_whole else 'does not verify'}",
        ]
    )
