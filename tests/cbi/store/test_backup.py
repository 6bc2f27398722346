from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cbi.access import Role
from cbi.errors import Refused, UnsafeSettings
from cbi.settings import Settings
from cbi.store.backup import backup, restore
from cbi.store.keys import office_key, rotate
from cbi.store.records import Records, open_office
from tests import make


def _elsewhere(records: Records, tmp_path: Path) -> Settings:
    shutil.copytree(records.folder / "keys", tmp_path / "elsewhere" / "office" / "keys")
    return Settings(data=tmp_path / "elsewhere")


def test_a_backup_restored_elsewhere_verifies_to_the_same_head(records: Records, tmp_path: Path):
    make.staff(records, Role.REGISTRAR)
    backup(Settings(data=records.folder.parent), "office", tmp_path / "kept.cbi")

    settings = _elsewhere(records, tmp_path)
    world = restore(settings, tmp_path / "kept.cbi")

    restored = open_office(settings)
    assert (world, restored.verify_chain()) == ("office", records.verify_chain())
    restored.close()


def test_a_backup_opens_only_with_its_own_key(records: Records, tmp_path: Path):
    backup(Settings(data=records.folder.parent), "office", tmp_path / "kept.cbi")

    with pytest.raises(Refused, match="key this backup was made with"):
        restore(Settings(data=tmp_path / "elsewhere", office_key="ab" * 32), tmp_path / "kept.cbi")


def test_a_backup_never_overwrites_records(records: Records, tmp_path: Path):
    backup(Settings(data=records.folder.parent), "office", tmp_path / "kept.cbi")

    with pytest.raises(Refused, match="empty data folder"):
        restore(Settings(data=records.folder.parent), tmp_path / "kept.cbi")


def test_any_other_file_is_refused_in_a_sentence(tmp_path: Path):
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff")

    with pytest.raises(Refused, match="something else"):
        restore(Settings(data=tmp_path / "elsewhere"), tmp_path / "photo.jpg")


def test_after_a_rotation_the_old_key_opens_nothing_but_old_backups(records: Records, tmp_path: Path):
    settings = Settings(data=records.folder.parent)
    old = office_key(settings)
    backup(settings, "office", tmp_path / "old.cbi")

    new, kept = rotate(settings)

    assert kept is not None
    assert kept.read_text().strip() == old.hex()
    open_office(settings).close()
    with pytest.raises(UnsafeSettings, match="key this office was made with"):
        open_office(Settings(data=records.folder.parent, office_key=old.hex()))
    restore(Settings(data=tmp_path / "elsewhere", office_key=old.hex()), tmp_path / "old.cbi")
    assert new != old


def test_an_office_interrupted_in_a_rotation_still_opens(records: Records, monkeypatch: pytest.MonkeyPatch):
    settings = Settings(data=records.folder.parent)

    def power_cut(*_: object) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr("cbi.store.keys._replace_key", power_cut)
    with pytest.raises(KeyboardInterrupt):
        rotate(settings)

    open_office(settings).close()
