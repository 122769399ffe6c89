"""A chosen snapshot -> its rows in Spark, in the store's own columns."""

from pyspark.sql import DataFrame, SparkSession

from jobs.settings import Target
from jobs.storage.objects import Objects
from jobs.storage.uri import spark_uri
from jobs.target import csv_files, parquet_files
from jobs.target.model import Snapshot


def read_snapshot(spark: SparkSession, target: Target, snapshot: Snapshot, objects: Objects) -> DataFrame:
    """Read the rows of a chosen snapshot, in the store's own columns; of a database, those of its copy."""
    if target.format == "csv":
        return csv_files.rows(spark, target, snapshot.uri)
    if target.format == "parquet":
        return parquet_files.rows(spark, target, snapshot.uri, objects)
    reader = spark.read.format("parquet" if target.format == "jdbc" else target.format)
    if snapshot.version is not None:
        reader = reader.option("versionAsOf", snapshot.version)
    return reader.load(spark_uri(snapshot.uri))
