"""R1 for values that are typed already: what the new type cannot hold is a misfit, not a rounded value."""

from collections.abc import Iterator
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.spark.casts import fit_typed

MISFIT = "misfit"
PARIS = "Europe/Paris"
SOURCES: dict[str, T.DataType] = {
    type_.simpleString(): type_
    for type_ in (
        T.IntegerType(), T.LongType(), T.FloatType(), T.DoubleType(), T.DecimalType(10, 3),
        T.DecimalType(38, 18), T.DecimalType(38, 0), T.BooleanType(), T.StringType(), T.BinaryType(),
        T.DateType(), T.TimestampType(), T.TimestampNTZType(),
    )
}  # fmt: skip
# from, to, zone -> the value as text -> the value that it becomes, as text; null where it is null.
CASES: dict[tuple[str, str, str], dict[str, Any]] = {
    ("int", "int", "UTC"): {"12": "12"},
    ("int", "bigint", "UTC"): {"-7": "-7"},
    ("bigint", "int", "UTC"): {"2147483647": "2147483647", "2147483648": MISFIT},
    ("bigint", "tinyint", "UTC"): {"127": "127", "300": MISFIT, "-129": MISFIT},
    ("bigint", "decimal(5,2)", "UTC"): {"999": "999.00", "1000": MISFIT},
    ("bigint", "double", "UTC"): {"12": "12.0"},
    ("bigint", "string", "UTC"): {"9007199254740993": "9007199254740993"},
    ("int", "boolean", "UTC"): {"1": "true", "0": "false", "2": MISFIT},
    ("int", "date", "UTC"): {"12": MISFIT},
    ("bigint", "timestamp", "UTC"): {"12": MISFIT},
    ("boolean", "int", "UTC"): {"true": "1", "false": "0"},
    ("boolean", "decimal(5,2)", "UTC"): {"true": "1.00"},
    ("boolean", "string", "UTC"): {"true": "true"},
    ("boolean", "date", "UTC"): {"true": MISFIT},
    ("double", "decimal(12,2)", "UTC"): {
        "0.3": "0.30", "0.30000000000000004": MISFIT, "1e9": "1000000000.00", "1e10": MISFIT, "NaN": MISFIT,
        "Infinity": MISFIT, "-0.0": "0.00",
    },
    ("double", "int", "UTC"): {"12": "12", "12.5": MISFIT, "1e7": "10000000", "1e10": MISFIT, "NaN": MISFIT},
    ("double", "bigint", "UTC"): {"1e10": "10000000000", "1e19": MISFIT},
    ("double", "float", "UTC"): {
        "0.5": "0.5", "1e300": MISFIT, "1e-300": MISFIT, "NaN": "NaN", "-Infinity": "-Infinity",
    },
    ("double", "string", "UTC"): {"0.1": "0.1"},
    ("float", "double", "UTC"): {"0.1": "0.10000000149011612", "NaN": "NaN"},
    ("float", "decimal(12,2)", "UTC"): {"0.1": "0.10", "0.125": MISFIT},
    ("decimal(10,3)", "decimal(12,2)", "UTC"): {"1.500": "1.50", "1.255": MISFIT, "-99.99": "-99.99"},
    ("decimal(10,3)", "decimal(3,1)", "UTC"): {"99.9": "99.9", "99.95": MISFIT, "100": MISFIT},
    ("decimal(10,3)", "int", "UTC"): {"12.000": "12", "12.500": MISFIT, "-0.001": MISFIT},
    ("decimal(38,0)", "bigint", "UTC"): {str(2**63 - 1): str(2**63 - 1), str(2**63): MISFIT},
    ("decimal(38,18)", "decimal(38,0)", "UTC"): {"1234567890123456789": "1234567890123456789", "0.5": MISFIT},
    ("decimal(38,0)", "decimal(38,18)", "UTC"): {"1": "1.000000000000000000", "9" * 38: MISFIT},
    ("decimal(10,3)", "double", "UTC"): {"0.1": "0.1"},
    ("decimal(38,18)", "string", "UTC"): {"0": "0.000000000000000000", "-1.5": "-1.500000000000000000"},
    ("decimal(38,0)", "string", "UTC"): {"12": "12"},
    ("decimal(10,3)", "boolean", "UTC"): {"1.000": "true", "0.500": MISFIT},
    ("string", "int", "UTC"): {" 12.0 ": "12", "x": MISFIT},
    ("string", "string", "UTC"): {" a ": " a "},
    ("date", "timestamp", "UTC"): {"2026-01-02": "2026-01-02 00:00:00"},
    ("date", "timestamp", PARIS): {"2026-01-02": "2026-01-01 23:00:00"},
    ("date", "timestamp_ntz", PARIS): {"2026-01-02": "2026-01-02 00:00:00"},
    ("date", "string", "UTC"): {"2026-01-02": "2026-01-02"},
    ("date", "int", "UTC"): {"2026-01-02": MISFIT},
    ("timestamp", "date", "UTC"): {"2026-01-02 00:00:00": "2026-01-02", "2026-01-02 00:00:00.000001": MISFIT},
    ("timestamp", "date", PARIS): {"2026-01-01 23:00:00": "2026-01-02", "2026-01-02 00:00:00": MISFIT},
    ("timestamp", "timestamp", PARIS): {"2026-01-02 03:04:05.678901": "2026-01-02 03:04:05.678901"},
    ("timestamp", "timestamp_ntz", PARIS): {"2026-07-02 03:04:05.678901": "2026-07-02 05:04:05.678901"},
    ("timestamp", "string", PARIS): {"2026-01-02 03:04:05.5": "2026-01-02 04:04:05.5"},
    ("timestamp", "bigint", "UTC"): {"2026-01-02 03:04:05": MISFIT},
    ("timestamp_ntz", "timestamp", PARIS): {
        "2026-01-02 03:04:05": "2026-01-02 02:04:05", "2026-03-29 02:30:00": MISFIT,
    },
    ("timestamp_ntz", "timestamp", "UTC"): {"2026-03-29 02:30:00.5": "2026-03-29 02:30:00.5"},
    ("timestamp_ntz", "date", PARIS): {"2026-01-02 00:00:00": "2026-01-02", "2026-01-02 12:00:00": MISFIT},
    ("timestamp_ntz", "string", PARIS): {"2026-01-02 03:04:05": "2026-01-02 03:04:05"},
    ("binary", "string", "UTC"): {"é": "é"},
    ("binary", "int", "UTC"): {"12": "12"},
}  # fmt: skip

Found = dict[tuple[str, str, str, str | None], tuple[str | None, bool]]


def _fitted(spark: SparkSession) -> Found:
    texts = sorted({text for case in CASES.values() for text in case})
    columns = []
    for n, (source, type_, zone) in enumerate(CASES):
        value, misfit = fit_typed(F.col("text").try_cast(SOURCES[source]), SOURCES[source], type_, zone)
        columns.append(F.struct(value.cast("string").alias("value"), misfit.alias("misfit")).alias(f"c{n}"))
    frame = spark.createDataFrame([(text,) for text in [*texts, None]], "text string").repartition(1)
    rows = frame.select("text", *columns).collect()
    return {(*case, row["text"]): tuple(row[f"c{n}"]) for row in rows for n, case in enumerate(CASES)}


@pytest.fixture(scope="module")
def fitted(spark: SparkSession) -> Found:
    return _fitted(spark)


@pytest.fixture(scope="module")
def fitted_without_ansi(spark: SparkSession) -> Iterator[Found]:
    spark.conf.set("spark.sql.ansi.enabled", "false")
    yield _fitted(spark)
    spark.conf.set("spark.sql.ansi.enabled", "true")


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(case))
def test_a_typed_value_is_the_same_in_its_new_type_or_a_misfit(
    fitted: Found, case: tuple[str, str, str]
) -> None:
    told = {text: fitted[*case, text] for text in CASES[case]}
    assert told == {text: (None, True) if to == MISFIT else (to, False) for text, to in CASES[case].items()}


def test_ansi_or_not_the_values_are_the_same(fitted: Found, fitted_without_ansi: Found) -> None:
    # Of decimals below a millionth alone the text differs, and that is the test's own cast.
    same = {key: found for key, found in fitted_without_ansi.items() if "E-" not in str(found[0])}
    assert len(same) > 0.9 * len(fitted)
    assert {key: fitted[key] for key in same} == same


def test_null_is_null_and_fits(fitted: Found) -> None:
    assert {fitted[*case, None] for case in CASES} == {(None, False)}


def test_what_has_no_text_never_fits(spark: SparkSession) -> None:
    row = spark.createDataFrame([([1], {"a": 1}, (1,))], "a array<int>, m map<string,int>, s struct<x: int>")
    found = [fit_typed(F.col(f.name), f.dataType, "string") for f in row.schema]
    assert row.select(
        F.array(*[value for value, _ in found]), F.array(*[misfit for _, misfit in found])
    ).collect() == [([None] * 3, [True] * 3)]


def test_bytes_that_are_no_text_never_fit_and_an_untyped_null_always_does(spark: SparkSession) -> None:
    broken, misfit = fit_typed(F.lit(b"\xff\xfe"), T.BinaryType(), "string")
    null, fits = fit_typed(F.lit(None), T.NullType(), "decimal(12,2)")
    row = spark.range(1).select(broken, misfit, null.alias("null"), fits)
    assert [tuple(each) for each in row.collect()] == [(None, True, None, False)]
    assert row.schema["null"].dataType == T.DecimalType(12, 2)
