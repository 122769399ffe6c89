"""A dataset with a change log and a lake of its own -> runs of single stages on inputs made for them."""

from datetime import UTC, datetime
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bench.common import COLUMNS, SHAPE
from jobs.dedupe.existing import HASHED
from jobs.dedupe.span import DIGEST
from jobs.lake import tables
from jobs.run.context import RunContext, progress_version
from jobs.run.inputs import RunInputs
from jobs.settings import Project, load, mapping_digest
from jobs.spark.delta import Storage
from jobs.storage.objects import Objects
from jobs.target.snapshot import Snapshot

SOURCE = "orders_changes"
_DATASET = """
version: 1
dataset: orders
key: [id]
columns: {{{columns}}}
changes:
  path: {folder}/cdc/
  dialect: dms
  format: csv
  fields: [ts, seq, {names}]
  timestamp_column: ts
  order: [seq]
  select: {{{select}}}
target:
  format: csv
  path: {folder}/store/
  select: {{{select}}}
  as_of: {{at: 2026-11-23T00:00:00Z}}
reconcile: {{truth: changes}}
"""


def project(folder: Path) -> Project:
    """The configuration of a lake below the folder."""
    columns = ", ".join(f"{c}: '{type_}'" for c, type_ in COLUMNS.items())
    select = ", ".join(f"{c}: {c}" for c in COLUMNS)
    said = _DATASET.format(columns=columns, names=", ".join(COLUMNS), select=select, folder=folder)
    conf = folder / "conf" / "datasets"
    conf.mkdir(parents=True, exist_ok=True)
    (conf / "orders.yml").write_text(said)
    (conf.parent / "tieout.yml").write_text(f"version: 1\nlake: {folder}/lake\n")
    return load(str(conf.parent))


def run_of(spark: SparkSession, of: Project, batch: int) -> RunContext:
    """A run whose sources have been ingested up to a batch."""
    at = datetime(2026, 11, 23, tzinfo=UTC)
    pinned = RunInputs("orders", f"{batch}", at, {}, Snapshot(at, "/store", "d", 1), {}, {SOURCE: batch})
    return RunContext(of, of.datasets["orders"], pinned, Storage(spark), Objects())


def hold(context: RunContext, history: DataFrame, batch: int, epoch: int = 0) -> None:
    """Write canonical changes as dedupe leaves them."""
    properties = {DIGEST: mapping_digest(context.dataset, context.project), HASHED: "true"}
    version = progress_version(epoch, batch)
    context.storage.append(history, context.path(tables.CHANGES), "dedupe/changes", version, properties)


def deliver(context: RunContext, batch: int, rows: DataFrame) -> None:
    """Write records of one file as ingest leaves them: `rows` has `seq`, `key` and a value a column."""
    stamp = F.date_format(F.timestamp_seconds(F.lit(1_700_000_000) + F.col("seq")), "yyyy-MM-dd HH:mm:ss")
    cells = [
        stamp,
        F.col("seq").cast("string"),
        F.col("key").cast("string"),
        *(F.col(c) for c in SHAPE.values),
    ]
    now, file = F.lit(context.as_of), F.lit(f"{batch}.csv")
    records = rows.select(
        file.alias("file"), F.lit("e").alias("etag"), F.col("seq").alias("row_number"),
        F.concat_ws(",", F.lit("U"), *cells).alias("record"), F.lit(True).alias("accepted"),
        F.array().cast("array<string>").alias("reasons"), F.lit(None).cast("string").alias("file_header"),
        now.alias("arrived_at"), F.lit(batch).cast("bigint").alias("batch"), F.lit("r").alias("run_id"),
    )  # fmt: skip
    context.storage.append(records, context.source_path(SOURCE, tables.RECORDS), "ingest", batch)
    known = context.spark.range(1).select(
        file.alias("path"), F.lit("e").alias("etag"), F.lit("change").alias("kind"), now.alias("modified_at"),
        F.lit(None).cast("string").alias("header"), F.lit(batch).cast("bigint").alias("batch"),
    )  # fmt: skip
    context.storage.append(known, context.source_path(SOURCE, tables.INGESTED_FILES), "ingest", batch)
