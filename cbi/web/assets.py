"""Addresses of our own style sheets and scripts, with a mark of their content, so that browsers may keep them for long."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from flask import current_app, url_for


def asset(name: str) -> str:
    """The address of a file under `cbi/static`, ending in `?v=` and its content's mark. Raises FileNotFoundError for a misspelt name."""
    file = Path(current_app.static_folder or "") / name
    return url_for("static", filename=name, v=_mark(file, file.stat().st_mtime_ns))


@lru_cache(maxsize=256)
def _mark(file: Path, _changed: int) -> str:
    """Ten characters of the content's hash; read again only when the file was written again."""
    return sha256(file.read_bytes()).hexdigest()[:10]
