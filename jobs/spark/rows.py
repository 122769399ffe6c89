"""A few rows known to the driver -> a frame of them, made in the JVM without a Python worker."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.spark.columns import as_type

# So many rows may stand in a plan as text.
_IN_PLAN = 500
_STRICT = {"mode": "FAILFAST"}


def schema_of(ddl: str) -> T.StructType:
    """Return the schema that DDL says."""
    return cast(T.StructType, T._parse_datatype_string(ddl))


def frame_of(spark: SparkSession, rows: Iterable[Mapping[str, Any]], schema: T.StructType | str) -> DataFrame:
    """Return the rows as a frame of the schema; a name that a row lacks is null.

    `spark.createDataFrame` of rows starts Python workers for as little as one, which costs more than the row.
    """
    shape, several = schema_of(schema) if isinstance(schema, str) else schema, list(rows)
    if len(several) > _IN_PLAN:
        return _beside_the_plan(spark, several, shape)
    parsed = F.from_json(F.lit(_text(several)), T.ArrayType(shape), _STRICT)
    return spark.range(1).select(F.inline(parsed))


def _beside_the_plan(
    spark: SparkSession, rows: Iterable[Mapping[str, Any]], shape: T.StructType
) -> DataFrame:
    """A frame whose rows are no part of its plan, since that may go to every task of what it is joined to."""
    import pyarrow as pa

    texts = spark.createDataFrame(pa.table({"row": [_text(row) for row in rows]}))
    return texts.select(F.from_json("row", shape, _STRICT).alias("row")).select("row.*")


def _text(value: Any) -> str:
    return json.dumps(value, default=_written, ensure_ascii=False)


def no_rows(spark: SparkSession, schema: T.StructType | str) -> DataFrame:
    """Return a frame of the schema without rows."""
    shape = schema_of(schema) if isinstance(schema, str) else schema
    return spark.range(0).select(*(as_type(F.lit(None), field.dataType).alias(field.name) for field in shape))


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form here")
