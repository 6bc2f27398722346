"""What commands share: settings from options, a person behind a token, JSON on stdout."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from cbi.settings import Settings
    from cbi.store.records import Records

_F = TypeVar("_F", bound=Callable[..., Any])  # Any: click's own decorators are typed so


def data_option(command: _F) -> _F:
    """`--data DIR`: the folder of databases, keys and files."""
    return click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Folder of databases, keys and files (CBI_DATA).")(
        command
    )


def json_option(command: _F) -> _F:
    """`--json`: machine output."""
    return click.option("--json", "as_json", is_flag=True, help="Answer as JSON on stdout.")(command)


def settings_of(data: Path | None, **more: object) -> Settings:
    """The settings, with the folder given on the command line."""
    from cbi.settings import load

    return load(data=data, **more)


@contextmanager
def opened(settings: Settings) -> Iterator[Records]:
    """The office's records room, closed afterwards."""
    from cbi.store.records import open_office

    records = open_office(settings)
    try:
        yield records
    finally:
        records.close()


def ask_every_floor() -> None:
    """Have every floor above people loaded: each has a say in who is forgotten, and adds itself when it is loaded."""
    import cbi.payouts.lives  # noqa: F401 -- the uppermost of them; it loads those below it


def answer(value: dict[str, Any], *, as_json: bool, words: str) -> None:
    """JSON for programs, words for people."""
    click.echo(json.dumps(value, ensure_ascii=False, sort_keys=True) if as_json else words)


def say(words: str) -> None:
    """A sentence for the person at the screen; stdout stays free for answers."""
    click.echo(words, err=True)
