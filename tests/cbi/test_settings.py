from __future__ import annotations

from pathlib import Path

import pytest

from cbi.errors import UnsafeSettings
from cbi.settings import Settings, load
from cbi.store.keys import key_file
from cbi.store.records import found_office, open_office
from tests import make


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"host": "0.0.0.0"}, "TLS|tls"),
        ({"clock": "2026-11-23T08:00:00"}, "time zone"),
        ({"port": 0}, "port"),
        ({"tls_cert": "cert.pem"}, "key"),
    ],
)
def test_an_unsafe_setting_refuses_to_start_and_says_why(given: dict[str, object], word: str):
    with pytest.raises(UnsafeSettings, match=word):
        load(**given)


def test_a_missing_key_refuses_to_start(tmp_path: Path):
    found_office(Settings(data=tmp_path), make.OPERATION).close()
    key_file(Settings(data=tmp_path)).unlink()

    with pytest.raises(UnsafeSettings, match="put the office key back"):
        open_office(Settings(data=tmp_path))


def test_a_key_others_can_read_refuses_to_start(tmp_path: Path):
    found_office(Settings(data=tmp_path), make.OPERATION).close()
    key_file(Settings(data=tmp_path)).chmod(0o644)

    with pytest.raises(UnsafeSettings, match="make the key file private"):
        open_office(Settings(data=tmp_path))


def test_a_key_of_another_office_refuses_to_start(tmp_path: Path):
    found_office(Settings(data=tmp_path), make.OPERATION).close()

    with pytest.raises(UnsafeSettings, match="key this office was made with"):
        open_office(Settings(data=tmp_path, office_key="cd" * 32))


def test_a_set_clock_is_refused_outside_an_example(tmp_path: Path):
    real = make.OPERATION.__class__(**{**make.OPERATION.__dict__, "demo": False})
    found_office(Settings(data=tmp_path), real).close()

    with pytest.raises(UnsafeSettings, match="CBI_CLOCK"):
        open_office(Settings(data=tmp_path, clock=make.NOW))


def test_an_empty_folder_says_how_to_begin(tmp_path: Path):
    with pytest.raises(UnsafeSettings, match="cbi init"):
        open_office(Settings(data=tmp_path))
