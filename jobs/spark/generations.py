"""Load files of a change log -> the generations of its load, and which of them are complete (R6).

A load is told by what its files hold: a file of the same name with other records begins the next generation,
which holds every load file written from then on. When which row was written is the files' own word
(`modified_at`), so that the order in which they arrive decides nothing. Files are metadata, but may be a
hundred thousand: none of this brings them to the driver.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs import clock
from jobs.spark.delta import Storage

# Of a table of canonical changes: the loads by which its rows are placed.
PROPERTY = "tieout.generations"
FIRST = 1
_READ = ("ingested", "expired")


def numbered(files: DataFrame, table: Column | None = None) -> DataFrame:
    """Return the files of a source, each load file with its `generation`; all other files are of the first.

    Columns in and out: those of `ingested_files`. Of a version without a `digest` (an older Tieout took it
    in) its etag tells what it holds. `table`: of which table a file is, where a source has several: each is
    loaded by itself.
    """
    # Two versions of a name that bear one stamp came in the order in which they were listed.
    same_stamp = Window.partitionBy("path", "modified_at").orderBy("batch", "etag")
    written = F.struct(F.col("modified_at").alias("at"), F.row_number().over(same_stamp).alias("nth"))
    placed = files.withColumns({"_written": written, "_table": F.lit("") if table is None else table})
    generation = F.when(_is_load(), F.size(F.filter("_begins", lambda begin: begin <= F.col("_written"))))
    begun = placed.join(F.broadcast(_begins(placed)), "_table", "left")
    return begun.withColumn("generation", F.coalesce(generation, F.lit(FIRST))).select(*files.columns)


def _begins(files: DataFrame) -> DataFrame:
    """A row a table: `_begins`, when the first file of every generation was written, in order."""
    content = content_of(files).alias("content")
    versions = files.where(_is_load()).select("_table", "path", "_written", content)
    before = F.lag(F.struct("content", "_written")).over(Window.partitionBy("path").orderBy("_written"))
    changed = F.when(
        F.col("_before.content") != F.col("content"),
        F.struct(F.col("_written").alias("at"), F.col("_before._written").alias("before")),
    )
    each = versions.withColumn("_before", before).groupBy("_table")
    by_table = each.agg(
        F.array(F.min("_written")).alias("first"), F.sort_array(F.collect_list(changed)).alias("changed")
    )
    # A file that changed begins a generation only if the one under way holds it with other records.
    begins = F.aggregate(
        "changed",
        F.col("first"),
        lambda begins, one: F.when(
            one["before"] >= F.element_at(begins, -1), F.array_append(begins, one["at"])
        ).otherwise(begins),
    )
    return by_table.select("_table", begins.alias("_begins"))


def content_of(files: DataFrame) -> Column:
    """What tells the records of a load file from others: `digest`, or the etag where there is none."""
    return F.coalesce("digest", "etag") if "digest" in files.columns else F.col("etag")


def completed(files: DataFrame, load_complete: bool) -> DataFrame:
    """Return [generation, is_complete] of a source's loads.

    A load is complete once a change file exists that is not older than its last load file. The same records
    written again make none of them later. Where a load is complete, so are all before it.
    """
    written = files.where(_is_load()).groupBy("path", "generation").agg(F.min("modified_at").alias("written"))
    last = written.groupBy("generation").agg(F.max("written").alias("last"))
    log = files.where("kind <> 'load'").agg(F.max("modified_at").alias("log"))
    is_complete = F.lit(load_complete) | F.coalesce(F.col("log") >= F.col("last"), F.lit(False))
    return last.crossJoin(F.broadcast(log)).select("generation", is_complete.alias("is_complete"))


def with_force(files: DataFrame, load_complete: bool) -> DataFrame:
    """Add `in_force`: whether what a file holds counts. The first load does, a reload once complete."""
    complete = F.broadcast(completed(files, load_complete).where("is_complete").drop("is_complete"))
    named = complete.select(F.col("generation").alias("_complete"))
    joined = files.join(named, files["generation"] == named["_complete"], "left")
    counts = ~_is_load() | (F.col("generation") == FIRST) | F.col("_complete").isNotNull()
    return joined.withColumn("in_force", counts).drop("_complete")


def place_of(generation: Column) -> Column:
    """Return a generation as the first part of a position: 9 stands below a10, a99 below aa100."""
    number = generation.cast("string")
    return F.concat(F.repeat(F.lit("a"), F.length(number) - 1), number)


def is_reload_row() -> Column:
    """Whether a canonical change is a row of a load that is not the first, over its `position`."""
    return F.col("position").rlike(r"^([2-9]|a+[0-9]+) load ")


def generation_in(position: str) -> int | None:
    """The generation of a row of a change log, told by its position; None of an event."""
    match = re.match(r"a*(\d+) (?:begin|load|log)\b", position)
    return int(match.group(1)) if match else None


def generation_begun_at(position: str) -> int | None:
    """The generation that begins with a truncate at a position; None where none does."""
    return generation_in(position) if position.endswith(" begin") else None


def _is_load() -> Column:
    """Whether a file is a load file that was read; one that cannot be is part of no load."""
    return (F.col("kind") == "load") & F.col("status").isin(*_READ)


@dataclass(frozen=True)
class PlacedBy:
    """The loads by which the rows of a canonical table are placed.

    `files`: a digest of the load files in force, empty without any. `begins`: generation -> the stamp of its
    first row. `version`: the progress of the table once it holds rows placed so.
    """

    files: str = ""
    begins: Mapping[int, datetime] = field(default_factory=dict)
    version: int = 0

    @property
    def is_reloaded(self) -> bool:
        """Whether a reload is in force, so that there are truncates."""
        return any(generation > FIRST for generation in self.begins)

    def to_text(self) -> str:
        """As a table property holds it."""
        begins = {str(generation): clock.iso(at) for generation, at in self.begins.items()}
        return json.dumps({"files": self.files, "begins": begins, "version": self.version})


def placed_by(storage: Storage, path: str) -> PlacedBy | None:
    """Return by which loads the rows of a canonical table are placed, None where it does not say."""
    text = storage.property(path, PROPERTY)
    if text is None:
        return None
    content = json.loads(text)
    begins = {int(generation): clock.read(at) for generation, at in content["begins"].items()}
    return PlacedBy(content["files"], begins, content["version"])
