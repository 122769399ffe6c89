"""A frame -> one commit to a Delta table: written by Spark, or, of few rows, by the driver."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as T

from jobs.lake.rows import Mode, write_table
from jobs.storage.uri import spark_uri

_TXN = "spark.databricks.delta.write."
# Ids are hex digits, which it halves at hardly any cost.
_CODEC = ("compression", "zstd")
_ALREADY_THERE = "TABLE_OR_VIEW_ALREADY_EXISTS"


@dataclass(frozen=True)
class Write:
    """What is written and how.

    `mode`: 'append' or 'overwrite'. `transaction`: application and version, which the commit carries.
    `properties`: those of the table, where it is made. `replacing`: a condition; the rows take the place of
    all that meet it.
    """

    rows: DataFrame
    path: str
    mode: Mode
    transaction: tuple[str, int]
    properties: Mapping[str, str]
    replacing: str | None = None

    def by_the_driver(self, options: Mapping[str, str]) -> None:
        """Fetch the rows and write them: of few it takes a quarter of the time that Spark takes to write."""
        rows, schema = fetched(self.rows)
        write_table(
            self.path, rows, schema, self.mode, self.transaction, options, self.properties, self.replacing
        )

    def by_spark(self) -> None:
        """Write into a table that is there."""
        app_id, version = self.transaction
        writer = self.rows.write.format("delta").option(*_CODEC)
        writer = writer.option("txnAppId", app_id).option("txnVersion", str(version))
        if self.replacing:
            writer = writer.mode("overwrite").option("replaceWhere", self.replacing)
        else:
            widening = "overwriteSchema" if self.mode == "overwrite" else "mergeSchema"
            writer = writer.mode(self.mode).option(widening, "true")
        writer.save(spark_uri(self.path))

    def that_creates(self, is_there: Callable[[], bool]) -> None:
        """Make the table of the rows; `is_there` tells whether somebody else has made it meanwhile."""
        writer = self.rows.writeTo(f"delta.`{spark_uri(self.path)}`").using("delta").option(*_CODEC)
        for key, value in self.properties.items():
            writer = writer.tableProperty(key, value)
        with transaction(self.rows.sparkSession, self.transaction):
            try:
                writer.create()
            except AnalysisException as error:
                if error.getCondition() != _ALREADY_THERE or is_there():
                    raise
                # A folder without a commit is left of a first write that was interrupted.
                writer.createOrReplace()


def fetched(frame: DataFrame) -> tuple[pa.Table, str]:
    """Return the rows of a frame, which are few, and its columns as JSON in Delta's form."""
    # A table's columns may all be null, and what lies in them as well.
    schema = frame._jdf.schema().asNullable().json()
    return frame.to(T.StructType.fromJson(json.loads(schema))).toArrow(), schema


@contextmanager
def transaction(spark: SparkSession, pair: tuple[str, int]) -> Iterator[None]:
    """While inside, what Spark commits carries the application and the version.

    Only the writer API takes the pair as options; MERGE and CREATE read it from the session, where a pair
    left behind would silently skip every later write.
    """
    app_id, version = pair
    spark.conf.set(_TXN + "txnAppId", app_id)
    spark.conf.set(_TXN + "txnVersion", str(version))
    try:
        yield
    finally:
        spark.conf.unset(_TXN + "txnAppId")
        spark.conf.unset(_TXN + "txnVersion")
