"""Results of expectations as rows of their table."""

from jobs.lake.tables import EXPECTATION_RESULTS
from jobs.run.context import RunContext
from jobs.spark.schemas import table_schema
from tests.lake.test_expectation_results import BROKEN


def test_rows_have_the_columns_of_the_table_in_any_case(context: RunContext) -> None:
    schema = table_schema(EXPECTATION_RESULTS)
    context.append_rows(EXPECTATION_RESULTS, [], "none", 1)
    assert context.read(EXPECTATION_RESULTS).schema == schema
    context.append_rows(EXPECTATION_RESULTS, [vars(BROKEN)], "validate", 1)
    frame = context.read(EXPECTATION_RESULTS)
    assert frame.schema == schema
    assert [row.asDict() for row in frame.collect()] == [
        {name: value for name, value in vars(BROKEN).items() if name != "sentence"}
    ]
