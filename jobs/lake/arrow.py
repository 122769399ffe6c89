"""Columns with their Spark SQL types -> the Arrow schema to write them in without Spark."""

import pyarrow as pa

from jobs.lake.schema import Columns

_TYPES = {
    "string": pa.string(), "boolean": pa.bool_(), "int": pa.int32(), "bigint": pa.int64(),
    "double": pa.float64(), "timestamp": pa.timestamp("us", "UTC"),
}  # fmt: skip


def arrow_schema(columns: Columns) -> pa.Schema:
    """Return the schema of columns that hold scalars or lists of them."""
    return pa.schema([(name, _type(text)) for name, text in columns])


def _type(text: str) -> pa.DataType:
    element = text.removeprefix("array<").removesuffix(">")
    return _TYPES[text] if element == text else pa.list_(_TYPES[element])
