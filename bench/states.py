"""Ten million states, of which a batch touches one in a hundred: brought up to date, against rebuilt."""

import tempfile
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from bench import lake
from bench.common import CONSOLE, SHAPE, changes, seconds, show, two_cores
from jobs.settings import Project
from jobs.state.job import update_states

KEYS = 10_000_000
BATCHES = 20
# Keys come to life in as many batches, a file each, and are changed at random afterwards.
DAYS = 32


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
    first = lake.run_of(spark, project, DAYS)
    lake.hold(first, changes(spark, keys, F.col("id"), DAYS, F.spark_partition_id() + 1), DAYS)
    update_states(first, "changes")  # warm
    batches = [_batch(spark, project, DAYS + n, keys) for n in range(1, BATCHES + 1)]
    # Nothing but images of all columns so far, which are the quickest to rebuild from.
    upto = DAYS + BATCHES + 1
    run = lake.run_of(spark, project, upto)
    lake.hold(run, changes(spark, 0, F.col("id"), 1, F.lit(1)), upto, epoch=1)
    rebuilt = seconds(lambda: update_states(run, "changes"))
    others = ("partial", "late", "late of a day")
    partial, late, of_a_day = (
        _batch(spark, project, upto + n, keys, what, epoch=1) for n, what in enumerate(others, 1)
    )
    CONSOLE.print("batches: " + " ".join(f"{each:.1f}" for each in batches), highlight=False)
    return {
        "rebuilt from all changes": rebuilt,
        "a batch, first five of twenty": sum(batches[:5]) / 5,
        "a batch, last five of twenty": sum(batches[-5:]) / 5,
        "a batch of partial images": partial,
        "a batch with a late change in a hundred, of any keys": late,
        "a batch with a late change in a hundred, of one day's keys": of_a_day,
    }


def _batch(
    spark: SparkSession, project: Project, batch: int, keys: int, what: str = "", epoch: int = 0
) -> float:
    """Write a batch above all before it in position order, and bring the states up to it; in seconds.

    `what`: of partial images; with late changes, of keys of any day or of the last.
    """
    size, n = keys // 100, batch - DAYS
    run = lake.run_of(spark, project, batch)
    key = F.pmod(F.xxhash64(F.col("id"), F.lit(n)), F.lit(keys))
    if what == "late of a day":
        key = F.when(F.col("id") % 100 == 0, keys - 1 - F.col("id") % (keys // DAYS)).otherwise(key)
    rows = changes(spark, size, key, 2, F.lit(batch))
    place = F.col("position").cast("bigint")
    above = F.lpad((F.lit(keys) + F.lit(n * size) + place).cast("string"), 20, "0")
    if what.startswith("late"):
        above = F.when(place % 100 == 0, F.lpad(F.lit("0"), 20, "0")).otherwise(above)
    rows = rows.withColumn("position", above)
    if what == "partial":
        said = F.struct(*(F.lit(c == "c0").alias(c) for c in SHAPE.values))
        rows = rows.withColumns({"said": said, "creates": F.lit(False), "full": F.lit(False)})
    lake.hold(run, rows, batch, epoch)
    return seconds(lambda: update_states(run, "changes"))
