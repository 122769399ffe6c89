"""Versions of files -> the whole text of each one that can be read, nothing of one that cannot."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.ingest.packed import VanishedError
from jobs.spark.columns import file_path, without_mark
from jobs.spark.rows import frame_of, no_rows
from jobs.storage.uri import ObjectInfo, pattern_free

_MANIFEST = "file string, etag string, size bigint, modified_at timestamp, kind string"


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
    with there_to_read():
        whole_texts = reader.text([pattern_free(file.uri) for file in files], wholetext=True)
    read = whole_texts.select(*version(), without_mark(F.col("value")).alias("text"))
    return as_listed(read, files, kinds).select("file", "etag", "kind", "modified_at", "text")


@contextmanager
def there_to_read() -> Iterator[None]:
    """Have Spark look up files by their names.

    Raises:
        VanishedError: one of the files is not there any more.
    """
    try:
        yield
    except AnalysisException as error:
        if error.getCondition() == "PATH_NOT_FOUND":
            raise VanishedError from error
        raise


def version() -> list[Column]:
    """What a row read tells of the version of its file, since Spark has no etag: [file, size, second]."""
    return [
        file_path(F.col("_metadata.file_path")).alias("file"),
        F.col("_metadata.file_size").alias("size"),
        F.date_trunc("second", "_metadata.file_modification_time").alias("second"),
    ]


def as_listed(read: DataFrame, files: Sequence[ObjectInfo], kinds: Sequence[str]) -> DataFrame:
    """The rows read, with their `version`, of the versions that were listed: + etag, modified_at, kind."""
    listed = F.broadcast(_manifest(read.sparkSession, files, kinds))
    return read.join(listed, ["file", "size", "second"])


def as_one(read: DataFrame, file: ObjectInfo, kind: str) -> DataFrame:
    """The rows read of one file, with their `version`, as `as_listed` has them, and no join for each row."""
    second = F.date_trunc("second", F.lit(file.modified_at))
    listed = {"etag": F.lit(file.etag), "modified_at": F.lit(file.modified_at), "kind": F.lit(kind)}
    return read.where((F.col("size") == file.size) & (F.col("second") == second)).withColumns(
        {"file": F.lit(file.path), **listed}
    )


def _manifest(spark: SparkSession, files: Sequence[ObjectInfo], kinds: Sequence[str]) -> DataFrame:
    rows = [
        {"file": f.path, "etag": f.etag, "size": f.size, "modified_at": f.modified_at, "kind": kind}
        for f, kind in zip(files, kinds, strict=True)
    ]
    return frame_of(spark, rows, _MANIFEST).withColumn("second", F.date_trunc("second", "modified_at"))
