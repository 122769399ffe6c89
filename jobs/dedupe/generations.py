"""Load files of a log -> the loads in force, the place of every row among them, their truncates (R6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs import clock
from jobs.fold import DatasetSchema
from jobs.lake.tables import CHANGES
from jobs.spark.columns import as_type, digest
from jobs.spark.generations import FIRST, content_of, place_of
from jobs.spark.rows import frame_of
from jobs.spark.schemas import table_schema

_FIRST_ROW = ("occurred_at", "file", "etag", "row_number", "batch")


@dataclass(frozen=True)
class Load:
    """A load in force: its generation, when it began, and the place of its first row.

    `began` is the stamp of the first row; of a load without rows, when its first file was written.
    """

    generation: int
    began: datetime
    file: str = ""
    etag: str = ""
    row_number: int = 0
    batch: int = 0


def files_digest(files: DataFrame) -> str:
    """Return a text that is another when other load files, or their records, are in force; empty of none.

    In: files with `in_force`. The same records written again change nothing.
    """
    counting = files.where("kind = 'load' AND in_force")
    each = counting.select(F.xxhash64("path", content_of(files), "generation").alias("file")).distinct()
    every = F.array_join(F.sort_array(F.collect_list("file")), " ")
    row = each.agg(F.when(every != "", F.sha2(every, 256))).first()
    return str(row[0] or "") if row else ""


def loads_of(rows: DataFrame, files: DataFrame | None) -> tuple[Load, ...]:
    """Return the loads in force, in order: as many as the table was ever loaded.

    In: parsed load rows in force, with their `generation`; the source's files with `in_force`. The first load
    is none to place rows by where it has no row.
    """
    first = F.struct(F.lit(0).alias("rank"), *_FIRST_ROW).alias("first")
    firsts = rows.select("generation", first)
    if files is not None:
        at = {
            "occurred_at": F.col("modified_at"), "file": F.col("path"), "row_number": F.lit(0).cast("bigint"),
        }  # fmt: skip
        begin = (at.get(name, F.col(name)).alias(name) for name in _FIRST_ROW)
        reloads = files.where((F.col("kind") == "load") & F.col("in_force") & (F.col("generation") > FIRST))
        empty = F.struct(F.lit(1).alias("rank"), *begin).alias("first")
        firsts = firsts.unionByName(reloads.select("generation", empty))
    each = firsts.groupBy("generation").agg(F.min("first").alias("first")).orderBy("generation")
    # As a number: a stamp would be turned into the machine's own zone on its way to Python.
    first_rows = each.select(
        "generation", "first.*", F.unix_micros("first.occurred_at").alias("micros")
    ).collect()
    return tuple(
        Load(
            row["generation"], clock.of_micros(row["micros"]), row["file"], row["etag"],
            row["row_number"], row["batch"],
        )
        for row in first_rows
    )  # fmt: skip


def known_loads(begins: Mapping[int, datetime]) -> tuple[Load, ...]:
    """Return loads of which only the beginnings are known."""
    return tuple(Load(generation, began) for generation, began in sorted(begins.items()))


def generation_of(loads: Sequence[Load]) -> Column:
    """Return the generation of a row over `kind`, `generation` (of its file) and `occurred_at`.

    A change belongs to the last load begun at or before its commit. One from before the first is of
    generation 0; where the first load has no row, or there is none, nothing stands before it. A row whose
    commit stamp cannot be read, which is of no canonical change, is of the `generation` that it has.
    """
    lowest = 0 if any(load.generation == FIRST for load in loads) else FIRST
    begun = (F.when(F.col("occurred_at") >= F.lit(each.began), F.lit(each.generation)) for each in loads)
    of_change = F.greatest(F.lit(lowest), F.lit(lowest), *begun)
    is_given = (F.col("kind") == "load") | F.col("occurred_at").isNull()
    return F.when(is_given, F.col("generation")).otherwise(of_change)


def in_latest_generation(rows: DataFrame, files: DataFrame) -> DataFrame:
    """Give each row of a change file as its `generation` the last that it can be of; load rows keep theirs.

    That is the last load in force of which a file was written before the row's own: what the row says is not
    settled by a load that may stand below it. In: parsed rows; the source's files with `in_force`.
    """
    counting = files.where("kind = 'load' AND in_force")
    begun = counting.groupBy("generation").agg(F.min("modified_at").alias("written"))
    starts = begun.agg(F.collect_list(F.struct("written", "generation")).alias("_begun"))
    by_then = F.filter("_begun", lambda load: load["written"] <= F.col("modified_at"))
    latest = F.array_max(F.transform(by_then, lambda load: load["generation"]))
    of_change = F.coalesce(latest, F.lit(FIRST))
    generation = F.when(F.col("kind") == "load", F.col("generation")).otherwise(of_change)
    return rows.crossJoin(F.broadcast(starts)).withColumn("generation", generation).drop("_begun")


def truncates(spark: SparkSession, loads: Sequence[Load], shape: DatasetSchema) -> DataFrame | None:
    """Return the truncate that each reload begins with, below its first row; None where there is no reload.

    Columns out: those of canonical changes, `source` and `run_id` still null.
    """
    reloads = [vars(load) for load in loads if load.generation > FIRST]
    if not reloads:
        return None
    schema = "generation int, began timestamp, file string, etag string, row_number bigint, batch bigint"
    position = F.concat(place_of(F.col("generation")), F.lit(" begin"))
    fields = {
        "change_id": digest(F.lit("truncate"), position),
        "identity": digest(F.lit("truncate"), position),
        "op": F.lit("truncate"), "kind": F.lit("load"),
        "creates": F.lit(False), "full": F.lit(False),
        "position": position, "stated_position": position, "record_position": position,
        "occurred_at": F.col("began"),
        "said": F.struct(*(F.lit(False).alias(c) for c in shape.values)),
        **{name: F.col(name) for name in ("file", "etag", "row_number", "batch")},
    }  # fmt: skip
    nothing = F.lit(None)
    return frame_of(spark, reloads, schema).select(
        *(
            as_type(fields.get(f.name, nothing), f.dataType).alias(f.name)
            for f in table_schema(CHANGES, shape)
        )
    )
