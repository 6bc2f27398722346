from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from cbi.access import Role
from cbi.cli.clockwork import Clockwork
from cbi.errors import UnsafeSettings
from cbi.settings import Settings
from cbi.store.records import Records
from cbi.store.system import OfficeCheckpoint
from tests import make, make_staff


def _marks(records: Records) -> int:
    with records.engine.connect() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(OfficeCheckpoint)).scalar_one())


def test_the_trail_is_signed_once_an_hour_whatever_happens(records: Records):
    clock = make_staff.stop_clock(records)
    clockwork = Clockwork(Settings(data=records.folder.parent), records)

    clockwork.tick()
    make.staff(records, Role.REGISTRAR)
    clockwork.tick()
    within_the_hour = _marks(records)
    clock.move(hours=1)
    clockwork.tick()
    clockwork.stop()

    assert (within_the_hour, _marks(records)) == (1, 2)


# In a process of its own: here other tests have loaded everything already.
_A_CLOCK = """
import sys
from pathlib import Path
from cbi.cli.clockwork import Clockwork
from cbi.people.above import stands_above
from cbi.settings import Settings
from cbi.store.records import found_office
from tests import make

settings = Settings(data=Path(sys.argv[1]))
clockwork = Clockwork(settings, found_office(settings, make.OPERATION))
clockwork.tick()
clockwork.stop()
print(*(type(floor).__name__ for floor in stands_above))
"""


def test_a_clock_without_pages_asks_every_floor_before_it_erases(tmp_path: Path):
    asked = subprocess.run([sys.executable, "-c", _A_CLOCK, str(tmp_path)], check=True, capture_output=True, text=True).stdout

    assert asked.split()[-2:] == ["Transfers", "Payouts"]


def test_one_process_of_a_data_folder_runs_the_clock(records: Records):
    settings = Settings(data=records.folder.parent)
    held = Clockwork(settings, records)

    with pytest.raises(UnsafeSettings, match="one already runs"):
        Clockwork(settings, records)
    held.stop()


def test_a_task_that_fails_does_not_stop_the_others(records: Records, monkeypatch: pytest.MonkeyPatch):
    def broken(_: Records) -> None:
        raise OSError

    monkeypatch.setattr("cbi.transfers.inbox.publish_due", broken)
    clockwork = Clockwork(Settings(data=records.folder.parent), records)
    make.staff(records, Role.REGISTRAR)

    clockwork.tick()
    clockwork.stop()

    assert _marks(records) == 1


def test_a_backup_holds_no_key_no_token_and_no_half_done_work(records: Records, tmp_path: Path):

    from cbi.store.backup import backup, restore

    (records.folder / "login-somebody").write_text("token")
    (records.folder / "jobs.db").write_bytes(b"x")
    settings = Settings(data=records.folder.parent)
    backup(settings, "office", tmp_path / "kept.cbi")
    elsewhere = Settings(data=tmp_path / "elsewhere", office_key=(records.folder / "keys" / "office.key").read_text().strip())

    restore(elsewhere, tmp_path / "kept.cbi")

    names = {path.name for path in elsewhere.folder("office").iterdir()}
    assert {"office.db", "root.sealed"} <= names
    assert not names & {"keys", "jobs.db", "login-somebody", "clock.lock"}


def test_serving_other_computers_without_tls_is_refused():
    answer = subprocess.run([sys.executable, "-m", "cbi", "serve", "--host", "0.0.0.0"], capture_output=True, text=True, check=False)

    assert answer.returncode == 2
    assert "--tls-cert" in answer.stderr
