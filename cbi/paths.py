"""Where files lie: what is shipped with the program, and what belongs to one operation."""

from __future__ import annotations

from pathlib import Path

import platformdirs

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent


def bundled(name: str) -> Path:
    """A shipped folder ("templates", "sample_data"): beside the package in a checkout, inside it when installed."""
    inside = _PACKAGE / "_bundled" / name
    return inside if inside.is_dir() else _CHECKOUT / name


def default_data_folder() -> Path:
    """`./instance` when run from a checkout, else the platform's folder for user data."""
    here = Path.cwd()
    if (here / "pyproject.toml").is_file() and (here / "cbi" / "paths.py").is_file():
        return here / "instance"
    return Path(platformdirs.user_data_dir("cbi-manager", appauthor=False))


def private_folder(path: Path) -> Path:
    """The folder, made if need be, readable by its owner only."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    return path
