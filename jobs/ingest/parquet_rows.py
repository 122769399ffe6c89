"""Parquet files -> their rows as records: each the JSON object that says all that the file says of it.

Every file is read by its own footer, so that files of other columns or types than the last lie side by side,
and a column that one lacks is no member of its objects. Numbers stand as they are, stamps as text without a
zone (DMS writes them so), in UTC where the file says that they are instants.
"""

import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import reduce
from shutil import copyfileobj

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.ingest.framing import COLUMNS, Framed
from jobs.ingest.packed import VanishedError
from jobs.ingest.reading import as_listed, there_to_read, version
from jobs.parquet import types
from jobs.parquet.footers import Fields, FooterDamaged, Leaf, Node, footers_of
from jobs.spark.plans import overridden
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
    spark: SparkSession, objects: Objects, files: Sequence[ObjectInfo], kind: Callable[[str], str]
) -> Framed:
    """The records of all files, and a row without a record for each file that has no row.

    Raises:
        VanishedError: one of the files is not there any more.
    """
    groups, empty, refused = _grouped(files, objects)
    frames = [_rows(spark, fields, group, kind) for fields, group in groups.items()]
    if empty or not frames:
        frames.append(_without_rows(spark, empty, kind))
    return Framed(reduce(DataFrame.unionByName, frames), refused)


@contextmanager
def row_by_row(spark: SparkSession) -> Iterator[None]:
    """While inside, Spark reads Parquet slowly, in any encoding: its quick reader lacks BYTE_STREAM_SPLIT."""
    with overridden(spark, {"spark.sql.parquet.enableVectorizedReader": "false"}):
        yield


def fault_of(objects: Objects, file: ObjectInfo) -> str | None:
    """Why a file cannot be read, found by reading all of it here; None where it can be.

    Raises:
        VanishedError: it is not there any more.
    """
    groups, _, refused = _grouped([file], objects)
    return _damage(objects, file) if groups else refused.get(file.version)


def _damage(objects: Objects, file: ObjectInfo) -> str | None:
    """What is wrong with the rows of a file, whose footer is sound."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with objects.opened(file.uri) as stream, tempfile.TemporaryFile() as copy:
        if stream is None:
            raise VanishedError
        copyfileobj(stream, copy)
        try:
            for _ in pq.ParquetFile(copy).iter_batches():
                pass
        except (pa.ArrowException, OSError, ValueError) as error:
            return f"{file.path} is damaged: {error}"
    return None


def _grouped(
    files: Sequence[ObjectInfo], objects: Objects
) -> tuple[Mapping[Fields, list[ObjectInfo]], list[ObjectInfo], dict[Version, str]]:
    """Files by their columns, those without a row, and those that cannot be read with the reason."""
    groups: dict[Fields, list[ObjectInfo]] = defaultdict(list)
    empty, refused = list[ObjectInfo](), dict[Version, str]()
    for file, footer in zip(files, footers_of(files, objects), strict=True):
        if isinstance(footer, FooterDamaged):
            if objects.tail(file.uri, 1) is None:
                raise VanishedError
            refused[file.version] = str(footer)
        elif fault := _fault(footer.fields):
            refused[file.version] = fault
        elif footer.rows:
            groups[footer.fields].append(file)
        else:
            empty.append(file)
    return groups, empty, refused


def _fault(fields: Fields) -> str | None:
    """Why rows of such columns cannot be read."""
    twice = [name for name, n in Counter(name.lower() for name, _ in fields).items() if n > 1]
    if twice:
        return f"two columns of the file are called {twice[0]}, but for capitals; name one otherwise"
    unreadable = ((name, types.unreadable(node)) for name, node in fields)
    name, type_ = next((each for each in unreadable if each[1]), ("", None))
    return type_ and f"the column {name} is of the Parquet type {type_}, which cannot be read"


def _rows(
    spark: SparkSession, fields: Fields, files: Sequence[ObjectInfo], kind: Callable[[str], str]
) -> DataFrame:
    """The rows of files that all have these columns."""
    schema = T.StructType([T.StructField(name, types.read_type(node)) for name, node in fields])
    reader = spark.read.options(**_OPTIONS).schema(schema)
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
