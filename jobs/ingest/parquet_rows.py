"""Parquet files -> their rows as records: each the JSON object that says all that the file says of it.

Every file is read by its own footer, so that files of other columns or types than the last lie side by side,
and a column that one lacks is no member of its objects. Numbers stand as they are, stamps as text without a
zone (DMS writes them so), in UTC where the file says that they are instants.
"""

from collections.abc import Callable, Sequence
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.ingest.framing import COLUMNS, Framed
from jobs.ingest.parquet_files import grouped
from jobs.ingest.reading import as_listed, there_to_read, version
from jobs.parquet import types
from jobs.parquet.footers import Fields, Leaf, Node
from jobs.parquet.readers import Layout, in_session, reader_of
from jobs.spark.rows import frame_of, no_rows
from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo, Version, pattern_free
from jobs.target.names import quoted

_OPTIONS = {**types.OPTIONS, "ignoreCorruptFiles": "false", "ignoreMissingFiles": "false"}
_FRAMED = (
    "file string, etag string, kind string, modified_at timestamp, header string, garbled boolean, "
    "row_number bigint, record string"
)


def framed(
    spark: SparkSession,
    objects: Objects,
    files: Sequence[ObjectInfo],
    kind: Callable[[str], str],
    slow: frozenset[Version] = frozenset(),
) -> Framed:
    """The records of all files, and a row without a record for each file that has no row.

    `slow` files are read row by row, as those are anyway whose encoding Spark's quick reader lacks.

    Raises:
        VanishedError: one of the files is not there any more.
    """
    all_files = grouped(spark, objects, files, slow)
    frames = [_rows(spark, layout, group, kind) for layout, group in all_files.groups.items()]
    if all_files.empty or not frames:
        frames.append(_without_rows(spark, all_files.empty, kind))
    rows = in_session(spark, reduce(DataFrame.unionByName, frames), all_files.groups)
    return Framed(rows, all_files.refused)


def _rows(
    spark: SparkSession, layout: Layout, files: Sequence[ObjectInfo], kind: Callable[[str], str]
) -> DataFrame:
    """The rows of files that all have this layout."""
    fields = layout.fields
    schema = T.StructType([T.StructField(name, types.read_type(node)) for name, node in fields])
    reader = reader_of(spark, layout.quick).options(**_OPTIONS).schema(schema)
    with there_to_read():
        read = reader.parquet(*(pattern_free(file.uri) for file in files))
    members = [_member(F.col(quoted(name)), node).alias(name) for name, node in fields]
    rows = read.select(
        *version(),
        (F.col("_metadata.row_index") + 1).alias("row_number"),
        _is_garbled(fields).alias("garbled"),
        F.lit(None).cast("string").alias("header"),
        F.to_json(F.struct(*members), {"ignoreNullFields": "false"}).alias("record"),
    )
    return as_listed(rows, files, [kind(file.path) for file in files]).select(*COLUMNS)


def _member(column: Column, node: Node) -> Column:
    """A value as JSON is to show it: stamps as text, all else by what `to_json` makes of it."""
    value = types.value(column, node)
    if isinstance(node, Leaf) and types.value_type(node) in ("timestamp", "timestamp_ntz", "date"):
        return value.cast("string")
    return value


def _is_garbled(fields: Fields) -> Column:
    """Whether a text is no UTF-8, which JSON could not show as it is."""
    texts = [name for name, node in fields if isinstance(node, Leaf) and types.value_type(node) == "string"]
    valid = [F.coalesce(F.is_valid_utf8(F.col(quoted(name)).cast("string")), F.lit(True)) for name in texts]
    return ~reduce(Column.__and__, valid) if valid else F.lit(False)


def _without_rows(spark: SparkSession, files: Sequence[ObjectInfo], kind: Callable[[str], str]) -> DataFrame:
    if not files:
        return no_rows(spark, _FRAMED).select(*COLUMNS)
    rows = [
        {
            "file": file.path, "etag": file.etag, "kind": kind(file.path), "modified_at": file.modified_at,
            "garbled": False,
        }
        for file in files
    ]  # fmt: skip
    return frame_of(spark, rows, _FRAMED).select(*COLUMNS)
