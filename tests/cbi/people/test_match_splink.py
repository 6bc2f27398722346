"""The model in Splink, here on DuckDB and on Spark in local mode, finds the pairs that the program finds."""

from __future__ import annotations

import shutil
from importlib.util import find_spec

import pytest

from cbi.people import match_blocks, match_pairs
from cbi.people.match_columns import Columns, columns_of
from cbi.people.match_model import shipped
from tests.bench import invented

pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore"),  # of libraries this project does not need to be clean
    pytest.mark.skipif(find_spec("splink") is None, reason="the extra `dedup` is not installed"),
]
NO_SPARK = (
    "Spark needs the package pyspark" if find_spec("pyspark") is None else "Spark needs a Java runtime" if not shutil.which("java") else ""
)


@pytest.fixture(scope="module")
def columns() -> Columns:
    return columns_of(invented.make(invented.MEASURING, 3_000).people)


def ours(columns: Columns) -> set[tuple[int, int]]:
    compared = match_pairs.compare(columns, *match_blocks.candidates(columns), shipped())
    told = match_pairs.found(compared, shipped(), columns.count)
    return set(zip(told.left.tolist(), told.right.tolist(), strict=True))


def test_splink_on_duckdb_finds_the_same_pairs(columns: Columns):
    import pandas as pd
    from splink import DuckDBAPI, Linker

    from cbi.people import match_splink

    api = DuckDBAPI(connection=match_splink.in_memory())
    linker = Linker(
        api.register(pd.DataFrame(match_splink.rows_of(columns)).drop(columns="who")), match_splink.settings("duckdb", shipped())
    )
    predictions = linker.inference.predict(threshold_match_weight=0).as_pandas_dataframe()

    assert match_splink.found(predictions, shipped(), columns.count) == ours(columns)


@pytest.mark.skipif(bool(NO_SPARK), reason=NO_SPARK)
def test_splink_on_spark_finds_the_same_pairs(columns: Columns):
    from pyspark.sql import SparkSession
    from splink import Linker, SparkAPI

    from cbi.people import match_splink

    spark = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.memory", "2g")
        .getOrCreate()
    )
    try:
        api = SparkAPI(spark_session=spark, register_udfs_automatically=False, break_lineage_method="persist")
        table = spark.createDataFrame(match_splink.rows_of(columns), match_splink.SPARK_SCHEMA)
        linker = Linker(api.register(table), match_splink.settings("spark", shipped()))
        predictions = linker.inference.predict(threshold_match_weight=0).as_pandas_dataframe()
    finally:
        spark.stop()

    assert match_splink.found(predictions, shipped(), columns.count) == ours(columns)
