"""Frames kept by a stage: computed once, planned from one leaf, given back."""

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.spark.cache import CacheScope
from jobs.spark.plans import FEW_ROWS, overridden


def _deep(spark: SparkSession) -> DataFrame:
    frame = spark.range(4).withColumn("draw", F.rand())
    for step in range(5):
        frame = frame.withColumn(f"c{step}", F.col("id") + step).where(F.col("id") >= 0)
    return frame


def _cached(frame: DataFrame) -> bool:
    """Whether the frame is kept: in memory, and on disk what memory has no place for."""
    level = frame.storageLevel
    assert level.useMemory == level.useDisk, level
    return bool(level.useMemory)


def test_what_is_built_on_a_kept_frame_stands_on_one_leaf(spark: SparkSession) -> None:
    with CacheScope() as caches:
        kept = caches.keep(_deep(spark))
        leaf = kept._jdf.queryExecution().analyzed()
        assert leaf.children().isEmpty()
        assert kept.columns == _deep(spark).columns


def test_a_kept_frame_is_computed_once_whoever_asks(spark: SparkSession) -> None:
    with CacheScope() as caches:
        kept = caches.keep(spark.range(4).withColumn("draw", F.expr("uuid()")))
        first, again = (sorted(row["draw"] for row in kept.collect()) for _ in range(2))
        assert first == again
        twice = kept.alias("a").join(kept.alias("b"), F.col("a.id") == F.col("b.id"))
        assert twice.where("a.draw = b.draw").count() == 4


def test_a_frame_kept_on_another_is_given_back_with_it_even_after_an_error(spark: SparkSession) -> None:
    first = _deep(spark)
    with pytest.raises(ZeroDivisionError), CacheScope() as caches:
        kept = caches.keep(first)
        second = kept.where("id > 1")
        assert caches.keep(second).count() == 2
        assert _cached(first) and _cached(second)
        raise ZeroDivisionError
    assert not _cached(first) and not _cached(second)


def test_where_spark_cannot_be_asked_the_frame_is_kept_as_it_is(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = _deep(spark)
    monkeypatch.setattr("jobs.spark.cache._DATASET", "org.apache.spark.sql.nowhere.Dataset")
    with CacheScope() as caches:
        kept = caches.keep(frame)
        assert kept is frame and _cached(kept)


def test_tables_are_read_in_small_pieces_from_the_first_frame_of_many_rows_on(spark: SparkSession) -> None:
    def piece() -> str | None:
        return spark.conf.get("spark.sql.files.maxPartitionBytes")

    before = piece()
    with CacheScope() as caches:
        with overridden(spark, FEW_ROWS):
            caches.keep(spark.range(1))
        assert piece() == before
        caches.keep(spark.range(2))
        assert piece() == "4m" != before
    assert piece() == before
