"""Rows known to the driver -> a frame of them, exact in every type."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.spark.rows import frame_of, no_rows, schema_of

SCHEMA = (
    "name string, big bigint, amount decimal(38,18), at timestamp, day date, yes boolean, half double, "
    "many array<string>, parts struct<x: int, y: string>, map map<string, int>"
)


def test_values_of_every_type(spark: SparkSession) -> None:
    at = datetime(2026, 11, 23, 12, 30, 15, 123456, tzinfo=UTC)
    full = {
        "name": 'Ü "quoted"\n🙂', "big": 2**63 - 1, "amount": "12345678901234567890.123456789012345678",
        "at": at,
        "day": "2026-11-23", "yes": True, "half": 0.1, "many": ["a", None],
        "parts": {"x": 1}, "map": {"k": 1},
    }  # fmt: skip
    frame = frame_of(spark, [full, {}], SCHEMA)
    assert frame.schema == schema_of(SCHEMA)
    first, second = frame.withColumn("at", F.unix_micros("at")).collect()
    assert first.asDict(recursive=True) == {
        **full, "amount": Decimal(str(full["amount"])), "at": int(at.timestamp()) * 10**6 + 123456,
        "day": date(2026, 11, 23), "parts": {"x": 1, "y": None},
    }  # fmt: skip
    assert set(second) == {None}


def test_many_rows_are_the_same_and_stand_beside_the_plan(spark: SparkSession) -> None:
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    rows = [{"name": f"n{n}", "big": n, "amount": f"{n}.5", "at": at, "parts": {"x": n}} for n in range(2000)]
    many, few = frame_of(spark, rows, SCHEMA), frame_of(spark, rows[-1:], SCHEMA)
    assert many.schema == schema_of(SCHEMA)
    assert many.where("big = 1999").collect() == few.collect()
    assert many.count() == 2000
    assert "n1999" not in many._jdf.queryExecution().toString()


def test_an_instant_is_one_in_any_zone(spark: SparkSession) -> None:
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    rows = [{"at": at}, {"at": at.astimezone(timezone(timedelta(hours=-5)))}]
    assert frame_of(spark, rows, "at timestamp").distinct().count() == 1


def test_no_rows(spark: SparkSession) -> None:
    for frame in (frame_of(spark, [], SCHEMA), no_rows(spark, SCHEMA), no_rows(spark, schema_of(SCHEMA))):
        assert [(f.name, f.dataType) for f in frame.schema] == [
            (f.name, f.dataType) for f in schema_of(SCHEMA)
        ]
        assert frame.collect() == []


def test_a_value_that_does_not_fit_is_an_error(spark: SparkSession) -> None:
    with pytest.raises(Exception, match="MALFORMED_RECORD"):
        frame_of(spark, [{"big": "x"}], "big bigint").collect()


def test_a_value_without_a_form_in_json_is_an_error(spark: SparkSession) -> None:
    with pytest.raises(TypeError, match="Decimal has no JSON form"):
        frame_of(spark, [{"amount": Decimal("1.1")}], "amount decimal(3,1)")
