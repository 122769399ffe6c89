"""No column of Tieout's own tables can meet a column of a dataset."""

from typing import TYPE_CHECKING

from jobs.lake import tables
from jobs.lake.schema import DatasetSchema
from jobs.lake.tables import EVENTS
from jobs.settings import reserved
from jobs.spark.schemas import table_schema

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_reserved_names_are_those_of_the_tables(spark: "SparkSession") -> None:
    shape = DatasetSchema(("my_key",), {"my_key": "bigint", "my_value": "string"})
    beside_keys = [
        table_schema(EVENTS, shape),
        table_schema(tables.DISCREPANCIES, shape),
        table_schema(tables.VERDICTS, shape),
        table_schema(tables.COMPENSATIONS, shape),
    ]
    own = {name for schema in beside_keys for name in schema.fieldNames()}
    assert own - {"my_key"} <= reserved.KEYS
    state = set(table_schema(tables.EVENT_STATE, shape).fieldNames()) - {"my_key", "my_value"}
    assert {name for name in state if not name.startswith("_")} <= reserved.COLUMNS
    history = set(table_schema(tables.EVENT_HISTORY, shape).fieldNames()) - {"my_key", "my_value"}
    assert {name for name in history if not name.startswith("_")} == reserved.COLUMNS | reserved.HISTORY
