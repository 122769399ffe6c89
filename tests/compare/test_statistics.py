"""The figures of a column over many rows: counts add up, differences are finite and of what differs."""

from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.compare import STATISTICS, equal, statistics
from jobs.settings import Compare

# type -> rule, (left, right) of each row, the figures in the order of STATISTICS.
COLUMNS: dict[str, tuple[Compare | None, list[tuple[str | None, str | None]], tuple[Any, ...]]] = {
    "decimal(12,2)": (
        Compare(absolute=1),
        [("1", "1"), ("1", "2"), ("1", "4"), ("9", "1"), (None, None), (None, "1"), ("1", None), ("1", None)],
        (8, 3, 1, 1, 2, 5, 8.0, 5.5),
    ),
    "bigint": (None, [("9007199254740993", "9007199254740992"), ("3", "3")], (2, 1, 0, 0, 0, 1, 1.0, 1.0)),
    "double": (
        None,
        [("NaN", "NaN"), ("NaN", "1"), ("Infinity", "1"), ("1.5", "1"), ("-0.0", "0.0")],
        (5, 2, 0, 0, 0, 3, 0.5, 0.5),
    ),
    "timestamp": (
        None,
        [("2026-01-02 00:00:00", "2026-01-02 00:00:01.5"), ("2026-01-02", "2026-01-02")],
        (2, 1, 0, 0, 0, 1, 1.5, 1.5),
    ),
    "timestamp_ntz": (None, [("2026-01-02 00:00:00.5", "2026-01-01")], (1, 0, 0, 0, 0, 1, 86400.5, 86400.5)),
    "date": (None, [("2026-01-03", "2026-01-01")], (1, 0, 0, 0, 0, 1, 172800.0, 172800.0)),
    "string": (None, [("a", "b"), ("a", "a")], (2, 1, 0, 0, 0, 1, None, None)),
    "boolean": (Compare(ignore=True), [("true", "false")], (1, 1, 0, 0, 0, 0, None, None)),
    "decimal(38,18)": (
        None,
        [("1.000000000000000001", "1"), ("99999999999999999999", "-99999999999999999999")],
        (2, 0, 0, 0, 0, 2, 1e-18, 1e-18),
    ),
}


@pytest.fixture(scope="module")
def figures(spark: SparkSession) -> dict[str, tuple[Any, ...]]:
    """All columns in one job; a row that is not compared stands in each."""
    rows = [(type_, *pair, True) for type_, (_, pairs, _) in COLUMNS.items() for pair in pairs]
    rows += [(type_, "1", None, unknown) for type_ in COLUMNS for unknown in (False, None)]  # type: ignore[misc]
    frame = spark.createDataFrame(rows, "type string, l string, r string, known boolean")
    aggregates = []
    for type_, (rule, _, _) in COLUMNS.items():
        left, right = (F.col(side).try_cast(type_) for side in "lr")
        known = F.col("known") & (F.col("type") == type_)
        told = statistics(left, right, type_, equal(left, right, type_, rule), known)
        aggregates.append(F.struct(*[told[name].alias(name) for name in STATISTICS]).alias(type_))
    return {type_: tuple(found) for type_, found in frame.agg(*aggregates).collect()[0].asDict().items()}


@pytest.mark.parametrize("type_", COLUMNS)
def test_the_figures_of_a_column(figures: dict[str, tuple[Any, ...]], type_: str) -> None:
    assert figures[type_] == COLUMNS[type_][2]


def test_all_rows_are_compared_unless_it_is_said_which(spark: SparkSession) -> None:
    told = statistics(F.col("l"), F.col("r"), "int", equal(F.col("l"), F.col("r"), "int"))
    frame = spark.createDataFrame([(1, 1), (1, 3), (None, 3)], "l int, r int")
    row = frame.agg(*[told[name].alias(name) for name in STATISTICS]).collect()[0]
    assert row.asDict() == dict(zip(STATISTICS, (3, 1, 0, 1, 0, 2, 2.0, 2.0), strict=True))


def test_without_rows_the_counts_are_zero_and_the_differences_null(spark: SparkSession) -> None:
    told = statistics(F.col("l"), F.col("r"), "int", equal(F.col("l"), F.col("r"), "int"))
    row = spark.createDataFrame([], "l int, r int").agg(*[told[name] for name in STATISTICS]).collect()[0]
    assert tuple(row) == (0, 0, 0, 0, 0, 0, None, None)
