"""Serving says where, and an address that is taken is answered with a sentence before anything else happens."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner

from cbi.cli.demo import _say_people, demo_command
from cbi.cli.example.people import Login
from cbi.cli.serve import free_port
from cbi.errors import UnsafeSettings


@pytest.fixture
def taken() -> Iterator[int]:
    """A port somebody else listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        yield held.getsockname()[1]


def test_a_port_that_is_taken_is_refused_with_another_to_try(taken: int):
    with pytest.raises(UnsafeSettings, match="choose another port, for example --port"):
        free_port("127.0.0.1", taken)


def test_an_address_of_another_computer_is_refused(taken: int):
    with pytest.raises(UnsafeSettings, match="choose another --host or --port"):
        free_port("192.0.2.1", taken)


def test_a_demo_on_a_taken_port_leaves_an_earlier_example_alone(taken: int, tmp_path: Path):
    kept = tmp_path / "office" / "kept.txt"
    kept.parent.mkdir()
    kept.write_text("still here", "utf-8")

    result = CliRunner().invoke(demo_command, ["--data", str(tmp_path), "--port", str(taken)])

    assert isinstance(result.exception, UnsafeSettings)
    assert kept.read_text("utf-8") == "still here"
    assert not (tmp_path / "demo-logins.json").exists()


def test_what_has_to_be_typed_is_never_cut_short(capsys: pytest.CaptureFixture[str]):
    one = Login(
        "registrar", "salma", "a-password-of-many-words-that-is-quite-long-42", "U6ZSQUKLY56IUD5VBODKABQFZQDRAHWL", UUID(int=1), "office"
    )

    _say_people([one])

    said = capsys.readouterr().err
    assert one.password in said
    assert one.totp_secret in said
