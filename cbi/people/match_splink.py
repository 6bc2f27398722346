"""The model in Splink: to train its weights, and to run it beyond one machine. Needs the extra `dedup`.

Splink is given people as `match_columns` reads them, and every step as SQL, so that it sees in a pair what `match_pairs` sees.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from cbi.people import match_pairs
from cbi.people.match_blocks import keys_of
from cbi.people.match_columns import NOBODY, PARTS, YEARS_APART, Columns
from cbi.people.match_model import NAMES, OWN, STEPS, Aspect, Chances, Model, Step

if TYPE_CHECKING:
    from splink import SettingsCreator

Engine = Literal["duckdb", "spark"]
SMALLEST_M, SMALLEST_U = 0.001, 0.000_001
"""A step nobody saw in training is not impossible."""
_PEOPLE = "id"
SPARK_SCHEMA = (
    "id int, household int, part_0 string, part_1 string, part_2 string, sound_0 int, sound_1 int, sound_2 int, year int, day int, rounded int, sex int,"
    " document_0 string, document_1 string, phones array<int>, site int, shelter string, others array<bigint>, others_about array<bigint>,"
    " keys array<int>, who int"
)
"""The columns of `rows_of` as Spark names their types."""


def rows_of(columns: Columns, who: list[int] | None = None) -> list[dict[str, Any]]:  # Any: what a table of an engine holds
    """The people as rows for Splink. who: the true identity of each, for training."""
    keys = keys_of(columns)
    return [{**row, "keys": keys[place], "who": who[place] if who else None} for place, row in enumerate(_rows(columns))]


def _rows(columns: Columns) -> Iterator[dict[str, Any]]:  # Any: as above
    for place in range(columns.count):
        others = [int(other) for other in columns.others[place] if other != NOBODY]
        parts = [columns.parts.every[number] if number != NOBODY else None for number in columns.part[place]]
        yield {
            _PEOPLE: place,
            "household": int(columns.household[place]),
            **{f"part_{number}": part for number, part in enumerate(parts)},
            **{f"sound_{number}": int(sound) if sound != NOBODY else None for number, sound in enumerate(columns.sound[place])},
            "year": int(columns.year[place]) or None,
            "day": int(columns.day[place]) or None,
            "rounded": int(columns.rounded[place]),
            "sex": int(columns.sex[place]) or None,
            **{
                f"document_{number}": columns.documents.every[document] if document != NOBODY else None
                for number, document in enumerate(columns.document[place])
            },
            "phones": [int(phone) for phone in columns.phone[place] if phone != NOBODY],
            "site": int(columns.site[place]) if columns.site[place] != NOBODY else None,
            "shelter": columns.shelters.every[columns.shelter[place]] if columns.shelter[place] != NOBODY else None,
            "others": others,
            "others_about": sorted({other + years for other in others for years in range(-YEARS_APART, YEARS_APART + 1)}),
        }


def settings(engine: Engine, model: Model | None = None) -> SettingsCreator:
    """The model as Splink reads it. model: its figures; None for one that is still to be trained."""
    from splink import SettingsCreator, block_on

    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name=_PEOPLE,
        comparisons=[_comparison(aspect, engine, model) for aspect in STEPS],
        blocking_rules_to_generate_predictions=[block_on("keys", arrays_to_explode=["keys"])],
        probability_two_random_records_match=0.5,  # weights are told without how likely a pair is beforehand
        additional_columns_to_retain=["household"],
        retain_intermediate_calculation_columns=True,
    )


def _comparison(aspect: Aspect, engine: Engine, model: Model | None) -> dict[str, Any]:  # Any: Splink's own settings
    conditions = _conditions(engine)[aspect]
    levels: list[dict[str, Any]] = [{"sql_condition": conditions[0], "label_for_charts": "unseen", "is_null_level": True}]
    for step, condition in zip(STEPS[aspect], (*conditions[1:], "ELSE"), strict=True):
        level: dict[str, Any] = {"sql_condition": condition, "label_for_charts": step.value}
        if model is not None:
            level |= {"m_probability": model.chances[aspect][step].m, "u_probability": model.chances[aspect][step].u}
        levels.append(level)
    return {"output_column_name": aspect.value, "comparison_levels": levels}


def _conditions(engine: Engine) -> dict[Aspect, tuple[str, ...]]:
    """For each aspect what has to hold so that it is unseen, then for each step but the last."""
    given, family = _names()
    met = "size(array_intersect({0}, {1}))" if engine == "spark" else "len(list_intersect({0}, {1}))"
    empty = "size({0})" if engine == "spark" else "len({0})"
    phones = met.format("phones_l", "phones_r")
    others = f"least({met.format('others_l', 'others_about_r')}, {met.format('others_r', 'others_about_l')})"
    return {
        Aspect.GIVEN: ("part_0_l IS NULL OR part_0_r IS NULL", *(f"{given} = {rank}" for rank in (3, 2, 1))),
        Aspect.FAMILY: ("part_1_l IS NULL OR part_1_r IS NULL", *(f"{family} = {rank}" for rank in (3, 2, 1))),
        Aspect.BORN: _births(),
        Aspect.SEX: ("sex_l IS NULL OR sex_r IS NULL", "sex_l = sex_r"),
        Aspect.DOCUMENT: _documents(),
        Aspect.PHONE: (f"{empty.format('phones_l')} = 0 OR {empty.format('phones_r')} = 0", f"{phones} > 0"),
        Aspect.SITE: ("site_l IS NULL OR site_r IS NULL", "site_l = site_r"),
        Aspect.SHELTER: (
            "shelter_l IS NULL OR shelter_r IS NULL",
            "shelter_l = shelter_r",
            _near("shelter_l", "shelter_r", match_pairs.SHELTER_FROM, f"floor({{shorter}} / {match_pairs.SHELTER_ONE_IN})"),
        ),
        Aspect.OTHERS: (
            f"{empty.format('others_l')} = 0 OR {empty.format('others_r')} = 0",
            f"{others} >= 3",
            f"{others} = 2",
            f"{others} = 1",
        ),
    }


def _near(one: str, other: str, shortest: int, allowed: str) -> str:
    """No more letters have to be changed than the shorter of two texts allows."""
    shorter = f"least(length({one}), length({other}))"
    return f"({shorter} >= {shortest} AND levenshtein({one}, {other}) <= {allowed.format(shorter=shorter)})"


def _two_above(one_up_to: int) -> str:
    return f"CASE WHEN {{shorter}} > {one_up_to} THEN 2 ELSE 1 END"


def _rank(one: int, other: int) -> str:
    mine, theirs = f"part_{one}_l", f"part_{other}_r"
    near = _near(mine, theirs, match_pairs.SHORTEST, _two_above(match_pairs.ONE_CHANGE_UP_TO))
    return (
        f"CASE WHEN {mine} IS NULL OR {theirs} IS NULL THEN 0 WHEN {mine} = {theirs} THEN 3 WHEN {near} THEN 2"
        f" WHEN sound_{one}_l = sound_{other}_r THEN 1 ELSE 0 END"
    )


def _best(ranks: list[str]) -> str:
    return f"greatest({', '.join(ranks)})"


def _names() -> tuple[str, str]:
    """The ranks of given and family name as `match_pairs` finds them: straight or swapped, whichever fits better."""
    rest = range(1, PARTS)
    first, tail = _rank(0, 0), _best([_rank(one, other) for one in rest for other in rest])
    ahead, behind = _best([_rank(0, other) for other in rest]), _best([_rank(one, 0) for one in rest])
    swapped = f"({ahead}) + ({behind}) > ({first}) + ({tail})"
    given = f"(CASE WHEN {swapped} THEN greatest({ahead}, {behind}) ELSE {first} END)"
    return given, f"(CASE WHEN {swapped} THEN least({ahead}, {behind}) ELSE {tail} END)"


def _births() -> tuple[str, ...]:
    def parts(side: str) -> tuple[str, str, str]:
        return f"floor(day_{side} / 10000)", f"floor(day_{side} / 100) % 100", f"day_{side} % 100"

    (year, month, date), (year_r, month_r, date_r) = parts("l"), parts("r")
    same = [f"(CASE WHEN {one} = {other} THEN 1 ELSE 0 END)" for one, other in ((year, year_r), (month, month_r), (date, date_r))]
    near = f"(({' + '.join(same)}) = 2 OR ({year} = {year_r} AND {month} = {date_r} AND {date} = {month_r}))"
    whole, apart = "day_l IS NOT NULL AND day_r IS NOT NULL", "abs(year_l - year_r)"
    return (
        "year_l IS NULL OR year_r IS NULL",
        f"{whole} AND day_l = day_r",
        f"{whole} AND {near}",
        *(f"{apart} = {years}" for years in range(3)),
        f"{apart} <= 5 AND (rounded_l = 1 OR rounded_r = 1)",
    )


def _documents() -> tuple[str, ...]:
    pairs = [(f"document_{one}_l", f"document_{other}_r") for one in range(2) for other in range(2)]
    return (
        "document_0_l IS NULL OR document_0_r IS NULL",
        " OR ".join(f"{one} = {other}" for one, other in pairs),
        " OR ".join(_near(one, other, match_pairs.DOCUMENT_FROM, _two_above(match_pairs.DOCUMENT_ONE_UP_TO)) for one, other in pairs),
    )


def train(columns: Columns, who: list[int], *, bounds: Model, made_by: str, pairs: float = 2e6) -> Model:
    """The chances of every step, by Splink on DuckDB in memory: m from people known to be the same, u from pairs drawn at random."""
    import pandas as pd
    from splink import DuckDBAPI, Linker

    api = DuckDBAPI(connection=in_memory())
    people = pd.DataFrame(rows_of(columns, who))
    strangers = people.drop_duplicates("household").drop_duplicates("who")  # who lives together is not drawn at random
    unlike = Linker(api.register(strangers, table_name="strangers"), settings("duckdb"))
    unlike.training.estimate_u_using_random_sampling(max_pairs=pairs, seed=1, min_count_per_level=None)
    alike = Linker(api.register(people, table_name="people"), settings("duckdb"))
    alike.training.estimate_m_from_label_column("who")
    seen, drawn = (_by_aspect(one.misc.save_model_to_json(None)) for one in (alike, unlike))
    chances = {aspect: _learned(aspect, seen[aspect], drawn[aspect]) for aspect in STEPS}
    return replace(bounds, chances=chances, made_by=made_by)


def in_memory() -> Any:  # Any: a connection of DuckDB, which this module does not need to be typed
    """A database that never touches the disk, not even when it is short of memory."""
    import duckdb

    connection = duckdb.connect(":memory:")
    connection.execute("SET temp_directory = ''")
    return connection


def _by_aspect(learned: dict[str, Any]) -> dict[Aspect, dict[str, Any]]:  # Any: Splink's own settings
    levels = {one["output_column_name"]: one["comparison_levels"] for one in learned["comparisons"]}
    return {aspect: {level["label_for_charts"]: level for level in levels[aspect.value]} for aspect in STEPS}


def _learned(aspect: Aspect, seen: dict[str, Any], drawn: dict[str, Any]) -> dict[Step, Chances]:  # Any: as above
    return {
        step: Chances(
            round(max(SMALLEST_M, seen[step.value].get("m_probability") or 0.0), 6),
            round(max(SMALLEST_U, drawn[step.value].get("u_probability") or 0.0), 9),
        )
        for step in STEPS[aspect]
    }


def found(predictions: Any, model: Model, people: int) -> set[tuple[int, int]]:  # Any: a pandas frame
    """The pairs of Splink's predictions that are put before somebody, by the rules of `match_pairs.found`."""

    def said(aspects: Iterable[Aspect]) -> Any:  # Any: a column
        return sum(_weights(model, aspect)[predictions[f"gamma_{aspect.value}"].to_numpy()] for aspect in aspects)

    told = (said(OWN) >= model.own_from) & (said(set(STEPS) - set(NAMES)) >= model.besides_from)
    apart = predictions["household_l"] != predictions["household_r"]
    kept = predictions[(predictions["match_weight"] >= model.found_from(people)) & told & apart]
    return {(int(min(pair)), int(max(pair))) for pair in zip(kept[f"{_PEOPLE}_l"], kept[f"{_PEOPLE}_r"], strict=True)}


def _weights(model: Model, aspect: Aspect) -> npt.NDArray[np.float64]:
    """The weights of an aspect's steps as Splink numbers them: the last step is 0, and what is unseen -1."""
    return np.array([*(model.weight(aspect, step) for step in reversed(STEPS[aspect])), 0.0])
