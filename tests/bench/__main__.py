"""Measure the engine against its goals and print the table: `python -m tests.bench [largest size]`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests import make
from tests.bench import files, goals, office

_SIZES = (10_000, 100_000, 1_000_000)


def main(largest: int) -> int:
    """Print the table; 0 when every goal is held."""
    folder = Path(tempfile.gettempdir()) / "reconciliation-bench"  # files of a million rows take a minute to make: they are kept
    folder.mkdir(exist_ok=True)
    sizes = [goals.measure_size(folder, rows) for rows in _SIZES if rows <= largest]
    shared = goals.measure_size(folder, min(largest, _SIZES[-1]), shared=True)
    lines = [*goals.against_calamine(sizes[-1]), *goals.against_calamine(shared), goals.against_the_analyst(folder, min(largest, 100_000))]
    if len(sizes) > 1:
        lines.append(goals.growth(sizes))
    with tempfile.TemporaryDirectory() as data:
        made = files.make(folder, min(largest, 100_000))
        lines += goals.of_the_office(office.run(make.office(Path(data)), Path(data), made, folder / "exceptions.xlsx"))
    print("| what | measured | goal | held |\n|---|---|---|---|")
    for line in lines:
        print(f"| {line.what} | {line.measured} | {line.goal} | {'yes' if line.held else 'no'} |")
    return 0 if all(line.held for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else _SIZES[-1]))
