"""Workbooks behind a password, in each way in which spreadsheet programs protect them."""

from __future__ import annotations

import io
import struct
from hashlib import md5, sha1
from pathlib import Path

from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from msoffcrypto.format.ooxml import OOXMLFile

from tests.workbooks.compound import compound

PASSWORD = "lantern"
_SALT = bytes(range(16))
_FILEPASS, _BOF, _BOUNDSHEET = 0x2F, 0x809, 0x85
_BLOCK, _LEAST = 1024, 4096


def agile(path: Path, clear: bytes, password: str = PASSWORD) -> Path:
    """The protection of Excel 2010 and later, over an .xlsx or .xlsb."""
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(clear)).encrypt(password, out)
    path.write_bytes(out.getvalue())
    return path


def standard(path: Path, clear: bytes, password: str = PASSWORD) -> Path:
    """The protection of Excel 2007 (AES-128 in ECB, [MS-OFFCRYPTO] 2.3.4.5–9)."""
    key = _standard_key(password)
    verifier = bytes(range(100, 116))
    provider = "Microsoft Enhanced RSA and AES Cryptographic Provider\0".encode("utf-16-le")
    header = struct.pack("<IIIIIIII", 0x24, 0, 0x660E, 0x8004, 128, 0x18, 0, 0) + provider
    check = (
        struct.pack("<I", 16) + _SALT + _ecb(key, verifier) + struct.pack("<I", 20) + _ecb(key, sha1(verifier).digest().ljust(32, b"\0"))
    )
    info = struct.pack("<HHII", 3, 2, 0x24, len(header)) + header + check
    package = struct.pack("<Q", len(clear)) + _ecb(key, clear + bytes(-len(clear) % 16))
    path.write_bytes(compound({"EncryptionInfo": info, "EncryptedPackage": package}))
    return path


def _standard_key(password: str) -> bytes:
    digest = sha1(_SALT + password.encode("utf-16-le")).digest()
    for turn in range(50_000):
        digest = sha1(struct.pack("<I", turn) + digest).digest()
    final = sha1(digest + bytes(4)).digest().ljust(64, b"\0")
    return sha1(bytes(byte ^ 0x36 for byte in final)).digest()[:16]


def _ecb(key: bytes, clear: bytes) -> bytes:
    turn = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return turn.update(clear) + turn.finalize()


def rc4(path: Path, clear: bytes, password: str = PASSWORD) -> Path:
    """The protection of Excel 97 over the Workbook stream of an .xls (RC4 with 40 bits, [MS-OFFCRYPTO] 2.3.6)."""
    verifier = bytes(range(16))
    turn = Cipher(ARC4(_rc4_key(password, 0)), mode=None).encryptor()
    check = turn.update(verifier) + turn.update(md5(verifier).digest())
    filepass = struct.pack("<HH", _FILEPASS, 54) + struct.pack("<HHH", 1, 1, 1) + _SALT + check
    opening = 4 + struct.unpack_from("<H", clear, 2)[0]
    moved = _moved(clear[:opening] + filepass + clear[opening:], len(filepass))
    moved += struct.pack("<HH", 0, max(0, _LEAST - len(moved))) + bytes(max(0, _LEAST - len(moved)))  # whole records to the end
    path.write_bytes(compound({"Workbook": _covered(moved, password)}))
    return path


def _rc4_key(password: str, block: int) -> bytes:
    start = md5(password.encode("utf-16-le")).digest()[:5]
    middle = md5((start + _SALT) * 16).digest()[:5]
    return md5(middle + struct.pack("<I", block)).digest()


def _moved(stream: bytes, by: int) -> bytes:
    made, place = bytearray(stream), 0
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        if kind == _BOUNDSHEET:
            struct.pack_into("<I", made, place + 4, struct.unpack_from("<I", stream, place + 4)[0] + by)
        place += 4 + length
    return bytes(made)


def _covered(stream: bytes, password: str) -> bytes:
    # Heads of records, and a few records as a whole, stay as they are; the cipher runs on beneath them.
    plain, place = [], 0
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        kept = length if kind in {_BOF, _FILEPASS} else 4 if kind == _BOUNDSHEET else 0
        plain += [(place, place + 4 + kept)]
        place += 4 + length
    made = bytearray()
    for block in range(0, len(stream), _BLOCK):
        made += Cipher(ARC4(_rc4_key(password, block // _BLOCK)), mode=None).encryptor().update(stream[block : block + _BLOCK])
    for start, end in plain:
        made[start:end] = stream[start:end]
    return bytes(made)
