"""Parquet files -> their rows as records: each the JSON object that says all that the file says of it.

Every file is read by its own footer, so that files of other columns or types than the last lie side by side,
and a column that one lacks is no member of its objects. Numbers stand as they are, stamps as text without a
zone (DMS writes them so), in UTC where the file says that they are instants.
"""

from collections.abc import Iterator, Sequence
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.dialects import Dialect
from jobs.ingest.framing import COLUMNS, Framed
from jobs.ingest.parquet_files import grouped
from jobs.ingest.reading import as_listed, as_one, there_to_read, version
from jobs.lake.schema import quoted
from jobs.parquet import types
from jobs.parquet.footers import Fields, Leaf, Node
from jobs.parquet.readers import Layout, in_session, reader_of
from jobs.spark.rows import frame_of, no_rows
from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo, Version, pattern_free

_OPTIONS = {**types.OPTIONS, "ignoreCorruptFiles": "false", "ignoreMissingFiles": "false"}
_FRAMED = (
    "file string, etag string, kind string, modified_at timestamp, header string, garbled boolean, "
    "row_number bigint, record string, members map<string,string>"
)
_MEMBERS = "map<string,string>"
_STAMPS = ("timestamp", "timestamp_ntz", "date")
# What a parser of the record would find as the text that it is here.
_TEXTS = ("string", types.NANOSECONDS, *_STAMPS)
# So large that a join for each row takes longer than one more part of the plan; and so many parts at most.
_LARGE, _APART = 4 << 20, 16


def framed(
    spark: SparkSession,
    objects: Objects,
    files: Sequence[ObjectInfo],
    dialect: Dialect,
    slow: frozenset[Version] = frozenset(),
) -> Framed:
    """The records of all files, and a row without a record for each file that has no row.

    Beside the columns that every framing has stands `members`, as far as the dialect looks at any. `slow`
    files are read row by row, as those are anyway whose encoding Spark's quick reader lacks.

    Raises:
        VanishedError: one of the files is not there any more.
    """
    all_files = grouped(spark, objects, files, slow)
    frames = [
        _rows(spark, layout, files, dialect)
        for layout, group in all_files.groups.items()
        for files in _apart(group)
    ]
    if all_files.empty or not frames:
        frames.append(_without_rows(spark, all_files.empty, dialect))
    rows = in_session(spark, reduce(DataFrame.unionByName, frames), all_files.groups)
    return Framed(rows, all_files.refused)


def _apart(files: Sequence[ObjectInfo]) -> Iterator[Sequence[ObjectInfo]]:
    """A few large files each by itself, which saves a join for each row; the others at once."""
    large = [file for file in files if file.size >= _LARGE][:_APART]
    yield from ([file] for file in large)
    if others := [file for file in files if file not in large]:
        yield others


def _rows(spark: SparkSession, layout: Layout, files: Sequence[ObjectInfo], dialect: Dialect) -> DataFrame:
    """The rows of files that all have this layout."""
    fields = tuple((name, types.as_text(node)) for name, node in layout.fields)
    schema = T.StructType([T.StructField(name, types.read_type(node)) for name, node in fields])
    reader = reader_of(spark, layout.quick).options(**_OPTIONS).schema(schema)
    with there_to_read():
        read = reader.parquet(*(pattern_free(file.uri) for file in files))
    members = [_member(F.col(quoted(name)), node).alias(name) for name, node in fields]
    is_garbled = _is_garbled(fields)
    rows = read.select(
        *version(),
        (F.col("_metadata.row_index") + 1).alias("row_number"),
        is_garbled.alias("garbled"),
        F.lit(None).cast("string").alias("header"),
        F.to_json(F.struct(*members), {"ignoreNullFields": "false"}).alias("record"),
        F.when(~is_garbled, _looked_at(fields, dialect)).alias("members"),
    )
    kinds = [dialect.kind(file.path) for file in files]
    listed = as_one(rows, files[0], kinds[0]) if len(files) == 1 else as_listed(rows, files, kinds)
    return listed.select(*COLUMNS, "members")


def _member(column: Column, node: Node) -> Column:
    """A value as JSON is to show it: stamps as text, all else by what `to_json` makes of it."""
    value = types.value(column, node)
    if isinstance(node, Leaf) and types.value_type(node) in _STAMPS:
        return value.cast("string")
    return value


def _looked_at(fields: Fields, dialect: Dialect) -> Column:
    """The members that judging looks at, as a parser of the record would find them; null where it has to."""
    nodes = {name: node for name, node in fields if name in dialect.looked_at}
    if not all(_is_text(node) for node in nodes.values()):
        return F.lit(None).cast(_MEMBERS)
    texts = [
        each for name, node in nodes.items() for each in (F.lit(name), _member(F.col(quoted(name)), node))
    ]
    return F.create_map(*texts).cast(_MEMBERS)


def _is_text(node: Node) -> bool:
    return isinstance(node, Leaf) and types.value_type(node) in _TEXTS


def _is_garbled(fields: Fields) -> Column:
    """Whether a text is no UTF-8, which JSON could not show as it is."""
    texts = [name for name, node in fields if isinstance(node, Leaf) and types.value_type(node) == "string"]
    valid = [F.coalesce(F.is_valid_utf8(F.col(quoted(name)).cast("string")), F.lit(True)) for name in texts]
    return ~reduce(Column.__and__, valid) if valid else F.lit(False)


def _without_rows(spark: SparkSession, files: Sequence[ObjectInfo], dialect: Dialect) -> DataFrame:
    if not files:
        return no_rows(spark, _FRAMED).select(*COLUMNS, "members")
    rows = [
        {
            "file": file.path, "etag": file.etag, "kind": dialect.kind(file.path),
            "modified_at": file.modified_at, "garbled": False,
        }
        for file in files
    ]  # fmt: skip
    return frame_of(spark, rows, _FRAMED).select(*COLUMNS, "members")
