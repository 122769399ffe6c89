"""The fold against hand-written queries for the same answer: images of all columns, and of a few."""

import tempfile
from collections.abc import Callable
from functools import partial

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from bench.common import LOG, SHAPE, best, changes, noop, show, two_cores
from jobs.fold import fold
from jobs.fold.plain import semantics_at_hand

CHANGES = 5_000_000
KEYS = 2_000_000
# A state tells which change made it, where that stands and when it occurred; so do the queries by hand.
SAME = ("position", "occurred_at", "change_id")


def measure(scale: float) -> None:
    """Measure both, and print the ratios to the best hand-written query."""
    rows, keys = int(CHANGES * scale), int(KEYS * scale)
    for what, queries in (("full", FULL), ("partial", PARTIAL)):
        with two_cores() as spark, tempfile.TemporaryDirectory() as folder:
            stored = _stored(spark, rows, keys, what == "partial", folder)
            taken = {name: best(partial(_run, query, stored)) for name, query in queries.items()}
        hand = min(value for name, value in taken.items() if name != "tieout fold")
        show(f"Latest state of {rows:,} {what}-image changes onto {keys:,} keys", taken, hand)


def _run(query: Callable[[DataFrame], DataFrame], stored: DataFrame) -> None:
    noop(query(stored))


def _stored(spark: SparkSession, rows: int, keys: int, partial_: bool, folder: str) -> DataFrame:
    key = F.pmod(F.xxhash64("id"), F.lit(keys))
    changes(spark, rows, key, 8, F.lit(1), partial_).write.mode("overwrite").parquet(folder)
    return spark.read.parquet(folder)


def by_window(rows: DataFrame) -> DataFrame:
    """The latest row of each key by row_number."""
    newest = F.row_number().over(Window.partitionBy("id").orderBy(F.col("position").desc()))
    return rows.withColumn("n", newest).where("n = 1").select("id", "values.*", *SAME)


def by_struct(rows: DataFrame) -> DataFrame:
    """The latest row of each key by max(struct)."""
    newest = F.max(F.struct("position", *SAME[1:], "values")).alias("m")
    return rows.groupBy("id").agg(newest).select("id", "m.values.*", *(f"m.{c}" for c in SAME))


def by_max_by(rows: DataFrame) -> DataFrame:
    """The latest row of each key by max_by."""
    newest = F.max_by(F.struct("values", *SAME), "position").alias("m")
    return rows.groupBy("id").agg(newest).select("id", "m.values.*", *(f"m.{c}" for c in SAME))


def by_last_said(rows: DataFrame) -> DataFrame:
    """The last value said of each column, by one max(struct) a column."""
    lasts = [
        F.max(F.when(F.col(f"said.{c}"), F.struct("position", F.col(f"values.{c}").alias("v")))).alias(c)
        for c in SHAPE.values
    ]
    values = (F.col(f"{c}.v").alias(c) for c in SHAPE.values)
    newest = F.max(F.struct(*SAME)).alias("m")
    return rows.groupBy("id").agg(newest, *lasts).select("id", *values, *(f"m.{c}" for c in SAME))


def by_last_over(rows: DataFrame) -> DataFrame:
    """The last value said of each column, by last(ignoreNulls) over a window."""
    key = Window.partitionBy("id").orderBy("position").rowsBetween(Window.unboundedPreceding, 0)
    newest = F.row_number().over(Window.partitionBy("id").orderBy(F.col("position").desc()))
    lasts = {
        c: F.last(F.when(F.col(f"said.{c}"), F.col(f"values.{c}")), True).over(key) for c in SHAPE.values
    }
    return rows.withColumns({**lasts, "n": newest}).where("n = 1").select("id", *SHAPE.values, *SAME)


def by_tieout(rows: DataFrame) -> DataFrame:
    """The states of every key, with all that the rules ask for, the look at what there is included."""
    return fold(rows, SHAPE, semantics_at_hand(rows, LOG))


FULL = {
    "window row_number": by_window, "max(struct)": by_struct, "max_by": by_max_by, "tieout fold": by_tieout,
}  # fmt: skip
PARTIAL = {"max(struct) a column": by_last_said, "last over a window": by_last_over, "tieout fold": by_tieout}
