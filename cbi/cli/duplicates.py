"""`cbi people duplicates`: everybody compared with everybody, from a shell."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from cbi.access import P
from cbi.cli.common import answer, data_option, json_option, settings_of
from cbi.cli.login import acting

if TYPE_CHECKING:
    from cbi.people.tables_alike import LikenessSearch
    from cbi.people.tables_certainty import Certainty


@click.group("people")
def people_command() -> None:
    """People."""


@people_command.command("duplicates")
@data_option
@json_option
def duplicates(data: Path | None, *, as_json: bool) -> None:
    """Compare everybody with everybody; the pairs wait on the pages. Needs `cbi login` as a registrar. Exit 1 when pairs wait."""
    from cbi.people import alike_queue, sweep
    from cbi.people.tables_alike import LikenessSearch
    from cbi.people.tables_certainty import Certainty

    with acting(settings_of(data), P.PERSON_REGISTER) as (records, actor):
        begun = time.monotonic()
        with records.work(actor) as work:
            search_id = sweep.ask(work)
        sweep.run(records, str(search_id))
        seconds = round(time.monotonic() - begun, 1)
        with records.read() as reading:
            search, waiting = reading.session.get_one(LikenessSearch, search_id), alike_queue.counts(reading)
            content = _content(search_id, search, waiting, seconds)
    words = f"{search.people:,} people compared. {waiting.total():,} pairs wait for somebody, {waiting[Certainty.ALMOST_CERTAIN]:,} of them almost certain."
    answer(content, as_json=as_json, words=words)
    sys.exit(1 if waiting.total() else 0)


def _content(search_id: UUID, search: LikenessSearch, waiting: dict[Certainty, int], seconds: float) -> dict[str, object]:
    from cbi.people.tables_certainty import Certainty

    return {
        "search": str(search_id),
        "people": search.people,
        "compared": search.compared,
        "pairs": search.pairs,
        "waiting": {certainty.value: waiting.get(certainty, 0) for certainty in Certainty},
        "seconds": seconds,
    }
