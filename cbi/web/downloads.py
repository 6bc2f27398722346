"""Files made for the person who asks: sent whole, under a neutral name, kept by nobody on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from flask import Response

_AT_ONCE = 1 << 16

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(content: bytes, name: str, mimetype: str = XLSX) -> Response:
    """A file to save; a workbook unless said otherwise."""
    return Response(content, mimetype=mimetype, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def from_folder(path: Path, name: str, mimetype: str, *, leaving: ExitStack) -> Response:
    """The same from a file that stands in a private folder, piece by piece however long it is. leaving: clears the folder away once it is sent."""
    sent = download(b"", name, mimetype)
    sent.content_length = path.stat().st_size
    sent.response = _pieces(path, leaving)
    sent.call_on_close(leaving.close)  # also where nobody waits for the end of it
    return sent


def _pieces(path: Path, leaving: ExitStack) -> Iterator[bytes]:
    with leaving, path.open("rb") as file:
        while piece := file.read(_AT_ONCE):
            yield piece
