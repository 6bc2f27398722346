"""A folder of files to try things out with, without any office: households, what was instructed, what the provider sent, answers."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from cbi.cli.samples.kobo import write_households
from cbi.cli.samples.people import invent
from cbi.cli.samples.provider import write_report
from cbi.transfers.references import new_reference
from reconciliation.instruction import Instruction
from reconciliation.money import Money

HOUSEHOLDS, INSTRUCTED, PAYOUT, ANSWERS = "kobo_households.xlsx", "instructed.csv", "provider_report_example.xlsx", "answers.json"
_DAY = date(2026, 11, 23)
_ANSWERS = {
    "kind": "household",
    "instrument": "delivery-safety-check",
    "answers": {
        "H01": ["daytime", "accompany"],
        "H03": "parts",
        "H05": "partly",
        "H07": "keep",
        "H08": "not_private",
        "H09": "need_help",
    },
    "context": {"mechanism": "mobile_money"},
}


def write_folder(folder: Path, households: int = 420, seed: int = 7, *, instructions: int | None = None) -> None:
    """Write all of them; the same seed gives the same bytes. instructions: at most so many; None for every household with an account."""
    folder.mkdir(parents=True, exist_ok=True)
    write_households(folder / HOUSEHOLDS, households, seed)
    lines = _instructed(households, seed)[:instructions]
    _write_instructed(folder / INSTRUCTED, lines)
    write_report(folder / PAYOUT, lines, seed=seed, day=_DAY)
    (folder / ANSWERS).write_text(json.dumps(_ANSWERS, indent=2) + "\n", "utf-8")


def _instructed(households: int, seed: int) -> list[Instruction]:
    """What the example's formula gives every household with an account: 4,500 and 1,250 for each member up to eight."""
    chance = random.Random(f"{seed}:references")  # noqa: S311 -- invented, repeatable
    return [
        Instruction(
            new_reference(chance),
            Money(450_000 + 125_000 * min(len(home.people), 8), "KES"),
            name=f"{home.people[0].given} {home.people[0].family}",
            phone=home.account_number,
            provider="Sparrow Mobile Money",
            site=home.site,
        )
        for home in invent(households, seed)
        if home.account_number
    ]


def _write_instructed(path: Path, lines: Sequence[Instruction]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("reference", "amount", "currency", "name", "phone", "provider", "site"))
        for line in lines:
            writer.writerow((line.reference, line.amount.decimal(), line.amount.currency, line.name, line.phone, line.provider, line.site))
