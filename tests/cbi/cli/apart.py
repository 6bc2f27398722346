"""What each of two system users does in the test of them, one process a step: `python -m tests.cbi.cli.apart STEP …` answers in JSON.

The folder, the office's key and the group come from the environment, as a service has them.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from uuid import UUID

from cbi.access import Role
from cbi.protection import cases, history, office, outbox, practice, setup, unlock
from cbi.protection.officers import NewOfficer
from cbi.protection.room import open_room
from cbi.settings import load
from cbi.store.keys import rotate
from cbi.store.records import found_office, open_office
from cbi.transfers import inbox
from cbi.transfers.arrangements import current_for
from cbi.transfers.tables import ArrangementKind
from tests import make, make_people, make_room

EVERYWHERE: frozenset[UUID] = frozenset()


def found_the_office() -> object:
    """Office: a household, and an uploaded file beside the records."""
    records = found_office(load(), make.OPERATION)
    (records.private("files") / "upload.sealed").write_bytes(b"sealed")
    return {"household": str(make_people.household(records))}


def found_the_room() -> object:
    """Room: its first lead."""
    lead = NewOfficer("t.halfmoon", "Tamsin Halfmoon", Role.PROTECTION_LEAD, make_room.PASSPHRASE)
    made = setup.init_room(load(), lead, cost=make_room.CHEAP)
    (load().folder("protection") / "room.log").write_text("what a service would write", "utf-8")
    return {"totp": made.handed.totp_secret}


def seal_a_letter(household: str) -> object:
    """Office: somebody asked to talk today."""
    records = open_office(load())
    return {"letter": str(make_room.letter(records, UUID(household), make_room.TALK_TODAY, site_id=make_people.site(records)))}


def decide(code: str) -> object:
    """Room: read what was told, reach the person, send what she chose."""
    room = open_room(load())
    officer_id = unlock.sign_in(room, "t.halfmoon", make_room.PASSPHRASE, code).officer_id
    with room.read() as reading:
        case_id = cases.waiting(reading, room.office, EVERYWHERE)[0].id
    with room.work(officer_id) as work:
        told = cases.open_case(work, room.office, EVERYWHERE, case_id).private
    with room.work(officer_id) as work:
        practice.note_contact(work, room.office, EVERYWHERE, case_id, history.Outcome.REACHED)
    with room.work(officer_id) as work:
        ruling = practice.Ruling(history.Choice.CHANGE, agreed=True, changes={ArrangementKind.PARTS: 3})
        practice.decide(work, room.office, EVERYWHERE, case_id, ruling)
    sent = outbox.send(room, officer_id).sent
    return {"told": told.answers if told else None, "sent": sent, "key_fits": office.published(load()).intake == room.keys.intake_public}


def publish(household: str) -> object:
    """Office: at noon."""
    records = open_office(load())
    inbox.publish_due(records)
    with records.read() as reading:
        arranged = current_for(reading, [UUID(household)])[UUID(household)]
    return {"parts": arranged[ArrangementKind.PARTS]}


def change_the_key() -> object:
    """Office: a new key for the root; returns it as the administrator keeps it."""
    key, _old = rotate(load())
    return {"key": key.hex()}


def opens(*paths: str) -> object:
    """Anybody: which of these files and folders open."""
    return [path for path in paths if _opens(Path(path))]


def _opens(path: Path) -> bool:
    try:
        if path.is_dir():
            list(path.iterdir())
        else:
            path.open("rb").close()
    except PermissionError:
        return False
    return True


if __name__ == "__main__":
    os.umask(0o077)
    step = {one.__name__: one for one in (found_the_office, found_the_room, seal_a_letter, decide, publish, change_the_key, opens)}[
        sys.argv[1]
    ]
    sys.stdout.write(json.dumps(step(*sys.argv[2:])))
