"""Takes the hour of writing out of a workbook: the same content is the same bytes, whenever somebody asks for it."""

from __future__ import annotations

import re
import shutil
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_PROPERTIES = "docProps/core.xml"
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(<)")
_NO_TIME = (1980, 1, 1, 0, 0, 0)
UNDATED = datetime(*_NO_TIME)  # noqa: DTZ001 -- times in a workbook have no zone


def dated(original: Path) -> bool:
    """Whether a workbook says itself when it was written."""
    with ZipFile(original) as book:
        return _PROPERTIES in book.namelist()


def settle(path: Path, modified: datetime) -> None:
    """Pack a saved workbook again without the times of saving. modified: what it says instead, as the file it was made from did."""
    told = modified.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    beside = path.with_name(f"{path.name}.settled")
    with ZipFile(path) as made, ZipFile(beside, "w", ZIP_DEFLATED) as still:
        for name in made.namelist():
            member = ZipInfo(name, _NO_TIME)
            member.compress_type = ZIP_DEFLATED
            if name == _PROPERTIES:
                still.writestr(member, _MODIFIED.sub(rb"\g<1>" + told + rb"\g<2>", made.read(name)))
                continue
            with made.open(name) as content, still.open(member, "w") as out:
                shutil.copyfileobj(content, out)
    beside.replace(path)
