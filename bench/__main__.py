"""`python -m bench [ROWS]`: the fold against hand-written queries for the same answer, side by side."""

import platform
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import pyspark
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F
from rich.console import Console
from rich.table import Table

from jobs.fold import LegFacts, Shape, fold
from jobs.session import session

ROWS = 500_000
CHANGES_A_KEY = 2.5
TRIES = 3
COLUMNS = {"id": "bigint", **{f"c{n}": "string" if n % 2 else "decimal(12,2)" for n in range(6)}}
SHAPE = Shape(("id",), COLUMNS)
FULL = LegFacts(tuple(COLUMNS), births=True, doubts=True, patches=True)


@dataclass(frozen=True)
class Settings:
    """What a session needs to know of a project: two cores, no more, so that figures can be repeated."""

    spark: dict[str, str] = field(
        default_factory=lambda: {"spark.master": "local[2]", "spark.driver.memory": "4g"}
    )
    aws: None = None


def main() -> None:
    """Measure, best of three each, and print the ratios to the best hand-written query."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    spark = session(Settings())
    with tempfile.TemporaryDirectory() as folder:
        changes = stored(spark, rows, folder)
        seconds = {name: best(partial(query, changes)) for name, query in QUERIES.items()}
    show(seconds, rows)


def stored(spark: SparkSession, rows: int, folder: str) -> DataFrame:
    """Full-image changes in the canonical form, written and read back."""
    keys = max(1, int(rows / CHANGES_A_KEY))
    base = spark.range(rows).withColumn("key", F.pmod(F.xxhash64("id"), F.lit(keys)))
    values = [
        (F.concat(F.lit("v"), F.col("id") % 1000) if type_ == "string" else (F.col("id") % 100000) / 100)
        .cast(type_)
        .alias(c)
        for c, type_ in COLUMNS.items()
        if c != "id"
    ]
    made = base.select(
        F.col("key").alias("id"),
        F.lit("upsert").alias("op"),
        F.struct(*values).alias("values"),
        F.struct(*(F.lit(True).alias(c) for c in SHAPE.values)).alias("said"),
        F.lit(True).alias("creates"),
        F.lit(True).alias("full"),
        F.lpad(F.col("id").cast("string"), 20, "0").alias("position"),
        F.timestamp_seconds(F.col("id")).alias("occurred_at"),
    )
    schema = SHAPE.change_schema()
    missing = [F.lit(None).cast(f.dataType).alias(f.name) for f in schema if f.name not in made.columns]
    whole = made.select("*", *missing).select(*schema.names).withColumn("kind", F.lit("change"))
    whole.write.mode("overwrite").parquet(folder)
    return spark.read.parquet(folder)


def by_window(changes: DataFrame) -> DataFrame:
    """The latest row of each key by row_number."""
    newest = F.row_number().over(Window.partitionBy("id").orderBy(F.col("position").desc()))
    return changes.withColumn("n", newest).where("n = 1").select("id", "values.*")


def by_struct(changes: DataFrame) -> DataFrame:
    """The latest row of each key by max(struct)."""
    return (
        changes.groupBy("id").agg(F.max(F.struct("position", "values")).alias("m")).select("id", "m.values.*")
    )


def by_max_by(changes: DataFrame) -> DataFrame:
    """The latest row of each key by max_by."""
    return changes.groupBy("id").agg(F.max_by("values", "position").alias("v")).select("id", "v.*")


def by_tieout(changes: DataFrame) -> DataFrame:
    """The states of every key, with all that the rules ask for."""
    return fold(changes, SHAPE, FULL)


QUERIES: dict[str, Callable[[DataFrame], DataFrame]] = {
    "window row_number": by_window,
    "max(struct)": by_struct,
    "max_by": by_max_by,
    "tieout fold": by_tieout,
}


def best(query: Callable[[], DataFrame]) -> float:
    """Seconds of the best of a few tries, nothing written."""
    tries = []
    for _ in range(TRIES):
        began = time.perf_counter()
        query().write.format("noop").mode("overwrite").save()
        tries.append(time.perf_counter() - began)
    return min(tries)


def show(seconds: dict[str, float], rows: int) -> None:
    """Print the figures, and what they were measured on."""
    floor = min(value for name, value in seconds.items() if name != "tieout fold")
    table = Table(title=f"Latest state of {rows:,} full-image changes", title_justify="left", box=None)
    table.add_column("way")
    table.add_column("seconds", justify="right")
    table.add_column("ratio", justify="right")
    for name, value in seconds.items():
        table.add_row(name, f"{value:.2f}", f"{value / floor:.2f}")
    console = Console()
    console.print(table)
    console.print(
        f"pyspark {pyspark.__version__}, Python {platform.python_version()}, {platform.machine()}, 2 cores"
    )


if __name__ == "__main__":
    main()
