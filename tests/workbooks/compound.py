"""Compound files (the container of .xls and of protected workbooks), written by hand: no library here writes them."""

from __future__ import annotations

import struct
from collections.abc import Mapping

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_LEAST = 4096  # a shorter stream would live in the mini stream, which nothing here needs


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file of these streams; short ones are filled up with zeros to the least size of an ordinary stream."""
    bodies = {name: body.ljust(_LEAST, b"\0") for name, body in sorted(streams.items(), key=lambda each: (len(each[0]), each[0].upper()))}
    sectors: list[bytes] = []
    chain: list[int] = []
    starts = {}
    for name, body in bodies.items():
        starts[name] = _append(sectors, chain, body)
    directory = _append(sectors, chain, _directory(bodies, starts))
    fat_sectors = 1
    while (len(chain) + fat_sectors) * 4 > fat_sectors * _SECTOR:
        fat_sectors += 1
    places = range(len(chain), len(chain) + fat_sectors)
    fat = struct.pack(f"<{len(chain) + fat_sectors}I", *chain, *[_FAT] * fat_sectors)
    sectors.append(fat.ljust(fat_sectors * _SECTOR, b"\xff"))
    return _header(directory, list(places)) + b"".join(sectors)


def _append(sectors: list[bytes], chain: list[int], body: bytes) -> int:
    count = -(-len(body) // _SECTOR)
    first = len(chain)
    chain += [*range(first + 1, first + count), _END]
    sectors.append(body.ljust(count * _SECTOR, b"\0"))
    return first


def _directory(bodies: Mapping[str, bytes], starts: Mapping[str, int]) -> bytes:
    # The tree of names is a chain to the right: unbalanced, and every reader follows it.
    entries = [_entry("Root Entry", 5, child=1 if bodies else _FREE)]
    for place, (name, body) in enumerate(bodies.items(), start=1):
        entries.append(_entry(name, 2, right=place + 1 if place < len(bodies) else _FREE, start=starts[name], size=len(body)))
    while len(entries) % 4:
        entries.append(bytes(68) + struct.pack("<III", _FREE, _FREE, _FREE) + bytes(48))
    return b"".join(entries)


def _entry(name: str, kind: int, *, right: int = _FREE, child: int = _FREE, start: int = _END, size: int = 0) -> bytes:
    written = name.encode("utf-16-le") + b"\0\0"
    head = written.ljust(64, b"\0") + struct.pack("<HBB", len(written), kind, 1)
    return head + struct.pack("<III", _FREE, right, child) + bytes(36) + struct.pack("<IQ", start, size)


def _header(directory: int, fat: list[int]) -> bytes:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, len(fat), directory, 0, _LEAST, _END, 0, _END, 0)
    return head + struct.pack("<109I", *fat, *[_FREE] * (109 - len(fat)))
