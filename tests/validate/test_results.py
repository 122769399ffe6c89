"""Results of expectations as rows of their table."""

from pathlib import Path

from pyspark.sql import SparkSession

from jobs.lake.tables import EXPECTATION_RESULTS
from jobs.spark.delta import Storage
from jobs.spark.schemas import table_schema
from jobs.validate.results import append_results
from tests.lake.test_expectation_results import BROKEN


def test_rows_have_the_columns_of_the_table(spark: SparkSession, tmp_path: Path) -> None:
    storage, path = Storage(spark), str(tmp_path / "results")
    append_results(storage, [BROKEN], path, "validate", 1)
    frame = spark.read.format("delta").load(path)
    assert frame.schema == table_schema(EXPECTATION_RESULTS)
    assert [row.asDict() for row in frame.collect()] == [
        {name: value for name, value in vars(BROKEN).items() if name != "sentence"}
    ]
