"""The road in Spark by hand: the same tables and counts, in the session that the product builds.

`python -m bench.road.by_hand road FOLDER` prints seconds a stage and the answer as JSON; `lines FOLDER` only
stores the lines of all files. It answers less than Tieout does (no invalid values, conflicts, births or
suspicion): it is the floor of what has to be read, shuffled and written.
"""

import contextlib
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from pyspark.sql import Column, DataFrame, SparkSession, Window, WindowSpec
from pyspark.sql import functions as F

from jobs.settings import load
from jobs.spark.session import session

OUT, LINES = "by_hand", "lines"
_CARRIED = ("currency", "note", "channel", "country", "qty", "discount")
_DATA = (
    "order_id bigint, version int, customer_id int, amount decimal(12,2), currency string, note string,"
    " channel string, country string, qty int, discount decimal(6,3), delta decimal(12,2)"
)
_EVENT = f"id string, type string, time timestamp, data struct<{_DATA}>"
_CHANGE = (
    "op string, committed_at timestamp, seq decimal(35,0), order_id bigint, customer_id int, state string,"
    " amount_cents bigint, currency string, note string, channel string, country string, qty int,"
    " discount decimal(6,3), created_at timestamp, updated_at timestamp"
)
_STATUS = (
    "case type when 'OrderPlaced' then 'PLACED' when 'OrderPaid' then 'PAID'"
    " when 'OrderShipped' then 'SHIPPED' end"
)


class Stages:
    """Seconds by stage; what has two legs is added up."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def measured(self, stage: str) -> Iterator[None]:
        """Add the time that it takes inside to a stage."""
        began = time.perf_counter()
        yield
        self.seconds[stage] = self.seconds.get(stage, 0) + time.perf_counter() - began


def road(spark: SparkSession) -> dict[str, object]:
    """Store the records, deduplicate them, fold both legs, compare three ways."""
    stages = Stages()
    with stages.measured("ingest"):
        _save(_lines(spark, "events", "*.gz"), "event_records")
        _save(_lines(spark, "cdc", "2*.gz"), "change_records")
    with stages.measured("dedupe"):
        _save(_events(_saved(spark, "event_records")), "events")
        _save(_changes(_saved(spark, "change_records")), "changes")
    with stages.measured("state"):
        _save(_event_state(_saved(spark, "events")), "event_state")
        _save(_change_state(_saved(spark, "changes")), "change_state")
    with stages.measured("reconcile"):
        answer = _compared(spark)
    return {"stages": stages.seconds, **answer}


def lines(spark: SparkSession) -> dict[str, object]:
    """Store the lines of every file below `events` or `cdc`, read by a list of names."""
    stages = Stages()
    with stages.measured("ingest"):
        names = [
            str(path) for folder in ("events", "cdc") for path in Path(folder).rglob("*") if path.is_file()
        ]
        _save(_numbered(spark.read.text([f"file://{Path(name).resolve()}" for name in names])), LINES)
    return {"stages": stages.seconds}


def _lines(spark: SparkSession, folder: str, names: str) -> DataFrame:
    return _numbered(spark.read.text(folder, recursiveFileLookup=True, pathGlobFilter=names))


def _numbered(read: DataFrame) -> DataFrame:
    return read.select(
        F.col("_metadata.file_path").alias("file"), F.monotonically_increasing_id().alias("n"), "value"
    )


def _events(records: DataFrame) -> DataFrame:
    """The first of each id."""
    parsed = records.select(
        "file", "n", F.from_json("value", _EVENT).alias("e"), F.sha2("value", 256).alias("hash")
    )
    order = Window.partitionBy("id").orderBy("data.version", "hash", "file", "n")
    return _first(parsed.select("file", "n", "hash", "e.*"), order)


def _changes(records: DataFrame) -> DataFrame:
    """Each change once."""
    change = F.from_csv("value", _CHANGE, {"nullValue": "NULL", "escape": '"'})
    parsed = records.select("file", "n", change.alias("c"), F.sha2("value", 256).alias("hash"))
    order = Window.partitionBy("order_id", "seq", "op", "hash").orderBy("file", "n")
    return _first(parsed.select("file", "n", "hash", "c.*"), order)


def _first(rows: DataFrame, order: WindowSpec) -> DataFrame:
    return rows.withColumn("rank", F.row_number().over(order)).where("rank = 1").drop("rank")


def _event_state(events: DataFrame) -> DataFrame:
    placed = F.max(F.when(F.col("type") == "OrderPlaced", F.col("data"))).alias("placed")
    status = F.expr(_STATUS)
    latest = F.max(F.when(status.isNotNull(), F.struct("data.version", status.alias("status")))).alias(
        "latest"
    )
    folded = events.groupBy(F.col("data.order_id").alias("order_id")).agg(
        placed, latest, F.sum("data.delta").alias("adjusted"), F.min("time").alias("created_at"),
        F.max(F.struct("data.version", "time")).alias("updated"),
    )  # fmt: skip
    amount = (F.col("placed.amount") + F.coalesce("adjusted", F.lit(0))).cast("decimal(12,2)")
    return _hashed(
        folded.select(
            "order_id", "placed.customer_id", F.col("latest.status").alias("status"), amount.alias("amount"),
            *(F.col(f"placed.{name}") for name in _CARRIED), "created_at",
            F.col("updated.time").alias("updated_at"),
        )
    )  # fmt: skip


def _change_state(changes: DataFrame) -> DataFrame:
    return _hashed(_row(_first(changes, Window.partitionBy("order_id").orderBy(F.desc("seq")))))


def _row(rows: DataFrame) -> DataFrame:
    """A row of the store, or an image of one, as the dataset has it."""
    status = F.col("state").alias("status")
    amount = (F.col("amount_cents") / F.lit(100)).cast("decimal(12,2)").alias("amount")
    return rows.select("order_id", "customer_id", status, amount, *_CARRIED, "created_at", "updated_at")


def _hashed(states: DataFrame) -> DataFrame:
    return states.withColumn("hash", F.xxhash64(*states.columns[1:]))


def _compared(spark: SparkSession) -> dict[str, int]:
    """How many keys agree on all legs, and how many are wrong in the store alone."""
    legs = {
        "e": _saved(spark, "event_state"), "c": _saved(spark, "change_state"),
        "t": _hashed(_row(spark.read.parquet("store"))),
    }  # fmt: skip
    e, c, t = (rows.select("order_id", F.col("hash").alias(leg)) for leg, rows in legs.items())
    both = e.join(c, "order_id", "full").join(t, "order_id", "full")
    same = _equal("e", "c")
    counted = both.agg(
        F.count_if(same & _equal("e", "t")).alias("agree"),
        F.count_if(same & ~_equal("e", "t")).alias("differ"),
    )
    return counted.collect()[0].asDict()


def _equal(one: str, other: str) -> Column:
    return F.col(one).eqNullSafe(F.col(other))


def _save(rows: DataFrame, name: str) -> None:
    rows.write.format("delta").save(f"{OUT}/{name}")


def _saved(spark: SparkSession, name: str) -> DataFrame:
    return spark.read.format("delta").load(f"{OUT}/{name}")


def main(what: str, folder: str) -> None:
    """Measure in the folder, and print what was found as JSON."""
    os.chdir(folder)
    began = time.perf_counter()
    spark = session(load("conf"))
    started = time.perf_counter() - began
    found = {"road": road, "lines": lines}[what](spark)
    jobs = spark.sparkContext._jsc.sc().dagScheduler().numTotalJobs()
    print(json.dumps({"session": started, "jobs": jobs, **found}))


if __name__ == "__main__":
    main(*sys.argv[1:])
