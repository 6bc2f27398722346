"""A real PostgreSQL server in a folder of its own, for as long as the tests run."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from cbi.settings import Settings
from cbi.store.engines import connect
from cbi.store.records import Records, found_office, open_office
from tests.make import NOW, OPERATION


def _account() -> str | None:
    """Who may run the server: PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _run(account: str | None, *command: str | Path) -> None:
    done = subprocess.run([str(word) for word in command], user=account, cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a fresh server, without a database's name: put one after it."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3])).parent
    account, folder = _account(), Path(tempfile.mkdtemp(prefix="cbi-postgres-"))
    if account is not None:
        shutil.chown(folder, account)
    name = account or pwd.getpwuid(os.getuid()).pw_name
    try:
        _run(account, programs / "initdb", "-D", folder / "data", "-E", "UTF8", "--locale=C", "-A", "trust", "--no-sync", "-U", name)
        quick = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c full_page_writes=off"
        _run(account, programs / "pg_ctl", "-D", folder / "data", "-w", "-s", "-l", folder / "log", "-o", quick, "start")
        yield f"postgresql://{name}@/{{}}?host={folder}"
        _run(account, programs / "pg_ctl", "-D", folder / "data", "-w", "-s", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def empty_url(server: str) -> Iterator[str]:
    """The address of an empty database of its own."""
    yield from _database(server)


def _database(server: str, template: str = "template0") -> Iterator[str]:
    name = f"office_{uuid4().hex[:12]}"
    _command(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.format(name)
    _command(server, f"DROP DATABASE {name} WITH (FORCE)")


def _command(server: str, words: str) -> None:
    engine = connect(server.format("postgres"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(words)
    engine.dispose()


@pytest.fixture(scope="session")
def ready_office(server: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an empty office whose database "ready" can be copied."""
    folder = tmp_path_factory.mktemp("postgres-office")
    _command(server, "CREATE DATABASE ready TEMPLATE template0")
    found_office(Settings(data=folder, database_url=server.format("ready")), OPERATION).close()
    return folder


@pytest.fixture
def open_again(server: str, ready_office: Path, tmp_path: Path) -> Iterator[Callable[[], Records]]:
    """Opens one and the same office, as often as asked: each time as another process would."""
    shutil.copytree(ready_office, tmp_path / "data")
    made = _database(server, "ready")
    url = next(made)
    opened: list[Records] = []

    def again() -> Records:
        opened.append(open_office(Settings(data=tmp_path / "data", database_url=url, clock=NOW, seed=7)))
        return opened[-1]

    yield again
    for one in opened:
        one.close()
    next(made, None)


@pytest.fixture
def records(open_again: Callable[[], Records]) -> Records:
    """An empty office's records room, in PostgreSQL."""
    return open_again()


@pytest.fixture
def engine(empty_url: str) -> Iterator[sa.Engine]:
    """An engine on an empty database."""
    made = connect(empty_url)
    yield made
    made.dispose()
