"""Results of expectations as rows of their table."""

from pyspark.sql import SparkSession

from jobs.lake.tables import EXPECTATION_RESULTS
from jobs.spark.schemas import table_schema
from jobs.validate.results import rows_frame
from tests.lake.test_expectation_results import BROKEN


def test_rows_have_the_columns_of_the_table_in_any_case(spark: SparkSession) -> None:
    frame = rows_frame(spark, [BROKEN])
    assert frame.schema == table_schema(EXPECTATION_RESULTS)
    assert [row.asDict() for row in frame.collect()] == [
        {name: value for name, value in vars(BROKEN).items() if name != "sentence"}
    ]
    assert rows_frame(spark, []).schema == table_schema(EXPECTATION_RESULTS)
