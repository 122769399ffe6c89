"""A small Delta table's log -> a frame over the very files that it names, for which Spark starts no job.

Delta finds out by two Spark jobs, one for the state of the log and one for the files, what every scan reads.
Of a table of five rows that is most of the work, and the log that is read without Spark has said it already.
"""

import re

from pyspark.sql import DataFrame, SparkSession

from jobs.spark.rows import no_rows
from jobs.spark.schemas import schema_in
from jobs.storage.delta_query import Table
from jobs.storage.uri import is_s3, join, spark_uri

# Beyond that Delta's own way pays: it skips files by their statistics, and Spark asks for each of these anew.
MOST_BYTES = 16 * 2**20
MOST_FILES, MOST_OBJECTS = 32, 8
# The data files of tables of this version are Parquet files as they stand: nothing in them is renamed,
# and no row is marked as deleted (Delta's protocol, "Reader Version Requirements").
_PLAIN_READER = 1
# As Spark names its files; a path of another form may be written in percent code, or lie in another table.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_PATTERN = re.compile(r"[*?\[\]{}\\]")


def plain_frame(spark: SparkSession, log: Table, path: str) -> DataFrame | None:
    """Return the table as of its log, None where it is large or more than plain Parquet files.

    The frame stays at that version, whatever is committed afterwards.
    """
    if log.protocol().min_reader_version != _PLAIN_READER or log.metadata().partition_columns:
        return None
    files = log.get_add_actions(flatten=True)
    names, most = files["path"].to_pylist(), MOST_OBJECTS if is_s3(path) else MOST_FILES
    if len(names) > most or sum(files["size_bytes"].to_pylist()) > MOST_BYTES:
        return None
    if _PATTERN.search(path) or not all(map(_PLAIN_NAME.fullmatch, names)):
        return None
    schema = schema_in(log)
    if not names:
        return no_rows(spark, schema)
    return spark.read.schema(schema).parquet(*(spark_uri(join(path, name)) for name in names))
