"""Masked values: equal values look equal, none can be read, and null stays null."""

import hashlib
import hmac

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.masking.columns import Masking
from jobs.spark.rows import frame_of

VALUES = ["", "a", "Ünïcode 🙂", "x" * 200, None]


@pytest.mark.parametrize("key", [b"k", b"secret" * 10, b"k" * 64, b"k" * 65, bytes(range(256))])
def test_a_mask_is_the_hmac_of_the_value(spark: SparkSession, key: bytes) -> None:
    masking = Masking(("v",), key)
    frame = frame_of(spark, [{"v": value} for value in VALUES], "v string")
    shown = {
        row["v"]: row["m"]
        for row in frame.select("v", masking.masked_column("v", F.col("v")).alias("m")).collect()
    }
    assert shown == {
        value: None if value is None else "#" + hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:16]
        for value in VALUES
    }
    assert {value: masking.masked(value) for value in VALUES} == shown


def test_without_a_secret_all_values_look_the_same(spark: SparkSession) -> None:
    frame = frame_of(spark, [{"v": "a"}, {"v": "b"}, {"v": None}], "v string")
    found = {
        row["m"] for row in frame.select(Masking(("v",)).masked_column("v", F.col("v")).alias("m")).collect()
    }
    assert found == {"***", None} == {Masking(("v",)).masked(value) for value in ("a", "b", None)}


def test_a_number_is_masked_as_its_text(spark: SparkSession) -> None:
    masking = Masking(("v",), b"k")
    number, text = masking.masked_column("v", F.lit(7)), masking.masked_column("v", F.lit("7"))
    row = spark.range(1).select(number.alias("n"), text.alias("t")).first()
    assert row is not None and row["n"] == row["t"]
    assert (masking.type_of("v", "bigint"), masking.type_of("w", "bigint")) == ("string", "bigint")


def test_other_columns_are_shown(spark: SparkSession) -> None:
    row = spark.range(1).select(Masking(("v",), b"k").masked_column("w", F.lit("plain")).alias("m")).first()
    assert row is not None and row["m"] == "plain"


REASONS = {
    "v: secret is no bigint": "v: does not fit",
    "v: a:b is no bigint": "v: does not fit",
    "w: open is no bigint": "w: open is no bigint",
    "the key is null": "the key is null",
    "v": "v",
}


def test_a_reason_does_not_quote_a_masked_value(spark: SparkSession) -> None:
    masking, given = Masking(("v",), b"k"), F.array(*map(F.lit, REASONS))
    assert [masking.reason(reason) for reason in REASONS] == list(REASONS.values())
    row = (
        spark.range(1)
        .select(masking.reasons(given).alias("shown"), Masking().reasons(given).alias("all"))
        .first()
    )
    assert row is not None and (row["shown"], row["all"]) == (list(REASONS.values()), list(REASONS))
