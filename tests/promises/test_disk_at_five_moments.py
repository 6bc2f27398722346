"""A stolen disk, the office's key elsewhere, at five moments of an office's life: nothing about a person, in no spelling, in no file."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import shutil
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import pytest

from cbi.people import erasure
from cbi.people.service import register
from cbi.people.tables import AccountKind
from cbi.people.values import NewAccount
from cbi.settings import Settings
from cbi.store.backup import backup
from cbi.store.engines import checkpoint_wal
from cbi.store.work import Actor
from cbi.transfers.tables import ArrangementKind
from tests import make_people, make_room
from tests.promises import office_steps, room_steps
from tests.promises.conftest import Small
from tests.promises.worlds import World, opened

# One mark for each kind of thing a person tells: whole words nobody else uses, long enough to be found inside anything.
MARKS = (
    "Zephyrina Quillfeather",
    "Tent Umbrellabird 4711",
    "999555031415",
    "Ottoline Snapdragonfly",
    "999555027182",
    "cannot_refuse_at_all",
)
SPELLINGS: dict[str, Callable[[bytes], bytes]] = {
    "utf-8": bytes,
    "utf-16-le": lambda raw: raw.decode().encode("utf-16-le"),
    "utf-16-be": lambda raw: raw.decode().encode("utf-16-be"),
    "hexadecimal": lambda raw: raw.hex().encode(),
    "base64": lambda raw: base64.b64encode(b".." + raw)[4:-4],
    "base64, second place": lambda raw: base64.b64encode(b"." + raw)[4:-4],
    "base64, third place": lambda raw: base64.b64encode(raw)[4:-4],
    "as part of an address": lambda raw: quote(raw).encode(),
    "as JSON writes it": lambda raw: "".join(f"\\u{ord(one):04x}" for one in raw.decode()).encode(),
    "backwards": lambda raw: raw[::-1],
}
PACKINGS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "zlib": zlib.compress}
_BEGINS = (b"\x1f\x8b\x08", b"\x78\x01", b"\x78\x9c", b"\x78\xda")


def unpacked(content: bytes) -> Iterator[bytes]:
    """The content, and every stream that lies packed in it."""
    yield content
    for begin in _BEGINS:
        place = content.find(begin)
        while place >= 0:
            with contextlib.suppress(zlib.error):
                yield zlib.decompressobj(31 if begin[0] == 0x1F else 15).decompress(content[place:], 1_000_000)
            place = content.find(begin, place + 1)


def found_in(folder: Path) -> list[tuple[str, str]]:
    """Which mark lies where, by file and spelling."""
    needles = {(mark, name): spell(mark.encode()) for mark in MARKS for name, spell in SPELLINGS.items()}
    hits = []
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        for content in unpacked(path.read_bytes()):
            hits += [(path.name, f"{mark} in {name}") for (mark, name), needle in needles.items() if needle in content]
    return hits


def told(world: World) -> UUID:
    """A household of marks, a letter of marks about it."""
    name, shelter, phone, *_ = MARKS
    given, family = name.split()
    new = make_people.new(
        world.known.sites[0],
        make_people.member(given, family),
        shelter=shelter,
        phones=(f"+{phone}",),
        account=NewAccount(AccountKind.MOBILE_MONEY, f"+{phone}"),
    )
    with world.records.work(Actor(world.known.seats["registrar"])) as work:
        household = register(work, new)
    make_room.letter(
        world.records, household, make_room.TALK_TODAY, site_id=world.known.sites[0], told=MARKS[5], wishes={"collector": MARKS[3]}
    )
    return household


@pytest.fixture
def world(small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    shutil.copytree(small.folder, tmp_path / "disk")
    key = tmp_path / "disk" / "office" / "keys" / "office.key"
    monkeypatch.setenv("CBI_OFFICE_KEY", key.read_text("ascii").strip())
    key.unlink()
    with opened(tmp_path / "disk", small.known) as one:
        yield one


def test_at_five_moments_no_file_holds_anything_a_person_told(world: World, tmp_path: Path):
    at: dict[str, list[tuple[str, str]]] = {}
    household = told(world)
    at["fresh"] = found_in(world.folder)

    room_steps.unlock(world, 0)
    room_steps.read(world, 0)
    at["while the room is open"] = found_in(world.folder)

    wish = {ArrangementKind.COLLECTOR: {"name": MARKS[3], "contact": f"+{MARKS[4]}"}, ArrangementKind.PARTS: 2}
    assert household in room_steps.households_waiting(world)
    assert room_steps.wish_through_the_room(world, household, wish)
    office_steps.publish(world, 0)
    at["after a decision"] = found_in(world.folder)

    with world.records.work(Actor(world.known.seats["registrar"])) as work:
        erasure.erase(work, household)
    assert checkpoint_wal(world.records.engine)
    world.room.lock_all()
    room_steps.unlock(world, 1)
    world.room.settle()
    at["after erasing and forgetting"] = found_in(world.folder)

    settings = Settings(data=world.folder)
    backup(settings, "office", world.folder / "office.backup")
    at["after a backup"] = found_in(world.folder)

    assert at == {moment: [] for moment in at}
    assert len(at) == 5


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("packing", [*PACKINGS, ""])
def test_the_search_finds_a_mark_in_every_spelling_and_packing(spelling: str, packing: str, tmp_path: Path):
    planted = b"before " + SPELLINGS[spelling](MARKS[0].encode()) + b" after"
    (tmp_path / "left.behind").write_bytes(b"\x00\x01" + PACKINGS.get(packing, bytes)(planted) + b"\x00")

    assert found_in(tmp_path) == [("left.behind", f"{MARKS[0]} in {spelling}")]


def test_a_name_written_into_a_table_would_be_found(world: World, tmp_path: Path):
    from cbi.store.work import write_setting

    with world.records.work(Actor()) as work:
        write_setting(work.session, work.system, "note", json.dumps(MARKS[0]))

    assert ("office.db-wal", f"{MARKS[0]} in utf-8") in found_in(world.folder)
