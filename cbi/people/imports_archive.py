"""An archive of csv files, as ODK sends a form with its repeated groups: one table for each, read as the sheets of one workbook."""

from __future__ import annotations

import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path, PurePosixPath

from cbi.web.words import _
from reconciliation.sheets import Sheets, UnreadableFile
from reconciliation.workbook import open_rows

_MOST_FILES, _MOST_BYTES = 40, 400 * 1024 * 1024


def tables_in(path: Path) -> list[zipfile.ZipInfo]:
    """The csv files of an archive of nothing but csv files, outermost first; none for any other file."""
    if not zipfile.is_zipfile(path):
        return []
    try:
        with zipfile.ZipFile(path) as archive:
            found = [one for one in archive.infolist() if not one.is_dir()]
    except zipfile.BadZipFile:
        return []
    of_forms = [one for one in found if one.filename.casefold().endswith(".csv")]
    # Pictures and other attachments of a form travel in a folder of their own.
    others = [one for one in found if one not in of_forms and not one.filename.startswith("media/")]
    return [] if others else sorted(of_forms, key=lambda one: (len(one.filename), one.filename))


def open_tables(path: Path, tables: list[zipfile.ZipInfo]) -> Sheets:
    """Each table a sheet of its file's name. They are laid down beside the archive, in a folder that goes again. Raises UnreadableFile."""
    if len(tables) > _MOST_FILES or sum(one.file_size for one in tables) > _MOST_BYTES:
        raise UnreadableFile(_("split the archive: it holds more than %(most)s tables, or more than 400 MB", most=_MOST_FILES))
    sheets = []
    with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory(prefix="open-", dir=path.parent) as folder:
        for number, one in enumerate(tables):
            laid = Path(folder) / f"{number}.csv"
            laid.write_bytes(_bytes_of(archive, one))
            name = PurePosixPath(one.filename).stem
            sheets += [replace(sheet, name=name) for sheet in open_rows(laid).sheets[:1]]
    return Sheets("csv", tuple(sheets))


def _bytes_of(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(one) as file:
            content = file.read(one.file_size + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        raise UnreadableFile(_("send the archive again, without a password: a table in it cannot be read")) from None
    return content
