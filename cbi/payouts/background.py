"""Large payout files are read in the office's long work: started once, gone on with after a kill, never counted twice."""

from __future__ import annotations

from uuid import UUID

from cbi.errors import Refused
from cbi.jobs.durable import Job
from cbi.payouts import reading, turns
from cbi.payouts.tables import PayoutFile
from cbi.store.records import Records
from cbi.store.work import Actor
from reconciliation.sheets import PasswordNeeded

_GAVE_UP = "upload the file again: reading it stopped several times before its end"


def due(records: Records) -> list[str]:
    """Keys of what is to be read now: the file's digest and id, and its turn. Files whose page died are taken over."""
    with records.read() as look:
        left = [(one, look.session.get_one(PayoutFile, one).uploaded_by) for one in turns.silent(look)]
    for file_id, person_id in left:
        turns.begin(records, Actor(person_id), file_id, waits=True)
    with records.read() as look:
        return [f"{look.session.get_one(PayoutFile, one).digest.hex()}:{one}:{turn}" for one, turn in turns.waiting(look)]


def run(records: Records, key: str) -> None:
    """Read one file in its turn. Running it again begins again, and ends the same."""
    file_id, turn, actor = _parts(records, key)
    try:
        reading.read(records, actor, file_id, turn=turn)
    except PasswordNeeded:
        return  # left asking; its page asks for the password
    except turns.Overtaken:
        return


def give_up(records: Records, key: str) -> None:
    """Reading failed again and again: the file ends with a sentence, so that nobody waits for it for ever."""
    file_id, turn, actor = _parts(records, key)
    try:
        reading.refuse(records, actor, file_id, turn, _GAVE_UP)
    except Refused:
        return


def _parts(records: Records, key: str) -> tuple[UUID, int, Actor]:
    _, file_id, turn = key.split(":")
    with records.read() as look:
        file = look.session.get_one(PayoutFile, UUID(file_id))
    return file.id, int(turn), Actor(file.uploaded_by)


READ_LARGE_FILES = Job("read_payout_file", due, run, give_up)
