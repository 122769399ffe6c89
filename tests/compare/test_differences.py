"""Hints name what a difference looks like; a row's hash is equal exactly where its values are."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import pytest
from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from jobs.compare import HINTS, exactly, row_hash, why
from tests.conf import changed

# type -> left, right, the hints, whichever stands left.
Differences = list[tuple[str | None, str | None, list[str]]]
STAMPS: Differences = [
    ("2026-01-02 03:04:05", "2026-01-02 05:04:05", ["whole_hour"]),
    ("2026-01-02 03:04:05", "2026-01-05 03:04:05", []),
    ("2026-01-02 03:04:05", "2026-01-02 03:34:05", []),
    ("2026-01-02 03:04:05.678901", "2026-01-02 03:04:05.678", ["truncation"]),
    ("2026-01-02 03:04:05.678901", "2026-01-02 03:04:05.679", ["rounding"]),
    ("2026-01-02 03:04:05.678901", "2026-01-02 03:04:06", ["rounding"]),
    ("2026-01-02 03:04:05.678901", "2026-01-02", ["truncation"]),
    ("2026-01-02 03:00:00", "2026-01-02", ["whole_hour", "truncation"]),
    ("2026-01-02", "2026-01-03", []), ("2026-01-02 03:04:05", "2026-01-03 03:04:05", []),
    ("2026-01-02 03:00:00", "2026-01-02 03:34:05", []),
    ("0001-01-01 00:00:00", "9999-12-31 23:59:59", []),
    (None, "2026-01-02", []), ("2026-01-02", "2026-01-02", []),
]  # fmt: skip
DIFFERENCES: dict[str, Differences] = {
    "string": [
        ("PAID", "paid", ["case"]), ("a b", "ab", ["whitespace"]), ("a ", "a", ["whitespace"]),
        ("A b", "ab", ["case", "whitespace"]), ("Main Stree", "Main Street 7", ["truncation"]),
        ("", "abc", []), ("1", "10", []), ("12", "12.5", []),
        ("A-1", "A-10", ["truncation"]),
        ("abc", "abd", []), ("a", "a", []), (None, "a", []), (None, None, []), ("ß", "SS", ["case"]),
    ],
    "decimal(12,4)": [
        ("12.35", "12.3456", ["rounding"]), ("12.34", "12.3456", []),
        ("12.34", "12.341", ["rounding"]),
        ("12", "12.9", []), ("1", "10", []), ("0", "0.0001", []),
        ("12.3", "12.4", []), ("12.5", "1250", ["x100"]),
        ("-12.34", "-12.3456", []),
        ("0", "100", []), ("1", "100.0001", []), ("1.5", "1.5", []), (None, "1", []),
        ("9.9999", "10", ["rounding"]),
    ],
    "decimal(38,18)": [
        ("0.3", "0.300000000000000001", ["rounding"]), ("99999999999999999999", "0.999999999999999999", []),
    ],
    "double": [
        ("0.3", "0.30000000000000004", ["rounding"]), ("12.5", "1250", ["x100"]), ("NaN", "1", []),
        ("Infinity", "1", []),
        ("Infinity", "-Infinity", []), ("-0.0", "0.0", []), ("1e300", "1e302", ["x100"]),
        ("1e300", "2e300", []),
        ("NaN", "NaN", []), ("12.34", "12.3456", []), ("0", "0.4", []),
    ],
    "float": [("12.5", "1250", ["x100"]), ("0.1", "0.123", ["rounding"])],
    "bigint": [
        ("7", "700", ["x100"]), ("7", "701", []), ("9223372036854775807", "-9223372036854775808", []),
        ("0", "0", []),
    ],
    "boolean": [("true", "false", [])],
    "date": [("2026-01-02", "2026-01-03", [])],
    "timestamp": STAMPS,
    "timestamp_ntz": STAMPS,
}  # fmt: skip


@pytest.fixture(scope="module")
def hints(spark: SparkSession) -> dict[tuple[str, str | None, str | None], list[str]]:
    """Every pair of texts, each way round, in every type, in one job."""
    told = {pair[:2] for pairs in DIFFERENCES.values() for pair in pairs}
    pairs = list(told | {(right, left) for left, right in told})
    columns = [why(F.col("l").try_cast(type_), F.col("r").try_cast(type_), type_) for type_ in DIFFERENCES]
    frame = spark.createDataFrame([(n, *pair) for n, pair in enumerate(pairs)], "n int, l string, r string")
    rows = frame.repartition(1).select("n", F.array(*columns).alias("hints")).collect()
    return {
        (type_, *pairs[row["n"]]): found
        for row in rows
        for type_, found in zip(DIFFERENCES, row["hints"], strict=True)
    }


@pytest.mark.parametrize("type_", DIFFERENCES)
def test_a_difference_is_named_by_what_it_looks_like(hints: Any, type_: str) -> None:
    wanted = {(left, right): told for left, right, told in DIFFERENCES[type_]}
    assert {pair: hints[(type_, *pair)] for pair in wanted} == wanted
    assert {pair: hints[(type_, pair[1], pair[0])] for pair in wanted} == wanted


def test_hints_are_never_null_and_known(hints: Any) -> None:
    assert {hint for found in hints.values() for hint in found} == set(HINTS)


TYPES = {
    "a": "string",
    "b": "string",
    "d": "double",
    "f": "float",
    "m": "decimal(12,2)",
    "i": "int",
    "t": "timestamp",
}
COLUMNS = list(TYPES.items())
ROWS: list[tuple[str | None, ...]] = [
    ("x", "y", "0.0", "0.0", "1.50", "1", "2026-01-02"),
    ("x", "y", "-0.0", "-0.0", "1.5", "1", "2026-01-02 00:00:00"),
    ("x", "y", "NaN", "NaN", "1.5", "1", None),
    ("x", "y", "nan", "nan", "1.5", "1", None),
    ("x", None, "0", "0", "1.5", "1", "2026-01-02"),
    (None, "x", "0", "0", "1.5", "1", "2026-01-02"),
    ("xy", "", "0", "0", "1.5", "1", "2026-01-02"),
    ("", "xy", "0", "0", "1.5", "1", "2026-01-02"),
    ("x", "y", "0", "0", "1.5", None, "2026-01-02"),
    ("x", "y", "0", "0", None, "1", "2026-01-02"),
    ("x", "y", None, "0", "1.5", "1", "2026-01-02"),
    ("x", "y", "0", "0", "1.51", "1", "2026-01-02"),
    (None,) * 7,
    ("",) + (None,) * 6,
]  # fmt: skip


def _typed(spark: SparkSession) -> Any:
    raw = spark.createDataFrame([(n, *row) for n, row in enumerate(ROWS)], ["n", *TYPES]).repartition(1)
    return raw.select("n", *[F.col(name).cast(type_).alias(name) for name, type_ in TYPES.items()])


@pytest.mark.parametrize("codegen", ["true", "false"], ids=["compiled", "interpreted"])
def test_rows_have_one_hash_exactly_where_their_values_are_equal(spark: SparkSession, codegen: str) -> None:
    frame = _typed(spark).select("*", row_hash(COLUMNS).alias("h"))
    left, right = frame.alias("l"), frame.alias("r")
    same = [exactly(F.col(f"l.{name}"), F.col(f"r.{name}")) for name in TYPES]
    pairs = left.join(right, F.col("l.n") < F.col("r.n")).select(
        F.forall(F.array(*same), lambda each: each), F.col("l.h") == F.col("r.h"), "l.n", "r.n"
    )
    mode = "FALLBACK" if codegen == "true" else "NO_CODEGEN"
    with changed(spark, {"spark.sql.codegen.factoryMode": mode}):
        found = [tuple(row) for row in pairs.collect()]
    assert len(found) == len(list(combinations(ROWS, 2)))
    assert [row for row in found if row[0] != row[1]] == []
    assert {(left, right) for equal, _, left, right in found if equal} == {(0, 1), (2, 3)}


def _hashes(spark: SparkSession, *hashes: Column) -> Sequence[Any]:
    row = _typed(spark).where("n = 0").select(F.array(*hashes).alias("all")).collect()[0]
    found: Sequence[Any] = row["all"]
    return found


def test_the_hash_is_of_names_types_and_salt_but_not_of_the_order_they_are_given_in(
    spark: SparkSession,
) -> None:
    plain, turned, fewer, salted, wider, renamed, elsewhere = _hashes(
        spark,
        row_hash(COLUMNS),
        row_hash(COLUMNS[::-1]),
        row_hash(COLUMNS[:-1]),
        row_hash(COLUMNS, salt=1),
        row_hash([(name, "bigint" if type_ == "int" else type_) for name, type_ in COLUMNS]),
        row_hash([("z", "string"), *COLUMNS[1:]], value=lambda name: F.col("a" if name == "z" else name)),
        row_hash(COLUMNS, value=F.col),
    )
    assert plain == turned == elsewhere
    assert len({plain, fewer, salted, wider, renamed}) == 5


def test_the_hash_of_a_row_stays_what_it_was(spark: SparkSession) -> None:
    """States keep it: another formula is another schema version."""
    columns = [("a", "string"), ("b", "string"), ("m", "decimal(12,2)")]
    assert _hashes(spark, row_hash(columns)) == [49109253137768880]
