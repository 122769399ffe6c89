"""A few rows known to the driver -> a frame of them, made in the JVM without a Python worker."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T


def schema_of(ddl: str) -> T.StructType:
    """Return the schema that DDL says."""
    return cast(T.StructType, T._parse_datatype_string(ddl))


def frame_of(spark: SparkSession, rows: Iterable[Mapping[str, Any]], schema: T.StructType | str) -> DataFrame:
    """Return the rows as a frame of the schema; a name that a row lacks is null.

    `spark.createDataFrame` starts Python workers for as little as one row, which costs more than the row.
    """
    shape = schema_of(schema) if isinstance(schema, str) else schema
    text = json.dumps(list(rows), default=_written, ensure_ascii=False)
    parsed = F.from_json(F.lit(text), T.ArrayType(shape), {"mode": "FAILFAST"})
    return spark.range(1).select(F.inline(parsed))


def no_rows(spark: SparkSession, schema: T.StructType | str) -> DataFrame:
    """Return a frame of the schema without rows."""
    shape = schema_of(schema) if isinstance(schema, str) else schema
    return spark.range(0).select(*(F.lit(None).cast(field.dataType).alias(field.name) for field in shape))


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form here")
