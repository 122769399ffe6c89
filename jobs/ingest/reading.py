"""Versions of files -> the whole text of each one that can be read, nothing of one that cannot."""

from collections.abc import Sequence

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.ingest.packed import VanishedError
from jobs.spark.columns import file_path, without_mark
from jobs.spark.rows import frame_of, no_rows
from jobs.storage.uri import ObjectInfo, spark_uri

_MANIFEST = "file string, etag string, size bigint, modified_at timestamp, kind string"
GLOB = str.maketrans({char: f"\\{char}" for char in "{}[]*?\\"})


def texts(spark: SparkSession, files: Sequence[ObjectInfo], kinds: Sequence[str]) -> DataFrame:
    """The files' whole texts: [file, etag, kind, modified_at, text], a row for each that can be read.

    Whole, since Spark then reads all of a file or nothing: of a gz file cut short nothing comes, where line
    by line its head would pass for all of it. A version that was replaced since it was listed has no row
    either. A byte order mark is no text.

    Raises:
        VanishedError: one of the files is not there any more.
    """
    if not files:
        return no_rows(spark, f"{_MANIFEST}, text string").drop("size")
    reader = spark.read.option("ignoreCorruptFiles", "true").option("ignoreMissingFiles", "true")
    try:
        whole_texts = reader.text([spark_uri(file.uri).translate(GLOB) for file in files], wholetext=True)
    except AnalysisException as error:
        if error.getCondition() == "PATH_NOT_FOUND":
            raise VanishedError from error
        raise
    read = whole_texts.select(
        file_path(F.col("_metadata.file_path")).alias("file"),
        F.col("_metadata.file_size").alias("size"),
        F.date_trunc("second", "_metadata.file_modification_time").alias("second"),
        without_mark(F.col("value")).alias("text"),
    )
    same = read.join(F.broadcast(manifest(spark, files, kinds)), ["file", "size", "second"])
    return same.select("file", "etag", "kind", "modified_at", "text")


def manifest(spark: SparkSession, files: Sequence[ObjectInfo], kinds: Sequence[str]) -> DataFrame:
    """The files as they were listed: [file, etag, size, modified_at, kind], and `second`, its second."""
    rows = [
        {"file": f.path, "etag": f.etag, "size": f.size, "modified_at": f.modified_at, "kind": kind}
        for f, kind in zip(files, kinds, strict=True)
    ]
    return frame_of(spark, rows, _MANIFEST).withColumn("second", F.date_trunc("second", "modified_at"))
