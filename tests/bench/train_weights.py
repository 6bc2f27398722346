"""Learn the weights of the model and write them where the program reads them: `python -m tests.bench.train_weights [FILE]`.

The people are invented, of the world TRAINING, whose names and mistakes the figures are never measured on. Needs the extra `dedup`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from cbi.people.match_columns import columns_of
from cbi.people.match_model import SHIPPED, Model
from cbi.people.match_splink import train
from tests.bench import invented

PEOPLE = 30_000
BOUNDS = Model({}, above_chance=1.0, own_from=2.0, besides_from=-2.5, likely_from=6.0, certain_from=14.0, made_by="")
MADE_BY = f"python -m tests.bench.train_weights: Splink, {PEOPLE:,} invented people of the world “training”, seed {invented.TRAINING.seed}"


def main(target: Path) -> None:
    """Train and write."""
    people = invented.make(invented.TRAINING, PEOPLE)
    model = train(columns_of(people.people), people.who, bounds=BOUNDS, made_by=MADE_BY)
    target.write_text(json.dumps(model.to_json(), ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else SHIPPED)
