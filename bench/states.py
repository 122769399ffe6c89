"""Ten million states, of which a batch touches one in a hundred: brought up to date, against rebuilt."""

import tempfile
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from bench import lake
from bench.common import CONSOLE, SHAPE, changes, seconds, show, two_cores
from jobs.settings import Project
from jobs.state.leg import bring_up

KEYS = 10_000_000
BATCHES = 20
FULL_FILES = 32


def measure(scale: float) -> None:
    """Measure a rebuild, twenty batches and a late one, and print their ratios to the rebuild."""
    keys = int(KEYS * scale)
    with two_cores() as spark, tempfile.TemporaryDirectory() as folder:
        taken = _measured(spark, Path(folder), keys)
    show(
        f"States of {keys:,} keys; a batch of changes of {keys // 100:,} random keys", taken,
        taken["rebuilt from all changes"],
        "A batch is to cost at most half a rebuild, and the last no more than the first.",
    )  # fmt: skip


def _measured(spark: SparkSession, folder: Path, keys: int) -> dict[str, float]:
    project = lake.project(folder)
    first = lake.run_of(spark, project, 1)
    lake.hold(first, changes(spark, keys, F.col("id"), FULL_FILES, F.lit(1)), 1)
    bring_up(first, "changes")  # warm
    batches = [_batch(spark, project, n, keys) for n in range(2, BATCHES + 2)]
    partial = _batch(spark, project, BATCHES + 2, keys, partial=True)
    late = _batch(spark, project, BATCHES + 3, keys, late=True)
    run = lake.run_of(spark, project, BATCHES + 4)
    lake.hold(run, changes(spark, 0, F.col("id"), 1, F.lit(1)), BATCHES + 4, epoch=1)
    rebuilt = seconds(lambda: bring_up(run, "changes"))
    CONSOLE.print("batches: " + " ".join(f"{each:.1f}" for each in batches), highlight=False)
    return {
        "rebuilt from all changes": rebuilt,
        "a batch, first five of twenty": sum(batches[:5]) / 5,
        "a batch, last five of twenty": sum(batches[-5:]) / 5,
        "a batch of partial images": partial,
        "a batch with a late change in a hundred": late,
    }


def _batch(
    spark: SparkSession, project: Project, n: int, keys: int, partial: bool = False, late: bool = False
) -> float:
    """Write a batch above all before it in position order, and bring the states up to it; in seconds."""
    size = keys // 100
    run = lake.run_of(spark, project, n)
    key = F.pmod(F.xxhash64(F.col("id"), F.lit(n)), F.lit(keys))
    rows = changes(spark, size, key, 2, F.lit(n))
    above = F.lpad((F.lit(keys) + F.lit(n * size) + F.col("position").cast("bigint")).cast("string"), 20, "0")
    if late:
        above = F.when(F.col("position").cast("bigint") % 100 == 0, F.lpad(F.lit("0"), 20, "0")).otherwise(
            above
        )
    rows = rows.withColumn("position", above)
    if partial:
        said = F.struct(*(F.lit(c == "c0").alias(c) for c in SHAPE.values))
        rows = rows.withColumns({"said": said, "creates": F.lit(False), "full": F.lit(False)})
    lake.hold(run, rows, n)
    return seconds(lambda: bring_up(run, "changes"))
