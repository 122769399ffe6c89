"""A batch of 200,000 rows into a history of ten and of forty million: the cost follows the batch."""

import tempfile
from functools import partial
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bench import lake
from bench.common import CONSOLE, SHAPE, changes, seconds, show, two_cores
from jobs.dedupe.job import dedupe
from jobs.run.context import RunContext

HISTORIES = (10_000_000, 40_000_000)
BATCH = 200_000
AGAIN = 20_000
ROUNDS = 3


def measure(scale: float) -> None:
    """Measure both, and print the ratio of the larger to the smaller."""
    taken: dict[str, float] = {}
    for rows in (int(size * scale) for size in HISTORIES):
        with two_cores() as spark, tempfile.TemporaryDirectory() as folder:
            taken[f"into {rows:,}"] = _into(spark, Path(folder), rows, int(BATCH * scale))
    show(
        f"A batch of {int(BATCH * scale):,} rows, of which a tenth came before, into a deduplicated history",
        taken, min(taken.values()), "The larger is to cost at most 1.15 times the smaller.",
    )  # fmt: skip


def _into(spark: SparkSession, folder: Path, rows: int, size: int) -> float:
    project, files = lake.project(folder), max(2, rows // 200_000)
    whole = changes(spark, rows, F.col("id"), files, F.spark_partition_id() + 1)
    lake.hold(lake.run_of(spark, project, files), whole, files)
    tries = []
    for n in range(ROUNDS + 1):
        batch = files + 1 + n
        run = lake.run_of(spark, project, batch)
        lake.deliver(run, batch, _rows(spark, n, size))
        tries.append(seconds(partial(_deduplicated, run, size, n)))
    return min(tries[1:])


def _rows(spark: SparkSession, n: int, size: int) -> DataFrame:
    """Rows of which a tenth came with the batch before."""
    repeated = size // 10
    base = spark.range(n * (size - repeated), n * (size - repeated) + size, 1, 2)
    values = [
        (F.concat(F.lit("v"), F.col("id") % 1000) if int(c[1:]) % 2 else F.col("id") % 1000).alias(c)
        for c in SHAPE.values
    ]
    return base.select(F.col("id").alias("seq"), F.col("id").alias("key"), *values)


def _deduplicated(context: RunContext, size: int, n: int) -> None:
    counts = dedupe(context, "changes")
    if counts is None or counts.duplicate != (size // 10 if n else 0):
        CONSOLE.print(f"[red]{counts}[/]")
