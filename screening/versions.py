"""Which version of an instrument is the newer one: two numbers, and a draft comes before what it becomes."""

import re

_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})(-draft)?", re.ASCII)


def is_version(text: str) -> bool:
    """Whether this is a version that can be put in order."""
    return _VERSION.fullmatch(text) is not None


def order(version: str) -> tuple[int, int, bool]:
    """What versions are sorted by: "0.1-draft" < "0.1" < "0.2" < "1.0". Raises ValueError for anything else."""
    found = _VERSION.fullmatch(version)
    if found is None:
        raise ValueError(version)
    return int(found[1]), int(found[2]), found[3] is None


def next_after(*versions: str) -> str:
    """The version that follows the newest of these."""
    major, minor, _ = max(order(version) for version in versions)
    return f"{major}.{minor + 1}"
