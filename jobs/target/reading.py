"""A chosen snapshot -> its rows in Spark, in the store's own columns."""

from collections.abc import Callable

from pyspark.sql import DataFrame, SparkSession

from jobs.settings import Target
from jobs.storage.objects import Objects
from jobs.storage.uri import spark_uri
from jobs.target import csv_files, parquet_files
from jobs.target.model import Snapshot


def read_snapshot(spark: SparkSession, target: Target, snapshot: Snapshot, objects: Objects) -> DataFrame:
    """Read the rows of a chosen snapshot, in the store's own columns; of a database, those of its copy."""
    return READERS[target.format](spark, target, snapshot, objects)


def _csv(spark: SparkSession, target: Target, snapshot: Snapshot, objects: Objects) -> DataFrame:
    return csv_files.rows(spark, target, snapshot.uri)


def _parquet(spark: SparkSession, target: Target, snapshot: Snapshot, objects: Objects) -> DataFrame:
    return parquet_files.rows(spark, target, snapshot.uri, objects)


def _delta(spark: SparkSession, target: Target, snapshot: Snapshot, objects: Objects) -> DataFrame:
    reader = spark.read.format("delta")
    if snapshot.version is not None:
        reader = reader.option("versionAsOf", snapshot.version)
    return reader.load(spark_uri(snapshot.uri))


def _copy(spark: SparkSession, target: Target, snapshot: Snapshot, objects: Objects) -> DataFrame:
    return spark.read.parquet(spark_uri(snapshot.uri))


# Format of a target -> what reads it.
READERS: dict[str, Callable[[SparkSession, Target, Snapshot, Objects], DataFrame]] = {
    "csv": _csv,
    "parquet": _parquet,
    "delta": _delta,
    "jdbc": _copy,
}
