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
        ({"office_group": "cbi-records", "database_url": "sqlite:////srv/elsewhere.db"}, "leave CBI_DATABASE_URL out"),
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


def test_the_offices_key_comes_as_a_credential_of_the_service_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "cbi_office_key").write_text("ab" * 32 + "\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    data = tmp_path / "data"

    found_office(load(data=data), make.OPERATION).close()

    assert not key_file(Settings(data=data)).exists()
    open_office(Settings(data=data, office_key="ab" * 32)).close()


def test_an_empty_setting_counts_as_none(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CBI_OFFICE_GROUP", "")

    assert load().office_group is None


def test_without_a_group_the_offices_folder_is_closed_to_everybody_else(tmp_path: Path):
    found_office(Settings(data=tmp_path), make.OPERATION).close()
    (tmp_path / "office").chmod(0o777)

    open_office(Settings(data=tmp_path)).close()

    assert (tmp_path / "office").stat().st_mode & 0o777 == 0o700
