"""No column of Tieout's own tables can meet a column of a dataset."""

from typing import TYPE_CHECKING

from jobs.lake import tables
from jobs.lake.schema import Shape
from jobs.settings import reserved

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_reserved_names_are_those_of_the_tables(spark: "SparkSession") -> None:
    shape = Shape(("my_key",), {"my_key": "bigint", "my_value": "string"})
    beside_keys = [
        shape.change_schema(),
        tables.discrepancies_schema(shape),
        tables.verdicts_schema(shape),
        tables.compensations_schema(shape),
    ]
    own = {name for schema in beside_keys for name in schema.fieldNames()}
    assert own - {"my_key"} <= reserved.KEYS
    state = set(tables.state_schema(shape).fieldNames()) - {"my_key", "my_value"}
    assert {name for name in state if not name.startswith("_")} <= reserved.COLUMNS
    history = set(tables.versions_schema(shape).fieldNames()) - {"my_key", "my_value"}
    assert {name for name in history if not name.startswith("_")} == reserved.COLUMNS | reserved.HISTORY
