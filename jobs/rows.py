"""A few rows known to the driver -> a frame of them, made in the JVM without a Python worker."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T


def frame_of(spark: SparkSession, rows: Iterable[Mapping[str, Any]], schema: T.StructType | str) -> DataFrame:
    """Return the rows as a frame of the schema; a name that a row lacks is null.

    `spark.createDataFrame` starts Python workers for as little as one row, which costs more than the row.
    """
    shape = T._parse_datatype_string(schema) if isinstance(schema, str) else schema
    text = json.dumps(list(rows), default=_written, ensure_ascii=False)
    parsed = F.from_json(F.lit(text), T.ArrayType(shape), {"mode": "FAILFAST"})  # type: ignore[arg-type]
    return spark.range(1).select(F.inline(parsed))


def no_rows(spark: SparkSession, schema: T.StructType | str) -> DataFrame:
    """Return a frame of the schema without rows."""
    shape = T._parse_datatype_string(schema) if isinstance(schema, str) else schema
    return spark.range(0).select(*(F.lit(None).cast(field.dataType).alias(field.name) for field in shape))


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form here")
