"""Takes the password off a protected workbook, in memory: what was inside is written nowhere."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import IO
from xml.parsers.expat import ExpatError

from reconciliation.formats import Form, form_in
from reconciliation.sheets import PasswordNeeded, UnreadableFile

_PROTECTED = "give the file's password: it is protected"
_WRONG = "give the file's password again: this one does not open it"
_UNKNOWN_PROTECTION = "save it without its password and send that: it is protected in a way that cannot be opened here"
# What libraries raise over bytes that make no sense to them.
_NO_SENSE = (
    OSError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    AssertionError,
    NotImplementedError,
    struct.error,
    ExpatError,
)
# Excel protects workbooks against changes with this word and opens them without asking ([MS-OFFCRYPTO] 2.4.2.3).
_OPENS_UNASKED = "VelvetSweatshop"


@dataclass(slots=True)
class Opened:
    """The bytes a reader is given, after a password was taken off them in memory."""

    form: Form
    source: IO[bytes]


def without_password(file: IO[bytes], form: Form, password: str | None) -> Opened:
    """What a reader is given of an open file. Raises PasswordNeeded, and UnreadableFile for a protection that cannot be taken off."""
    if form is Form.PROTECTED or (form is Form.XLS and _is_encrypted(file)):
        clear = _decrypted(file, password)
        return Opened(form_in(clear) if form is Form.PROTECTED else form, clear)
    return Opened(form, file)


def _is_encrypted(file: IO[bytes]) -> bool:
    import msoffcrypto
    from msoffcrypto.exceptions import FileFormatError, ParseError

    try:
        file.seek(0)
        return bool(msoffcrypto.OfficeFile(file).is_encrypted())
    except (FileFormatError, ParseError, *_NO_SENSE):
        return False  # the reader tells what is wrong with it


def _decrypted(file: IO[bytes], password: str | None) -> IO[bytes]:
    """The workbook in memory, without its password. Raises PasswordNeeded, and UnreadableFile for a protection that cannot be taken off."""
    import msoffcrypto
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError
    from msoffcrypto.format import xls97

    xls97.tempfile = _InMemory  # it would write the open workbook to the disk, which a reader may not
    clear = io.BytesIO()
    try:
        file.seek(0)
        office = msoffcrypto.OfficeFile(file)
        office.load_key(password=password or _OPENS_UNASKED)
        office.decrypt(clear)
    except InvalidKeyError:
        raise PasswordNeeded(_WRONG if password else _PROTECTED) from None
    except (FileFormatError, ParseError, DecryptionError, *_NO_SENSE):
        raise UnreadableFile(_UNKNOWN_PROTECTION) from None
    clear.seek(0)
    return clear


class _InMemory:
    """Stands in for the module `tempfile` where a library asks for a file to write to."""

    TemporaryFile = io.BytesIO
