"""A process of its own that posts, undoes or decides, and kills itself just before a certain statement reaches the database."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from cbi.payouts import answers, posting
from cbi.payouts.answers import Said
from cbi.payouts.posting import UndoReason
from cbi.payouts.tables import Answer
from cbi.settings import Settings
from cbi.store.records import open_office
from cbi.store.work import Actor
from tests import make


def main(folder: Path, file_id: UUID, person_id: UUID, before: str, act: str = "post") -> None:
    """act: "post", "undo", or the id of the finding of which this person says that it is the same person.  before: the words the fatal statement begins with, and after a colon which such statement it is; "" kills after all of it."""
    records = open_office(Settings(data=folder, clock=make.NOW, seed=7))
    words, _, nth = before.partition(":")
    left = int(nth or 1)

    def watch(statement: str) -> None:
        nonlocal left
        if words and statement.startswith(words):
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

    def prepare(connection: Any, _: object) -> None:  # Any: the driver's own connection
        connection.set_trace_callback(watch)

    records.engine.dispose()  # connections made before this moment would not be watched
    sa.event.listen(records.engine, "connect", prepare)
    if act == "post":
        posting.post(records, Actor(person_id), file_id)
    elif act == "undo":
        posting.undo(records, Actor(person_id), file_id, UndoReason.WRONG_FILE)
    else:
        answers.give(records, Actor(person_id), file_id, UUID(act), Said(Answer.SAME_PERSON))
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(Path(sys.argv[1]), UUID(sys.argv[2]), UUID(sys.argv[3]), *sys.argv[4:])
