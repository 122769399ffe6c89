"""What measurements share: a session of two cores, changes by the million, the best of some tries, tables."""

import platform
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import pyspark
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from rich.console import Console
from rich.table import Table

from jobs.fold import DatasetSchema, LegSemantics
from jobs.lake.tables import EVENTS
from jobs.settings import Connection
from jobs.spark.schemas import table_schema
from jobs.spark.session import session

TRIES = 3
CONSOLE = Console()
COLUMNS = {"id": "bigint", **{f"c{n}": "string" if n % 2 else "decimal(12,2)" for n in range(12)}}
SHAPE = DatasetSchema(("id",), COLUMNS)
LOG = LegSemantics(tuple(COLUMNS), requires_create=True, unset_is_unknown=True, accepts_partial=True)


@dataclass(frozen=True)
class Settings:
    """What a session needs to know of a project: two cores, no more, so that figures can be repeated."""

    spark: Mapping[str, str] = field(default_factory=dict)
    aws: None = None
    connections: Mapping[str, Connection] = field(default_factory=dict)


@contextmanager
def two_cores(memory: str = "4g") -> Iterator[SparkSession]:
    """A session of two cores, ended afterwards."""
    settings = {
        "spark.master": "local[2]",
        "spark.driver.memory": memory,
        "spark.sql.shuffle.partitions": "8",
    }
    spark = session(Settings(settings))
    try:
        yield spark
    finally:
        spark.stop()


def changes(
    spark: SparkSession, rows: int, key: Column, files: int, batch: Column, partial: bool = False
) -> DataFrame:
    """Canonical changes of a log, twelve columns each, in so many files.

    `key`, `batch`: over `id`, which counts the rows and is their position. `partial`: three columns each.
    """
    base = spark.range(0, rows, 1, files)
    values = [
        (F.concat(F.lit("v"), F.col("id") % 1000) if type_ == "string" else (F.col("id") % 100000) / 100)
        .cast(type_)
        .alias(c)
        for c, type_ in COLUMNS.items()
        if c != "id"
    ]
    # A creation says all, and later changes the next three columns by turns.
    turn = F.lit(True) if not partial else F.col("id") < rows // 2
    said = [(turn | (F.lit(n // 3) == F.col("id") % 4)).alias(c) for n, c in enumerate(SHAPE.values)]
    told = {
        "change_id": F.hex("id"), "id": key, "op": F.lit("upsert"), "values": F.struct(*values),
        "said": F.struct(*said), "creates": turn, "full": turn, "kind": F.lit("change"),
        "position": F.lpad(F.col("id").cast("string"), 20, "0"),
        "occurred_at": F.timestamp_seconds(F.lit(1_700_000_000) + F.col("id") % 10_000_000), "batch": batch,
        "place_hash": F.xxhash64("id"), "identity": F.hex("id"),
    }  # fmt: skip
    nothing = F.lit(None)
    return base.select(
        *(told.get(f.name, nothing).cast(f.dataType).alias(f.name) for f in table_schema(EVENTS, SHAPE))
    )


def best(query: Callable[[], object], tries: int = TRIES) -> float:
    """Seconds of the best of a few tries."""
    return min(seconds(query) for _ in range(tries))


def seconds(query: Callable[[], object]) -> float:
    """Seconds that it takes."""
    began = time.perf_counter()
    query()
    return time.perf_counter() - began


def noop(frame: DataFrame) -> None:
    """Compute every column of every row, and write nothing."""
    frame.write.format("noop").mode("overwrite").save()


def show(title: str, taken: Mapping[str, float], floor: float, note: str = "") -> None:
    """Print seconds, and their ratios to the floor."""
    table = Table(title=title, title_justify="left", box=None)
    table.add_column("way")
    table.add_column("seconds", justify="right")
    table.add_column("ratio", justify="right")
    for name, value in taken.items():
        table.add_row(name, f"{value:.2f}", f"{value / floor:.2f}")
    CONSOLE.print(table)
    CONSOLE.print(f"{note}\n" if note else "", highlight=False)


def machine() -> None:
    """Print what it was measured on."""
    CONSOLE.print(
        f"pyspark {pyspark.__version__}, Python {platform.python_version()}, {platform.machine()}, 2 cores\n",
        highlight=False,
    )
