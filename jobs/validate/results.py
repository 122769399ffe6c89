"""Results of expectations -> rows of `expectation_results`."""

from collections.abc import Iterable

from pyspark.sql import DataFrame, SparkSession

from jobs.lake.expectation_results import ExpectationResult
from jobs.lake.tables import EXPECTATION_RESULTS
from jobs.spark.rows import frame_of
from jobs.spark.schemas import table_schema


def rows_frame(spark: SparkSession, results: Iterable[ExpectationResult]) -> DataFrame:
    """Return the results as rows of `expectation_results`, in the order given."""
    schema = table_schema(EXPECTATION_RESULTS)
    rows = [{name: getattr(result, name) for name in schema.names} for result in results]
    return frame_of(spark, rows, schema)
